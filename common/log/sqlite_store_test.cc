// SPDX-License-Identifier: Apache-2.0
//
// How a file is opened, and everything that can keep it from being opened.

#include "common/log/sqlite_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "absl/strings/str_cat.h"
#include "common/log/log_test_util.h"
#include "common/log/sqlite_log.h"
#include "common/log/sqlite_schema.h"
#include "common/log/sqlite_test_util.h"
#include "gmock/gmock.h"

namespace entente::log {
namespace {

using ::absl::StatusCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class SqliteStoreTest : public testing::Test {
 protected:
  absl::Status OpenStatus(const std::string& path) const {
    return SqliteStore::Open(path, {}).status();
  }

  std::unique_ptr<SqliteLog> MustOpen() const {
    auto log = SqliteLog::Open(path_, {});
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }

  // A file with `count` revisions in it, closed.
  void MakeLog(int count) const {
    const auto log = MustOpen();
    for (int i = 1; i <= count; ++i) {
      ASSERT_TRUE(log->Append(i - 1, {NumberedProposal(i)}).ok());
    }
  }

  TempDirectory directory_;
  const std::string path_ = directory_.File("catalogue.db");
};

TEST_F(SqliteStoreTest, MarksANewFileAsOurs) {
  MustOpen();
  EXPECT_EQ(RunSql(path_, "PRAGMA application_id"), absl::StrCat(kSqliteApplicationId));
  EXPECT_EQ(RunSql(path_, "PRAGMA user_version"), absl::StrCat(kSqliteSchemaVersion));
  EXPECT_EQ(RunSql(path_, "PRAGMA journal_mode"), "wal");
}

TEST_F(SqliteStoreTest, TakesAnEmptyFileForANewOne) {
  WriteFile(path_, "");
  EXPECT_EQ(MustOpen()->Head().value_or(-1), 0);
}

TEST_F(SqliteStoreTest, RefusesWhatIsNotADatabaseAndLeavesItAlone) {
  for (const std::string& content :
       {std::string("x"), std::string("Dear diary, "), std::string(8192, 'z'),
        std::string(4096, '\0'), std::string("SQLite format 3\n"), std::string("SQLite")}) {
    WriteFile(path_, content);
    const absl::Status status = OpenStatus(path_);
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(StartsWith(path_), HasSubstr("not a SQLite database"),
                      HasSubstr("give another path, or move that file away")));
    EXPECT_EQ(ReadFile(path_), content);
  }
}

TEST_F(SqliteStoreTest, RefusesAnotherApplicationsDatabaseAndLeavesItAlone) {
  for (const char* sql : {
           "CREATE TABLE diary (day TEXT)",  // No application id at all,
           "PRAGMA application_id = 252006674; CREATE TABLE diary (day TEXT)",  // another's,
           "PRAGMA user_version = 7",  // and nothing in it, but not nobody's either.
       }) {
    std::filesystem::remove(path_);
    RunSql(path_, sql);
    const std::string before = ReadFile(path_);
    const absl::Status status = OpenStatus(path_);
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(StartsWith(path_), HasSubstr("the database of another application"),
                      HasSubstr("give another path")));
    EXPECT_EQ(ReadFile(path_), before);
  }
}

TEST_F(SqliteStoreTest, RefusesANewerSchemaNamingBothVersions) {
  MakeLog(1);
  RunSql(path_, "PRAGMA user_version = 37");
  const absl::Status status = OpenStatus(path_);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith(path_), HasSubstr("has schema version 37"),
                    HasSubstr(absl::StrCat("knows versions up to ", kSqliteSchemaVersion))));
  EXPECT_EQ(RunSql(path_, "PRAGMA user_version"), "37");
}

TEST_F(SqliteStoreTest, RefusesPlacesThatAreNotThere) {
  EXPECT_EQ(OpenStatus("").code(), StatusCode::kInvalidArgument);

  const absl::Status absent = OpenStatus(directory_.File("nowhere/catalogue.db"));
  EXPECT_EQ(absent.code(), StatusCode::kNotFound) << absent;
  EXPECT_THAT(std::string(absent.message()), HasSubstr(directory_.File("nowhere")));

  const absl::Status directory = OpenStatus(directory_.path());
  EXPECT_EQ(directory.code(), StatusCode::kFailedPrecondition) << directory;

  WriteFile(directory_.File("file"), "x");
  const absl::Status below_a_file = OpenStatus(directory_.File("file/catalogue.db"));
  EXPECT_EQ(below_a_file.code(), StatusCode::kFailedPrecondition) << below_a_file;
}

// Runs `check` in a process that permissions apply to, and expects it to return true.
void AsNobody(const std::function<bool()>& check) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Permissions do not bind root; "nobody" is this number wherever it matters.
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    _exit(check() ? 0 : 1);
  }
  int result = 0;
  ASSERT_EQ(waitpid(child, &result, 0), child);
  EXPECT_TRUE(WIFEXITED(result));
  EXPECT_EQ(WEXITSTATUS(result), 0);
}

TEST_F(SqliteStoreTest, RefusesWhatItMayNotReadAndWrite) {
  MakeLog(1);
  const auto denied = [&] {
    const absl::Status status = OpenStatus(path_);
    if (status.code() == StatusCode::kPermissionDenied) return true;
    ADD_FAILURE() << status;
    return false;
  };
  const auto modes = [&](mode_t directory, mode_t file) {
    ASSERT_EQ(chmod(path_.c_str(), file), 0);
    ASSERT_EQ(chmod((path_ + ".lock").c_str(), 0666), 0);
    ASSERT_EQ(chmod(directory_.path().c_str(), directory), 0);
    AsNobody(denied);
    ASSERT_EQ(chmod(directory_.path().c_str(), 0700), 0);
  };
  modes(0777, 0444);  // The file can only be read,
  modes(0777, 0222);  // or only be written,
  modes(0555, 0666);  // the directory can only be read,
  modes(0000, 0666);  // or not at all,
  ASSERT_EQ(chmod((path_ + ".lock").c_str(), 0600), 0);
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_EQ(MustOpen()->Head().value_or(-1), 1);  // and all of it is as it was.
}

