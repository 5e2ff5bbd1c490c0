// SPDX-License-Identifier: Apache-2.0
#include "common/server/server.h"

#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "grpc/health/v1/health.pb.h"

namespace entente::server {
namespace {

// What is global to the process in gRPC, and to be set before the first server.
void PrepareProcess() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Debian's Abseil looks for deadlocks whenever gRPC takes a lock, which is for tests, and takes
    // a tenth of the time of a short call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc::EnableDefaultHealthCheckService(true);
    // gRPC's health service does without its protos; reflection does not. This links them.
    grpc::health::v1::HealthCheckRequest::descriptor();
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::channelz::experimental::InitChannelzService();
  });
}

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Clients may ping this often; less often than that is gRPC's own default of five minutes.
constexpr absl::Duration kMinPingInterval = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options,
    const std::vector<std::pair<std::string, grpc::Service*>>& services) {
  PrepareProcess();
  grpc::ServerBuilder builder;
  std::vector<std::string> names;
  for (const auto& [name, service] : services) {
    names.push_back(name);
    builder.RegisterService(service);
  }
  auto server = std::unique_ptr<Server>(new Server(options, std::move(names)));
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &server->port_);
  // Without this two servers share a port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Millis(options.max_connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Millis(kMinPingInterval));
  builder.SetMaxReceiveMessageSize(static_cast<int>(
      std::min<uint64_t>(options.calls.max_request_bytes * kHardLimitFactor, INT32_MAX)));
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.listen,
                     ": the port is taken or the address is not this machine's; give this service "
                     "another one (its --listen flag)"));
  }
  for (const std::string& name : server->names_) {
    server->server_->GetHealthCheckService()->SetServingStatus(name, false);
  }
  return server;
}

Server::~Server() { Shutdown(); }

void Server::SetServing() {
  for (const std::string& name : names_) {
    server_->GetHealthCheckService()->SetServingStatus(name, true);
  }
  logging::Info("serving").With("listen", options_.listen).With("port", port_);
}

void Server::Shutdown(const std::function<void()>& end_streams) {
  if (down_ || server_ == nullptr) return;
  down_ = true;
  server_->GetHealthCheckService()->Shutdown();
  absl::SleepFor(options_.drain_delay);
  end_streams();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + options_.shutdown_grace));
  server_->Wait();
}

}  // namespace entente::server
