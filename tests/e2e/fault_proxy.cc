// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/fault_proxy.h"

#include <google/protobuf/message.h>
#include <grpcpp/alarm.h>
#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/client/peer.h"
#include "common/resource/fields.h"

namespace entente::e2e {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;

constexpr grpc::StatusCode kCodes[] = {
    grpc::StatusCode::UNAVAILABLE,  grpc::StatusCode::INTERNAL,
    grpc::StatusCode::UNKNOWN,      grpc::StatusCode::RESOURCE_EXHAUSTED,
    grpc::StatusCode::DATA_LOSS,    grpc::StatusCode::DEADLINE_EXCEEDED,
    grpc::StatusCode::UNIMPLEMENTED};

std::string AsString(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string all;
  if (!bytes.Dump(&slices).ok()) return all;
  for (const grpc::Slice& slice : slices) {
    all.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return all;
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

grpc::ByteBuffer AsBytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Fault fault) {
  static constexpr const char* kNames[] = {"none",   "silent",    "slow",
                                           "errors", "truncated", "old revision"};
  return out << kNames[static_cast<size_t>(fault)];
}

// One call. Deletes itself.
class FaultProxy::Relay final : public grpc::ServerGenericBidiReactor {
 public:
  Relay(FaultProxy* proxy, grpc::GenericCallbackServerContext* context)
      : proxy_(proxy), number_(++proxy->calls_), fault_(proxy->fault_), method_(context->method()) {
    upstream_.set_deadline(context->deadline());
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no request"));
    if (fault_ == Fault::kSilent) return;
    if (fault_ == Fault::kErrors) {
      return Finish({kCodes[number_ % std::size(kCodes)], "as the test wants it"});
    }
    if (fault_ == Fault::kOldRevision) AskForTheOldRevision();
    proxy_->stub_.UnaryCall(&upstream_, method_, grpc::StubOptions(), &request_, &response_,
                            [this](const grpc::Status& status) { OnAnswer(status); });
  }

  // The others end with the call that they make, whose deadline is the same.
  void OnCancel() override {
    if (fault_ == Fault::kSilent) Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override { delete this; }

 private:
  void OnAnswer(const grpc::Status& status) {
    status_ = status;
    if (fault_ == Fault::kTruncated && status.ok()) {
      response_ = AsBytes(Truncated(AsString(response_)));
    }
    if (fault_ != Fault::kSlow) return Answer();
    const std::chrono::milliseconds delay(kSlowness[number_ % std::size(kSlowness)]);
    alarm_.Set(std::chrono::system_clock::now() + delay, [this](bool) { Answer(); });
  }

  void Answer() {
    if (status_.ok()) {
      StartWriteAndFinish(&response_, grpc::WriteOptions(), status_);
    } else {
      Finish(status_);
    }
  }

  const google::protobuf::MethodDescriptor* Method() const {
    return proxy_->descriptor_->FindMethodByName(method_.substr(method_.rfind('/') + 1));
  }

  // Between two fields it would read like a message of its own; gRPC sees to it that a message
  // never ends there by accident.
  std::string Truncated(const std::string& whole) const {
    const std::unique_ptr<Message> message = New(Method()->output_type());
    for (size_t cut = whole.size() * (number_ % 10 + 1) / 10; cut > 0; --cut) {
      if (!message->ParseFromArray(whole.data(), static_cast<int>(cut)))
        return whole.substr(0, cut);
    }
    return whole;
  }

  void AskForTheOldRevision() {
    const std::unique_ptr<Message> request = New(Method()->input_type());
    if (Method()->input_type()->FindFieldByName("revision") == nullptr ||
        !request->ParseFromString(AsString(request_))) {
      return;
    }
    fields::SetInt(request.get(), "revision", proxy_->old_revision_);
    request_ = AsBytes(request->SerializeAsString());
  }

  FaultProxy* const proxy_;
  const uint64_t number_;
  const Fault fault_;
  const std::string method_;
  grpc::ClientContext upstream_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  grpc::Alarm alarm_;
};

class FaultProxy::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(FaultProxy* proxy) : proxy_(proxy) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Relay(proxy_, context);
  }

 private:
  FaultProxy* const proxy_;
};

FaultProxy::FaultProxy(const std::string& target,
                       const google::protobuf::ServiceDescriptor* service)
    : descriptor_(service),
      stub_(client::MakeChannel(target)),
      service_(std::make_unique<Service>(this)) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(service_.get());
  builder.SetMaxReceiveMessageSize(-1);
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
  target_ = absl::StrCat("127.0.0.1:", port);
}

FaultProxy::~FaultProxy() { server_->Shutdown(std::chrono::system_clock::now()); }

}  // namespace entente::e2e
