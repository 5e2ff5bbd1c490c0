// SPDX-License-Identifier: Apache-2.0
//
// Internal to this directory: unsigned integers of 256 bits, wide enough for any intermediate
// result of Decimal's operations (at most 10^76).

#ifndef ENTENTE_COMMON_FIGURE_WIDE_H_
#define ENTENTE_COMMON_FIGURE_WIDE_H_

#include <compare>
#include <cstdint>

#include "absl/numeric/int128.h"

namespace entente::figure {

struct Wide {
  absl::uint128 high = 0;
  absl::uint128 low = 0;

  friend constexpr bool operator==(const Wide& a, const Wide& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend constexpr std::strong_ordering operator<=>(const Wide& a, const Wide& b) {
    if (a.high != b.high) {
      return a.high < b.high ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    if (a.low != b.low) {
      return a.low < b.low ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    return std::strong_ordering::equal;
  }
};

// The whole product.
inline Wide Product(absl::uint128 a, absl::uint128 b) {
  const absl::uint128 a_low = absl::Uint128Low64(a);
  const absl::uint128 a_high = absl::Uint128High64(a);
  const absl::uint128 b_low = absl::Uint128Low64(b);
  const absl::uint128 b_high = absl::Uint128High64(b);
  const absl::uint128 low = a_low * b_low;
  const absl::uint128 cross = a_high * b_low + absl::Uint128High64(low);  // < 2^128
  const absl::uint128 middle = a_low * b_high + absl::Uint128Low64(cross);
  return {a_high * b_high + absl::Uint128High64(cross) + absl::Uint128High64(middle),
          (middle << 64) + absl::Uint128Low64(low)};
}

// Modulo 2^256.
inline Wide Sum(const Wide& a, const Wide& b) {
  const absl::uint128 low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1 : 0), low};
}

// a >= b.
inline Wide Difference(const Wide& a, const Wide& b) {
  return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

// Divides by 10 in place and returns the remainder: long division, 64 bits at a time.
inline int DivideByTen(Wide* value) {
  const uint64_t digits[] = {absl::Uint128High64(value->high), absl::Uint128Low64(value->high),
                             absl::Uint128High64(value->low), absl::Uint128Low64(value->low)};
  uint64_t quotient[4];
  absl::uint128 remainder = 0;
  for (int i = 0; i < 4; ++i) {
    const absl::uint128 part = (remainder << 64) + digits[i];
    quotient[i] = static_cast<uint64_t>(part / 10);
    remainder = part % 10;
  }
  *value = {absl::MakeUint128(quotient[0], quotient[1]),
            absl::MakeUint128(quotient[2], quotient[3])};
  return static_cast<int>(remainder);
}

}  // namespace entente::figure

#endif  // ENTENTE_COMMON_FIGURE_WIDE_H_
