// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/convert.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "services/funding/rates/currency.h"

namespace entente::funding::rates {
namespace {

using boost::multiprecision::cpp_int;
using figure::Decimal;

cpp_int Integer(absl::uint128 value) {
  cpp_int integer = absl::Uint128High64(value);
  integer <<= 64;
  return integer + absl::Uint128Low64(value);
}

cpp_int Integer(absl::int128 value) {
  const bool negative = value < 0;
  const cpp_int magnitude = Integer(static_cast<absl::uint128>(negative ? -value : value));
  return negative ? cpp_int(-magnitude) : magnitude;
}

cpp_int PowerOfTen(int exponent) {
  return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

// numerator / denominator, the denominator above 0; not reduced.
struct Fraction {
  cpp_int numerator;
  cpp_int denominator;
};

// Adds up halves of halves: the numbers grow with the number of terms, and most additions are of
// few. Reducing on the way would cost more than it saves.
Fraction Sum(const std::vector<Fraction>& terms, size_t begin, size_t end) {
  if (end - begin == 0) return {0, 1};
  if (end - begin == 1) return terms[begin];
  const size_t middle = begin + (end - begin) / 2;
  const Fraction a = Sum(terms, begin, middle);
  const Fraction b = Sum(terms, middle, end);
  return {a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator};
}

// The integer that `value` is rounded to.
cpp_int Rounded(const Fraction& value, Rounding rounding) {
  cpp_int quotient;
  cpp_int remainder;  // Of the sign of the numerator.
  boost::multiprecision::divide_qr(value.numerator, value.denominator, quotient, remainder);
  if (remainder < 0) {
    remainder += value.denominator;
    --quotient;
  }
  // Now the value is quotient + remainder / denominator, the latter at least 0 and below 1.
  if (remainder == 0 || rounding == Rounding::kDown) return quotient;
  if (rounding == Rounding::kUp) return quotient + 1;
  const cpp_int twice = 2 * remainder;
  const bool odd = quotient % 2 != 0;
  const bool up = twice > value.denominator || (twice == value.denominator && odd);
  return up ? cpp_int(quotient + 1) : quotient;
}

absl::StatusOr<Decimal> ToDecimal(const cpp_int& units, int scale) {
  const bool negative = units < 0;
  const cpp_int magnitude = negative ? cpp_int(-units) : units;
  if (magnitude >= PowerOfTen(Decimal::kMaxDigits)) {
    return absl::OutOfRangeError(
        absl::StrCat("the converted amount has more than ", Decimal::kMaxDigits, " digits"));
  }
  const cpp_int mask = (cpp_int(1) << 64) - 1;
  const cpp_int low = magnitude & mask;
  const cpp_int high = magnitude >> 64;
  const auto value = static_cast<absl::int128>(
      absl::MakeUint128(high.convert_to<uint64_t>(), low.convert_to<uint64_t>()));
  return Decimal::FromUnits(negative ? -value : value, scale);
}

}  // namespace

struct ConvertedSum::Terms {
  // Numerators by denominator: amounts at one rate have the same.
  std::map<cpp_int, cpp_int> numerators;
};

ConvertedSum::ConvertedSum(absl::string_view currency)
    : currency_(currency), terms_(std::make_unique<Terms>()) {}
ConvertedSum::ConvertedSum(ConvertedSum&&) noexcept = default;
ConvertedSum& ConvertedSum::operator=(ConvertedSum&&) noexcept = default;
ConvertedSum::~ConvertedSum() = default;

absl::Status ConvertedSum::Add(const Decimal& amount, const Rate& rate) {
  if (rate.to != currency_) {
    return absl::InvalidArgumentError(
        absl::StrCat("a rate to ", rate.to, " does not convert to ", currency_));
  }
  Fraction term{Integer(amount.coefficient()), PowerOfTen(amount.scale())};
  for (const UsedRate& used : rate.used) {
    const cpp_int coefficient = Integer(used.value.coefficient);
    const cpp_int power = PowerOfTen(used.value.scale);
    term.numerator *= used.divides ? power : coefficient;
    term.denominator *= used.divides ? coefficient : power;
  }
  const cpp_int divisor = boost::multiprecision::gcd(term.numerator, term.denominator);
  terms_->numerators[term.denominator / divisor] += term.numerator / divisor;
  return absl::OkStatus();
}

absl::Status ConvertedSum::Add(const ConvertedSum& other) {
  if (other.currency_ != currency_) {
    return absl::InvalidArgumentError(
        absl::StrCat("a sum in ", other.currency_, " does not add to one in ", currency_));
  }
  // Of a sum and itself too.
  const auto numerators = other.terms_->numerators;
  for (const auto& [denominator, numerator] : numerators) {
    terms_->numerators[denominator] += numerator;
  }
  return absl::OkStatus();
}

absl::StatusOr<Decimal> ConvertedSum::Round(Rounding rounding) const {
  return DividedBy(1, rounding);
}

absl::StatusOr<Decimal> ConvertedSum::Mean(int64_t count) const {
  return DividedBy(count, Rounding::kHalfEven);
}

absl::StatusOr<Decimal> ConvertedSum::DividedBy(int64_t divisor, Rounding rounding) const {
  const auto digits = MinorUnitDigits(currency_);
  if (!digits.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(currency_, " has no minor unit to round an amount to"));
  }
  std::vector<Fraction> terms;
  for (const auto& [denominator, numerator] : terms_->numerators) {
    terms.push_back({numerator, denominator});
  }
  Fraction value = Sum(terms, 0, terms.size());
  value.numerator *= PowerOfTen(*digits);
  value.denominator *= divisor;
  return ToDecimal(Rounded(value, rounding), *digits);
}

absl::StatusOr<Decimal> Convert(const Decimal& amount, const Rate& rate, Rounding rounding) {
  ConvertedSum sum(rate.to);
  RETURN_IF_ERROR(sum.Add(amount, rate));
  return sum.Round(rounding);
}

absl::StatusOr<Decimal> Quotient(const Decimal& a, const Decimal& b, int digits) {
  if (b.is_zero()) return absl::InvalidArgumentError("nothing can be divided by 0");
  Fraction value{Integer(a.coefficient()) * PowerOfTen(b.scale() + digits),
                 Integer(b.coefficient()) * PowerOfTen(a.scale())};
  if (value.denominator < 0) {
    value.numerator = -value.numerator;
    value.denominator = -value.denominator;
  }
  return ToDecimal(Rounded(value, Rounding::kHalfEven), digits);
}

}  // namespace entente::funding::rates
