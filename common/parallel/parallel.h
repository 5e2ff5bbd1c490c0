// SPDX-License-Identifier: Apache-2.0
//
// One piece of work on several processors.
//
//   Parallel parallel(2);
//   std::vector<int64_t> sums(parallel.workers());
//   parallel.ForEach(blocks, [&](size_t worker, size_t block) { sums[worker] += Sum(block); });
//
// The caller works too, and never waits for a thread that is busy with something else: threads help
// where they are free. Many callers at once so get one processor each, and one gets them all.
#ifndef ENTENTE_COMMON_PARALLEL_PARALLEL_H_
#define ENTENTE_COMMON_PARALLEL_PARALLEL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"

namespace entente {

// Thread-safe.
class Parallel {
 public:
  // `workers`: at most so many at one piece of work, the caller included; 0 means one for each
  // core.
  explicit Parallel(size_t workers);
  // No call may be under way.
  ~Parallel();

  Parallel(const Parallel&) = delete;
  Parallel& operator=(const Parallel&) = delete;

  size_t workers() const { return threads_.size() + 1; }

  // Calls `work(worker, i)` for each i below `n`, in no order, each once; `worker`, below
  // workers(), is never at two of them at once. Returns when all are done. `work` must not throw,
  // and must not call ForEach.
  void ForEach(size_t n, absl::FunctionRef<void(size_t worker, size_t i)> work);

 private:
  struct Job;

  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Job>> jobs_;  // that want help; guarded by mutex_
  bool stopping_ = false;                  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace entente

#endif  // ENTENTE_COMMON_PARALLEL_PARALLEL_H_
