// SPDX-License-Identifier: Apache-2.0
#include "absl/flags/flag.h"
#include "common/status/macros.h"
#include "services/catalogue/server.h"

ABSL_FLAG(std::string, listen, "0.0.0.0:50051", "HOST:PORT to listen on");
ABSL_FLAG(std::string, database, "catalogue.db",
          "the file that holds the log; made if it is not there");

namespace entente {
namespace {

absl::StatusOr<std::unique_ptr<server::Program>> Start() {
  ASSIGN_OR_RETURN(const auto options, server::OptionsFromFlags(absl::GetFlag(FLAGS_listen)));
  const std::string path = absl::GetFlag(FLAGS_database);
  ASSIGN_OR_RETURN(const auto store, server::StoreOptionsFromFlags(path));
  ASSIGN_OR_RETURN(auto database, log::SqliteStore::Open(path, {}));
  return catalogue::StartServer(options, std::move(database), store);
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  return entente::server::RunMain(argc, argv, "Catalogue: a data service of Entente.",
                                  &entente::Start);
}
