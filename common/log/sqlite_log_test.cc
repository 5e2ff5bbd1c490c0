// SPDX-License-Identifier: Apache-2.0
//
// What the contract (log_contract_test.cc) cannot say because it is SQLite's own: the disk and its
// faults, what is left in the file, damage in it, and others who use it.

#include "common/log/sqlite_log.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/log/faulty_vfs.h"
#include "common/log/log_test_util.h"
#include "common/log/sqlite_test_util.h"
#include "gmock/gmock.h"

namespace entente::log {
namespace {

using ::absl::StatusCode;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class SqliteLogTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteLog> MustOpen(const SqliteOptions& options = {}) const {
    auto log = SqliteLog::Open(path_, options);
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }

  TempDirectory directory_;
  const std::string path_ = directory_.File("log.db");
};

std::vector<Proposal> Numbered(int64_t head, int64_t count) {
  std::vector<Proposal> proposals;
  for (int64_t i = 1; i <= count; ++i) proposals.push_back(NumberedProposal(head + i));
  return proposals;
}

// All revisions up to the head are there, in order and whole. Returns the head.
int64_t ExpectSound(Log& log) {
  int64_t number = 0;
  for (const Revision& revision : ReadAll(log)) {
    EXPECT_EQ(revision.number, ++number);
    EXPECT_TRUE(IsWholeNumbered(revision)) << revision.number;
  }
  EXPECT_EQ(log.Head().value_or(-1), number);
  return number;
}

TEST_F(SqliteLogTest, SyncsOncePerAppendHoweverManyProposals) {
  FaultyVfs disk("counting");
  const auto log = MustOpen({.vfs = "counting"});
  ASSERT_TRUE(log->Append(0, Numbered(0, 1)).ok());  // The first makes the write-ahead log, too.
  int64_t before = disk.syncs();
  ASSERT_TRUE(log->Append(1, Numbered(1, 1)).ok());
  EXPECT_EQ(disk.syncs(), before + 1);
  before = disk.syncs();
  ASSERT_TRUE(log->Append(2, Numbered(2, 100)).ok());
  EXPECT_EQ(disk.syncs(), before + 1);
}

class DiskFaultTest : public SqliteLogTest, public testing::WithParamInterface<FaultyVfs::Fault> {
 protected:
  static void ExpectDiskError(const absl::Status& status) {
    EXPECT_EQ(status.code(), GetParam() == FaultyVfs::Fault::kFull ? StatusCode::kResourceExhausted
                                                                   : StatusCode::kUnavailable)
        << status;
  }

