// SPDX-License-Identifier: Apache-2.0
//
// entente events
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/status/macros.h"
#include "entente/events/v1/events_service.pb.h"
#include "services/entente/text/words.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

using events::v1::Event;
using events::v1::ListEventsRequest;
using events::v1::ListEventsResponse;
using events::v1::ListUpcomingEventsRequest;
using events::v1::ListUpcomingEventsResponse;

constexpr int kPageSize = 1000;

// All pages of a list, merged.
template <typename Request, typename Response>
absl::StatusOr<Response> AllPages(const Servers& servers, Request request) {
  Response all;
  request.set_page_size(kPageSize);
  do {
    Response page;
    RETURN_IF_ERROR(servers.Call(Server::kEvents, request, &page));
    request.set_page_token(page.next_page_token());
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<ListUpcomingEventsResponse> Upcoming(const Servers& servers) {
  ListUpcomingEventsRequest request;
  request.set_filter(absl::GetFlag(FLAGS_filter));
  request.set_as_of(absl::GetFlag(FLAGS_as_of));
  RETURN_IF_ERROR(SetReading(&request));
  return AllPages<ListUpcomingEventsRequest, ListUpcomingEventsResponse>(servers, request);
}

// By earliest day, undated ones last, then by name. An order of the list, and no claim.
void SortByDate(std::vector<const Event*>* events) {
  std::sort(events->begin(), events->end(), [](const Event* a, const Event* b) {
    const auto key = [](const Event& event) {
      return std::make_tuple(!event.has_date(), event.date().earliest(), event.date().latest(),
                             event.name());
    };
    return key(*a) < key(*b);
  });
}

text::Table NewTable() {
  return text::Table({{.heading = "DATE"},
                      {.heading = "STATUS"},
                      {.heading = "TITLE", .shrinks = true},
                      {.heading = "NAME", .shrinks = true}});
}

void Add(const Event& event, text::Table* table) {
  table->Add({text::DateText(event.date()), text::EnumText(event.status()), event.title().text(),
              event.name()});
}

std::string Section(const std::string& heading, const std::vector<const Event*>& events,
                    const text::Style& style) {
  if (events.empty()) return "";
  text::Table table = NewTable();
  for (const Event* event : events) Add(*event, &table);
  return absl::StrCat(style.Strong(heading), "\n", table.ToText(style, 2), "\n");
}

void WriteSections(std::string sections) {
  if (sections.empty()) return Note("there are none");
  sections.pop_back();  // The empty line after the last.
  Write(sections);
}

absl::Status PrintUpcoming(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const ListUpcomingEventsResponse upcoming, Upcoming(*invocation.servers));
  if (invocation.format == "json") {
    Write(JsonText(upcoming));
    return absl::OkStatus();
  }
  const std::pair<events::v1::UpcomingStanding, const char*> standings[] = {
      {events::v1::UPCOMING_STANDING_ONGOING, "Under way on "},
      {events::v1::UPCOMING_STANDING_CERTAIN, "After "},
      {events::v1::UPCOMING_STANDING_POSSIBLE, "Possibly on or after "},
      {events::v1::UPCOMING_STANDING_UNDATED, "Without a date, as of "}};
  std::string sections;
  for (const auto& [standing, heading] : standings) {
    std::vector<const Event*> events;
    for (const auto& event : upcoming.events()) {
      if (event.standing() == standing) events.push_back(&event.event());
    }
    sections += Section(absl::StrCat(heading, upcoming.as_of()), events, invocation.style);
  }
  WriteSections(std::move(sections));
  return absl::OkStatus();
}

// What is over is not upcoming, and its date says so: both are read at one revision. Of an event
// without a date nobody knows.
absl::Status PrintPast(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const ListUpcomingEventsResponse upcoming, Upcoming(*invocation.servers));
  ListEventsRequest request;
  request.set_filter(absl::GetFlag(FLAGS_filter));
  request.set_revision(upcoming.revision());
  ASSIGN_OR_RETURN(const auto listed,
                   (AllPages<ListEventsRequest, ListEventsResponse>(*invocation.servers, request)));
  std::set<std::string> not_over;
  std::vector<const Event*> possibly;
  for (const auto& event : upcoming.events()) {
    not_over.insert(event.event().name());
    if (event.standing() == events::v1::UPCOMING_STANDING_POSSIBLE) {
      possibly.push_back(&event.event());
    }
  }
  ASSIGN_OR_RETURN(const edtf::Date as_of, edtf::Parse(upcoming.as_of()));
  std::vector<const Event*> over;
  for (const Event& event : listed.events()) {
    if (not_over.count(event.name()) > 0) continue;
    const auto date = edtf::Parse(event.date().edtf());
    const bool is_over = date.ok() && edtf::Compare(*date, as_of) == edtf::Order::kBefore;
    (is_over ? over : possibly).push_back(&event);
  }
  SortByDate(&possibly);
  SortByDate(&over);
  if (invocation.format == "json") {
    ListEventsResponse both[2];
    for (const Event* event : over) *both[0].add_events() = *event;
    for (const Event* event : possibly) *both[1].add_events() = *event;
    for (ListEventsResponse& part : both) part.set_revision(upcoming.revision());
    Write(JsonObject({{"over", JsonText(both[0])}, {"possibly_over", JsonText(both[1])}}));
    return absl::OkStatus();
  }
  WriteSections(
      absl::StrCat(Section(absl::StrCat("Over before ", upcoming.as_of()), over, invocation.style),
                   Section(absl::StrCat("Possibly over before ", upcoming.as_of()), possibly,
                           invocation.style)));
  return absl::OkStatus();
}

