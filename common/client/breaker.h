// SPDX-License-Identifier: Apache-2.0
//
// A circuit breaker: a peer that has failed again and again is not asked for a while, so that
// callers have their partial answers at once instead of at the end of their time, and the peer is
// not met by all the calls that waited for it when it comes back.
//
//   closed     all calls go through; after `failures` in a row: open
//   open       no call goes through, each fails with UNAVAILABLE; after `rest`: half open
//   half open  one call goes through: if it succeeds, closed; if it fails, open for twice as long
//              as before, at most `max_rest`
#ifndef ENTENTE_COMMON_CLIENT_BREAKER_H_
#define ENTENTE_COMMON_CLIENT_BREAKER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/client/peer.h"
#include "common/clock/clock.h"

namespace entente::client {

struct BreakerOptions {
  int failures = 5;
  absl::Duration rest = absl::Milliseconds(100);
  absl::Duration max_rest = absl::Seconds(1);
  // A peer that did not answer within less than this may be well: it says nothing about it.
  absl::Duration patience = absl::Milliseconds(100);
};

// The state of one circuit, apart from what goes through it. Thread-safe.
class Breaker {
 public:
  // `clock` must outlive it.
  Breaker(BreakerOptions options, const Clock* clock);

  // What a call that goes through must give back at its end: the period, from one change of state
  // to the next, in which it began. What was begun in an earlier one says nothing about this one.
  struct Ticket {
    uint64_t period = 0;
  };

  // Whether a call to `service` may go through now.
  // UNAVAILABLE (CIRCUIT_OPEN) with a google.rpc.RetryInfo if it may not.
  absl::StatusOr<Ticket> Begin(absl::string_view service);

  enum class Outcome {
    kSuccess,  // Answered, be it with an error that is the caller's.
    kFailure,  // The peer is gone, or late.
    kUnknown,  // Ended before the peer could be judged: it had too little time, or the caller left.
  };
  void End(const Ticket& ticket, Outcome outcome);

 private:
  enum class State { kClosed, kOpen, kHalfOpen };

  void Enter(State state);  // Holding mutex_.

  const BreakerOptions options_;
  const Clock* const clock_;
  std::mutex mutex_;
  // All guarded by mutex_.
  State state_ = State::kClosed;
  uint64_t period_ = 0;
  int failures_ = 0;
  bool probing_ = false;
  absl::Duration rest_;
  absl::Time open_until_;
};

// A peer behind a breaker. Calls that do not go through end with UNAVAILABLE at once.
class BreakerPeer final : public Peer {
 public:
  BreakerPeer(std::unique_ptr<Peer> peer, BreakerOptions options, const Clock* clock);

  std::string service() const override { return service_; }
  void Call(const CallOptions& options, const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override;
  void CallUnparsed(const CallOptions& options, const google::protobuf::Message& request,
                    google::protobuf::Message* rest, std::string* resources, Done done) override;

 private:
  // `done`, which tells the breaker first how the call of this ticket ended.
  Done Ending(const Breaker::Ticket& ticket, const CallOptions& options, Done done) const;

  const std::unique_ptr<Peer> peer_;
  const std::string service_;
  const absl::Duration patience_;
  const Clock* const clock_;
  const std::shared_ptr<Breaker> breaker_;  // Calls under way keep it.
};

}  // namespace entente::client

#endif  // ENTENTE_COMMON_CLIENT_BREAKER_H_
