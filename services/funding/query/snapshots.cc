// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/snapshots.h"

#include <algorithm>

namespace entente::funding::query {

std::shared_ptr<const Snapshot> Snapshots::Of(const std::shared_ptr<const resource::State>& state) {
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const auto& kept) {
      return kept.first == state->revision();
    });
    if (found != slots_.end()) {
      std::rotate(found, found + 1, slots_.end());
    } else {
      if (slots_.size() == kKept) slots_.erase(slots_.begin());
      slots_.emplace_back(state->revision(), std::make_shared<Slot>());
    }
    slot = slots_.back().second;
  }
  std::call_once(slot->once, [&] { slot->snapshot = Snapshot::Of(state); });
  return slot->snapshot;
}

}  // namespace entente::funding::query