  void RemoveFiles() const {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  }
};

// At every single write and sync of an append, once: the append fails and is not seen, the log goes
// on when the disk does, and nothing is ever there in halves.
TEST_P(DiskFaultTest, AppendsFailCleanlyAndGoOnAfterwards) {
  FaultyVfs disk("faulty");
  int64_t faults = 0;
  for (int64_t at = 1;; ++at) {
    RemoveFiles();
    auto log = MustOpen({.vfs = "faulty"});
    ASSERT_TRUE(log->Append(0, Numbered(0, 3)).ok());
    disk.FailAt(at, GetParam());
    const auto failed = log->Append(3, Numbered(3, 6));
    if (disk.failures() == 0) {
      EXPECT_TRUE(failed.ok()) << failed.status();
      break;
    }
    ++faults;
    ExpectDiskError(failed.status());
    EXPECT_EQ(ExpectSound(*log), 3) << "at " << at;
    disk.Heal();
    const auto retried = log->Append(3, Numbered(3, 6));
    EXPECT_TRUE(retried.ok()) << "at " << at << ": " << retried.status();
    log.reset();
    EXPECT_EQ(ExpectSound(*MustOpen()), 9) << "at " << at;
  }
  EXPECT_GT(faults, 10);  // The sweep has met something.
}

// The same, but the process ends while the disk is broken.
TEST_P(DiskFaultTest, AppendsThatFailedAreWhollyThereOrNotAfterARestart) {
  FaultyVfs disk("faulty");
  int64_t faults = 0;
  for (int64_t at = 1;; ++at) {
    RemoveFiles();
    auto log = MustOpen({.vfs = "faulty"});
    ASSERT_TRUE(log->Append(0, Numbered(0, 3)).ok());
    disk.FailAt(at, GetParam());
    const auto failed = log->Append(3, Numbered(3, 6));
    if (disk.failures() == 0) break;
    ++faults;
    EXPECT_FALSE(failed.ok());
    log.reset();
    disk.Heal();
    log = MustOpen({.vfs = "faulty"});
    const int64_t head = ExpectSound(*log);
    EXPECT_THAT(head, AnyOf(3, 9)) << "at " << at;
    EXPECT_TRUE(log->Append(head, Numbered(head, 1)).ok());
  }
  EXPECT_GT(faults, 10);
}

TEST_P(DiskFaultTest, OpeningFailsCleanlyAndCanBeTriedAgain) {
  FaultyVfs disk("faulty");
  for (const bool old : {false, true}) {  // A new file, and one that has to be migrated.
    int64_t faults = 0;
    for (int64_t at = 1;; ++at) {
      RemoveFiles();
      if (old) CreateVersionOneFile(path_);
      disk.FailAt(at, GetParam());
      const absl::Status failed = SqliteLog::Open(path_, {.vfs = "faulty"}).status();
      const bool met = disk.failures() > 0;
      disk.Heal();
      if (!met) {
        EXPECT_TRUE(failed.ok()) << failed;
        break;
      }
      ++faults;
      if (!failed.ok()) ExpectDiskError(failed);  // To fail only while closing is no failure.
      const auto log = MustOpen({.vfs = "faulty"});
      EXPECT_EQ(log->Head().value_or(-1), old ? 3 : 0) << "at " << at;
    }
    EXPECT_GT(faults, 5);
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, DiskFaultTest,
                         testing::Values(FaultyVfs::Fault::kFull, FaultyVfs::Fault::kIo),
                         [](const auto& fault) {
                           return fault.param == FaultyVfs::Fault::kFull ? "Full" : "Io";
                         });

TEST_F(SqliteLogTest, StopsGrowingAtItsLimitAndGoesOnReading) {
  const auto log = MustOpen({.max_bytes = 256 * 1024});
  int64_t head = 0;
  absl::Status status;
  while (status.ok() && head < 1000) {
    status = log->Append(head, {NumberedProposal(head + 1)}).status();
    if (status.ok()) ++head;
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_GT(head, 10);
  EXPECT_EQ(ExpectSound(*log), head);
}

TEST_F(SqliteLogTest, ErasedBytesAreInNoFile) {
  const std::string secret = "Jane Doe, 1 Example Street";
  const auto in_files = [&] {
    std::string all;
    for (const char* suffix : {"", "-wal"}) all += ReadFile(path_ + suffix);
    return all;
  };
  const auto log = MustOpen();
  std::string big;  // Over several pages of its own.
  for (int i = 0; i < 1000; ++i) big += secret;
  ASSERT_TRUE(log->Append(0, {Writes("", {Put("people/jane", secret), Put("x", "stays")}),
                              Writes("", {Put("people/jane", big)})})
                  .ok());
  ASSERT_THAT(in_files(), HasSubstr(secret));
  ASSERT_TRUE(log->Append(2, {Writes("", {Erase("people/jane")})}).ok());
  EXPECT_THAT(in_files(), Not(HasSubstr(secret)));
  EXPECT_THAT(in_files(), HasSubstr("stays"));
}

TEST_F(SqliteLogTest, AnErasureThatAReaderHinderedIsFinishedByTheNextAppend) {
  const std::string secret = "Jane Doe, 1 Example Street";
  auto store = SqliteStore::Open(path_, {});
  ASSERT_TRUE(store.ok()) << store.status();
  SqliteLog log(*store);
  ASSERT_TRUE(log.Append(0, {Writes("", {Put("people/jane", secret)})}).ok());
  {
    auto reader = (*store)->Read();
    ASSERT_TRUE(reader.ok()) << reader.status();
    auto reading = sqlite::Transaction::Begin(reader->db(), sqlite::Transaction::Kind::kRead);
    ASSERT_EQ(reader->db().QueryInt("SELECT max(number) FROM revision").value_or(-1), 1);
    // The reader does not keep it from being erased, only from being overwritten.
    ASSERT_TRUE(log.Append(1, {Writes("", {Erase("people/jane")})}).ok());
    EXPECT_EQ(ReadAll(log)[0].changes, std::vector<Change>({Erase("people/jane")}));
    EXPECT_THAT(ReadFile(path_ + "-wal"), HasSubstr(secret));
  }
  ASSERT_TRUE(log.Append(2, {Writes("", {Put("x", "1")})}).ok());
  EXPECT_THAT(ReadFile(path_) + ReadFile(path_ + "-wal"), Not(HasSubstr(secret)));
}

TEST_F(SqliteLogTest, WhatIsMissingInTheMiddleIsDamage) {
  for (const char* sql : {
           "DELETE FROM revision WHERE number = 5",
           "DELETE FROM change WHERE id = (SELECT last_change FROM revision WHERE number = 5)",
           "UPDATE change SET revision = 6 WHERE revision = 5",
           "UPDATE change SET kind = 9 WHERE revision = 5",
           "UPDATE revision SET last_change = last_change + 1 WHERE number = 5",
           "UPDATE revision SET last_change = 0 WHERE number = 5",
       }) {
    std::filesystem::remove(path_);
    ASSERT_TRUE(MustOpen()->Append(0, Numbered(0, 10)).ok());
    RunSql(path_, sql);
    const auto log = MustOpen();
    int64_t read = 0;
    const absl::Status status = log->Read(0, kAllRevisions, [&](Revision revision) {
      EXPECT_TRUE(IsWholeNumbered(revision));
      ++read;
      return absl::OkStatus();
    });
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << sql << ": " << status;
    EXPECT_LE(read, 4) << sql;
  }
}

TEST_F(SqliteLogTest, SomebodyElseWritingIsUnavailableAndNothingIsLost) {
  const auto log = MustOpen({.busy_timeout = absl::ZeroDuration()});
  auto shell = sqlite::Database::Open(path_, {});
  ASSERT_TRUE(shell.ok()) << shell.status();
  {
    auto transaction = sqlite::Transaction::Begin(**shell, sqlite::Transaction::Kind::kWrite);
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    const auto busy = log->Append(0, Numbered(0, 1));
    EXPECT_EQ(busy.status().code(), StatusCode::kUnavailable) << busy.status();
    EXPECT_EQ(log->Head().value_or(-1), 0);
  }
  EXPECT_TRUE(log->Append(0, Numbered(0, 1)).ok());
}

TEST_F(SqliteLogTest, AClockOutOfRangeWritesNothing) {
  FakeClock clock(absl::InfiniteFuture());
  const auto log = MustOpen({.clock = &clock});
  EXPECT_EQ(log->Append(0, Numbered(0, 1)).status().code(), StatusCode::kInternal);
  EXPECT_EQ(log->Head().value_or(-1), 0);
  clock.Set(absl::FromUnixSeconds(1'700'000'000));
  EXPECT_TRUE(log->Append(0, Numbered(0, 1)).ok());
}

}  // namespace
}  // namespace entente::log
