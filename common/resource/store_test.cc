// SPDX-License-Identifier: Apache-2.0
#include "common/resource/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/resource/store_test_util.h"
#include "common/status/errors.h"

namespace entente::resource {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string ReasonOf(const absl::Status& status) { return errors::InfoOf(status).reason(); }

std::string Numbered(int i) { return absl::StrCat("places/p", i); }

// Holds up the writer in one write, so that what is submitted next waits in the queue together.
Outcome HoldUp(TestStore* test) {
  test->control->Block();
  Outcome first = Submit(test->store.get(), WriteOf({PutPlace("places/first", "first")}));
  test->control->AwaitBlocked();
  return first;
}

TEST(StoreTest, IsEmptyAtFirst) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  EXPECT_EQ(test.store->Current()->revision(), 0);
  EXPECT_EQ((*test.store->At(0))->revision(), 0);
  EXPECT_EQ(ReasonOf(test.store->At(1).status()), "REVISION_IN_FUTURE");
  EXPECT_EQ(*test.store->Next(0), nullptr);
}

TEST(StoreTest, WritesThatWaitShareOneCommitAndKeepTheirOrder) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 50; ++i) {
    Write write;
    write.plan = [i](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
      // Each is planned on top of the one before, though that one is not committed yet.
      EXPECT_EQ(state.revision(), i + 1);
      EXPECT_EQ(state.Find(Numbered(i - 1)) != nullptr, i > 0);
      EXPECT_EQ(state.Find(Numbered(i)), nullptr);
      return std::vector<log::Change>{PutPlace(Numbered(i), "t")};
    };
    outcomes.push_back(Submit(test.store.get(), std::move(write)));
  }
  EXPECT_EQ(test.store->Current()->revision(), 0);
  test.control->Release();
  EXPECT_EQ(first.get()->state->revision(), 1);
  absl::Time last = absl::InfinitePast();
  for (int i = 0; i < 50; ++i) {
    const auto written = outcomes[static_cast<size_t>(i)].get();
    ASSERT_TRUE(written.ok()) << written.status();
    ASSERT_EQ(written->changed.size(), 1u);
    EXPECT_EQ(written->changed[0].name, Numbered(i));
    EXPECT_EQ(written->changed[0].revision, i + 2);
    EXPECT_EQ(written->state->revision(), i + 2);
    EXPECT_GT(written->state->commit_time(), last);
    last = written->state->commit_time();
  }
  EXPECT_THAT(test.control->appends(), ElementsAre(1, 50));
}

TEST(StoreTest, ManyWaitingWritesTakeSeveralCommits) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 600; ++i) {
    outcomes.push_back(Submit(test.store.get(), WriteOf({PutPlace(Numbered(i), "t")})));
  }
  test.control->Release();
  for (Outcome& outcome : outcomes) EXPECT_TRUE(outcome.get().ok());
  EXPECT_THAT(test.control->appends(), ElementsAre(1, 256, 256, 88));
  EXPECT_EQ(test.store->Current()->revision(), 601);
}

TEST(StoreTest, AFailedCommitLeavesNothingBehind) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "1")})).ok());
  std::atomic<int> heard = 0;
  test.store->SetListener([&] { ++heard; });
  test.control->FailAppends(absl::UnavailableError("the disk is gone"));
  const auto failed = Apply(test.store.get(), WriteOf({PutPlace("places/a", "2")}));
  EXPECT_EQ(failed.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(failed.status()), "LOG_UNAVAILABLE");
  EXPECT_EQ(test.store->Current()->revision(), 1);
  EXPECT_EQ(TitleOf(*test.store->Current(), "places/a"), "1");
  EXPECT_EQ(heard, 0);
  test.control->FailAppends(absl::OkStatus());
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "3")})).ok());
  EXPECT_EQ(test.store->Current()->revision(), 2);
  EXPECT_EQ(TitleOf(*test.store->Current(), "places/a"), "3");
  EXPECT_EQ(heard, 1);
}

TEST(StoreTest, AFailedCommitFailsAllThatWasPlannedOnItButNotWhatWasRefused) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  test.control->FailAppends(absl::ResourceExhaustedError("the disk is full"));
  Outcome put = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}));
  Outcome unchanged = Submit(test.store.get(), WriteOf({}));
  Write refused;
  refused.plan = [](const State&) { return errors::ResourceDeleted("places/x"); };
  Outcome refusal = Submit(test.store.get(), std::move(refused));
  test.control->Release();
  EXPECT_EQ(ReasonOf(first.get().status()), "LOG_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(put.get().status()), "LOG_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(unchanged.get().status()), "LOG_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(refusal.get().status()), "RESOURCE_DELETED");
  EXPECT_EQ(test.store->Current()->revision(), 0);
}

