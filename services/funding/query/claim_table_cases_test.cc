// SPDX-License-Identifier: Apache-2.0
//
// What can happen to claims, one thing at a time: what a table that has taken it in answers before
// and after. Claim_table_test.cc has everything at random.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/funding/query/claim_table.h"
#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kAll[] = "";
constexpr char kByInitiative[] = "group_by { field: 'initiative' }";
constexpr char kByPlace[] = "group_by { field: 'places' }";
constexpr char kByRemainder[] = "group_by { field: 'remainder' }";

// A ledger and a table that follows it. Versions are numbered: 0 is what the table was made of.
class Followed {
 public:
  explicit Followed(Ledger ledger = World()) : ledger_(std::move(ledger)) {
    states_ = {ledger_.funding()};
    table_ = ClaimTable::Of(ledger_.funding());
  }

  // The next version.
  void Put(const std::vector<std::pair<std::string, std::string>>& claims) {
    Follow([&] { ledger_.PutClaims(claims); });
  }
  void Delete(const std::string& id) {
    Follow([&] { ledger_.DeleteClaim(id); });
  }
  void Undelete(const std::string& id) {
    Follow([&] { ledger_.UndeleteClaim(id); });
  }
  void PutRates(const std::string& text) {
    Follow([&] { ledger_.PutRates(FromText<v1::RateSeries>(text)); });
  }
  void Commit(std::vector<log::Change> changes) {
    Follow([&] { ledger_.Commit(std::move(changes)); });
  }

  std::shared_ptr<const Snapshot> At(size_t version) const { return table_->At(states_[version]); }
  const ClaimTable& table() const { return *table_; }

  // What the table answers, which is what one answers that is made of the version anew.
  v1::QueryFundingResponse Ask(size_t version, const std::string& request) const {
    const auto question = FromText<v1::QueryFundingRequest>(request);
    const auto answer = AnswerTo(question, Of(At(version)));
    const auto anew = AnswerTo(question, Of(Snapshot::Of(states_[version])));
    EXPECT_THAT(answer, test::IsOk()) << request;
    EXPECT_THAT(anew, test::IsOk()) << request;
    if (!answer.ok() || !anew.ok()) return {};
    EXPECT_EQ(answer->DebugString(), anew->DebugString()) << "version " << version << request;
    return *answer;
  }
  v1::ExplainFundingResponse Explain(size_t version, const std::string& request) const {
    const auto question = FromText<v1::ExplainFundingRequest>(request);
    const auto told = ExplanationOf(question, Of(At(version)));
    const auto anew = ExplanationOf(question, Of(Snapshot::Of(states_[version])));
    EXPECT_THAT(told, test::IsOk()) << request;
    EXPECT_THAT(anew, test::IsOk()) << request;
    if (!told.ok() || !anew.ok()) return {};
    EXPECT_EQ(told->DebugString(), anew->DebugString()) << "version " << version << request;
    return *told;
  }
  std::vector<std::string> Rows(size_t version, const std::string& request) const {
    return ShowAll(Ask(version, request).rows());
  }
  std::vector<std::string> LeftOut(size_t version, const std::string& request) const {
    return ShowAll(Ask(version, request).totals(0).left_out());
  }

  // Of all rows, by name: as often as they are there.
  std::vector<std::string> Names(size_t version) const { return NamesIn(*At(version)); }
  std::vector<std::string> NamesAnew(size_t version) const {
    return NamesIn(*Snapshot::Of(states_[version]));
  }

  bool IsFlat(size_t version, const std::string& id) const {
    return query::IsFlat(*At(version)->Find("claims/" + id));
  }

 private:
  static std::vector<std::string> NamesIn(const Snapshot& snapshot) {
    std::vector<std::string> names;
    snapshot.ForEachAtom([&](Atom atom) { names.push_back(snapshot.claim(atom).name()); });
    std::sort(names.begin(), names.end());
    return names;
  }

  void Follow(const std::function<void()>& change) {
    change();
    states_.push_back(ledger_.funding());
    table_->Apply(ledger_.last(), ledger_.funding());
  }

  Sources Of(std::shared_ptr<const Snapshot> snapshot) const {
    auto rates = rates::RateTable::Of(snapshot->state());
    return {std::move(snapshot), ledger_.catalogue(), std::move(rates)};
  }

