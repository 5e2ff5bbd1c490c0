// SPDX-License-Identifier: Apache-2.0
//
// What queries answer: the order of rows, the first of them, measures, comparisons.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding::query {
namespace {

using test::HasMetadata;
using test::HasReason;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kByClaim[] = "group_by { field: 'claim' } ";
constexpr char kByInitiative[] = "group_by { field: 'initiative' } ";

// The ids of the claims or initiatives that the rows are of, in their order.
std::string OrderOf(const Ledger& ledger, const std::string& request) {
  std::vector<std::string> ids;
  const auto answer = Ask(ledger, request);
  for (const auto& row : answer.rows()) {
    const std::string& value = row.values(0).value();
    ids.push_back(value.empty() ? "-" : value.substr(value.find('/') + 1));
  }
  return absl::StrJoin(ids, " ");
}

TEST(QueryOrderTest, RowsAreOrderedByEachKey) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("5", "UP_TO") + For("a")},
                    {"b", Amount("3", "AT_LEAST") + For("b")},
                    {"c", Amount("4") + For("c")},
                    {"d1", Amount("1") + For("d")},
                    {"d2", Amount("2") + For("d")},
                    {"e", For("e")},
                    {"f", Amount("9") + Yearly() + For("f")}});
  const auto order = [&](const std::string& by) {
    return OrderOf(ledger, std::string(kByInitiative) + "order_by: '" + by + "'");
  };
  EXPECT_EQ(order(""), "a b c d e f");
  EXPECT_EQ(order("initiative desc"), "f e d c b a");
  // What has no number (e is not stated, and a rate such as f has no total) comes before what has
  // one; ties by the values.
  EXPECT_EQ(order("stated"), "e f b d c a");
  EXPECT_EQ(order("stated desc"), "a c b d e f");
  EXPECT_EQ(order("low"), "e f a b d c");
  EXPECT_EQ(order("low desc"), "c b d a e f");
  EXPECT_EQ(order("high"), "e f d c a b");
  EXPECT_EQ(order("high desc"), "b a c d e f");
  EXPECT_EQ(order("claims desc"), "d a b c e f");
  EXPECT_EQ(order("claims desc, initiative desc"), "d f e c b a");
  EXPECT_EQ(order("claims asc , stated desc"), "a c b e f d");
}

TEST(QueryOrderTest, WhatIsUnboundedIsMoreThanAnyNumberAndThanNone) {
  // Many of each, so that an order that contradicts itself would show.
  Ledger ledger;
  std::vector<std::pair<std::string, std::string>> claims;
  for (int i = 10; i < 40; ++i) {
    claims.emplace_back(absl::StrCat("u", i), Amount("1", "AT_LEAST"));
    claims.emplace_back(absl::StrCat("n", i), Amount(absl::StrCat(i)));
    claims.emplace_back(absl::StrCat("r", i), Amount("1") + Yearly());
  }
  ledger.PutClaims(claims);
  const auto answer = Ask(ledger, std::string(kByClaim) + "order_by: 'high'");
  std::string initials;
  for (const auto& row : answer.rows()) initials += row.values(0).value()[7];
  EXPECT_EQ(initials, std::string(30, 'r') + std::string(30, 'n') + std::string(30, 'u'));
}

TEST(QueryOrderTest, KindsOfValuesHaveTheirPlaces) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("1") + Places({{"thailand", "50"}}) + Stage("DISBURSED"));
  ledger.PutClaim("b", Amount("1") + Places({{"asean", ""}}) + Stage("REQUESTED"));
  ledger.PutClaim("c", Amount("1") + Stage("NOT_STATED"));
  EXPECT_EQ(OrderOf(ledger, "mix: MONEY_KIND_STAGE group_by { field: 'countries' }"),
            "thailand asean - -");
  EXPECT_EQ(OrderOf(ledger, "group_by { field: 'stage' }"),
            "CLAIM_STAGE_REQUESTED CLAIM_STAGE_DISBURSED CLAIM_STAGE_NOT_STATED");
}

