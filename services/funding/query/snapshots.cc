// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/snapshots.h"

#include <algorithm>

namespace entente::funding::query {

Snapshots::~Snapshots() {
  if (renewal_.joinable()) renewal_.join();
}

std::shared_ptr<const Snapshot> Snapshots::Of(const std::shared_ptr<const resource::State>& asked) {
  std::shared_ptr<const resource::State> state = asked;
  std::shared_ptr<Slot> slot;
  std::shared_ptr<ClaimTable> table;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (const int64_t erasures = store_->erasures(); erasures != erasures_) {
      erasures_ = erasures;
      table_ = nullptr;
      slots_.clear();
    }
    if (erasures_ > 0) {
      // The caller's may be from before an erasure.
      auto forgetful = store_->At(asked->revision());
      if (forgetful.ok()) state = *std::move(forgetful);
    }
    const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const auto& kept) {
      return kept.first == state->revision();
    });
    if (found != slots_.end()) {
      std::rotate(found, found + 1, slots_.end());
      slot = slots_.back().second;
    } else {
      if (slots_.size() == kKept) slots_.erase(slots_.begin());
      slot = std::make_shared<Slot>();
      slots_.emplace_back(state->revision(), slot);
      if (table_ == nullptr ||
          (state->revision() > table_->revision() && !Advance(table_.get(), state->revision()))) {
        table_ = ClaimTable::Of(state);
      }
      ReplaceIfWorn();
    }
    if (state->revision() >= table_->base_revision()) table = table_;
  }
  // Callers who want the same snapshot wait for the one that makes it; callers who want another do
  // not.
  std::call_once(slot->once, [&] {
    slot->snapshot = table != nullptr ? table->At(state) : Snapshot::Of(state);
  });
  return slot->snapshot;
}

bool Snapshots::Advance(ClaimTable* table, int64_t revision) const {
  while (table->revision() < revision) {
    const auto next = store_->Next(table->revision());
    if (!next.ok() || *next == nullptr) return false;
    auto state = store_->At((*next)->revision);
    if (!state.ok()) return false;
    table->Apply(**next, *std::move(state));
  }
  return true;
}

void Snapshots::ReplaceIfWorn() {
  if (renewing_ || table_->ends() < options_.least_ends || table_->ended() < options_.most_ended) {
    return;
  }
  if (renewal_.joinable()) renewal_.join();
  renewing_ = true;
  renewal_ = std::thread([this, state = store_->Current(), erasures = erasures_] {
    std::shared_ptr<ClaimTable> table = ClaimTable::Of(state);
    std::lock_guard<std::mutex> lock(mutex_);
    renewing_ = false;
    if (erasures != erasures_ || table_ == nullptr) return;
    if (!Advance(table.get(), table_->revision())) return;
    // The old one goes when the lock has: that takes time.
    table_.swap(table);
    ++renewals_;
  });
}

size_t Snapshots::renewals() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return renewals_;
}

}  // namespace entente::funding::query
