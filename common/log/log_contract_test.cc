// SPDX-License-Identifier: Apache-2.0
#include "common/log/log_contract_test.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/log/log_test_util.h"
#include "gmock/gmock.h"

namespace entente::log {
namespace {

using ::absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<int64_t> NumbersOf(const std::vector<Revision>& revisions) {
  std::vector<int64_t> numbers;
  for (const Revision& revision : revisions) numbers.push_back(revision.number);
  return numbers;
}

TEST_P(LogContractTest, GivesEachProposalItsRevisionInOrder) {
  const auto first = MustAppend({Writes("a", {Put("x", "1")}), Writes("b", {Put("y", "2")})});
  const auto second = MustAppend({Writes("c", {Put("z", "3")})});
  ASSERT_THAT(first, SizeIs(2));
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(first[0].number, base_ + 1);
  EXPECT_EQ(first[1].number, base_ + 2);
  EXPECT_EQ(second[0].number, base_ + 3);
  EXPECT_EQ(Head(), base_ + 3);
  EXPECT_THAT(NumbersOf(ReadAll(*log_, base_)), ElementsAre(base_ + 1, base_ + 2, base_ + 3));
}

TEST_P(LogContractTest, GivesBackEveryByteOfARevision) {
  const std::string bytes = Bytes(1, 1000);  // With NULs and whatever else bytes may be.
  const std::vector<Change> changes = {Put("initiatives/iuu", bytes), Delete("places/id"),
                                       Undelete("places/id"), Put("organisations/été", ""),
                                       Put("initiatives/iuu", "again")};
  const auto committed = MustAppend({Writes("request", changes), Writes("", {Delete("x")})});
  ASSERT_THAT(committed, SizeIs(2));

  const std::vector<Revision> revisions = ReadAll(*log_, base_);
  ASSERT_THAT(revisions, SizeIs(2));
  EXPECT_EQ(revisions[0].number, committed[0].number);
  EXPECT_EQ(revisions[0].commit_time, committed[0].commit_time);
  EXPECT_EQ(revisions[0].request_id, "request");
  EXPECT_EQ(revisions[0].request_fingerprint, FingerprintOf("request"));
  EXPECT_EQ(revisions[0].changes, changes);
  EXPECT_EQ(revisions[1].request_id, "");
  EXPECT_EQ(revisions[1].request_fingerprint, "");
  EXPECT_THAT(revisions[1].changes, ElementsAre(Delete("x")));
}

TEST_P(LogContractTest, KeepsBigBodies) {
  const std::string big = Bytes(2, 5 << 20);
  MustAppend({Writes("", {Put("a", big), Put("b", big)}), Writes("", {Put("c", big)}),
              Writes("", {Put("d", "small")})});
  const std::vector<Revision> revisions = ReadAll(*log_, base_);
  ASSERT_THAT(revisions, SizeIs(3));
  // Not EXPECT_EQ: a failure need not print five megabytes.
  EXPECT_TRUE(revisions[0].changes == std::vector<Change>({Put("a", big), Put("b", big)}));
  EXPECT_TRUE(revisions[1].changes == std::vector<Change>({Put("c", big)}));
  EXPECT_TRUE(revisions[2].changes == std::vector<Change>({Put("d", "small")}));
}

TEST_P(LogContractTest, CommitTimesAreTheClocksInMicroseconds) {
  clock_.Set(absl::FromUnixMicros(1'710'000'000'123'456) + absl::Nanoseconds(789));
  const auto committed = MustAppend({Writes("", {Put("x", "1")})});
  ASSERT_THAT(committed, SizeIs(1));
  EXPECT_EQ(committed[0].commit_time, absl::FromUnixMicros(1'710'000'000'123'456));
  EXPECT_EQ(ReadAll(*log_, base_)[0].commit_time, committed[0].commit_time);
}

TEST_P(LogContractTest, CommitTimesIncreaseWhateverTheClockDoes) {
  const auto append_two = [&] {
    MustAppend({Writes("", {Put("x", "1")}), Writes("", {Put("x", "2")})});
  };
  append_two();
  append_two();  // It stands still,
  clock_.Advance(absl::Hours(-1000));
  append_two();  // goes backwards,
  Reopen();
  append_two();  // is still behind after a restart,
  clock_.Advance(absl::Hours(2000));
  append_two();  // and comes back.
  const std::vector<Revision> revisions = ReadAll(*log_);
  for (size_t i = 1; i < revisions.size(); ++i) {
    EXPECT_GE(revisions[i].commit_time - revisions[i - 1].commit_time, absl::Microseconds(1));
  }
  EXPECT_EQ(revisions[base_ + 8].commit_time, clock_.Now());
}

TEST_P(LogContractTest, RefusesToAppendElsewhereThanAtTheHead) {
  MustAppend({Writes("", {Put("x", "1")})});
  for (const int64_t wrong : {base_, base_ + 2, base_ + 1000}) {
    const auto result = log_->Append(wrong, {Writes("", {Put("x", "2")})});
    EXPECT_EQ(result.status().code(), StatusCode::kAborted) << wrong << " " << result.status();
  }
  EXPECT_EQ(Head(), base_ + 1);
  EXPECT_TRUE(log_->Append(base_ + 1, {Writes("", {Put("x", "2")})}).ok());
}

TEST_P(LogContractTest, AppendsAllOrNothing) {
  MustAppend({Writes("used", {Put("x", "1")})});
  const auto result =
      log_->Append(base_ + 1, {Writes("new", {Put("x", "2"), Erase("x")}),
                               Writes("used", {Put("y", "1")}), Writes("", {Put("z", "1")})});
  EXPECT_EQ(result.status().code(), StatusCode::kAlreadyExists) << result.status();
  EXPECT_EQ(Head(), base_ + 1);
  const std::vector<Revision> revisions = ReadAll(*log_, base_);
  ASSERT_THAT(revisions, SizeIs(1));
  EXPECT_THAT(revisions[0].changes, ElementsAre(Put("x", "1")));
  // And the ids of what was not written are free.
  MustAppend({Writes("new", {Put("x", "2")})});
}

TEST_P(LogContractTest, RefusesARequestIdTwiceInOneCall) {
  const auto result =
      log_->Append(base_, {Writes("same", {Put("x", "1")}), Writes("same", {Put("y", "1")})});
  EXPECT_EQ(result.status().code(), StatusCode::kAlreadyExists) << result.status();
  EXPECT_EQ(Head(), base_);
}

TEST_P(LogContractTest, RefusesWhatIsNotAProposal) {
  const Proposal good = Writes("good", {Put("x", "1")});
  const std::vector<std::vector<Proposal>> bad = {
      {},
      {good, Writes("empty", {})},
      {good, Writes("", {Put("", "1")})},
      {good, Writes("", {Put(std::string("x\0y", 3), "1")})},
      {good, Writes(std::string("i\0d", 3), {Put("x", "1")})},
      {good, Writes("", {{"x", ChangeKind::kErase, "a body"}})},
      {good, Writes("", {{"x", static_cast<ChangeKind>(0), ""}})},
      {good, Writes("", {{"x", static_cast<ChangeKind>(5), ""}})},
      {good, Proposal{"", "a fingerprint", {Put("x", "1")}}},
  };
  for (const std::vector<Proposal>& proposals : bad) {
    const auto result = log_->Append(base_, proposals);
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument) << result.status();
  }
  EXPECT_EQ(log_->Append(-1, {good}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Head(), base_);
  EXPECT_EQ(MustAppend({good})[0].number, base_ + 1);
}

TEST_P(LogContractTest, FindsRequestsById) {
  const auto committed = MustAppend({Writes("a", {Put("x", "1")}), Writes("", {Put("y", "2")})});
  for (int round = 0; round < 2; ++round) {
    const auto found = log_->FindRequest("a");
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->committed, committed[0]);
    EXPECT_EQ((*found)->fingerprint, FingerprintOf("a"));
    const auto absent = log_->FindRequest("b");
    ASSERT_TRUE(absent.ok()) << absent.status();
    EXPECT_FALSE(absent->has_value());
    Reopen();
  }
  EXPECT_EQ(log_->FindRequest("").status().code(), StatusCode::kInvalidArgument);
}

TEST_P(LogContractTest, ReadsAfterARevisionAndNoMoreThanTheLimit) {
  MustAppend({Writes("", {Put("a", "1")}), Writes("", {Put("b", "1")}), Writes("", {Put("c", "1")}),
              Writes("", {Put("d", "1")})});
  const auto read = [&](int64_t after, int64_t limit) {
    std::vector<int64_t> numbers;
    const absl::Status status = log_->Read(after, limit, [&](Revision revision) {
      numbers.push_back(revision.number - base_);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return numbers;
  };
  EXPECT_THAT(read(base_, kAllRevisions), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(read(base_, 4), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(read(base_, 3), ElementsAre(1, 2, 3));
  EXPECT_THAT(read(base_ + 1, 2), ElementsAre(2, 3));
  EXPECT_THAT(read(base_ + 3, 2), ElementsAre(4));
  EXPECT_THAT(read(base_ + 2, 0), IsEmpty());
  EXPECT_THAT(read(base_ + 4, 5), IsEmpty());
  EXPECT_THAT(read(base_ + 5, 5), IsEmpty());
  EXPECT_THAT(read(kAllRevisions, kAllRevisions), IsEmpty());
  const auto fn = [](Revision) { return absl::OkStatus(); };
  EXPECT_EQ(log_->Read(-1, 1, fn).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(log_->Read(0, -1, fn).code(), StatusCode::kInvalidArgument);
}

TEST_P(LogContractTest, ReadsLongLogsWithoutGaps) {
  constexpr int kCount = 2500;
  std::vector<Proposal> proposals;
  for (int i = 1; i <= kCount; ++i) proposals.push_back(NumberedProposal(base_ + i));
  MustAppend(proposals);
  int64_t expected = base_;
  const absl::Status status = log_->Read(base_, kAllRevisions, [&](Revision revision) {
    EXPECT_EQ(revision.number, ++expected);
    EXPECT_TRUE(IsWholeNumbered(revision)) << revision.number;
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(expected, base_ + kCount);
}

TEST_P(LogContractTest, StopsReadingWhenTheReaderSaysSo) {
  MustAppend({Writes("", {Put("a", "1")}), Writes("", {Put("b", "1")})});
  int calls = 0;
  const absl::Status status = log_->Read(base_, kAllRevisions, [&](Revision) {
    ++calls;
    return absl::CancelledError("enough");
  });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(calls, 1);
}

TEST_P(LogContractTest, AReaderMayUseTheLogAndDoesNotSeeWhatCameAfterItsCall) {
  MustAppend({Writes("", {Put("a", "1")}), Writes("", {Put("b", "1")})});
  int calls = 0;
  const absl::Status status = log_->Read(base_, kAllRevisions, [&](Revision) {
    ++calls;
    MustAppend({Writes("", {Put("c", absl::StrCat(calls))})});
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(Head(), base_ + 4);
}

TEST_P(LogContractTest, FindsTheRevisionOfATime) {
  const absl::Time start = clock_.Now();
  const auto revision_at = [&](absl::Time time) {
    const auto revision = log_->RevisionAt(time);
    EXPECT_TRUE(revision.ok()) << revision.status();
    return revision.value_or(std::optional<int64_t>(-1));
  };
  const std::optional<int64_t> before = base_ == 0 ? std::nullopt : std::optional<int64_t>(base_);
  EXPECT_EQ(revision_at(absl::InfiniteFuture()), before);
  MustAppend({Writes("", {Put("a", "1")}), Writes("", {Put("b", "1")})});
  clock_.Advance(absl::Hours(1));
  MustAppend({Writes("", {Put("c", "1")})});

  EXPECT_EQ(revision_at(absl::InfinitePast()), std::nullopt);
  EXPECT_EQ(revision_at(start - absl::Nanoseconds(1)), before);
  EXPECT_EQ(revision_at(start), base_ + 1);
  EXPECT_EQ(revision_at(start + absl::Nanoseconds(999)), base_ + 1);
  EXPECT_EQ(revision_at(start + absl::Microseconds(1)), base_ + 2);
  EXPECT_EQ(revision_at(start + absl::Minutes(59)), base_ + 2);
  EXPECT_EQ(revision_at(start + absl::Hours(1)), base_ + 3);
  EXPECT_EQ(revision_at(absl::InfiniteFuture()), base_ + 3);
}

TEST_P(LogContractTest, ErasureReachesBackAndLeavesTombstones) {
  MustAppend({Writes("", {Put("people/a", "her name"), Put("people/b", "his name")}),
              Writes("id", {Delete("people/a")}), Writes("", {Undelete("people/a")})});
  const std::vector<Revision> before = ReadAll(*log_, base_);
  // One in the log already, one in an earlier proposal of the same call, one in the same proposal.
  MustAppend({Writes("", {Put("people/a", "another name")}),
              Writes("", {Put("people/a", "and another"), Erase("people/a")}),
              Writes("", {Put("people/a", "her name, new")})});
  for (int round = 0; round < 2; ++round) {
    const std::vector<Revision> after = ReadAll(*log_, base_);
    ASSERT_THAT(after, SizeIs(6));
    EXPECT_THAT(after[0].changes, ElementsAre(Erase("people/a"), Put("people/b", "his name")));
    EXPECT_THAT(after[1].changes, ElementsAre(Erase("people/a")));
    EXPECT_THAT(after[2].changes, ElementsAre(Erase("people/a")));
    EXPECT_THAT(after[3].changes, ElementsAre(Erase("people/a")));
    EXPECT_THAT(after[4].changes, ElementsAre(Erase("people/a"), Erase("people/a")));
    EXPECT_THAT(after[5].changes, ElementsAre(Put("people/a", "her name, new")));
    for (size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(after[i].commit_time, before[i].commit_time);
      EXPECT_EQ(after[i].request_id, before[i].request_id);
    }
    Reopen();
  }
}

TEST_P(LogContractTest, AnErasureForgetsWhyAndKeepsItsOwnReason) {
  const auto because = [](std::string reason, std::vector<Change> changes) {
    Proposal proposal = Writes("", std::move(changes));
    proposal.reason = std::move(reason);
    return proposal;
  };
  MustAppend({because("she moved", {Put("people/a", "x"), Put("people/b", "y")}),
              because("he did not", {Put("people/b", "z")})});
  MustAppend({because("she asked", {Erase("people/a")}), because("\0?", {Put("people/c", "w")})});
  for (int round = 0; round < 2; ++round) {
    const std::vector<Revision> all = ReadAll(*log_, base_);
    ASSERT_THAT(all, SizeIs(4));
    EXPECT_EQ(all[0].reason, "");
    EXPECT_EQ(all[1].reason, "he did not");
    EXPECT_EQ(all[2].reason, "she asked");
    EXPECT_EQ(all[3].reason, "\0?");
    Reopen();
  }
}

TEST_P(LogContractTest, TellsInWhichRevisionsANameChanged) {
  MustAppend({Writes("", {Put("a", "1"), Put("ab", "1")}), Writes("", {Put("ab", "2")}),
              Writes("", {Delete("a")}), Writes("", {Put("a", "2"), Put("a", "3")})});
  const auto of = [&](absl::string_view name, int64_t last, int64_t limit) {
    const auto found = log_->RevisionsOf(name, last, limit);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(std::vector<int64_t>());
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(of("a", base_ + 9, 9), ElementsAre(base_ + 4, base_ + 3, base_ + 1));
    EXPECT_THAT(of("a", base_ + 3, 9), ElementsAre(base_ + 3, base_ + 1));
    EXPECT_THAT(of("a", base_ + 4, 2), ElementsAre(base_ + 4, base_ + 3));
    EXPECT_THAT(of("ab", base_ + 4, 9), ElementsAre(base_ + 2, base_ + 1));
    EXPECT_THAT(of("a", base_, 9), IsEmpty());
    EXPECT_THAT(of("a", base_ + 4, 0), IsEmpty());
    EXPECT_THAT(of("none", base_ + 4, 9), IsEmpty());
    Reopen();
  }
  for (const auto& refused : {log_->RevisionsOf("", 1, 1), log_->RevisionsOf("a", -1, 1),
                              log_->RevisionsOf("a", 1, -1)}) {
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(LogContractTest, FindsEverythingWhenOpenedAgain) {
  const std::vector<Revision> past = ReadAll(*log_);
  for (int i = 1; i <= 20; ++i) MustAppend({NumberedProposal(base_ + i)});
  Reopen();
  EXPECT_EQ(Head(), base_ + 20);
  const std::vector<Revision> all = ReadAll(*log_);
  ASSERT_THAT(all, SizeIs(base_ + 20));
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].number, static_cast<int64_t>(i) + 1);
    if (i < past.size()) {
      EXPECT_EQ(all[i].commit_time, past[i].commit_time);
      EXPECT_EQ(all[i].changes, past[i].changes);
    } else {
      EXPECT_TRUE(IsWholeNumbered(all[i])) << all[i].number;
    }
  }
  EXPECT_EQ(MustAppend({Writes("", {Put("x", "1")})})[0].number, base_ + 21);
}

// Readers that never stop, while somebody writes in groups: every revision they see is whole, with
// all before it, and what was acknowledged before a read is in it.
TEST_P(LogContractTest, ReadsWhileSomebodyWrites) {
  constexpr int kGroups = 60;
  constexpr int kGroup = 5;
  std::atomic<int64_t> acknowledged{base_};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int group = 0; group < kGroups; ++group) {
      const int64_t head = base_ + group * kGroup;
      std::vector<Proposal> proposals;
      for (int i = 1; i <= kGroup; ++i) proposals.push_back(NumberedProposal(head + i));
      const auto committed = log_->Append(head, proposals);
      EXPECT_TRUE(committed.ok()) << committed.status();
      if (!committed.ok()) break;
      acknowledged = committed->back().number;
    }
    done = true;
  });
  const auto read = [&] {
    bool last = false;
    while (!last) {
      last = done;  // Once more when it is, so that the end is read too.
      const int64_t at_least = acknowledged;
      int64_t number = base_;
      const absl::Status status = log_->Read(base_, kAllRevisions, [&](Revision revision) {
        EXPECT_EQ(revision.number, ++number);
        EXPECT_TRUE(IsWholeNumbered(revision)) << revision.number;
        return absl::OkStatus();
      });
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_GE(number, at_least);
      // Groups are committed whole.
      EXPECT_EQ((number - base_) % kGroup, 0);
    }
  };
  const auto ask = [&] {
    while (!done) {
      const int64_t at_least = acknowledged;
      const auto now = log_->RevisionAt(absl::InfiniteFuture());
      EXPECT_TRUE(now.ok()) << now.status();
      if (now.ok() && at_least > 0) {
        EXPECT_GE(now->value_or(0), at_least);
      }
      const std::string id = NumberedProposal(at_least).request_id;
      if (at_least > base_ && !id.empty()) {
        const auto found = log_->FindRequest(id);
        EXPECT_TRUE(found.ok()) << found.status();
        EXPECT_TRUE(found.ok() && found->has_value() && (*found)->committed.number == at_least);
      }
    }
  };
  std::thread readers[] = {std::thread(read), std::thread(read), std::thread(ask)};
  writer.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Head(), base_ + kGroups * kGroup);
}

// Several writers, each believing in its own head: ABORTED sorts them out, and nothing is lost.
TEST_P(LogContractTest, WritersThatCompete) {
  constexpr int kWriters = 4;
  constexpr int kEach = 25;
  std::mutex mutex;
  std::vector<Committed> all;  // Guarded by mutex.
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach;) {
        const absl::StatusOr<int64_t> head = log_->Head();
        ASSERT_TRUE(head.ok()) << head.status();
        const auto committed =
            log_->Append(*head, {Writes(absl::StrCat("w", w, "-", i), {Put("x", "1")})});
        if (!committed.ok()) {
          ASSERT_EQ(committed.status().code(), StatusCode::kAborted) << committed.status();
          continue;
        }
        ASSERT_EQ(committed->front().number, *head + 1);
        std::lock_guard<std::mutex> lock(mutex);
        all.push_back(committed->front());
        ++i;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_THAT(all, SizeIs(kWriters * kEach));
  std::vector<Committed> read;
  for (const Revision& revision : ReadAll(*log_, base_)) {
    read.push_back({revision.number, revision.commit_time});
  }
  EXPECT_THAT(read, testing::UnorderedElementsAreArray(all));
}

}  // namespace
}  // namespace entente::log
