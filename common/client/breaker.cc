// SPDX-License-Identifier: Apache-2.0
#include "common/client/breaker.h"

#include <algorithm>
#include <utility>

#include "common/status/errors.h"

namespace entente::client {
namespace {

Breaker::Outcome Judge(const absl::Status& status, absl::Duration given, absl::Duration patience) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return Breaker::Outcome::kFailure;
    case absl::StatusCode::kDeadlineExceeded:
      return given < patience ? Breaker::Outcome::kUnknown : Breaker::Outcome::kFailure;
    case absl::StatusCode::kCancelled:
      return Breaker::Outcome::kUnknown;
    default:
      return Breaker::Outcome::kSuccess;
  }
}

}  // namespace

Breaker::Breaker(BreakerOptions options, const Clock* clock)
    : options_(options), clock_(clock), rest_(options.rest) {}

absl::StatusOr<Breaker::Ticket> Breaker::Begin(absl::string_view service) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (state_ == State::kOpen) {
    const absl::Duration left = open_until_ - clock_->Now();
    // More than it ever rests: the clock was set back.
    if (left > absl::ZeroDuration() && left <= options_.max_rest) {
      return errors::CircuitOpen(service, left);
    }
    Enter(State::kHalfOpen);
  }
  if (state_ == State::kHalfOpen) {
    if (probing_) return errors::CircuitOpen(service, rest_);
    probing_ = true;
  }
  return Ticket{period_};
}

void Breaker::End(const Ticket& ticket, Outcome outcome) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ticket.period != period_) return;
  switch (outcome) {
    case Outcome::kUnknown:
      probing_ = false;
      return;
    case Outcome::kSuccess:
      failures_ = 0;
      if (state_ == State::kHalfOpen) {
        rest_ = options_.rest;
        Enter(State::kClosed);
      }
      return;
    case Outcome::kFailure:
      if (state_ == State::kHalfOpen) {
        rest_ = std::min(rest_ * 2, options_.max_rest);
        Enter(State::kOpen);
      } else if (++failures_ >= options_.failures) {
        Enter(State::kOpen);
      }
      return;
  }
}

void Breaker::Enter(State state) {
  state_ = state;
  ++period_;
  failures_ = 0;
  probing_ = false;
  if (state == State::kOpen) open_until_ = clock_->Now() + rest_;
}

BreakerPeer::BreakerPeer(std::unique_ptr<Peer> peer, BreakerOptions options, const Clock* clock)
    : peer_(std::move(peer)),
      service_(peer_->service()),
      patience_(options.patience),
      clock_(clock),
      breaker_(std::make_shared<Breaker>(options, clock)) {}

void BreakerPeer::Call(const CallOptions& options, const google::protobuf::Message& request,
                       google::protobuf::Message* response, Done done) {
  const auto ticket = breaker_->Begin(service_);
  if (!ticket.ok()) return done(ticket.status());
  peer_->Call(options, request, response, Ending(*ticket, options, std::move(done)));
}

void BreakerPeer::CallUnparsed(const CallOptions& options, const google::protobuf::Message& request,
                               google::protobuf::Message* rest, std::string* resources, Done done) {
  const auto ticket = breaker_->Begin(service_);
  if (!ticket.ok()) return done(ticket.status());
  peer_->CallUnparsed(options, request, rest, resources, Ending(*ticket, options, std::move(done)));
}

Done BreakerPeer::Ending(const Breaker::Ticket& ticket, const CallOptions& options,
                         Done done) const {
  return [breaker = breaker_, ticket, given = options.deadline - clock_->Now(),
          patience = patience_, done = std::move(done)](const absl::Status& status) {
    breaker->End(ticket, Judge(status, given, patience));
    done(status);
  };
}

}  // namespace entente::client
