// SPDX-License-Identifier: Apache-2.0
#include "services/events/calendar.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/edtf/edtf.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "entente/events/v1/event.pb.h"
#include "entente/events/v1/event_series.pb.h"
#include "services/events/date_words.h"
#include "services/events/icalendar.h"

namespace entente::events {
namespace {

using resource::State;
using v1::Event;

// RFC 1123: labels of letters, digits and hyphens.
bool IsDomain(absl::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (const char c : label) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-') return false;
    }
  }
  return true;
}

// "EVENT_STATUS_IN_PREPARATION" without its prefix: "in preparation".
std::string Plain(const std::string& value, const std::string& prefix) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(value.substr(prefix.size()), {{"_", " "}}));
}

// What names resolve to: events and series of the state read, the rest of the catalogue's copy.
class Titles {
 public:
  Titles(const State& events, const State& catalogue) : events_(events), catalogue_(catalogue) {}

  // The name itself where nothing answers to it, or what does is deleted.
  std::string Of(const std::string& name) const {
    const resource::Entry* entry = Find(name);
    if (entry == nullptr) return name;
    const auto* title = resource::fields::GetMessage(*entry->message, "title");
    return title == nullptr ? name : resource::fields::GetString(*title, "text");
  }

  std::string UriOf(const std::string& name) const {
    const resource::Entry* entry = Find(name);
    return entry == nullptr ? "" : resource::fields::GetString(*entry->message, "uri");
  }

 private:
  const resource::Entry* Find(const std::string& name) const {
    const resource::Entry* entry = events_.Find(name);
    if (entry == nullptr) entry = catalogue_.Find(name);
    return entry == nullptr || entry->deleted ? nullptr : entry;
  }

  const State& events_;
  const State& catalogue_;
};

std::string PartyLine(const type::v1::Party& party, const Titles& titles) {
  std::string line =
      absl::StrCat("- ", Plain(type::v1::PartyRole_Name(party.role()), "PARTY_ROLE_"), ": ",
                   titles.Of(party.person().empty() ? party.organisation() : party.person()));
  if (!party.person().empty() && !party.organisation().empty()) {
    absl::StrAppend(&line, ", ", titles.Of(party.organisation()));
  }
  if (party.has_note()) absl::StrAppend(&line, " (", party.note().text(), ")");
  return line;
}

std::string OutcomeLine(const v1::Outcome& outcome, const Titles& titles) {
  std::vector<std::string> parts;
  for (const std::string* name : {&outcome.document(), &outcome.initiative(), &outcome.claim()}) {
    if (!name->empty()) parts.push_back(titles.Of(*name));
  }
  if (outcome.has_description()) parts.push_back(outcome.description().text());
  return absl::StrCat("- ", Plain(v1::OutcomeKind_Name(outcome.kind()), "OUTCOME_KIND_"), ": ",
                      absl::StrJoin(parts, "; "));
}

std::string EditionLine(const v1::Edition& edition, const State& events, const Titles& titles) {
  std::string line = absl::StrCat("Series: ", titles.Of(edition.series()));
  const auto* series = events.Get<v1::EventSeries>(edition.series());
  if (series != nullptr && series->has_recurrence_text()) {
    absl::StrAppend(&line, " (", series->recurrence_text().text(), ")");
  }
  if (edition.inaugural()) absl::StrAppend(&line, ", the first");
  if (edition.number() > 0) absl::StrAppend(&line, ", number ", edition.number());
  if (edition.year() > 0) absl::StrAppend(&line, ", that of ", edition.year());
  return line;
}

class Exporter {
 public:
  Exporter(const State& events, const State& catalogue, const v1::ExportCalendarRequest& request)
      : events_(events),
        titles_(events, catalogue),
        domain_(request.uid_domain().empty() ? kDefaultUidDomain : request.uid_domain()),
        with_windows_(request.imprecise_dates() == v1::IMPRECISE_DATES_WINDOWS) {}

