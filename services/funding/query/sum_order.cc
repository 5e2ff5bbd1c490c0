// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/sum_order.h"

#include <array>

namespace entente::funding::query {

std::vector<uint32_t> OrderOf(std::vector<uint64_t> keys) {
  constexpr int kBits = 11;
  constexpr uint64_t kMask = (uint64_t{1} << kBits) - 1;
  std::vector<uint32_t> order(keys.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  uint64_t bits = 0;
  for (const uint64_t key : keys) bits |= key;
  std::vector<uint64_t> next_keys(keys.size());
  std::vector<uint32_t> next_order(keys.size());
  for (int shift = 0; shift < 64 && bits >> shift != 0; shift += kBits) {
    if ((bits >> shift & kMask) == 0) continue;
    std::array<uint32_t, kMask + 1> places = {};
    for (const uint64_t key : keys) ++places[key >> shift & kMask];
    uint32_t place = 0;
    for (uint32_t& count : places) place += std::exchange(count, place);
    for (size_t i = 0; i < keys.size(); ++i) {
      const uint32_t to = places[keys[i] >> shift & kMask]++;
      next_keys[to] = keys[i];
      next_order[to] = order[i];
    }
    keys.swap(next_keys);
    order.swap(next_order);
  }
  return order;
}

void OrderSplitSums(Tally* tally) {
  const std::vector<Tally::Bounded> sums = std::move(tally->split_sums);
  const auto key = [](const Tally::Bounded& sum) {
    return uint64_t{sum.group} << 32 | sum.denomination;
  };
  std::vector<uint64_t> keys;
  keys.reserve(sums.size());
  for (const Tally::Bounded& sum : sums) keys.push_back(key(sum));
  std::vector<uint32_t> places(sums.size());
  tally->split_sums.clear();
  for (const uint32_t i : OrderOf(std::move(keys))) {
    if (!tally->split_sums.empty() && key(tally->split_sums.back()) == key(sums[i])) {
      tally->split_sums.back().sum.Add(sums[i].sum);
    } else {
      tally->split_sums.push_back(sums[i]);
    }
    places[i] = static_cast<uint32_t>(tally->split_sums.size() - 1);
  }
  for (Scan::Split& split : tally->splits) split.sum = places[split.sum];
}

}  // namespace entente::funding::query
