// SPDX-License-Identifier: Apache-2.0
//
// The snapshots of the last few revisions that were asked for.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOTS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/resource/state.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

// Thread-safe. Callers who want the same snapshot wait for the one that makes it; callers who want
// another do not.
class Snapshots {
 public:
  std::shared_ptr<const Snapshot> Of(const std::shared_ptr<const resource::State>& state);

 private:
  // More than one, for readers of the past beside those of the present, and for comparisons.
  static constexpr size_t kKept = 3;

  struct Slot {
    std::once_flag once;
    std::shared_ptr<const Snapshot> snapshot;
  };

  std::mutex mutex_;
  // By revision; the latest used is the last. Guarded by mutex_.
  std::vector<std::pair<int64_t, std::shared_ptr<Slot>>> slots_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOTS_H_
