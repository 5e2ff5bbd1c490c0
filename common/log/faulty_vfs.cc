// SPDX-License-Identifier: Apache-2.0
#include "common/log/faulty_vfs.h"

#include <utility>

#include "gtest/gtest.h"

namespace entente::log {

// What SQLite sees as a file; the system's file lies directly behind it.
struct FaultyFile {
  sqlite3_file base;
  FaultyVfs* owner;

  static FaultyFile* From(sqlite3_file* file) { return reinterpret_cast<FaultyFile*>(file); }
  static sqlite3_file* Real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(From(file) + 1);
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* owner = static_cast<FaultyVfs*>(vfs->pAppData);
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    From(file)->owner = owner;
    file->pMethods = nullptr;
    const int result = system->xOpen(system, name, Real(file), flags, out);
    // Without methods SQLite does not close a file, and one that failed to open may have them.
    if (Real(file)->pMethods != nullptr) file->pMethods = &kMethods;
    return result;
  }

  static int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    const int fault = From(file)->owner->Next(/*is_sync=*/false);
    const int written = fault == SQLITE_OK ? size : size / 2;
    const int result = Real(file)->pMethods->xWrite(Real(file), data, written, offset);
    return fault == SQLITE_OK ? result : fault;
  }

  static int Sync(sqlite3_file* file, int flags) {
    const int fault = From(file)->owner->Next(/*is_sync=*/true);
    return fault == SQLITE_OK ? Real(file)->pMethods->xSync(Real(file), flags) : fault;
  }

  // Everything else goes through.
  static int Close(sqlite3_file* f) { return Real(f)->pMethods->xClose(Real(f)); }
  static int Read(sqlite3_file* f, void* data, int size, sqlite3_int64 offset) {
    return Real(f)->pMethods->xRead(Real(f), data, size, offset);
  }
  static int Truncate(sqlite3_file* f, sqlite3_int64 size) {
    return Real(f)->pMethods->xTruncate(Real(f), size);
  }
  static int FileSize(sqlite3_file* f, sqlite3_int64* size) {
    return Real(f)->pMethods->xFileSize(Real(f), size);
  }
  static int Lock(sqlite3_file* f, int kind) { return Real(f)->pMethods->xLock(Real(f), kind); }
  static int Unlock(sqlite3_file* f, int kind) { return Real(f)->pMethods->xUnlock(Real(f), kind); }
  static int CheckReservedLock(sqlite3_file* f, int* out) {
    return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
  }
  static int FileControl(sqlite3_file* f, int op, void* arg) {
    return Real(f)->pMethods->xFileControl(Real(f), op, arg);
  }
  static int SectorSize(sqlite3_file* f) { return Real(f)->pMethods->xSectorSize(Real(f)); }
  static int DeviceCharacteristics(sqlite3_file* f) {
    return Real(f)->pMethods->xDeviceCharacteristics(Real(f));
  }
  static int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out);
  }
  static int ShmLock(sqlite3_file* f, int offset, int n, int flags) {
    return Real(f)->pMethods->xShmLock(Real(f), offset, n, flags);
  }
  static void ShmBarrier(sqlite3_file* f) { Real(f)->pMethods->xShmBarrier(Real(f)); }
  static int ShmUnmap(sqlite3_file* f, int remove) {
    return Real(f)->pMethods->xShmUnmap(Real(f), remove);
  }

  static const sqlite3_io_methods kMethods;
};

const sqlite3_io_methods FaultyFile::kMethods = {
    .iVersion = 2,  // With shared memory, which the write-ahead log needs, and no mapped reads.
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
};

FaultyVfs::FaultyVfs(std::string name) : name_(std::move(name)), vfs_(*sqlite3_vfs_find(nullptr)) {
  vfs_.zName = name_.c_str();
  vfs_.szOsFile += static_cast<int>(sizeof(FaultyFile));
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = FaultyFile::Open;
  EXPECT_EQ(sqlite3_vfs_register(&vfs_, /*makeDflt=*/0), SQLITE_OK);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultyVfs::FailAt(int64_t operation, Fault fault) {
  Heal();
  fail_at_ = operation;
  fault_ = fault;
}

void FaultyVfs::Heal() {
  fail_at_ = 0;
  operations_ = 0;
  failures_ = 0;
}

int FaultyVfs::Next(bool is_sync) {
  ++operations_;
  if (is_sync) ++syncs_;
  if (fail_at_ == 0 || operations_ < fail_at_) return SQLITE_OK;
  if (fault_ == Fault::kFull && is_sync) return SQLITE_OK;
  ++failures_;
  if (fault_ == Fault::kFull) return SQLITE_FULL;
  return is_sync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
}

}  // namespace entente::log
