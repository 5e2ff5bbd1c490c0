// SPDX-License-Identifier: Apache-2.0
//
// Divides an amount by percentages so that the shares add up to it, to the last unit.
//
//   absl::StatusOr<Weights> weights = WeightsOf({60, 30});  // 60 %, 30 %, and 10 % unallocated
//   Apportion(1001, *weights);                              // 601, 300, 100
//
// The method is that of the largest remainder (Hamilton's): each share gets its quota rounded
// towards 0, and the units that are left go one each to the largest fractions cut off; among equal
// ones the share that was given first. So no share is a whole unit away from its quota.
//
// The method is not monotone: of a larger amount a share can be smaller (the Alabama paradox: by
// the weights 6, 6 and 2 the shares of 10 are 4, 4 and 2, those of 11 are 5, 5 and 1). Amounts that
// must stay in order are therefore apportioned in steps, as Tree::Divide does.
//
// Pure functions: thread-safe.

#ifndef ENTENTE_SERVICES_FUNDING_ALGEBRA_APPORTION_H_
#define ENTENTE_SERVICES_FUNDING_ALGEBRA_APPORTION_H_

#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/figure/decimal.h"

namespace entente::funding::algebra {

// Percentages have at most this many decimal places: then remainders times weights fit 128 bits.
inline constexpr int kMaxPercentScale = 17;

// Percentages as whole numbers: share i is parts[i] / whole, and the parts add up to the whole.
struct Weights {
  std::vector<absl::int128> parts;
  absl::int128 whole = 0;
};

// The weights of `percents`, in their order, and after them that of the unallocated share if they
// add up to less than 100.
// Errors:
//   INVALID_ARGUMENT  a percentage outside of 0 to 100, or a sum over 100
//   OUT_OF_RANGE      a percentage with more than kMaxPercentScale decimal places
absl::StatusOr<Weights> WeightsOf(absl::Span<const figure::Decimal> percents);

// A share for each weight; together they are `units`. Those of -units are the shares of units,
// negated. |units| < 2^126.
std::vector<absl::int128> Apportion(absl::int128 units, const Weights& weights);

}  // namespace entente::funding::algebra

#endif  // ENTENTE_SERVICES_FUNDING_ALGEBRA_APPORTION_H_
