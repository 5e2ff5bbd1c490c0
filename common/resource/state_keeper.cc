// SPDX-License-Identifier: Apache-2.0
#include "common/resource/state_keeper.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

// Of how many resources one must have changed for the file to be written: while the service runs,
// when it stops.
constexpr int64_t kPart = 16;
constexpr int64_t kPartAtStop = 100;

}  // namespace

StateFileKeeper::StateFileKeeper(std::string path, log::Log* log, int64_t least_changes,
                                 std::function<StateImage()> image)
    : path_(std::move(path)), log_(log), least_changes_(least_changes), image_(std::move(image)) {}

StateFileKeeper::~StateFileKeeper() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StateFileKeeper::Start(int64_t behind, size_t resources) {
  std::lock_guard<std::mutex> lock(mutex_);
  resources_ = static_cast<int64_t>(resources);
  has_file_ = behind >= 0;
  behind_ = has_file_ ? behind : resources_;
  thread_ = std::thread([this] { Run(); });
}

void StateFileKeeper::Changed(size_t changes, size_t resources) {
  std::lock_guard<std::mutex> lock(mutex_);
  behind_ += static_cast<int64_t>(changes);
  resources_ = static_cast<int64_t>(resources);
  if (IsDue()) changed_.notify_all();
}

void StateFileKeeper::Erased() {
  std::lock_guard<std::mutex> lock(mutex_);
  ++erasures_;
  has_file_ = false;
  behind_ = std::max(behind_, resources_);
  if (unlink(path_.c_str()) != 0 && errno != ENOENT) {
    logging::Error("state file not removed, and it holds what was erased: remove it")
        .With("path", path_)
        .With("reason", std::strerror(errno));
  }
}

bool StateFileKeeper::IsDue() const {
  if (!stopping_) return behind_ > 0 && behind_ >= std::max(least_changes_, resources_ / kPart);
  return behind_ > 0 && (!has_file_ || behind_ >= resources_ / kPartAtStop);
}

void StateFileKeeper::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || IsDue(); });
    const bool last = stopping_;
    if (last && !IsDue()) return;
    // Changes that come from now on may be in it or not; they count.
    behind_ = 0;
    const int64_t erasures = erasures_;
    lock.unlock();
    const absl::Time begin = absl::Now();
    int64_t bytes = 0;
    const absl::Status status = Write(erasures, &bytes);
    if (status.ok()) {
      logging::Info("state file written")
          .With("path", path_)
          .With("bytes", bytes)
          .With("duration_ms", absl::ToInt64Milliseconds(absl::Now() - begin));
    } else if (!absl::IsCancelled(status)) {
      // It is tried again when as much has changed again.
      logging::Warning("state file not written")
          .With("path", path_)
          .With("reason", status.message());
    }
    lock.lock();
    if (last) return;
  }
}

absl::Status StateFileKeeper::Write(int64_t erasures, int64_t* bytes) {
  const auto erased = [&] {
    std::lock_guard<std::mutex> lock(mutex_);
    return erasures_ != erasures;
  };
  ASSIGN_OR_RETURN(const auto writer, blockfile::Writer::Begin(path_, kStateFileFormat));
  RETURN_IF_ERROR(WriteStateFile(image_(), log_, writer.get(), erased));
  RETURN_IF_ERROR(writer->Complete());
  *bytes = writer->bytes();
  // What is erased meanwhile waits, and then removes this one.
  std::lock_guard<std::mutex> lock(mutex_);
  if (erasures_ != erasures) return absl::CancelledError("something was erased meanwhile");
  RETURN_IF_ERROR(writer->Replace());
  has_file_ = true;
  return absl::OkStatus();
}

}  // namespace entente::resource