  Ledger ledger_;
  std::vector<std::shared_ptr<const resource::State>> states_;  // by version
  std::shared_ptr<ClaimTable> table_;
};

TEST(ClaimTableCasesTest, AnEmptyTableGetsAClaimAndLosesIt) {
  Followed claims;
  claims.Put({{"aid", Amount("5")}});
  claims.Delete("aid");
  claims.Undelete("aid");
  EXPECT_THAT(claims.Rows(0, kAll), ElementsAre(": "));
  EXPECT_THAT(claims.Rows(0, kByInitiative), IsEmpty());
  EXPECT_THAT(claims.Rows(1, kAll), ElementsAre(": USD 5 of [5, 5], 1"));
  EXPECT_THAT(claims.Rows(2, kAll), ElementsAre(": "));
  EXPECT_THAT(claims.Rows(2, kByInitiative), IsEmpty());
  EXPECT_THAT(claims.Rows(3, kByInitiative), ElementsAre("NOT_STATED: USD 5 of [5, 5], 1"));
  EXPECT_EQ(claims.At(0)->flat_rows(), 0u);
  EXPECT_EQ(claims.At(2)->Find("claims/aid"), std::nullopt);
  // It came back in a row of its own.
  EXPECT_EQ(claims.At(3)->flat_rows(), 2u);
  EXPECT_NE(claims.At(3)->Find("claims/aid"), claims.At(1)->Find("claims/aid"));
  EXPECT_EQ(claims.table().ends(), 1u);
}

TEST(ClaimTableCasesTest, AFlatClaimGetsAPart) {
  Followed claims;
  claims.Put({{"aid", Amount("100") + For("trade")}, {"roads", Amount("7")}});
  claims.Put({{"health", Amount("40") + PartOf("aid") + For("health")}});
  EXPECT_TRUE(claims.IsFlat(1, "aid"));
  EXPECT_FALSE(claims.IsFlat(2, "aid"));
  EXPECT_TRUE(claims.IsFlat(2, "roads"));
  EXPECT_THAT(
      claims.Rows(1, kByInitiative),
      ElementsAre("initiatives/trade: USD 100 of [100, 100], 1", "NOT_STATED: USD 7 of [7, 7], 1"));
  EXPECT_THAT(
      claims.Rows(2, kByInitiative),
      ElementsAre("initiatives/health: USD 40 of [40, 40], 1",
                  "initiatives/trade: USD 60 of [60, 60], 1", "NOT_STATED: USD 7 of [7, 7], 1"));
  EXPECT_THAT(claims.Rows(2, kAll), ElementsAre(": USD 107 of [107, 107], 2"));
  EXPECT_THAT(claims.Rows(1, kByRemainder), ElementsAre("false: USD 107 of [107, 107], 2"));
  EXPECT_THAT(claims.Rows(2, kByRemainder),
              ElementsAre("false: USD 47 of [47, 47], 2", "true: USD 60 of [60, 60], 1"));
}

TEST(ClaimTableCasesTest, TheOnlyPartOfAWholeIsDeleted) {
  Followed claims;
  claims.Put({{"aid", Amount("100") + For("trade")},
              {"health", Amount("40") + PartOf("aid") + For("health")}});
  claims.Delete("health");
  claims.Undelete("health");
  EXPECT_FALSE(claims.IsFlat(1, "aid"));
  EXPECT_TRUE(claims.IsFlat(2, "aid"));
  EXPECT_FALSE(claims.IsFlat(3, "aid"));
  for (const size_t version : {1, 3}) {
    EXPECT_THAT(claims.Rows(version, kByInitiative),
                ElementsAre("initiatives/health: USD 40 of [40, 40], 1",
                            "initiatives/trade: USD 60 of [60, 60], 1"));
  }
  EXPECT_THAT(claims.Rows(2, kByInitiative),
              ElementsAre("initiatives/trade: USD 100 of [100, 100], 1"));
  EXPECT_THAT(claims.Rows(2, kByRemainder), ElementsAre("false: USD 100 of [100, 100], 1"));
}

