// SPDX-License-Identifier: Apache-2.0
#include "common/parallel/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

namespace entente {
namespace {

TEST(Parallel, DoesEachOnce) {
  Parallel parallel(4);
  for (const size_t n : {0, 1, 2, 3, 1000}) {
    std::vector<std::atomic<int>> done(n);
    parallel.ForEach(n, [&](size_t, size_t i) { ++done[i]; });
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(done[i].load(), 1) << i << " of " << n;
  }
}

TEST(Parallel, WorkersHaveWhatIsTheirsToThemselves) {
  Parallel parallel(3);
  ASSERT_EQ(parallel.workers(), 3u);
  std::vector<int64_t> sums(parallel.workers(), 0);
  parallel.ForEach(10'000,
                   [&](size_t worker, size_t i) { sums[worker] += static_cast<int64_t>(i); });
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), int64_t{0}), 9999 * 5000);
}

TEST(Parallel, ServesManyCallersAtOnce) {
  Parallel parallel(2);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 100; ++i) parallel.ForEach(50, [&](size_t, size_t) { ++sum; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum.load(), 8 * 100 * 50);
}

TEST(Parallel, WithOneWorkerTheCallerDoesItAll) {
  Parallel parallel(1);
  const std::thread::id caller = std::this_thread::get_id();
  parallel.ForEach(10, [&](size_t worker, size_t) {
    EXPECT_EQ(worker, 0u);
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

}  // namespace
}  // namespace entente
