// SPDX-License-Identifier: Apache-2.0
//
// The gateway as a running server.
#ifndef ENTENTE_SERVICES_GATEWAY_SERVER_H_
#define ENTENTE_SERVICES_GATEWAY_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/client/peer.h"
#include "common/clock/clock.h"
#include "common/server/flags.h"
#include "common/server/server.h"
#include "services/gateway/answers/answers.h"
#include "services/gateway/peers.h"

namespace entente::gateway {

// The port that it listens on unless told otherwise.
inline constexpr int kDefaultPort = 50050;

// Peers that the server owns.
struct OwnedPeers {
  std::unique_ptr<client::Peer> catalogue;
  std::unique_ptr<client::Peer> funding;
  std::unique_ptr<client::Peer> events;
};

// Peers in other processes, each HOST:PORT.
OwnedPeers RemotePeers(const std::string& catalogue, const std::string& funding,
                       const std::string& events);

// What their watches tell of them. `clock` must outlive it.
std::unique_ptr<Frontiers> RemoteFrontiers(const std::string& catalogue, const std::string& funding,
                                           const std::string& events, const Clock* clock);

class GatewayServer final : public server::Program {
 public:
  // Errors: those of Server::Start. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<GatewayServer>> Start(const server::ServerOptions& options,
                                                              OwnedPeers peers,
                                                              std::unique_ptr<Frontiers> frontiers,
                                                              Answers::Options answers,
                                                              const Clock* clock);
  ~GatewayServer() override;

  void Stop() override;

  int port() const { return server_->port(); }

 private:
  GatewayServer(const server::ServerOptions& options, OwnedPeers peers,
                std::unique_ptr<Frontiers> frontiers, Answers::Options answers, const Clock* clock);

  server::Calls calls_;
  const OwnedPeers peers_;
  const std::unique_ptr<Frontiers> frontiers_;
  Answers answers_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<server::Server> server_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_SERVER_H_
