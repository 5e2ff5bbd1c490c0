// SPDX-License-Identifier: Apache-2.0
//
// The contract of Log, as tests against any implementation of it.
//
// An implementation says how its logs are opened and joins with one line:
//
//   INSTANTIATE_TEST_SUITE_P(Postgres, LogContractTest, testing::Values(MakePostgresLogs));
//
// The tests expect nothing of what is in the log at first: they run on an empty one and on one with
// a past (a file of an older version) alike. That past must lie before 2024.

#ifndef ENTENTE_COMMON_LOG_LOG_CONTRACT_TEST_H_
#define ENTENTE_COMMON_LOG_LOG_CONTRACT_TEST_H_

#include <functional>
#include <memory>
#include <string>

#include "common/clock/clock.h"
#include "common/log/log.h"
#include "gtest/gtest.h"

namespace entente::log {

// One durable log, and how to open it. A test may close it (destroy the Log) and open it again;
// it never has two open.
class LogPlace {
 public:
  virtual ~LogPlace() = default;
  virtual absl::StatusOr<std::unique_ptr<Log>> Open(const Clock& clock) = 0;
};

using MakeLogPlace = std::function<std::unique_ptr<LogPlace>()>;

class LogContractTest : public testing::TestWithParam<MakeLogPlace> {
 protected:
  LogContractTest() : place_(GetParam()()) {}

  void SetUp() override {
    Reopen();
    base_ = Head();
  }

  void Reopen() {
    log_.reset();
    absl::StatusOr<std::unique_ptr<Log>> log = place_->Open(clock_);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }

  int64_t Head() {
    const absl::StatusOr<int64_t> head = log_->Head();
    EXPECT_TRUE(head.ok()) << head.status();
    return head.value_or(-1);
  }

  // Appends what must succeed, at the head.
  std::vector<Committed> MustAppend(absl::Span<const Proposal> proposals) {
    absl::StatusOr<std::vector<Committed>> committed = log_->Append(Head(), proposals);
    EXPECT_TRUE(committed.ok()) << committed.status();
    return committed.value_or(std::vector<Committed>());
  }

  std::unique_ptr<LogPlace> place_;
  FakeClock clock_{absl::FromUnixSeconds(1'704'067'200)};  // 2024-01-01
  std::unique_ptr<Log> log_;
  int64_t base_ = 0;  // The head before the test.
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_LOG_CONTRACT_TEST_H_
