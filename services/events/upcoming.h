// SPDX-License-Identifier: Apache-2.0
//
// ListUpcomingEvents: what is under way as of a day, or may be to come.
#ifndef ENTENTE_SERVICES_EVENTS_UPCOMING_H_
#define ENTENTE_SERVICES_EVENTS_UPCOMING_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/clock/clock.h"
#include "entente/events/v1/event.pb.h"
#include "entente/events/v1/timeline.pb.h"
#include "services/events/selection.h"

namespace entente::events {

// How `event` stands to `day`; none if it is over, or undated and told as held.
std::optional<v1::UpcomingStanding> StandingOf(const v1::Event& event, absl::CivilDay day);

// INVALID_ARGUMENT for what is no day, page size or token; otherwise the errors of
// Selector::Select.
absl::Status ListUpcomingEvents(const Selector& selector, const Clock& clock,
                                const v1::ListUpcomingEventsRequest& request,
                                v1::ListUpcomingEventsResponse* response);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_UPCOMING_H_
