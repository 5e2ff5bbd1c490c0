// SPDX-License-Identifier: Apache-2.0
// Watch: what is sent, in what order, and how a watch ends.
#include <algorithm>
#include <thread>

#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using type::v1::WATCH_MESSAGE_KIND_CHECKPOINT;
using type::v1::WATCH_MESSAGE_KIND_CURRENT;
using type::v1::WATCH_MESSAGE_KIND_REVISION;

// Few, so that watches read from the log as well as from memory.
constexpr int kRetained = 5;

class WatchTest : public ServiceConformanceTest {
 protected:
  WatchTest() : ServiceConformanceTest({.store = {.retained_revisions = kRetained}}) {}

  static std::string Resume(const std::string& token) {
    return absl::StrCat("resume_token: '", token, "'");
  }
  // The next message that is no checkpoint; fails the running test if there is none.
  static WatchEvent Next(test::WatchStream* watch) {
    std::optional<WatchEvent> event = watch->NextChange();
    EXPECT_TRUE(event.has_value()) << test::Explain(watch->Finish());
    return event.value_or(WatchEvent{});
  }
  std::vector<std::string> Names(const std::vector<std::string>& ids) {
    std::vector<std::string> names;
    for (const std::string& id : ids) names.push_back(collection().Name(id));
    return names;
  }
  // Puts `count` resources as one revision.
  void PutMany(int count) {
    std::vector<std::string> changes;
    for (int i = 0; i < count; ++i) {
      changes.push_back(collection().Put(absl::StrCat("m", 10000 + i), *collection().New()));
    }
    ASSERT_THAT(collection().Apply(changes), IsOk());
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(WatchTest);

TEST_P(WatchTest, TheCurrentStateAndThenChanges) {
  for (const char* id : {"a", "b"}) ASSERT_THAT(collection().Create(id), IsOk());
  ASSERT_THAT(collection().Delete("b"), IsOk());
  const int64_t now = revision();
  const auto watch = client().Watch("include_current: true");

  const WatchEvent current = Next(watch.get());
  EXPECT_EQ(current.kind, WATCH_MESSAGE_KIND_CURRENT);
  EXPECT_EQ(current.revision, now);
  EXPECT_TRUE(current.has_commit_time);
  EXPECT_THAT(current.resume_token, Not(IsEmpty()));
  EXPECT_THAT(current.names(), ::testing::Contains(collection().Name("a")));
  EXPECT_THAT(current.names(), Not(::testing::Contains(collection().Name("b"))));
  const auto a = collection().Get("a");
  ASSERT_THAT(a, IsOk());
  EXPECT_THAT(*current.resources.back(), EqualsProto(**a));

  const auto created = collection().Create("c");
  ASSERT_THAT(created, IsOk());
  const WatchEvent change = Next(watch.get());
  EXPECT_EQ(change.kind, WATCH_MESSAGE_KIND_REVISION);
  EXPECT_EQ(change.revision, now + 1);
  EXPECT_TRUE(change.has_commit_time);
  ASSERT_THAT(change.resources, SizeIs(1));
  EXPECT_THAT(*change.resources[0], EqualsProto(**created));
}

TEST_P(WatchTest, WithoutTheCurrentStateItBeginsNow) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto watch = client().Watch("checkpoint_interval_ms: 100");
  const auto checkpoint = watch->Next();  // Says that the watch has begun, and where.
  ASSERT_TRUE(checkpoint.has_value());
  EXPECT_EQ(checkpoint->kind, WATCH_MESSAGE_KIND_CHECKPOINT);
  EXPECT_EQ(checkpoint->revision, revision());
  ASSERT_THAT(collection().Create("b"), IsOk());
  EXPECT_THAT(Next(watch.get()).names(), ElementsAreArray(Names({"b"})));
}

TEST_P(WatchTest, CheckpointsWhenIdleAreFreshPlacesToResumeFrom) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto watch = client().Watch("checkpoint_interval_ms: 100");
  const auto first = watch->Next();
  const auto second = watch->Next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->kind, WATCH_MESSAGE_KIND_CHECKPOINT);
  EXPECT_EQ(second->revision, revision());
  EXPECT_THAT(second->resources, IsEmpty());
  ASSERT_THAT(collection().Create("b"), IsOk());
  const auto resumed = client().Watch(Resume(second->resume_token));
  EXPECT_THAT(Next(resumed.get()).names(), ElementsAreArray(Names({"b"})));
}

TEST_P(WatchTest, DeletedAndUndeletedAreReported) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto watch = client().Watch("include_current: true");
  Next(watch.get());
  const auto deleted = collection().Delete("a");
  ASSERT_THAT(deleted, IsOk());
  const WatchEvent gone = Next(watch.get());
  ASSERT_THAT(gone.resources, SizeIs(1));
  EXPECT_TRUE(Has(*gone.resources[0], "delete_time"));
  EXPECT_THAT(*gone.resources[0], EqualsProto(**deleted));
  ASSERT_THAT(collection().Undelete("a"), IsOk());
  const WatchEvent back = Next(watch.get());
  EXPECT_FALSE(Has(*back.resources[0], "delete_time"));
}

