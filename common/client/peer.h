// SPDX-License-Identifier: Apache-2.0
//
// A service as another one calls it, wherever it runs: in another process over gRPC, or in the
// same process directly. Callers do not see the difference.
//
//   RemotePeer catalogue(MakeChannel("localhost:50051"), CatalogueService::descriptor());
//   catalogue.Call({.deadline = absl::Now() + absl::Seconds(1)}, request, &tree, done);
#ifndef ENTENTE_COMMON_CLIENT_PEER_H_
#define ENTENTE_COMMON_CLIENT_PEER_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation/cancellation.h"

namespace entente::client {

struct CallOptions {
  // When the answer is no longer wanted. The infinite future means the peer decides.
  absl::Time deadline = absl::InfiniteFuture();
  // Passed on in x-request-id; empty for none.
  std::string request_id;
  // Ends the call with CANCELLED when it is cancelled; null for never. A call within the process
  // that has begun is not ended.
  std::shared_ptr<Cancellation> cancellation = nullptr;

  // The same with an earlier end.
  CallOptions Until(absl::Time end) const {
    return {std::min(end, deadline), request_id, cancellation};
  }
};

using Done = std::function<void(absl::Status)>;

// Whether a call that failed like this has no answer because the service is gone, late or broken.
// Other errors are about the request.
bool IsUnreachable(const absl::Status& status);

// Thread-safe.
class Peer {
 public:
  virtual ~Peer() = default;

  // The full name of the service, for example "entente.funding.v1.FundingService".
  virtual std::string service() const = 0;

  // Calls the method whose request type this is. `response` must be of its response type and live
  // until `done`, which is called exactly once, from any thread, perhaps before Call returns.
  // Errors are the service's, or UNAVAILABLE and DEADLINE_EXCEEDED of the way there.
  virtual void Call(const CallOptions& options, const google::protobuf::Message& request,
                    google::protobuf::Message* response, Done done) = 0;

  // The same for a method that answers with resources, for those who pass them on: they are
  // appended to `resources` as the bytes that they are, fields of the answer, and everything else
  // becomes `rest`, which is of the answer's type; see common/resource/reply.h.
  virtual void CallUnparsed(const CallOptions& options, const google::protobuf::Message& request,
                            google::protobuf::Message* rest, std::string* resources, Done done) = 0;
};

// Over gRPC.
class RemotePeer final : public Peer {
 public:
  RemotePeer(std::shared_ptr<grpc::Channel> channel,
             const google::protobuf::ServiceDescriptor* service);

  std::string service() const override;
  void Call(const CallOptions& options, const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override;
  void CallUnparsed(const CallOptions& options, const google::protobuf::Message& request,
                    google::protobuf::Message* rest, std::string* resources, Done done) override;

 private:
  // What becomes of an answer.
  using Take = std::function<absl::Status(grpc::ByteBuffer* answer)>;

  void Start(const CallOptions& options, const google::protobuf::Message& request,
             const google::protobuf::Descriptor* response, Take take, Done done);

  const google::protobuf::ServiceDescriptor* const service_;
  grpc::GenericStub stub_;
};

// In the same process: anything that answers requests.
class DirectPeer final : public Peer {
 public:
  using Target = std::function<void(const google::protobuf::Message& request,
                                    google::protobuf::Message* response, Done done)>;
  // Answers reads at once.
  using Reads =
      std::function<absl::Status(const google::protobuf::Message& request,
                                 google::protobuf::Message* rest, std::string* resources)>;

  DirectPeer(Target target, Reads reads, const google::protobuf::ServiceDescriptor* service)
      : service_(service), target_(std::move(target)), reads_(std::move(reads)) {}

  std::string service() const override { return std::string(service_->full_name()); }
  void Call(const CallOptions& options, const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override;
  void CallUnparsed(const CallOptions& options, const google::protobuf::Message& request,
                    google::protobuf::Message* rest, std::string* resources, Done done) override;

 private:
  const google::protobuf::ServiceDescriptor* const service_;
  const Target target_;
  const Reads reads_;
};

// A channel to HOST:PORT (or any gRPC target) that balances round robin over what the name
// resolves to and looks again within a second after a connection was lost. Calls of those methods
// of `service` that have no side effects (their idempotency_level) and find it UNAVAILABLE are made
// again, while their deadline lasts: twice, and rarely if many of them fail.
std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& target, const google::protobuf::ServiceDescriptor* service = nullptr);

}  // namespace entente::client

#endif  // ENTENTE_COMMON_CLIENT_PEER_H_
