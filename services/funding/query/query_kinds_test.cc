// SPDX-License-Identifier: Apache-2.0
//
// What queries answer about kinds of money, which do not mix, and about the same money told twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using test::HasMetadata;
using test::HasReason;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const auto kRefused =
    AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("MIXED_KINDS"));

std::string Nature(const std::string& nature) { return "nature: CLAIM_NATURE_" + nature + " "; }
std::string Direction(const std::string& direction) {
  return "direction: CLAIM_DIRECTION_" + direction + " ";
}
std::string Statistic() { return Nature("STATISTIC") + Stage("NOT_APPLICABLE"); }

TEST(QueryKindsTest, StagesDoNotMixUnasked) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1") + Stage("REQUESTED"));
  ledger.PutClaim("b", Amount("2") + Stage("DISBURSED"));
  EXPECT_THAT(ledger.Query(""),
              AllOf(kRefused, HasMetadata("stage", HasSubstr("CLAIM_STAGE_DISBURSED")),
                    HasMetadata("stage", HasSubstr("CLAIM_STAGE_REQUESTED"))));
  EXPECT_THAT(ledger.Query("mix: MONEY_KIND_NATURE mix: MONEY_KIND_DIRECTION"), kRefused);
  EXPECT_THAT(ledger.Query("group_by { field: 'claim' }"), kRefused);
  const auto grouped = Ask(ledger, "group_by { field: 'stage' } group_by { field: 'claim' }");
  EXPECT_THAT(ShowAll(grouped.rows()),
              ElementsAre("CLAIM_STAGE_REQUESTED | claims/a: USD 1 of [1, 1], 1",
                          "CLAIM_STAGE_DISBURSED | claims/b: USD 2 of [2, 2], 1"));
  EXPECT_THAT(ShowAll(grouped.totals()),
              ElementsAre("CLAIM_STAGE_REQUESTED | ANY: USD 1 of [1, 1], 1",
                          "CLAIM_STAGE_DISBURSED | ANY: USD 2 of [2, 2], 1"));
  const auto mixed = Ask(ledger, "mix: MONEY_KIND_STAGE");
  EXPECT_THAT(ShowAll(mixed.totals()), ElementsAre(": USD 3 of [3, 3], 2"));
  EXPECT_THAT(mixed.totals(0).stages(),
              ElementsAre(v1::CLAIM_STAGE_REQUESTED, v1::CLAIM_STAGE_DISBURSED));
  // Judged on what is selected.
  const auto selected = Ask(ledger, "filter: 'stage = CLAIM_STAGE_DISBURSED'");
  EXPECT_THAT(ShowAll(selected.totals()), ElementsAre(": USD 2 of [2, 2], 1"));
  EXPECT_THAT(selected.totals(0).stages(), ElementsAre(v1::CLAIM_STAGE_DISBURSED));
  EXPECT_THAT(selected.totals(0).natures(), ElementsAre(v1::CLAIM_NATURE_OWN_FUNDING));
  EXPECT_THAT(selected.totals(0).directions(), ElementsAre(v1::CLAIM_DIRECTION_OUTGOING));
}

TEST(QueryKindsTest, ADifferenceMixesLikeASum) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("100") + Stage("REQUESTED"));
  ledger.PutClaim("b", Amount("10") + Stage("DISBURSED"));
  const std::string query =
      "filter: 'stage = CLAIM_STAGE_DISBURSED' "
      "compare_with { filter: 'stage = CLAIM_STAGE_REQUESTED' } ";
  EXPECT_THAT(ledger.Query(query), kRefused);
  const auto mixed = Ask(ledger, query + "mix: MONEY_KIND_STAGE");
  EXPECT_EQ(mixed.totals(0).changes(0).stated(), "-90");
  const auto grouped = Ask(ledger, query + "group_by { field: 'stage' }");
  EXPECT_EQ(grouped.totals_size(), 2);
}