TEST(StoreTest, PlansAgainOnWhatAnotherWriterWrote) {
  TestStore a;
  TestStore b(a.control);
  ASSERT_TRUE(a.store->Load().ok());
  ASSERT_TRUE(b.store->Load().ok());
  ASSERT_TRUE(Apply(a.store.get(), WriteOf({PutPlace("places/a", "by a")})).ok());
  ASSERT_TRUE(Apply(a.store.get(), WriteOf({PutPlace("places/b", "by a")})).ok());
  std::vector<int64_t> planned_at;
  int heard = 0;
  b.store->SetListener([&] { ++heard; });
  Write write;
  write.plan = [&](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
    planned_at.push_back(state.revision());
    return std::vector<log::Change>{PutPlace("places/a", TitleOf(state, "places/a") + ", then b")};
  };
  const auto written = Apply(b.store.get(), std::move(write));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_THAT(planned_at, ElementsAre(0, 2));
  EXPECT_EQ(written->state->revision(), 3);
  EXPECT_EQ(TitleOf(*b.store->Current(), "places/a"), "by a, then b");
  EXPECT_EQ(heard, 3);
}

// After a conflict it can turn out that nothing is left to do: that is no failure.
TEST(StoreTest, NothingLeftToDoAfterAConflictIsOk) {
  TestStore a;
  TestStore b(a.control);
  ASSERT_TRUE(a.store->Load().ok());
  ASSERT_TRUE(b.store->Load().ok());
  ASSERT_TRUE(Apply(a.store.get(), WriteOf({PutPlace("places/a", "by a")})).ok());
  Write write;
  write.plan = [](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
    if (state.Find("places/a") != nullptr) return std::vector<log::Change>{};
    return std::vector<log::Change>{PutPlace("places/a", "by b")};
  };
  const auto written = Apply(b.store.get(), std::move(write));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_THAT(written->changed, IsEmpty());
  EXPECT_EQ(written->state->revision(), 1);
}

TEST(StoreTest, ARequestThatAnotherWriterMadeIsFoundAfterTheConflict) {
  TestStore a;
  TestStore b(a.control);
  ASSERT_TRUE(a.store->Load().ok());
  ASSERT_TRUE(b.store->Load().ok());
  ASSERT_TRUE(Apply(a.store.get(), WriteOf({PutPlace("places/a", "x")}, "id", "f")).ok());
  const auto written = Apply(b.store.get(), WriteOf({PutPlace("places/a", "x")}, "id", "f"));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->changed.at(0).revision, 1);
  EXPECT_EQ(b.store->Current()->revision(), 1);
}

TEST(StoreTest, GivesUpAgainstAWriterThatIsAlwaysFaster) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  test.control->FailAppends(absl::AbortedError("the head is another"));
  const auto written = Apply(test.store.get(), WriteOf({PutPlace("places/a", "x")}));
  EXPECT_EQ(ReasonOf(written.status()), "LOG_UNAVAILABLE");
  EXPECT_EQ(test.control->appends().size(), 10u);
}

TEST(StoreTest, AConflictThatCannotBeCaughtUpWithIsUnavailable) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  test.control->FailAppends(absl::AbortedError("the head is another"));
  test.control->FailReads(absl::UnavailableError("unreadable"));
  const auto written = Apply(test.store.get(), WriteOf({PutPlace("places/a", "x")}));
  EXPECT_EQ(ReasonOf(written.status()), "LOG_UNAVAILABLE");
  EXPECT_EQ(test.control->appends().size(), 1u);
}

TEST(StoreTest, ARepetitionGetsTheFirstAnswerAlsoAfterARestart) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "1")}, "id", "f")).ok());
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "2")})).ok());
  for (bool restarted : {false, true}) {
    TestStore again(test.control);
    ASSERT_TRUE(again.store->Load().ok());
    Store* store = restarted ? again.store.get() : test.store.get();
    Write repetition;
    repetition.plan = [](const State&) -> absl::StatusOr<std::vector<log::Change>> {
      ADD_FAILURE() << "a repetition is not planned";
      return absl::InternalError("");
    };
    repetition.request_id = "id";
    repetition.request_fingerprint = "f";
    const auto written = Apply(store, std::move(repetition));
    ASSERT_TRUE(written.ok()) << written.status();
    ASSERT_EQ(written->changed.size(), 1u);
    EXPECT_EQ(written->changed[0].revision, 1);
    EXPECT_EQ(written->changed[0].As<catalogue::v1::Place>().title().text(), "1");
    EXPECT_EQ(store->Current()->revision(), 2);
    const auto reused = Apply(store, WriteOf({PutPlace("places/a", "3")}, "id", "another"));
    EXPECT_EQ(ReasonOf(reused.status()), "REQUEST_ID_REUSED");
  }
}

