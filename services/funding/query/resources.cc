// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/resources.h"

#include "common/status/errors.h"

namespace entente::funding::query {

void Resources::ForEach(size_t n, absl::FunctionRef<void(size_t, size_t)> work) const {
  if (parallel_ != nullptr && paths_.workers == 0) {
    parallel_->ForEach(n, work);
    return;
  }
  for (size_t i = 0; i < n; ++i) work(i % workers(), i);
}

absl::Status Resources::Check() const {
  if (cancelled_ != nullptr && cancelled_()) return absl::CancelledError("the caller has gone");
  if (charged_.load(std::memory_order_relaxed) > memory_) return errors::QueryTooLarge(memory_);
  return absl::OkStatus();
}

absl::Status Resources::Charge(size_t bytes) const {
  // What no address space has is too much as well, without wrapping around.
  constexpr size_t kAbsurd = size_t{1} << 48;
  if (bytes > kAbsurd) bytes = kAbsurd;
  const size_t before = charged_.fetch_add(bytes, std::memory_order_relaxed);
  return before + bytes > memory_ ? errors::QueryTooLarge(memory_) : absl::OkStatus();
}

bool Resources::Spare(size_t bytes) const {
  size_t before = charged_.load(std::memory_order_relaxed);
  do {
    if (before > memory_ || bytes > memory_ - before) return false;
  } while (!charged_.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

}  // namespace entente::funding::query
