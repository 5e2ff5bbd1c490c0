// SPDX-License-Identifier: Apache-2.0
#include "services/events/events.h"

#include "entente/events/v1/events_service.pb.h"
#include "services/catalogue/types.h"
#include "services/events/rules.h"

namespace entente::events {

absl::StatusOr<std::unique_ptr<resource::DataService>> MakeEvents(
    const catalogue::CatalogueView* catalogue, std::unique_ptr<log::Log> log,
    resource::StoreOptions options) {
  static const auto* const types =
      new resource::Registry(resource::Registry::Of({v1::Event::descriptor()}).value());
  resource::DataServiceParts parts;
  parts.service = v1::ApplyChangesRequest::descriptor()->file()->FindServiceByName("EventsService");
  parts.registry = types;
  parts.foreign = {&entente::catalogue::Types()};
  parts.rules = std::make_shared<Rules>(catalogue);
  return resource::DataService::Create(parts, std::move(log), options);
}

}  // namespace entente::events
