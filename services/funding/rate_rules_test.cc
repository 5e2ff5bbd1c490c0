// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rate_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding {
namespace {

using rates::DatesAndValues;
using rates::kAnnual;
using rates::kDaily;
using rates::MakeSeries;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using v1::RateSeries;

std::vector<std::string> FieldsOf(const Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations.all()) fields.push_back(violation.field());
  return fields;
}

std::vector<std::string> FaultsOf(const RateSeries& series) {
  Violations violations;
  CheckRates(series, "", &violations);
  return FieldsOf(violations);
}

std::vector<std::string> FaultsOf(v1::RateKind kind, const DatesAndValues& rates) {
  return FaultsOf(MakeSeries("a", kind, "EUR", "USD", rates));
}

TEST(RateRulesTest, CurrenciesAreTwoCodes) {
  const DatesAndValues rates = {{"2023-01-02", "1"}};
  EXPECT_THAT(FaultsOf(MakeSeries("a", kDaily, "EUR", "USD", rates)), IsEmpty());
  EXPECT_THAT(FaultsOf(MakeSeries("a", kDaily, "euro", "usd", rates)),
              ElementsAre("base_currency_code", "quote_currency_code"));
  EXPECT_THAT(FaultsOf(MakeSeries("a", kDaily, "EUR", "EUR", rates)),
              ElementsAre("quote_currency_code"));
}

TEST(RateRulesTest, DailyRatesAreOfDaysOfOneYearInOrder) {
  EXPECT_THAT(FaultsOf(kDaily, {{"2024-01-01", "1"}, {"2024-02-29", "1"}, {"2024-12-31", "1"}}),
              IsEmpty());
  EXPECT_THAT(FaultsOf(kDaily, {{"2024", "1"}}), ElementsAre("rates[0].date"));
  EXPECT_THAT(FaultsOf(kDaily, {{"2023-02-29", "1"}}), ElementsAre("rates[0].date"));
  EXPECT_THAT(FaultsOf(kDaily, {{"2023-12-31", "1"}, {"2024-01-01", "1"}}),
              ElementsAre("rates[1].date"));
  EXPECT_THAT(
      FaultsOf(
          kDaily,
          {{"2023-03-02", "1"}, {"2023-03-02", "1"}, {"2023-03-01", "1"}, {"2023-03-03", "1"}}),
      ElementsAre("rates[1].date", "rates[2].date"));
}

TEST(RateRulesTest, AveragesAreOfYearsInOrder) {
  EXPECT_THAT(FaultsOf(kAnnual, {{"1999", "1"}, {"2001", "1"}, {"2023", "1"}}), IsEmpty());
  EXPECT_THAT(FaultsOf(kAnnual, {{"2023-12-31", "1"}, {"2022", "1"}, {"2022", "1"}, {"2021", "1"}}),
              ElementsAre("rates[0].date", "rates[2].date", "rates[3].date"));
}

TEST(RateRulesTest, ValuesAreAboveZero) {
  EXPECT_THAT(FaultsOf(kAnnual, {{"2019", "0"},
                                 {"2020", "-1"},
                                 {"2021", "N/A"},
                                 {"2022", "1e3"},
                                 {"2023", "0.00000000000008099705334969945"}}),
              ElementsAre("rates[0].value", "rates[1].value", "rates[2].value", "rates[3].value"));
}

TEST(RateRulesTest, AtMostAsManyAsAYearHasDays) {
  DatesAndValues rates;
  for (int year = 1600; year < 1600 + kMaxRates; ++year) {
    rates.push_back({absl::StrCat(year), "1"});
  }
  EXPECT_THAT(FaultsOf(kAnnual, rates), IsEmpty());
  rates.push_back({"2023", "1"});
  EXPECT_THAT(FaultsOf(kAnnual, rates), ElementsAre("rates"));
}

TEST(RateRulesTest, AllFaultsAtOnce) {
  EXPECT_THAT(
      FaultsOf(MakeSeries("a", kDaily, "X", "X", {{"a", "b"}, {"2023-01-01", "0"}})),
      UnorderedElementsAre("base_currency_code", "quote_currency_code", "quote_currency_code",
                           "rates[0].date", "rates[0].value", "rates[1].value"));
}

