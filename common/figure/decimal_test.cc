// SPDX-License-Identifier: Apache-2.0

#include "common/figure/decimal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/figure/wide.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::figure {
namespace {

using ::testing::HasSubstr;

static_assert(!std::is_constructible_v<Decimal, double>);
static_assert(!std::is_constructible_v<Decimal, float>);

Decimal Must(absl::string_view text) {
  absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  EXPECT_TRUE(decimal.ok()) << text << ": " << decimal.status();
  return decimal.value_or(Decimal());
}

std::string Text(const absl::StatusOr<Decimal>& decimal) {
  return decimal.ok() ? decimal->ToString()
                      : std::string(StatusCodeToString(decimal.status().code()));
}

const std::string kNines(38, '9');

TEST(DecimalTest, ReadsAndWritesTheCanonicalText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.00", "0"},
      {"0e999999999999", "0"},
      {"8000000000", "8000000000"},
      {"520.3", "520.3"},
      {"-1.50", "-1.5"},
      {"+7", "7"},
      {"007.0700", "7.07"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-.05", "-0.05"},
      {"5e-10", "0.0000000005"},
      {"1.2E+6", "1200000"},
      {"1.2e0", "1.2"},
      {"120e-1", "12"},
      {"0.0000000000000000010", "0.000000000000000001"},
      {"1e37", "1" + std::string(37, '0')},
      {"1e-18", "0.000000000000000001"},
      {kNines, kNines},
      {"-" + kNines, "-" + kNines},
      {kNines + "e-18", "99999999999999999999.999999999999999999"},
      // Digits that are all zeros do not count.
      {std::string(100, '0') + "1." + std::string(100, '0'), "1"},
      {"1" + std::string(60, '0') + "e-60", "1"},
  };
  for (const auto& [text, canonical] : cases) {
    EXPECT_EQ(Text(Decimal::Parse(text)), canonical) << text;
    EXPECT_EQ(Must(text), Must(canonical));
  }
}

TEST(DecimalTest, KeepsTheSmallestScale) {
  EXPECT_EQ(Must("1200.00").scale(), 0);
  EXPECT_EQ(Must("1200.00").coefficient(), 1200);
  EXPECT_EQ(Must("-1.50").scale(), 1);
  EXPECT_EQ(Must("-1.50").coefficient(), -15);
  EXPECT_EQ(Must("0.000").scale(), 0);
}

TEST(DecimalTest, RefusesWhatIsMalformed) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"", 1},
      {"-", 2},
      {".", 2},
      {" 1", 1},
      {"1 ", 2},
      {"1,000", 2},
      {"1.2.3", 4},
      {"0x10", 2},
      {"1e", 3},
      {"1e+", 4},
      {"e5", 1},
      {"1e5.5", 4},
      {"1_000", 2},
      {"NaN", 1},
      {"INF", 1},
      {"--1", 2},
      {"+-1", 2},
      {"1-", 2},
      {"\xe2\x88\x92"
       "1",
       1},
  };
  for (const auto& [text, column] : cases) {
    const absl::Status status = Decimal::Parse(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("column ", column, ": ")));
  }
  EXPECT_EQ(Decimal::Parse(std::string(40, '9') + "x").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Decimal::Parse(std::string(Decimal::kMaxLength, '0')).ok());
  EXPECT_EQ(Decimal::Parse(std::string(Decimal::kMaxLength + 1, '0')).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(DecimalTest, RefusesRatherThanRounds) {
  for (const std::string& text :
       {kNines + "9", "1" + std::string(38, '0'), std::string("1e38"), std::string("1e-19"),
        std::string("0.1234567890123456789"), std::string("1e999999999999999999999"),
        std::string("1e-999999999999999999999"), kNines + ".1", "1" + kNines + "e-20"}) {
    EXPECT_EQ(Decimal::Parse(text).status().code(), absl::StatusCode::kOutOfRange) << text;
  }
}

TEST(DecimalTest, IsMadeOfIntegersAndUnits) {
  EXPECT_EQ(Decimal(5).ToString(), "5");
  EXPECT_EQ(Decimal(std::numeric_limits<int64_t>::min()).ToString(), "-9223372036854775808");
  EXPECT_EQ(Decimal(std::numeric_limits<uint64_t>::max()).ToString(), "18446744073709551615");
  EXPECT_EQ(Text(Decimal::FromUnits(-1250, 2)), "-12.5");
  EXPECT_EQ(Text(Decimal::FromUnits(5, -3)), "5000");
  EXPECT_EQ(Text(Decimal::FromUnits(1000, 20)), "0.00000000000000001");
  EXPECT_EQ(Text(Decimal::FromUnits(1, 19)), "OUT_OF_RANGE");
  EXPECT_EQ(Text(Decimal::FromUnits(absl::Int128Min(), 0)), "OUT_OF_RANGE");
  EXPECT_EQ(Text(Decimal::FromUnits(1, std::numeric_limits<int>::min())), "OUT_OF_RANGE");
  EXPECT_EQ(Text(Decimal::FromUnits(0, std::numeric_limits<int>::max())), "0");
}

TEST(DecimalTest, Calculates) {
  EXPECT_EQ(Text(Add(Must("0.1"), Must("0.2"))), "0.3");
  EXPECT_EQ(Text(Add(Must("520.30"), Must("1.5e3"))), "2020.3");
  EXPECT_EQ(Text(Sub(Must("1"), Must("0.000000000000000001"))), "0.999999999999999999");
  EXPECT_EQ(Text(Sub(Must("1.5"), Must("1.5"))), "0");
  EXPECT_EQ(Text(Mul(Must("-1.5"), Must("0.02"))), "-0.03");
  EXPECT_EQ(Text(Mul(Must("0"), Must("-3"))), "0");
}

TEST(DecimalTest, FailsOnlyWhereTheExactResultDoes) {
  EXPECT_EQ(Text(Add(Must(kNines), 1)), "OUT_OF_RANGE");
  EXPECT_EQ(Text(Sub(-Must(kNines), 1)), "OUT_OF_RANGE");
  EXPECT_EQ(Text(Add(Must(kNines), -Must(kNines))), "0");
  EXPECT_EQ(Text(Add(Must("1e37"), Must("0.1"))), "OUT_OF_RANGE");
  // Brought to one scale, the first of these has 57 digits.
  EXPECT_EQ(Text(Sub(Must("1e20"), Must("99999999999999999999.999999999999999999"))),
            "0.000000000000000001");
  // Products with more digits than fit, all zeros.
  EXPECT_EQ(Text(Mul(Must("0.5"), Must("2e37"))), "1" + std::string(37, '0'));
  EXPECT_EQ(Text(Mul(Must("0.0000000005"), Must("0.000000002"))), "0.000000000000000001");
  EXPECT_EQ(Text(Mul(Must("0.0000000005"), Must("0.0000000001"))), "OUT_OF_RANGE");
  EXPECT_EQ(Text(Mul(Must("1e19"), Must("1e19"))), "OUT_OF_RANGE");
}

TEST(DecimalTest, Compares) {
  const std::vector<Decimal> ascending = {
      -Must(kNines), Must("-1.5"), Must("-1.25"), 0, Must("1e-18"), Must("0.5"), 1, Must("1.01"), 2,
      Must("1e37"),  Must(kNines)};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(ascending[i] < ascending[j], i < j);
      EXPECT_EQ(ascending[i] == ascending[j], i == j);
      EXPECT_EQ(ascending[i] >= ascending[j], i >= j);
    }
  }
}

