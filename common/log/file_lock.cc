// SPDX-License-Identifier: Apache-2.0
#include "common/log/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace entente::log {
namespace {

absl::Status SystemError(const std::string& path, absl::string_view doing, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return absl::Status(denied ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kUnavailable,
                      absl::StrCat(path, ": ", doing, " the lock file: ", std::strerror(error)));
}

// Who says that it has the lock; only for the message.
std::string Holder(int fd) {
  char buffer[32];
  const ssize_t size = pread(fd, buffer, sizeof(buffer), 0);
  const absl::string_view pid =
      absl::StripAsciiWhitespace(absl::string_view(buffer, size > 0 ? size : 0));
  return pid.empty() ? "" : absl::StrCat(" (process ", pid, ")");
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  // Owner and group, as the umask allows. CLOEXEC: a child that executes something else must not
  // keep the lock alive.
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
  if (fd < 0) return SystemError(path, "opening", errno);
  FileLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError(path, "locking", errno);
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": in use by another process", Holder(fd), ": end that one, or give another path"));
  }
  // Without the number the lock is as good: a full disk must not keep a server from starting.
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) errno = 0;
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace entente::log
