// SPDX-License-Identifier: Apache-2.0
#include "common/log/log_contract_test.h"
#include "common/log/memory_log.h"

namespace entente::log {
namespace {

// A log that outlives its closing: a view of one MemoryLog.
class View final : public Log {
 public:
  explicit View(MemoryLog* log) : log_(log) {}

  absl::StatusOr<std::vector<Committed>> Append(int64_t expected_head,
                                                absl::Span<const Proposal> proposals) override {
    return log_->Append(expected_head, proposals);
  }
  absl::Status Read(int64_t after, int64_t limit,
                    absl::FunctionRef<absl::Status(Revision)> fn) override {
    return log_->Read(after, limit, fn);
  }
  absl::StatusOr<int64_t> Head() override { return log_->Head(); }
  absl::StatusOr<std::optional<int64_t>> RevisionAt(absl::Time time) override {
    return log_->RevisionAt(time);
  }
  absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                   int64_t limit) override {
    return log_->RevisionsOf(name, last, limit);
  }
  absl::StatusOr<std::optional<RecordedRequest>> FindRequest(absl::string_view id) override {
    return log_->FindRequest(id);
  }

 private:
  MemoryLog* const log_;
};

class MemoryPlace final : public LogPlace {
 public:
  static std::unique_ptr<LogPlace> Fresh() { return std::make_unique<MemoryPlace>(); }

  absl::StatusOr<std::unique_ptr<Log>> Open(const Clock& clock) override {
    if (log_ == nullptr) log_ = std::make_unique<MemoryLog>(&clock);
    return std::make_unique<View>(log_.get());
  }

 private:
  std::unique_ptr<MemoryLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Memory, LogContractTest, testing::Values(MemoryPlace::Fresh));

}  // namespace
}  // namespace entente::log
