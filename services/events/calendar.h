// SPDX-License-Identifier: Apache-2.0
//
// ExportCalendar: events as iCalendar. What stands where is in docs/calendar.md.
#ifndef ENTENTE_SERVICES_EVENTS_CALENDAR_H_
#define ENTENTE_SERVICES_EVENTS_CALENDAR_H_

#include <cstddef>

#include "absl/status/status.h"
#include "entente/events/v1/calendar.pb.h"
#include "services/catalogue/client/catalogue_view.h"
#include "services/events/selection.h"

namespace entente::events {

inline constexpr char kCalendarContentType[] = "text/calendar; charset=utf-8";
inline constexpr char kDefaultUidDomain[] = "entente.dev";
// The most bytes of a calendar. It is one message, and clients take 4 MiB unless they are told
// otherwise.
inline constexpr size_t kMaxCalendarBytes = size_t{3} << 20;

// INVALID_ARGUMENT for a `uid_domain` that is none and for what is no ImpreciseDates;
// RESOURCE_EXHAUSTED (ANSWER_TOO_LARGE); otherwise the errors of Selector::Select.
absl::Status ExportCalendar(const Selector& selector, const catalogue::CatalogueView& catalogue,
                            const v1::ExportCalendarRequest& request,
                            v1::ExportCalendarResponse* response);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_CALENDAR_H_
