// SPDX-License-Identifier: Apache-2.0
//
// GetTimeline: events as the partial order that their dates allow.
#ifndef ENTENTE_SERVICES_EVENTS_TIMELINE_H_
#define ENTENTE_SERVICES_EVENTS_TIMELINE_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "entente/events/v1/event.pb.h"
#include "entente/events/v1/timeline.pb.h"
#include "services/events/selection.h"

namespace entente::events {

// The most events that a timeline has. Pairs are its size, a hundred thousand of them here: what is
// longer is no picture for anybody and wants a narrower filter.
inline constexpr size_t kMaxTimelineEvents = 500;
// The most bytes of events in a timeline. With the relations it stays below the 4 MiB that clients
// take unless they are told otherwise.
inline constexpr size_t kMaxTimelineBytes = size_t{2} << 20;

// The timeline of `events`, in any order; revisions are not set. With `list_unknown` all pairs
// stand in it. RESOURCE_EXHAUSTED (TOO_MANY_EVENTS, ANSWER_TOO_LARGE) beyond the limits.
absl::Status MakeTimeline(const std::vector<const v1::Event*>& events, bool list_unknown, bool full,
                          v1::Timeline* timeline);

// Errors: those of Selector::Select and of MakeTimeline.
absl::Status GetTimeline(const Selector& selector, const v1::GetTimelineRequest& request,
                         v1::Timeline* timeline);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_TIMELINE_H_