TEST(QueryKindsTest, ADirectionThatIsNotStatedIsNoOther) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1"));
  v1::Claim silent;
  silent.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
  silent.set_stage(v1::CLAIM_STAGE_COMMITTED);
  silent.set_instrument(v1::CLAIM_INSTRUMENT_GRANT);
  silent.mutable_amount()->set_currency_code("USD");
  silent.mutable_amount()->mutable_figure()->set_value("2");
  silent.mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_EXACT);
  v1::Claim part = silent;
  silent.set_name("claims/b");
  // A part goes where its whole goes.
  part.set_name("claims/c");
  part.set_part_of("claims/a");
  part.mutable_amount()->mutable_figure()->set_value("0.5");
  ledger.PutClaims(std::vector<v1::Claim>{silent, part});
  EXPECT_THAT(ledger.Query(""),
              AllOf(kRefused, HasMetadata("direction", HasSubstr("CLAIM_DIRECTION_OUTGOING"))));
  EXPECT_THAT(Rows(ledger, "group_by { field: 'direction' }"),
              ElementsAre("CLAIM_DIRECTION_OUTGOING: USD 1 of [1, 1], 1",
                          "NOT_STATED: USD 2 of [2, 2], 1"));
  const auto mixed = Ask(ledger, "mix: MONEY_KIND_DIRECTION");
  EXPECT_THAT(ShowAll(mixed.totals()), ElementsAre(": USD 3 of [3, 3], 2"));
  EXPECT_THAT(mixed.totals(0).directions(),
              ElementsAre(v1::CLAIM_DIRECTION_UNSPECIFIED, v1::CLAIM_DIRECTION_OUTGOING));
}

TEST(QueryKindsTest, StatisticsNeverMixWithMoney) {
  Ledger ledger;
  ledger.PutClaim("aid", Amount("1"));
  ledger.PutClaim("investment", Amount("2") + Nature("MOBILISED"));
  ledger.PutClaim("trade", Amount("500000") + Statistic());
  EXPECT_THAT(ledger.Query("mix: MONEY_KIND_NATURE mix: MONEY_KIND_STAGE"),
              AllOf(kRefused, HasMetadata("nature", HasSubstr("CLAIM_NATURE_STATISTIC"))));
  const auto by_nature = Ask(ledger, "group_by { field: 'nature' }");
  EXPECT_THAT(ShowAll(by_nature.totals()),
              ElementsAre("CLAIM_NATURE_OWN_FUNDING: USD 1 of [1, 1], 1",
                          "CLAIM_NATURE_MOBILISED: USD 2 of [2, 2], 1",
                          "CLAIM_NATURE_STATISTIC: USD 500000 of [500000, 500000], 1"));
  // Stages tell them apart too.
  EXPECT_THAT(Totals(ledger, "group_by { field: 'stage' } mix: MONEY_KIND_NATURE"),
              ElementsAre("CLAIM_STAGE_COMMITTED: USD 3 of [3, 3], 2",
                          "CLAIM_STAGE_NOT_APPLICABLE: USD 500000 of [500000, 500000], 1"));
  EXPECT_THAT(Totals(ledger, "filter: '-nature = CLAIM_NATURE_STATISTIC' mix: MONEY_KIND_NATURE"),
              ElementsAre(": USD 3 of [3, 3], 2"));
  EXPECT_THAT(ledger.Query("filter: '-nature = CLAIM_NATURE_STATISTIC'"), kRefused);
}

TEST(QueryKindsTest, AllWaysOfMixingAreNamedAtOnce) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1"));
  ledger.PutClaim("b",
                  Amount("2") + Nature("MOBILISED") + Stage("PLEDGED") + Direction("RETURNED"));
  EXPECT_THAT(ledger.Query(""), AllOf(HasMetadata("nature", HasSubstr("MOBILISED")),
                                      HasMetadata("stage", HasSubstr("PLEDGED")),
                                      HasMetadata("direction", HasSubstr("RETURNED"))));
  EXPECT_THAT(
      Totals(ledger, "mix: MONEY_KIND_NATURE mix: MONEY_KIND_STAGE mix: MONEY_KIND_DIRECTION"),
      ElementsAre(": USD 3 of [3, 3], 2"));
}

