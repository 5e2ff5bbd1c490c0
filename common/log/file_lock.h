// SPDX-License-Identifier: Apache-2.0
//
// One process at a time: an exclusive lock that the system takes back when its holder ends, however
// it ends.
//
//   auto lock = FileLock::Acquire("/var/lib/entente/catalogue.db.lock");
//
// It is flock(2) on a file of its own. It cannot be on the database file itself: to close any
// descriptor of that file would drop the POSIX locks that SQLite holds on it. The lock file is left
// behind on purpose: to remove it would let two processes lock two files of one name. It holds the
// process id of its last holder, for whoever wants to know.

#ifndef ENTENTE_COMMON_LOG_FILE_LOCK_H_
#define ENTENTE_COMMON_LOG_FILE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace entente::log {

// Held until destroyed.
class FileLock {
 public:
  // Does not wait.
  //
  //   FAILED_PRECONDITION somebody else has it (also: another FileLock of this process)
  //   PERMISSION_DENIED   the file cannot be made or opened
  //   UNAVAILABLE         anything else that the system reports
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;  // -1 if moved from.
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_FILE_LOCK_H_
