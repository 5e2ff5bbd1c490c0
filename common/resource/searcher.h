// SPDX-License-Identifier: Apache-2.0
//
// Search: the resources of a service that speak of something, best first.
//
// The index is derived from the state and kept nowhere else. It is made after a start, by a thread
// of its own, which then has it follow the state, once a second; a search first brings it to the
// newest revision itself, so that it finds all that was written before it was asked.
//
//   Searcher searcher(&store);
//   searcher.Start();
//   absl::Status status = searcher.Search(request, &response);
#ifndef ENTENTE_COMMON_RESOURCE_SEARCHER_H_
#define ENTENTE_COMMON_RESOURCE_SEARCHER_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "common/filter/schema.h"
#include "common/resource/store.h"
#include "common/search/index.h"
#include "entente/type/v1/search.pb.h"

namespace entente::resource {

// Thread-safe. One search at a time reads the index; the rest of its work is side by side.
class Searcher {
 public:
  // The store must outlive it.
  explicit Searcher(const Store* store);
  ~Searcher();

  Searcher(const Searcher&) = delete;
  Searcher& operator=(const Searcher&) = delete;

  // Begins to make the index. At most once, after the store is loaded; without it the first search
  // makes it.
  void Start();

  // What is still being made is given up, and searches that need it are answered with
  // SHUTTING_DOWN. For a service that stops, so that nothing has to be waited for.
  void Stop();

  // INVALID_ARGUMENT with every fault: a query that is none (with its column), types that the
  // service does not have, a bad filter or page. Keeps a processor busy for milliseconds, the first
  // ones after a start for as long as the index takes; see docs/performance.md. SHUTTING_DOWN.
  absl::Status Search(const type::v1::SearchRequest& request, type::v1::SearchResponse* response);

 private:
  // Brings the index to the current state. `index_mutex_` must be held.
  absl::Status CatchUp();
  absl::Status Rebuild(std::shared_ptr<const State> state);
  absl::Status Follow(std::shared_ptr<const State> state);
  void Run();

  const Store* const store_;
  const search::Labels labels_;
  const filter::Schema schema_;

  std::mutex index_mutex_;
  std::unique_ptr<search::Index> index_;  // Guarded; null until it is made, and after a failure.
  std::shared_ptr<const State> state_;    // Guarded; what the index is of.

  std::mutex stop_mutex_;
  std::condition_variable stopped_;
  std::atomic<bool> stopping_{false};  // Set with stop_mutex_ held.
  std::thread thread_;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_SEARCHER_H_
