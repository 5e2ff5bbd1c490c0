// SPDX-License-Identifier: Apache-2.0
//
// What queries answer about time: buckets of dates, sums that grow over them, figures that come
// back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string By(const std::string& unit, const std::string& fiscal_year = "") {
  return "group_by { field: 'value_date' unit: PERIOD_UNIT_" + unit + " fiscal_year: '" +
         fiscal_year + "' } ";
}

class QueryPeriodsTest : public testing::Test {
 protected:
  // Amounts by their dates, empty for none: claims/c0, claims/c1 and so on.
  void Put(const std::vector<std::pair<std::string, std::string>>& amounts) {
    int i = 0;
    for (const auto& [edtf, amount] : amounts) {
      ledger_.PutClaim(absl::StrCat("c", i++), Amount(amount) + (edtf.empty() ? "" : On(edtf)));
    }
  }

  Ledger ledger_ = World();
};

TEST_F(QueryPeriodsTest, EveryUnit) {
  Put({{"2023-09-30", "1"}, {"2023-10-01", "2"}, {"2023-10-02", "4"}});
  EXPECT_THAT(Rows(ledger_, By("DAY")),
              ElementsAre("2023-09-30: USD 1 of [1, 1], 1", "2023-10-01: USD 2 of [2, 2], 1",
                          "2023-10-02: USD 4 of [4, 4], 1"));
  EXPECT_THAT(Rows(ledger_, By("MONTH")),
              ElementsAre("2023-09: USD 1 of [1, 1], 1", "2023-10: USD 6 of [6, 6], 2"));
  EXPECT_THAT(Rows(ledger_, By("QUARTER")),
              ElementsAre("2023-Q3: USD 1 of [1, 1], 1", "2023-Q4: USD 6 of [6, 6], 2"));
  EXPECT_THAT(Rows(ledger_, By("YEAR")), ElementsAre("2023: USD 7 of [7, 7], 3"));
  for (const char* fiscal_year : {"US", "--10-01"}) {
    const auto rows = Ask(ledger_, By("FISCAL_YEAR", fiscal_year)).rows();
    EXPECT_THAT(ShowAll(rows),
                ElementsAre("FY2023: USD 1 of [1, 1], 1", "FY2024: USD 6 of [6, 6], 2"));
    EXPECT_EQ(rows[1].values(0).earliest(), "2023-10-01");
    EXPECT_EQ(rows[1].values(0).latest(), "2024-09-30");
  }
}

TEST_F(QueryPeriodsTest, NothingIsSpreadOverTime) {
  Put({{"2023-01", "1"},
       {"2023-01-15", "2"},
       {"2023", "4"},
       {"2022-12/2023-01", "8"},
       {"2023-01?", "16"},
       {"[..2023-01-07]", "32"},
       {"", "64"}});
  const auto rows = Ask(ledger_, By("MONTH")).rows();
  EXPECT_THAT(
      ShowAll(rows),
      ElementsAre("2023-01: USD 19 of [19, 19], 3", "wider: [..2023-01-07]: USD 32 of [32, 32], 1",
                  "wider: 2022-12/2023-01: USD 8 of [8, 8], 1", "wider: 2023: USD 4 of [4, 4], 1",
                  "NOT_STATED: USD 64 of [64, 64], 1"));
  EXPECT_EQ(rows[1].values(0).earliest(), "");
  EXPECT_EQ(rows[1].values(0).latest(), "2023-01-07");
  EXPECT_EQ(rows[2].values(0).earliest(), "2022-12-01");
  EXPECT_THAT(Rows(ledger_, By("YEAR")), ElementsAre("2023: USD 23 of [23, 23], 4",
                                                     "wider: [..2023-01-07]: USD 32 of [32, 32], 1",
                                                     "wider: 2022-12/2023-01: USD 8 of [8, 8], 1",
                                                     "NOT_STATED: USD 64 of [64, 64], 1"));
}

TEST_F(QueryPeriodsTest, TheTimeThatMoneyCoversIsAnotherDimension) {
  ledger_.PutClaim("a", Amount("1") + On("2023-05-01") + "period { edtf: '2024' }");
  ledger_.PutClaim("b", Amount("2") + On("2023-05-02") + "period { edtf: '2024/2026' }");
  EXPECT_THAT(Rows(ledger_, "group_by { field: 'period' unit: PERIOD_UNIT_YEAR }" + By("YEAR")),
              ElementsAre("2024 | 2023: USD 1 of [1, 1], 1",
                          "wider: 2024/2026 | 2023: USD 2 of [2, 2], 1"));
  EXPECT_THAT(Rows(ledger_, By("YEAR") + By("DAY")),
              ElementsAre("2023 | 2023-05-01: USD 1 of [1, 1], 1",
                          "2023 | 2023-05-02: USD 2 of [2, 2], 1"));
}