// A caller that repeats a write that is still waiting must not be told that the id is taken.
TEST(StoreTest, ARepetitionInTheSameBatchGetsTheFirstAnswer) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  Outcome original = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}, "id", "f"));
  Outcome between = Submit(test.store.get(), WriteOf({PutPlace("places/a", "2")}));
  Outcome repetition = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}, "id", "f"));
  Outcome reused = Submit(test.store.get(), WriteOf({PutPlace("places/a", "3")}, "id", "g"));
  test.control->Release();
  EXPECT_EQ(original.get()->changed.at(0).revision, 2);
  EXPECT_EQ(between.get()->changed.at(0).revision, 3);
  const auto repeated = repetition.get();
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_EQ(repeated->changed.at(0).revision, 2);
  EXPECT_EQ(ReasonOf(reused.get().status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(TitleOf(*test.store->Current(), "places/a"), "2");
  EXPECT_THAT(test.control->appends(), ElementsAre(1, 2));
}

TEST(StoreTest, ARepetitionOfARefusedWriteIsPlannedByItself) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  Write refused;
  refused.plan = [](const State&) { return errors::ResourceDeleted("places/x"); };
  refused.request_id = "id";
  refused.request_fingerprint = "f";
  Outcome refusal = Submit(test.store.get(), std::move(refused));
  Outcome second = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}, "id", "f"));
  test.control->Release();
  EXPECT_EQ(ReasonOf(refusal.get().status()), "RESOURCE_DELETED");
  EXPECT_TRUE(second.get().ok());
}

TEST(StoreTest, WhatIsOnlyValidatedIsNotWrittenAndNotBuiltUpon) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  Outcome before = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}));
  Write check;
  check.validate_only = true;
  check.request_id = "id";
  check.request_fingerprint = "f";
  check.plan = [](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
    EXPECT_NE(state.Find("places/a"), nullptr);
    return std::vector<log::Change>{PutPlace("places/b", "checked")};
  };
  Outcome checked = Submit(test.store.get(), std::move(check));
  Write after;
  after.plan = [](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
    EXPECT_EQ(state.Find("places/b"), nullptr);
    EXPECT_EQ(state.revision(), 2);
    return std::vector<log::Change>{PutPlace("places/c", "2")};
  };
  Outcome last = Submit(test.store.get(), std::move(after));
  test.control->Release();
  EXPECT_EQ(before.get()->changed.at(0).revision, 2);
  const auto preview = checked.get();
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(TitleOf(*preview->state, "places/b"), "checked");
  EXPECT_EQ(TitleOf(*preview->state, "places/a"), "1");
  EXPECT_EQ(last.get()->changed.at(0).revision, 3);
  EXPECT_EQ(test.store->Current()->Find("places/b"), nullptr);
  // Its request id is still to be had.
  EXPECT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/b", "4")}, "id", "g")).ok());
}

// A change that could not be read back would make the log unreadable for ever.
TEST(StoreTest, WhatCannotBeReadBackIsRefused) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  const auto no_type =
      Apply(test.store.get(), WriteOf({{"planets/x", log::ChangeKind::kPut, "body"}}));
  EXPECT_EQ(no_type.status().code(), absl::StatusCode::kInternal);
  const auto no_body =
      Apply(test.store.get(), WriteOf({{"places/x", log::ChangeKind::kPut, "\xff\xff"}}));
  EXPECT_EQ(no_body.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(test.control->appends(), IsEmpty());
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "1")})).ok());
  EXPECT_EQ((*test.store->At(1))->revision(), 1);
}

TEST(StoreTest, AWriteThatNobodyWaitsForAnyMoreIsNotMade) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Write late = WriteOf({PutPlace("places/a", "1")});
  late.deadline = absl::UnixEpoch();
  EXPECT_EQ(ReasonOf(Apply(test.store.get(), std::move(late)).status()), "DEADLINE_ALREADY_PASSED");
  EXPECT_EQ(test.store->Current()->revision(), 0);
}

