// SPDX-License-Identifier: Apache-2.0
#include "common/cancellation/cancellation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace entente {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CancellationTest, CallsWhatIsRegisteredOnce) {
  const auto cancellation = std::make_shared<Cancellation>();
  std::vector<int> called;
  const auto first = cancellation->OnCancel([&] { called.push_back(1); });
  const auto second = cancellation->OnCancel([&] { called.push_back(2); });
  EXPECT_FALSE(cancellation->IsCancelled());
  EXPECT_THAT(called, IsEmpty());
  cancellation->Cancel();
  cancellation->Cancel();
  EXPECT_TRUE(cancellation->IsCancelled());
  EXPECT_THAT(called, ElementsAre(1, 2));
}

TEST(CancellationTest, CallsAtOnceWhatIsRegisteredTooLate) {
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  int called = 0;
  const auto registration = cancellation->OnCancel([&] { ++called; });
  EXPECT_EQ(called, 1);
}

TEST(CancellationTest, ForgetsWhatIsNoLongerWanted) {
  const auto cancellation = std::make_shared<Cancellation>();
  std::vector<int> called;
  auto reset = cancellation->OnCancel([&] { called.push_back(1); });
  auto moved_from = cancellation->OnCancel([&] { called.push_back(2); });
  {
    const auto gone = cancellation->OnCancel([&] { called.push_back(3); });
  }
  Cancellation::Registration replaced = cancellation->OnCancel([&] { called.push_back(4); });
  replaced = std::move(moved_from);
  reset.Reset();
  cancellation->Cancel();
  EXPECT_THAT(called, ElementsAre(2));
}

TEST(CancellationTest, AFunctionMayEndRegistrations) {
  auto cancellation = std::make_shared<Cancellation>();
  std::optional<Cancellation::Registration> own;
  std::optional<Cancellation::Registration> other;
  int called = 0;
  own = cancellation->OnCancel([&] {
    ++called;
    own.reset();
    other.reset();
  });
  other = cancellation->OnCancel([&] { ++called; });
  cancellation->Cancel();
  EXPECT_EQ(called, 1);
}

// What a function uses may go as soon as its registration has: the sanitizers see it if not.
TEST(CancellationTest, WaitsForAFunctionUnderWay) {
  for (int round = 0; round < 200; ++round) {
    const auto cancellation = std::make_shared<Cancellation>();
    std::atomic<bool> begin{false};
    std::thread canceller([&] {
      while (!begin) std::this_thread::yield();
      cancellation->Cancel();
    });
    {
      auto used = std::make_unique<int>(0);
      const auto registration = cancellation->OnCancel([&used] { ++*used; });
      begin = true;
      if (round % 2 == 0) std::this_thread::yield();
    }
    canceller.join();
    EXPECT_TRUE(cancellation->IsCancelled());
  }
}

}  // namespace
}  // namespace entente
