// SPDX-License-Identifier: Apache-2.0
//
// The change log: the one durable thing under each data service.
//
// A log is a sequence of revisions, numbered 1, 2, 3 ... without gaps. A revision is a set of
// changes that became true together; what a service answers from is built by reading them in
// order. History, watch, the catch-up of replicas, backup and read-your-writes all come from here.
//
//   auto committed = log->Append(/*expected_head=*/41,
//                                {{.request_id = "7c1e...",
//                                  .request_fingerprint = Sha256(request),
//                                  .changes = {{"initiatives/iuu", ChangeKind::kPut, bytes}}}});
//   // committed->front().number == 42, and it is on disk.
//
//   absl::Status status = log->Read(/*after=*/40, /*limit=*/2, [&](Revision revision) {
//     model.Apply(revision);
//     return absl::OkStatus();
//   });
//
// Bodies are opaque bytes here: what they mean is the service's affair.
//
// Implementations: SqliteLog (sqlite_log.h). All keep the contract that log_contract_test.h
// states as tests.

#ifndef ENTENTE_COMMON_LOG_LOG_H_
#define ENTENTE_COMMON_LOG_LOG_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace entente::log {

// What happened to a resource. Stored as these small integers: never renumbered, never reused.
enum class ChangeKind : uint8_t {
  kPut = 1,       // It has this body now, whether it existed before or not.
  kDelete = 2,    // It is gone from the present, and can come back.
  kUndelete = 3,  // It is back, with the body that it had.
  kErase = 4,     // It is gone for good, from history too; only its name stays, as a tombstone.
};

// The most that one body may hold. Far above any record (a message is at most a few megabytes),
// far below what the stores can take: whatever is bigger is a mistake of the caller's.
inline constexpr int64_t kMaxBodyBytes = int64_t{64} << 20;

// No limit on the number of revisions, for Log::Read.
inline constexpr int64_t kAllRevisions = std::numeric_limits<int64_t>::max();

struct Change {
  std::string name;  // The resource's name: UTF-8, not empty, no NUL.
  ChangeKind kind = ChangeKind::kPut;
  // What the resource reads like after the change (for kDelete: like when it is back), so that a
  // revision can be understood without those before it. Empty for kErase.
  std::string body;

  friend bool operator==(const Change&, const Change&) = default;
};

// What somebody wants to become one revision.
struct Proposal {
  std::string request_id;           // Makes the write idempotent: UTF-8, no NUL; may be empty.
  std::string request_fingerprint;  // Bytes that tell one request from another under the same id;
                                    // empty if there is no id.
  std::vector<Change> changes;      // At least one. Their order is kept.
  std::string reason;               // Why it is made, in whatever form; may be empty.
};

struct Revision {
  int64_t number = 0;
  absl::Time commit_time;  // Whole microseconds.
  std::string request_id;
  std::string request_fingerprint;
  std::vector<Change> changes;
  std::string reason;  // As proposed; empty if something of the revision has been erased since.
};

struct Committed {
  int64_t number = 0;
  absl::Time commit_time;

  friend bool operator==(const Committed&, const Committed&) = default;
};

// What became of a request that was written under an id.
struct RecordedRequest {
  Committed committed;
  // Empty if the revision was written before the log kept fingerprints: then there is nothing to
  // compare with, and the id alone decides.
  std::string fingerprint;
};

// Thread-safety: every method may be called from several threads at once. Appends are serialised;
// reads do not wait for them, and see whole revisions only, each with all before it.
//
// Errors that any method may return:
//   UNAVAILABLE        trouble with the disk or the server, or the store stayed busy for too long;
//                      trying again may help
//   RESOURCE_EXHAUSTED the disk (or the space allowed) is full, or memory is
//   PERMISSION_DENIED  the store has become read-only
//   DATA_LOSS          what is stored is damaged: restore it
//   INTERNAL           a fault of this program
class Log {
 public:
  virtual ~Log() = default;

  // Appends one revision for each proposal, in order, with consecutive numbers: all of them or
  // none. They are durable before this returns, and visible to reads that begin afterwards. Many
  // proposals cost about as much as one, so callers group what is waiting.
  //
  // `expected_head` is the number of the last revision the caller knows and has validated against
  // (0: an empty log).
  //
  // Commit times come from the store's clock and increase strictly, by at least a microsecond from
  // one revision to the next, whatever that clock does.
  //
  // A kErase makes the log forget every body that the name ever had: earlier changes of that name
  // read as kErase from then on, also those in this very call, and the reasons of the revisions
  // that they are in as empty. Numbers and times stay, and the reason of the kErase itself.
  //
  //   ABORTED          the head is another: somebody else has written. Read on, validate, retry.
  //   ALREADY_EXISTS   a request id is in the log already, or twice in this call. (Callers ask
  //                    FindRequest first; this is the second line of defence.)
  //   INVALID_ARGUMENT no proposals, or one without changes; an empty name; a NUL in a name or an
  //                    id; a body with kErase, or one above kMaxBodyBytes; a fingerprint without an
  //                    id; a negative head
  //   UNAVAILABLE      as above; here it can also be that the commit itself failed, and then it is
  //                    not known whether it will be found after a restart. A request id answers
  //                    that (FindRequest), and `expected_head` keeps a retry from being applied
  //                    twice.
  virtual absl::StatusOr<std::vector<Committed>> Append(int64_t expected_head,
                                                        absl::Span<const Proposal> proposals) = 0;

  // Calls `fn` with each revision numbered above `after`, in order, at most `limit` of them, up to
  // the head at the time of the call. `after` at or beyond the head: nothing, OK. If `fn` returns
  // an error, reading stops and that error is returned.
  //
  // `fn` runs in the calling thread with nothing locked: it may take its time and call the log.
  //
  //   INVALID_ARGUMENT `after` or `limit` is negative
  virtual absl::Status Read(int64_t after, int64_t limit,
                            absl::FunctionRef<absl::Status(Revision)> fn) = 0;

  // The number of the last revision; 0 if there is none.
  virtual absl::StatusOr<int64_t> Head() = 0;

  // The last revision committed at or before `time`; none if the log began later. Infinite times
  // are allowed.
  virtual absl::StatusOr<std::optional<int64_t>> RevisionAt(absl::Time time) = 0;

  // The numbers of the revisions up to `last` in which `name` changed, the newest first, at most
  // `limit` of them.
  //
  //   INVALID_ARGUMENT the name is empty, or `last` or `limit` negative
  virtual absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                           int64_t limit) = 0;

  // The revision written under `request_id`, if there is one.
  //
  //   INVALID_ARGUMENT the id is empty
  virtual absl::StatusOr<std::optional<RecordedRequest>> FindRequest(
      absl::string_view request_id) = 0;
};

// Checks what Append promises to refuse as INVALID_ARGUMENT, whatever the store.
absl::Status ValidateAppend(int64_t expected_head, absl::Span<const Proposal> proposals);

// Checks what RevisionsOf promises to refuse, whatever the store.
absl::Status ValidateRevisionsOf(absl::string_view name, int64_t last, int64_t limit);

// The commit time, in microseconds since 1970, that follows `last_micros` when the clock reads
// `now`. INTERNAL if that is beyond the year 9999: the clock is wrong, and protobuf's Timestamp
// could not carry it.
absl::StatusOr<int64_t> NextCommitMicros(absl::Time now, int64_t last_micros);

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_LOG_H_
