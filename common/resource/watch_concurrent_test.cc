// SPDX-License-Identifier: Apache-2.0
//
// Writers, readers and watchers at once: every watcher sees every revision once and in order, and
// what it makes of them is the state of the store.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "common/resource/store_test_util.h"
#include "common/resource/watch_test_util.h"

namespace entente::resource {
namespace {

constexpr int kWriters = 3;
constexpr int kWrites = 150;  // Of each.
constexpr int64_t kRevisions = int64_t{kWriters} * kWrites;

Write RandomWrite(std::mt19937* random) {
  const uint32_t seed = (*random)();
  Write write;
  write.plan = [seed](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
    std::mt19937 choices(seed);
    std::map<std::string, log::Change> changes;
    for (uint32_t n = 1 + choices() % 4; n > 0; --n) {
      const std::string name = absl::StrCat("places/p", choices() % 40);
      if (choices() % 3 == 0 && state.Get<catalogue::v1::Place>(name) != nullptr) {
        changes[name] = {name, log::ChangeKind::kDelete, ""};
      } else {
        changes[name] = PutPlace(name, absl::StrCat(choices() % 1000),
                                 absl::StrCat("places/p", choices() % 40));
      }
    }
    std::vector<log::Change> list;
    for (const auto& [name, change] : changes) list.push_back(change);
    return list;
  };
  return write;
}

// Watches until the last revision, beginning again every `interrupt_every` steps if that is not 0;
// with `compare`, holds what it has been told against the state of the store at every revision.
void Watch(WatchHub* hub, const Store* store, bool compare, size_t interrupt_every) {
  Folded folded;
  std::string token;
  while (folded.revision() < kRevisions) {
    auto sink = std::make_shared<RecordingSink>();
    const auto id = hub->Start({.resume_token = token, .include_current = token.empty()}, sink);
    ASSERT_TRUE(id.ok()) << id.status();
    folded.Interrupt();
    for (size_t n = 1; folded.revision() < kRevisions; ++n) {
      if (interrupt_every != 0 && n > interrupt_every) break;
      const auto step = sink->Await(n);
      ASSERT_TRUE(step.has_value()) << sink->AwaitClose();
      ASSERT_TRUE(folded.Take(*step))
          << "revision " << step->revision << " after " << folded.revision();
      if (compare && folded.whole() && folded.revision() > 0) {
        const auto state = store->At(folded.revision());
        ASSERT_TRUE(state.ok()) << state.status();
        ASSERT_EQ(folded.contents(), Folded::Of(**state)) << "at " << folded.revision();
      }
      hub->Ready(*id);
    }
    hub->Cancel(*id);
    token = folded.token();
  }
  EXPECT_EQ(folded.contents(), Folded::Of(*store->Current()));
}

// Everything that one state says fits together.
void ReadAll(const State& state) {
  const ResourceType& type = *TestTypes().FindByDescriptor(catalogue::v1::Place::descriptor());
  state.Scan(type, "", [&](const Entry& entry) {
    EXPECT_LE(entry.revision, state.revision());
    const std::string& parent = entry.As<catalogue::v1::Place>().parent();
    if (!entry.deleted && !parent.empty()) {
      const auto referrers = state.Referrers(parent, "parent");
      EXPECT_TRUE(std::binary_search(referrers.begin(), referrers.end(), std::string(entry.name)));
    }
    return !testing::Test::HasFailure();
  });
}

class WatchConcurrentTest : public testing::TestWithParam<size_t> {};

TEST_P(WatchConcurrentTest, EveryWatcherSeesEveryRevisionOnceAndInOrder) {
  TestStore test(std::make_shared<LogControl>(&SystemClock::Get()),
                 {.retained_revisions = GetParam()});
  ASSERT_TRUE(test.store->Load().ok());
  WatchHub hub(test.store.get(), "test.Service");
  std::atomic<bool> done = false;
  const bool all_retained = GetParam() > kRevisions;
  std::vector<std::thread> watchers;
  for (const size_t interrupt_every : {0, 1, 7}) {
    watchers.emplace_back(
        [&, interrupt_every] { Watch(&hub, test.store.get(), all_retained, interrupt_every); });
  }
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&] {
      int64_t last = 0;
      while (!done && !testing::Test::HasFailure()) {
        const auto state = test.store->Current();
        EXPECT_GE(state->revision(), last);
        last = state->revision();
        ReadAll(*state);
      }
    });
  }
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      std::mt19937 random(static_cast<uint32_t>(w) + 1);
      for (int i = 0; i < kWrites; ++i) {
        const auto written = Apply(test.store.get(), RandomWrite(&random));
        ASSERT_TRUE(written.ok()) << written.status();
        // Read your writes.
        EXPECT_GE(test.store->Current()->revision(), written->changed.at(0).revision);
      }
    });
  }
  // Watches that come and go meanwhile.
  for (int i = 0; i < 200; ++i) {
    const auto id = hub.Start({.include_current = true}, std::make_shared<RecordingSink>());
    ASSERT_TRUE(id.ok());
    if (i % 2 == 0) hub.Ready(*id);
    hub.Cancel(*id);
  }
  for (std::thread& writer : writers) writer.join();
  for (std::thread& watcher : watchers) watcher.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(test.store->Current()->revision(), kRevisions);
}

// From memory, and mostly from the log.
INSTANTIATE_TEST_SUITE_P(Retained, WatchConcurrentTest, testing::Values(10'000, 3));

TEST(WatchShutdownTest, TheEndComesAmidStartsReadiesAndWrites) {
  for (int round = 0; round < 20; ++round) {
    TestStore test;
    ASSERT_TRUE(test.store->Load().ok());
    auto hub = std::make_unique<WatchHub>(test.store.get(), "test.Service");
    std::thread watcher([&] {
      for (int i = 0; i < 50; ++i) {
        auto sink = std::make_shared<RecordingSink>();
        const auto id = hub->Start({.include_current = true}, sink);
        if (!id.ok()) return;
        // A step, or the end.
        sink->Await(1);
        hub->Ready(*id);
        if (i % 3 == 0) hub->Cancel(*id);
      }
    });
    std::thread writer([&] {
      for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "x")})).ok());
      }
    });
    for (int i = 0; i < round; ++i) std::this_thread::yield();
    hub->Shutdown();
    watcher.join();
    hub.reset();  // While the writer goes on.
    writer.join();
  }
}

}  // namespace
}  // namespace entente::resource
