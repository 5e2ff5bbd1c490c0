// SPDX-License-Identifier: Apache-2.0
//
// A thin layer over SQLite's C interface: what must be closed closes itself, and every result code
// becomes a status. No query is ever put together from values; they are bound.
//
//   auto db = sqlite::Database::Open(path, {});
//   auto transaction = sqlite::Transaction::Begin(**db, sqlite::Transaction::Kind::kWrite);
//   auto insert = (*db)->Prepare("INSERT INTO t (a, b) VALUES (?1, ?2)");
//   insert->BindInt(1, 42).BindText(2, name);
//   absl::Status inserted = insert->Run();
//   absl::Status committed = transaction->Commit();
//
// How result codes map: FULL and NOMEM are RESOURCE_EXHAUSTED; CORRUPT and NOTADB are DATA_LOSS;
// READONLY, PERM and AUTH are PERMISSION_DENIED; BUSY, LOCKED, IOERR, CANTOPEN and PROTOCOL are
// UNAVAILABLE (CANTOPEN is PERMISSION_DENIED if the system says so); TOOBIG is INVALID_ARGUMENT;
// CONSTRAINT is ALREADY_EXISTS; whatever else is a fault of ours: INTERNAL.
//
// Thread-safety: a Database, with its statements and transactions, belongs to one thread at a time.

#ifndef ENTENTE_COMMON_LOG_SQLITE_H_
#define ENTENTE_COMMON_LOG_SQLITE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace entente::log::sqlite {

class Database;

// A prepared statement on loan from its database's cache: it goes back, reset, when this is
// destroyed, which must be before the database is.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Bind the parameter ?index (from 1). Text and blobs are not copied: they must outlive the
  // statement or its next Reset. A failure to bind is reported by the next Step.
  Statement& BindInt(int index, int64_t value);
  Statement& BindText(int index, absl::string_view value);
  Statement& BindBlob(int index, absl::string_view value);
  Statement& BindNull(int index);

  // True if there is a row to look at, false at the end.
  absl::StatusOr<bool> Step();

  // Runs to the end, for statements without rows, and resets for the next values.
  absl::Status Run();

  // Ready to be bound and stepped anew; nothing is bound.
  void Reset();

  // The columns (from 0) of the current row.
  int64_t Int(int column) const;
  std::string Bytes(int column) const;  // Text or blob; NULL is empty.

 private:
  friend class Database;
  Statement(Database* db, std::string sql, sqlite3_stmt* handle);
  void Keep(int result);

  Database* db_;
  std::string sql_;
  sqlite3_stmt* handle_;  // Null if moved from.
  int bind_result_ = 0;   // The first failure to bind.
};

// A connection.
class Database {
 public:
  struct Options {
    absl::Duration busy_timeout = absl::Seconds(5);  // For locks that others hold.
    std::string vfs;                                 // Empty: the system's.
  };

  // Opens a file for reading and writing, and makes it if it is not there. Nothing is read yet, so
  // that a file which is not a database is noticed by the first statement only.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        const Options& options);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements that have neither parameters nor interesting rows.
  absl::Status Execute(const std::string& sql);

  // Prepares one statement, or takes it from the cache.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // The integer in the first column of the first row: pragmas, counts, maxima. No row or NULL: 0.
  absl::StatusOr<int64_t> QueryInt(absl::string_view sql);

  // Moves everything from the write-ahead log into the database and cuts the former to nothing.
  // False if a reader keeps it from being complete: nothing waits for that.
  absl::StatusOr<bool> TruncateWal();

  bool InTransaction() const;

  // The status for a result code of this connection, with SQLite's words for it.
  absl::Status Error(int result, absl::string_view doing) const;

 private:
  friend class Statement;
  Database(std::string path, sqlite3* handle, absl::Duration busy_timeout);

  const std::string path_;
  sqlite3* const handle_;
  const absl::Duration busy_timeout_;
  absl::flat_hash_map<std::string, sqlite3_stmt*> idle_;
};

// Rolled back when destroyed, unless committed.
class Transaction {
 public:
  enum class Kind {
    kRead,   // One consistent view, from the first read on.
    kWrite,  // Takes the write lock at once: whoever has it cannot fail later for want of it.
  };

  static absl::StatusOr<Transaction> Begin(Database& db, Kind kind);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // After a failure nothing is committed as far as this process can see.
  absl::Status Commit();

 private:
  explicit Transaction(Database* db) : db_(db) {}
  Database* db_;  // Null if moved from or committed.
};

}  // namespace entente::log::sqlite

#endif  // ENTENTE_COMMON_LOG_SQLITE_H_
