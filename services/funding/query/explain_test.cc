// SPDX-License-Identifier: Apache-2.0
//
// What explanations say.
#include "services/funding/query/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/figure/decimal.h"
#include "services/funding/query/show_test_util.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;
using test::EqualsProto;
using test::HasReason;
using test::HasViolation;
using test::IsOk;
using test::StatusIs;
using test::ViolationsAre;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using query::Show;

// "health: 60 of [60, 560)", of the claim's remainder "rest of health: ..."
std::string Show(const v1::Contribution& contribution) {
  std::string text = absl::StrCat(
      contribution.remainder() ? "rest of " : "", contribution.claim().substr(7), ": ",
      contribution.stated(), " of ",
      contribution.has_bounds() ? query::Show(contribution.bounds()) : "nothing known");
  if (!contribution.excess().empty()) absl::StrAppend(&text, ", excess ", contribution.excess());
  for (const auto& share : contribution.shares()) {
    absl::StrAppend(&text, ", ", share.field(), " ", share.value(), " ", share.percentage(), "%");
  }
  if (contribution.counted() != contribution.stated()) {
    absl::StrAppend(&text, ", counted ", contribution.counted());
  }
  return text;
}

// "health: row [40, inf) rest [0, inf) all [40, inf)", and the same once more after "states".
std::string Show(const v1::BoundStep& step) {
  std::string text =
      absl::StrCat(step.claim().substr(7), step.share() < 0 ? "" : absl::StrCat("#", step.share()),
                   step.selected() ? "*" : "", ": row ", query::Show(step.row_before()), " rest ",
                   query::Show(step.rest_before()), " all ", query::Show(step.all_before()));
  if (step.has_states()) {
    absl::StrAppend(&text, "; states ", query::Show(step.states()), ": row ",
                    query::Show(step.row_after()), " rest ", query::Show(step.rest_after()),
                    " all ", query::Show(step.all_after()));
  }
  return text;
}

template <typename Messages>
std::vector<std::string> All(const Messages& messages) {
  std::vector<std::string> all;
  for (const auto& message : messages) all.push_back(Show(message));
  return all;
}

v1::ExplainFundingResponse Why(const Ledger& ledger, const std::string& request) {
  auto explanation = ledger.Explain(request);
  EXPECT_THAT(explanation, IsOk()) << request;
  return explanation.ok() ? *std::move(explanation) : v1::ExplainFundingResponse();
}

std::string MessageOf(const v1::ExplainFundingResponse& explanation, const std::string& id) {
  for (const auto& exclusion : explanation.exclusions()) {
    if (exclusion.claim() == "claims/" + id) return exclusion.message();
  }
  return "not excluded";
}

// Every row of the answer to `query`, groups, rest and totals, explained: it is the same row, and
// what is counted adds up to what is stated.
void ExpectAllRowsExplained(const Ledger& ledger, const std::string& query) {
  const auto answer = Ask(ledger, query);
  std::vector<v1::FundingRow> rows(answer.rows().begin(), answer.rows().end());
  rows.insert(rows.end(), answer.totals().begin(), answer.totals().end());
  for (const v1::FundingRow& row : rows) {
    v1::ExplainFundingRequest request;
    *request.mutable_query() = FromText<v1::QueryFundingRequest>(query);
    request.set_kind(row.kind());
    *request.mutable_values() = row.values();
    const auto explanation = ledger.Explain(request);
    ASSERT_THAT(explanation, IsOk()) << query << row.DebugString();
    EXPECT_THAT(explanation->row(), EqualsProto(row)) << query;
    std::map<std::string, Decimal> counted;
    const auto sort_of = [](const std::string& currency, const v1::MoneySum& sum) {
      return currency + sum.recurrence().ShortDebugString();
    };
    for (const v1::ExplainedTree& tree : explanation->trees()) {
      Decimal stated;
      const std::string sort =
          sort_of(tree.has_rate() ? tree.rate().to() : tree.sum().currency_code(), tree.sum());
      for (const v1::Contribution& contribution : tree.contributions()) {
        stated = *figure::Add(stated, *Decimal::Parse(contribution.stated()));
        counted[sort] = *figure::Add(counted[sort], *Decimal::Parse(contribution.counted()));
      }
      if (tree.sum().claims() == 0) {
        EXPECT_EQ(tree.sum().stated() + tree.sum().bounds().low(), "") << query << tree.claim();
        continue;
      }
      EXPECT_EQ(stated.ToString(), tree.sum().stated()) << query << tree.claim();
      if (tree.steps_size() > 0) {
        EXPECT_THAT(tree.steps(tree.steps_size() - 1).row_after(), EqualsProto(tree.sum().bounds()))
            << query << tree.claim();
      }
    }
    for (const v1::MoneySum& sum : row.sums()) {
      const std::string stated = counted[sort_of(sum.currency_code(), sum)].ToString();
      EXPECT_EQ(sum.claims() == 0 ? "" : stated, sum.stated()) << query << row.DebugString();
    }
  }
}

