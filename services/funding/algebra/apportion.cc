// SPDX-License-Identifier: Apache-2.0
#include "services/funding/algebra/apportion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace entente::funding::algebra {

using absl::int128;
using figure::Decimal;

absl::StatusOr<Weights> WeightsOf(absl::Span<const Decimal> percents) {
  int scale = 0;
  for (const Decimal& percent : percents) {
    if (percent < Decimal(0) || percent > Decimal(100)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a share of ", percent.ToString(), " %: expected 0 to 100 percent"));
    }
    if (percent.scale() > kMaxPercentScale) {
      return absl::OutOfRangeError(absl::StrCat("a share of ", percent.ToString(), " %: at most ",
                                                kMaxPercentScale, " decimal places are supported"));
    }
    scale = std::max(scale, percent.scale());
  }
  std::vector<int128> power = {1};
  for (int i = 0; i < scale; ++i) power.push_back(power.back() * 10);

  Weights weights;
  weights.whole = power.back() * 100;
  int128 unallocated = weights.whole;
  for (const Decimal& percent : percents) {
    weights.parts.push_back(percent.coefficient() * power[scale - percent.scale()]);
    unallocated -= weights.parts.back();
    if (unallocated < 0) {
      return absl::InvalidArgumentError("the shares add up to more than 100 percent");
    }
  }
  if (unallocated > 0) weights.parts.push_back(unallocated);
  return weights;
}

std::vector<int128> Apportion(int128 units, const Weights& weights) {
  const int sign = units < 0 ? -1 : 1;
  const int128 amount = units * sign;
  const int128 wholes = amount / weights.whole;
  const int128 rest = amount % weights.whole;

  // amount * part / whole is wholes * part, and rest * part / whole with what that cuts off.
  std::vector<int128> shares;
  std::vector<int128> cut_off;
  int128 left = amount;
  for (const int128 part : weights.parts) {
    shares.push_back(wholes * part + rest * part / weights.whole);
    cut_off.push_back(rest * part % weights.whole);
    left -= shares.back();
  }

  std::vector<size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return cut_off[a] > cut_off[b]; });
  // Fewer are left than fractions were cut off, since each of these is less than a unit.
  for (size_t i = 0; left > 0; ++i, --left) shares[order[i]] += 1;
  for (int128& share : shares) share *= sign;
  return shares;
}

}  // namespace entente::funding::algebra
