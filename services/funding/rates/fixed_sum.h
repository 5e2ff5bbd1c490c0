// SPDX-License-Identifier: Apache-2.0
//
// Sums of converted amounts in fixed point, with bounds for what the fixed point cannot hold: many
// times faster than ConvertedSum, and the same wherever it gives a result at all.
//
//   const std::optional<FixedRate> rate = FixedRate::Of(factor, /*from_digits=*/2,
//   /*to_digits=*/2); FixedSum sum; sum.Add(12345, *rate);                // 123.45 of the one
//   currency sum.Round(Rounding::kHalfEven, 2);    // 113.92 of the other; or nothing: then ask
//   ConvertedSum
//
// A rate is cut off after 128 binary places. So the exact sum lies within bounds that are known,
// and where both of them are rounded to the same number, so is all in between. Where they are not,
// as with an exact half of a cent, nothing is returned.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_FIXED_SUM_H_
#define ENTENTE_SERVICES_FUNDING_RATES_FIXED_SUM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/numeric/int128.h"
#include "common/figure/decimal.h"
#include "services/funding/rates/convert.h"
#include "services/funding/rates/table.h"

namespace entente::funding::rates {

// How many minor units of one currency a minor unit of another is.
struct FixedRate {
  // The number is limbs / 2^128, the lowest limb first, or less than 2^-128 above it if it is not
  // `exact`.
  std::array<uint64_t, 3> limbs = {};
  bool exact = true;

  // `from_digits`, `to_digits`: of the minor units. None for a rate of 2^64 or more.
  static std::optional<FixedRate> Of(const Factor& factor, int from_digits, int to_digits);

  friend bool operator==(const FixedRate&, const FixedRate&) = default;
};

// Values.
class FixedSum {
 public:
  // Adds `units` at `rate`.
  void Add(absl::int128 units, const FixedRate& rate);
  void Add(const FixedSum& other);

  // The sum, `digits` being those of its minor units. None where the bounds do not tell, or where
  // it is no Decimal.
  std::optional<figure::Decimal> Round(Rounding rounding, int digits) const;
  // The sum divided by `count`, at least 1, half to even; none likewise.
  std::optional<figure::Decimal> Mean(int64_t count, int digits) const;

 private:
  // In two's complement, the lowest first, of which two are behind the point.
  using Limbs = std::array<uint64_t, 6>;
  // Greater amounts than any that are added up in numbers could make a sum of many wrap around.
  static constexpr absl::int128 kMost = absl::int128(1) << 90;

  // `limbs` and `more`, which stands for its sign as well, at its low end.
  static void AddTo(Limbs* limbs, absl::int128 more);
  static std::optional<absl::int128> Rounded(const Limbs& limbs, bool more, Rounding rounding);
  static Limbs Divide(Limbs limbs, uint64_t divisor, bool* rest);
  std::optional<figure::Decimal> DividedBy(int64_t divisor, Rounding rounding, int digits) const;

  Limbs limbs_ = {};
  // The exact sum is at least limbs_ + below_ and at most limbs_ + above_, in units of 2^-128.
  absl::int128 below_ = 0;
  absl::int128 above_ = 0;
  bool too_large_ = false;
};

inline void FixedSum::Add(absl::int128 units, const FixedRate& rate) {
  if (units > kMost || units < -kMost) {
    too_large_ = true;
    return;
  }
  const bool negative = units < 0;
  if (!rate.exact) (negative ? below_ : above_) += units;
  const auto magnitude = static_cast<absl::uint128>(negative ? -units : units);
  // At most 2^90 times less than 2^192; the sum of 2^37 of these has its sign in the last limb.
  Limbs product = {};
  for (size_t i = 0; i < 2; ++i) {
    const uint64_t limb = i == 0 ? absl::Uint128Low64(magnitude) : absl::Uint128High64(magnitude);
    if (limb == 0) continue;
    uint64_t carry = 0;
    for (size_t j = 0; j < rate.limbs.size(); ++j) {
      const absl::uint128 sum =
          absl::uint128(limb) * rate.limbs[j] + product[i + j] + absl::uint128(carry);
      product[i + j] = absl::Uint128Low64(sum);
      carry = absl::Uint128High64(sum);
    }
    product[i + rate.limbs.size()] = carry;
  }
  // Minus a number is its complement and 1.
  const uint64_t flip = negative ? ~uint64_t{0} : 0;
  uint64_t carry = negative ? 1 : 0;
  for (size_t i = 0; i < limbs_.size(); ++i) {
    const absl::uint128 sum = absl::uint128(limbs_[i]) + (product[i] ^ flip) + carry;
    limbs_[i] = absl::Uint128Low64(sum);
    carry = absl::Uint128High64(sum);
  }
}

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_FIXED_SUM_H_