TEST(ExplainTest, TheBoundsCanBeFollowedStepByStep) {
  // The derivation of "vaccines + schools" in docs/claims.md.
  Ledger ledger;
  ledger.PutClaims(
      {{"aid", Amount("600", "NEARLY")},
       {"health", Amount("100", "AT_LEAST") + PartOf("aid")},
       {"vaccines", Amount("40") + PartOf("health") + "citations { document: 'documents/sheet' }"},
       {"schools", PartOf("aid")}});
  const auto why =
      Why(ledger, "query { filter: 'claim = (\"claims/vaccines\" OR \"claims/schools\")' }");
  EXPECT_EQ(Show(why.row()), ": USD 40 of [40, 540), 1, 1 not stated");
  ASSERT_EQ(why.trees_size(), 1);
  const v1::ExplainedTree& tree = why.trees(0);
  EXPECT_EQ(tree.claim(), "claims/aid");
  EXPECT_EQ(query::Show(tree.sum()), "USD 40 of [40, 540), 1, 1 not stated");
  EXPECT_EQ(tree.periods(), 0);
  EXPECT_FALSE(tree.has_rate());
  EXPECT_THAT(All(tree.contributions()),
              testing::UnorderedElementsAre("schools: 0 of [0, 500)", "vaccines: 40 of [40, 40]"));
  for (const auto& contribution : tree.contributions()) {
    EXPECT_EQ(contribution.citations_size(), contribution.claim() == "claims/vaccines" ? 1 : 0);
    EXPECT_EQ(contribution.figure().qualifier(), contribution.claim() == "claims/vaccines"
                                                     ? type::v1::QUALIFIER_EXACT
                                                     : type::v1::QUALIFIER_NOT_STATED);
  }
  EXPECT_THAT(
      All(tree.steps()),
      testing::UnorderedElementsAre(
          "schools*: row [0, inf) rest [0, 0] all [0, inf)",
          "vaccines*: row [0, inf) rest [0, 0] all [0, inf); states [40, 40]: row [40, 40] rest "
          "[0, 0] all [40, 40]",
          "health: row [40, 40] rest [0, inf) all [40, inf); states [100, inf): row [40, 40] rest "
          "[60, inf) all [100, inf)",
          "aid: row [40, inf) rest [60, inf) all [100, inf); states [0, 600): row [40, 540) rest "
          "[60, 560) all [100, 600)"));
  EXPECT_EQ(tree.steps(3).claim(), "claims/aid");
  EXPECT_THAT(query::ShowAll(why.exclusions()),
              ElementsAre("NOT_SELECTED claims/aid", "NOT_SELECTED claims/health"));
  EXPECT_EQ(MessageOf(why, "aid"), "the filter does not select it: its claim is claims/aid");
}

