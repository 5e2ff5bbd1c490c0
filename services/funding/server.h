// SPDX-License-Identifier: Apache-2.0
//
// Funding as a running server; see services/common/data_server.h.
#ifndef ENTENTE_SERVICES_FUNDING_SERVER_H_
#define ENTENTE_SERVICES_FUNDING_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "services/catalogue/client/catalogue_view.h"
#include "services/common/data_server.h"
#include "services/funding/query/analytics.h"

namespace entente::funding {

// The port that it listens on unless told otherwise.
inline constexpr int kDefaultPort = 50052;

absl::StatusOr<std::unique_ptr<FollowerServer>> StartServer(
    const server::ServerOptions& options, std::shared_ptr<log::SqliteStore> database,
    std::unique_ptr<catalogue::CatalogueFeed> feed, resource::StoreOptions store,
    const query::AnalyticsOptions& analytics);

// The gRPC binding alone, for servers that are put together otherwise; all must outlive it.
std::unique_ptr<grpc::Service> MakeService(server::Calls* calls, resource::DataService* core,
                                           const catalogue::CatalogueView* catalogue,
                                           const query::AnalyticsOptions& analytics);

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_SERVER_H_
