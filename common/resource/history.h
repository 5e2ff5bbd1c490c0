// SPDX-License-Identifier: Apache-2.0
//
// The states of the last revisions before one, each made when it is first asked for: what a start
// keeps of the past, for which it need not make a state for each revision.
//
//   auto history = std::make_shared<History>(state, std::move(changes));
//   ASSERT(history->floor() <= revision && revision <= state->revision());
//   std::shared_ptr<const State> earlier = history->At(revision);
#ifndef ENTENTE_COMMON_RESOURCE_HISTORY_H_
#define ENTENTE_COMMON_RESOURCE_HISTORY_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/time/time.h"
#include "common/resource/state.h"

namespace entente::resource {

// How everything that a revision changed read before it.
struct Undo {
  // Of the revision before.
  absl::Time commit_time;
  std::vector<Entry> before;
  // The names that nothing had. Views of what the state or a later `before` keeps.
  std::vector<std::pair<const ResourceType*, absl::string_view>> absent;
};

// Thread-safe.
class History {
 public:
  // `undo` is of the last revisions up to that of `base`, in order.
  History(std::shared_ptr<const State> base, std::vector<Undo> undo);

  // The first revision whose state can be made.
  int64_t floor() const { return base_->revision() - static_cast<int64_t>(undo_.size()); }
  const std::shared_ptr<const State>& base() const { return base_; }
  // Of a revision after floor(), up to that of the base.
  const Undo& undo(int64_t revision) const {
    return undo_[static_cast<size_t>(revision - floor()) - 1];
  }

  // The last revision from floor() on that was committed at or before `time`; 0 if there is none.
  int64_t RevisionAt(absl::Time time) const;

  // The state of `revision`, from floor() to that of the base. The first who asks waits for what
  // was changed since to be taken back.
  std::shared_ptr<const State> At(int64_t revision) const;

 private:
  const std::shared_ptr<const State> base_;
  const std::vector<Undo> undo_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const State>> made_;  // Guarded; from floor() on, or null.
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_HISTORY_H_
