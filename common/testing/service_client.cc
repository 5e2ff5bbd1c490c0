// SPDX-License-Identifier: Apache-2.0
#include "common/testing/service_client.h"

#include <future>

namespace entente::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

MessagePtr New(const Descriptor* type) {
  return MessagePtr(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeTestChannel(const std::string& target) {
  grpc::ChannelArguments arguments;
  // A server that was restarted is found at once, whatever another channel went through.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

std::vector<std::string> WatchEvent::names() const {
  std::vector<std::string> names;
  for (const MessagePtr& resource : resources) {
    names.push_back(resource::fields::GetString(*resource, "name"));
  }
  return names;
}

std::optional<WatchEvent> WatchStream::NextChange() {
  std::optional<WatchEvent> event = Next();
  while (event.has_value() && event->kind == type::v1::WATCH_MESSAGE_KIND_CHECKPOINT) {
    event = Next();
  }
  return event;
}

ServiceClient::ServiceClient(std::shared_ptr<grpc::Channel> channel,
                             const ServiceDescriptor* descriptor)
    : descriptor_(descriptor),
      channel_(std::move(channel)),
      peer_(std::make_unique<client::RemotePeer>(channel_, descriptor)) {}

MessagePtr ServiceClient::NewRequest(const std::string& method) const {
  const MethodDescriptor* found = descriptor_->FindMethodByName(method);
  EXPECT_NE(found, nullptr) << method << " is no method of "
                            << std::string(descriptor_->full_name());
  return New(found->input_type());
}

absl::StatusOr<MessagePtr> ServiceClient::Invoke(const Message& request) const {
  MessagePtr response;
  for (int i = 0; i < descriptor_->method_count() && response == nullptr; ++i) {
    const MethodDescriptor* method = descriptor_->method(i);
    if (method->input_type() == request.GetDescriptor()) response = New(method->output_type());
  }
  if (response == nullptr) return absl::InternalError("no method takes this request");
  std::promise<absl::Status> done;
  peer_->Call({absl::Now() + kPatience, ""}, request, response.get(),
              [&done](absl::Status status) { done.set_value(std::move(status)); });
  const absl::Status status = done.get_future().get();
  if (!status.ok()) return status;
  return response;
}

absl::Status ServiceClient::Send(const std::string& method, const std::string& request) const {
  const MessagePtr message = NewRequest(method);
  ParseText(request, message.get());
  return Invoke(*message).status();
}

}  // namespace entente::test
