// SPDX-License-Identifier: Apache-2.0
#include "common/cancellation/cancellation.h"

namespace entente {

Cancellation::Registration::Registration(Registration&& other) noexcept
    : cancellation_(std::move(other.cancellation_)), id_(std::exchange(other.id_, 0)) {}

Cancellation::Registration& Cancellation::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    Reset();
    cancellation_ = std::move(other.cancellation_);
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void Cancellation::Registration::Reset() {
  if (const auto cancellation = std::exchange(cancellation_, nullptr)) cancellation->Forget(id_);
}

void Cancellation::Cancel() {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  cancelled_ = true;
  // What is called may end the registrations of others, and its own.
  while (!registered_.empty()) {
    const auto next = registered_.extract(registered_.begin());
    next.mapped()();
  }
}

bool Cancellation::IsCancelled() const {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  return cancelled_;
}

Cancellation::Registration Cancellation::OnCancel(std::function<void()> fn) {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  if (cancelled_) {
    fn();
    return {};
  }
  const uint64_t id = next_id_++;
  registered_.emplace(id, std::move(fn));
  return {shared_from_this(), id};
}

void Cancellation::Forget(uint64_t id) {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  registered_.erase(id);
}

}  // namespace entente
