// SPDX-License-Identifier: Apache-2.0
#include "services/events/events.h"

#include <utility>

#include "common/status/macros.h"
#include "entente/events/v1/events_service.pb.h"
#include "services/catalogue/types.h"
#include "services/events/calendar.h"
#include "services/events/rules.h"
#include "services/events/selection.h"
#include "services/events/timeline.h"
#include "services/events/upcoming.h"

namespace entente::events {
namespace {

using google::protobuf::Message;

template <typename Request, typename Response, typename Read>
void Handle(resource::DataService* service, Read read) {
  service->Handle(Request::descriptor(),
                  [read = std::move(read)](const Message& request, resource::Reply* reply) {
                    return read(static_cast<const Request&>(request), reply->As<Response>());
                  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<resource::DataService>> MakeEvents(
    const catalogue::CatalogueView* catalogue, std::unique_ptr<log::Log> log,
    resource::StoreOptions options, const Clock* clock) {
  static const auto* const types = new resource::Registry(
      resource::Registry::Of({v1::Event::descriptor(), v1::EventSeries::descriptor()}).value());
  const auto rules = std::make_shared<const Rules>(catalogue, clock);
  resource::DataServiceParts parts;
  parts.service = v1::ApplyChangesRequest::descriptor()->file()->FindServiceByName("EventsService");
  parts.registry = types;
  parts.foreign = {&entente::catalogue::Types()};
  parts.rules = rules;
  ASSIGN_OR_RETURN(auto service, resource::DataService::Create(parts, std::move(log), options));
  ASSIGN_OR_RETURN(const Selector selector, Selector::Create(&service->store(), rules.get()));
  Handle<v1::ListUpcomingEventsRequest, v1::ListUpcomingEventsResponse>(
      service.get(), [selector, clock](const auto& request, auto* response) {
        return ListUpcomingEvents(selector, *clock, request, response);
      });
  Handle<v1::GetTimelineRequest, v1::Timeline>(service.get(),
                                               [selector](const auto& request, auto* response) {
                                                 return GetTimeline(selector, request, response);
                                               });
  Handle<v1::ExportCalendarRequest, v1::ExportCalendarResponse>(
      service.get(), [selector, catalogue](const auto& request, auto* response) {
        return ExportCalendar(selector, *catalogue, request, response);
      });
  return service;
}

}  // namespace entente::events
