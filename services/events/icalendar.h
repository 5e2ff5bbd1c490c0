// SPDX-License-Identifier: Apache-2.0
//
// iCalendar (RFC 5545) by libical: the components that a calendar is made of here, and nothing in
// them that the RFC does not allow, whatever the texts hold.
//
//   CalendarText calendar;
//   CalendarEntry entry(CalendarEntry::Kind::kEvent);
//   entry.SetUid("a.events@entente.dev");
//   entry.SetSummary("A; and B");
//   entry.SetDays({first, last});
//   calendar.Add(entry);
//   calendar.Finish();   // "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n..."
#ifndef ENTENTE_SERVICES_EVENTS_ICALENDAR_H_
#define ENTENTE_SERVICES_EVENTS_ICALENDAR_H_

#include <libical/ical.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/events/date_words.h"

namespace entente::events {

// `text` as a TEXT value may hold it: line ends as "\n", tabs as spaces, U+FFFD for every other
// control character (RFC 5545, 3.3.11). It is UTF-8 and stays so.
std::string CleanText(absl::string_view text);

// Whether `uri` may stand where a URI is wanted: visible ASCII, with a scheme.
bool IsCalendarUri(absl::string_view uri);

// Whether a DATE can be it: the years 1 to 9998 (of which the day after can be written, too).
bool IsCalendarDay(absl::CivilDay day);

// A VEVENT or VJOURNAL. Texts are cleaned, escaped and folded. Not thread-safe.
class CalendarEntry {
 public:
  enum class Kind { kEvent, kNote };
  enum class Status { kConfirmed, kTentative, kCancelled };

  explicit CalendarEntry(Kind kind);

  void SetUid(const std::string& uid);
  void SetSummary(absl::string_view text);
  void SetDescription(absl::string_view text);
  // Only of an event: a note has no place of its own.
  void SetLocation(absl::string_view text);
  void SetStatus(Status status);
  // All of these days; only of an event, and only of those of which IsCalendarDay holds.
  void SetDays(const Days& days);
  // Takes no one's time; only of an event.
  void SetTransparent();
  // What IsCalendarUri does not hold of is left out.
  void SetUrl(const std::string& uri);
  // Letters and hyphens.
  void SetCategory(const std::string& category);
  void SetRelatedTo(const std::string& uid);
  void SetStamps(absl::Time created, absl::Time modified);
  // SEQUENCE, at most 2147483647.
  void SetSequence(int64_t sequence);
  // A property of our own: "X-ENTENTE-EDTF". `value`: visible ASCII without a backslash.
  void SetExtension(const std::string& name, const std::string& value);

  // Lines of at most 75 octets, ended by CRLF.
  std::string ToString() const;

 private:
  struct Free {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
  };

  void Add(icalproperty* property);

  std::unique_ptr<icalcomponent, Free> component_;
};

// A VCALENDAR that entries are added to. Not thread-safe.
class CalendarText {
 public:
  CalendarText();

  void Add(const CalendarEntry& entry);
  // In bytes, with the end that is to come.
  size_t size() const;
  // Once.
  std::string Finish();

 private:
  std::string text_;
};

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_ICALENDAR_H_