TEST(QueryKindsTest, SupersededClaimsAreInNoSum) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("1")},
                    {"b", Amount("2") + Relation("SUPERSEDES", "a")},
                    {"c", Amount("4") + Relation("SUPERSEDES", "b")},
                    {"part", Amount("0.5") + PartOf("a")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 4 of [4, 4], 1"));
  EXPECT_THAT(LeftOut(ledger, ""), ElementsAre("SUPERSEDED: claims/a, claims/b, claims/part"));
  // Not even where it is the only one: its place is taken.
  const auto alone = Ask(ledger, "filter: 'claim = \"claims/a\"'");
  EXPECT_THAT(ShowAll(alone.totals()), ElementsAre(": "));
  EXPECT_THAT(ShowAll(alone.totals(0).left_out()), ElementsAre("SUPERSEDED: claims/a"));
  ledger.DeleteClaim("c");
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 2 of [2, 2], 1"));
}

TEST(QueryKindsTest, ASupersededPartMakesRoomForWhatTakesItsPlace) {
  Ledger ledger;
  ledger.PutClaims({{"aid", Amount("10")},
                    {"old", Amount("8") + PartOf("aid")},
                    {"new", Amount("3") + PartOf("aid") + Relation("SUPERSEDES", "old")}});
  EXPECT_THAT(Rows(ledger, "group_by { field: 'claim' }"),
              ElementsAre("claims/aid: USD 7 of [7, 7], 1", "claims/new: USD 3 of [3, 3], 1",
                          "claims/old: "));
}

TEST(QueryKindsTest, RestatedMoneyCountsOnceWhereBothAreSelected) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("100") + For("trade")},
                    {"b", Amount("90", "AT_LEAST") + For("health") + Relation("RESTATES", "a")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 100 of [100, 100], 1"));
  EXPECT_THAT(LeftOut(ledger, ""), ElementsAre("RESTATED: claims/b"));
  EXPECT_THAT(Totals(ledger, "filter: 'initiative = \"initiatives/health\"'"),
              ElementsAre(": USD 90 of [90, inf), 1"));
  // In whatever rows they are, so that these add up to the total.
  const auto rows = Ask(ledger, "group_by { field: 'initiative' }");
  EXPECT_THAT(ShowAll(rows.rows()),
              ElementsAre("initiatives/health: ", "initiatives/trade: USD 100 of [100, 100], 1"));
  EXPECT_THAT(ShowAll(rows.rows(0).left_out()), ElementsAre("RESTATED: claims/b"));
  EXPECT_EQ(rows.rows(0).claims(), 0);
}

TEST(QueryKindsTest, MoneyPassedOnCountsAtItsOrigin) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("100") + For("one")},
                    {"b", Amount("60") + For("two") + Relation("PASSED_ON_FROM", "a")},
                    {"c", Amount("20") + For("three") + Relation("PASSED_ON_FROM", "b")},
                    {"part", Amount("5") + PartOf("b")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 100 of [100, 100], 1"));
  EXPECT_THAT(LeftOut(ledger, ""), ElementsAre("PASSED_ON: claims/b, claims/c, claims/part"));
  const auto without = [&](const std::string& initiative) {
    return Totals(ledger, "filter: '-initiative = \"initiatives/" + initiative + "\"'");
  };
  EXPECT_THAT(without("one"), ElementsAre(": USD 60 of [60, 60], 1"));
  // Where the middle of a chain is not selected its ends are the same money all the same.
  EXPECT_THAT(without("two"), ElementsAre(": USD 100 of [100, 100], 1"));
  EXPECT_THAT(without("three"), ElementsAre(": USD 100 of [100, 100], 1"));
}