  void Add(const Event& event, v1::ExportCalendarResponse* response) {
    std::optional<edtf::Date> date;
    if (event.has_date()) {
      if (auto parsed = edtf::Parse(event.date().edtf()); parsed.ok()) date = *std::move(parsed);
    }
    const auto days = date.has_value() ? ExactDays(*date) : std::nullopt;
    if (days.has_value() && IsCalendarDay(days->first) && IsCalendarDay(days->last)) {
      AddEvent(event, *date, *days);
      response->set_event_count(response->event_count() + 1);
      return;
    }
    AddNote(event, date);
    response->set_note_count(response->note_count() + 1);
    if (!with_windows_ || !date.has_value()) return;
    const edtf::Bound first = date->earliest();
    const edtf::Bound last = date->latest();
    if (first.kind == edtf::Bound::kDay && last.kind == edtf::Bound::kDay &&
        IsCalendarDay(first.day) && IsCalendarDay(last.day)) {
      AddWindow(event, *date, {first.day, last.day});
      response->set_window_count(response->window_count() + 1);
    }
  }

  size_t size() const { return calendar_.size(); }
  std::string Finish() { return calendar_.Finish(); }

 private:
  std::string UidOf(const std::string& name, absl::string_view infix) const {
    // "events/x": an id has no dot, so that nothing else has the UID.
    return absl::StrCat(name.substr(name.find('/') + 1), infix, ".events@", domain_);
  }

  void AddEvent(const Event& event, const edtf::Date& date, const Days& days) {
    CalendarEntry entry(CalendarEntry::Kind::kEvent);
    entry.SetUid(UidOf(event.name(), ""));
    entry.SetDays(days);
    entry.SetSummary(event.title().text());
    if (const std::string places = Places(event); !places.empty()) entry.SetLocation(places);
    if (event.has_delete_time()) {
      entry.SetStatus(CalendarEntry::Status::kCancelled);
    } else if (event.status() == v1::EVENT_STATUS_HELD ||
               event.status() == v1::EVENT_STATUS_UNDER_WAY) {
      entry.SetStatus(CalendarEntry::Status::kConfirmed);
    } else if (event.status() != v1::EVENT_STATUS_NOT_STATED) {
      entry.SetStatus(CalendarEntry::Status::kTentative);
    }
    entry.SetTransparent();
    AddCommon(event, date, &entry);
    calendar_.Add(entry);
  }

  void AddNote(const Event& event, const std::optional<edtf::Date>& date) {
    CalendarEntry entry(CalendarEntry::Kind::kNote);
    entry.SetUid(UidOf(event.name(), ""));
    entry.SetSummary(absl::StrCat(event.title().text(), " (", DateWords(date), ")"));
    // A note is not what has a status here, but what it tells of.
    if (event.has_delete_time()) entry.SetStatus(CalendarEntry::Status::kCancelled);
    AddCommon(event, date, &entry);
    calendar_.Add(entry);
  }

  void AddWindow(const Event& event, const edtf::Date& date, const Days& days) {
    CalendarEntry entry(CalendarEntry::Kind::kEvent);
    entry.SetUid(UidOf(event.name(), ".window"));
    entry.SetDays(days);
    entry.SetSummary(absl::StrCat("Window: ", event.title().text(), " (", DateWords(date), ")"));
    entry.SetStatus(event.has_delete_time() ? CalendarEntry::Status::kCancelled
                                            : CalendarEntry::Status::kTentative);
    entry.SetTransparent();
    entry.SetExtension("X-ENTENTE-WINDOW", "TRUE");
    AddCommon(event, date, &entry);
    calendar_.Add(entry);
  }

  std::string Places(const Event& event) const {
    std::vector<std::string> places;
    for (const std::string& place : event.places()) places.push_back(titles_.Of(place));
    return absl::StrJoin(places, "; ");
  }

