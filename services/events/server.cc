// SPDX-License-Identifier: Apache-2.0
#include "services/events/server.h"

#include "services/events/events.h"
#include "services/events/events_service.h"

namespace entente::events {

absl::StatusOr<std::unique_ptr<FollowerServer>> StartServer(
    const server::ServerOptions& options, std::shared_ptr<log::SqliteStore> database,
    std::unique_ptr<catalogue::CatalogueFeed> feed, resource::StoreOptions store) {
  return FollowerServer::Start(
      options, std::move(database), std::move(feed),
      [store](const catalogue::CatalogueView* view, std::unique_ptr<log::Log> log) {
        return MakeEvents(view, std::move(log), store);
      },
      v1::EventsService::service_full_name(),
      [](server::Calls* calls, resource::DataService* core, const catalogue::CatalogueView*) {
        return std::make_unique<EventsService>(calls, core);
      });
}

}  // namespace entente::events
