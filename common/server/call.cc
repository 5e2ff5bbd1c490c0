// SPDX-License-Identifier: Apache-2.0
#include "common/server/call.h"

#include <chrono>
#include <memory>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"

namespace entente::server {
namespace {

using google::protobuf::Message;

// A request id as long as this is taken over as it is; a longer one is cut.
constexpr size_t kMaxRequestIdLength = 128;

std::string NewRequestId() {
  thread_local absl::BitGen random;
  return absl::StrFormat("%016x%016x", absl::Uniform<uint64_t>(random),
                         absl::Uniform<uint64_t>(random));
}

grpc::Status ForCaller(absl::Status status, const Call& call) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::RequestInfo info;
  info.set_request_id(call.request_id);
  status.SetPayload("type.googleapis.com/google.rpc.RequestInfo",
                    absl::Cord(info.SerializeAsString()));
  return ToGrpcStatus(status);
}

void LogCall(const Call& call, const absl::Status& status) {
  // What the server could not do is its operator's business; what a caller got wrong is not.
  const bool fault =
      absl::IsInternal(status) || absl::IsDataLoss(status) || absl::IsUnknown(status);
  logging::Line line(fault ? logging::Level::kError : logging::Level::kInfo, "call");
  line.With("method", call.method)
      .With("code", absl::StatusCodeToString(status.code()))
      .With("duration_us", absl::ToInt64Microseconds(absl::Now() - call.start))
      .With("request_id", call.request_id)
      .With("peer", call.peer);
  if (!status.ok()) line.With("message", status.message());
}

// Deletes itself when gRPC has done with the call.
class CancellableReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit CancellableReactor(std::shared_ptr<Cancellation> cancellation)
      : cancellation_(std::move(cancellation)) {}

  void OnCancel() override { cancellation_->Cancel(); }
  void OnDone() override { delete this; }

 private:
  const std::shared_ptr<Cancellation> cancellation_;
};

}  // namespace

Call Calls::MakeCall(grpc::CallbackServerContext* context,
                     const google::protobuf::Descriptor& request_type) const {
  Call call;
  call.start = absl::Now();
  // Every method has a request type of its own, named for it.
  call.method = absl::StrCat("/", service_, "/", absl::StripSuffix(request_type.name(), "Request"));
  call.peer = context->peer();
  const auto& metadata = context->client_metadata();
  const auto found = metadata.find(kRequestIdHeader);
  if (found != metadata.end() && !found->second.empty()) {
    call.request_id.assign(found->second.data(),
                           std::min(found->second.size(), kMaxRequestIdLength));
  } else {
    call.request_id = NewRequestId();
  }
  context->AddInitialMetadata(kRequestIdHeader, call.request_id);
  const auto deadline = context->deadline();
  call.deadline = deadline == std::chrono::system_clock::time_point::max()
                      ? absl::InfiniteFuture()
                      : absl::FromChrono(deadline);
  return call;
}

absl::Status Calls::Admit(uint64_t request_bytes, const Call& call, int in_flight,
                          int limit) const {
  if (!ready_) return errors::Starting();
  if (in_flight > limit) return errors::Overloaded(limit);
  if (call.deadline < call.start) return errors::DeadlineAlreadyPassed();
  if (request_bytes > options_.max_request_bytes) {
    return errors::RequestTooLarge(request_bytes, options_.max_request_bytes);
  }
  return absl::OkStatus();
}

absl::Status Calls::BeginCall(grpc::CallbackServerContext* context, const Message& request,
                              Call* call) {
  return Begin(context, *request.GetDescriptor(), request.ByteSizeLong(), call);
}

absl::Status Calls::Begin(grpc::CallbackServerContext* context,
                          const google::protobuf::Descriptor& request_type, uint64_t request_bytes,
                          Call* call) {
  *call = MakeCall(context, request_type);
  return Admit(request_bytes, *call, ++calls_in_flight_, options_.max_calls_in_flight);
}

// Before the caller hears of the end: whoever calls again at once finds room, and the line in the
// log.
grpc::Status Calls::EndCall(const Call& call, const absl::Status& status) {
  LogCall(call, status);
  --calls_in_flight_;
  return ForCaller(status, call);
}

grpc::ServerUnaryReactor* Calls::Unary(grpc::CallbackServerContext* context, const Message& request,
                                       const std::function<void(const Call&, Done)>& handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto call = std::make_shared<Call>();
  absl::Status admitted = BeginCall(context, request, call.get());
  Done done = [this, reactor, call](const absl::Status& status) {
    reactor->Finish(EndCall(*call, status));
  };
  if (!admitted.ok()) {
    done(std::move(admitted));
  } else {
    handler(*call, std::move(done));
  }
  return reactor;
}

grpc::ServerUnaryReactor* Calls::CancellableUnary(
    grpc::CallbackServerContext* context, const google::protobuf::Descriptor& request_type,
    uint64_t request_bytes, const std::function<void(const Call&, Done)>& handler) {
  const auto call = std::make_shared<Call>();
  absl::Status admitted = Begin(context, request_type, request_bytes, call.get());
  call->cancellation = std::make_shared<Cancellation>();
  auto* const reactor = new CancellableReactor(call->cancellation);
  Done done = [this, reactor, call](const absl::Status& status) {
    reactor->Finish(EndCall(*call, status));
  };
  if (!admitted.ok()) {
    done(std::move(admitted));
  } else {
    handler(*call, std::move(done));
  }
  return reactor;
}

absl::Status Calls::BeginWatch(grpc::CallbackServerContext* context, const Message& request,
                               Call* call) {
  *call = MakeCall(context, *request.GetDescriptor());
  return Admit(request.ByteSizeLong(), *call, ++watches_, options_.max_watches);
}

void Calls::EndWatch(const Call& call, const absl::Status& status) {
  --watches_;
  LogCall(call, status);
}

}  // namespace entente::server
