// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/convert.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/currency.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding::rates {
namespace {

using absl::CivilDay;
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using figure::Decimal;

Decimal D(const std::string& text) { return Decimal::Parse(text).value(); }

// The oracle: rationals that reduce themselves, made of texts.
cpp_rational Exactly(const std::string& decimal) {
  std::string digits;
  cpp_int denominator = 1;
  bool behind = false;
  for (const char c : decimal) {
    if (c == '.') {
      behind = true;
      continue;
    }
    digits += c;
    if (behind) denominator *= 10;
  }
  const bool negative = digits[0] == '-';
  digits.erase(0, digits.find_first_of("123456789"));
  const cpp_rational value(digits.empty() ? cpp_int(0) : cpp_int(digits), denominator);
  return negative ? cpp_rational(-value) : value;
}

// A rate of one or two published values.
Rate MakeRate(const std::string& from, const std::string& to, const std::string& divides_by,
              const std::string& multiplies_with) {
  Rate rate{from, to, "2023-09-01"};
  const auto use = [&](const std::string& value, bool divides) {
    if (value.empty()) return;
    UsedRate used{};
    used.value = RateValue::Parse(value).value();
    used.divides = divides;
    rate.used.push_back(used);
  };
  use(divides_by, true);
  use(multiplies_with, false);
  return rate;
}

std::string Converted(const std::string& amount, const Rate& rate, Rounding rounding) {
  const auto result = Convert(D(amount), rate, rounding);
  return result.ok() ? result->ToString() : std::string(result.status().ToString());
}

TEST(ConvertTest, RoundsOnceToTheMinorUnit) {
  // 100 / 3 = 33.333...
  const Rate third = MakeRate("AAA", "USD", "3", "");
  EXPECT_EQ(Converted("100", third, Rounding::kDown), "33.33");
  EXPECT_EQ(Converted("100", third, Rounding::kHalfEven), "33.33");
  EXPECT_EQ(Converted("100", third, Rounding::kUp), "33.34");
  EXPECT_EQ(Converted("-100", third, Rounding::kDown), "-33.34");
  EXPECT_EQ(Converted("-100", third, Rounding::kHalfEven), "-33.33");
  EXPECT_EQ(Converted("-100", third, Rounding::kUp), "-33.33");
  EXPECT_EQ(Converted("0", third, Rounding::kUp), "0");
  EXPECT_EQ(Converted("99", third, Rounding::kUp), "33");
  const Rate yen = MakeRate("AAA", "JPY", "3", "");
  EXPECT_EQ(Converted("100", yen, Rounding::kDown), "33");
  EXPECT_EQ(Converted("100", yen, Rounding::kUp), "34");
  const Rate dinar = MakeRate("AAA", "KWD", "3", "");
  EXPECT_EQ(Converted("100", dinar, Rounding::kUp), "33.334");
}

TEST(ConvertTest, HalvesGoToTheEvenUnit) {
  const Rate half = MakeRate("AAA", "USD", "2", "");
  EXPECT_EQ(Converted("0.01", half, Rounding::kHalfEven), "0");     // 0.005
  EXPECT_EQ(Converted("0.03", half, Rounding::kHalfEven), "0.02");  // 0.015
  EXPECT_EQ(Converted("0.05", half, Rounding::kHalfEven), "0.02");  // 0.025
  EXPECT_EQ(Converted("-0.01", half, Rounding::kHalfEven), "0");
  EXPECT_EQ(Converted("-0.03", half, Rounding::kHalfEven), "-0.02");
  EXPECT_EQ(Converted("-0.05", half, Rounding::kHalfEven), "-0.02");
  EXPECT_EQ(Converted("0.050000000000000001", half, Rounding::kHalfEven), "0.03");
  EXPECT_EQ(Converted("0.049999999999999999", half, Rounding::kHalfEven), "0.02");
}

TEST(ConvertTest, TheEuropeanCentralBanksRates) {
  RateState rates;
  rates.Put("usd", kDaily, "EUR", "USD", {{"2023-09-01", "1.0844"}});
  rates.Put("thb", kDaily, "EUR", "THB", {{"2023-09-01", "37.992"}});
  const auto convert = [&](const std::string& amount, const char* from, const char* to) {
    const Found found = rates.Table()->Find(from, to, CivilDay(2023, 9, 3), 7);
    return Converted(amount, std::get<Rate>(found), Rounding::kHalfEven);
  };
  EXPECT_EQ(convert("1000000", "EUR", "USD"), "1084400");
  EXPECT_EQ(convert("1000000", "USD", "EUR"), "922168.94");   // 922168.9413500...
  EXPECT_EQ(convert("1000000", "THB", "USD"), "28542.85");    // 28542.8511265...
  EXPECT_EQ(convert("28542.85", "USD", "THB"), "999999.96");  // 999999.9605...
}

TEST(ConvertTest, NothingIsRoundedInBetween) {
  // A thousand times a third of a cent is 3.33, not a thousand times 0.
  ConvertedSum sum("USD");
  const Rate third = MakeRate("AAA", "USD", "3", "");
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(sum.Add(D("0.01"), third).ok());
  EXPECT_EQ(sum.Round(Rounding::kHalfEven).value(), D("3.33"));
  // And three thirds at three rates that are the same number are a whole.
  ConvertedSum whole("USD");
  ASSERT_TRUE(whole.Add(D("1"), third).ok());
  ASSERT_TRUE(whole.Add(D("1"), MakeRate("BBB", "USD", "6", "2")).ok());
  ASSERT_TRUE(whole.Add(D("1"), MakeRate("CCC", "USD", "1.5", "0.5")).ok());
  for (const Rounding rounding : {Rounding::kDown, Rounding::kHalfEven, Rounding::kUp}) {
    EXPECT_EQ(whole.Round(rounding).value(), D("1"));
  }
}

TEST(ConvertTest, IdentityOnlyRounds) {
  const Rate same{"USD", "USD"};
  EXPECT_EQ(Converted("12.34", same, Rounding::kDown), "12.34");
  EXPECT_EQ(Converted("12.345", same, Rounding::kDown), "12.34");
  EXPECT_EQ(Converted("12.345", same, Rounding::kHalfEven), "12.34");
  EXPECT_EQ(Converted("12.345", same, Rounding::kUp), "12.35");
  EXPECT_EQ(Converted("-0.000000000000000001", same, Rounding::kDown), "-0.01");
}

TEST(ConvertTest, RefusesWhatItCannotDo) {
  ConvertedSum sum("USD");
  EXPECT_EQ(sum.Add(D("1"), MakeRate("AAA", "EUR", "3", "")).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sum.Add(ConvertedSum("EUR")).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sum.Round(Rounding::kUp).value(), D("0"));
  EXPECT_EQ(ConvertedSum("XAU").Round(Rounding::kUp).status().code(),
            absl::StatusCode::kInvalidArgument);
  const std::string most(Decimal::kMaxDigits, '9');
  EXPECT_EQ(Convert(D(most), MakeRate("AAA", "JPY", "", "1"), Rounding::kUp).value(), D(most));
  EXPECT_EQ(Convert(D(most), MakeRate("AAA", "JPY", "", "1.1"), Rounding::kUp).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Convert(D(most), MakeRate("AAA", "USD", "", "1"), Rounding::kUp).status().code(),
            absl::StatusCode::kOutOfRange)
      << "in cents it has two digits more";
}

TEST(ConvertTest, AMeanIsRoundedOnce) {
  // 10 at 1 / 3 is 3.333...: two of them have the mean 3.33, and 20.00 / 3 cents is 6.666...
  ConvertedSum sum("EUR");
  ASSERT_TRUE(sum.Add(D("20"), MakeRate("USD", "EUR", "3", "")).ok());
  EXPECT_EQ(sum.Mean(1).value(), D("6.67"));
  EXPECT_EQ(sum.Mean(2).value(), D("3.33"));
  // 0.125 and 0.135, halves of cents, go to the even one. From the rounded sum they would not.
  ConvertedSum halves("EUR");
  ASSERT_TRUE(halves.Add(D("0.25"), MakeRate("USD", "EUR", "", "1")).ok());
  EXPECT_EQ(halves.Mean(2).value(), D("0.12"));
  ASSERT_TRUE(halves.Add(D("0.02"), MakeRate("USD", "EUR", "", "1")).ok());
  EXPECT_EQ(halves.Mean(2).value(), D("0.14"));
}

TEST(ConvertTest, QuotientsAreRoundedHalfToEven) {
  EXPECT_EQ(Quotient(D("1"), D("8"), 2).value(), D("0.12"));
  EXPECT_EQ(Quotient(D("3"), D("8"), 2).value(), D("0.38"));
  EXPECT_EQ(Quotient(D("-1"), D("8"), 2).value(), D("-0.12"));
  EXPECT_EQ(Quotient(D("1"), D("-8"), 2).value(), D("-0.12"));
  EXPECT_EQ(Quotient(D("0.001"), D("0.03"), 6).value(), D("0.033333"));
  EXPECT_EQ(Quotient(D("0"), D("7"), 0).value(), D("0"));
  EXPECT_EQ(Quotient(D("1"), D("0"), 2).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Quotient(D("1" + std::string(37, '0')), D("0.01"), 0).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(ConvertTest, TheLargestAndTheSmallestNumbers) {
  const std::string most(Decimal::kMaxDigits, '9');
  const std::string least = "0." + std::string(RateValue::kMaxScale - 1, '0') + "1";
  EXPECT_EQ(Converted(most, MakeRate("AAA", "JPY", "", least), Rounding::kDown), "0");
  EXPECT_EQ(Converted(most, MakeRate("AAA", "JPY", "", least), Rounding::kUp), "1");
  EXPECT_EQ(Converted("1", MakeRate("AAA", "JPY", most, ""), Rounding::kUp), "1");
  EXPECT_EQ(Converted("0.000000000000000001", MakeRate("AAA", "JPY", "0.00000000000000001", ""),
                      Rounding::kHalfEven),
            "0");  // A tenth.
  EXPECT_EQ(Converted("-" + most, MakeRate("AAA", "JPY", most, most), Rounding::kUp), "-" + most);
}

class ConvertPropertyTest : public testing::Test {
 protected:
  int Below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  std::string Digits(int count) {
    std::string digits;
    for (int i = 0; i < count; ++i) digits += static_cast<char>('0' + Below(10));
    return digits;
  }
  std::string RandomAmount() {
    return absl::StrCat(Below(2) == 0 ? "-" : "", Digits(1 + Below(14)), ".", Digits(1 + Below(6)));
  }
  std::string RandomValue() {
    return absl::StrCat(Digits(Below(5)), 1 + Below(9), ".", Digits(1 + Below(15)));
  }

  std::mt19937 random_{20230905};
};

// By the definition of each way to round, on exact sums that the oracle forms.
TEST_F(ConvertPropertyTest, SumsAreThoseOfExactRationals) {
  for (int round = 0; round < 400; ++round) {
    const std::string to = std::vector<std::string>{"USD", "JPY", "KWD", "CLF"}[Below(4)];
    ConvertedSum sum(to);
    ConvertedSum first_half(to);
    ConvertedSum second_half(to);
    cpp_rational exact = 0;
    const int terms = 1 + Below(40);
    for (int i = 0; i < terms; ++i) {
      const std::string amount = RandomAmount();
      const std::string divides = Below(3) == 0 ? "" : RandomValue();
      const std::string multiplies = Below(3) == 0 ? "" : RandomValue();
      const Rate rate = MakeRate("AAA", to, divides, multiplies);
      ASSERT_TRUE(sum.Add(D(amount), rate).ok());
      ASSERT_TRUE((Below(2) == 0 ? first_half : second_half).Add(D(amount), rate).ok());
      cpp_rational term = Exactly(amount);
      if (!divides.empty()) term /= Exactly(divides);
      if (!multiplies.empty()) term *= Exactly(multiplies);
      exact += term;
    }
    const cpp_rational unit(
        1, boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(*MinorUnitDigits(to))));
    const Decimal down = sum.Round(Rounding::kDown).value();
    const Decimal up = sum.Round(Rounding::kUp).value();
    const Decimal nearest = sum.Round(Rounding::kHalfEven).value();
    const cpp_rational low = Exactly(down.ToString());
    const cpp_rational high = Exactly(up.ToString());
    EXPECT_LE(low, exact);
    EXPECT_GT(low + unit, exact);
    EXPECT_GE(high, exact);
    EXPECT_LT(high - unit, exact);
    EXPECT_TRUE(nearest == down || nearest == up);
    EXPECT_LE(down, nearest);
    EXPECT_LE(nearest, up);
    const cpp_rational distance = Exactly(nearest.ToString()) - exact;
    EXPECT_LE(abs(distance) * 2, unit);
    // In whatever parts.
    ASSERT_TRUE(first_half.Add(second_half).ok());
    EXPECT_EQ(first_half.Round(Rounding::kDown).value(), down);
    EXPECT_EQ(first_half.Round(Rounding::kUp).value(), up);
    EXPECT_EQ(first_half.Round(Rounding::kHalfEven).value(), nearest);
  }
}

// There and back: what is lost is at most what half a unit there is worth here, and half a unit
// here.
TEST_F(ConvertPropertyTest, TheInverseComesBackWithinAUnit) {
  for (int round = 0; round < 1000; ++round) {
    const std::string rate_text = absl::StrCat(1 + Below(30), ".", Digits(4));
    const std::string amount = absl::StrCat(Digits(9), ".", Digits(2));
    // One of the currency costs more than one dollar, so that its cent is worth more.
    const Rate there = MakeRate("USD", "XYZ", "", rate_text);
    const Rate back = MakeRate("XYZ", "USD", rate_text, "");
    const Decimal converted = Convert(D(amount), there, Rounding::kHalfEven).value();
    const Decimal returned = Convert(converted, back, Rounding::kHalfEven).value();
    const cpp_rational difference = Exactly(returned.ToString()) - Exactly(amount);
    EXPECT_LE(abs(difference), cpp_rational(1, 100)) << amount << " at " << rate_text;
    // Bounds that are rounded outwards twice never lose the amount.
    const Decimal low =
        Convert(Convert(D(amount), there, Rounding::kDown).value(), back, Rounding::kDown).value();
    const Decimal high =
        Convert(Convert(D(amount), there, Rounding::kUp).value(), back, Rounding::kUp).value();
    EXPECT_LE(low, D(amount));
    EXPECT_GE(high, D(amount));
  }
}

// Sums over many years of days stay exact, and quick.
TEST_F(ConvertPropertyTest, ThousandsOfDates) {
  ConvertedSum sum("USD");
  ConvertedSum negated("USD");
  for (int i = 0; i < 5000; ++i) {
    const std::string amount = absl::StrCat(Digits(9), ".", Digits(2));
    const Rate rate = MakeRate("THB", "USD", absl::StrCat(30 + Below(15), ".", Digits(3)),
                               absl::StrCat("1.", Digits(4)));
    ASSERT_TRUE(sum.Add(D(amount), rate).ok());
    ASSERT_TRUE(negated.Add(-D(amount), rate).ok());
  }
  EXPECT_EQ(-sum.Round(Rounding::kDown).value(), negated.Round(Rounding::kUp).value());
  EXPECT_EQ(-sum.Round(Rounding::kHalfEven).value(), negated.Round(Rounding::kHalfEven).value());
  ASSERT_TRUE(sum.Add(negated).ok());
  EXPECT_EQ(sum.Round(Rounding::kUp).value(), D("0"));
  EXPECT_EQ(sum.Round(Rounding::kDown).value(), D("0"));
}

}  // namespace
}  // namespace entente::funding::rates
