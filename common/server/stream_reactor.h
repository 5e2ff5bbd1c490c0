// SPDX-License-Identifier: Apache-2.0
//
// The gRPC side of an answer in several messages that takes a processor some time to make: made on
// the workers, then written one message after the other, as fast as the caller takes them. To
// admission and the log it is a call like any other.
//
//   grpc::ServerWriteReactor<v1::QueryFundingResponse>* QueryFunding(
//       grpc::CallbackServerContext* context, const v1::QueryFundingRequest* request) override {
//     return server::StartStream<v1::QueryFundingResponse>(
//         calls_, &workers_, context, *request, [=, this](const server::Cancelled& cancelled) {
//           return analytics_.Query(*request, cancelled);
//         });
//   }
#ifndef ENTENTE_COMMON_SERVER_STREAM_REACTOR_H_
#define ENTENTE_COMMON_SERVER_STREAM_REACTOR_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/server/call.h"
#include "common/server/workers.h"
#include "common/status/errors.h"

namespace entente::server {

// Whether nobody waits for the answer any longer: the caller has gone, or its deadline has passed.
using Cancelled = std::function<bool()>;

// At any time the stream belongs to one party alone, and only that one writes to it or finishes it:
// the handler that starts it, then the task on the workers, then the reaction to each write. A
// cancellation belongs to nobody and only leaves word. So the reactor, the request and the context,
// which go once the stream is finished, are there as long as anyone works with them, without a lock
// around any call into gRPC; the price is that an abandoned call counts as in flight until its work
// has noticed, as it should: it still keeps a thread busy.
template <typename Response>
class StreamReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  // Messages may be in arenas, which go with them.
  using Answer = absl::StatusOr<std::vector<std::shared_ptr<const Response>>>;
  using Handler = std::function<Answer(const Cancelled& cancelled)>;

  StreamReactor(Calls* calls, Handler handler) : calls_(calls), handler_(std::move(handler)) {}

  void Start(Workers* workers, grpc::CallbackServerContext* context,
             const google::protobuf::Message& request) {
    absl::Status status = calls_->BeginCall(context, request, &call_);
    // From here on the stream may be the task's, hence no member below but in case of an error.
    if (status.ok()) {
      status = workers->Submit([this](const absl::Status& accepted) { Work(accepted); });
    }
    if (!status.ok()) FinishWith(status);
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      WriteNext();
    } else {
      FinishWith(Gone());
    }
  }

  void OnCancel() override { cancelled_ = true; }

  void OnDone() override { delete this; }

 private:
  bool IsCancelled() const { return cancelled_ || absl::Now() > call_.deadline; }

  // Only for the log: the caller has gone, or has told itself of its deadline.
  absl::Status Gone() const {
    return absl::Now() > call_.deadline
               ? absl::DeadlineExceededError("the deadline passed before the answer was sent")
               : absl::CancelledError("the caller has gone");
  }

  void Work(const absl::Status& accepted) {
    if (!accepted.ok()) return FinishWith(accepted);
    // It may have waited for long.
    if (absl::Now() > call_.deadline) return FinishWith(errors::DeadlineAlreadyPassed());
    if (cancelled_) return FinishWith(Gone());
    Answer answer = handler_([this] { return IsCancelled(); });
    if (!answer.ok()) {
      const bool gave_up = absl::IsCancelled(answer.status()) && IsCancelled();
      return FinishWith(gave_up ? Gone() : answer.status());
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      messages_ = *std::move(answer);
    }
    WriteNext();
  }

  void WriteNext() {
    const Response* next = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      // What is written is let go: a slow caller shall not keep a large answer in memory as a
      // whole.
      if (begun_ > 0) messages_[begun_ - 1] = nullptr;
      if (begun_ < messages_.size()) next = messages_[begun_++].get();
    }
    if (next == nullptr) {
      FinishWith(absl::OkStatus());
    } else if (IsCancelled()) {
      FinishWith(Gone());
    } else {
      this->StartWrite(next);
    }
  }

  // By whom the stream belongs to, as its last deed: the reactor may go at once.
  void FinishWith(const absl::Status& status) { this->Finish(calls_->EndCall(call_, status)); }

  Calls* const calls_;
  const Handler handler_;
  Call call_;
  std::atomic<bool> cancelled_{false};

  std::mutex mutex_;
  std::vector<std::shared_ptr<const Response>> messages_;  // Guarded by mutex_.
  size_t begun_ = 0;  // How many have been written or are. Guarded by mutex_.
};

// Answers with the messages that `handler` returns, or with its error. It is called at most once,
// on one of the workers, and may use the context and the request. Errors besides its own: those of
// Calls::BeginCall and Workers::Submit; DEADLINE_EXCEEDED, reason DEADLINE_ALREADY_PASSED, if there
// was no time left for it; UNAVAILABLE, reason SHUTTING_DOWN, if the workers end before its turn.
// Calls and workers must outlive the server that calls this.
template <typename Response>
grpc::ServerWriteReactor<Response>* StartStream(Calls* calls, Workers* workers,
                                                grpc::CallbackServerContext* context,
                                                const google::protobuf::Message& request,
                                                typename StreamReactor<Response>::Handler handler) {
  auto* reactor = new StreamReactor<Response>(calls, std::move(handler));
  reactor->Start(workers, context, request);
  return reactor;
}

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_STREAM_REACTOR_H_
