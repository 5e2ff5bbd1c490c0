// SPDX-License-Identifier: Apache-2.0
#include "absl/flags/flag.h"
#include "common/client/peer.h"
#include "common/status/macros.h"
#include "services/funding/flags.h"
#include "services/funding/server.h"

ABSL_FLAG(std::string, listen, "0.0.0.0:50052", "HOST:PORT to listen on");
ABSL_FLAG(std::string, database, "funding.db",
          "the file that holds the log; made if it is not there");
ABSL_FLAG(std::string, catalogue, "localhost:50051", "the catalogue to follow, HOST:PORT");

namespace entente {
namespace {

absl::StatusOr<std::unique_ptr<server::Program>> Start() {
  ASSIGN_OR_RETURN(const auto options, server::OptionsFromFlags(absl::GetFlag(FLAGS_listen)));
  const std::string path = absl::GetFlag(FLAGS_database);
  ASSIGN_OR_RETURN(const auto store, server::StoreOptionsFromFlags(path));
  ASSIGN_OR_RETURN(const auto analytics, funding::AnalyticsFromFlags());
  ASSIGN_OR_RETURN(const std::string catalogue,
                   server::PeerFromFlag("catalogue", absl::GetFlag(FLAGS_catalogue)));
  ASSIGN_OR_RETURN(auto database, log::SqliteStore::Open(path, {}));
  auto feed = std::make_unique<catalogue::RemoteCatalogueFeed>(client::MakeChannel(catalogue));
  return funding::StartServer(options, std::move(database), std::move(feed), store, analytics);
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  return entente::server::RunMain(argc, argv, "Funding: a data service of Entente.",
                                  &entente::Start);
}
