// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/fixed_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding::rates {
namespace {

using figure::Decimal;

RateValue Value(const std::string& text) { return RateValue::Parse(text).value(); }

FixedRate Fixed(const std::string& multiplier, const std::string& divisor) {
  return FixedRate::Of({Value(multiplier), Value(divisor)}, 2, 2).value();
}

std::string Show(const std::optional<Decimal>& decimal) {
  return decimal.has_value() ? decimal->ToString() : "none";
}

// The same rate as ConvertedSum has it.
Rate Exactly(const Factor& factor) {
  Rate rate{"USD", "EUR", "2023-09-01"};
  for (const bool divides : {true, false}) {
    UsedRate used{};
    used.value = divides ? factor.divisor : factor.multiplier;
    used.divides = divides;
    rate.used.push_back(used);
  }
  return rate;
}

TEST(FixedSumTest, RoundsLikeEveryOne) {
  FixedSum sum;
  sum.Add(12345, Fixed("1", "1.0837"));
  EXPECT_EQ(Show(sum.Round(Rounding::kHalfEven, 2)), "113.92");  // 113.9152...
  EXPECT_EQ(Show(sum.Round(Rounding::kDown, 2)), "113.91");
  EXPECT_EQ(Show(sum.Round(Rounding::kUp, 2)), "113.92");
  EXPECT_EQ(Show(sum.Mean(2, 2)), "56.96");
  FixedSum negative;
  negative.Add(-12345, Fixed("1", "1.0837"));
  EXPECT_EQ(Show(negative.Round(Rounding::kDown, 2)), "-113.92");
  EXPECT_EQ(Show(negative.Round(Rounding::kUp, 2)), "-113.91");
  EXPECT_EQ(Show(negative.Mean(2, 2)), "-56.96");
  sum.Add(negative);
  // It is 0, and what was cut off could be above or below.
  EXPECT_EQ(Show(sum.Round(Rounding::kHalfEven, 2)), "0");
  EXPECT_EQ(Show(sum.Round(Rounding::kDown, 2)), "none");
}

TEST(FixedSumTest, WhatIsHeldExactlyIsAlwaysTold) {
  FixedSum sum;
  sum.Add(5, Fixed("0.5", "1"));  // 2.5 cents
  EXPECT_EQ(Show(sum.Round(Rounding::kHalfEven, 2)), "0.02");
  EXPECT_EQ(Show(sum.Round(Rounding::kDown, 2)), "0.02");
  EXPECT_EQ(Show(sum.Round(Rounding::kUp, 2)), "0.03");
  sum.Add(2, Fixed("0.5", "1"));  // 3.5
  EXPECT_EQ(Show(sum.Round(Rounding::kHalfEven, 2)), "0.04");
  sum.Add(-14, Fixed("0.5", "1"));  // -3.5
  EXPECT_EQ(Show(sum.Round(Rounding::kHalfEven, 2)), "-0.04");
  EXPECT_EQ(Show(sum.Round(Rounding::kDown, 2)), "-0.04");
  EXPECT_EQ(Show(sum.Round(Rounding::kUp, 2)), "-0.03");
  EXPECT_EQ(Show(sum.Mean(7, 2)), "0");  // Half to even, of -0.5.
  EXPECT_EQ(Show(FixedSum().Round(Rounding::kDown, 0)), "0");
}

TEST(FixedSumTest, WhereTheBoundsDoNotTellThereIsNothing) {
  FixedSum sum;
  sum.Add(125, Fixed("1", "10"));  // 12.5 cents; a tenth is cut off
  EXPECT_EQ(Show(sum.Round(Rounding::kHalfEven, 2)), "none");
  EXPECT_EQ(Show(sum.Round(Rounding::kDown, 2)), "0.12");
  EXPECT_EQ(Show(sum.Round(Rounding::kUp, 2)), "0.13");
  FixedSum whole;
  whole.Add(120, Fixed("1", "10"));
  EXPECT_EQ(Show(whole.Round(Rounding::kHalfEven, 2)), "0.12");
  EXPECT_EQ(Show(whole.Round(Rounding::kUp, 2)), "none");
  FixedSum large;
  large.Add(absl::int128(1) << 100, Fixed("1", "1"));
  EXPECT_EQ(Show(large.Round(Rounding::kDown, 2)), "none");
}

TEST(FixedSumTest, RatesHaveRoomForTwentyDigits) {
  EXPECT_TRUE(FixedRate::Of({Value("18446744073709551615"), Value("1")}, 0, 0)->exact);
  EXPECT_EQ(FixedRate::Of({Value("18446744073709551616"), Value("1")}, 0, 0), std::nullopt);
  EXPECT_EQ(FixedRate::Of({Value("1"), Value("0.0000000000000000001")}, 0, 2), std::nullopt);
  // More digits than a limb has, on both sides.
  const auto tiny = FixedRate::Of({Value("1"), Value("12345678901234567890123456789.5")}, 2, 2);
  ASSERT_TRUE(tiny.has_value());
  EXPECT_FALSE(tiny->exact);
  EXPECT_EQ(tiny->limbs[2], 0u);
}

// Rates that make sums end on whole units and on halves, and all others.
RateValue DrawnValue(std::mt19937& rng) {
  static const auto* const kRound = new std::vector<std::string>{
      "1",   "2",    "4",   "5", "8",       "10",      "0.5",    "0.25",
      "0.1", "1.25", "1.6", "3", "655.957", "1.95583", "0.0001", "25000"};
  const auto draw = [&](uint64_t below) {
    return std::uniform_int_distribution<uint64_t>(0, below - 1)(rng);
  };
  if (draw(8) != 0) return Value((*kRound)[draw(kRound->size())]);
  if (draw(4) == 0) {
    return Value(absl::StrCat(1 + draw(1'000'000'000'000), ".", 1 + draw(1'000'000'000'000)));
  }
  return Value(absl::StrCat(draw(200), ".", 1 + draw(9999)));
}

// What is told is right, and what is no Decimal is not told.
void ExpectSame(const std::optional<Decimal>& told, const absl::StatusOr<Decimal>& exact) {
  if (told.has_value()) {
    ASSERT_TRUE(exact.ok()) << *told << " " << exact.status();
    EXPECT_EQ(*told, *exact);
  }
}

TEST(FixedSumTest, IsTheExactSumWhereverItIsTold) {
  std::mt19937 rng(20230905);
  const auto draw = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(rng);
  };
  int told = 0;
  int not_told = 0;
  for (int round = 0; round < 20'000; ++round) {
    const int from_digits = static_cast<int>(draw(0, 4));
    FixedSum sum;
    ConvertedSum exact("EUR");
    const int64_t terms = draw(1, round % 10 == 0 ? 40 : 3);
    for (int64_t i = 0; i < terms; ++i) {
      const Factor factor{DrawnValue(rng), DrawnValue(rng)};
      const auto fixed = FixedRate::Of(factor, from_digits, 2);
      ASSERT_TRUE(fixed.has_value());
      const int64_t most = draw(0, 1) == 0 ? 1000 : int64_t{1} << 60;
      const absl::int128 units =
          absl::int128(draw(-most, most)) * draw(1, round % 7 == 0 ? 99999 : 1);
      sum.Add(units, *fixed);
      ASSERT_TRUE(exact.Add(Decimal::FromUnits(units, from_digits).value(), Exactly(factor)).ok());
    }
    for (const Rounding rounding : {Rounding::kHalfEven, Rounding::kDown, Rounding::kUp}) {
      const auto got = sum.Round(rounding, 2);
      (got.has_value() ? told : not_told) += 1;
      ExpectSame(got, exact.Round(rounding));
    }
    const int64_t count = draw(1, 12);
    const auto mean = sum.Mean(count, 2);
    (mean.has_value() ? told : not_told) += 1;
    ExpectSame(mean, exact.Mean(count));
  }
  // Both happen.
  EXPECT_GT(told, 50'000);
  EXPECT_GT(not_told, 500);
}

TEST(FixedSumTest, FactorsAreThoseOfTheRatesThatAreFound) {
  RateState state;
  std::mt19937 rng(20230906);
  const auto draw = [&](int most) { return std::uniform_int_distribution<int>(0, most)(rng); };
  const std::vector<std::string> currencies = {"EUR", "USD", "THB", "VND", "LAK"};
  for (const auto& [id, base, quote] :
       {std::tuple("eur-usd", "EUR", "USD"), std::tuple("eur-thb", "EUR", "THB"),
        std::tuple("usd-vnd", "USD", "VND")}) {
    DatesAndValues rates;
    for (absl::CivilDay day(2023, 1, 1); day < absl::CivilDay(2023, 3, 1); day += 1 + draw(12)) {
      rates.emplace_back(absl::FormatCivilTime(day), absl::StrCat(1 + draw(30), ".", 1 + draw(99)));
    }
    state.Put(id, kDaily, base, quote, rates);
  }
  state.Put("usd-vnd-average", kAnnual, "USD", "VND", {{"2022", "23000"}, {"2023", "24000.5"}});
  state.Put("usd-lak-average", kAnnual, "USD", "LAK", {{"2023", "17000"}});
  const auto table = state.Table();
  std::vector<absl::CivilDay> days;
  for (absl::CivilDay day(2022, 12, 20); day < absl::CivilDay(2024, 1, 10); ++day) {
    days.push_back(day);
  }
  int found = 0;
  int lacking = 0;
  for (const std::string& from : currencies) {
    for (const std::string& to : currencies) {
      for (const int age : {0, 3, 30}) {
        const auto factors = table->Factors(from, to, days, age);
        ASSERT_EQ(factors.size(), days.size());
        for (size_t i = 0; i < days.size(); ++i) {
          const Found expected = table->Find(from, to, days[i], age);
          const auto* rate = std::get_if<Rate>(&expected);
          ASSERT_EQ(factors[i].has_value(), rate != nullptr) << from << to << days[i];
          (rate != nullptr ? found : lacking) += 1;
          if (rate == nullptr) continue;
          Factor factor;
          for (const UsedRate& used : rate->used) {
            (used.divides ? factor.divisor : factor.multiplier) = used.value;
          }
          EXPECT_EQ(*factors[i], factor) << from << to << days[i];
        }
      }
    }
  }
  EXPECT_GT(found, 5000);
  EXPECT_GT(lacking, 5000);
}

}  // namespace
}  // namespace entente::funding::rates
