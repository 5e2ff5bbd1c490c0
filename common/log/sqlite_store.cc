// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/log/sqlite_schema.h"
#include "common/status/macros.h"

namespace entente::log {
namespace {

namespace fs = std::filesystem;

// With the terminating NUL: https://www.sqlite.org/fileformat.html#the_database_header
constexpr absl::string_view kSqliteMagic("SQLite format 3\0", 16);

absl::Status Annotate(const absl::Status& status, const std::string& path) {
  if (status.ok()) return status;
  std::string message(status.message());
  // What comes from a connection names the path already.
  if (message.compare(0, path.size(), path) != 0) message = absl::StrCat(path, ": ", message);
  if (status.code() == absl::StatusCode::kDataLoss) {
    absl::StrAppend(&message, "; the file is damaged: restore it from a backup");
  }
  return absl::Status(status.code(), message);
}

absl::Status CheckAccess(const std::string& path, int mode, absl::string_view what) {
  if (faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return absl::OkStatus();
  const std::string message = absl::StrCat(path, ": ", what, ": ", std::strerror(errno));
  return errno == EACCES || errno == EPERM || errno == EROFS ? absl::PermissionDeniedError(message)
                                                             : absl::UnavailableError(message);
}

// What can be said about the place before anything is opened: SQLite's own words for these cases
// ("unable to open database file") would not help an operator.
absl::Status CheckPlace(const std::string& path) {
  const std::string directory = fs::path(path).parent_path().string();
  struct stat info;
  if (stat(directory.c_str(), &info) != 0) {
    const std::string message =
        absl::StrCat(path, ": the directory ", directory, ": ", std::strerror(errno));
    if (errno == EACCES) return absl::PermissionDeniedError(message);
    return errno == ENOENT ? absl::NotFoundError(absl::StrCat(message, ": make it first"))
                           : absl::FailedPreconditionError(message);
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": ", directory, " is not a directory"));
  }
  // SQLite makes files beside the database, so writing to the directory is needed.
  RETURN_IF_ERROR(
      CheckAccess(directory, R_OK | W_OK | X_OK, "the directory has to be readable and writable"));
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();  // It will be made.
    return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a file: give the path of one"));
  }
  return CheckAccess(path, R_OK | W_OK, "the file has to be readable and writable");
}

// Must run before SQLite has the file open: closing a descriptor of it drops SQLite's locks.
absl::Status CheckMagic(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char start[16];
  file.read(start, sizeof(start));
  const absl::string_view read(start,
                               static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  if (read.empty() || read == kSqliteMagic) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path,
      ": not a SQLite database: give another path, or move that file away to begin an empty one"));
}

absl::Status QuickCheck(sqlite::Database& db) {
  ASSIGN_OR_RETURN(sqlite::Statement check, db.Prepare("PRAGMA quick_check(3)"));
  std::string complaints;
  absl::StatusOr<bool> row = check.Step();
  for (; row.ok() && *row; row = check.Step()) {
    // One row is several lines, of which the first may say only which database it is about.
    for (const absl::string_view line : absl::StrSplit(check.Bytes(0), '\n', absl::SkipEmpty())) {
      if (line == "ok" || absl::StartsWith(line, "***")) continue;
      absl::StrAppend(&complaints, complaints.empty() ? "" : "; ", line);
    }
  }
  if (!row.ok()) return row.status();
  if (!complaints.empty()) return absl::DataLossError(complaints);
  return absl::OkStatus();
}

absl::Status RequireWal(sqlite::Database& db) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, db.Prepare("PRAGMA journal_mode = WAL"));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  const std::string mode = row ? statement.Bytes(0) : "";
  if (mode == "wal") return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the file system cannot do write-ahead logging (the journal mode stays \"", mode,
                   "\"): use a local disk"));
}

}  // namespace