TEST_F(QueryPeriodsTest, CumulativeRowsHaveInThemAllUntilTheirEnd) {
  Put({{"2023-01", "1"}, {"2023-01-20", "2"}, {"2023-03", "4"}, {"2023-06-30", "8"}});
  EXPECT_THAT(Rows(ledger_, By("MONTH") + "cumulative: true"),
              ElementsAre("2023-01: USD 3 of [3, 3], 2", "2023-03: USD 7 of [7, 7], 3",
                          "2023-06: USD 15 of [15, 15], 4"));
  EXPECT_THAT(Totals(ledger_, By("MONTH") + "cumulative: true"),
              ElementsAre("ANY: USD 15 of [15, 15], 4"));
}

TEST_F(QueryPeriodsTest, CumulativeRowsCountADateFromItsLatestDayOn) {
  Put({{"2023-01", "1"},
       {"2023", "2"},        // until the end of the year
       {"2024-01-31", "4"},  // the last bucket
       {"2024", "8"},        // ends after it
       {"[2023-01-05..]", "16"},
       {"", "32"}});
  EXPECT_THAT(Rows(ledger_, By("MONTH") + "cumulative: true"),
              ElementsAre("2023-01: USD 1 of [1, 1], 1", "2024-01: USD 7 of [7, 7], 3",
                          "wider: [2023-01-05..]: USD 16 of [16, 16], 1",
                          "wider: 2024: USD 8 of [8, 8], 1", "NOT_STATED: USD 32 of [32, 32], 1"));
}

TEST_F(QueryPeriodsTest, CumulativeBoundsAreThoseOfTheTree) {
  ledger_.PutClaims({{"aid", Amount("600", "NEARLY") + On("2023-12-01")},
                     {"a", Amount("100", "AT_LEAST") + PartOf("aid") + On("2023-01-01")},
                     {"b", PartOf("aid") + On("2023-02-01")}});
  EXPECT_THAT(Rows(ledger_, By("MONTH")), ElementsAre("2023-01: USD 100 of [100, 600), 1",
                                                      "2023-02: USD 0 of [0, 500), 1, 1 not stated",
                                                      "2023-12: USD 500 of [0, 500), 1"));
  EXPECT_THAT(Rows(ledger_, By("MONTH") + "cumulative: true"),
              ElementsAre("2023-01: USD 100 of [100, 600), 1",
                          "2023-02: USD 100 of [100, 600), 1, 1 not stated",
                          "2023-12: USD 600 of [100, 600), 1"));
}

TEST_F(QueryPeriodsTest, CumulativeSeriesAreOfTheOtherDimensionsEach) {
  ledger_.PutClaim("a", Amount("1") + On("2023-01") + For("health"));
  ledger_.PutClaim("b", Amount("2") + On("2023-02") + For("trade"));
  ledger_.PutClaim("c", Amount("4") + On("2023-03") + For("health"));
  EXPECT_THAT(Rows(ledger_, "group_by { field: 'initiative' } " + By("MONTH") + "cumulative: true"),
              ElementsAre("initiatives/health | 2023-01: USD 1 of [1, 1], 1",
                          "initiatives/health | 2023-03: USD 5 of [5, 5], 2",
                          "initiatives/trade | 2023-02: USD 2 of [2, 2], 1"));
}

TEST_F(QueryPeriodsTest, CumulativeRowsCompareWithAllUntilTheSameEnd) {
  ledger_.PutClaim("a", Amount("10") + On("2023-01") + For("health"));
  ledger_.PutClaim("b", Amount("5") + On("2023-03") + For("health"));
  ledger_.PutClaim("c", Amount("7") + On("2023-02") + For("trade"));
  const auto rows = Ask(ledger_, By("MONTH") +
                                     "cumulative: true filter: 'initiative = "
                                     "\"initiatives/health\"' compare_with { filter: 'initiative "
                                     "= (\"initiatives/health\" OR \"initiatives/trade\")' }")
                        .rows();
  EXPECT_THAT(ShowAll(rows),
              ElementsAre("2023-01: USD 10 of [10, 10], 1", "2023-02: USD 10 of [10, 10], 1",
                          "2023-03: USD 15 of [15, 15], 2"));
  ASSERT_EQ(rows.size(), 3);
  EXPECT_THAT(ShowAll(rows[1].compared()), ElementsAre("USD 17 of [17, 17], 2"));
  EXPECT_THAT(ShowAll(rows[1].changes()), ElementsAre("USD -7 of [-7, -7]"));
  EXPECT_THAT(ShowAll(rows[2].changes()), ElementsAre("USD -7 of [-7, -7]"));
}