TEST(DecimalTest, HashesLikeItCompares) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {Must("1.5"), Must("1.50"), Must("15"), Must("-1.5"), Must("0"), Must("-0")}));
}

TEST(WideTest, CarriesAndBorrows) {
  const absl::uint128 ones = absl::Uint128Max();
  EXPECT_EQ(Product(ones, ones), (Wide{ones - 1, 1}));
  EXPECT_EQ(Sum({0, ones}, {0, 1}), (Wide{1, 0}));
  EXPECT_EQ(Difference({1, 0}, {0, 1}), (Wide{0, ones}));
  Wide value = Product(absl::MakeUint128(1, 0), absl::MakeUint128(10, 0));
  EXPECT_EQ(DivideByTen(&value), 0);
  EXPECT_EQ(value, (Wide{1, 0}));
}

// --- against arithmetic on strings of digits, as done by hand ---

// An integer as decimal digits, the lowest first, without high zeros.
using Digits = std::vector<int>;

void Trim(Digits* digits) {
  while (!digits->empty() && digits->back() == 0) digits->pop_back();
}

Digits Plus(const Digits& a, const Digits& b) {
  Digits sum;
  int carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry > 0; ++i) {
    carry += (i < a.size() ? a[i] : 0) + (i < b.size() ? b[i] : 0);
    sum.push_back(carry % 10);
    carry /= 10;
  }
  Trim(&sum);
  return sum;
}

