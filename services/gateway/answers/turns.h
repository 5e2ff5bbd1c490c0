// SPDX-License-Identifier: Apache-2.0
//
// How many compositions are under way at once, and whose comes next: those who wait are taken one
// caller after another, so that a caller with a hundred questions delays one with a single question
// by one composition and not by a hundred.
//
//   turns.Take(caller, cancellation, [](absl::StatusOr<Turns::Turn> turn) {...});
#ifndef ENTENTE_SERVICES_GATEWAY_ANSWERS_TURNS_H_
#define ENTENTE_SERVICES_GATEWAY_ANSWERS_TURNS_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/cancellation/cancellation.h"

namespace entente::gateway {

// Thread-safe. Must outlive its turns and those who wait.
class Turns {
 public:
  struct Options {
    // Compositions under way at once. Each holds its parts and its answer, some 1 MiB.
    int at_once = 256;
    // How many of one caller may wait; the next one is refused.
    int waiting_per_caller = 256;
  };

  // Passes the turn on when it goes.
  class Turn {
   public:
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&& other) noexcept {
      std::swap(turns_, other.turns_);
      return *this;
    }
    ~Turn() {
      if (turns_ != nullptr) turns_->PassOn();
    }

   private:
    friend class Turns;
    explicit Turn(Turns* turns) : turns_(turns) {}

    Turns* turns_;
  };

  using Begin = std::function<void(absl::StatusOr<Turn>)>;

  explicit Turns(Options options) : options_(options) {}

  // Calls `begin` once, now or later, from any thread, when it is the caller's turn.
  // RESOURCE_EXHAUSTED (OVERLOADED) if too many of the caller wait already; CANCELLED if the wait
  // was cancelled (`cancellation` may be null).
  void Take(const std::string& caller, const std::shared_ptr<Cancellation>& cancellation,
            Begin begin);

 private:
  struct Waiting {
    std::string caller;
    Begin begin;
    Cancellation::Registration registration;
  };
  using Queue = std::deque<std::shared_ptr<Waiting>>;

  void PassOn();
  // Takes it out of its queue; false if it is in none any more.
  bool Remove(const Waiting* waiting);

  const Options options_;
  std::mutex mutex_;
  // All guarded by mutex_.
  int under_way_ = 0;
  std::map<std::string, Queue> waiting_;  // By caller; none is empty.
  std::deque<std::string> callers_;       // Those in waiting_, in the order of their turns.
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ANSWERS_TURNS_H_
