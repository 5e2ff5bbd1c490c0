// SPDX-License-Identifier: Apache-2.0
//
// kill -9, again and again. A child process appends and tells of each revision that was
// acknowledged to it; the parent kills it at some moment and looks at what is left.
//
// This shows what a process's death does to the file, not what a power cut does: there the sync
// before the acknowledgement decides, which sqlite_log_test.cc counts.
//
// ENTENTE_SOAK_ROUNDS sets the number of rounds (default 20), all on one file.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"
#include "common/log/log_test_util.h"
#include "common/log/sqlite_log.h"
#include "common/log/sqlite_test_util.h"
#include "gtest/gtest.h"

namespace entente::log {
namespace {

constexpr int64_t kStarted = -1;
constexpr int64_t kFailed = -2;
constexpr int64_t kMaxGroup = 8;

void Tell(int pipe, int64_t value) {
  if (write(pipe, &value, sizeof(value)) != sizeof(value)) _exit(3);
}

// The child: appends until it is killed.
[[noreturn]] void AppendForever(const std::string& path, int pipe, uint64_t seed) {
  Tell(pipe, kStarted);
  const auto log = SqliteLog::Open(path, {});
  if (!log.ok()) Tell(pipe, kFailed);
  std::mt19937_64 random(seed);
  for (int64_t head = log.ok() ? (*log)->Head().value_or(kFailed) : kFailed; head >= 0;) {
    std::vector<Proposal> group;
    for (int64_t i = 1, count = 1 + random() % kMaxGroup; i <= count; ++i) {
      group.push_back(NumberedProposal(head + i));
    }
    const auto committed = (*log)->Append(head, group);
    if (!committed.ok()) break;
    for (const Committed& one : *committed) Tell(pipe, head = one.number);
  }
  Tell(pipe, kFailed);
  _exit(4);
}

int Rounds() {
  const char* set = std::getenv("ENTENTE_SOAK_ROUNDS");
  int rounds = 20;
  if (set != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(set, &rounds)) << set;
  }
  return rounds;
}

TEST(SqliteLogCrashTest, WhatWasAcknowledgedSurvivesKillNine) {
  TempDirectory directory;
  const std::string path = directory.File("log.db");
  std::mt19937_64 random(20230905);
  int64_t acknowledged = 0;
  int64_t checked = 0;  // Read and found whole after an earlier round.
  for (int round = 0, rounds = Rounds(); round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const uint64_t seed = random();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      AppendForever(path, ends[1], seed);
    }
    close(ends[1]);

    // The child is killed at once when it has told this many things, which finds it in the middle
    // of the next. 1 is when it begins to open the file.
    const int64_t enough = round % 5 == 0 ? 1 : 1 + static_cast<int64_t>(random() % 120);
    int64_t told = 0;
    int64_t value = 0;
    const auto listen = [&] {
      if (read(ends[0], &value, sizeof(value)) != sizeof(value)) return false;
      EXPECT_NE(value, kFailed);
      if (value > 0) {
        EXPECT_EQ(value, acknowledged + 1);
        acknowledged = value;
      }
      ++told;
      return value != kFailed;
    };
    // A revision that was written but not acknowledged in an earlier round is known from `checked`.
    acknowledged = std::max(acknowledged, checked);
    while (told < enough && listen()) {
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int result = 0;
    ASSERT_EQ(waitpid(child, &result, 0), child);
    ASSERT_TRUE(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL) << result;
    while (listen()) {  // What was acknowledged before the end came and is still in the pipe.
    }
    close(ends[0]);

    const auto log = SqliteLog::Open(path, {});  // The dead child's lock is not in the way.
    ASSERT_TRUE(log.ok()) << log.status();
    int64_t number = 0;
    for (const Revision& revision : ReadAll(**log)) {
      ASSERT_EQ(revision.number, ++number);
      ASSERT_TRUE(IsWholeNumbered(revision)) << number;
    }
    ASSERT_GE(number, acknowledged);
    // Only the group that was being written may be there without having been acknowledged.
    ASSERT_LE(number, acknowledged + kMaxGroup);
    ASSERT_EQ((*log)->Head().value_or(-1), number);
    checked = number;
  }
  if (Rounds() >= 20) {
    EXPECT_GT(checked, 100);
  }
}

}  // namespace
}  // namespace entente::log
