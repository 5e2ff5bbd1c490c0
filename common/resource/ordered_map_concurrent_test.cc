// SPDX-License-Identifier: Apache-2.0
//
// Versions of a map that are read while later ones are made.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/resource/ordered_map.h"

namespace entente::resource {
namespace {

constexpr int kVersions = 3000;
constexpr int kWindow = 700;  // Several chunks.

std::string Key(int i) { return absl::StrFormat("key %06d and then some", i); }

// Version n holds the last kWindow keys up to n, each with n as its value if it was just added.
struct Version {
  int number = 0;
  OrderedMap<int> map;
};

void ExpectWhole(const Version& version) {
  int next = std::max(0, version.number - kWindow);
  version.map.Scan("", [&](absl::string_view key, int value) {
    EXPECT_EQ(key, Key(next));
    EXPECT_EQ(value, next);
    ++next;
    return !testing::Test::HasFailure();
  });
  EXPECT_EQ(next, version.number);
  EXPECT_EQ(version.map.size(), static_cast<size_t>(std::min(version.number, kWindow)));
}

TEST(OrderedMapConcurrentTest, ReadersKeepTheirVersionsWhileTheWriterGoesOn) {
  std::mutex mutex;
  Version latest;
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      bool last = false;
      while (!last && !testing::Test::HasFailure()) {
        last = done;
        Version mine;
        {
          std::lock_guard<std::mutex> lock(mutex);
          mine = latest;
        }
        ExpectWhole(mine);
        if (mine.number > 0) {
          EXPECT_NE(mine.map.Find(Key(mine.number - 1)), nullptr);
        }
        EXPECT_EQ(mine.map.Find(Key(mine.number)), nullptr);
      }
    });
  }
  Version next;
  for (int n = 0; n < kVersions; ++n) {
    next.map = next.map.With(Key(n), n);
    if (n >= kWindow) next.map = next.map.Without(Key(n - kWindow));
    next.number = n + 1;
    std::lock_guard<std::mutex> lock(mutex);
    latest = next;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  ExpectWhole(latest);
}

}  // namespace
}  // namespace entente::resource