TEST(ClaimTableCasesTest, APartMovesToAnotherWholeAndToTheTop) {
  Followed claims;
  claims.Put({{"aid", Amount("100")},
              {"loans", Amount("500", "MORE_THAN")},
              {"health", Amount("40") + PartOf("aid")},
              {"clinics", Amount("15", "AT_LEAST") + PartOf("health")}});
  claims.Put({{"health", Amount("40") + PartOf("loans")}});
  claims.Put({{"health", Amount("40")}});
  // All of it turned round, in one revision.
  claims.Put({{"health", Amount("40") + PartOf("clinics")}, {"clinics", Amount("90")}});
  const std::string by_top = "group_by { field: 'top_claim' }";
  const std::string of_clinics = by_top + " filter: 'claim = \"claims/clinics\"'";
  EXPECT_THAT(claims.Rows(1, by_top), ElementsAre("claims/aid: USD 100 of [100, 100], 1",
                                                  "claims/loans: USD 500 of (500, inf), 1"));
  EXPECT_THAT(claims.Rows(1, of_clinics), ElementsAre("claims/aid: USD 15 of [15, 40], 1"));
  EXPECT_THAT(claims.Rows(2, of_clinics), ElementsAre("claims/loans: USD 15 of [15, 40], 1"));
  EXPECT_THAT(claims.Rows(3, of_clinics), ElementsAre("claims/health: USD 15 of [15, 40], 1"));
  EXPECT_THAT(claims.Rows(3, by_top), ElementsAre("claims/aid: USD 100 of [100, 100], 1",
                                                  "claims/health: USD 40 of [40, 40], 1",
                                                  "claims/loans: USD 500 of (500, inf), 1"));
  EXPECT_THAT(claims.Rows(4, of_clinics), ElementsAre("claims/clinics: USD 50 of [50, 50], 1"));
  EXPECT_TRUE(claims.IsFlat(3, "aid"));
}

TEST(ClaimTableCasesTest, ASupersederIsDeletedAndComesBack) {
  Followed claims;
  claims.Put({{"old", Amount("100")}});
  claims.Put({{"new", Amount("120") + Relation("SUPERSEDES", "old")}});
  claims.Delete("new");
  claims.Undelete("new");
  claims.Put({{"new", Amount("130")}});
  EXPECT_THAT(claims.Rows(1, kAll), ElementsAre(": USD 100 of [100, 100], 1"));
  for (const size_t version : {2, 4}) {
    EXPECT_THAT(claims.Rows(version, kAll), ElementsAre(": USD 120 of [120, 120], 1"));
    EXPECT_THAT(claims.LeftOut(version, kAll), ElementsAre("SUPERSEDED: claims/old"));
    EXPECT_FALSE(claims.IsFlat(version, "old"));
    ASSERT_EQ(claims.At(version)->unusable().size(), 1u);
    EXPECT_EQ(claims.At(version)->relations().size(), 1u);
  }
  EXPECT_THAT(claims.Rows(3, kAll), ElementsAre(": USD 100 of [100, 100], 1"));
  EXPECT_THAT(claims.LeftOut(3, kAll), IsEmpty());
  EXPECT_TRUE(claims.IsFlat(3, "old"));
  EXPECT_THAT(claims.At(3)->relations(), IsEmpty());
  EXPECT_THAT(claims.Rows(5, kAll), ElementsAre(": USD 230 of [230, 230], 2"));
}

// Of several that have taken the place of a claim, the first by name is told of.
TEST(ClaimTableCasesTest, AnotherSupersederComesAndGoes) {
  Followed claims;
  claims.Put({{"old", Amount("100")}, {"b", Amount("2") + Relation("SUPERSEDES", "old")}});
  claims.Put({{"a", Amount("1") + Relation("SUPERSEDES", "old")}});
  claims.Delete("b");
  claims.Delete("a");
  const auto message = [&](size_t version) { return claims.At(version)->unusable().at(0).message; };
  EXPECT_EQ(message(1), "claims/b has taken its place");
  EXPECT_EQ(message(2), "claims/a has taken its place");
  EXPECT_EQ(message(3), "claims/a has taken its place");
  EXPECT_THAT(claims.At(4)->unusable(), IsEmpty());
  EXPECT_THAT(claims.Rows(4, kAll), ElementsAre(": USD 100 of [100, 100], 1"));
}

