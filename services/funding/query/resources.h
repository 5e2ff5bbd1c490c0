// SPDX-License-Identifier: Apache-2.0
//
// What a query may use: processors, memory, and time until its caller goes away.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_RESOURCES_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_RESOURCES_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/parallel/parallel.h"
#include "services/funding/query/paths.h"

namespace entente::funding::query {

inline constexpr size_t kDefaultQueryMemory = size_t{1} << 30;

// Of one query. Thread-safe.
class Resources {
 public:
  // `parallel`: null for the caller's thread alone. `memory`: bytes. `cancelled`: whether the
  // caller has gone; null if it never does. `paths`: for tests.
  Resources(Parallel* parallel, size_t memory, std::function<bool()> cancelled,
            const Paths& paths = {})
      : parallel_(parallel), memory_(memory), cancelled_(std::move(cancelled)), paths_(paths) {}
  size_t workers() const {
    if (paths_.workers > 0) return paths_.workers;
    return parallel_ == nullptr ? 1 : parallel_->workers();
  }
  const Paths& paths() const { return paths_; }
  // As Parallel::ForEach.
  void ForEach(size_t n, absl::FunctionRef<void(size_t worker, size_t i)> work) const;

  // Whether nothing stands in the way of going on: CANCELLED, or what Charge said last.
  absl::Status Check() const;
  // Takes bytes for as long as the query lasts. RESOURCE_EXHAUSTED, reason QUERY_TOO_LARGE, if they
  // are more than what is left.
  absl::Status Charge(size_t bytes) const;
  // Takes them likewise if that much is left; else says false, and nothing has happened. For what
  // there is another way to do.
  bool Spare(size_t bytes) const;
  // Gives bytes back that are not taken any more.
  void GiveBack(size_t bytes) const { charged_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  Parallel* const parallel_;
  const size_t memory_;
  const std::function<bool()> cancelled_;
  const Paths paths_;
  mutable std::atomic<size_t> charged_{0};
};

// Of the caller's thread, with the default memory and all the time.
inline std::shared_ptr<const Resources> OneThread() {
  return std::make_shared<const Resources>(nullptr, kDefaultQueryMemory, nullptr);
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_RESOURCES_H_