TEST(ExplainTest, RemaindersAndExcess) {
  Ledger ledger;
  ledger.PutClaims({{"loans", Amount("100")},
                    {"power", Amount("80", "UP_TO") + PartOf("loans")},
                    {"rail", Amount("80", "UP_TO") + PartOf("loans")},
                    {"other", Amount("7.5")}});
  const auto why = Why(ledger, "query {}");
  ASSERT_EQ(why.trees_size(), 2);
  EXPECT_THAT(All(why.trees(0).contributions()),
              testing::UnorderedElementsAre("rest of loans: -60 of [0, 100], excess 60",
                                            "power: 80 of [0, 80]", "rail: 80 of [0, 80]"));
  // Of an exact figure without parts there is nothing to follow.
  EXPECT_EQ(why.trees(1).claim(), "claims/other");
  EXPECT_THAT(All(why.trees(1).contributions()), ElementsAre("other: 7.5 of [7.5, 7.5]"));
  EXPECT_THAT(why.trees(1).steps(), IsEmpty());
  EXPECT_THAT(why.exclusions(), IsEmpty());
}

TEST(ExplainTest, SharesSayOfWhat) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("100", "AT_LEAST") + Places({{"laos", "60"}, {"thailand", "30"}}) +
                           Sectors("1", {{"11220", "50"}, {"12220", "50"}}));
  ledger.PutClaim("b", Amount("8") + Places({{"laos", "25"}, {"thailand", ""}}));
  const std::string query =
      "query { sector_vocabulary: '1' group_by { field: 'places' } group_by { field: 'sectors' } "
      "} ";
  const auto laos =
      Why(ledger, query +
                      "kind: FUNDING_ROW_KIND_GROUP values { kind: DIMENSION_VALUE_KIND_STATED "
                      "value: 'places/laos' } values { kind: DIMENSION_VALUE_KIND_STATED "
                      "value: '11220' }");
  ASSERT_EQ(laos.trees_size(), 1);
  EXPECT_THAT(All(laos.trees(0).contributions()),
              ElementsAre("a: 30 of [30, inf), places places/laos 60%, sectors 11220 50%"));
  // A claim with a share in the row is in it.
  EXPECT_THAT(query::ShowAll(laos.exclusions()), ElementsAre("OTHER_ROW claims/b"));
  EXPECT_THAT(MessageOf(laos, "b"), AllOf(HasSubstr("places = "),
                                          HasSubstr("sectors = DIMENSION_VALUE_KIND_NOT_STATED")));
  const auto unallocated =
      Why(ledger, query +
                      "kind: FUNDING_ROW_KIND_GROUP values { kind: "
                      "DIMENSION_VALUE_KIND_UNALLOCATED } values { kind: "
                      "DIMENSION_VALUE_KIND_STATED value: '12220' } omit_others: true");
  EXPECT_THAT(All(unallocated.trees(0).contributions()),
              ElementsAre("a: 5 of [5, inf), places  10%, sectors 12220 50%"));
  EXPECT_THAT(unallocated.exclusions(), IsEmpty());
  const auto thailand =
      Why(ledger,
          "query { group_by { field: 'places' } } kind: FUNDING_ROW_KIND_GROUP values { kind: "
          "DIMENSION_VALUE_KIND_STATED value: 'places/thailand' }");
  ASSERT_EQ(thailand.trees_size(), 2);
  EXPECT_THAT(All(thailand.trees(1).contributions()),
              ElementsAre("b: 6 of [6, 6], places places/thailand 75%"));
}