TEST_F(SqliteStoreTest, OneAtATime) {
  auto log = MustOpen();
  const absl::Status second = OpenStatus(path_);
  EXPECT_EQ(second.code(), StatusCode::kFailedPrecondition) << second;
  EXPECT_THAT(std::string(second.message()),
              AllOf(StartsWith(path_), HasSubstr("in use by another process"),
                    HasSubstr(absl::StrCat("process ", getpid()))));

  // By another name it is the same file.
  std::filesystem::create_symlink(path_, directory_.File("link.db"));
  EXPECT_EQ(OpenStatus(directory_.File("link.db")).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(OpenStatus(directory_.File("./catalogue.db")).code(), StatusCode::kFailedPrecondition);

  // From another process too.
  const pid_t child = fork();
  if (child == 0) {
    _exit(OpenStatus(path_).code() == StatusCode::kFailedPrecondition ? 0 : 1);
  }
  int result = 0;
  ASSERT_EQ(waitpid(child, &result, 0), child);
  EXPECT_EQ(result, 0);

  ASSERT_TRUE(log->Append(0, {NumberedProposal(1)}).ok());
  log.reset();
  EXPECT_EQ(MustOpen()->Head().value_or(-1), 1);
}

TEST_F(SqliteStoreTest, FindsDamage) {
  MakeLog(200);
  const std::string sound = ReadFile(path_);
  constexpr size_t kPage = 4096;
  ASSERT_GT(sound.size(), 20 * kPage);

  const auto expect_loss = [&](const std::string& content) {
    WriteFile(path_, content);
    const absl::Status status = OpenStatus(path_);
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(StartsWith(path_), HasSubstr("restore it from a backup")));
  };
  std::string wiped = sound;
  wiped.replace(kPage, kPage, std::string(kPage, '\xaa'));  // The root of a table,
  expect_loss(wiped);
  wiped = sound;
  wiped.replace(100, 8, std::string(8, '\xaa'));  // that of the schema,
  expect_loss(wiped);
  expect_loss(sound.substr(0, 10 * kPage));  // a file cut off,
  expect_loss(sound.substr(0, 60));          // and one cut off in its header.

  WriteFile(path_, sound);
  EXPECT_EQ(MustOpen()->Head().value_or(-1), 200);
}

TEST_F(SqliteStoreTest, MigratesAVersionOneFileWithEverythingInIt) {
  CreateVersionOneFile(path_);
  for (int round = 0; round < 2; ++round) {  // Migrated, and opened again.
    const auto log = MustOpen();
    const std::vector<Revision> revisions = ReadAll(*log);
    ASSERT_THAT(revisions, SizeIs(3 + round));
    EXPECT_EQ(revisions[0].number, 1);
    EXPECT_EQ(revisions[0].commit_time, absl::FromUnixMicros(kVersionOneMicros));
    EXPECT_EQ(revisions[0].request_id, "old-1");
    EXPECT_EQ(revisions[0].request_fingerprint, "");
    EXPECT_THAT(revisions[0].changes,
                ElementsAre(Put("initiatives/iuu", "one"), Put("places/id", "Indonesia")));
    EXPECT_EQ(revisions[1].commit_time, absl::FromUnixMicros(kVersionOneMicros + 1));
    EXPECT_EQ(revisions[1].request_id, "");
    EXPECT_THAT(revisions[1].changes, ElementsAre(Delete("places/id")));
    EXPECT_EQ(revisions[2].commit_time, absl::FromUnixMicros(kVersionOneMicros + 9));
    EXPECT_THAT(revisions[2].changes, ElementsAre(Put("initiatives/iuu", "")));

    const auto old = log->FindRequest("old-3");
    ASSERT_TRUE(old.ok() && old->has_value()) << old.status();
    EXPECT_EQ((*old)->committed.number, 3);
    EXPECT_EQ((*old)->fingerprint, "");
    ASSERT_TRUE(log->Append(3 + round, {Writes("", {Put("x", "new")})}).ok());
  }
  EXPECT_EQ(RunSql(path_, "PRAGMA user_version"), absl::StrCat(kSqliteSchemaVersion));
  // The same tables and indices, whichever way the file came to be.
  const std::string fresh = directory_.File("fresh.db");
  ASSERT_TRUE(OpenStatus(fresh).ok());
  constexpr char kSchema[] =
      "SELECT group_concat(type || ' ' || name, ', ') FROM "
      "(SELECT type, name FROM sqlite_schema ORDER BY type, name)";
  EXPECT_EQ(RunSql(path_, kSchema), RunSql(fresh, kSchema));
}

TEST_F(SqliteStoreTest, AMigrationThatCannotBeFinishedLeavesTheOldVersion) {
  CreateVersionOneFile(path_);
  RunSql(path_, "CREATE TABLE peer_item (in_the_way)");
  EXPECT_EQ(OpenStatus(path_).code(), StatusCode::kInternal);
  EXPECT_EQ(RunSql(path_, "PRAGMA user_version"), "1");
  EXPECT_EQ(RunSql(path_, "SELECT count(*) FROM pragma_table_info('revision')"), "4");
  RunSql(path_, "DROP TABLE peer_item");
  EXPECT_EQ(MustOpen()->Head().value_or(-1), 3);
}

}  // namespace
}  // namespace entente::log
