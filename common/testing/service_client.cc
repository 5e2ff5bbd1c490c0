// SPDX-License-Identifier: Apache-2.0
#include "common/testing/service_client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <future>

#include "absl/strings/str_cat.h"

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

const MethodDescriptor* ServiceClient::MethodOf(const Message& request) const {
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    if (descriptor_->method(i)->input_type() == request.GetDescriptor()) {
      return descriptor_->method(i);
    }
  }
  ADD_FAILURE() << "no method takes a " << std::string(request.GetDescriptor()->full_name());
  return nullptr;
}

absl::StatusOr<MessagePtr> ServiceClient::Invoke(const Message& request) const {
  const MethodDescriptor* method = MethodOf(request);
  if (method == nullptr) return absl::InternalError("no such method");
  MessagePtr response = New(method->output_type());
  if (method->server_streaming()) {
    const auto messages = InvokeStream(request);
    if (!messages.ok()) return messages.status();
    for (const MessagePtr& message : *messages) response->MergeFrom(*message);
    return response;
  }
  std::promise<absl::Status> done;
  peer_->Call({absl::Now() + kPatience, ""}, request, response.get(),
              [&done](absl::Status status) { done.set_value(std::move(status)); });
  const absl::Status status = done.get_future().get();
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<std::vector<MessagePtr>> ServiceClient::InvokeStream(const Message& request) const {
  const MethodDescriptor* method = MethodOf(request);
  if (method == nullptr) return absl::InternalError("no such method");
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;  // Outlives the call.
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  const auto stream = stub.PrepareCall(
      &context,
      absl::StrCat("/", std::string(descriptor_->full_name()), "/", std::string(method->name())),
      &queue);
  // Whether the step that was begun went well. There is one at a time.
  const auto await = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  stream->StartCall(nullptr);
  const grpc::Slice slice(request.SerializeAsString());
  if (await()) {
    stream->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
    await();  // If it fails there is nothing to read, and Finish says why.
  }
  std::vector<MessagePtr> messages;
  absl::Status parsed;
  while (true) {
    grpc::ByteBuffer bytes;
    stream->Read(&bytes, nullptr);
    if (!await()) break;
    grpc::ProtoBufferReader reader(&bytes);
    messages.push_back(New(method->output_type()));
    if (!messages.back()->ParseFromZeroCopyStream(&reader)) {
      parsed = absl::InternalError("a message of the answer cannot be parsed");
    }
  }
  grpc::Status status;
  stream->Finish(&status, nullptr);
  await();
  if (!status.ok()) return FromGrpcStatus(status);
  if (!parsed.ok()) return parsed;
  return messages;
}

absl::Status ServiceClient::Send(const std::string& method, const std::string& request) const {
  const MessagePtr message = NewRequest(method);
  ParseText(request, message.get());
  return Invoke(*message).status();
}

}  // namespace entente::test
