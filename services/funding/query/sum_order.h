// SPDX-License-Identifier: Apache-2.0
//
// The sums of a tally in order: by group and denomination, each once.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SUM_ORDER_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SUM_ORDER_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "services/funding/query/tally.h"

namespace entente::funding::query {

// The places of `keys` in their order, those of equal ones as they were. Sums are many, and their
// keys small: so they are sorted digit by digit.
std::vector<uint32_t> OrderOf(std::vector<uint64_t> keys);

// Puts the sums of splits in order; what splits say of them stays true.
void OrderSplitSums(Tally* tally);

// Puts them in order, and makes one of those of the same group and denomination.
template <typename Sums>
void AddUpSame(std::vector<Sums>* sums, std::vector<Extremes>* extremes) {
  const auto key = [](const Sums& s) { return uint64_t{s.group} << 32 | s.denomination; };
  const auto not_before = [&](const Sums& a, const Sums& b) { return key(a) >= key(b); };
  if (std::adjacent_find(sums->begin(), sums->end(), not_before) == sums->end()) return;
  std::vector<uint64_t> keys;
  keys.reserve(sums->size());
  for (const Sums& one : *sums) keys.push_back(key(one));
  std::vector<Sums> added;
  added.reserve(sums->size());
  std::vector<Extremes> of_added;
  for (const uint32_t i : OrderOf(std::move(keys))) {
    if (!added.empty() && key(added.back()) == key((*sums)[i])) {
      added.back().sum.Add((*sums)[i].sum);
      if (extremes != nullptr) of_added.back().Add((*extremes)[i]);
    } else {
      added.push_back((*sums)[i]);
      if (extremes != nullptr) of_added.push_back((*extremes)[i]);
    }
  }
  *sums = std::move(added);
  if (extremes != nullptr) *extremes = std::move(of_added);
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SUM_ORDER_H_