TEST(StoreTest, OnlyTheLastRevisionsAreRetained) {
  TestStore test(std::make_shared<LogControl>(&SystemClock::Get()), {.retained_revisions = 3});
  ASSERT_TRUE(test.store->Load().ok());
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", absl::StrCat(i))})).ok());
  }
  EXPECT_EQ((*test.store->At(0))->revision(), 5);
  for (int i = 3; i <= 5; ++i) {
    const auto state = test.store->At(i);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ((*state)->revision(), i);
    EXPECT_EQ(TitleOf(**state, "places/a"), absl::StrCat(i));
  }
  for (int i = 1; i <= 2; ++i) {
    const absl::Status gone = test.store->At(i).status();
    EXPECT_EQ(gone.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(gone), "REVISION_NOT_RETAINED");
    EXPECT_EQ(errors::InfoOf(gone).metadata().at("oldest"), "3");
  }
  EXPECT_EQ(ReasonOf(test.store->At(6).status()), "REVISION_IN_FUTURE");
  EXPECT_EQ(test.store->At(-1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(StoreTest, NextReadsFromMemoryAndFromTheLogAlike) {
  TestStore few(std::make_shared<LogControl>(&SystemClock::Get()), {.retained_revisions = 2});
  ASSERT_TRUE(few.store->Load().ok());
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(Apply(few.store.get(), WriteOf({PutPlace("places/a", absl::StrCat(i))})).ok());
  }
  TestStore all(few.control);
  ASSERT_TRUE(all.store->Load().ok());
  for (int i = 0; i < 5; ++i) {
    const auto from_log = few.store->Next(i);
    const auto from_memory = all.store->Next(i);
    ASSERT_TRUE(from_log.ok() && from_memory.ok());
    EXPECT_EQ((*from_log)->revision, i + 1);
    EXPECT_EQ((*from_log)->commit_time, (*from_memory)->commit_time);
    ASSERT_EQ((*from_log)->changed.size(), 1u);
    EXPECT_EQ((*from_log)->changed[0].message->SerializeAsString(),
              (*from_memory)->changed[0].message->SerializeAsString());
  }
  EXPECT_EQ(*few.store->Next(5), nullptr);
  EXPECT_EQ(*few.store->Next(6), nullptr);
  few.control->FailReads(absl::UnavailableError("unreadable"));
  EXPECT_EQ(few.store->Next(2).status(), absl::UnavailableError("unreadable"));
  EXPECT_TRUE(few.store->Next(3).ok());
}

TEST(StoreTest, ALogOfSomethingElseIsNotLoaded) {
  auto control = std::make_shared<LogControl>(&SystemClock::Get());
  log::Proposal proposal;
  proposal.changes = {{"planets/x", log::ChangeKind::kPut, ""}};
  ASSERT_TRUE(control->record()->Append(0, {proposal}).ok());
  TestStore test(control);
  const absl::Status status = test.store->Load();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("revision 1 changes planets/x"));
}

TEST(StoreTest, WritesWaitForTheLoad) {
  TestStore test;
  Outcome early = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}));
  EXPECT_EQ(test.store->Current()->revision(), 0);
  ASSERT_TRUE(test.store->Load().ok());
  EXPECT_TRUE(early.get().ok());
}

TEST(StoreTest, WritesThatWaitAtTheEndAreAnswered) {
  TestStore test;
  Outcome waiting = Submit(test.store.get(), WriteOf({PutPlace("places/a", "1")}));
  test.store.reset();
  EXPECT_EQ(ReasonOf(waiting.get().status()), "SHUTTING_DOWN");
}

TEST(StoreTest, TheEndDuringACommitAnswersEveryWriteOnce) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  Outcome first = HoldUp(&test);
  std::vector<Outcome> rest;
  for (int i = 0; i < 20; ++i) {
    rest.push_back(Submit(test.store.get(), WriteOf({PutPlace(Numbered(i), "t")})));
  }
  std::thread destroyer([&] { test.store.reset(); });
  test.control->Release();
  destroyer.join();
  EXPECT_TRUE(first.get().ok());
  size_t made = 1;
  for (Outcome& outcome : rest) {
    const auto written = outcome.get();
    if (written.ok()) {
      ++made;
    } else {
      EXPECT_EQ(ReasonOf(written.status()), "SHUTTING_DOWN");
    }
  }
  EXPECT_EQ(*test.control->record()->Head(), static_cast<int64_t>(made));
}

TEST(StoreTest, AListenerThatWasTakenAwayHearsNothing) {
  TestStore test;
  ASSERT_TRUE(test.store->Load().ok());
  int heard = 0;
  test.store->SetListener([&] { ++heard; });
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "1")})).ok());
  test.store->SetListener(nullptr);
  ASSERT_TRUE(Apply(test.store.get(), WriteOf({PutPlace("places/a", "2")})).ok());
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace entente::resource