TEST(CompleteRatesTest, FillsInYearsAndCanonicalValues) {
  RateSeries daily = MakeSeries("a", kDaily, "EUR", "USD",
                                {{"2023-01-02", "1.10"}, {"2023-01-03", "010"}, {"x", "1,0"}});
  daily.set_first_year(1);
  CompleteRates(&daily);
  EXPECT_EQ(daily.rates(0).value(), "1.1");
  EXPECT_EQ(daily.rates(1).value(), "10");
  EXPECT_EQ(daily.rates(2).value(), "1,0");
  EXPECT_EQ(daily.first_year(), 2023);
  EXPECT_EQ(daily.last_year(), 0);
  RateSeries annual =
      MakeSeries("a", kAnnual, "USD", "VND", {{"1990", "1"}, {"1991", "1"}, {"2023", "1"}});
  CompleteRates(&annual);
  EXPECT_EQ(annual.first_year(), 1990);
  EXPECT_EQ(annual.last_year(), 2023);
  annual.clear_rates();
  CompleteRates(&annual);
  EXPECT_EQ(annual.first_year(), 0);
}

class RatesTogetherTest : public testing::Test {
 protected:
  void Put(const std::string& id, v1::RateKind kind, const std::string& base,
           const std::string& quote, const DatesAndValues& rates) {
    RateSeries series = MakeSeries(id, kind, base, quote, rates);
    CompleteRates(&series);
    rates_.Put(series);
  }
  // Of these series when they have changed; each stands at its id.
  std::vector<std::string> Faults(const std::vector<std::string>& ids) {
    std::map<std::string, std::string> changed;
    for (const std::string& id : ids) changed["rateSeries/" + id] = id + ".";
    Violations violations;
    CheckRatesTogether(rates_.state(), changed, &violations);
    return FieldsOf(violations);
  }

  rates::RateState rates_;
};

TEST_F(RatesTogetherTest, NoTwoContradictEachOther) {
  Put("a", kDaily, "EUR", "USD",
      {{"2023-01-02", "1.1"}, {"2023-01-03", "1.2"}, {"2023-01-05", "1.3"}});
  Put("b", kDaily, "EUR", "USD",
      {{"2023-01-03", "1.20"}, {"2023-01-04", "9"}, {"2023-01-05", "1.30"}});
  EXPECT_THAT(Faults({"a", "b"}), IsEmpty());
  Put("b", kDaily, "EUR", "USD",
      {{"2023-01-02", "1"}, {"2023-01-03", "1.20"}, {"2023-01-05", "1.31"}});
  EXPECT_THAT(Faults({"b"}), ElementsAre("b.rates[0].value", "b.rates[2].value"));
  EXPECT_THAT(Faults({"a"}), ElementsAre("a.rates[0].value", "a.rates[2].value"));
  EXPECT_THAT(Faults({"a", "b"}), ElementsAre("b.rates[0].value", "b.rates[2].value"))
      << "each once";
  rates_.Delete("rateSeries/b");
  EXPECT_THAT(Faults({"a"}), IsEmpty());
}

TEST_F(RatesTogetherTest, OthersMayDiffer) {
  Put("a", kDaily, "EUR", "USD", {{"2023-01-02", "1"}});
  Put("b", kDaily, "EUR", "THB", {{"2023-01-02", "2"}});
  Put("c", kDaily, "GBP", "USD", {{"2023-01-02", "3"}});
  Put("d", kDaily, "EUR", "USD", {{"2022-01-02", "4"}});
  Put("e", kAnnual, "EUR", "USD", {{"2023", "5"}});
  Put("f", kDaily, "USD", "EUR", {{"2023-01-02", "6"}});
  EXPECT_THAT(Faults({"a", "b", "c", "d", "e", "f"}), IsEmpty());
}

}  // namespace
}  // namespace entente::funding
