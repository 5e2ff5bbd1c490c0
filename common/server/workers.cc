// SPDX-License-Identifier: Apache-2.0
#include "common/server/workers.h"

#include <algorithm>
#include <utility>

#include "common/status/errors.h"

namespace entente::server {
namespace {

// The system may not know how many cores there are.
int Cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace

Workers::Workers(Options options)
    : thread_count_(static_cast<size_t>(options.threads > 0 ? options.threads : Cores())),
      capacity_(thread_count_ + static_cast<size_t>(std::max(options.max_waiting, 0))) {
  for (size_t i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { Run(); });
}

Workers::~Workers() {
  std::deque<Task> dropped;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_all();
  for (const Task& task : dropped) task(errors::ShuttingDown());
  for (std::thread& thread : threads_) thread.join();
}

absl::Status Workers::Submit(Task task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return errors::ShuttingDown();
    if (under_way_ + waiting_.size() >= capacity_) {
      return errors::Overloaded(static_cast<int>(capacity_));
    }
    waiting_.push_back(std::move(task));
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void Workers::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    {
      const Task task = std::move(waiting_.front());
      waiting_.pop_front();
      ++under_way_;
      lock.unlock();
      task(absl::OkStatus());
    }
    lock.lock();
    --under_way_;
  }
}

}  // namespace entente::server
