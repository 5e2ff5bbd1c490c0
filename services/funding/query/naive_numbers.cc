// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/naive_numbers.h"

#include <algorithm>
#include <cstdlib>

#include "absl/numeric/int128.h"
#include "common/figure/decimal.h"

namespace entente::funding::query::naive {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using figure::Decimal;

}  // namespace

int64_t UnitsOf(const std::string& text) {
  const Decimal decimal = Decimal::Parse(text).value();
  if (decimal.scale() > kPlaces) std::abort();
  auto units = static_cast<int64_t>(decimal.coefficient());
  for (int scale = decimal.scale(); scale < kPlaces; ++scale) units *= 10;
  return units;
}

std::string TextOf(int64_t units, int places) {
  return Decimal::FromUnits(units, places).value().ToString();
}

int64_t Rounded(const cpp_rational& number, Round round) {
  const cpp_int numerator = boost::multiprecision::numerator(number);
  const cpp_int denominator = boost::multiprecision::denominator(number);
  cpp_int floor = numerator / denominator;
  if (floor * denominator > numerator) --floor;
  const cpp_rational over = number - cpp_rational(floor);
  bool up = round == Round::kUp && over > 0;
  if (round == Round::kHalfEven) {
    const cpp_rational half(1, 2);
    up = over > half || (over == half && floor % 2 != 0);
  }
  return static_cast<int64_t>(up ? cpp_int(floor + 1) : floor);
}

int64_t Power(int exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

int DigitsOf(const std::string& currency) { return currency == "JPY" ? 0 : 2; }

std::vector<int64_t> LargestRemainder(int64_t amount, const std::vector<int64_t>& weights) {
  const int64_t sign = amount < 0 ? -1 : 1;
  int64_t left = amount * sign;
  std::vector<int64_t> shares;
  std::vector<int64_t> fractions;
  for (const int64_t weight : weights) {
    const absl::int128 product = absl::int128(amount * sign) * weight;
    shares.push_back(static_cast<int64_t>(product / 10'000));
    fractions.push_back(static_cast<int64_t>(product % 10'000));
    left -= shares.back();
  }
  for (; left > 0; --left) {
    const auto largest = std::max_element(fractions.begin(), fractions.end());  // the first one
    shares[static_cast<size_t>(largest - fractions.begin())] += 1;
    *largest = -1;
  }
  for (int64_t& share : shares) share *= sign;
  return shares;
}

}  // namespace entente::funding::query::naive
