// SPDX-License-Identifier: Apache-2.0
#include "common/server/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "common/testing/matchers.h"

namespace entente::server {
namespace {

using absl::StatusCode;
using test::HasMetadata;
using test::HasReason;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;

// Keeps a thread until it is told to go on.
class Blocker {
 public:
  Workers::Task Task() {
    return [this](const absl::Status& status) {
      EXPECT_THAT(status, IsOk());
      begun_.set_value();
      released_.get_future().wait();
    };
  }
  void AwaitBegin() { begun_.get_future().wait(); }
  void Release() { released_.set_value(); }

 private:
  std::promise<void> begun_;
  std::promise<void> released_;
};

TEST(WorkersTest, EveryTaskIsDoneOnceOnAnotherThread) {
  constexpr int kTasks = 100;
  std::vector<std::promise<std::thread::id>> done(kTasks);
  Workers workers({.threads = 3, .max_waiting = kTasks});
  for (auto& promise : done) {
    // A second call would throw.
    ASSERT_THAT(workers.Submit([&promise](const absl::Status& status) {
      EXPECT_THAT(status, IsOk());
      promise.set_value(std::this_thread::get_id());
    }),
                IsOk());
  }
  for (auto& promise : done) EXPECT_NE(promise.get_future().get(), std::this_thread::get_id());
}

TEST(WorkersTest, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  std::promise<void> last;
  Workers workers({.threads = 1, .max_waiting = 10});
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(workers.Submit([&, i](const absl::Status&) {
      order.push_back(i);
      if (i == 4) last.set_value();
    }),
                IsOk());
  }
  last.get_future().wait();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkersTest, AsManyAtOnceAsThereAreThreads) {
  Blocker blockers[3];
  Workers workers({.threads = 3, .max_waiting = 0});
  for (Blocker& blocker : blockers) ASSERT_THAT(workers.Submit(blocker.Task()), IsOk());
  for (Blocker& blocker : blockers) blocker.AwaitBegin();
  for (Blocker& blocker : blockers) blocker.Release();
}

TEST(WorkersTest, ByDefaultThereIsAThreadAndRoomForMore) {
  std::promise<void> first;
  std::promise<void> second;
  Workers workers({});
  ASSERT_THAT(workers.Submit([&](const absl::Status&) { first.set_value(); }), IsOk());
  ASSERT_THAT(workers.Submit([&](const absl::Status&) { second.set_value(); }), IsOk());
  first.get_future().wait();
  second.get_future().wait();
}

TEST(WorkersTest, WhatWouldWaitTooLongIsRefusedAndNeverDone) {
  constexpr int kWaiting = 3;
  Blocker blocker;
  std::atomic<int> done = 0;
  std::atomic<bool> refused_was_done = false;
  {
    Workers workers({.threads = 1, .max_waiting = kWaiting});
    ASSERT_THAT(workers.Submit(blocker.Task()), IsOk());
    std::promise<void> last;
    for (int i = 0; i < kWaiting; ++i) {
      ASSERT_THAT(workers.Submit([&](const absl::Status& status) {
        EXPECT_THAT(status, IsOk());
        if (++done == kWaiting) last.set_value();
      }),
                  IsOk());
    }
    EXPECT_THAT(workers.Submit([&](const absl::Status&) { refused_was_done = true; }),
                AllOf(StatusIs(StatusCode::kResourceExhausted),
                      HasReason("TOO_MANY_CALLS_IN_FLIGHT"), HasMetadata("limit", "4")));
    blocker.Release();
    last.get_future().wait();
    // There is room again, as soon as the thread has put the last one away.
    std::promise<void> again;
    while (!workers.Submit([&](const absl::Status&) { again.set_value(); }).ok()) {
      std::this_thread::yield();
    }
    again.get_future().wait();
  }
  EXPECT_EQ(done, kWaiting);
  EXPECT_FALSE(refused_was_done);
}

TEST(WorkersTest, TheEndWaitsForWhatIsUnderWayAndTellsWhatWaits) {
  constexpr int kWaiting = 5;
  Blocker blocker;
  std::atomic<bool> under_way_done = false;
  std::vector<absl::Status> told;
  auto owner = std::make_unique<Workers>(Workers::Options{.threads = 1, .max_waiting = 10});
  Workers* const workers = owner.get();
  ASSERT_THAT(workers->Submit([&](const absl::Status& status) {
    blocker.Task()(status);
    // Those that wait have been told already, so nobody gets in any more.
    EXPECT_THAT(workers->Submit([](const absl::Status&) { ADD_FAILURE() << "was refused"; }),
                AllOf(StatusIs(StatusCode::kUnavailable), HasReason("SHUTTING_DOWN")));
    under_way_done = true;
  }),
              IsOk());
  blocker.AwaitBegin();
  std::promise<void> all_told;
  for (int i = 0; i < kWaiting; ++i) {
    ASSERT_THAT(workers->Submit([&](const absl::Status& status) {
      told.push_back(status);
      if (told.size() == kWaiting) all_told.set_value();
    }),
                IsOk());
  }
  std::thread end([&] { owner.reset(); });
  all_told.get_future().wait();
  EXPECT_FALSE(under_way_done);
  blocker.Release();
  end.join();
  EXPECT_TRUE(under_way_done);
  EXPECT_THAT(told,
              testing::Each(AllOf(StatusIs(StatusCode::kUnavailable), HasReason("SHUTTING_DOWN"))));
}

TEST(WorkersTest, ManySubmitAtOnceAndEveryTaskThatIsAcceptedEnds) {
  constexpr int kSubmitters = 8;
  constexpr int kTasks = 500;
  std::atomic<int> accepted = 0;
  std::atomic<int> done = 0;
  std::atomic<int> told = 0;
  {
    Workers workers({.threads = 4, .max_waiting = 16});
    std::vector<std::thread> submitters;
    for (int s = 0; s < kSubmitters; ++s) {
      submitters.emplace_back([&] {
        for (int i = 0; i < kTasks; ++i) {
          const absl::Status status =
              workers.Submit([&](const absl::Status& begun) { ++(begun.ok() ? done : told); });
          if (status.ok()) ++accepted;
        }
      });
    }
    for (std::thread& submitter : submitters) submitter.join();
    // The first of all was accepted; its thread may not have had a processor yet.
    while (done == 0) std::this_thread::yield();
  }
  EXPECT_EQ(done + told, accepted);
}

}  // namespace
}  // namespace entente::server