TEST(QueryKindsTest, ChainsOfDifferentRelationsAreTheSameMoneyToo) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("10") + For("one")},
                    {"b", For("two") + Relation("RESTATES", "a")},  // without a figure
                    {"c", Amount("10") + For("one") + Relation("RESTATES", "b")},
                    {"old", Amount("7") + For("two")},
                    {"new", Amount("8") + For("one") + Relation("SUPERSEDES", "old")},
                    {"x", Amount("7") + For("one") + Relation("RESTATES", "old")}});
  const auto answer = Ask(ledger, "filter: 'initiative = \"initiatives/one\"'");
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 18 of [18, 18], 2"));
  EXPECT_THAT(ShowAll(answer.totals(0).left_out()), ElementsAre("RESTATED: claims/c, claims/x"));
}

TEST(QueryKindsTest, ALaterStageIsLeftOutOnlyWhereStagesMix) {
  Ledger ledger;
  ledger.PutClaims(
      {{"request", Amount("100") + Stage("REQUESTED")},
       {"payment", Amount("30") + Stage("DISBURSED") + Relation("REALISES", "request")},
       {"another", Amount("1") + Stage("DISBURSED")}});
  const auto grouped = Ask(ledger, "group_by { field: 'stage' }");
  EXPECT_THAT(ShowAll(grouped.rows()),
              ElementsAre("CLAIM_STAGE_REQUESTED: USD 100 of [100, 100], 1",
                          "CLAIM_STAGE_DISBURSED: USD 31 of [31, 31], 2"));
  const auto mixed = Ask(ledger, "mix: MONEY_KIND_STAGE");
  EXPECT_THAT(ShowAll(mixed.totals()), ElementsAre(": USD 101 of [101, 101], 2"));
  EXPECT_THAT(ShowAll(mixed.totals(0).left_out()), ElementsAre("REALISED: claims/payment"));
  EXPECT_THAT(Totals(ledger, "filter: 'stage = CLAIM_STAGE_DISBURSED'"),
              ElementsAre(": USD 31 of [31, 31], 2"));
}

TEST(QueryKindsTest, MoneyWithoutAFigureHasNoOtherMoneyInIt) {
  Ledger ledger;
  ledger.PutClaims(
      {{"request", Stage("REQUESTED")},
       {"payment", Amount("30") + Stage("DISBURSED") + Relation("REALISES", "request")}});
  EXPECT_THAT(Totals(ledger, "mix: MONEY_KIND_STAGE"),
              ElementsAre(": USD 30 of [30, 30], 1, 1 not stated"));
}

TEST(QueryKindsTest, NothingIsLeftOutForMoneyThatIsNotCountedItself) {
  // Of the request only a part is selected, and its place is taken by a claim that is not.
  Ledger ledger;
  ledger.PutClaims({{"request", Amount("100")},
                    {"old", Amount("40") + PartOf("request") + For("roads")},
                    {"new", Amount("50") + PartOf("request") + Relation("SUPERSEDES", "old")},
                    {"payment", Amount("30") + For("roads") + Relation("REALISES", "request")}});
  EXPECT_THAT(Totals(ledger, "filter: 'initiative = \"initiatives/roads\"'"),
              ElementsAre(": USD 30 of [30, 30], 1"));
  EXPECT_THAT(LeftOut(ledger, "filter: 'initiative = \"initiatives/roads\"'"),
              ElementsAre("SUPERSEDED: claims/old"));
}

TEST(QueryKindsTest, ACircleOfRelationsLeavesSomethingToCount) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("1") + Relation("RESTATES", "b")},
                    {"b", Amount("1") + Relation("PASSED_ON_FROM", "a")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 1 of [1, 1], 1"));
}

TEST(QueryKindsTest, APartThatRestatesItsWholeDoesNotUndoIt) {
  Ledger ledger;
  ledger.PutClaims(
      {{"aid", Amount("10") + Relation("RESTATES", "a")}, {"a", Amount("4") + PartOf("aid")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 10 of [10, 10], 1"));
  EXPECT_THAT(LeftOut(ledger, ""), IsEmpty());
}

}  // namespace
}  // namespace entente::funding::query
