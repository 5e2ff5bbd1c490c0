// SPDX-License-Identifier: Apache-2.0
//
// A service as a test calls it: over gRPC, by the name of a method and a request in protobuf's
// text format, like grpcurl; answers and errors as StatusOr.
//
//   auto catalogue = ServiceClient::To<catalogue::v1::CatalogueService,
//                                      catalogue::v1::WatchRequest>(target, descriptor);
//   EXPECT_THAT(catalogue->Call<Place>("GetPlace", R"pb(name: "places/id")pb"), IsOk());
//   auto answer = funding->Call<QueryFundingResponse>("QueryFunding", "convert_to: 'EUR'");
//   auto watch = catalogue->Watch("include_current: true");
//   std::optional<WatchEvent> event = watch->Next();
//
// Every call has a deadline (kPatience), so that a fault is a failure and never a hang.
#ifndef ENTENTE_COMMON_TESTING_SERVICE_CLIENT_H_
#define ENTENTE_COMMON_TESTING_SERVICE_CLIENT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/client/peer.h"
#include "common/resource/fields.h"
#include "common/status/grpc_status.h"
#include "common/testing/matchers.h"
#include "entente/type/v1/standard.pb.h"

namespace entente::test {

// How long anything may take before a test gives it up: far beyond what a loaded machine needs.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Can be copied, so that a StatusOr of it can.
using MessagePtr = std::shared_ptr<google::protobuf::Message>;

// A channel that shares no connection with any other channel.
std::shared_ptr<grpc::Channel> MakeTestChannel(const std::string& target);

// What a WatchResponse of any service says.
struct WatchEvent {
  type::v1::WatchMessageKind kind;
  int64_t revision;
  bool has_commit_time;
  std::vector<MessagePtr> resources;
  std::string resume_token;
  std::vector<std::string> left = {};

  std::vector<std::string> names() const;
};

// A watch that is under way. Cancelled when it is destroyed.
class WatchStream {
 public:
  virtual ~WatchStream() = default;
  // Waits for the next message; none when the watch is over.
  virtual std::optional<WatchEvent> Next() = 0;
  // The next one that is not a checkpoint.
  std::optional<WatchEvent> NextChange();
  // Why the watch is over; to be called once, when Next has returned none.
  virtual absl::Status Finish() = 0;
};

class ServiceClient {
 public:
  // `Service`: the generated class around the stubs.
  template <typename Service, typename WatchRequest>
  static std::unique_ptr<ServiceClient> To(const std::string& target,
                                           const google::protobuf::ServiceDescriptor* descriptor);
  // A service without a Watch.
  ServiceClient(std::shared_ptr<grpc::Channel> channel,
                const google::protobuf::ServiceDescriptor* descriptor);

  const google::protobuf::ServiceDescriptor* descriptor() const { return descriptor_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // The empty request of a method ("GetPlace"), generated, not dynamic.
  MessagePtr NewRequest(const std::string& method) const;
  // Calls the method whose request this is. An answer in several messages comes as one: what the
  // first says, and the lists of all, one after the other.
  absl::StatusOr<MessagePtr> Invoke(const google::protobuf::Message& request) const;
  // The messages of such an answer, each by itself.
  absl::StatusOr<std::vector<MessagePtr>> InvokeStream(
      const google::protobuf::Message& request) const;
  // Calls `method`; the status alone, for errors and where the answer is of no account.
  absl::Status Send(const std::string& method, const std::string& request) const;

  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const std::string& request) const;
  template <typename Response>
  absl::StatusOr<Response> Call(const google::protobuf::Message& request) const;

  std::unique_ptr<WatchStream> Watch(const std::string& request) const { return watch_(request); }

 private:
  // Null, and a failure of the running test, if there is none.
  const google::protobuf::MethodDescriptor* MethodOf(
      const google::protobuf::Message& request) const;

  const google::protobuf::ServiceDescriptor* const descriptor_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<client::RemotePeer> peer_;
  std::function<std::unique_ptr<WatchStream>(const std::string&)> watch_;
};

template <typename Response>
absl::StatusOr<Response> ServiceClient::Call(const google::protobuf::Message& request) const {
  absl::StatusOr<MessagePtr> response = Invoke(request);
  if (!response.ok()) return response.status();
  return static_cast<const Response&>(**response);
}

template <typename Response>
absl::StatusOr<Response> ServiceClient::Call(const std::string& method,
                                             const std::string& request) const {
  const MessagePtr message = NewRequest(method);
  ParseText(request, message.get());
  return Call<Response>(*message);
}

// The watch of one service, by its generated stub.
template <typename Service, typename Request>
class TypedWatchStream final : public WatchStream {
 public:
  TypedWatchStream(std::shared_ptr<grpc::Channel> channel, const Request& request)
      : stub_(Service::NewStub(std::move(channel))) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    reader_ = stub_->Watch(&context_, request);
  }
  ~TypedWatchStream() override {
    context_.TryCancel();
    if (!finished_) {
      while (Next().has_value()) {
      }
      (void)Finish();
    }
  }

  std::optional<WatchEvent> Next() override {
    Response response;
    if (!reader_->Read(&response)) return std::nullopt;
    WatchEvent event{response.kind(),
                     response.revision(),
                     response.has_commit_time(),
                     {},
                     response.resume_token(),
                     {response.left().begin(), response.left().end()}};
    for (const auto& resource : response.resources()) {
      const google::protobuf::Message& message = *resource::fields::GetOneof(resource);
      event.resources.emplace_back(message.New())->CopyFrom(message);
    }
    return event;
  }

  absl::Status Finish() override {
    finished_ = true;
    return FromGrpcStatus(reader_->Finish());
  }

 private:
  template <typename Stub, typename Message>
  static Message ResponseOf(
      std::unique_ptr<grpc::ClientReader<Message>> (Stub::*)(grpc::ClientContext*, const Request&));
  using Response = decltype(ResponseOf(&Service::Stub::Watch));

  const std::unique_ptr<typename Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  bool finished_ = false;
};

template <typename Service, typename WatchRequest>
std::unique_ptr<ServiceClient> ServiceClient::To(
    const std::string& target, const google::protobuf::ServiceDescriptor* descriptor) {
  auto client = std::make_unique<ServiceClient>(MakeTestChannel(target), descriptor);
  client->watch_ = [channel = client->channel_](const std::string& request) {
    return std::make_unique<TypedWatchStream<Service, WatchRequest>>(channel,
                                                                     Parse<WatchRequest>(request));
  };
  return client;
}

}  // namespace entente::test

#endif  // ENTENTE_COMMON_TESTING_SERVICE_CLIENT_H_
