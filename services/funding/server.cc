// SPDX-License-Identifier: Apache-2.0
#include "services/funding/server.h"

#include "services/funding/funding.h"
#include "services/funding/funding_service.h"

namespace entente::funding {

absl::StatusOr<std::unique_ptr<FollowerServer>> StartServer(
    const server::ServerOptions& options, std::shared_ptr<log::SqliteStore> database,
    std::unique_ptr<catalogue::CatalogueFeed> feed, resource::StoreOptions store,
    const query::AnalyticsOptions& analytics) {
  return FollowerServer::Start(
      options, std::move(database), std::move(feed),
      [store](const catalogue::CatalogueView* view, std::unique_ptr<log::Log> log) {
        return MakeFunding(view, std::move(log), store);
      },
      v1::FundingService::service_full_name(),
      [analytics](server::Calls* calls, resource::DataService* core,
                  const catalogue::CatalogueView* view) {
        return MakeService(calls, core, view, analytics);
      });
}

std::unique_ptr<grpc::Service> MakeService(server::Calls* calls, resource::DataService* core,
                                           const catalogue::CatalogueView* catalogue,
                                           const query::AnalyticsOptions& analytics) {
  return std::make_unique<FundingService>(calls, core, catalogue, analytics);
}

}  // namespace entente::funding