  void AddCommon(const Event& event, const std::optional<edtf::Date>& date, CalendarEntry* entry) {
    std::vector<std::string> sources;
    std::set<std::string> seen;
    std::string url;
    for (const auto& citation : event.citations()) {
      if (!seen.insert(citation.document()).second) continue;
      const std::string uri = titles_.UriOf(citation.document());
      sources.push_back(
          absl::StrCat("Source: ", titles_.Of(citation.document()), uri.empty() ? "" : ", ", uri));
      if (url.empty() && IsCalendarUri(uri)) url = uri;
    }
    entry->SetDescription(Description(event, date, sources));
    entry->SetStamps(resource::fields::ToTime(event.create_time()),
                     resource::fields::ToTime(event.update_time()));
    entry->SetSequence(event.revision());
    entry->SetCategory(absl::AsciiStrToUpper(absl::StrReplaceAll(Kind(event), {{" ", "-"}})));
    if (!url.empty()) entry->SetUrl(url);
    if (!event.held_alongside().empty()) entry->SetRelatedTo(UidOf(event.held_alongside(), ""));
    entry->SetExtension("X-ENTENTE-NAME", event.name());
    entry->SetExtension("X-ENTENTE-STATUS",
                        absl::AsciiStrToUpper(absl::StrReplaceAll(Status(event), {{" ", "-"}})));
    if (date.has_value()) entry->SetExtension("X-ENTENTE-EDTF", date->ToString());
    if (event.has_edition()) entry->SetExtension("X-ENTENTE-SERIES", event.edition().series());
  }

  std::string Description(const Event& event, const std::optional<edtf::Date>& date,
                          const std::vector<std::string>& sources) const {
    std::vector<std::string> lines;
    if (event.has_description()) lines.push_back(event.description().text());
    lines.push_back(absl::StrCat("Date: ", DateWords(date)));
    lines.push_back(absl::StrCat("Status: ", Status(event)));
    if (event.has_edition()) lines.push_back(EditionLine(event.edition(), events_, titles_));
    if (const std::string places = Places(event); !places.empty()) {
      lines.push_back(absl::StrCat("Place: ", places));
    }
    if (!event.held_alongside().empty()) {
      lines.push_back(absl::StrCat("Held at or alongside: ", titles_.Of(event.held_alongside())));
    }
    if (event.parties_size() > 0) lines.push_back("Parties:");
    for (const auto& party : event.parties()) lines.push_back(PartyLine(party, titles_));
    if (event.outcomes_size() > 0) lines.push_back("Outcomes:");
    for (const auto& outcome : event.outcomes()) lines.push_back(OutcomeLine(outcome, titles_));
    lines.insert(lines.end(), sources.begin(), sources.end());
    return absl::StrJoin(lines, "\n");
  }

  static std::string Kind(const Event& event) {
    return Plain(v1::EventKind_Name(event.kind()), "EVENT_KIND_");
  }
  static std::string Status(const Event& event) {
    return Plain(v1::EventStatus_Name(event.status()), "EVENT_STATUS_");
  }

  const State& events_;
  const Titles titles_;
  const std::string domain_;
  const bool with_windows_;
  CalendarText calendar_;
};

}  // namespace

absl::Status ExportCalendar(const Selector& selector, const catalogue::CatalogueView& catalogue,
                            const v1::ExportCalendarRequest& request,
                            v1::ExportCalendarResponse* response) {
  Violations violations;
  if (!request.uid_domain().empty() && !IsDomain(request.uid_domain())) {
    violations.Add("uid_domain", "must be a domain name, for example \"entente.dev\"");
  }
  if (!v1::ImpreciseDates_IsValid(request.imprecise_dates())) {
    violations.Add("imprecise_dates", "must be IMPRECISE_DATES_NOTES or IMPRECISE_DATES_WINDOWS");
  }
  Selection selection;
  std::shared_ptr<const State> copy;
  // Titles and tree are of one copy of the catalogue, which may be replaced in between.
  do {
    copy = catalogue.Current();
    ASSIGN_OR_RETURN(selection, selector.Select(request, response, violations));
  } while (response->catalogue_revision() != copy->revision());
  Exporter exporter(*selection.state, *copy, request);
  for (const resource::Entry* entry : selection.events) {
    exporter.Add(entry->As<Event>(), response);
    if (exporter.size() > kMaxCalendarBytes) return errors::AnswerTooLarge(kMaxCalendarBytes);
  }
  response->set_content_type(kCalendarContentType);
  response->set_data(exporter.Finish());
  response->set_revision(selection.state->revision());
  return absl::OkStatus();
}

}  // namespace entente::events
