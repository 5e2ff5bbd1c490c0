// SPDX-License-Identifier: Apache-2.0
//
// What queries answer in a currency that they name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding::query {
namespace {

using rates::kAnnual;
using rates::kDaily;
using testing::ElementsAre;
using testing::IsEmpty;

class QueryConversionTest : public testing::Test {
 protected:
  void PutRates(const std::string& id, v1::RateKind kind, const std::string& base,
                const std::string& quote, const rates::DatesAndValues& values) {
    ledger_.PutRates(rates::MakeSeries(id, kind, base, quote, values));
  }
  void PutEcb() {
    PutRates("eur-usd", kDaily, "EUR", "USD", {{"2023-08-31", "1.1"}, {"2023-09-01", "1.2"}});
    PutRates("eur-thb", kDaily, "EUR", "THB", {{"2023-09-01", "36"}});
  }

  Ledger ledger_ = World();
};

constexpr char kToUsd[] = "convert_to: 'USD' ";

TEST_F(QueryConversionTest, AtTheRateOfTheDayOrTheLastBeforeIt) {
  PutEcb();
  ledger_.PutClaim("a", In("EUR", "10") + On("2023-08-31"));
  ledger_.PutClaim("b", In("EUR", "10") + On("2023-09-01"));
  ledger_.PutClaim("c", In("EUR", "10") + On("2023-09-03"));
  const auto answer = Ask(ledger_, std::string(kToUsd) + "group_by { field: 'claim' }");
  EXPECT_THAT(ShowAll(answer.rows()),
              ElementsAre("claims/a: USD 11 of [11, 11], 1", "claims/b: USD 12 of [12, 12], 1",
                          "claims/c: USD 12 of [12, 12], 1"));
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 35 of [35, 35], 3"));
  EXPECT_THAT(
      ShowAll(answer.totals(0).sums(0).rates()),
      ElementsAre("EUR to USD of 2023-08-31, 0 days old", "EUR to USD of 2023-09-01, 0 days old",
                  "EUR to USD of 2023-09-01, 2 days old"));
  EXPECT_THAT(answer.rows(2).sums(0).rates(0), test::EqualsProto(R"pb(
                from: "EUR"
                to: "USD"
                value_date: "2023-09-03"
                rate_date: "2023-09-01"
                age_days: 2
                published {
                  series: "rateSeries/eur-usd"
                  source: "Source: eur-usd"
                  kind: RATE_KIND_DAILY_REFERENCE
                  base: "EUR"
                  quote: "USD"
                  value: "1.2"
                }
              )pb"));
}

TEST_F(QueryConversionTest, WhatCannotBeConvertedStaysInItsCurrency) {
  PutEcb();
  ledger_.PutClaim("ancient", In("EUR", "1") + On("2023-08-30"));
  ledger_.PutClaim("late", In("EUR", "2") + On("2023-09-09"));
  ledger_.PutClaim("nodate", In("EUR", "4"));
  ledger_.PutClaim("other", In("LAK", "8000") + On("2023-09-01"));
  ledger_.PutClaim("wide", Amount("16", "AT_LEAST", "EUR") + On("2022/2023"));
  ledger_.PutClaim("year", In("EUR", "32") + On("2023-08"));
  const auto answer = Ask(ledger_, kToUsd);
  EXPECT_THAT(ShowAll(answer.totals()),
              ElementsAre(": USD 35.2 of [35.2, 35.2], 1; EUR 23 of [23, inf), 4; LAK 8000 of "
                          "[8000, 8000], 1"));
  EXPECT_THAT(ShowAll(answer.totals(0).left_out()),
              ElementsAre("NO_DATE: claims/nodate", "DATE_TOO_WIDE: claims/wide",
                          "NO_RATE: claims/ancient, claims/late, claims/other"));
  EXPECT_EQ(answer.totals(0).claims(), 6);
  // As old as is asked for.
  EXPECT_THAT(LeftOut(ledger_, std::string(kToUsd) + "max_rate_age_days: 8"),
              ElementsAre("NO_DATE: claims/nodate", "DATE_TOO_WIDE: claims/wide",
                          "NO_RATE: claims/ancient, claims/other"));
  EXPECT_THAT(LeftOut(ledger_, ""), IsEmpty());
}

TEST_F(QueryConversionTest, AnImpreciseDateCountsFromItsLatestDay) {
  PutRates("eur-usd", kDaily, "EUR", "USD", {{"2023-12-29", "2"}, {"2023-06-30", "3"}});
  ledger_.PutClaim("a", In("EUR", "1") + On("2023"));
  ledger_.PutClaim("b", In("EUR", "1") + On("2023-06?"));
  ledger_.PutClaim("c", In("EUR", "1") + On("2022-07-01/2023-06-30"));
  ledger_.PutClaim("d", In("EUR", "1") + On("2022-06-30/2023-06-30"));
  ledger_.PutClaim("e", In("EUR", "1") + On("[..2023-06-30]"));
  EXPECT_THAT(Totals(ledger_, kToUsd), ElementsAre(": USD 8 of [8, 8], 3; EUR 2 of [2, 2], 2"));
  EXPECT_THAT(LeftOut(ledger_, kToUsd), ElementsAre("DATE_TOO_WIDE: claims/d, claims/e"));
}

TEST_F(QueryConversionTest, AnAnnualAverageServesItsOwnYearOnly) {
  PutRates("usd-vnd", kAnnual, "USD", "VND", {{"2022", "20000"}});
  ledger_.PutClaim("a", In("VND", "50000") + On("2022-03-01"));
  ledger_.PutClaim("b", In("VND", "50000") + On("2023-03-01"));
  const auto answer = Ask(ledger_, kToUsd);
  EXPECT_THAT(ShowAll(answer.totals()),
              ElementsAre(": USD 2.5 of [2.5, 2.5], 1; VND 50000 of [50000, 50000], 1"));
  const auto& rate = answer.totals(0).sums(0).rates(0);
  EXPECT_EQ(rate.rate_date(), "2022");
  EXPECT_EQ(rate.age_days(), 0);
  EXPECT_NE(rate.note(), "");
  EXPECT_TRUE(rate.published(0).divides());
}

TEST_F(QueryConversionTest, CrossRatesAreOfOneDay) {
  PutEcb();
  ledger_.PutClaim("a", In("THB", "300") + On("2023-09-01"));
  const auto answer = Ask(ledger_, kToUsd);
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 10 of [10, 10], 1"));
  EXPECT_EQ(answer.totals(0).sums(0).rates(0).published_size(), 2);
  ledger_.PutClaim("b", In("THB", "300") + On("2023-08-31"));
  EXPECT_THAT(LeftOut(ledger_, kToUsd), ElementsAre("NO_RATE: claims/b"));
}

TEST_F(QueryConversionTest, WhatIsInTheCurrencyAlreadyNeedsNoDate) {
  ledger_.PutClaim("a", Amount("1.005"));
  ledger_.PutClaim("b", Amount("2", "MORE_THAN"));
  const auto answer = Ask(ledger_, kToUsd);
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 3 of (3, inf), 2"));
  EXPECT_THAT(answer.totals(0).sums(0).rates(), IsEmpty());
  EXPECT_THAT(answer.totals(0).left_out(), IsEmpty());
}

TEST_F(QueryConversionTest, SumsAreRoundedOnceAndBoundsOutwards) {
  PutRates("eur-usd", kDaily, "EUR", "USD", {{"2023-09-01", "1.005"}});
  ledger_.PutClaims({{"a", Amount("1", "MORE_THAN", "EUR") + On("2023-09-01")},
                     {"b", Amount("1", "NEARLY", "EUR") + On("2023-09-01")},
                     {"c", In("EUR", "1") + On("2023-09-01")}});
  EXPECT_THAT(Rows(ledger_, std::string(kToUsd) + "group_by { field: 'claim' }"),
              ElementsAre("claims/a: USD 1 of (1, inf), 1", "claims/b: USD 1 of [0, 1.01), 1",
                          "claims/c: USD 1 of [1, 1.01], 1"));
  // 3.015: to the even cent; were it rounded first it would be 3.
  EXPECT_THAT(Totals(ledger_, kToUsd), ElementsAre(": USD 3.02 of (2.01, inf), 3"));
  PutRates("eur-jpy", kDaily, "EUR", "JPY", {{"2023-09-01", "150.25"}});
  EXPECT_THAT(Totals(ledger_, "convert_to: 'JPY'"), ElementsAre(": JPY 451 of (300, inf), 3"));
  PutRates("eur-bhd", kDaily, "EUR", "BHD", {{"2023-09-01", "0.4001"}});
  EXPECT_THAT(Totals(ledger_, "convert_to: 'BHD'"), ElementsAre(": BHD 1.2 of (0.8, inf), 3"));
}

TEST_F(QueryConversionTest, TreesAreSolvedInTheirCurrencyAndConvertedAtTheDateOfTheTop) {
  PutEcb();
  ledger_.PutClaims({{"aid", Amount("600", "NEARLY", "EUR") + On("2023-08-31")},
                     {"a", In("EUR", "100") + PartOf("aid") + On("2023-09-01")},
                     {"b", "amount { currency_code: 'EUR' } " + PartOf("aid")}});
  EXPECT_THAT(
      Rows(ledger_, std::string(kToUsd) + "group_by { field: 'claim' }"),
      ElementsAre("claims/a: USD 110 of [110, 110], 1", "claims/aid: USD 550 of [0, 550), 1",
                  "claims/b: USD 0 of [0, 550), 1, 1 not stated"));
}

TEST_F(QueryConversionTest, RatesThatComeBackAreConvertedLikeTotals) {
  PutEcb();
  ledger_.PutClaim("a", In("EUR", "10") + Yearly() + On("2023-09-01"));
  ledger_.PutClaim("b", In("EUR", "10") + Yearly());
  EXPECT_THAT(Totals(ledger_, kToUsd), ElementsAre(": USD 12 of [12, 12], 1, every 1 YEAR; EUR 10 "
                                                   "of [10, 10], 1, every 1 YEAR"));
  EXPECT_THAT(LeftOut(ledger_, kToUsd),
              ElementsAre("NO_HORIZON: claims/a, claims/b", "NO_DATE: claims/b"));
  EXPECT_THAT(Totals(ledger_, std::string(kToUsd) + "horizon: '2024/2025'"),
              ElementsAre(": USD 24 of [24, 24], 1; EUR 20 of [20, 20], 1"));
}

TEST_F(QueryConversionTest, SharesAreConvertedAfterTheyAreDivided) {
  PutEcb();
  ledger_.PutClaim(
      "a", In("THB", "0.01") + On("2023-09-01") + Places({{"laos", "50"}, {"thailand", "50"}}));
  const auto answer = Ask(ledger_, "convert_to: 'EUR' group_by { field: 'places' }");
  EXPECT_THAT(ShowAll(answer.rows()), ElementsAre("places/laos: EUR 0 of [0, 0.01], 1",
                                                  "places/thailand: EUR 0 of [0, 0], 1"));
}

TEST_F(QueryConversionTest, ARateIsNamedOnce) {
  PutEcb();
  ledger_.PutClaim("a", In("EUR", "1") + On("2023-08-31"));
  ledger_.PutClaim("b", In("EUR", "1") + On("2023-08"));
  ledger_.PutClaim("c", In("EUR", "1") + On("2023-08-31") + Yearly());
  const auto answer = Ask(ledger_, std::string(kToUsd) + "horizon: '2024'");
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 3.3 of [3.3, 3.3], 3"));
  EXPECT_THAT(ShowAll(answer.totals(0).sums(0).rates()),
              ElementsAre("EUR to USD of 2023-08-31, 0 days old"));
}

TEST_F(QueryConversionTest, ManyRatesAreShortened) {
  rates::DatesAndValues values;
  for (absl::CivilDay day(2023, 1, 1); day < absl::CivilDay(2023, 6, 1); ++day) {
    values.emplace_back(absl::FormatCivilTime(day), "1.1");
    ledger_.PutClaim("c" + absl::FormatCivilTime(day),
                     In("EUR", "1") + On(absl::FormatCivilTime(day)));
  }
  PutRates("eur-usd", kDaily, "EUR", "USD", values);
  const auto answer = Ask(ledger_, kToUsd);
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 166.1 of [166.1, 166.1], 151"));
  EXPECT_EQ(answer.totals(0).sums(0).rates_size(), 100);
}

TEST_F(QueryConversionTest, ExamplesOfWhatIsLeftOutAreShortened) {
  for (int i = 0; i < 12; ++i) ledger_.PutClaim(absl::StrCat("c", 10 + i), In("EUR", "1"));
  EXPECT_THAT(LeftOut(ledger_, kToUsd),
              ElementsAre("NO_DATE 12: claims/c10, claims/c11, claims/c12, claims/c13, claims/c14, "
                          "claims/c15, claims/c16, claims/c17, claims/c18, claims/c19"));
}

TEST_F(QueryConversionTest, MeasuresAreConverted) {
  PutEcb();
  ledger_.PutClaim("a", In("EUR", "10") + On("2023-08-31"));
  ledger_.PutClaim("b", In("EUR", "10") + On("2023-09-01"));
  ledger_.PutClaim("c", Amount("100"));
  ledger_.PutClaim("d", Amount("5", "AT_LEAST"));
  ledger_.PutClaim("e", In("EUR", "7"));
  const auto answer = Ask(ledger_, std::string(kToUsd) +
                                       "measures: MEASURE_MIN measures: MEASURE_MAX measures: "
                                       "MEASURE_MEAN measures: MEASURE_SHARE");
  const auto& sums = answer.totals(0).sums();
  EXPECT_THAT(ShowAll(sums), ElementsAre("USD 128 of [128, inf), 4", "EUR 7 of [7, 7], 1"));
  EXPECT_EQ(sums[0].exact_amounts(), 3);
  EXPECT_EQ(sums[0].min(), "11");
  EXPECT_EQ(sums[0].max(), "100");
  EXPECT_EQ(sums[0].mean(), "41");
  EXPECT_EQ(sums[0].share_percent(), "100");
  EXPECT_EQ(sums[1].min(), "7");
  EXPECT_EQ(sums[1].share_percent(), "100");
}

}  // namespace
}  // namespace entente::funding::query
