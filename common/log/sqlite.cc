// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::log::sqlite {
namespace {

absl::StatusCode CodeFor(int result, int system_error) {
  switch (result & 0xff) {  // The rest of an extended code only says more.
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::StatusCode::kOk;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_CANTOPEN:
      return system_error == EACCES || system_error == EPERM || system_error == EROFS
                 ? absl::StatusCode::kPermissionDenied
                 : absl::StatusCode::kUnavailable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    case SQLITE_TOOBIG:
      return absl::StatusCode::kInvalidArgument;
    case SQLITE_CONSTRAINT:
      return absl::StatusCode::kAlreadyExists;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

Statement::Statement(Database* db, std::string sql, sqlite3_stmt* handle)
    : db_(db), sql_(std::move(sql)), handle_(handle) {}

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      sql_(std::move(other.sql_)),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_result_(other.bind_result_) {}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  Reset();
  // The same statement may be on loan twice (one inside the other): the cache keeps one.
  if (!db_->idle_.emplace(std::move(sql_), handle_).second) sqlite3_finalize(handle_);
}

void Statement::Keep(int result) {
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
}

Statement& Statement::BindInt(int index, int64_t value) {
  Keep(sqlite3_bind_int64(handle_, index, value));
  return *this;
}

// A null pointer would bind NULL, which an empty value is not.
Statement& Statement::BindText(int index, absl::string_view value) {
  Keep(sqlite3_bind_text64(handle_, index, value.empty() ? "" : value.data(), value.size(),
                           SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::BindBlob(int index, absl::string_view value) {
  Keep(sqlite3_bind_blob64(handle_, index, value.empty() ? "" : value.data(), value.size(),
                           SQLITE_STATIC));
  return *this;
}

Statement& Statement::BindNull(int index) {
  Keep(sqlite3_bind_null(handle_, index));
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_result_ != SQLITE_OK) return db_->Error(bind_result_, "binding a value");
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return db_->Error(result, "running a statement");
}

absl::Status Statement::Run() {
  absl::StatusOr<bool> row = Step();
  while (row.ok() && *row) row = Step();
  Reset();
  return row.status();
}

void Statement::Reset() {
  sqlite3_reset(handle_);  // Repeats the error of the last step, which Step has reported.
  sqlite3_clear_bindings(handle_);
  bind_result_ = SQLITE_OK;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(handle_, column); }

std::string Statement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  if (data == nullptr) return "";
  return std::string(static_cast<const char*>(data), sqlite3_column_bytes(handle_, column));
}

Database::Database(std::string path, sqlite3* handle, absl::Duration busy_timeout)
    : path_(std::move(path)), handle_(handle), busy_timeout_(busy_timeout) {}

Database::~Database() {
  for (auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                         const Options& options) {
  sqlite3* handle = nullptr;
  // NOMUTEX: our callers see to it that one thread at a time uses a connection.
  const int result = sqlite3_open_v2(
      path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
      options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (handle == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  // Owned from here on: even a failed open leaves a handle that has to be closed.
  std::unique_ptr<Database> db(new Database(path, handle, options.busy_timeout));
  if (result != SQLITE_OK) return db->Error(result, "opening");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(absl::ToInt64Milliseconds(options.busy_timeout)));
  return db;
}

absl::Status Database::Execute(const std::string& sql) {
  return Error(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr),
               "running a statement");
}

absl::StatusOr<Statement> Database::Prepare(absl::string_view sql) {
  if (auto it = idle_.find(sql); it != idle_.end()) {
    Statement statement(this, it->first, it->second);
    idle_.erase(it);
    return statement;
  }
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, /*pzTail=*/nullptr);
  if (result != SQLITE_OK) return Error(result, "preparing a statement");
  return Statement(this, std::string(sql), handle);
}

absl::StatusOr<int64_t> Database::QueryInt(absl::string_view sql) {
  absl::StatusOr<Statement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  return *row ? statement->Int(0) : 0;
}

absl::StatusOr<bool> Database::TruncateWal() {
  sqlite3_busy_timeout(handle_, 0);
  const int result =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, static_cast<int>(absl::ToInt64Milliseconds(busy_timeout_)));
  if (result == SQLITE_OK) return true;
  if ((result & 0xff) == SQLITE_BUSY) return false;
  return Error(result, "writing the write-ahead log back");
}

bool Database::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

absl::Status Database::Error(int result, absl::string_view doing) const {
  if (result == SQLITE_OK) return absl::OkStatus();
  const int system_error = sqlite3_system_errno(handle_);
  const absl::StatusCode code = CodeFor(result, system_error);
  std::string message = absl::StrCat(path_, ": ", doing, ": ", sqlite3_errmsg(handle_),
                                     " (SQLite result ", result, ")");
  const int primary = result & 0xff;
  if (system_error != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) {
    absl::StrAppend(&message, ", ", std::strerror(system_error));
  }
  return absl::Status(code, message);
}

absl::StatusOr<Transaction> Transaction::Begin(Database& db, Kind kind) {
  absl::StatusOr<Statement> begin = db.Prepare(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begin.ok()) return begin.status();
  if (absl::Status status = begin->Run(); !status.ok()) return status;
  return Transaction(&db);
}

Transaction::Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}

Transaction::~Transaction() {
  // SQLite itself has rolled back after some errors (a full disk, say).
  if (db_ == nullptr || !db_->InTransaction()) return;
  if (absl::StatusOr<Statement> rollback = db_->Prepare("ROLLBACK"); rollback.ok()) {
    rollback->Run().IgnoreError();  // Cannot fail in a way that leaves the transaction open.
  }
}

absl::Status Transaction::Commit() {
  absl::StatusOr<Statement> commit = db_->Prepare("COMMIT");
  if (!commit.ok()) return commit.status();
  if (absl::Status status = commit->Run(); !status.ok()) return status;
  db_ = nullptr;
  return absl::OkStatus();
}

}  // namespace entente::log::sqlite
