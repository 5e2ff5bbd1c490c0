// SPDX-License-Identifier: Apache-2.0
//
// The running services as the verbs of the command line call them.
//
//   Servers servers({.catalogue = "localhost:50051", ...}, absl::Seconds(30));
//   RETURN_IF_ERROR(servers.Call(Server::kCatalogue, request, &response));
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_SERVERS_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_SERVERS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/client/peer.h"
#include "entente/funding/v1/query.pb.h"

namespace entente {

enum class Server { kCatalogue, kFunding, kEvents, kGateway };
inline constexpr std::array<Server, 3> kDataServers = {Server::kCatalogue, Server::kFunding,
                                                       Server::kEvents};

// "catalogue": what the flag that says where it is is called, too.
std::string NameOf(Server server);
const google::protobuf::ServiceDescriptor* ServiceOf(Server server);

// A server that could not be reached, by an error of Servers.
struct Unreached {
  std::string server;  // "catalogue"
  std::string target;  // "localhost:50051"
};
std::optional<Unreached> UnreachedIn(const absl::Status& status);

// Thread-safe.
class Servers {
 public:
  // Each HOST:PORT.
  struct Targets {
    std::string catalogue;
    std::string funding;
    std::string events;
    std::string gateway;
  };

  // `timeout`: how long a call may take.
  Servers(Targets targets, absl::Duration timeout)
      : targets_(std::move(targets)), timeout_(timeout) {}

  // Calls the method whose request type this is, and waits. Errors: the service's; UNAVAILABLE and
  // DEADLINE_EXCEEDED of the way there say which server it was (UnreachedIn).
  absl::Status Call(Server server, const google::protobuf::Message& request,
                    google::protobuf::Message* response) const;

  // The same for those of funding that answer in parts, which are merged into `response`.
  absl::Status QueryFunding(const funding::v1::QueryFundingRequest& request,
                            funding::v1::QueryFundingResponse* response) const;
  absl::Status ExplainFunding(const funding::v1::ExplainFundingRequest& request,
                              funding::v1::ExplainFundingResponse* response) const;

  std::string TargetOf(Server server) const;

 private:
  std::shared_ptr<grpc::Channel> ChannelTo(Server server) const;
  absl::Status Explained(Server server, absl::Status status) const;

  const Targets targets_;
  const absl::Duration timeout_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_SERVERS_H_
