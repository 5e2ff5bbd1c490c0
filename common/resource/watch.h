// SPDX-License-Identifier: Apache-2.0
//
// Watches: every revision from some point on, in order, to whoever asked, at their pace.
//
// A watch is pulled, not pushed: it is a place in the log, and the hub makes the next step for it
// only when its sink is ready for one. A slow consumer therefore costs no memory; it reads on from
// the log when it is ready again.
//
//   auto watch = hub.Start({.resume_token = token}, sink);   // sink->Send(step) follows
//   hub.Ready(watch);                                        // after each step: send one more
#ifndef ENTENTE_COMMON_RESOURCE_WATCH_H_
#define ENTENTE_COMMON_RESOURCE_WATCH_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/filter/filter.h"
#include "common/resource/store.h"
#include "entente/type/v1/standard.pb.h"

namespace entente::resource {

// The most resources that one step carries, and about the most bytes, well below the 4 MiB that
// gRPC's clients take by default; larger revisions come in several.
inline constexpr size_t kMaxResourcesPerStep = 500;
inline constexpr size_t kMaxBytesPerStep = 1 << 20;

inline constexpr absl::Duration kDefaultCheckpointInterval = absl::Seconds(30);
inline constexpr absl::Duration kMinCheckpointInterval = absl::Milliseconds(100);
inline constexpr absl::Duration kMaxCheckpointInterval = absl::Minutes(10);

// What WatchResponse says, in every service.
struct WatchStep {
  type::v1::WatchMessageKind kind = type::v1::WATCH_MESSAGE_KIND_UNSPECIFIED;
  int64_t revision = 0;
  absl::Time commit_time;  // The infinite past for revision 0.
  std::vector<Entry> resources;
  std::string resume_token;  // Empty unless the revision (or state) is complete with this step.
  std::vector<std::string> left;  // The names of those that are no longer selected.
};

// Where a watch sends. Called on the hub's thread, never twice at once for one sink.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  // One step. The next one comes after WatchHub::Ready. Must not block.
  virtual void Send(const WatchStep& step) = 0;
  // The watch is over, not at the consumer's wish. Nothing is called after it.
  virtual void Close(const absl::Status& status) = 0;
};

// Resources that a watch is about.
struct Selection {
  const ResourceType* type;
  std::shared_ptr<const filter::Filter> filter;
};

struct WatchOptions {
  // No type twice. All resources if empty.
  std::vector<Selection> selections;
  std::string resume_token;
  bool include_current = false;
  absl::Duration checkpoint_interval = kDefaultCheckpointInterval;
};

// Thread-safe. One for each store; the store must outlive it.
class WatchHub {
 public:
  using Id = uint64_t;

  // `service` is the full name of the service: tokens of one are foreign to another.
  WatchHub(Store* store, std::string service);
  // Closes what is still open with SHUTTING_DOWN.
  ~WatchHub();

  // Begins a watch and sends its first step. Does not block. INVALID_ARGUMENT for a token that is
  // not one of this service's; OUT_OF_RANGE (WATCH_TOKEN_UNKNOWN) for one of a revision that the
  // log does not have. That the log has it otherwise, because the database is not the one that the
  // token is from, takes a look into the log: then the watch is closed with OUT_OF_RANGE.
  absl::StatusOr<Id> Start(const WatchOptions& options, std::shared_ptr<WatchSink> sink);

  // The sink takes one more step.
  void Ready(Id id);

  // The consumer has gone. After it returns the sink is called no more, except by a call that is
  // under way.
  void Cancel(Id id);

  // Closes every watch with SHUTTING_DOWN and accepts no more.
  void Shutdown();

 private:
  struct Watch;

  void Loop();
  // Takes the watch from everywhere; false if it was gone already.
  bool Remove(Id id);
  // Waits until there are watches to look at, or the end, and takes them.
  std::vector<std::shared_ptr<Watch>> AwaitDue();
  // Sends the next step of `watch` if there is one to send. OK if it sent or has nothing to send.
  // May read from the disk.
  absl::Status Step(Watch* watch);
  void StepCurrent(Watch* watch);
  // Fills `step` with what is left of the revision that is being sent, as far as there is room.
  void FillStep(Watch* watch, WatchStep* step) const;
  // How `entry` read before `revision`, if that is still known: null if it was not there.
  std::optional<const Entry*> Before(Watch* watch, int64_t revision, const Entry& entry) const;
  std::string Token(int64_t revision, absl::Time commit_time) const;
  absl::StatusOr<log::Committed> OpenToken(const std::string& token) const;
  // Whether the log has the revision that a watch resumes after as its token says.
  absl::Status CheckResumed(const Watch& watch) const;

  Store* const store_;
  const std::string service_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // All guarded by mutex_. A watch stands in due_, in idle_, or, until its sink is ready, in
  // neither.
  std::map<Id, std::shared_ptr<Watch>> watches_;
  std::vector<std::shared_ptr<Watch>> due_;                              // To be looked at.
  std::set<std::pair<std::chrono::steady_clock::time_point, Id>> idle_;  // By checkpoint_at.
  Id last_id_ = 0;
  bool stopping_ = false;
  bool advanced_ = false;  // There are new revisions, which those in idle_ have not looked at.
  std::thread thread_;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_WATCH_H_
