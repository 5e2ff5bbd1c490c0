// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails on demand: a SQLite VFS over the system's, for tests.
//
//   FaultyVfs disk("faulty");
//   auto log = SqliteLog::Open(path, {.vfs = "faulty"});
//   disk.FailAt(3, FaultyVfs::Fault::kFull);  // The third write or sync from now on, and all
//   after.
//
// A write that fails has written half of what it should have: that is what disks do.

#ifndef ENTENTE_COMMON_LOG_FAULTY_VFS_H_
#define ENTENTE_COMMON_LOG_FAULTY_VFS_H_

#include <sqlite3.h>

#include <cstdint>
#include <string>

namespace entente::log {

// Must outlive every connection made with it. For one thread.
class FaultyVfs {
 public:
  enum class Fault {
    kFull,  // Writes fail for want of space; syncs succeed.
    kIo,    // Writes and syncs fail.
  };

  explicit FaultyVfs(std::string name);
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // `operation` counts writes and syncs from 1.
  void FailAt(int64_t operation, Fault fault);
  void Heal();

  int64_t operations() const { return operations_; }  // Writes and syncs since FailAt or Heal.
  int64_t syncs() const { return syncs_; }            // Since the beginning.
  int64_t failures() const { return failures_; }      // Since FailAt or Heal.

 private:
  friend struct FaultyFile;
  // SQLITE_OK, or the result code to fail with.
  int Next(bool is_sync);

  const std::string name_;
  sqlite3_vfs vfs_;
  int64_t fail_at_ = 0;  // 0: never.
  Fault fault_ = Fault::kIo;
  int64_t operations_ = 0;
  int64_t syncs_ = 0;
  int64_t failures_ = 0;
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_FAULTY_VFS_H_
