// SPDX-License-Identifier: Apache-2.0
//
// A gRPC server as every service of Entente runs one: health, reflection, channelz, limits, and a
// graceful stop.
//
//   ASSIGN_OR_RETURN(auto server, Server::Start(options, {&catalogue_service}));
//   server->SetServing();      // once the read model is current
//   ...
//   server->Shutdown();
#ifndef ENTENTE_COMMON_SERVER_SERVER_H_
#define ENTENTE_COMMON_SERVER_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/call.h"

namespace entente::server {

struct ServerOptions {
  // HOST:PORT; port 0 takes a free one.
  std::string listen;
  Calls::Options calls;
  // Connections are asked to go away at this age, so that clients notice new replicas, and are
  // closed after the grace; watches resume from their tokens.
  absl::Duration max_connection_age = absl::Minutes(5);
  absl::Duration max_connection_age_grace = absl::Minutes(1);
  // Request headers with more bytes are refused.
  int max_metadata_bytes = 16 << 10;
  // At shutdown: how long health says NOT_SERVING before new calls are refused, and how long calls
  // in flight may then take.
  absl::Duration drain_delay = absl::ZeroDuration();
  absl::Duration shutdown_grace = absl::Seconds(10);
};

// A request may have this many times `max_request_bytes` before gRPC itself drops it unread, with
// RESOURCE_EXHAUSTED and no details. In between it gets an error that explains itself.
inline constexpr int kHardLimitFactor = 4;

class Server {
 public:
  // Listens. `services` (by full name) are NOT_SERVING, and must outlive the server. Errors:
  // UNAVAILABLE if the address cannot be listened on, for example because it is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options,
      const std::vector<std::pair<std::string, grpc::Service*>>& services);
  ~Server();

  // The port listened on.
  int port() const { return port_; }

  // Health of every service becomes SERVING.
  void SetServing();

  // Health becomes NOT_SERVING; after the drain delay `end_streams` is called, which must end the
  // streams that would never end by themselves; calls in flight complete within the grace. Returns
  // when all is over. Does nothing the second time.
  void Shutdown(const std::function<void()>& end_streams = [] {});

 private:
  Server(const ServerOptions& options, std::vector<std::string> names)
      : options_(options), names_(std::move(names)) {}

  const ServerOptions options_;
  const std::vector<std::string> names_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  bool down_ = false;
};

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_SERVER_H_
