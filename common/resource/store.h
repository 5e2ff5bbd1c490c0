// SPDX-License-Identifier: Apache-2.0
//
// A service's resources: the change log, the state in memory built from it, and the one writer.
//
//     write -> plan against the newest state -> append to the log (durable) -> state -> reply
//     read  -> state -> reply
//
// Writers queue; one thread plans them in order, appends all that wait in one transaction (group
// commit), publishes one state per revision and then answers. Readers take the current state, or
// one of the last few, and never wait.
//
//   Store store(std::move(log), &registry, {});
//   RETURN_IF_ERROR(store.Load());
//   store.Submit({.plan = [](const State& state) -> absl::StatusOr<std::vector<log::Change>> {...},
//                  .done = [](absl::StatusOr<Written> written) {...}});
#ifndef ENTENTE_COMMON_RESOURCE_STORE_H_
#define ENTENTE_COMMON_RESOURCE_STORE_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/log/log.h"
#include "common/parallel/parallel.h"
#include "common/resource/history.h"
#include "common/resource/state.h"
#include "common/resource/state_file.h"
#include "common/resource/state_keeper.h"

namespace entente::resource {

// What became of a write.
struct Written {
  // As after it. For a write that was only checked: as it would be.
  std::shared_ptr<const State> state;
  // What it changed; empty if everything already read like that.
  std::vector<Entry> changed;
};

// What a read is as of: a revision, or a time, or (neither) now.
struct AsOf {
  int64_t revision = 0;
  std::optional<absl::Time> time = std::nullopt;
};

// What a request asks for by its fields `revision` and `read_time`.
AsOf AsOfRequest(const google::protobuf::Message& request);

struct Write {
  // Checks the write against `state` and says what to change; nothing if nothing is to change.
  // Called on the writer's thread, possibly more than once; must not block.
  std::function<absl::StatusOr<std::vector<log::Change>>(const State& state)> plan;
  // Makes the write idempotent; see Log::Append. Empty: it is not.
  std::string request_id;
  std::string request_fingerprint;
  // Why it is made; see Committed.
  std::string reason;
  // Plan, and write nothing.
  bool validate_only = false;
  // A write that is still waiting then is not made: nobody waits for its answer.
  absl::Time deadline = absl::InfiniteFuture();
  // Called exactly once, on the writer's thread; must not block. Errors: those of `plan`;
  // REQUEST_ID_REUSED; DEADLINE_ALREADY_PASSED; LOG_UNAVAILABLE; SHUTTING_DOWN.
  std::function<void(absl::StatusOr<Written>)> done;
};

struct StoreOptions {
  // Of how many last revisions the states can be read. At least 1.
  size_t retained_revisions = 1000;
  // Tells what has not happened yet. Must outlive the store.
  const Clock* clock = &SystemClock::Get();
  // A file in which the state is kept beside the log, so that a start need not read all of the log
  // (state_file.h); none if empty. Nobody else may write it.
  std::string state_file;
  // How many changes the log has more than the file, at least, when it is written anew.
  int64_t state_file_changes = 100'000;
};

// Thread-safe.
class Store {
 public:
  // Empty until it is loaded; writes wait until then. `registry` must outlive it.
  Store(std::unique_ptr<log::Log> log, const Registry* registry, StoreOptions options);
  // Writes that wait are answered with SHUTTING_DOWN.
  ~Store();

  // Reads the state file and what the log has beyond it, or the whole log if there is any doubt
  // about the file, and begins to write. To be called once. DATA_LOSS if the log holds what the
  // registry does not know; otherwise the errors of Log::Read.
  absl::Status Load();

  // Whether Load used the state file.
  bool loaded_from_file() const { return loaded_from_file_; }

  std::shared_ptr<const State> Current() const;

  // The state as of `revision`; 0 means the current one. Those from before Load are made when they
  // are first asked for, which takes as long as what changed since takes to take back. OUT_OF_RANGE
  // (REVISION_IN_FUTURE), FAILED_PRECONDITION (REVISION_NOT_RETAINED), INVALID_ARGUMENT if
  // negative.
  absl::StatusOr<std::shared_ptr<const State>> At(int64_t revision) const;

  // The same as of a time: the state after the last revision committed at or before it, which is
  // empty before the first. OUT_OF_RANGE (READ_TIME_IN_FUTURE), INVALID_ARGUMENT if both are given.
  // What is being committed at this moment has a time that may lie a little back: a time of the
  // last second can later be of another revision. May read from the disk for times long ago.
  absl::StatusOr<std::shared_ptr<const State>> At(const AsOf& as_of) const;

  // The last revision committed at or before `time`, that can be read or not; 0 if there is none.
  // OUT_OF_RANGE (READ_TIME_IN_FUTURE). As above of times of the last second and of the disk.
  absl::StatusOr<int64_t> RevisionAt(absl::Time time) const;

  // The first revision that At gives; 0 while there is none.
  int64_t OldestReadable() const;

  // The numbers of the revisions up to `last` that changed `name`, newest first, at most `limit`.
  // Reads from the disk.
  absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                   int64_t limit) const {
    return log_->RevisionsOf(name, last, limit);
  }

  // How often something was erased: whoever keeps what states had in them must then forget it.
  int64_t erasures() const { return erasures_; }

  // The first revision after `after`, from memory or from the log; null if there is none. May read
  // from the disk.
  absl::StatusOr<std::shared_ptr<const Committed>> Next(int64_t after) const;

  void Submit(Write write);

  // `listener` is called on the writer's thread after each new revision; must not block. At most
  // one; null for none. After it returns the one before is called no more.
  void SetListener(std::function<void()> listener);

  const Registry& registry() const { return *registry_; }

 private:
  absl::Status CatchUp();
  // False if the state file is of no use.
  absl::StatusOr<bool> LoadFromFile(Parallel* parallel);
  void Adopt(std::shared_ptr<const History> history);
  // Makes all that can be read as if what `committed` erases had never said anything.
  void ForgetErased(const std::shared_ptr<const Committed>& committed);
  int64_t OldestReadableLocked() const;
  StateImage Image() const;
  absl::StatusOr<std::shared_ptr<const Committed>> ReadOne(int64_t after) const;
  void Publish(const std::shared_ptr<const Committed>& published);
  void WriterLoop();
  void Commit(std::vector<Write> batch);

  const std::unique_ptr<log::Log> log_;
  const Registry* const registry_;
  const StoreOptions options_;

  std::mutex listener_mutex_;
  std::function<void()> listener_;  // Guarded by listener_mutex_, which is held while it runs.

  mutable std::mutex state_mutex_;
  std::shared_ptr<const State> current_;             // Guarded by state_mutex_.
  std::deque<std::shared_ptr<const State>> states_;  // Guarded; the last few since Load, in order.
  std::deque<std::shared_ptr<const Committed>> revisions_;  // Guarded; what led to them.
  // Guarded; the states before them, and the first of them. Null when all of it is too old.
  std::shared_ptr<const History> history_;
  std::atomic<int64_t> erasures_{0};
  bool loaded_from_file_ = false;

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<Write> queue_;  // Guarded by queue_mutex_.
  bool stopping_ = false;    // Guarded by queue_mutex_.
  std::thread writer_;
  std::unique_ptr<StateFileKeeper> keeper_;  // Null if there is no state file.
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_STORE_H_
