// SPDX-License-Identifier: Apache-2.0
//
// A log in memory: for checks that write nothing and for tests. Durable until it is destroyed.
//
//   auto log = std::make_unique<MemoryLog>(&clock);
#ifndef ENTENTE_COMMON_LOG_MEMORY_LOG_H_
#define ENTENTE_COMMON_LOG_MEMORY_LOG_H_

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/log/log.h"

namespace entente::log {

class MemoryLog final : public Log {
 public:
  // `clock` must outlive it.
  explicit MemoryLog(const Clock* clock) : clock_(clock) {}

  absl::StatusOr<std::vector<Committed>> Append(int64_t expected_head,
                                                absl::Span<const Proposal> proposals) override;
  absl::Status Read(int64_t after, int64_t limit,
                    absl::FunctionRef<absl::Status(Revision)> fn) override;
  absl::StatusOr<int64_t> Head() override;
  absl::StatusOr<std::optional<int64_t>> RevisionAt(absl::Time time) override;
  absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                   int64_t limit) override;
  absl::StatusOr<std::optional<RecordedRequest>> FindRequest(absl::string_view request_id) override;

 private:
  const Clock* const clock_;
  std::mutex mutex_;
  std::vector<Revision> revisions_;         // Guarded by mutex_; number n is at n - 1.
  std::map<std::string, size_t> requests_;  // Guarded by mutex_; places in revisions_.
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_MEMORY_LOG_H_
