// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/watched.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace entente::gateway {
namespace {

using ::testing::Eq;
using ::testing::Optional;

// A watch that tells what a test has it tell, and ends when the test, or its reader, wants.
class FakeWatch {
 public:
  ReadWatch Read() {
    return [this](grpc::ClientContext*, const std::function<void(int64_t)>& heard) {
      ++begun_;
      std::unique_lock<std::mutex> lock(mutex_);
      ended_ = false;
      while (true) {
        changed_.wait(lock, [this] { return next_.has_value() || ended_; });
        if (ended_) return;
        heard(*std::exchange(next_, std::nullopt));
        changed_.notify_all();
      }
    };
  }

  // Returns when it was heard.
  void Tell(int64_t revision) {
    std::unique_lock<std::mutex> lock(mutex_);
    next_ = revision;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !next_.has_value(); });
  }

  void End() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  int begun() const { return begun_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<int64_t> next_;
  bool ended_ = false;
  std::atomic<int> begun_ = 0;
};

template <typename Condition>
void WaitUntil(Condition condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

class WatchedNewestTest : public ::testing::Test {
 protected:
  // Its end is that of the watch.
  ~WatchedNewestTest() override { ender_.join(); }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  FakeWatch watch_;
  std::unique_ptr<WatchedNewest> newest_ = std::make_unique<WatchedNewest>(watch_.Read(), &clock_);
  std::atomic<bool> over_ = false;
  // The fake does not look at its context: it is ended until the reader has gone.
  std::thread ender_;

  void TearDown() override {
    ender_ = std::thread([this] {
      while (!over_) {
        watch_.End();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    newest_.reset();
    over_ = true;
  }
};

TEST_F(WatchedNewestTest, NothingIsCertainBeforeTheFirstMessage) {
  WaitUntil([&] { return watch_.begun() == 1; });
  EXPECT_THAT(newest_->Get(), Eq(std::nullopt));
}

TEST_F(WatchedNewestTest, EachMessageSaysHowFarItIs) {
  watch_.Tell(7);
  EXPECT_THAT(newest_->Get(), Optional(7));
  watch_.Tell(8);
  EXPECT_THAT(newest_->Get(), Optional(8));
}

TEST_F(WatchedNewestTest, WhatIsSilentTooLongIsNotBelieved) {
  watch_.Tell(7);
  clock_.Advance(kBelieved);
  EXPECT_THAT(newest_->Get(), Optional(7));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(newest_->Get(), Eq(std::nullopt));
  watch_.Tell(7);
  EXPECT_THAT(newest_->Get(), Optional(7));
}

TEST_F(WatchedNewestTest, AClockThatIsSetBackIsNoReasonToBelieve) {
  watch_.Tell(7);
  clock_.Advance(-absl::Hours(1));
  EXPECT_THAT(newest_->Get(), Eq(std::nullopt));
}

TEST_F(WatchedNewestTest, NothingIsCertainWhenTheWatchHasEndedUntilItIsBackAgain) {
  watch_.Tell(7);
  watch_.End();
  WaitUntil([&] { return newest_->Get() == std::nullopt; });
  WaitUntil([&] { return watch_.begun() == 2; });
  EXPECT_THAT(newest_->Get(), Eq(std::nullopt));
  watch_.Tell(9);
  EXPECT_THAT(newest_->Get(), Optional(9));
}

}  // namespace
}  // namespace entente::gateway
