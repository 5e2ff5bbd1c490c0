// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite.h"

#include "common/log/sqlite_test_util.h"
#include "gtest/gtest.h"

namespace entente::log::sqlite {
namespace {

using ::absl::StatusCode;

class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    auto db = Database::Open(path_, {.busy_timeout = absl::ZeroDuration()});
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
    const absl::Status created =
        db_->Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER UNIQUE, b BLOB)");
    ASSERT_TRUE(created.ok()) << created;
  }

  absl::Status Insert(int64_t a, absl::string_view b) {
    absl::StatusOr<Statement> insert = db_->Prepare("INSERT INTO t VALUES (?1, ?2)");
    if (!insert.ok()) return insert.status();
    return insert->BindInt(1, a).BindBlob(2, b).Run();
  }

  int64_t Count() { return db_->QueryInt("SELECT count(*) FROM t").value_or(-1); }

  TempDirectory directory_;
  const std::string path_ = directory_.File("test.db");
  std::unique_ptr<Database> db_;
};

TEST_F(SqliteTest, BindsAndReadsBackBytes) {
  const std::string bytes("a\0b\xff", 4);
  ASSERT_TRUE(Insert(1, bytes).ok());
  ASSERT_TRUE(Insert(2, "").ok());
  auto select = db_->Prepare("SELECT b, b IS NULL FROM t ORDER BY a");
  ASSERT_TRUE(select.ok()) << select.status();
  ASSERT_TRUE(*select->Step());
  EXPECT_EQ(select->Bytes(0), bytes);
  ASSERT_TRUE(*select->Step());
  EXPECT_EQ(select->Bytes(0), "");
  EXPECT_EQ(select->Int(1), 0);  // Empty is not NULL.
  EXPECT_FALSE(*select->Step());
}

TEST_F(SqliteTest, LendsOneStatementTwiceAtATime) {
  ASSERT_TRUE(Insert(1, "").ok());
  ASSERT_TRUE(Insert(2, "").ok());
  constexpr char kSql[] = "SELECT a FROM t ORDER BY a";
  for (int round = 0; round < 2; ++round) {  // The second time from the cache.
    auto outer = db_->Prepare(kSql);
    ASSERT_TRUE(*outer->Step());
    {
      auto inner = db_->Prepare(kSql);
      ASSERT_TRUE(*inner->Step());
      ASSERT_TRUE(*inner->Step());
      EXPECT_EQ(inner->Int(0), 2);
    }
    EXPECT_EQ(outer->Int(0), 1);
  }
}

TEST_F(SqliteTest, ABadBindingIsReportedByTheStep) {
  auto insert = db_->Prepare("INSERT INTO t VALUES (?1, ?2)");
  insert->BindInt(1, 1).BindInt(3, 1);
  EXPECT_EQ(insert->Run().code(), StatusCode::kInternal);
  EXPECT_TRUE(insert->BindInt(1, 1).BindNull(2).Run().ok());  // Reset has forgotten it.
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, RollsBackWhatIsNotCommitted) {
  {
    auto transaction = Transaction::Begin(*db_, Transaction::Kind::kWrite);
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    ASSERT_TRUE(Insert(1, "").ok());
    EXPECT_TRUE(db_->InTransaction());
  }
  EXPECT_FALSE(db_->InTransaction());
  EXPECT_EQ(Count(), 0);
  {
    auto transaction = Transaction::Begin(*db_, Transaction::Kind::kWrite);
    ASSERT_TRUE(Insert(1, "").ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, ErrorsHaveTheirCodes) {
  ASSERT_TRUE(Insert(1, "").ok());
  EXPECT_EQ(Insert(1, "").code(), StatusCode::kAlreadyExists);
  const absl::Status nonsense = db_->Execute("NONSENSE");
  EXPECT_EQ(nonsense.code(), StatusCode::kInternal);
  EXPECT_NE(nonsense.message().find(path_), absl::string_view::npos) << nonsense;
  EXPECT_EQ(Database::Open(directory_.path(), {}).status().code(), StatusCode::kUnavailable);

  auto other = Database::Open(path_, {.busy_timeout = absl::ZeroDuration()});
  auto held = Transaction::Begin(**other, Transaction::Kind::kWrite);
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(Transaction::Begin(*db_, Transaction::Kind::kWrite).status().code(),
            StatusCode::kUnavailable);
}

TEST_F(SqliteTest, CutsTheWriteAheadLogUnlessAReaderIsInTheWay) {
  ASSERT_TRUE(Insert(1, "").ok());
  auto other = Database::Open(path_, {});
  {
    auto reading = Transaction::Begin(**other, Transaction::Kind::kRead);
    ASSERT_EQ((*other)->QueryInt("SELECT count(*) FROM t").value_or(-1), 1);
    ASSERT_TRUE(Insert(2, "").ok());
    const auto blocked = db_->TruncateWal();
    ASSERT_TRUE(blocked.ok()) << blocked.status();
    EXPECT_FALSE(*blocked);
  }
  const auto done = db_->TruncateWal();
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(*done);
  EXPECT_EQ(ReadFile(path_ + "-wal"), "");
}

}  // namespace
}  // namespace entente::log::sqlite