TEST(QueryOrderTest, MoneyOfSeveralCurrenciesHasNoOrder) {
  Ledger ledger;
  ledger.PutClaim("a", In("EUR", "1") + On("2023-09-01"));
  ledger.PutClaim("b", In("USD", "2"));
  const std::string by_stated = std::string(kByClaim) + "order_by: 'stated' ";
  for (const char* order : {"stated", "low desc", "claims, high"}) {
    EXPECT_THAT(ledger.Query(std::string(kByClaim) + "order_by: '" + order + "'"),
                AllOf(HasReason("MIXED_CURRENCIES"), HasMetadata("currencies", "EUR,USD")))
        << order;
  }
  EXPECT_EQ(OrderOf(ledger, std::string(kByClaim) + "order_by: 'claim desc'"), "b a");
  EXPECT_EQ(OrderOf(ledger, by_stated + "filter: 'currency_code = EUR'"), "a");
  // Converted there is one: what cannot be has no number in it.
  EXPECT_EQ(OrderOf(ledger, by_stated + "convert_to: 'USD'"), "a b");
  ledger.PutRates(rates::MakeSeries("r", rates::kDaily, "EUR", "USD", {{"2023-09-01", "2.5"}}));
  EXPECT_EQ(OrderOf(ledger, by_stated + "convert_to: 'USD'"), "b a");
}

TEST(QueryOrderTest, TheFirstRowsAndTheRest) {
  Ledger ledger;
  ledger.PutClaims({{"aid", Amount("600", "NEARLY")},
                    {"a", Amount("100", "AT_LEAST") + PartOf("aid")},
                    {"b", Amount("50", "AT_LEAST") + PartOf("aid")},
                    {"c", Amount("7")}});
  const std::string by_stated = std::string(kByClaim) + "order_by: 'stated desc' ";
  EXPECT_THAT(
      Rows(ledger, by_stated),
      ElementsAre("claims/aid: USD 450 of [0, 450), 1", "claims/a: USD 100 of [100, 550), 1",
                  "claims/b: USD 50 of [50, 500), 1", "claims/c: USD 7 of [7, 7], 1"));
  // The bounds of the rest are those of its money together: a and b cannot both be at their
  // highest.
  const auto answer = Ask(ledger, by_stated + "top: 1");
  EXPECT_THAT(ShowAll(answer.rows()),
              ElementsAre("claims/aid: USD 450 of [0, 450), 1", "ANY: USD 157 of [157, 607), 2"));
  EXPECT_EQ(answer.rows(0).kind(), v1::FUNDING_ROW_KIND_GROUP);
  EXPECT_EQ(answer.rows(1).kind(), v1::FUNDING_ROW_KIND_REST);
  EXPECT_EQ(answer.rows(1).claims(), 2);
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 607 of [157, 607), 2"));
  EXPECT_THAT(Rows(ledger, by_stated + "top: 4"), testing::SizeIs(4));
  EXPECT_THAT(Rows(ledger, "top: 1"), ElementsAre(": USD 607 of [157, 607), 2"));
}

TEST(QueryOrderTest, ThereIsARestForEachKind) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("8") + Stage("REQUESTED")},
                    {"b", Amount("4") + Stage("REQUESTED")},
                    {"c", Amount("2") + Stage("DISBURSED")},
                    {"d", Amount("1") + Stage("DISBURSED")}});
  EXPECT_THAT(Rows(ledger, std::string(kByClaim) +
                               "group_by { field: 'stage' } order_by: 'stated desc' top: 1"),
              ElementsAre("claims/a | CLAIM_STAGE_REQUESTED: USD 8 of [8, 8], 1",
                          "ANY | CLAIM_STAGE_REQUESTED: USD 4 of [4, 4], 1",
                          "ANY | CLAIM_STAGE_DISBURSED: USD 3 of [3, 3], 2"));
}

TEST(QueryOrderTest, WhatTheRestLeavesOutIsToldThere) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("8")}, {"b", ""}, {"c", ""}});
  const auto answer = Ask(ledger, std::string(kByClaim) + "top: 1");
  EXPECT_THAT(ShowAll(answer.rows(1).left_out()), ElementsAre("NOT_STATED: claims/b, claims/c"));
}