TEST(ExplainTest, WhatIsConvertedAddsUpToTheLastMinorUnit) {
  Ledger ledger;
  ledger.PutRates(rates::MakeSeries("r", rates::kDaily, "EUR", "USD", {{"2023-09-01", "1.005"}}));
  ledger.PutClaims({{"a", In("EUR", "1") + On("2023-09-01")},
                    {"b", In("EUR", "1") + On("2023-09-02")},
                    {"c", In("EUR", "1") + On("2023-09-01") + Yearly()},
                    {"d", Amount("0.5")},
                    {"e", In("EUR", "3")}});
  // 1.005 + 1.005 + 2.01 + 0.5 is 4.52, and the shares of it that are cut off go to the first.
  const auto why = Why(ledger, "query { convert_to: 'USD' horizon: '2024/2025' }");
  EXPECT_EQ(Show(why.row()), ": USD 4.52 of [4.52, 4.52], 4; EUR 3 of [3, 3], 1");
  ASSERT_EQ(why.trees_size(), 5);
  EXPECT_THAT(All(why.trees(0).contributions()), ElementsAre("a: 1 of [1, 1], counted 1.01"));
  EXPECT_THAT(All(why.trees(1).contributions()), ElementsAre("b: 1 of [1, 1]"));
  EXPECT_THAT(All(why.trees(2).contributions()), ElementsAre("c: 1 of [1, 1], counted 2.01"));
  EXPECT_THAT(All(why.trees(3).contributions()), ElementsAre("d: 0.5 of [0.5, 0.5]"));
  EXPECT_THAT(All(why.trees(4).contributions()), ElementsAre("e: 3 of [3, 3]"));
  EXPECT_EQ(query::Show(why.trees(1).rate()), "EUR to USD of 2023-09-01, 1 days old");
  EXPECT_EQ(why.trees(1).rate().value_date(), "2023-09-02");
  EXPECT_EQ(why.trees(2).periods(), 2);
  EXPECT_EQ(why.trees(0).periods(), 0);
  EXPECT_FALSE(why.trees(3).has_rate());
  EXPECT_FALSE(why.trees(4).has_rate());
  EXPECT_THAT(query::ShowAll(why.exclusions()), ElementsAre("NO_DATE claims/e"));
}

TEST(ExplainTest, EveryReasonToBeElsewhere) {
  Ledger ledger = World();
  const std::string laos = Places({{"laos", ""}});
  ledger.PutClaims({{"in", Amount("10") + laos},
                    {"pledged", Amount("1") + laos + Stage("PLEDGED")},
                    {"region", Amount("2") + Places({{"asean", ""}})},
                    {"nowhere", Amount("3")},
                    {"unstated", laos},
                    {"old", Amount("4") + laos},
                    {"new", Amount("5") + laos + Relation("SUPERSEDES", "old")},
                    {"again", Amount("5") + laos + Relation("RESTATES", "new")},
                    {"passed", Amount("1") + laos + Relation("PASSED_ON_FROM", "in")},
                    {"wrong", Amount("1") + laos},
                    {"wrong-part", Amount("2") + PartOf("wrong")},
                    {"yearly", Amount("6") + Yearly("2030/..") + laos},
                    {"dear", In("LAK", "7") + On("2023-09-01") + laos},
                    {"wide", In("LAK", "7") + On("2020/2023") + laos},
                    {"undated", In("LAK", "7") + laos}});
  const std::string filter =
      "filter: 'countries:\"places/laos\" AND stage = CLAIM_STAGE_COMMITTED' ";
  const auto why = Why(ledger, "query { " + filter + "convert_to: 'USD' horizon: '2024/2025' }");
  EXPECT_THAT(query::ShowAll(why.exclusions()),
              ElementsAre("RESTATED claims/again", "NO_RATE claims/dear",
                          "NOT_SELECTED "
                          "claims/nowhere",
                          "SUPERSEDED claims/old", "PASSED_ON claims/passed",
                          "NOT_SELECTED claims/pledged", "COULD_INCLUDE claims/region",
                          "NO_DATE claims/undated", "NOT_STATED claims/unstated",
                          "DATE_TOO_WIDE claims/wide", "CONTRADICTORY claims/wrong",
                          "CONTRADICTORY claims/wrong-part", "OUTSIDE_HORIZON claims/yearly"));
  EXPECT_THAT(MessageOf(why, "again"), HasSubstr("claims/new"));
  EXPECT_THAT(MessageOf(why, "dear"), HasSubstr("LAK for 2023-09-01"));
  EXPECT_THAT(MessageOf(why, "old"), HasSubstr("claims/new"));
  EXPECT_THAT(MessageOf(why, "wide"), HasSubstr("2020/2023"));
  EXPECT_THAT(MessageOf(why, "wrong"), HasSubstr("claims/wrong"));
  EXPECT_EQ(MessageOf(why, "pledged"),
            "the filter does not select it: its stage is CLAIM_STAGE_PLEDGED");
  EXPECT_EQ(MessageOf(why, "nowhere"),
            "the filter does not select it: its countries are not stated");
  EXPECT_EQ(MessageOf(why, "region"),
            "the filter does not select it as it is stated, but could select some of it: its "
            "countries are wider, places/asean");
  const auto rates = Why(ledger, "query { " + filter + "} omit_others: true");
  EXPECT_EQ(MessageOf(rates, "pledged"), "not excluded");
  EXPECT_THAT(MessageOf(rates, "yearly"), HasSubstr("`horizon`"));
  ExpectAllRowsExplained(ledger, filter + "group_by { field: 'claim' } convert_to: 'USD'");
}

