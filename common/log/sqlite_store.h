// SPDX-License-Identifier: Apache-2.0
//
// A service's database file: opened, checked, locked, migrated, and shared by what is kept in it
// (SqliteLog and SqlitePeerCopy).
//
//   auto store = SqliteStore::Open("/var/lib/entente/catalogue.db", {});
//   SqliteLog log(*store);
//   SqlitePeerCopy copy(*store, "catalogue");
//
// Besides the file itself there are <file>-wal and <file>-shm, which are SQLite's and belong to it
// (a backup takes them along, or uses SQLite's own), and <file>.lock.
//
// The file is in write-ahead mode: readers do not wait for the writer, nor it for them. What is
// deleted is overwritten with zeros (secure_delete).

#ifndef ENTENTE_COMMON_LOG_SQLITE_STORE_H_
#define ENTENTE_COMMON_LOG_SQLITE_STORE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/log/file_lock.h"
#include "common/log/sqlite.h"

namespace entente::log {

struct SqliteOptions {
  // Gives the commit times. Must outlive the store.
  const Clock* clock = &SystemClock::Get();

  // How long to wait for locks that others hold on the file: a backup, somebody's SQLite shell.
  absl::Duration busy_timeout = absl::Seconds(5);

  // Whether to check the structure of the whole file when it is opened, which reads all of it.
  bool check = true;

  // The most that the database may grow to, in bytes, rounded down to whole pages; 0: as the disk
  // allows. When it is reached, appends fail with RESOURCE_EXHAUSTED and reads go on.
  int64_t max_bytes = 0;

  // The name of a registered SQLite VFS; empty: the system's. Tests inject faults with it.
  std::string vfs;
};

// Thread-safety: every method may be called from several threads at once.
class SqliteStore {
 public:
  // Opens the file at `path`, or makes it if there is none. A file of an older schema is migrated.
  // Every message begins with the path and is meant for an operator.
  //
  //   INVALID_ARGUMENT    the path is empty
  //   NOT_FOUND           the directory does not exist
  //   PERMISSION_DENIED   the directory or the file cannot be read and written
  //   FAILED_PRECONDITION another process has it open; or it is not a file, not a SQLite database,
  //                       another application's, or of a newer schema than this program knows; or
  //                       its file system cannot do write-ahead logging
  //   DATA_LOSS           it is damaged
  //   RESOURCE_EXHAUSTED  the disk is full
  //   UNAVAILABLE         other trouble with the disk
  static absl::StatusOr<std::shared_ptr<SqliteStore>> Open(const std::string& path,
                                                           const SqliteOptions& options);

  ~SqliteStore();

  const Clock& clock() const { return *options_.clock; }

  // What a commit waits for.
  enum class Durability {
    kDisk,     // Until it is on the disk: it survives the machine.
    kProcess,  // Until it is with the system: it survives the process.
  };

  // The one writer, for as long as this lives.
  class Writer {
   public:
    sqlite::Database& db() const { return db_; }

   private:
    friend class SqliteStore;
    Writer(std::unique_lock<std::mutex> lock, sqlite::Database& db)
        : lock_(std::move(lock)), db_(db) {}
    std::unique_lock<std::mutex> lock_;
    sqlite::Database& db_;
  };

  // Waits for whoever is writing.
  Writer Write(Durability durability);

  // A connection to read with, lent for as long as this lives, which must not be longer than the
  // store does. It refuses to write.
  class Reader {
   public:
    Reader(Reader&&) = default;
    ~Reader();
    sqlite::Database& db() const { return *db_; }

   private:
    friend class SqliteStore;
    Reader(SqliteStore* store, std::unique_ptr<sqlite::Database> db)
        : store_(store), db_(std::move(db)) {}
    SqliteStore* store_;
    std::unique_ptr<sqlite::Database> db_;
  };

  // Does not wait: if all connections are in use there is one more.
  absl::StatusOr<Reader> Read();

  // To be called after a commit that erased something, with the writer still held: sees to it that
  // the write-ahead log does not keep what the database has forgotten. If a reader is in the way
  // now, the next call of FinishErasures does it, and at the latest the next Open.
  void ErasureCommitted(const Writer& writer);
  void FinishErasures(const Writer& writer);

 private:
  SqliteStore(std::string path, SqliteOptions options, FileLock lock);

  absl::StatusOr<std::unique_ptr<sqlite::Database>> Connect() const;
  absl::Status Prepare();

  // How many idle connections are kept; each has a page cache of about 2 MB.
  static constexpr size_t kIdleReaders = 4;

  const std::string path_;
  const SqliteOptions options_;
  const FileLock lock_;  // Before the connections: it must be let go of after them.

  std::mutex write_mutex_;
  // Two connections with one mutex, because durability is an attribute of the connection.
  std::unique_ptr<sqlite::Database> disk_writer_;     // Guarded by write_mutex_.
  std::unique_ptr<sqlite::Database> process_writer_;  // Guarded by write_mutex_.
  bool erasure_pending_ = false;                      // Guarded by write_mutex_.

  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<sqlite::Database>> idle_readers_;  // Guarded by readers_mutex_.
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_SQLITE_STORE_H_