TEST(QueryOrderTest, MeasuresAreOfExactAmounts) {
  Ledger ledger;
  ledger.PutClaims({{"aid", Amount("600")},
                    {"a", Amount("100") + PartOf("aid")},
                    {"b", Amount("50", "AT_LEAST") + PartOf("aid")},
                    {"c", Amount("7")},
                    {"d", Amount("0.01")},
                    {"e", Amount("-3")},
                    {"f", ""},
                    {"g", Amount("1000", "UP_TO")},
                    {"roads", Amount("30")},
                    {"road", Amount("10") + PartOf("roads")}});
  const std::string all =
      "measures: MEASURE_MIN measures: MEASURE_MAX measures: MEASURE_MEAN measures: "
      "MEASURE_SHARE ";
  const auto total = Ask(ledger, all).totals(0).sums(0);
  // Of a, c, d, e, the road and what the roads leave: 134.01 over 6.
  EXPECT_EQ(total.exact_amounts(), 6);
  EXPECT_EQ(total.min(), "-3");
  EXPECT_EQ(total.max(), "100");
  EXPECT_EQ(total.mean(), "22.34");  // 22.335
  EXPECT_EQ(total.share_percent(), "100");
  const auto by_claim = Ask(ledger, kByClaim + all);
  EXPECT_EQ(by_claim.rows(0).sums(0).share_percent(), "6.1199");  // 100 of 1634.01
  const auto& up_to = by_claim.rows(7).sums(0);
  EXPECT_EQ(up_to.exact_amounts(), 0);
  EXPECT_EQ(up_to.min() + up_to.max() + up_to.mean(), "");
  // Only what is asked for.
  const auto min = Ask(ledger, "measures: MEASURE_MIN").totals(0).sums(0);
  EXPECT_EQ(min.min(), "-3");
  EXPECT_EQ(min.max() + min.mean() + min.share_percent(), "");
  EXPECT_EQ(Ask(ledger, "").totals(0).sums(0).exact_amounts(), 0);
}

TEST(QueryOrderTest, SharesAreOfTheTotalOfTheSameKindAndCurrency) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("1") + Stage("REQUESTED")},
                    {"b", Amount("2") + Stage("REQUESTED")},
                    {"c", Amount("4") + Stage("DISBURSED")},
                    {"d", In("EUR", "5") + Stage("DISBURSED")},
                    {"e", Amount("0") + Stage("PLEDGED")}});
  std::vector<std::string> shares;
  const auto answer =
      Ask(ledger, std::string(kByClaim) + "group_by { field: 'stage' } measures: MEASURE_SHARE");
  for (const auto& row : answer.rows()) {
    shares.push_back(row.sums(0).share_percent());
  }
  EXPECT_THAT(shares, ElementsAre("33.3333", "66.6667", "100", "100", ""));
}

TEST(QueryOrderTest, RatesHaveMeasuresOfAllTheirPeriods) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("10") + Yearly()}, {"b", Amount("40")}});
  const auto sum = Ask(ledger, "measures: MEASURE_MIN measures: MEASURE_MAX horizon: '2024/2026'")
                       .totals(0)
                       .sums(0);
  EXPECT_EQ(sum.min(), "30");
  EXPECT_EQ(sum.max(), "40");
}

TEST(QueryOrderTest, TwoFiltersAreCompared) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("10", "AT_LEAST") + For("health") + On("2022")},
                    {"b", Amount("4") + For("health") + On("2023")},
                    {"c", Amount("2") + For("trade") + On("2023")},
                    {"d", Amount("1", "NEARLY") + For("schools") + On("2022")},
                    {"e", In("EUR", "3") + For("schools") + On("2022")}});
  const auto answer =
      Ask(ledger, std::string(kByInitiative) +
                      "filter: 'certainly(value_date, \"2023\")' measures: MEASURE_SHARE "
                      "compare_with { filter: 'certainly(value_date, \"2022\")' }");
  const auto& rows = answer.rows();
  EXPECT_THAT(ShowAll(rows),
              ElementsAre("initiatives/health: USD 4 of [4, 4], 1",
                          "initiatives/schools: ", "initiatives/trade: USD 2 of [2, 2], 1"));
  EXPECT_THAT(ShowAll(rows[0].compared()), ElementsAre("USD 10 of [10, inf), 1"));
  EXPECT_THAT(ShowAll(rows[0].changes()), ElementsAre("USD -6 of (-inf, -6]"));
  EXPECT_THAT(ShowAll(rows[1].compared()), ElementsAre("EUR 3 of [3, 3], 1", "USD 1 of [0, 1), 1"));
  EXPECT_THAT(ShowAll(rows[1].changes()), ElementsAre("EUR -3 of [-3, -3]", "USD -1 of (-1, 0]"));
  EXPECT_THAT(rows[2].compared(), IsEmpty());
  EXPECT_THAT(ShowAll(rows[2].changes()), ElementsAre("USD 2 of [2, 2]"));
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 6 of [6, 6], 2"));
  EXPECT_THAT(ShowAll(answer.totals(0).compared()),
              ElementsAre("EUR 3 of [3, 3], 1", "USD 11 of [10, inf), 2"));
  // Each side's shares are of its own total.
  EXPECT_EQ(rows[0].sums(0).share_percent(), "66.6667");
  EXPECT_EQ(rows[0].compared(0).share_percent(), "90.9091");
}