TEST_P(WatchTest, NothingIsMissedOrSentTwiceWhileOthersWrite) {
  constexpr int kWrites = 60;
  std::thread writer([&] {
    for (int i = 0; i < kWrites; ++i) {
      EXPECT_THAT(collection().Create(absl::StrCat("w", i)), IsOk());
    }
  });
  const auto watch = client().Watch("include_current: true");
  const WatchEvent current = Next(watch.get());
  std::vector<std::string> seen;
  for (const std::string& name : current.names()) {
    if (name != "partnerships/p") seen.push_back(name);
  }
  for (int64_t next = current.revision + 1; seen.size() < kWrites; ++next) {
    const WatchEvent event = Next(watch.get());
    ASSERT_EQ(event.revision, next);
    ASSERT_THAT(event.resources, SizeIs(1));
    seen.push_back(event.names()[0]);
  }
  writer.join();
  std::vector<std::string> expected;
  for (int i = 0; i < kWrites; ++i) expected.push_back(collection().Name(absl::StrCat("w", i)));
  EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(expected));
}

TEST_P(WatchTest, LargeRevisionsComeInChunksWithTheTokenOnTheLast) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto watch = client().Watch("include_current: true");
  const std::string before = Next(watch.get()).resume_token;
  PutMany(1201);
  // The same for one who resumes from before it.
  const auto resumed = client().Watch(Resume(before));
  for (test::WatchStream* stream : {watch.get(), resumed.get()}) {
    std::vector<std::string> names;
    for (const size_t size : {500, 500, 201}) {
      const WatchEvent chunk = Next(stream);
      EXPECT_EQ(chunk.kind, WATCH_MESSAGE_KIND_REVISION);
      EXPECT_EQ(chunk.revision, revision());
      EXPECT_THAT(chunk.resources, SizeIs(size));
      EXPECT_EQ(chunk.resume_token.empty(), size == 500);
      for (const std::string& name : chunk.names()) names.push_back(name);
    }
    EXPECT_EQ(names.size(), 1201);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  }
}

TEST_P(WatchTest, ALargeStateComesInChunksWithTheTokenOnTheLast) {
  PutMany(1201);
  const int64_t now = revision();
  const auto watch = client().Watch("include_current: true");
  std::vector<std::string> names;
  WatchEvent chunk;
  do {
    EXPECT_THAT(names.size() % 500, 0);
    chunk = Next(watch.get());
    EXPECT_EQ(chunk.kind, WATCH_MESSAGE_KIND_CURRENT);
    EXPECT_EQ(chunk.revision, now);
    for (const std::string& name : chunk.names()) {
      names.push_back(name);
    }
    // Changes meanwhile come after the state, whole.
    if (names.size() == 500) {
      ASSERT_THAT(collection().Delete("m10000"), IsOk());
    }
  } while (chunk.resume_token.empty());
  EXPECT_THAT(names, ::testing::IsSupersetOf(Names({"m10000", "m10001", "m11200"})));
  const WatchEvent change = Next(watch.get());
  EXPECT_EQ(change.revision, now + 1);
  EXPECT_THAT(change.names(), ElementsAreArray(Names({"m10000"})));
}

TEST_P(WatchTest, OneWhoDoesNotReadHoldsNobodyUpAndCatchesUp) {
  constexpr int kWrites = 3 * kRetained;
  const std::string bulk(300'000, 'x');  // More in all than a connection takes unread.
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto slow = client().Watch("include_current: true");
  const int64_t begin = Next(slow.get()).revision;
  const auto quick = client().Watch("include_current: true");
  Next(quick.get());
  for (int i = 0; i < kWrites; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("w", i), *collection().New(absl::StrCat(
                                                              "notes { text: '", bulk, "' }"))),
                IsOk());
    EXPECT_EQ(Next(quick.get()).revision, begin + 1 + i);
  }
  for (int i = 0; i < kWrites; ++i) {
    const WatchEvent event = Next(slow.get());
    EXPECT_EQ(event.revision, begin + 1 + i);
    EXPECT_THAT(event.names(), ElementsAreArray(Names({absl::StrCat("w", i)})));
  }
}

TEST_P(WatchTest, AServerThatStopsSaysSo) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto watch = client().Watch("include_current: true");
  Next(watch.get());
  servers().Stop();
  EXPECT_FALSE(watch->NextChange().has_value());
  EXPECT_THAT(watch->Finish(), Fails(StatusCode::kUnavailable, "SHUTTING_DOWN"));
}

TEST_P(WatchTest, ResumesAfterARestartExactlyWhereItStopped) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  std::string token;
  {
    const auto watch = client().Watch("include_current: true");
    Next(watch.get());
    ASSERT_THAT(collection().Create("b"), IsOk());
    token = Next(watch.get()).resume_token;
    ASSERT_THAT(collection().Create("c"), IsOk());  // Perhaps sent, not handled.
  }
  ASSERT_THAT(servers().Restart(), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  ASSERT_THAT(collection().Create("d"), IsOk());
  const auto watch = client().Watch(Resume(token));
  EXPECT_THAT(Next(watch.get()).names(), ElementsAreArray(Names({"c"})));
  EXPECT_THAT(Next(watch.get()).names(), ElementsAreArray(Names({"d"})));
}

}  // namespace
}  // namespace entente::conformance