TEST_F(QueryPeriodsTest, FiguresThatComeBackStandBesideTheTotals) {
  ledger_.PutClaim("a", Amount("100"));
  ledger_.PutClaim("b", Amount("7", "MORE_THAN") + Yearly());
  ledger_.PutClaim("c", Amount("3") + Yearly());
  ledger_.PutClaim("d", Amount("2") + "recurrence { every: 3 unit: RECURRENCE_UNIT_MONTH }");
  const std::string rates =
      "USD 10 of (10, inf), 2, every 1 YEAR; USD 2 of [2, 2], 1, every 3 MONTH";
  EXPECT_THAT(Totals(ledger_, ""), ElementsAre(": USD 100 of [100, 100], 1; " + rates));
  EXPECT_THAT(LeftOut(ledger_, ""), ElementsAre("NO_HORIZON: claims/b, claims/c, claims/d"));
  EXPECT_THAT(Rows(ledger_, "group_by { field: 'recurring' }"),
              ElementsAre("false: USD 100 of [100, 100], 1", "true: " + rates));
}

TEST_F(QueryPeriodsTest, AHorizonMakesTotalsOfThem) {
  ledger_.PutClaim("a", Amount("100"));
  ledger_.PutClaim("b", Amount("7", "MORE_THAN") + Yearly());
  ledger_.PutClaim("c", Amount("3") + Yearly("2025-07/.."));
  ledger_.PutClaim("d",
                   Amount("1", "UP_TO") + "recurrence { every: 5 unit: RECURRENCE_UNIT_MONTH }");
  // 5 years; 2 whole ones from July 2025 on, of which half a year is left; 12 times 5 months.
  EXPECT_THAT(Totals(ledger_, "horizon: '2024/2028'"), ElementsAre(": USD 156 of (144, inf), 4"));
  EXPECT_THAT(LeftOut(ledger_, "horizon: '2024/2028'"), IsEmpty());
  EXPECT_THAT(Totals(ledger_, "horizon: '2024-01/2024-06'"),
              ElementsAre(": USD 101 of [100, 101], 2"));
  EXPECT_THAT(LeftOut(ledger_, "horizon: '2024-01/2024-06'"),
              ElementsAre("OUTSIDE_HORIZON: claims/b, claims/c"));
}

TEST_F(QueryPeriodsTest, WhatAClaimCoversSaysForHowLongItComesBack) {
  ledger_.PutClaim("a", Amount("10") + Yearly() + "period { edtf: '2024/2025' }");
  ledger_.PutClaim("b", Amount("1") + Yearly("2026/2027") + "period { edtf: '2024' }");
  EXPECT_THAT(Totals(ledger_, "horizon: '2024/2028'"), ElementsAre(": USD 22 of [22, 22], 2"));
}

TEST_F(QueryPeriodsTest, TreesOfRatesAreMultipliedWhole) {
  ledger_.PutClaims({{"aid", Amount("600", "NEARLY") + Yearly()},
                     {"health", Amount("100") + PartOf("aid") + Yearly() + For("health")}});
  EXPECT_THAT(Rows(ledger_, "group_by { field: 'initiative' }"),
              ElementsAre("initiatives/health: USD 100 of [100, 100], 1, every 1 YEAR",
                          "NOT_STATED: USD 500 of [0, 500), 1, every 1 YEAR"));
  EXPECT_THAT(Rows(ledger_, "group_by { field: 'initiative' } horizon: '2024/2026'"),
              ElementsAre("initiatives/health: USD 300 of [300, 300], 1",
                          "NOT_STATED: USD 1500 of [0, 1500), 1"));
}

TEST_F(QueryPeriodsTest, ARateWithoutAFigureIsNotStated) {
  ledger_.PutClaim("a", Yearly());
  EXPECT_THAT(Totals(ledger_, ""), ElementsAre(": USD unknown, 1 not stated, every 1 YEAR"));
  EXPECT_THAT(LeftOut(ledger_, ""), ElementsAre("NOT_STATED: claims/a"));
  EXPECT_THAT(Totals(ledger_, "horizon: '2024'"), ElementsAre(": USD unknown, 1 not stated"));
}

}  // namespace
}  // namespace entente::funding::query