absl::Status PrintCalendar(const Invocation& invocation) {
  events::v1::ExportCalendarRequest request;
  request.set_filter(absl::GetFlag(FLAGS_filter));
  if (absl::GetFlag(FLAGS_windows))
    request.set_imprecise_dates(events::v1::IMPRECISE_DATES_WINDOWS);
  RETURN_IF_ERROR(SetReading(&request));
  events::v1::ExportCalendarResponse calendar;
  RETURN_IF_ERROR(invocation.servers->Call(Server::kEvents, request, &calendar));
  Write(calendar.data());
  return absl::OkStatus();
}

absl::Status PrintAll(const Invocation& invocation) {
  ListEventsRequest request;
  request.set_filter(absl::GetFlag(FLAGS_filter));
  RETURN_IF_ERROR(SetReading(&request));
  ASSIGN_OR_RETURN(const auto listed,
                   (AllPages<ListEventsRequest, ListEventsResponse>(*invocation.servers, request)));
  if (invocation.format == "json") {
    Write(JsonText(listed));
    return absl::OkStatus();
  }
  std::vector<const Event*> events;
  for (const Event& event : listed.events()) events.push_back(&event);
  SortByDate(&events);
  text::Table table = NewTable();
  for (const Event* event : events) Add(*event, &table);
  if (table.empty()) {
    Note("there are none");
  } else {
    Write(invocation.format == "csv" ? table.ToCsv() : table.ToText(invocation.style));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  const bool upcoming = absl::GetFlag(FLAGS_upcoming);
  const bool past = absl::GetFlag(FLAGS_past);
  const bool calendar = absl::GetFlag(FLAGS_calendar);
  if (static_cast<int>(upcoming) + static_cast<int>(past) + static_cast<int>(calendar) > 1) {
    return absl::InvalidArgumentError("of --upcoming, --past and --calendar one at a time");
  }
  if (!absl::GetFlag(FLAGS_as_of).empty() && !upcoming && !past) {
    return absl::InvalidArgumentError("--as_of goes with --upcoming or --past");
  }
  if (absl::GetFlag(FLAGS_windows) && !calendar) {
    return absl::InvalidArgumentError("--windows goes with --calendar");
  }
  if (invocation.format == "csv" && (upcoming || past || calendar)) {
    return absl::InvalidArgumentError(
        "-o csv is of all events: for others there is -o json, and `entente list events`");
  }
  if (calendar && invocation.format == "json") {
    return absl::InvalidArgumentError("a calendar is iCalendar: it has no -o json");
  }
  RETURN_IF_ERROR(calendar   ? PrintCalendar(invocation)
                  : upcoming ? PrintUpcoming(invocation)
                  : past     ? PrintPast(invocation)
                             : PrintAll(invocation));
  return 0;
}

}  // namespace

Verb EventsVerb() {
  Verb verb;
  verb.name = "events";
  verb.summary = "what happened and what comes next, as far as the dates say";
  verb.details =
      "  entente events --filter='kind = EVENT_KIND_SUMMIT'\n"
      "  entente events --upcoming --as_of=2023-09-05\n"
      "  entente events --past --as_of=2023-09-05\n"
      "  entente events --calendar > partnership.ics\n\n"
      "What is possible is told apart from what is certain: an event of \"2023-09\" may be over on "
      "the\n"
      "fifth, or not. Where dates say nothing, neither does the order of a table. "
      "docs/calendar.md\n"
      "tells how events become a calendar.\n";
  verb.flags = {"as_of", "at", "calendar", "filter", "past", "revision", "upcoming", "windows"};
  verb.formats = {"table", "json", "csv"};
  verb.run = Run;
  return verb;
}

}  // namespace entente
