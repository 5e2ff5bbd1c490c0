// SPDX-License-Identifier: Apache-2.0
#include "common/resource/history.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace entente::resource {

History::History(std::shared_ptr<const State> base, std::vector<Undo> undo)
    : base_(std::move(base)), undo_(std::move(undo)), made_(undo_.size() + 1) {
  made_.back() = base_;
}

int64_t History::RevisionAt(absl::Time time) const {
  if (base_->commit_time() <= time) return base_->revision();
  // undo_[i] takes back revision floor() + i + 1, and knows when the one before was committed.
  const auto later =
      std::upper_bound(undo_.begin(), undo_.end(), time,
                       [](absl::Time t, const Undo& undo) { return t < undo.commit_time; });
  return later == undo_.begin() ? 0 : floor() + (later - undo_.begin()) - 1;
}

std::shared_ptr<const State> History::At(int64_t revision) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto at = static_cast<size_t>(revision - floor());
  size_t from = at;
  while (made_[from] == nullptr) ++from;
  if (from == at) return made_[at];
  // What changed more than once reads as it did before the first time.
  absl::flat_hash_map<absl::string_view, Before> before;
  for (size_t i = from; i > at; --i) {
    const Undo& undo = undo_[i - 1];
    for (const Entry& entry : undo.before) {
      before.insert_or_assign(entry.name, Before{entry.type, entry.name, &entry});
    }
    for (const auto& [type, name] : undo.absent) {
      before.insert_or_assign(name, Before{type, name, nullptr});
    }
  }
  std::vector<Before> all;
  all.reserve(before.size());
  for (const auto& [name, one] : before) all.push_back(one);
  made_[at] = made_[from]->Without(revision, undo_[at].commit_time, all);
  return made_[at];
}

}  // namespace entente::resource
