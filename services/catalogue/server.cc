// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/server.h"

#include "common/log/sqlite_log.h"
#include "common/status/macros.h"
#include "services/catalogue/catalogue.h"
#include "services/catalogue/catalogue_service.h"

namespace entente::catalogue {

absl::StatusOr<std::unique_ptr<DataServer>> StartServer(const server::ServerOptions& options,
                                                        std::shared_ptr<log::SqliteStore> database,
                                                        resource::StoreOptions store) {
  ASSIGN_OR_RETURN(auto core,
                   MakeCatalogue(std::make_unique<log::SqliteLog>(std::move(database)), store));
  return DataServer::Start(options, std::move(core), v1::CatalogueService::service_full_name(),
                           &MakeService);
}

std::unique_ptr<grpc::Service> MakeService(server::Calls* calls, resource::DataService* core) {
  return std::make_unique<CatalogueService>(calls, core);
}

}  // namespace entente::catalogue
