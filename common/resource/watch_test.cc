// SPDX-License-Identifier: Apache-2.0
#include "common/resource/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "common/resource/store_test_util.h"
#include "common/resource/watch_test_util.h"
#include "common/status/errors.h"

namespace entente::resource {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string ReasonOf(const absl::Status& status) { return errors::InfoOf(status).reason(); }

class WatchTest : public testing::Test {
 protected:
  WatchTest() { EXPECT_TRUE(test_.store->Load().ok()); }

  Store* store() { return test_.store.get(); }

  void Put(const std::string& name, const std::string& title) {
    ASSERT_TRUE(Apply(store(), WriteOf({PutPlace(name, title)})).ok());
  }
  // Writes `count` places in one revision.
  void PutMany(int count, const std::string& title) {
    std::vector<log::Change> changes;
    for (int i = 0; i < count; ++i) {
      changes.push_back(PutPlace(absl::StrCat("places/p", i), title));
    }
    ASSERT_TRUE(Apply(store(), WriteOf(changes)).ok());
  }

  TestStore test_;
  const std::shared_ptr<RecordingSink> sink_ = std::make_shared<RecordingSink>();
};

TEST_F(WatchTest, BeginsWithTheNextRevision) {
  WatchHub hub(store(), "test.Service");
  Put("places/a", "1");
  ASSERT_TRUE(hub.Start({}, sink_).ok());
  Put("places/b", "2");
  const auto step = sink_->Await(1);
  EXPECT_EQ(step->kind, type::v1::WATCH_MESSAGE_KIND_REVISION);
  EXPECT_EQ(step->revision, 2);
  EXPECT_EQ(step->commit_time, store()->Current()->commit_time());
  ASSERT_THAT(step->resources, SizeIs(1));
  EXPECT_EQ(step->resources[0].name, "places/b");
  EXPECT_FALSE(step->resume_token.empty());
}

TEST_F(WatchTest, SendsTheStateInPartsAndThenTheRevisions) {
  WatchHub hub(store(), "test.Service");
  PutMany(1200, "1");
  const auto id = hub.Start({.include_current = true}, sink_);
  ASSERT_TRUE(id.ok());
  Put("places/later", "2");
  Folded folded;
  for (size_t n = 1; n <= 4; ++n) {
    const auto step = sink_->Await(n);
    ASSERT_TRUE(step.has_value());
    EXPECT_TRUE(folded.Take(*step)) << n;
    EXPECT_EQ(step->revision, n <= 3 ? 1 : 2);
    EXPECT_EQ(step->resources.size(), n <= 2 ? 500u : n == 3 ? 200u : 1u);
    EXPECT_EQ(step->resume_token.empty(), n <= 2);
    hub.Ready(*id);
  }
  EXPECT_EQ(folded.contents(), Folded::Of(*store()->Current()));
}

TEST_F(WatchTest, AnEmptyStateIsOneStep) {
  WatchHub hub(store(), "test.Service");
  ASSERT_TRUE(hub.Start({.include_current = true}, sink_).ok());
  const auto step = sink_->Await(1);
  EXPECT_EQ(step->kind, type::v1::WATCH_MESSAGE_KIND_CURRENT);
  EXPECT_EQ(step->revision, 0);
  EXPECT_THAT(step->resources, IsEmpty());
  // The token of revision 0 is good too.
  Put("places/a", "1");
  auto resumed = std::make_shared<RecordingSink>();
  ASSERT_TRUE(hub.Start({.resume_token = step->resume_token}, resumed).ok());
  EXPECT_EQ(resumed->Await(1)->revision, 1);
}

TEST_F(WatchTest, LargeRevisionsComeInPartsWithTheTokenOnTheLast) {
  WatchHub hub(store(), "test.Service");
  const auto id = hub.Start({}, sink_);
  PutMany(1001, "1");
  std::vector<size_t> sizes;
  for (size_t n = 1; n <= 3; ++n) {
    const auto step = sink_->Await(n);
    EXPECT_EQ(step->revision, 1);
    EXPECT_EQ(step->resume_token.empty(), n < 3);
    sizes.push_back(step->resources.size());
    hub.Ready(*id);
  }
  EXPECT_THAT(sizes, testing::ElementsAre(500, 500, 1));
}

// A step that a client's default limit on messages refuses would come again and again.
TEST_F(WatchTest, StepsAreBoundedInBytesAsWell) {
  WatchHub hub(store(), "test.Service");
  const auto id = hub.Start({}, sink_);
  PutMany(20, std::string(300'000, 'x'));
  Folded folded;
  folded.BeginAt(0);
  size_t n = 0;
  while (folded.revision() == 0) {
    const auto step = sink_->Await(++n);
    EXPECT_TRUE(folded.Take(*step));
    EXPECT_THAT(step->resources, SizeIs(testing::AllOf(testing::Ge(1), testing::Le(3))));
    hub.Ready(*id);
  }
  EXPECT_EQ(folded.contents(), Folded::Of(*store()->Current()));
  // The same for the state, and one that is larger by itself still comes.
  Put("places/huge", std::string(3'000'000, 'x'));
  auto other = std::make_shared<RecordingSink>();
  const auto other_id = hub.Start({.include_current = true}, other);
  Folded state;
  n = 0;
  while (state.revision() == 0) {
    EXPECT_TRUE(state.Take(*other->Await(++n)));
    hub.Ready(*other_id);
  }
  EXPECT_EQ(state.contents(), Folded::Of(*store()->Current()));
}

TEST_F(WatchTest, ASinkThatIsNotReadyIsNotSentToAndMissesNothing) {
  TestStore few(std::make_shared<LogControl>(&SystemClock::Get()), {.retained_revisions = 2});
  ASSERT_TRUE(few.store->Load().ok());
  WatchHub hub(few.store.get(), "test.Service");
  const auto id = hub.Start({}, sink_);
  for (int i = 1; i <= 30; ++i) {
    ASSERT_TRUE(Apply(few.store.get(), WriteOf({PutPlace("places/a", absl::StrCat(i))})).ok());
  }
  for (int i = 1; i <= 30; ++i) {
    const auto step = sink_->Await(static_cast<size_t>(i));
    EXPECT_EQ(step->revision, i);
    EXPECT_EQ(step->resources.at(0).As<catalogue::v1::Place>().title().text(), absl::StrCat(i));
    // Another watch gets its step, so the hub has gone round; this one has got none.
    auto other = std::make_shared<RecordingSink>();
    ASSERT_TRUE(hub.Start({.include_current = true}, other).ok());
    other->Await(1);
    EXPECT_EQ(sink_->size(), static_cast<size_t>(i));
    hub.Ready(*id);
  }
}

TEST_F(WatchTest, ACancelledWatchIsSentNothingMore) {
  WatchHub hub(store(), "test.Service");
  const auto id = hub.Start({}, sink_);
  Put("places/a", "1");
  sink_->Await(1);
  hub.Cancel(*id);
  hub.Ready(*id);
  Put("places/a", "2");
  auto other = std::make_shared<RecordingSink>();
  ASSERT_TRUE(hub.Start({.include_current = true}, other).ok());
  other->Await(1);
  EXPECT_EQ(sink_->size(), 1u);
  EXPECT_EQ(sink_->closes(), 0);
  EXPECT_EQ(sink_.use_count(), 1) << "the hub lets go of it";
}

TEST_F(WatchTest, CanBeCancelledWhileItIsSentTo) {
  WatchHub hub(store(), "test.Service");
  std::promise<void> sending;
  std::promise<void> go_on;
  sink_->DuringSend([&] {
    sending.set_value();
    go_on.get_future().wait();
  });
  const auto id = hub.Start({}, sink_);
  Put("places/a", "1");
  sending.get_future().wait();
  hub.Cancel(*id);  // Does not wait for the Send.
  hub.Ready(*id);
  Put("places/a", "2");  // Nor does a write.
  go_on.set_value();
  auto other = std::make_shared<RecordingSink>();
  ASSERT_TRUE(hub.Start({.include_current = true}, other).ok());
  other->Await(1);
  EXPECT_EQ(sink_->size(), 1u);
}

TEST_F(WatchTest, CanBeCancelledAndMadeReadyFromWithinSend) {
  WatchHub hub(store(), "test.Service");
  Put("places/a", "0");
  std::promise<WatchHub::Id> started;
  auto id = std::make_shared<std::shared_future<WatchHub::Id>>(started.get_future().share());
  sink_->DuringSend([&, id] {
    hub.Ready(id->get());
    if (sink_->size() == 3) hub.Cancel(id->get());
  });
  started.set_value(*hub.Start({}, sink_));
  for (int i = 1; i <= 5; ++i) Put("places/a", absl::StrCat(i));
  sink_->Await(3);
  auto other = std::make_shared<RecordingSink>();
  ASSERT_TRUE(hub.Start({.include_current = true}, other).ok());
  other->Await(1);
  EXPECT_EQ(sink_->size(), 3u);
}

TEST_F(WatchTest, ResumesAfterEveryTokenWithExactlyTheRest) {
  WatchHub hub(store(), "test.Service");
  const auto id = hub.Start({}, sink_);
  std::vector<std::string> tokens;
  for (int i = 1; i <= 5; ++i) {
    Put("places/a", absl::StrCat(i));
    tokens.push_back(sink_->Await(static_cast<size_t>(i))->resume_token);
    hub.Ready(*id);
  }
  for (size_t from = 0; from < tokens.size(); ++from) {
    auto resumed = std::make_shared<RecordingSink>();
    const auto again = hub.Start({.resume_token = tokens[from], .include_current = true}, resumed);
    ASSERT_TRUE(again.ok()) << again.status();
    for (size_t n = 1; n <= tokens.size() - from - 1; ++n) {
      EXPECT_EQ(resumed->Await(n)->revision, static_cast<int64_t>(from + 1 + n));
      EXPECT_EQ(resumed->Await(n)->kind, type::v1::WATCH_MESSAGE_KIND_REVISION);
      hub.Ready(*again);
    }
  }
}

TEST_F(WatchTest, SaysNowAndThenThatNothingHappens) {
  WatchHub hub(store(), "test.Service");
  Put("places/a", "1");
  const auto id = hub.Start({.checkpoint_interval = absl::Milliseconds(1)}, sink_);
  for (size_t n = 1; n <= 3; ++n) {
    const auto step = sink_->Await(n);
    EXPECT_EQ(step->kind, type::v1::WATCH_MESSAGE_KIND_CHECKPOINT);
    EXPECT_EQ(step->revision, 1);
    EXPECT_THAT(step->resources, IsEmpty());
    hub.Ready(*id);
  }
  auto resumed = std::make_shared<RecordingSink>();
  ASSERT_TRUE(hub.Start({.resume_token = sink_->Await(3)->resume_token}, resumed).ok());
  Put("places/a", "2");
  EXPECT_EQ(resumed->Await(1)->revision, 2);
}

TEST_F(WatchTest, TokensThatAreNoneAreRefused) {
  WatchHub hub(store(), "test.Service");
  WatchHub* hub_pointer = &hub;
  const auto start = [&](const std::string& token) {
    return hub_pointer->Start({.resume_token = token}, std::make_shared<RecordingSink>()).status();
  };
  const absl::Status garbage = start("garbage");
  EXPECT_EQ(garbage.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(errors::BadRequestOf(garbage).field_violations(0).field(), "resume_token");
  ASSERT_TRUE(hub.Start({}, sink_).ok());
  Put("places/a", "1");
  const std::string token = sink_->Await(1)->resume_token;
  EXPECT_TRUE(start(token).ok());
  std::string garbled = token;
  garbled[garbled.size() / 2] ^= 1;
  EXPECT_EQ(start(garbled).code(), absl::StatusCode::kInvalidArgument);
  TestStore second;
  ASSERT_TRUE(second.store->Load().ok());
  WatchHub other(second.store.get(), "other.Service");
  hub_pointer = &other;
  EXPECT_EQ(start(token).code(), absl::StatusCode::kInvalidArgument) << "of another service";
}

TEST_F(WatchTest, TokensOfAnotherDatabaseAreOutOfRange) {
  WatchHub hub(store(), "test.Service");
  const auto id = hub.Start({}, sink_);
  Put("places/a", "1");
  const std::string first = sink_->Await(1)->resume_token;
  hub.Ready(*id);
  Put("places/a", "2");
  const std::string second = sink_->Await(2)->resume_token;

  FakeClock later(absl::Now() + absl::Hours(1));
  TestStore replaced(std::make_shared<LogControl>(&later));
  ASSERT_TRUE(replaced.store->Load().ok());
  ASSERT_TRUE(Apply(replaced.store.get(), WriteOf({PutPlace("places/a", "x")})).ok());
  WatchHub other(replaced.store.get(), "test.Service");
  const absl::Status beyond =
      other.Start({.resume_token = second}, std::make_shared<RecordingSink>()).status();
  EXPECT_EQ(beyond.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReasonOf(beyond), "WATCH_TOKEN_UNKNOWN");
  // The number is there, at another time: that is found when the log is looked into.
  auto sink = std::make_shared<RecordingSink>();
  ASSERT_TRUE(other.Start({.resume_token = first}, sink).ok());
  EXPECT_EQ(ReasonOf(sink->AwaitClose()), "WATCH_TOKEN_UNKNOWN");
  EXPECT_EQ(sink->size(), 0u);
}

TEST_F(WatchTest, AnUnreadableLogClosesTheWatch) {
  TestStore few(std::make_shared<LogControl>(&SystemClock::Get()), {.retained_revisions = 1});
  ASSERT_TRUE(few.store->Load().ok());
  WatchHub hub(few.store.get(), "test.Service");
  const auto id = hub.Start({}, sink_);
  ASSERT_TRUE(Apply(few.store.get(), WriteOf({PutPlace("places/a", "1")})).ok());
  sink_->Await(1);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Apply(few.store.get(), WriteOf({PutPlace("places/a", "x")})).ok());
  }
  few.control->FailReads(absl::UnavailableError("unreadable"));
  hub.Ready(*id);
  EXPECT_EQ(sink_->AwaitClose(), absl::UnavailableError("unreadable"));
  hub.Ready(*id);
  EXPECT_EQ(sink_->closes(), 1);
}

TEST_F(WatchTest, ShutdownClosesEveryWatchOnce) {
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  {
    WatchHub hub(store(), "test.Service");
    for (int i = 0; i < 5; ++i) {
      sinks.push_back(std::make_shared<RecordingSink>());
      ASSERT_TRUE(hub.Start({.include_current = i % 2 == 0}, sinks.back()).ok());
    }
    hub.Shutdown();
    for (const auto& sink : sinks) EXPECT_EQ(ReasonOf(sink->AwaitClose()), "SHUTTING_DOWN");
    EXPECT_EQ(ReasonOf(hub.Start({}, sink_).status()), "SHUTTING_DOWN");
  }
  for (const auto& sink : sinks) EXPECT_EQ(sink->closes(), 1);
  Put("places/a", "the store goes on");
}

// Each watch costs the hub no more, however many others there are.
TEST_F(WatchTest, ServesManyWatches) {
  constexpr size_t kWatches = 5000;
  WatchHub hub(store(), "test.Service");
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  std::vector<WatchHub::Id> ids;
  for (size_t i = 0; i < kWatches; ++i) {
    sinks.push_back(std::make_shared<RecordingSink>());
    ids.push_back(*hub.Start({}, sinks.back()));
  }
  for (size_t revision = 1; revision <= 3; ++revision) {
    Put("places/a", absl::StrCat(revision));
    for (size_t i = 0; i < kWatches; ++i) {
      EXPECT_EQ(sinks[i]->Await(revision)->revision, static_cast<int64_t>(revision));
      hub.Ready(ids[i]);
    }
  }
}

}  // namespace
}  // namespace entente::resource