TEST(ClaimTableCasesTest, AClaimSupersedesAPartDeepInATree) {
  Followed claims;
  claims.Put({{"aid", Amount("500", "MORE_THAN")},
              {"health", Amount("100") + PartOf("aid")},
              {"clinics", Amount("60") + PartOf("health")},
              {"wells", Amount("20") + PartOf("clinics")},
              {"other", Amount("7")}});
  claims.Put({{"newer", Amount("70") + Relation("SUPERSEDES", "clinics")}});
  claims.Put({{"wells", Amount("25") + PartOf("clinics")}});
  claims.Delete("newer");
  const std::string by_claim = "group_by { field: 'claim' }";
  const std::string other = "claims/other: USD 7 of [7, 7], 1";
  EXPECT_THAT(claims.Rows(1, by_claim), ElementsAre("claims/aid: USD 400 of (400, inf), 1",
                                                    "claims/clinics: USD 40 of [40, 40], 1",
                                                    "claims/health: USD 40 of [40, 40], 1", other,
                                                    "claims/wells: USD 20 of [20, 20], 1"));
  for (const size_t version : {2, 3}) {
    EXPECT_THAT(claims.Rows(version, by_claim),
                ElementsAre("claims/aid: USD 400 of (400, inf), 1",
                            "claims/clinics: ", "claims/health: USD 100 of [100, 100], 1",
                            "claims/newer: USD 70 of [70, 70], 1", other, "claims/wells: "));
    EXPECT_THAT(claims.LeftOut(version, by_claim),
                ElementsAre("SUPERSEDED: claims/clinics, claims/wells"));
  }
  EXPECT_THAT(claims.Rows(4, by_claim), ElementsAre("claims/aid: USD 400 of (400, inf), 1",
                                                    "claims/clinics: USD 35 of [35, 35], 1",
                                                    "claims/health: USD 40 of [40, 40], 1", other,
                                                    "claims/wells: USD 25 of [25, 25], 1"));
}

TEST(ClaimTableCasesTest, PercentagesAppearAndDisappear) {
  const auto shares = [](const std::string& laos, const std::string& thailand) {
    return Places({{"laos", laos}, {"thailand", thailand}});
  };
  Followed claims;
  for (const auto& [laos, thailand] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"60", "30"}, {"100", ""}, {"", ""}}) {
    claims.Put({{"flat", Amount("10") + shares(laos, thailand)},
                {"aid", Amount("100", "UP_TO")},
                {"part", Amount("20") + PartOf("aid") + shares(laos, thailand)}});
  }
  for (const size_t version : {1, 4}) {
    EXPECT_THAT(claims.Rows(version, kByPlace),
                ElementsAre("places/laos + places/thailand: USD 30 of [30, 30], 2",
                            "NOT_STATED: USD 80 of [0, 80], 1"));
  }
  EXPECT_THAT(
      claims.Rows(2, kByPlace),
      ElementsAre("places/laos: USD 18 of [18, 18], 2", "places/thailand: USD 9 of [9, 9], 2",
                  "UNALLOCATED: USD 3 of [3, 3], 2", "NOT_STATED: USD 80 of [0, 80], 1"));
  EXPECT_THAT(claims.Rows(3, kByPlace), ElementsAre("places/laos: USD 30 of [30, 30], 2",
                                                    "NOT_STATED: USD 80 of [0, 80], 1"));
  // What only later versions divide is in one piece in earlier ones, and so for filters.
  const std::string in_laos = "filter: 'places:\"places/laos\"'";
  EXPECT_THAT(claims.Rows(1, in_laos), ElementsAre(": USD 30 of [30, 30], 2"));
  EXPECT_THAT(claims.Rows(2, in_laos), ElementsAre(": USD 18 of [18, 18], 2"));
}

