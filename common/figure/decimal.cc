// SPDX-License-Identifier: Apache-2.0

#include "common/figure/decimal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/figure/wide.h"

namespace entente::figure {

namespace {

// 10^38. (Abseil's multiplication is not constexpr everywhere.)
constexpr absl::uint128 kLimit = absl::MakeUint128(0x4b3b4ca85a86c47a, 0x098a224000000000);

absl::uint128 PowerOfTen(int exponent) {
  absl::uint128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// Read exponents are kept within this, far outside of what a Decimal can have.
constexpr int kMaxExponent = 1000;

absl::uint128 Magnitude(absl::int128 value) {
  const absl::uint128 bits = static_cast<absl::uint128>(value);
  return value < 0 ? -bits : bits;  // right for the lowest value too
}

absl::Status NotADecimal() {
  return absl::OutOfRangeError(absl::StrCat("the exact number has more than ", Decimal::kMaxDigits,
                                            " significant digits or ", Decimal::kMaxScale,
                                            " decimal places"));
}

}  // namespace

// A number before it is known to be a Decimal: (-1)^negative * magnitude / 10^scale.
struct Exact {
  bool negative = false;
  Wide magnitude;
  int scale = 0;

  absl::StatusOr<Decimal> Settle() &&;
};

absl::StatusOr<Decimal> Exact::Settle() && {
  if (magnitude == Wide()) return Decimal();
  while (scale > 0) {
    Wide shorter = magnitude;
    if (DivideByTen(&shorter) != 0) break;
    magnitude = shorter;
    --scale;
  }
  constexpr Wide kEnd = {0, kLimit};
  for (; scale < 0 && magnitude < kEnd; ++scale) magnitude = Product(magnitude.low, 10);
  if (scale < 0 || scale > Decimal::kMaxScale || magnitude >= kEnd) return NotADecimal();
  const absl::int128 coefficient = static_cast<absl::int128>(magnitude.low);
  return Decimal(negative ? -coefficient : coefficient, scale);
}

namespace {

// |decimal| * 10^scale.
Wide Aligned(const Decimal& decimal, int scale) {
  return Product(Magnitude(decimal.coefficient()), PowerOfTen(scale - decimal.scale()));
}

absl::Status Malformed(absl::string_view text, size_t at, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("decimal \"", absl::CHexEscape(std::string(text)),
                                                 "\", column ", at + 1, ": expected ", expected));
}

}  // namespace

absl::StatusOr<Decimal> Decimal::FromUnits(absl::int128 coefficient, int scale) {
  // Nearly all numbers have few digits: then one limb is enough for the same.
  const absl::uint128 magnitude = Magnitude(coefficient);
  if (absl::Uint128High64(magnitude) == 0 && scale >= 0 && scale <= kMaxScale) {
    uint64_t digits = absl::Uint128Low64(magnitude);
    if (digits == 0) return Decimal();
    for (; scale > 0 && digits % 10 == 0; --scale) digits /= 10;
    const absl::int128 shorter = digits;
    return Decimal(coefficient < 0 ? -shorter : shorter, scale);
  }
  return Exact{coefficient < 0, {0, magnitude}, scale}.Settle();
}

absl::StatusOr<Decimal> Decimal::Parse(absl::string_view text) {
  if (text.size() > kMaxLength) {
    return absl::InvalidArgumentError(
        absl::StrCat("decimal of ", text.size(), " characters: expected at most ", kMaxLength));
  }
  const auto digit_at = [text](size_t at) {
    return at < text.size() && absl::ascii_isdigit(text[at]);
  };
  const auto one_of = [text](size_t at, absl::string_view set) {
    return at < text.size() && absl::StrContains(set, text.substr(at, 1));
  };

  size_t at = 0;
  Exact exact;
  if (one_of(at, "+-")) exact.negative = text[at++] == '-';

  bool any = false;
  bool point = false;
  bool too_long = false;  // whatever the exponent; but the rest is to be well-formed
  absl::uint128 digits = 0;
  int zeros = 0;  // read, and not in `digits` yet: they may turn out to be trailing
  for (;; ++at) {
    if (one_of(at, ".") && !point) {
      point = true;
      continue;
    }
    if (!digit_at(at)) break;
    any = true;
    if (point) ++exact.scale;
    if (text[at] == '0') {
      if (digits != 0) ++zeros;
      continue;
    }
    for (; zeros >= 0 && !too_long; --zeros) {
      too_long = digits >= kLimit / 10;
      digits *= 10;
    }
    zeros = 0;
    digits += text[at] - '0';
  }
  if (!any) return Malformed(text, at, "a digit");
  exact.magnitude = {0, digits};
  exact.scale -= zeros;

  if (one_of(at, "eE")) {
    ++at;
    bool negative = false;
    if (one_of(at, "+-")) negative = text[at++] == '-';
    if (!digit_at(at)) return Malformed(text, at, "the digits of the exponent");
    int exponent = 0;
    for (; digit_at(at); ++at) {
      exponent = std::min(kMaxExponent, exponent * 10 + (text[at] - '0'));
    }
    exact.scale += negative ? exponent : -exponent;
  }
  if (at < text.size()) {
    return Malformed(text, at, "only digits, with . before the decimals and no separators");
  }
  if (too_long) return NotADecimal();
  return std::move(exact).Settle();
}

std::string Decimal::ToString() const {
  char buffer[kMaxDigits + 4];  // sign, point, and a zero before it
  char* const end = buffer + sizeof(buffer);
  char* begin = end;
  int place = 0;
  const auto write = [&](auto rest, auto until) {
    for (; rest > until || (until == 0 && place <= scale_); ++place) {
      if (place > 0 && place == scale_) *--begin = '.';
      *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
      rest /= 10;
    }
    return rest;
  };
  // The last digits one by one from 128 bits, and as soon as they are enough, from 64.
  const absl::uint128 rest =
      write(Magnitude(coefficient_), absl::uint128(std::numeric_limits<uint64_t>::max()));
  write(absl::Uint128Low64(rest), uint64_t{0});
  if (coefficient_ < 0) *--begin = '-';
  return std::string(begin, static_cast<size_t>(end - begin));
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.is_negative() != b.is_negative()) {
    return a.is_negative() ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const int scale = std::max(a.scale(), b.scale());
  const Wide of_a = Aligned(a, scale);
  const Wide of_b = Aligned(b, scale);
  return a.is_negative() ? of_b <=> of_a : of_a <=> of_b;
}

absl::StatusOr<Decimal> Add(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale(), b.scale());
  const Wide of_a = Aligned(a, scale);
  const Wide of_b = Aligned(b, scale);
  if (a.is_negative() == b.is_negative()) {
    return Exact{a.is_negative(), Sum(of_a, of_b), scale}.Settle();
  }
  if (of_a >= of_b) return Exact{a.is_negative(), Difference(of_a, of_b), scale}.Settle();
  return Exact{b.is_negative(), Difference(of_b, of_a), scale}.Settle();
}

absl::StatusOr<Decimal> Sub(const Decimal& a, const Decimal& b) { return Add(a, -b); }

absl::StatusOr<Decimal> Mul(const Decimal& a, const Decimal& b) {
  return Exact{a.is_negative() != b.is_negative(),
               Product(Magnitude(a.coefficient()), Magnitude(b.coefficient())),
               a.scale() + b.scale()}
      .Settle();
}

}  // namespace entente::figure
