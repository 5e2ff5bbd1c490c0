// SPDX-License-Identifier: Apache-2.0
#include "common/client/peer.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/resource/reply.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"

namespace entente::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kRequestIdHeader[] = "x-request-id";

// A connection that breaks is looked at again this soon, so that a service that comes back is
// found.
constexpr int kInitialBackoffMs = 100;
constexpr int kMaxBackoffMs = 1000;
// How long one attempt may take. Apart from the backoff: a slow handshake is no lost connection.
constexpr int kConnectTimeoutMs = 5000;
// A peer that has stopped without a word is noticed after this.
constexpr int kKeepaliveTimeMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 5'000;

const MethodDescriptor* FindMethod(const ServiceDescriptor* service, const Descriptor* request,
                                   const Descriptor* response) {
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (method->input_type() == request && method->output_type() == response) return method;
  }
  return nullptr;
}

// What must live until a call is over. The context keeps the channel: it must go before the caller
// hears of the answer, or the caller may let go of the peer and leave the last reference to the
// channel to the thread of the callback, which gRPC would then have wait for itself.
struct Pending {
  std::optional<grpc::ClientContext> context{std::in_place};
  Cancellation::Registration cancellation;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

// The service config (https://github.com/grpc/grpc/blob/master/doc/service_config.md) by which
// gRPC makes calls again. The throttle stops that when more than a few in a hundred calls fail.
std::string RetriesOf(const ServiceDescriptor& service) {
  std::vector<std::string> names;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* method = service.method(i);
    if (method->options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
      continue;
    }
    names.push_back(absl::StrCat(R"({"service": ")", std::string(service.full_name()),
                                 R"(", "method": ")", std::string(method->name()), R"("})"));
  }
  return absl::StrCat(R"({"methodConfig": [{"name": [)", absl::StrJoin(names, ", "), R"(],
    "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.01s", "maxBackoff": "0.1s",
                    "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}],
    "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.05}})");
}

absl::Status Parse(grpc::ByteBuffer* bytes, Message* message) {
  grpc::ProtoBufferReader reader(bytes);
  if (reader.status().ok() && message->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return absl::InternalError("the answer of the peer cannot be parsed");
}

absl::Status TakeApart(const grpc::ByteBuffer& bytes, Message* rest, std::string* resources) {
  // An empty message is no slice at all.
  if (bytes.Length() == 0) return absl::OkStatus();
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) {
    return absl::InternalError("the answer of the peer cannot be read");
  }
  return resource::TakeApart({reinterpret_cast<const char*>(slice.begin()), slice.size()}, rest,
                             resources);
}

// Whether anyone still waits for the answer to a call that begins now.
absl::Status CheckWanted(const CallOptions& options) {
  if (options.deadline < absl::Now()) return errors::DeadlineAlreadyPassed();
  if (options.cancellation != nullptr && options.cancellation->IsCancelled()) {
    return absl::CancelledError("the caller has gone");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsUnreachable(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

RemotePeer::RemotePeer(std::shared_ptr<grpc::Channel> channel, const ServiceDescriptor* service)
    : service_(service), stub_(std::move(channel)) {}

std::string RemotePeer::service() const { return std::string(service_->full_name()); }

void RemotePeer::Call(const CallOptions& options, const Message& request, Message* response,
                      Done done) {
  Start(
      options, request, response->GetDescriptor(),
      [response](grpc::ByteBuffer* answer) { return Parse(answer, response); }, std::move(done));
}

void RemotePeer::CallUnparsed(const CallOptions& options, const Message& request, Message* rest,
                              std::string* resources, Done done) {
  Start(
      options, request, rest->GetDescriptor(),
      [rest, resources](grpc::ByteBuffer* answer) { return TakeApart(*answer, rest, resources); },
      std::move(done));
}

void RemotePeer::Start(const CallOptions& options, const Message& request,
                       const Descriptor* response, Take take, Done done) {
  const MethodDescriptor* method = FindMethod(service_, request.GetDescriptor(), response);
  if (method == nullptr) {
    return done(absl::InternalError(absl::StrCat(service(), " has no method from ",
                                                 std::string(request.GetDescriptor()->full_name()),
                                                 " to ", std::string(response->full_name()))));
  }
  auto pending = std::make_shared<Pending>();
  if (options.deadline != absl::InfiniteFuture()) {
    pending->context->set_deadline(absl::ToChronoTime(options.deadline));
  }
  if (!options.request_id.empty()) {
    pending->context->AddMetadata(kRequestIdHeader, options.request_id);
  }
  const grpc::Slice bytes(request.SerializeAsString());
  pending->request = grpc::ByteBuffer(&bytes, 1);
  if (options.cancellation != nullptr) {
    pending->cancellation =
        options.cancellation->OnCancel([context = &*pending->context] { context->TryCancel(); });
  }
  stub_.UnaryCall(
      &*pending->context, absl::StrCat("/", service(), "/", std::string(method->name())),
      grpc::StubOptions(), &pending->request, &pending->response,
      [pending, take = std::move(take), done = std::move(done)](const grpc::Status& status) {
        pending->cancellation.Reset();
        pending->context.reset();
        done(status.ok() ? take(&pending->response) : FromGrpcStatus(status));
      });
}

void DirectPeer::Call(const CallOptions& options, const Message& request, Message* response,
                      Done done) {
  if (absl::Status status = CheckWanted(options); !status.ok()) return done(std::move(status));
  target_(request, response, std::move(done));
}

void DirectPeer::CallUnparsed(const CallOptions& options, const Message& request, Message* rest,
                              std::string* resources, Done done) {
  if (absl::Status status = CheckWanted(options); !status.ok()) return done(std::move(status));
  done(reads_(request, rest, resources));
}

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           const ServiceDescriptor* service) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kInitialBackoffMs);
  // Despite its name, gRPC's time for an attempt.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  if (service != nullptr) arguments.SetServiceConfigJSON(RetriesOf(*service));
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace entente::client
