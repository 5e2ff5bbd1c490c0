// SPDX-License-Identifier: Apache-2.0
//
// Exact decimal numbers: what every amount and every quantity is made of. No floating point is
// involved anywhere, and nothing is ever rounded.
//
//   absl::StatusOr<Decimal> a = Decimal::Parse("520.30");
//   absl::StatusOr<Decimal> b = Decimal::Parse("1.5e3");
//   absl::StatusOr<Decimal> sum = Add(*a, *b);
//   sum->ToString();  // "2020.3"
//
// A decimal is coefficient / 10^scale. It can be any number that has such a form with
//
//   |coefficient| < 10^38   (38 significant digits)   and   0 <= scale <= 18
//
// which is SQL's DECIMAL(38, 18) and more: integers reach 10^38. Of the forms that a number has it
// is kept in the one with the smallest scale, so that equal numbers are equal in every respect.
// An operation fails if, and only if, its exact result is not such a number.
//
// Values: copies are independent, concurrent reads are safe.

#ifndef ENTENTE_COMMON_FIGURE_DECIMAL_H_
#define ENTENTE_COMMON_FIGURE_DECIMAL_H_

#include <compare>
#include <concepts>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::figure {

class Decimal {
 public:
  static constexpr int kMaxDigits = 38;
  static constexpr int kMaxScale = 18;
  // A cap on text to be read; far more than any decimal needs.
  static constexpr size_t kMaxLength = 256;

  constexpr Decimal() = default;  // 0
  // Implicit, for an integer is a decimal; a floating-point number is not, and does not convert.
  template <std::integral Integer>
  constexpr Decimal(Integer integer) : coefficient_(integer) {}  // NOLINT(google-explicit-*)

  // coefficient / 10^scale; scale may be negative, or over 18 if the excess is zeros.
  // OUT_OF_RANGE if that is not a Decimal.
  static absl::StatusOr<Decimal> FromUnits(absl::int128 coefficient, int scale);

  // Reads xsd:decimal ("8000000000", "520.3", "-1.50", "+.5", "5.") with an optional exponent
  // ("5e-10", "1.2E+6"). INVALID_ARGUMENT for anything else, with the column (from 1) and what was
  // expected: spaces, grouped thousands, decimal commas, NaN, INF. OUT_OF_RANGE for a number that
  // is not a Decimal: it is not rounded to one.
  static absl::StatusOr<Decimal> Parse(absl::string_view text);

  // The number in full: no exponent, no trailing zeros after the point, no point without a
  // fraction, a 0 before the point, no "-0". Parse() of it gives the same Decimal.
  std::string ToString() const;

  // The number is coefficient() / 10^scale(), and scale() the number of its decimal places.
  constexpr absl::int128 coefficient() const { return coefficient_; }
  constexpr int scale() const { return scale_; }

  constexpr bool is_zero() const { return coefficient_ == 0; }
  constexpr bool is_negative() const { return coefficient_ < 0; }

  constexpr Decimal operator-() const { return Decimal(-coefficient_, scale_); }

  friend constexpr bool operator==(const Decimal& a, const Decimal& b) {
    return a.coefficient_ == b.coefficient_ && a.scale_ == b.scale_;
  }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

  template <typename H>
  friend H AbslHashValue(H state, const Decimal& decimal) {
    return H::combine(std::move(state), decimal.coefficient_, decimal.scale_);
  }

  // For test failures and logs.
  friend std::ostream& operator<<(std::ostream& out, const Decimal& decimal) {
    return out << decimal.ToString();
  }

 private:
  friend struct Exact;  // decimal.cc

  constexpr Decimal(absl::int128 coefficient, int scale)
      : coefficient_(coefficient), scale_(scale) {}

  absl::int128 coefficient_ = 0;
  int scale_ = 0;
};

// OUT_OF_RANGE if the exact result is not a Decimal.
absl::StatusOr<Decimal> Add(const Decimal& a, const Decimal& b);
absl::StatusOr<Decimal> Sub(const Decimal& a, const Decimal& b);
absl::StatusOr<Decimal> Mul(const Decimal& a, const Decimal& b);

}  // namespace entente::figure

#endif  // ENTENTE_COMMON_FIGURE_DECIMAL_H_
