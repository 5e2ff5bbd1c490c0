// SPDX-License-Identifier: Apache-2.0
#include "services/funding/calendar/buckets.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/funding/calendar/fiscal_years.h"

namespace entente::funding::calendar {
namespace {

// "0987", "-0043", "Y12345", "Y-12345".
std::string YearLabel(absl::civil_year_t year) {
  if (year < -9999 || year > 9999) return absl::StrCat("Y", year);
  // Dec() would count the sign as one of the four.
  return absl::StrCat(year < 0 ? "-" : "", absl::Dec(year < 0 ? -year : year, absl::kZeroPad4));
}

std::string MonthLabel(absl::CivilDay day) {
  return absl::StrCat(YearLabel(day.year()), "-", absl::Dec(day.month(), absl::kZeroPad2));
}

struct MonthAndDay {
  int month;
  int day;
};

// What "--MM-DD" says; none if it is not written like that or no year has the day.
std::optional<MonthAndDay> ParseMonthAndDay(absl::string_view text) {
  if (text.size() != 7 || !absl::StartsWith(text, "--") || text[4] != '-') return std::nullopt;
  const absl::string_view digits[] = {text.substr(2, 2), text.substr(5, 2)};
  int numbers[2];
  for (int i = 0; i < 2; ++i) {
    if (!std::all_of(digits[i].begin(), digits[i].end(), absl::ascii_isdigit)) return std::nullopt;
    numbers[i] = (digits[i][0] - '0') * 10 + (digits[i][1] - '0');
  }
  // A day that there is not becomes another one; of a leap year, to tell February 29 from those.
  constexpr int kLeapYear = 2000;
  const absl::CivilDay day(kLeapYear, numbers[0], numbers[1]);
  if (day.month() != numbers[0] || day.day() != numbers[1]) return std::nullopt;
  return MonthAndDay{numbers[0], numbers[1]};
}

absl::StatusOr<MonthAndDay> FirstDayOf(absl::string_view fiscal_year) {
  if (fiscal_year.empty()) {
    return absl::InvalidArgumentError(
        "is required with PERIOD_UNIT_FISCAL_YEAR: a country, for example \"US\", or the day on "
        "which it begins, for example \"--10-01\"");
  }
  if (!absl::StartsWith(fiscal_year, "-")) {
    const FiscalYear* known = FindFiscalYear(fiscal_year);
    if (known != nullptr) return MonthAndDay{known->month, known->day};
    return absl::InvalidArgumentError(absl::StrCat(
        "is not a country whose fiscal year is known (",
        absl::StrJoin(
            FiscalYears(), ", ",
            [](std::string* out, const FiscalYear& year) { absl::StrAppend(out, year.country); }),
        "); give the day on which it begins instead, for example \"--10-01\""));
  }
  const std::optional<MonthAndDay> first = ParseMonthAndDay(fiscal_year);
  if (!first.has_value()) {
    return absl::InvalidArgumentError("must be a day, --MM-DD, for example \"--10-01\"");
  }
  if (first->month == 2 && first->day == 29) {
    return absl::InvalidArgumentError("must be a day of every year, which February 29 is not");
  }
  return *first;
}

Bucket Month(absl::CivilDay day) {
  const absl::CivilMonth month(day);
  return {MonthLabel(day), absl::CivilDay(month), absl::CivilDay(month + 1) - 1};
}

Bucket Quarter(absl::CivilDay day) {
  const int quarter = (day.month() - 1) / 3 + 1;
  const absl::CivilMonth month(day.year(), quarter * 3 - 2);
  return {absl::StrCat(YearLabel(day.year()), "-Q", quarter), absl::CivilDay(month),
          absl::CivilDay(month + 3) - 1};
}

Bucket Year(absl::CivilDay day) {
  const absl::CivilYear year(day);
  return {YearLabel(day.year()), absl::CivilDay(year), absl::CivilDay(year + 1) - 1};
}

}  // namespace

absl::StatusOr<Buckets> Buckets::Make(v1::PeriodUnit unit, absl::string_view fiscal_year) {
  if (unit != v1::PERIOD_UNIT_FISCAL_YEAR) {
    if (fiscal_year.empty()) return Buckets(unit, 1, 1);
    return absl::InvalidArgumentError("must be empty unless the unit is PERIOD_UNIT_FISCAL_YEAR");
  }
  const absl::StatusOr<MonthAndDay> first = FirstDayOf(fiscal_year);
  if (!first.ok()) return first.status();
  return Buckets(unit, first->month, first->day);
}

Bucket Buckets::Of(absl::CivilDay day) const {
  switch (unit_) {
    case v1::PERIOD_UNIT_MONTH:
      return Month(day);
    case v1::PERIOD_UNIT_QUARTER:
      return Quarter(day);
    case v1::PERIOD_UNIT_YEAR:
      return Year(day);
    case v1::PERIOD_UNIT_FISCAL_YEAR: {
      absl::CivilDay first(day.year(), month_, day_);
      if (day < first) first = absl::CivilDay(day.year() - 1, month_, day_);
      const absl::CivilDay last = absl::CivilDay(first.year() + 1, month_, day_) - 1;
      return {absl::StrCat("FY", YearLabel(last.year())), first, last};
    }
    default:
      return {absl::StrCat(MonthLabel(day), "-", absl::Dec(day.day(), absl::kZeroPad2)), day, day};
  }
}

std::optional<Bucket> Buckets::Of(const edtf::Date& date) const {
  const edtf::Bound earliest = date.earliest();
  const edtf::Bound latest = date.latest();
  if (earliest.kind != edtf::Bound::kDay || latest.kind != edtf::Bound::kDay) return std::nullopt;
  Bucket bucket = Of(earliest.day);
  if (bucket.last < latest.day) return std::nullopt;
  return bucket;
}

}  // namespace entente::funding::calendar