TEST(ClaimTableCasesTest, ARevisionOfRatesAlone) {
  const auto rate = [](const std::string& value) {
    return "name: 'rateSeries/r' kind: RATE_KIND_DAILY_REFERENCE source: 'S' "
           "base_currency_code: 'EUR' quote_currency_code: 'USD' rates { date: '2023-09-01' value: "
           "'" +
           value + "' }";
  };
  const std::string in_dollars = "convert_to: 'USD'";
  Followed claims;
  claims.Put({{"aid", In("EUR", "10") + On("2023-09-01")}});
  claims.PutRates(rate("1.10"));
  claims.PutRates(rate("1.20"));
  claims.Put({{"aid", In("EUR", "20") + On("2023-09-01")}});
  EXPECT_THAT(claims.LeftOut(1, in_dollars), ElementsAre("NO_RATE: claims/aid"));
  EXPECT_THAT(claims.Rows(2, in_dollars), ElementsAre(": USD 11 of [11, 11], 1"));
  EXPECT_THAT(claims.Rows(3, in_dollars), ElementsAre(": USD 12 of [12, 12], 1"));
  EXPECT_THAT(claims.Rows(4, in_dollars), ElementsAre(": USD 24 of [24, 24], 1"));
  // No row has come or gone by it.
  EXPECT_EQ(claims.At(3)->flat_rows(), claims.At(1)->flat_rows());
  EXPECT_EQ(claims.table().ends(), 1u);
}

TEST(ClaimTableCasesTest, NewKindsOfMoneyAndNewCurrencies) {
  Followed claims;
  claims.Put({{"a", Amount("1")}});
  for (const char* stage : {"DISBURSED", "REQUESTED", "PLEDGED", "ALLOCATED"}) {
    claims.Put({{absl::AsciiStrToLower(stage), In("EUR", "2") + Stage(stage)}});
  }
  claims.Put({{"a", In("JPY", "3") + Stage("PLEDGED")}});
  const std::string by_stage =
      "group_by { field: 'stage' } group_by { field: 'currency_code' } mix: MONEY_KIND_STAGE";
  EXPECT_THAT(claims.Rows(1, by_stage),
              ElementsAre("CLAIM_STAGE_COMMITTED | USD: USD 1 of [1, 1], 1"));
  EXPECT_EQ(claims.Rows(3, by_stage).size(), 3u);
  EXPECT_THAT(claims.Rows(6, by_stage),
              ElementsAre("CLAIM_STAGE_REQUESTED | EUR: EUR 2 of [2, 2], 1",
                          "CLAIM_STAGE_ALLOCATED | EUR: EUR 2 of [2, 2], 1",
                          "CLAIM_STAGE_PLEDGED | EUR: EUR 2 of [2, 2], 1",
                          "CLAIM_STAGE_PLEDGED | JPY: JPY 3 of [3, 3], 1",
                          "CLAIM_STAGE_DISBURSED | EUR: EUR 2 of [2, 2], 1"));
  // What does not mix yet does not because it will.
  EXPECT_THAT(claims.Rows(1, kAll), ElementsAre(": USD 1 of [1, 1], 1"));
}

TEST(ClaimTableCasesTest, AWholeIsDeletedWithItsPartsAndComesBackWithoutThem) {
  Followed claims;
  claims.Put({{"aid", Amount("100", "UP_TO")}, {"health", Amount("40") + PartOf("aid")}});
  const auto change = [](const std::string& id, log::ChangeKind kind, const std::string& text) {
    v1::Claim claim = FromText<v1::Claim>(
        "nature: CLAIM_NATURE_OWN_FUNDING stage: CLAIM_STAGE_COMMITTED "
        "direction: CLAIM_DIRECTION_OUTGOING instrument: CLAIM_INSTRUMENT_GRANT " +
        text);
    claim.set_name("claims/" + id);
    log::Change made = Ledger::PutOf(std::move(claim));
    made.kind = kind;
    return made;
  };
  claims.Commit({change("aid", log::ChangeKind::kDelete, Amount("100", "UP_TO")),
                 change("health", log::ChangeKind::kDelete, Amount("40") + PartOf("aid"))});
  claims.Undelete("aid");
  claims.Commit({change("health", log::ChangeKind::kPut, Amount("30") + PartOf("aid")),
                 change("aid", log::ChangeKind::kPut, Amount("90", "UP_TO"))});
  EXPECT_THAT(claims.Rows(1, kAll), ElementsAre(": USD 100 of [40, 100], 1"));
  EXPECT_THAT(claims.Rows(2, kAll), ElementsAre(": "));
  EXPECT_THAT(claims.Rows(3, kAll), ElementsAre(": USD 100 of [0, 100], 1"));
  EXPECT_THAT(claims.Rows(4, kAll), ElementsAre(": USD 90 of [30, 90], 1"));
}