SqliteStore::SqliteStore(std::string path, SqliteOptions options, FileLock lock)
    : path_(std::move(path)), options_(std::move(options)), lock_(std::move(lock)) {}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::shared_ptr<SqliteStore>> SqliteStore::Open(const std::string& path,
                                                               const SqliteOptions& options) {
  if (path.empty()) return absl::InvalidArgumentError("the path of the database is empty");
  // The real path, so that two names for one file cannot have two locks.
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  fs::path resolved = error ? fs::path(path) : fs::weakly_canonical(absolute, error);
  if (error) resolved = absolute;  // Whatever is wrong with it, CheckPlace says it better.
  const std::string real = resolved.string();

  RETURN_IF_ERROR(CheckPlace(real));
  absl::StatusOr<FileLock> lock = FileLock::Acquire(absl::StrCat(real, ".lock"));
  if (!lock.ok()) return Annotate(lock.status(), real);
  RETURN_IF_ERROR(CheckMagic(real));

  std::shared_ptr<SqliteStore> store(new SqliteStore(real, options, *std::move(lock)));
  if (absl::Status status = store->Prepare(); !status.ok()) return Annotate(status, real);
  return store;
}

absl::StatusOr<std::unique_ptr<sqlite::Database>> SqliteStore::Connect() const {
  ASSIGN_OR_RETURN(auto db, sqlite::Database::Open(path_, {.busy_timeout = options_.busy_timeout,
                                                           .vfs = options_.vfs}));
  for (const char* pragma : {
           "PRAGMA synchronous = FULL",
           "PRAGMA secure_delete = ON",
           "PRAGMA cell_size_check = ON",  // Damage is found where it is, not where it leads.
           "PRAGMA trusted_schema = OFF",  // The schema is data too.
           // After something big the write-ahead log is cut back to this.
           "PRAGMA journal_size_limit = 67108864",
       }) {
    RETURN_IF_ERROR(db->Execute(pragma));
  }
  if (options_.max_bytes > 0) {
    ASSIGN_OR_RETURN(const int64_t page_size, db->QueryInt("PRAGMA page_size"));
    const int64_t pages = std::max<int64_t>(1, options_.max_bytes / page_size);
    RETURN_IF_ERROR(db->Execute(absl::StrCat("PRAGMA max_page_count = ", pages)));
  }
  return db;
}

absl::Status SqliteStore::Prepare() {
  // First look, and change nothing in it until the file is known to be ours and sound.
  ASSIGN_OR_RETURN(std::unique_ptr<sqlite::Database> db, Connect());
  ASSIGN_OR_RETURN(const int version, IdentifySchema(*db));
  if (options_.check && version > 0) {
    RETURN_IF_ERROR(QuickCheck(*db));
  }
  RETURN_IF_ERROR(RequireWal(*db));
  RETURN_IF_ERROR(MigrateSchema(*db, version));
  // Finishes what an erasure before a crash could not.
  RETURN_IF_ERROR(db->TruncateWal().status());
  disk_writer_ = std::move(db);

  ASSIGN_OR_RETURN(process_writer_, Connect());
  return process_writer_->Execute("PRAGMA synchronous = NORMAL");
}

SqliteStore::Writer SqliteStore::Write(Durability durability) {
  std::unique_lock<std::mutex> lock(write_mutex_);
  return Writer(std::move(lock),
                durability == Durability::kDisk ? *disk_writer_ : *process_writer_);
}

absl::StatusOr<SqliteStore::Reader> SqliteStore::Read() {
  {
    std::lock_guard<std::mutex> lock(readers_mutex_);
    if (!idle_readers_.empty()) {
      Reader reader(this, std::move(idle_readers_.back()));
      idle_readers_.pop_back();
      return reader;
    }
  }
  ASSIGN_OR_RETURN(std::unique_ptr<sqlite::Database> db, Connect());
  RETURN_IF_ERROR(db->Execute("PRAGMA query_only = ON"));
  return Reader(this, std::move(db));
}

SqliteStore::Reader::~Reader() {
  if (db_ == nullptr) return;  // Moved from.
  std::lock_guard<std::mutex> lock(store_->readers_mutex_);
  // Beyond the limit the connection closes with this.
  if (store_->idle_readers_.size() < kIdleReaders) store_->idle_readers_.push_back(std::move(db_));
}

void SqliteStore::ErasureCommitted(const Writer& writer) {
  erasure_pending_ = true;
  FinishErasures(writer);
}

void SqliteStore::FinishErasures(const Writer& writer) {
  if (!erasure_pending_) return;
  const absl::StatusOr<bool> truncated = writer.db().TruncateWal();
  // The commit stands whatever became of this: it stays pending.
  if (truncated.ok() && *truncated) erasure_pending_ = false;
}

}  // namespace entente::log
