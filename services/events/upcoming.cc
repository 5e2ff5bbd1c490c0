// SPDX-License-Identifier: Apache-2.0
#include "services/events/upcoming.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/resource/fields.h"
#include "common/resource/methods.h"
#include "common/resource/page.h"
#include "common/status/macros.h"
#include "services/events/partial_order.h"

namespace entente::events {
namespace {

using v1::Event;

// The order of the list.
using Key = std::tuple<int, int64_t, int64_t, std::string>;

Key KeyOf(v1::UpcomingStanding standing, const Event& event) {
  const auto date = edtf::Parse(event.date().edtf());
  const DayReach bounds =
      date.ok() ? BoundsOf(*date) : DayReach{edtf::kBeginningOfTime, edtf::kEndOfTime};
  return {standing, bounds.first, bounds.last, event.name()};
}

// A day as it is asked for: what reads like the day that it means.
std::optional<absl::CivilDay> ParseDay(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return std::nullopt;
  return day;
}

// The place of a page token: {"2023-09-06", "2", "19600", "19630", "events/x"}.
std::vector<std::string> PlaceOf(const std::string& as_of, const Key& key) {
  return {as_of, absl::StrCat(std::get<0>(key)), absl::StrCat(std::get<1>(key)),
          absl::StrCat(std::get<2>(key)), std::get<3>(key)};
}

std::optional<Key> KeyAt(const std::vector<std::string>& place) {
  Key key;
  if (!absl::SimpleAtoi(place[1], &std::get<0>(key)) ||
      !absl::SimpleAtoi(place[2], &std::get<1>(key)) ||
      !absl::SimpleAtoi(place[3], &std::get<2>(key))) {
    return std::nullopt;
  }
  std::get<3>(key) = place[4];
  return key;
}

}  // namespace

std::optional<v1::UpcomingStanding> StandingOf(const Event& event, absl::CivilDay day) {
  const auto date = edtf::Parse(event.date().edtf());
  if (!event.has_date() || !date.ok()) {
    if (event.status() == v1::EVENT_STATUS_HELD) return std::nullopt;
    return v1::UPCOMING_STANDING_UNDATED;
  }
  // What was put off has no date that is certain.
  const bool certain = event.status() != v1::EVENT_STATUS_POSTPONED;
  const std::string text = absl::FormatCivilTime(day);
  switch (edtf::Compare(*date, edtf::Parse(text).value())) {
    case edtf::Order::kBefore:
      return std::nullopt;
    case edtf::Order::kOverlaps:
      return certain ? v1::UPCOMING_STANDING_ONGOING : v1::UPCOMING_STANDING_POSSIBLE;
    case edtf::Order::kAfter:
      return certain ? v1::UPCOMING_STANDING_CERTAIN : v1::UPCOMING_STANDING_POSSIBLE;
    case edtf::Order::kUnknown:
      break;
  }
  if (!edtf::PossiblyWithin(*date, edtf::Parse(absl::StrCat(text, "/..")).value())) {
    return std::nullopt;
  }
  return v1::UPCOMING_STANDING_POSSIBLE;
}

absl::Status ListUpcomingEvents(const Selector& selector, const Clock& clock,
                                const v1::ListUpcomingEventsRequest& request,
                                v1::ListUpcomingEventsResponse* response) {
  Violations violations;
  const size_t page_size = resource::PageSize(request, &violations);
  std::string as_of = request.as_of();
  if (as_of.empty()) {
    as_of = absl::FormatCivilTime(absl::ToCivilDay(clock.Now(), absl::UTCTimeZone()));
  }
  const resource::PageTokens tokens(request);
  std::optional<Key> after;
  if (const auto place = tokens.Open(request, 5, &violations); place.has_value()) {
    as_of = (*place)[0];
    after = KeyAt(*place);
    if (!after.has_value()) resource::AddForeignToken(&violations);
  }
  const std::optional<absl::CivilDay> day = ParseDay(as_of);
  // EDTF has years of four digits in dates like this.
  if (!day.has_value() || day->year() < 0 || day->year() > 9999) {
    violations.Add("as_of", "must be a day, YYYY-MM-DD");
  }
  ASSIGN_OR_RETURN(const Selection selection, selector.Select(request, response, violations));

  std::vector<std::pair<Key, const Event*>> found;
  for (const resource::Entry* entry : selection.events) {
    const auto& event = entry->As<Event>();
    const auto standing = StandingOf(event, *day);
    if (!standing.has_value()) continue;
    Key key = KeyOf(*standing, event);
    if (!after.has_value() || key > *after) found.emplace_back(std::move(key), &event);
  }
  std::sort(found.begin(), found.end());

  const bool full = resource::WantsFull(request, false);
  size_t bytes = 0;
  size_t taken = 0;
  while (taken < found.size() && taken < page_size && bytes < resource::kPageBytes) {
    const auto& [key, event] = found[taken++];
    v1::UpcomingEvent* item = response->add_events();
    item->set_standing(static_cast<v1::UpcomingStanding>(std::get<0>(key)));
    *item->mutable_event() = *event;
    resource::ApplyView(item->mutable_event(), full);
    bytes += item->ByteSizeLong();
  }
  if (taken < found.size()) {
    response->set_next_page_token(tokens.Seal(PlaceOf(as_of, found[taken - 1].first)));
  }
  response->set_as_of(as_of);
  response->set_revision(selection.state->revision());
  return absl::OkStatus();
}

}  // namespace entente::events
