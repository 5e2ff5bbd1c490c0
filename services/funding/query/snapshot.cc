// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/snapshot.h"

#include <algorithm>

namespace entente::funding::query {

std::shared_ptr<const Snapshot> Snapshot::Of(std::shared_ptr<const resource::State> state) {
  return ClaimTable::Of(state)->At(state);
}

bool Snapshot::alive(Atom atom) const {
  const size_t row = RowOf(atom);
  const uint64_t* bits = BitsOf(IsFlat(atom) ? ended_flat_ : ended_trees_, row / kBlockRows);
  return bits == nullptr || (bits[row % kBlockRows / 64] >> (row % 64) & 1) == 0;
}

absl::int128 Snapshot::most_units_in_all() const {
  absl::int128 most = most_of_trees_;
  for (size_t block = 0; block * kBlockRows < flat_rows(); ++block) {
    most += absl::int128(most_units(block)) * kBlockRows;
  }
  return most;
}

std::optional<Atom> Snapshot::Find(absl::string_view name) const {
  std::lock_guard<std::mutex> lock(table_->mutex_);
  if (const auto places = table_->places_.find(name); places != table_->places_.end()) {
    for (const Atom atom : places->second) {
      if (Has(atom)) return atom;
    }
  }
  const std::optional<Atom> in_base = table_->FindInBase(*state_, name);
  return in_base.has_value() && Has(*in_base) ? in_base : std::nullopt;
}

Atom Snapshot::top(Atom atom) const {
  while (whole(atom) != kNoAtom) atom = whole(atom);
  return atom;
}

bool Snapshot::IsWithin(Atom atom, Atom ancestor) const {
  for (; atom != kNoAtom; atom = whole(atom)) {
    if (atom == ancestor) return true;
  }
  return false;
}

const std::vector<Unusable>& Snapshot::unusable() const {
  std::call_once(unusable_once_, [&] {
    for (size_t i = 0; i < all_unusable_.size(); ++i) {
      if (alive(all_unusable_[i].atom)) unusable_.push_back(all_unusable_[i]);
    }
  });
  return unusable_;
}

const std::vector<Snapshot::Relation>& Snapshot::relations() const {
  std::call_once(relations_once_, [&] {
    std::vector<Atom> related;
    for (size_t i = 0; i < related_.size(); ++i) {
      if (alive(related_[i])) related.push_back(related_[i]);
    }
    // By name: what is left out for what may depend on the order.
    std::sort(related.begin(), related.end(),
              [&](Atom a, Atom b) { return claim(a).name() < claim(b).name(); });
    for (const Atom atom : related) {
      for (const v1::ClaimRelation& relation : claim(atom).relations()) {
        const auto to = Find(relation.claim());
        if (to.has_value() && *to != atom) relations_.push_back({atom, relation.kind(), *to});
      }
    }
  });
  return relations_;
}

std::shared_ptr<const Column> Snapshot::Base(absl::string_view field,
                                             absl::string_view vocabulary) const {
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto& found = columns_[{std::string(field), std::string(vocabulary)}];
    if (found == nullptr) found = std::make_shared<Slot>();
    slot = found;
  }
  // Others who want the same column wait for it; others who want another do not.
  std::call_once(slot->once, [&] { slot->column = table_->ColumnFor(*this, field, vocabulary); });
  return slot->column;
}

}  // namespace entente::funding::query
