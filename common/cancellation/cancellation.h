// SPDX-License-Identifier: Apache-2.0
//
// Whether an answer is still wanted: one for each call that a server answers, passed down to the
// calls that it makes in turn, so that none of them outlives the caller who wanted it.
//
//   auto cancellation = std::make_shared<Cancellation>();
//   const auto registration = cancellation->OnCancel([context] { context->TryCancel(); });
//   ...
//   cancellation->Cancel();  // The caller has gone.
#ifndef ENTENTE_COMMON_CANCELLATION_CANCELLATION_H_
#define ENTENTE_COMMON_CANCELLATION_CANCELLATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace entente {

// Thread-safe. Owned by all who use it.
class Cancellation : public std::enable_shared_from_this<Cancellation> {
 public:
  // While it lives, the function is called when it is cancelled. Its destructor waits for a call
  // of the function that is under way, unless it is that call which destroys it: afterwards
  // nothing that the function uses is used any more.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration() { Reset(); }

    void Reset();

   private:
    friend class Cancellation;
    Registration(std::shared_ptr<Cancellation> cancellation, uint64_t id)
        : cancellation_(std::move(cancellation)), id_(id) {}

    std::shared_ptr<Cancellation> cancellation_;
    uint64_t id_ = 0;
  };

  // Calls what is registered, each once, in the calling thread; what is registered later is called
  // at once. Does nothing the second time.
  void Cancel();

  bool IsCancelled() const;

  [[nodiscard]] Registration OnCancel(std::function<void()> fn);

 private:
  void Forget(uint64_t id);

  mutable std::recursive_mutex mutex_;  // Held while what is registered is called.
  bool cancelled_ = false;
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::function<void()>> registered_;
};

}  // namespace entente

#endif  // ENTENTE_COMMON_CANCELLATION_CANCELLATION_H_
