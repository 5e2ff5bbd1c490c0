// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "common/testing/matchers.h"

namespace entente::gateway {
namespace {

using ::testing::ElementsAre;

// Turns that were had, in order; each is kept until it is given back.
class Taker {
 public:
  Turns::Begin As(std::string who) {
    return [this, who = std::move(who)](absl::StatusOr<Turns::Turn> turn) {
      had_.push_back(turn.ok() ? who : who + " " + absl::StatusCodeToString(turn.status().code()));
      if (turn.ok()) turns_.push_back(*std::move(turn));
    };
  }
  void GiveBackFirst() {
    auto first = std::make_unique<Turns::Turn>(std::move(turns_.front()));
    turns_.erase(turns_.begin());
    first.reset();
  }
  const std::vector<std::string>& had() const { return had_; }

 private:
  std::vector<std::string> had_;
  std::vector<Turns::Turn> turns_;
};

TEST(Turns, AreHadAtOnceWhileThereAreSome) {
  Turns turns({.at_once = 2});
  Taker taker;
  for (const char* who : {"a", "b", "c"}) turns.Take(who, nullptr, taker.As(who));
  EXPECT_THAT(taker.had(), ElementsAre("a", "b"));
  taker.GiveBackFirst();
  EXPECT_THAT(taker.had(), ElementsAre("a", "b", "c"));
  taker.GiveBackFirst();
  taker.GiveBackFirst();
  turns.Take("d", nullptr, taker.As("d"));
  EXPECT_THAT(taker.had(), ElementsAre("a", "b", "c", "d"));
  taker.GiveBackFirst();
}

TEST(Turns, OneWhoAsksOnceIsNotBehindAllOfOneWhoAsksOften) {
  Turns turns({.at_once = 1});
  Taker taker;
  for (const char* question : {"a1", "a2", "a3"}) turns.Take("a", nullptr, taker.As(question));
  turns.Take("b", nullptr, taker.As("b1"));
  turns.Take("c", nullptr, taker.As("c1"));
  turns.Take("b", nullptr, taker.As("b2"));
  for (int i = 0; i < 6; ++i) taker.GiveBackFirst();
  EXPECT_THAT(taker.had(), ElementsAre("a1", "a2", "b1", "c1", "a3", "b2"));
}

TEST(Turns, TooManyOfOneCallerAreRefused) {
  Turns turns({.at_once = 1, .waiting_per_caller = 1});
  Taker taker;
  for (const char* question : {"a1", "a2", "a3"}) turns.Take("a", nullptr, taker.As(question));
  turns.Take("b", nullptr, taker.As("b1"));
  EXPECT_THAT(taker.had(), ElementsAre("a1", "a3 RESOURCE_EXHAUSTED"));
  for (int i = 0; i < 3; ++i) taker.GiveBackFirst();
  EXPECT_THAT(taker.had(), ElementsAre("a1", "a3 RESOURCE_EXHAUSTED", "a2", "b1"));
}

TEST(Turns, WhoeverGoesDoesNotWait) {
  Turns turns({.at_once = 1});
  Taker taker;
  turns.Take("a", nullptr, taker.As("a1"));
  const auto cancellation = std::make_shared<Cancellation>();
  turns.Take("b", cancellation, taker.As("b1"));
  turns.Take("b", nullptr, taker.As("b2"));
  cancellation->Cancel();
  EXPECT_THAT(taker.had(), ElementsAre("a1", "b1 CANCELLED"));
  // One that has gone before it came.
  turns.Take("c", cancellation, taker.As("c1"));
  EXPECT_THAT(taker.had(), ElementsAre("a1", "b1 CANCELLED", "c1 CANCELLED"));
  taker.GiveBackFirst();
  EXPECT_THAT(taker.had(), ElementsAre("a1", "b1 CANCELLED", "c1 CANCELLED", "b2"));
  taker.GiveBackFirst();
}

// Those that are over at once do not pile up on the stack.
TEST(Turns, ManyThatAreOverAtOnce) {
  Turns turns({.at_once = 1, .waiting_per_caller = 1'000'000});
  Taker taker;
  turns.Take("a", nullptr, taker.As("first"));
  int begun = 0;
  for (int i = 0; i < 200'000; ++i) {
    turns.Take("a", nullptr, [&](absl::StatusOr<Turns::Turn> turn) { begun += turn.ok(); });
  }
  EXPECT_EQ(begun, 0);
  taker.GiveBackFirst();
  EXPECT_EQ(begun, 200'000);
}

TEST(Turns, AreNeverMoreThanThereAreWhateverHappensAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  Turns turns({.at_once = 3, .waiting_per_caller = kEach});
  std::atomic<int> under_way = 0;
  std::atomic<int> over = 0;
  std::atomic<bool> too_many = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto cancellation = std::make_shared<Cancellation>();
        turns.Take(std::to_string(t % 2), cancellation, [&](absl::StatusOr<Turns::Turn> turn) {
          if (turn.ok()) {
            if (++under_way > 3) too_many = true;
            --under_way;
          }
          ++over;
        });
        if (i % 3 == 0) cancellation->Cancel();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(over, kThreads * kEach);
  EXPECT_FALSE(too_many);
}

}  // namespace
}  // namespace entente::gateway