// The rules accept no cycle. Of a record with one, each claim is still in one row, and one only,
// and the first by name of those in the cycle is at the top.
TEST(ClaimTableCasesTest, ClaimsInACycleAreInOneTree) {
  Followed claims;
  claims.Put({{"c", Amount("10", "UP_TO")}, {"other", Amount("1")}});
  claims.Put({{"b", Amount("5") + PartOf("c")}, {"a", Amount("2") + PartOf("b")}});
  claims.Put({{"c", Amount("10", "UP_TO") + PartOf("b")}});
  claims.Put({{"a", Amount("3") + PartOf("b")}});
  claims.Put({{"b", Amount("5") + PartOf("b")}});
  claims.Put({{"b", Amount("5")}});
  const std::string by_top = "group_by { field: 'top_claim' }";
  EXPECT_THAT(claims.Rows(2, by_top),
              ElementsAre("claims/c: USD 10 of [5, 10], 1", "claims/other: USD 1 of [1, 1], 1"));
  EXPECT_THAT(claims.Rows(3, by_top), ElementsAre("claims/b: USD 5 of [5, 5], 1, excess 7",
                                                  "claims/other: USD 1 of [1, 1], 1"));
  for (size_t version = 0; version <= 6; ++version) {
    EXPECT_EQ(claims.Rows(version, by_top).size(), version == 0 ? 0u : 2u) << version;
    EXPECT_EQ(claims.Names(version), claims.NamesAnew(version)) << version;
  }
}

// Of equal remainders the first claim by name gets the unit, not the one whose row comes first.
TEST(ClaimTableCasesTest, AnExplanationDoesNotDependOnTheOrderOfRows) {
  Followed claims;
  claims.Put({{"a", In("JPY", "0.5")}, {"b", In("JPY", "0.5")}});
  claims.Put({{"a", In("JPY", "0.5")}});
  const auto counted = [&](size_t version) {
    const auto explained = claims.Explain(version, "query { convert_to: 'JPY' }");
    std::vector<std::string> all;
    for (const v1::ExplainedTree& tree : explained.trees()) {
      all.push_back(absl::StrCat(tree.claim(), " ", tree.contributions(0).counted()));
    }
    return all;
  };
  EXPECT_THAT(counted(1), ElementsAre("claims/a 1", "claims/b 0"));
  EXPECT_THAT(counted(2), ElementsAre("claims/a 1", "claims/b 0"));
}

// All that a table points to, it keeps: no state of it lives on but the last.
TEST(ClaimTableCasesTest, WhatHasEndedIsStillThereForColumns) {
  Ledger ledger = World();
  ledger.PutClaims({{"flat", Amount("1")},
                    {"aid", Amount("100", "UP_TO") + For("trade")},
                    {"part", Amount("2") + PartOf("aid")}});
  const auto table = ClaimTable::Of(ledger.funding());
  for (int i = 0; i < 50; ++i) {
    ledger.PutClaims({{"flat", absl::StrCat(Amount("1"), "title { text: 'flat ", i, "' }")},
                      {"part", absl::StrCat(Amount("2"), i % 3 == 0 ? "" : PartOf("aid"),
                                            "title { text: 'part ", i, "' }")}});
    table->Apply(ledger.last(), ledger.funding());
    if (i % 10 == 5) ledger.DeleteClaim("part");
    if (i % 10 == 5) table->Apply(ledger.last(), ledger.funding());
  }
  const auto snapshot = table->At(ledger.funding());
  const auto titles = snapshot->Base("title");
  const auto initiatives = snapshot->Base("initiative");
  size_t seen = 0;
  for (size_t row = 0; row < snapshot->flat_rows(); ++row) {
    const Value& title = titles->values[titles->CodeOf(FlatAtom(row))];
    EXPECT_EQ(title.members.empty() ? "" : title.members[0],
              snapshot->claim(FlatAtom(row)).title().text());
    ++seen;
  }
  for (size_t row = 0; row < snapshot->tree_rows(); ++row) {
    const Value& initiative = initiatives->values[initiatives->CodeOf(TreeAtom(row))];
    EXPECT_THAT(initiative.members, ElementsAre("initiatives/trade"));
    ++seen;
  }
  EXPECT_GT(seen, 100u);
}

