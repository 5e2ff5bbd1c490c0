// SPDX-License-Identifier: Apache-2.0
#include "absl/flags/flag.h"
#include "common/status/macros.h"
#include "services/gateway/flags.h"
#include "services/gateway/server.h"

ABSL_FLAG(std::string, listen, "0.0.0.0:50050", "HOST:PORT to listen on");
ABSL_FLAG(std::string, catalogue, "localhost:50051", "the catalogue, HOST:PORT");
ABSL_FLAG(std::string, funding, "localhost:50052", "funding, HOST:PORT");
ABSL_FLAG(std::string, events, "localhost:50053", "events, HOST:PORT");

namespace entente {
namespace {

absl::StatusOr<std::unique_ptr<server::Program>> Start() {
  ASSIGN_OR_RETURN(const auto options, server::OptionsFromFlags(absl::GetFlag(FLAGS_listen)));
  ASSIGN_OR_RETURN(const std::string catalogue,
                   server::PeerFromFlag("catalogue", absl::GetFlag(FLAGS_catalogue)));
  ASSIGN_OR_RETURN(const std::string funding,
                   server::PeerFromFlag("funding", absl::GetFlag(FLAGS_funding)));
  ASSIGN_OR_RETURN(const std::string events,
                   server::PeerFromFlag("events", absl::GetFlag(FLAGS_events)));
  ASSIGN_OR_RETURN(const auto answers, gateway::AnswersFromFlags());
  const Clock* clock = &SystemClock::Get();
  return gateway::GatewayServer::Start(options, gateway::RemotePeers(catalogue, funding, events),
                                       gateway::RemoteFrontiers(catalogue, funding, events, clock),
                                       answers, clock);
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  return entente::server::RunMain(argc, argv, "Gateway: composes what Entente's services answer.",
                                  &entente::Start);
}