TEST(ExplainTest, WhatTheFilterDoesNotSelectSaysWhy) {
  Ledger ledger = World();
  ledger.PutClaims({{"a", Amount("1") + Stage("PLEDGED") +
                              Places({{"laos", "60"}, {"asean", "40"}}) + "title { text: 'Dams' }"},
                    {"b", Amount("1") + On("2022")}});
  const auto message = [&](const std::string& filter, const std::string& id) {
    const auto why = Why(ledger, "query { filter: '" + filter + "' }");
    const std::string text = MessageOf(why, id);
    return text.substr(text.find(": ") == std::string::npos ? 0 : text.find(": ") + 2);
  };
  EXPECT_EQ(message("stage = CLAIM_STAGE_COMMITTED recurring = true", "a"),
            "its stage is CLAIM_STAGE_PLEDGED; its recurring is false");
  EXPECT_EQ(message("(stage = CLAIM_STAGE_COMMITTED AND value_date:*) currency_code = EUR", "b"),
            "its currency_code is USD");
  EXPECT_EQ(message("NOT stage = CLAIM_STAGE_COMMITTED", "b"),
            "its stage is CLAIM_STAGE_COMMITTED");
  EXPECT_EQ(message("stage = CLAIM_STAGE_ANNOUNCED OR value_date:*", "a"),
            "its stage is CLAIM_STAGE_PLEDGED and its value_date is not stated");
  EXPECT_EQ(message("value_date.earliest >= 2023-01-01", "b"), "its value_date is 2022");
  EXPECT_EQ(message("roads", "a"), "its title is another and its description is another");
  EXPECT_EQ(message("places:\"places/thailand\"", "b"), "its places are not stated");
  EXPECT_EQ(message("places:\"places/nowhere\"", "a"), "its places are places/asean + places/laos");
}

TEST(ExplainTest, EveryRowOfAnAnswerIsExplained) {
  Ledger ledger = World();
  ledger.PutRates(rates::MakeSeries("eur", rates::kDaily, "EUR", "USD",
                                    {{"2023-01-31", "1.0867"}, {"2023-06-30", "1.0941"}}));
  ledger.PutRates(rates::MakeSeries("vnd", rates::kAnnual, "USD", "VND", {{"2023", "23787.3"}}));
  ledger.PutClaims(
      {{"aid", Amount("600", "NEARLY") + Places({{"asean", ""}}) + On("2023")},
       {"health", Amount("100.01", "AT_LEAST") + PartOf("aid") + For("health") +
                      Places({{"laos", "33.3"}, {"thailand", "33.3"}}) + On("2023-02")},
       {"vaccines", Amount("40") + PartOf("health") + On("2023-05-04")},
       {"schools", PartOf("aid") + On("2023-06-05")},
       {"euro", In("EUR", "10.07") + On("2023-02-01") + Places({{"laos", "50"}, {"bangkok", ""}})},
       {"euros", Amount("77", "UP_TO", "EUR") + On("2023-07-01") + For("customs")},
       {"eurowhole", In("EUR", "31") + On("2023-07-02")},
       {"europart", Amount("20", "ABOUT", "EUR") + PartOf("eurowhole") + For("trade")},
       {"dong", In("VND", "1000000") + On("2023-03-03")},
       {"undated", In("EUR", "1.23") + For("trade")},
       {"yearly", Amount("5", "MORE_THAN") + Yearly("2024/2026") + For("trade")},
       {"monthly", In("EUR", "0.33") + On("2023-07-03") +
                       "recurrence { every: 1 unit: RECURRENCE_UNIT_MONTH }"},
       {"again", Amount("600", "NEARLY") + Relation("RESTATES", "aid") + On("2023-01-01")},
       {"unknown", On("2023-02-02")}});
  const std::string measures =
      "measures: MEASURE_MIN measures: MEASURE_MAX measures: MEASURE_MEAN measures: MEASURE_SHARE ";
  for (const std::string rows :
       {"", "group_by { field: 'claim' }", "group_by { field: 'countries' }",
        "group_by { field: 'initiative' level: 1 } group_by { field: 'places' }",
        "group_by { field: 'value_date' unit: PERIOD_UNIT_MONTH }",
        "group_by { field: 'value_date' unit: PERIOD_UNIT_QUARTER } cumulative: true",
        "group_by { field: 'countries' } group_by { field: 'value_date' unit: PERIOD_UNIT_MONTH } "
        "cumulative: true",
        "group_by { field: 'currency_code' } group_by { field: 'stage' } order_by: 'claims desc' "
        "top: 1",
        "filter: 'NOT remainder = true' group_by { field: 'regions' }"}) {
    for (const std::string money :
         {"", "convert_to: 'USD' ", "horizon: '2024/2025' ", "convert_to: 'JPY' horizon: '2024' ",
          "convert_to: 'EUR' horizon: '2025/2026' "}) {
      ExpectAllRowsExplained(ledger, money + measures + rows);
    }
  }
  // The first by money, where there is an order, and the rest.
  ExpectAllRowsExplained(ledger, measures +
                                     "convert_to: 'USD' group_by { field: 'claim' } "
                                     "order_by: 'high desc' top: 3");
}

