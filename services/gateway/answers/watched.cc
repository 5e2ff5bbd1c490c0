// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/watched.h"

#include <chrono>

namespace entente::gateway {
namespace {

// How long to wait before a watch that ended is begun again.
constexpr auto kRetryDelay = std::chrono::milliseconds(200);

}  // namespace

WatchedNewest::WatchedNewest(ReadWatch read, const Clock* clock)
    : read_(std::move(read)), clock_(clock), thread_([this] { Loop(); }) {}

WatchedNewest::~WatchedNewest() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    stop_.notify_all();
  }
  thread_.join();
}

std::optional<int64_t> WatchedNewest::Get() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::Time now = clock_->Now();
  // Before what was heard last: the clock was set back.
  if (!revision_ || now < heard_ || now - heard_ > kBelieved) return std::nullopt;
  return revision_;
}

void WatchedNewest::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    grpc::ClientContext context;
    context_ = &context;
    lock.unlock();
    read_(&context, [this](int64_t revision) {
      const absl::Time now = clock_->Now();
      const std::lock_guard<std::mutex> heard(mutex_);
      revision_ = revision;
      heard_ = now;
    });
    lock.lock();
    context_ = nullptr;
    revision_.reset();
    stop_.wait_for(lock, kRetryDelay, [this] { return stopping_; });
  }
}

}  // namespace entente::gateway
