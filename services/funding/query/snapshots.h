// SPDX-License-Identifier: Apache-2.0
//
// The snapshots of a store: one table of claims that grows with it, and views of the last few
// revisions that were asked for.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOTS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "common/resource/state.h"
#include "common/resource/store.h"
#include "services/funding/query/claim_table.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

// When a table is worn, and one is made anew while it serves.
struct SnapshotsOptions {
  // Of its rows, which part has ended, and how many: fewer are not worth the thought.
  double most_ended = 0.25;
  size_t least_ends = 1 << 16;
};

// Thread-safe.
class Snapshots {
 public:
  // `store` must outlive it.
  explicit Snapshots(const resource::Store* store, SnapshotsOptions options = {})
      : store_(store), options_(options) {}
  ~Snapshots();

  // Of a state of the store. The first one makes the table, a step for each claim; later ones cost
  // what changed since. What is older than the table is made from the state alone.
  std::shared_ptr<const Snapshot> Of(const std::shared_ptr<const resource::State>& asked);

  // How often a table was worn, and another took its place.
  size_t renewals() const;

 private:
  // More than one, for readers of the past beside those of the present, and for comparisons.
  static constexpr size_t kKept = 4;

  struct Slot {
    std::once_flag once;
    std::shared_ptr<const Snapshot> snapshot;
  };

  // Brings `table` to `revision`, which is not before its own. False if the states on the way are
  // not kept any more.
  bool Advance(ClaimTable* table, int64_t revision) const;
  void ReplaceIfWorn();

  const resource::Store* const store_;
  const SnapshotsOptions options_;
  mutable std::mutex mutex_;
  // All that follows is guarded by mutex_.
  std::shared_ptr<ClaimTable> table_;
  // How often the store had forgotten something when it was made; rows know nothing of that.
  int64_t erasures_ = 0;
  // By revision; the latest used is the last.
  std::vector<std::pair<int64_t, std::shared_ptr<Slot>>> slots_;
  // Makes a table anew while the old one serves.
  std::thread renewal_;
  bool renewing_ = false;
  size_t renewals_ = 0;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOTS_H_
