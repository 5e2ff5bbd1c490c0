// SPDX-License-Identifier: Apache-2.0
//
// The catalogue as a running server; see services/common/data_server.h.
#ifndef ENTENTE_SERVICES_CATALOGUE_SERVER_H_
#define ENTENTE_SERVICES_CATALOGUE_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "services/common/data_server.h"

namespace entente::catalogue {

// The port that it listens on unless told otherwise.
inline constexpr int kDefaultPort = 50051;

absl::StatusOr<std::unique_ptr<DataServer>> StartServer(const server::ServerOptions& options,
                                                        std::shared_ptr<log::SqliteStore> database,
                                                        resource::StoreOptions store);

// The gRPC binding alone, for servers that are put together otherwise; both must outlive it. Here
// and not by its class, which takes compilers long to read (catalogue_service.h).
std::unique_ptr<grpc::Service> MakeService(server::Calls* calls, resource::DataService* core);

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_SERVER_H_
