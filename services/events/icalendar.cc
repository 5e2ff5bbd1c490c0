// SPDX-License-Identifier: Apache-2.0
#include "services/events/icalendar.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"

namespace entente::events {
namespace {

constexpr absl::string_view kEnd = "END:VCALENDAR\r\n";
constexpr char kProductId[] = "-//Entente//Entente//EN";
constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Looked up once: the first time libical reads its list of time zones.
const icaltimezone* Utc() {
  static const icaltimezone* const utc = icaltimezone_get_utc_timezone();
  return utc;
}

icaltimetype ToDate(absl::CivilDay day) {
  icaltimetype time = icaltime_null_date();
  time.year = static_cast<int>(day.year());
  time.month = day.month();
  time.day = day.day();
  time.is_date = 1;
  return time;
}

icaltimetype ToInstant(absl::Time instant) {
  const absl::CivilSecond second = absl::ToCivilSecond(instant, absl::UTCTimeZone());
  icaltimetype time = ToDate(absl::CivilDay(second));
  time.is_date = 0;
  time.hour = second.hour();
  time.minute = second.minute();
  time.second = second.second();
  time.zone = Utc();
  return time;
}

// The text of a component, which libical allocates.
std::string Take(char* text) {
  std::string taken(text);
  std::free(text);
  return taken;
}

}  // namespace

std::string CleanText(absl::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') clean += '\n';
    } else if (c == '\t') {
      clean += ' ';
    } else if (c != '\n' && (c < 0x20 || c == 0x7F)) {
      clean.append(kReplacement.data(), kReplacement.size());
    } else {
      clean += text[i];
    }
  }
  return clean;
}

bool IsCalendarUri(absl::string_view uri) {
  const size_t colon = uri.find(':');
  return colon != absl::string_view::npos && colon > 0 &&
         absl::ascii_isalpha(static_cast<unsigned char>(uri[0])) &&
         std::all_of(uri.begin(), uri.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool IsCalendarDay(absl::CivilDay day) { return day.year() >= 1 && day.year() <= 9998; }

CalendarEntry::CalendarEntry(Kind kind)
    : component_(icalcomponent_new(kind == Kind::kEvent ? ICAL_VEVENT_COMPONENT
                                                        : ICAL_VJOURNAL_COMPONENT)) {}

void CalendarEntry::Add(icalproperty* property) {
  icalcomponent_add_property(component_.get(), property);
}

void CalendarEntry::SetUid(const std::string& uid) { Add(icalproperty_new_uid(uid.c_str())); }

void CalendarEntry::SetSummary(absl::string_view text) {
  Add(icalproperty_new_summary(CleanText(text).c_str()));
}

void CalendarEntry::SetDescription(absl::string_view text) {
  Add(icalproperty_new_description(CleanText(text).c_str()));
}

void CalendarEntry::SetLocation(absl::string_view text) {
  Add(icalproperty_new_location(CleanText(text).c_str()));
}

void CalendarEntry::SetStatus(Status status) {
  switch (status) {
    case Status::kConfirmed:
      return Add(icalproperty_new_status(ICAL_STATUS_CONFIRMED));
    case Status::kTentative:
      return Add(icalproperty_new_status(ICAL_STATUS_TENTATIVE));
    case Status::kCancelled:
      return Add(icalproperty_new_status(ICAL_STATUS_CANCELLED));
  }
}

void CalendarEntry::SetDays(const Days& days) {
  Add(icalproperty_new_dtstart(ToDate(days.first)));
  // DTEND is not included (RFC 5545, 3.6.1).
  Add(icalproperty_new_dtend(ToDate(days.last + 1)));
}

void CalendarEntry::SetTransparent() { Add(icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT)); }

void CalendarEntry::SetUrl(const std::string& uri) {
  if (IsCalendarUri(uri)) Add(icalproperty_new_url(uri.c_str()));
}

void CalendarEntry::SetCategory(const std::string& category) {
  Add(icalproperty_new_categories(category.c_str()));
}

void CalendarEntry::SetRelatedTo(const std::string& uid) {
  icalproperty* property = icalproperty_new_relatedto(uid.c_str());
  icalproperty_add_parameter(property, icalparameter_new_reltype(ICAL_RELTYPE_SIBLING));
  Add(property);
}

void CalendarEntry::SetStamps(absl::Time created, absl::Time modified) {
  Add(icalproperty_new_dtstamp(ToInstant(modified)));
  Add(icalproperty_new_created(ToInstant(created)));
  Add(icalproperty_new_lastmodified(ToInstant(modified)));
}

void CalendarEntry::SetSequence(int64_t sequence) {
  Add(icalproperty_new_sequence(
      static_cast<int>(std::min<int64_t>(sequence, std::numeric_limits<int32_t>::max()))));
}

void CalendarEntry::SetExtension(const std::string& name, const std::string& value) {
  icalproperty* property = icalproperty_new_x(value.c_str());
  icalproperty_set_x_name(property, name.c_str());
  Add(property);
}

std::string CalendarEntry::ToString() const {
  return Take(icalcomponent_as_ical_string_r(component_.get()));
}

CalendarText::CalendarText() {
  icalcomponent* calendar = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
  icalcomponent_add_property(calendar, icalproperty_new_version("2.0"));
  icalcomponent_add_property(calendar, icalproperty_new_prodid(kProductId));
  text_ = Take(icalcomponent_as_ical_string_r(calendar));
  icalcomponent_free(calendar);
  // Entries come in one by one, so that their size is known before they are all there.
  text_.resize(text_.size() - kEnd.size());
}

void CalendarText::Add(const CalendarEntry& entry) { text_ += entry.ToString(); }

size_t CalendarText::size() const { return text_.size() + kEnd.size(); }

std::string CalendarText::Finish() {
  text_.append(kEnd.data(), kEnd.size());
  return std::move(text_);
}

}  // namespace entente::events
