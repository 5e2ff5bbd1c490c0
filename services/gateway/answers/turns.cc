// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/turns.h"

#include <algorithm>
#include <vector>

#include "common/status/errors.h"

namespace entente::gateway {

void Turns::Take(const std::string& caller, const std::shared_ptr<Cancellation>& cancellation,
                 Begin begin) {
  auto waiting = std::make_shared<Waiting>();
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (under_way_ < options_.at_once) {
      ++under_way_;
      lock.unlock();
      return begin(Turn(this));
    }
    const auto found = waiting_.find(caller);
    if (found != waiting_.end() &&
        found->second.size() >= static_cast<size_t>(options_.waiting_per_caller)) {
      lock.unlock();
      return begin(errors::Overloaded(options_.waiting_per_caller));
    }
    waiting->caller = caller;
    waiting->begin = std::move(begin);
    if (found == waiting_.end()) callers_.push_back(caller);
    waiting_[caller].push_back(waiting);
  }
  if (cancellation == nullptr) return;
  // Perhaps its turn has come meanwhile: then it is not found any more.
  waiting->registration = cancellation->OnCancel([this, weak = std::weak_ptr<Waiting>(waiting)] {
    const auto gone = weak.lock();
    if (gone != nullptr && Remove(gone.get())) {
      gone->begin(absl::CancelledError("the caller has gone"));
    }
  });
}

bool Turns::Remove(const Waiting* waiting) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = waiting_.find(waiting->caller);
  if (found == waiting_.end()) return false;
  Queue& queue = found->second;
  const auto place = std::find_if(queue.begin(), queue.end(),
                                  [&](const auto& each) { return each.get() == waiting; });
  if (place == queue.end()) return false;
  queue.erase(place);
  if (queue.empty()) {
    callers_.erase(std::find(callers_.begin(), callers_.end(), waiting->caller));
    waiting_.erase(found);
  }
  return true;
}

void Turns::PassOn() {
  std::shared_ptr<Waiting> next;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (callers_.empty()) {
      --under_way_;
      return;
    }
    std::string caller = std::move(callers_.front());
    callers_.pop_front();
    const auto found = waiting_.find(caller);
    next = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty()) {
      waiting_.erase(found);
    } else {
      callers_.push_back(std::move(caller));
    }
  }
  // A composition may be over before its `begin` returns. What that passes on is begun here and not
  // inside of it, or as many would be on the stack as wait.
  thread_local std::vector<std::pair<Turns*, std::shared_ptr<Waiting>>>* begun_here = nullptr;
  if (begun_here != nullptr) {
    begun_here->emplace_back(this, std::move(next));
    return;
  }
  std::vector<std::pair<Turns*, std::shared_ptr<Waiting>>> begun;
  begun_here = &begun;
  begun.emplace_back(this, std::move(next));
  while (!begun.empty()) {
    const auto [turns, waiting] = std::move(begun.back());
    begun.pop_back();
    waiting->begin(Turn(turns));
  }
  begun_here = nullptr;
}

}  // namespace entente::gateway
