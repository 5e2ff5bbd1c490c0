// SPDX-License-Identifier: Apache-2.0
#include "common/parallel/parallel.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace entente {

struct Parallel::Job {
  Job(size_t items, absl::FunctionRef<void(size_t, size_t)> todo) : n(items), work(todo) {}

  // Does what is left of it, as far as nobody else does.
  void Work(size_t worker) {
    for (size_t i = next.fetch_add(1); i < n; i = next.fetch_add(1)) work(worker, i);
  }

  const size_t n;
  const absl::FunctionRef<void(size_t, size_t)> work;
  std::atomic<size_t> next{0};

  std::mutex mutex;
  std::condition_variable done;
  size_t helpers = 0;   // guarded by mutex: at it at the moment
  size_t joined = 0;    // guarded by mutex: ever
  bool closed = false;  // guarded by mutex: `work` is no more
};

Parallel::Parallel(size_t workers) {
  if (workers == 0) workers = std::max<size_t>(1, std::thread::hardware_concurrency());
  for (size_t i = 1; i < workers; ++i) threads_.emplace_back([this] { Run(); });
}

Parallel::~Parallel() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Parallel::ForEach(size_t n, absl::FunctionRef<void(size_t, size_t)> work) {
  const size_t helpers = n == 0 ? 0 : std::min(n - 1, threads_.size());
  const auto job = std::make_shared<Job>(n, work);
  if (helpers > 0) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (size_t i = 0; i < helpers; ++i) jobs_.push_back(job);
    }
    helpers == 1 ? changed_.notify_one() : changed_.notify_all();
  }
  job->Work(0);
  if (helpers == 0) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    std::erase(jobs_, job);
  }
  std::unique_lock<std::mutex> lock(job->mutex);
  job->closed = true;
  job->done.wait(lock, [&] { return job->helpers == 0; });
}

void Parallel::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    size_t worker = 0;
    bool wanted = false;
    {
      std::lock_guard<std::mutex> of_job(job->mutex);
      wanted = !job->closed;
      if (wanted) {
        ++job->helpers;
        worker = ++job->joined;
      }
    }
    if (wanted) {
      job->Work(worker);
      std::lock_guard<std::mutex> of_job(job->mutex);
      --job->helpers;
      job->done.notify_one();
    }
    lock.lock();
  }
}

}  // namespace entente