TEST(QueryOrderTest, TwoRevisionsAreCompared) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("10") + For("health"));
  ledger.PutClaim("b", Amount("4") + For("trade"));
  const Sources then = ledger.Now();
  ledger.PutClaim("a", Amount("12") + For("health"));
  ledger.DeleteClaim("b");
  ledger.PutClaim("c", Amount("1") + For("schools"));
  const auto answer =
      ledger.Query(FromText<v1::QueryFundingRequest>(
                       std::string(kByInitiative) +
                       "order_by: 'stated desc' top: 1 compare_with { revision: 2 }"),
                   &then);
  ASSERT_THAT(answer, test::IsOk());
  EXPECT_THAT(ShowAll(answer->rows()),
              ElementsAre("initiatives/health: USD 12 of [12, 12], 1", "ANY: USD 1 of [1, 1], 1"));
  EXPECT_THAT(ShowAll(answer->rows(0).changes()), ElementsAre("USD 2 of [2, 2]"));
  EXPECT_THAT(ShowAll(answer->rows(1).compared()), ElementsAre("USD 4 of [4, 4], 1"));
  EXPECT_THAT(ShowAll(answer->rows(1).changes()), ElementsAre("USD -3 of [-3, -3]"));
  EXPECT_THAT(ShowAll(answer->totals(0).changes()), ElementsAre("USD -1 of [-1, -1]"));
}

TEST(QueryOrderTest, ComparedTotalsAreByKindWhereThatIsGroupedBy) {
  Ledger ledger;
  ledger.PutClaims({{"a", Amount("8") + Stage("REQUESTED") + On("2022")},
                    {"b", Amount("4") + Stage("DISBURSED") + On("2023")}});
  const auto answer = Ask(ledger,
                          "group_by { field: 'stage' } filter: 'certainly(value_date, \"2023\")' "
                          "compare_with { filter: 'certainly(value_date, \"2022\")' }");
  EXPECT_THAT(ShowAll(answer.totals()),
              ElementsAre("CLAIM_STAGE_REQUESTED: ", "CLAIM_STAGE_DISBURSED: USD 4 of [4, 4], 1"));
  EXPECT_THAT(ShowAll(answer.totals(0).changes()), ElementsAre("USD -8 of [-8, -8]"));
  EXPECT_THAT(ShowAll(answer.totals(1).changes()), ElementsAre("USD 4 of [4, 4]"));
  // Where one side has nothing at all, there is no row for that nothing.
  EXPECT_THAT(Totals(ledger,
                     "group_by { field: 'stage' } filter: 'claim = \"claims/x\"' "
                     "compare_with { filter: 'claim = \"claims/a\"' }"),
              ElementsAre("CLAIM_STAGE_REQUESTED: "));
  EXPECT_THAT(Totals(ledger,
                     "group_by { field: 'stage' } filter: 'claim = \"claims/a\"' "
                     "compare_with { filter: 'claim = \"claims/x\"' }"),
              ElementsAre("CLAIM_STAGE_REQUESTED: USD 8 of [8, 8], 1"));
}

TEST(QueryOrderTest, ComparisonsConvertBothSides) {
  Ledger ledger;
  ledger.PutRates(rates::MakeSeries("r", rates::kDaily, "EUR", "USD",
                                    {{"2022-09-01", "2"}, {"2023-09-01", "3"}}));
  ledger.PutClaims(
      {{"a", In("EUR", "10") + On("2022-09-01")}, {"b", In("EUR", "10") + On("2023-09-01")}});
  const auto answer =
      Ask(ledger,
          "convert_to: 'USD' filter: 'certainly(value_date, \"2023\")' compare_with { "
          "filter: 'certainly(value_date, \"2022\")' }");
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 30 of [30, 30], 1"));
  EXPECT_THAT(ShowAll(answer.totals(0).compared()), ElementsAre("USD 20 of [20, 20], 1"));
  EXPECT_THAT(ShowAll(answer.totals(0).compared(0).rates()),
              ElementsAre("EUR to USD of 2022-09-01, 0 days old"));
  EXPECT_THAT(ShowAll(answer.totals(0).changes()), ElementsAre("USD 10 of [10, 10]"));
}

}  // namespace
}  // namespace entente::funding::query