TEST(ExplainTest, CumulativeRowsHaveAllUntilTheirEnd) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("1") + On("2023-01")},
                    {"b", Amount("2") + On("2023-02")},
                    {"c", Amount("4") + On("2023-03")}});
  const auto why = Why(ledger,
                       "query { cumulative: true group_by { field: 'value_date' unit: "
                       "PERIOD_UNIT_MONTH } } kind: FUNDING_ROW_KIND_GROUP values { kind: "
                       "DIMENSION_VALUE_KIND_STATED value: '2023-02' }");
  EXPECT_EQ(Show(why.row()), "2023-02: USD 3 of [3, 3], 2");
  EXPECT_EQ(why.trees_size(), 2);
  EXPECT_THAT(query::ShowAll(why.exclusions()), ElementsAre("OTHER_ROW claims/c"));
}

TEST(ExplainTest, AClaimIsExcludedOnceForOneReason) {
  Ledger ledger = World();
  ledger.PutClaim("a", In("EUR", "1") + Places({{"laos", "50"}, {"thailand", "50"}}));
  const auto why = Why(ledger, "query { convert_to: 'USD' group_by { field: 'places' } }");
  EXPECT_THAT(query::ShowAll(why.exclusions()), ElementsAre("NO_DATE claims/a"));
}

TEST(ExplainTest, TheRestIsFoundByItsKind) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("8") + Stage("REQUESTED")},
                    {"b", Amount("4") + Stage("REQUESTED")},
                    {"c", Amount("2") + Stage("DISBURSED")}});
  const std::string query =
      "query { group_by { field: 'claim' } group_by { field: 'stage' } top: 1 } ";
  EXPECT_THAT(ledger.Explain(query + "kind: FUNDING_ROW_KIND_REST"),
              HasViolation("values", HasSubstr("several rows are like that")));
  EXPECT_THAT(ledger.Explain(query), HasViolation("values", HasSubstr("several rows")));
  const auto why = Why(ledger, query +
                                   "kind: FUNDING_ROW_KIND_REST values { kind: "
                                   "DIMENSION_VALUE_KIND_ANY } values { kind: "
                                   "DIMENSION_VALUE_KIND_STATED value: "
                                   "'CLAIM_STAGE_DISBURSED' }");
  EXPECT_EQ(Show(why.row()), "ANY | CLAIM_STAGE_DISBURSED: USD 2 of [2, 2], 1");
  EXPECT_THAT(query::ShowAll(why.exclusions()),
              ElementsAre("OTHER_ROW claims/a", "OTHER_ROW claims/b"));
}