Digits Minus(const Digits& a, const Digits& b) {  // a >= b
  Digits difference;
  int borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    int digit = a[i] - borrow - (i < b.size() ? b[i] : 0);
    borrow = digit < 0 ? 1 : 0;
    difference.push_back(digit + 10 * borrow);
  }
  Trim(&difference);
  return difference;
}

Digits Times(const Digits& a, const Digits& b) {
  Digits product;
  for (size_t i = 0; i < a.size(); ++i) {
    Digits row(i, 0);
    int carry = 0;
    for (size_t j = 0; j < b.size() || carry > 0; ++j) {
      carry += j < b.size() ? a[i] * b[j] : 0;
      row.push_back(carry % 10);
      carry /= 10;
    }
    product = Plus(product, row);
  }
  return product;
}

bool Less(const Digits& a, const Digits& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

struct Number {
  bool negative = false;
  Digits digits;
  int scale = 0;
};

Digits Shift(Digits digits, int places) {
  if (!digits.empty()) digits.insert(digits.begin(), places, 0);
  return digits;
}

// The text of the Decimal that the number is, or the code of the error if it is none.
std::string Expected(Number number) {
  while (number.scale > 0 && !number.digits.empty() && number.digits[0] == 0) {
    number.digits.erase(number.digits.begin());
    --number.scale;
  }
  if (number.digits.empty()) return "0";
  if (number.digits.size() > 38 || number.scale > 18) return "OUT_OF_RANGE";
  while (static_cast<int>(number.digits.size()) <= number.scale) number.digits.push_back(0);
  std::string text = number.negative ? "-" : "";
  for (int i = static_cast<int>(number.digits.size()) - 1; i >= 0; --i) {
    text += static_cast<char>('0' + number.digits[i]);
    if (i == number.scale && i > 0) text += '.';
  }
  return text;
}

Number PlusSigned(const Number& a, const Number& b) {
  const int scale = std::max(a.scale, b.scale);
  const Digits of_a = Shift(a.digits, scale - a.scale);
  const Digits of_b = Shift(b.digits, scale - b.scale);
  if (a.negative == b.negative) return {a.negative, Plus(of_a, of_b), scale};
  if (Less(of_a, of_b)) return {b.negative, Minus(of_b, of_a), scale};
  return {a.negative, Minus(of_a, of_b), scale};
}

// Any Decimal, with a liking for few digits, many zeros and long runs of nines.
Number RandomNumber(std::mt19937& rng) {
  const auto roll = [&rng](int n) { return std::uniform_int_distribution<int>(0, n - 1)(rng); };
  Number number;
  number.negative = roll(2) == 0;
  const int length = roll(4) == 0 ? 38 : roll(3) == 0 ? roll(39) : roll(21);
  const int taste = roll(4);
  for (int i = 0; i < length; ++i) {
    number.digits.push_back(taste == 0 ? 9 : taste == 1 && roll(4) != 0 ? 0 : roll(10));
  }
  Trim(&number.digits);
  number.scale = roll(19);
  return number;
}

TEST(DecimalPropertyTest, AgreesWithCalculationByHand) {
  std::mt19937 rng(20230905);
  int out_of_range = 0;
  constexpr int kRounds = 20000;
  for (int round = 0; round < kRounds; ++round) {
    const Number x = RandomNumber(rng);
    const Number y = RandomNumber(rng);
    const Decimal a = Must(Expected(x));
    const Decimal b = Must(Expected(y));
    SCOPED_TRACE(absl::StrCat(a.ToString(), " and ", b.ToString()));
    ASSERT_EQ(a.ToString(), Expected(x));
    ASSERT_EQ(Must(absl::StrCat(a.ToString(), a.scale() > 0 ? "" : ".", "000e0")), a);

    const Number minus_y = {!y.negative, y.digits, y.scale};
    const Number difference = PlusSigned(x, minus_y);
    ASSERT_EQ(Text(Add(a, b)), Expected(PlusSigned(x, y)));
    ASSERT_EQ(Text(Sub(a, b)), Expected(difference));
    const Number product = {x.negative != y.negative, Times(x.digits, y.digits), x.scale + y.scale};
    ASSERT_EQ(Text(Mul(a, b)), Expected(product));
    ASSERT_EQ(a < b, !difference.digits.empty() && difference.negative);
    ASSERT_EQ(a == b, difference.digits.empty());
    out_of_range += Text(Mul(a, b)) == "OUT_OF_RANGE";
  }
  EXPECT_GT(out_of_range, kRounds / 10);
  EXPECT_LT(out_of_range, kRounds * 9 / 10);
}

}  // namespace
}  // namespace entente::figure