// More rows than a block has, some of which have ended, in both blocks.
TEST(ClaimTableCasesTest, ManyRows) {
  constexpr int kClaims = 70'000;
  const auto claim = [](int i, const std::string& value) {
    v1::Claim made;
    made.set_name(absl::StrFormat("claims/c%06d", i));
    made.mutable_amount()->set_currency_code("USD");
    made.mutable_amount()->mutable_figure()->set_value(value);
    made.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
    made.set_stage(v1::CLAIM_STAGE_COMMITTED);
    made.set_direction(v1::CLAIM_DIRECTION_OUTGOING);
    made.set_instrument(v1::CLAIM_INSTRUMENT_GRANT);
    made.add_places()->set_place(absl::StrCat("places/p", i % 300));
    return Ledger::PutOf(std::move(made));
  };
  std::vector<log::Change> all;
  for (int i = 0; i < kClaims; ++i) all.push_back(claim(i, absl::StrCat(i % 1000)));
  Ledger ledger = World();
  ledger.Commit(std::move(all));
  Followed claims(std::move(ledger));
  // Every thousandth goes; every thousandth and first has another figure, in a row at the end.
  std::vector<log::Change> some;
  for (int i = 0; i < kClaims; i += 1000) {
    some.push_back(claim(i, "0"));
    some.back().kind = log::ChangeKind::kDelete;
    some.push_back(claim(i + 1, "1000000"));
  }
  claims.Commit(std::move(some));
  const auto before = claims.At(0);
  const auto after = claims.At(1);
  ASSERT_EQ(before->flat_rows(), 70'000u);
  ASSERT_EQ(after->flat_rows(), 70'070u);
  ASSERT_GT(after->flat_rows(), kBlockRows);
  EXPECT_EQ(claims.table().ends(), 140u);
  for (const size_t block : {0, 1}) {
    EXPECT_EQ(before->ended_flat(block), nullptr);
    EXPECT_NE(after->ended_flat(block), nullptr);
  }
  EXPECT_THAT(claims.Rows(0, kAll), ElementsAre(": USD 34965000 of [34965000, 34965000], 70000"));
  // 0 was deleted 70 times, and 1 became 1,000,000.
  EXPECT_THAT(claims.Rows(1, kAll),
              ElementsAre(": USD 104964930 of [104964930, 104964930], 69930"));
  EXPECT_THAT(claims.Rows(1, "filter: 'claim = \"claims/c069000\"'"), ElementsAre(": "));
  EXPECT_THAT(claims.Rows(0, "filter: 'claim = \"claims/c069000\"'"),
              ElementsAre(": USD 0 of [0, 0], 1"));
  EXPECT_THAT(claims.Rows(1, "filter: 'claim = \"claims/c069001\"'"),
              ElementsAre(": USD 1000000 of [1000000, 1000000], 1"));
  // Codes of one, two and four bytes: of the last, more than two can say.
  EXPECT_EQ(claims.Rows(1, kByPlace).size(), 300u);
  EXPECT_EQ(claims.Rows(0, kByPlace).size(), 300u);
  const std::string by_claim = "group_by { field: 'claim' } order_by: 'stated desc, claim' top: 2 ";
  EXPECT_THAT(claims.Rows(1, by_claim),
              ElementsAre("claims/c000001: USD 1000000 of [1000000, 1000000], 1",
                          "claims/c001001: USD 1000000 of [1000000, 1000000], 1",
                          "ANY: USD 102964930 of [102964930, 102964930], 69928"));
  EXPECT_THAT(claims.Rows(0, by_claim),
              ElementsAre("claims/c000999: USD 999 of [999, 999], 1",
                          "claims/c001999: USD 999 of [999, 999], 1",
                          "ANY: USD 34963002 of [34963002, 34963002], 69998"));
  const auto column = after->Base("claim");
  EXPECT_EQ(column->flat.block(0).width, 4);
  EXPECT_EQ(column->values[column->CodeOf(FlatAtom(70'001))].members[0], "claims/c001001");
}

}  // namespace
}  // namespace entente::funding::query
