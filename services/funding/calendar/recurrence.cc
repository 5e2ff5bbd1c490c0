// SPDX-License-Identifier: Apache-2.0
#include "services/funding/calendar/recurrence.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace entente::funding::calendar {
namespace {

constexpr char kExpected[] =
    "must be an interval of days, months or years with both ends known and certain, or one of "
    "these alone, for example \"2024/2028\"";

// The two ends of an interval, as text.
std::pair<absl::string_view, absl::string_view> EndsOf(absl::string_view edtf) {
  return absl::StrSplit(edtf, absl::MaxSplits('/', 1));
}

bool Bounds(absl::string_view end) { return !end.empty() && end != ".."; }

// A year, month or day with nothing left open: it stands for all of its days.
bool IsPlain(const edtf::Date& date) {
  if (date.form() != edtf::Form::kDate || date.is_uncertain() || date.is_approximate()) {
    return false;
  }
  switch (date.precision()) {
    case edtf::Precision::kYear:
    case edtf::Precision::kMonth:
    case edtf::Precision::kDay:
      return date.ToString().find('X') == std::string::npos;
    case edtf::Precision::kSeason:
    case edtf::Precision::kSecond:
      return false;
  }
  return false;
}

// A single date that is part of a canonical text, and so cannot but be well-formed.
edtf::Date Part(absl::string_view canonical) { return *edtf::Parse(canonical); }

// A plain date, or an interval from one to another.
bool IsWhole(const edtf::Date& date) {
  if (!date.is_interval()) return IsPlain(date);
  const auto [start, end] = EndsOf(date.ToString());
  return Bounds(start) && Bounds(end) && IsPlain(Part(start)) && IsPlain(Part(end));
}

// A stretch of time without an end where there is none to go by; both ends belong to it.
struct Stretch {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
};

// The days of which `validity` is certain; none for no day at all. `first` may come after `last`,
// which is no day at all either.
std::optional<Stretch> CertainDays(const edtf::Date& validity) {
  if (validity.is_set()) return std::nullopt;
  if (!validity.is_interval()) {
    if (!IsPlain(validity)) return std::nullopt;
    return Stretch{validity.earliest().day, validity.latest().day};
  }
  const auto [start_text, end_text] = EndsOf(validity.ToString());
  Stretch certain;
  if (Bounds(start_text)) {
    const edtf::Date start = Part(start_text);
    certain.first = IsPlain(start) ? start.earliest().day : start.latest().day;
  }
  if (Bounds(end_text)) {
    const edtf::Date end = Part(end_text);
    certain.last = IsPlain(end) ? end.latest().day : end.earliest().day;
  }
  return certain;
}

int64_t MonthsIn(v1::RecurrenceUnit unit) {
  switch (unit) {
    case v1::RECURRENCE_UNIT_MONTH:
      return 1;
    case v1::RECURRENCE_UNIT_QUARTER:
      return 3;
    case v1::RECURRENCE_UNIT_YEAR:
      return 12;
    default:
      return 0;
  }
}

// The days on which periods begin: `anchor`, and every so many months after it.
class Beginnings {
 public:
  // `months` is at least 1.
  Beginnings(absl::CivilDay anchor, int64_t months) : anchor_(anchor), months_(months) {}

  // The number, 0 for the anchor, of the last that is not after `day`; -1 for none.
  int64_t LastUntil(absl::CivilDay day) const {
    if (day < anchor_) return -1;
    const int64_t number = (absl::CivilMonth(day) - absl::CivilMonth(anchor_)) / months_;
    // The one in the very month of `day` can still be after it.
    return Day(number) > day ? number - 1 : number;
  }

 private:
  // From the anchor each time: from one to the next a 31st that has become a 28th would stay one.
  absl::CivilDay Day(int64_t number) const {
    const absl::CivilMonth month = absl::CivilMonth(anchor_) + number * months_;
    const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
    return absl::CivilDay(month) + (std::min(anchor_.day(), last.day()) - 1);
  }

  absl::CivilDay anchor_;
  int64_t months_;
};

}  // namespace

absl::StatusOr<Horizon> ParseHorizon(absl::string_view edtf) {
  const absl::StatusOr<edtf::Date> date = edtf::Parse(edtf);
  if (!date.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(kExpected, ": ", date.status().message()));
  }
  if (!IsWhole(*date)) return absl::InvalidArgumentError(kExpected);

  const Horizon horizon{date->earliest().day, date->latest().day};
  const absl::CivilDay& first = horizon.first;
  if (horizon.last >= absl::CivilDay(first.year() + kMaxHorizonYears, first.month(), first.day())) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be at most ", kMaxHorizonYears, " years long"));
  }
  return horizon;
}

int64_t WholePeriods(int every, v1::RecurrenceUnit unit, const Horizon& horizon,
                     const std::optional<edtf::Date>& validity) {
  const int64_t months = every * MonthsIn(unit);
  if (months < 1) return 0;
  const std::optional<Stretch> valid =
      validity.has_value() ? CertainDays(*validity) : std::optional<Stretch>(Stretch());
  if (!valid.has_value()) return 0;

  const absl::CivilDay anchor = valid->first.value_or(horizon.first);
  const absl::CivilDay last = std::min(valid->last.value_or(horizon.last), horizon.last);
  const Beginnings beginnings(anchor, months);
  const int64_t first_inside = beginnings.LastUntil(horizon.first - 1) + 1;
  // A period ends on the day before the next one begins.
  const int64_t first_beyond = beginnings.LastUntil(last + 1);
  return std::max<int64_t>(0, first_beyond - first_inside);
}

}  // namespace entente::funding::calendar
