// SPDX-License-Identifier: Apache-2.0
//
// Threads for work that keeps a processor busy. gRPC has about as many threads for handlers as
// there are cores, two of them on a small machine, and they also write every answer and hear of
// every cancellation: a handler that computes for tens of milliseconds on one of them holds up all
// other calls. Such work is handed to these threads instead, and what would have to wait too long
// for one is refused at once.
//
//   Workers workers({});
//   absl::Status accepted = workers.Submit([](const absl::Status& status) {
//     if (!status.ok()) return Fail(status);  // the threads are stopping
//     Compute();
//   });
#ifndef ENTENTE_COMMON_SERVER_WORKERS_H_
#define ENTENTE_COMMON_SERVER_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace entente::server {

// Thread-safe.
class Workers {
 public:
  struct Options {
    // 0 means one for each core: the work waits for nothing but the processor.
    int threads = 0;
    // Beyond those under way, one for each thread. At some tens of milliseconds each, on two
    // threads, the last of so many waits for seconds: about as long as callers do.
    int max_waiting = 256;
  };

  // Told OK when it is to do its work, and why not otherwise. Must not throw, and must not destroy
  // the workers.
  using Task = std::function<void(const absl::Status& status)>;

  explicit Workers(Options options);
  // Tells each task that waits that the server is shutting down, and waits for those under way.
  ~Workers();

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Never waits. If it returns OK the task is called exactly once, perhaps before Submit returns:
  // in the order of submission, on one of the threads; or, told why, on the one that destroys them.
  // Else it is not called. Errors: RESOURCE_EXHAUSTED, reason TOO_MANY_CALLS_IN_FLIGHT;
  // UNAVAILABLE, reason SHUTTING_DOWN, for a task that submits another while they are being
  // destroyed.
  absl::Status Submit(Task task);

 private:
  void Run();

  const size_t thread_count_;
  const size_t capacity_;  // Of tasks, under way or waiting.

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;  // Guarded by mutex_.
  size_t under_way_ = 0;      // Guarded by mutex_.
  bool stopping_ = false;     // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_WORKERS_H_