TEST(ExplainTest, ALargeTreeComesInSeveralPieces) {
  constexpr int kParts = 20'000;
  Ledger ledger;
  std::vector<std::pair<std::string, std::string>> claims = {{"aid", Amount("30000")}};
  for (int i = 0; i < kParts; ++i) {
    claims.emplace_back(absl::StrCat("part-", i), Amount("1") + "part_of: 'claims/aid'");
  }
  ledger.PutClaims(claims);
  const auto plan = MakePlan({}, "");
  const auto evaluation = Evaluation::Of(*plan, ledger.Now(), OneThread());
  ASSERT_THAT(evaluation, IsOk());
  auto explanation = Explain(**evaluation, {});
  ASSERT_THAT(explanation, IsOk());
  const auto messages = InMessages(*std::move(explanation));
  EXPECT_GT(messages.size(), 1u);
  int contributions = 0;
  int steps = 0;
  int sums = 0;
  for (const auto& message : messages) {
    EXPECT_LE(message->ByteSizeLong(), size_t{2} << 20);
    for (const auto& tree : message->trees()) {
      EXPECT_EQ(tree.claim(), "claims/aid");
      contributions += tree.contributions_size();
      steps += tree.steps_size();
      sums += tree.has_sum() ? 1 : 0;
    }
  }
  EXPECT_EQ(contributions, kParts + 1);
  EXPECT_EQ(steps, kParts + 1);
  EXPECT_EQ(sums, 1);
}

TEST(ExplainTest, Errors) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("8"));
  const std::string by_claim = "query { group_by { field: 'claim' } } ";
  EXPECT_THAT(ledger.Explain("query { top: -1 }"), ViolationsAre(ElementsAre("query.top")));
  EXPECT_THAT(ledger.Explain(by_claim + "kind: FUNDING_ROW_KIND_COULD_INCLUDE"),
              HasViolation("kind", HasSubstr("what could be included")));
  EXPECT_THAT(ledger.Explain(by_claim + "kind: 77"), HasViolation("kind", HasSubstr("must be")));
  EXPECT_THAT(ledger.Explain(by_claim + "kind: FUNDING_ROW_KIND_GROUP"),
              HasViolation("values", HasSubstr("1, and are 0")));
  EXPECT_THAT(ledger.Explain(by_claim + "values {} values {}"),
              HasViolation("values", HasSubstr("1, and are 2")));
  EXPECT_THAT(ledger.Explain(by_claim + "kind: 77 values {} values {}"),
              ViolationsAre(ElementsAre("kind", "values")));
  EXPECT_THAT(ledger.Explain(by_claim + "kind: FUNDING_ROW_KIND_GROUP values { kind: "
                                        "DIMENSION_VALUE_KIND_STATED value: 'claims/b' }"),
              AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("ROW_NOT_FOUND")));
  EXPECT_THAT(ledger.Explain(by_claim + "kind: FUNDING_ROW_KIND_REST"),
              AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("ROW_NOT_FOUND")));
  // Without dimensions the only group is the total.
  EXPECT_EQ(Show(Why(ledger, "query {} kind: FUNDING_ROW_KIND_GROUP").row()),
            ": USD 8 of [8, 8], 1");
  // Nothing can be explained too.
  EXPECT_EQ(Show(Why(Ledger(), by_claim).row()), "ANY: ");
  const auto plan = MakePlan({}, "");
  const auto evaluation = Evaluation::Of(*plan, ledger.Now(), OneThread());
  ASSERT_THAT(evaluation, IsOk());
  EXPECT_THAT(Explain(**evaluation, {}), IsOk());
}

TEST(ExplainTest, EndsWhenTheCallerHasGone) {
  Ledger ledger;
  ledger.PutClaim("a", "");
  bool gone = false;
  const auto resources =
      std::make_shared<const Resources>(nullptr, kDefaultQueryMemory, [&] { return gone; });
  const auto plan = MakePlan({}, "");
  const auto evaluation = Evaluation::Of(*plan, ledger.Now(), resources);
  ASSERT_THAT(evaluation, IsOk());
  gone = true;
  EXPECT_THAT(Explain(**evaluation, {}), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Evaluation::Of(*plan, ledger.Now(), resources),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace entente::funding::query
