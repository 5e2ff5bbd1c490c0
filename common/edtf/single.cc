// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/single.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace entente::edtf {

namespace {

constexpr size_t kMaxYearDigits = 12;  // keeps every day number far from the ends of int64_t
constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                   "May",       "June",     "July",     "August",
                                   "September", "October",  "November", "December"};

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysIn(int64_t year, int month) {
  if (month == 2) return IsLeap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// The days from the first of one month to the last of another, in one year.
DayRange Months(int64_t year, int from, int to) {
  return {DayNumber(absl::CivilDay(year, from, 1)),
          DayNumber(absl::CivilDay(year, to, DaysIn(year, to)))};
}

DaySet Season(int64_t year, int season) {
  switch (season) {
    case 21:
      return DaySet({Months(year, 3, 5)});
    case 22:
      return DaySet({Months(year, 6, 8)});
    case 23:
      return DaySet({Months(year, 9, 11)});
    default:
      return DaySet({Months(year, 1, 2), Months(year, 12, 12)});
  }
}

bool Digits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

int TwoDigits(absl::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

class SingleReader {
 public:
  explicit SingleReader(Scanner* scanner) : scanner_(*scanner) {}

  absl::StatusOr<Single> Date() {
    const size_t start = scanner_.at();
    absl::StatusOr<Single> single = Unqualified();
    if (!single.ok()) return single;
    const char qualification = scanner_.Peek();
    if (qualification == '?' || qualification == '~' || qualification == '%') {
      scanner_.Skip(1);
      single->uncertain = qualification != '~';
      single->approximate = qualification != '?';
    }
    single->text = std::string(scanner_.Since(start));
    return single;
  }

  absl::StatusOr<Single> DateOrTime() {
    absl::StatusOr<Single> single = Date();
    if (!single.ok() || scanner_.Peek() != 'T') return single;
    if (single->precision != Precision::kDay || single->unspecified || single->uncertain ||
        single->approximate) {
      return scanner_.Trailing();
    }
    scanner_.Skip(1);
    constexpr char kComplete[] = "write a complete time, such as T14:00:00 or T14:00:00+07:00";
    absl::StatusOr<int> hour = Clock("hour", 23, "midnight is 00:00:00 of the day it begins");
    if (!hour.ok()) return hour.status();
    if (!scanner_.Take(":")) {
      return scanner_.Fail(scanner_.at(), "expected : and the minute", kComplete);
    }
    absl::StatusOr<int> minute = Clock("minute", 59, kComplete);
    if (!minute.ok()) return minute.status();
    if (!scanner_.Take(":")) {
      return scanner_.Fail(scanner_.at(), "expected : and the second", kComplete);
    }
    const size_t second_at = scanner_.at();
    absl::StatusOr<int> second = Clock("second", 60, kComplete);
    if (!second.ok()) return second.status();
    if (scanner_.Peek() == '.' || scanner_.Peek() == ',') {
      return scanner_.Fail(scanner_.at(), "expected whole seconds", "leave out the fraction");
    }

    absl::StatusOr<Zone> zone = ReadZone();
    if (!zone.ok()) return zone.status();
    if (*second == 60) {
      constexpr int kDay = 24 * 60;
      const bool last_minute = zone->shift.has_value() &&
                               (*hour * 60 + *minute - *zone->shift + 2 * kDay) % kDay == kDay - 1;
      if (!last_minute) {
        return scanner_.Fail(second_at, "expected a second from 00 to 59",
                             "a leap second, 60, ends a day of UTC and needs Z or a shift");
      }
    }
    single->precision = Precision::kSecond;
    absl::StrAppend(&single->text, "T", absl::Dec(*hour, absl::kZeroPad2), ":",
                    absl::Dec(*minute, absl::kZeroPad2), ":", absl::Dec(*second, absl::kZeroPad2),
                    zone->text);
    return single;
  }

 private:
  struct Year {
    int64_t first = 0;
    int64_t last = 0;  // differs from `first` only if digits are unspecified
  };

  absl::StatusOr<Year> LongYear() {
    const size_t start = scanner_.at();
    scanner_.Skip(1);  // Y
    const bool negative = scanner_.Take("-");
    const size_t digits_at = scanner_.at();
    while (absl::ascii_isdigit(scanner_.Peek())) scanner_.Skip(1);
    const absl::string_view digits = scanner_.Since(digits_at);
    if (digits.empty()) {
      return scanner_.Fail(scanner_.at(), "expected the digits of a year after Y",
                           "write for example Y17000");
    }
    if (digits[0] == '0') {
      return scanner_.Fail(digits_at, "expected a year without leading zeros", "remove the zeros");
    }
    if (scanner_.Peek() == 'E' || scanner_.Peek() == 'S') return scanner_.Trailing();
    if (digits.size() <= 4) {
      return scanner_.Fail(start, "expected more than four digits after Y",
                           "write a year of up to four digits with exactly four and without Y");
    }
    int64_t year = 0;
    if (digits.size() > kMaxYearDigits || !absl::SimpleAtoi(digits, &year)) {
      return scanner_.Fail(digits_at,
                           absl::StrCat("expected at most ", kMaxYearDigits, " digits of a year"),
                           "a year so remote is not supported");
    }
    if (negative) year = -year;
    return Year{year, year};
  }

  absl::StatusOr<Year> ShortYear() {
    const size_t start = scanner_.at();
    const bool negative = scanner_.Take("-");
    const size_t digits_at = scanner_.at();
    int64_t first = 0;
    int64_t last = 0;
    size_t unspecified = 0;
    for (size_t i = 0; i < 4; ++i, scanner_.Skip(1)) {
      const char c = scanner_.Peek();
      if (c == 'X') {
        ++unspecified;
      } else if (i > 0 && (c == 'x' || c == 'u')) {
        return scanner_.Fail(scanner_.at(), "expected a digit or X",
                             "write unspecified digits as upper-case X");
      } else if (!absl::ascii_isdigit(c)) {
        return NoYear(digits_at);
      } else if (unspecified > 0) {
        return scanner_.Fail(scanner_.at(), "expected X, for digits are unspecified from the right",
                             "write 201X or 20XX");
      }
      first = first * 10 + (c == 'X' ? 0 : c - '0');
      last = last * 10 + (c == 'X' ? 9 : c - '0');
    }
    if (unspecified > 2) {
      return scanner_.Fail(
          digits_at, "expected the century of the year",
          "leave at most two digits unspecified, as in 20XX, or write an interval");
    }
    if (absl::ascii_isdigit(scanner_.Peek())) {
      return scanner_.Fail(
          scanner_.at(), "expected a year of four digits",
          "write longer years with Y, as in Y17000, and put - before month and day");
    }
    if (!negative) return Year{first, last};
    if (last == 0) return scanner_.Fail(start, "expected a year other than -0000", "write 0000");
    return Year{-last, -std::max<int64_t>(first, 1)};
  }

  absl::Status NoYear(size_t at) const {
    const absl::string_view rest = scanner_.text().substr(at);
    if (rest.substr(0, 1) == " ") {
      return scanner_.Fail(at, "expected a date, found a space", "remove the space");
    }
    if (rest.substr(0, 1) == "?" || rest.substr(0, 1) == "~" || rest.substr(0, 1) == "%") {
      return scanner_.Fail(
          at, "expected a year",
          "put the qualification at the end of the date, as in 2004-06?; qualifying its "
          "parts is not supported");
    }
    if (rest.substr(0, 4) == "open" || rest.substr(0, 7) == "unknown") {
      return scanner_.Fail(at, "expected a date",
                           "write an open end as .. and leave an unknown one empty");
    }
    return scanner_.Fail(at, "expected a year of four digits", Scanner::kHow);
  }

  // Two digits from `low` to `high`, or XX as 0.
  absl::StatusOr<int> Part(absl::string_view name, int low, int high, absl::string_view mend) {
    const absl::string_view text = scanner_.Ahead(2);
    const std::string expected =
        absl::StrCat("expected a ", name, " from ", absl::Dec(low, absl::kZeroPad2), " to ",
                     absl::Dec(high, absl::kZeroPad2));
    if (text == "XX") {
      scanner_.Skip(2);
      return 0;
    }
    if (text.size() == 2 && (text[1] == 'X' || text[0] == 'X')) {
      return scanner_.Fail(scanner_.at(), expected,
                           absl::StrCat("leave a ", name, " unspecified as XX, in whole"));
    }
    if (text.size() == 2 && (text == "xx" || text == "uu")) {
      return scanner_.Fail(scanner_.at(), expected, "write unspecified digits as upper-case X");
    }
    if (text.size() != 2 || !Digits(text)) {
      return scanner_.Fail(scanner_.at(), expected, "write it with two digits");
    }
    const int value = TwoDigits(text);
    if (value < low || value > high) return scanner_.Fail(scanner_.at(), expected, mend);
    scanner_.Skip(2);
    if (absl::ascii_isdigit(scanner_.Peek())) {
      return scanner_.Fail(scanner_.at(), absl::StrCat("expected the end of the ", name),
                           "write it with two digits");
    }
    return value;
  }

  absl::StatusOr<Single> Unqualified() {
    Single single;
    const bool long_year = scanner_.Peek() == 'Y';
    absl::StatusOr<Year> year = long_year ? LongYear() : ShortYear();
    if (!year.ok()) return year.status();
    single.days = DaySet({{Months(year->first, 1, 12).first, Months(year->last, 1, 12).last}});
    single.unspecified = year->first != year->last;
    if (long_year || scanner_.Peek() != '-') return single;
    if (single.unspecified) {
      return scanner_.Fail(scanner_.at(), "expected the end, for the year has unspecified digits",
                           "give the year in full, or leave out month and day");
    }

    scanner_.Skip(1);
    if (const absl::string_view season = scanner_.Ahead(2); season >= "21" && season <= "24") {
      scanner_.Skip(2);
      single.precision = Precision::kSeason;
      single.days = Season(year->first, TwoDigits(season));
      return single;
    }
    absl::StatusOr<int> month =
        Part("month", 1, 12, "months are 01 to 12, and seasons 21 to 24 for spring to winter");
    if (!month.ok()) return month.status();
    single.precision = Precision::kMonth;
    single.unspecified = *month == 0;
    if (*month != 0) single.days = DaySet({Months(year->first, *month, *month)});
    if (scanner_.Peek() != '-') return single;

    scanner_.Skip(1);
    single.precision = Precision::kDay;
    if (*month == 0) {
      if (!scanner_.Take("XX")) {
        return scanner_.Fail(scanner_.at(), "expected XX, for the month is unspecified",
                             "leave the day unspecified too, as in 2004-XX-XX");
      }
      return single;
    }
    const int days = DaysIn(year->first, *month);
    absl::StatusOr<int> day =
        Part("day", 1, days,
             absl::StrCat(kMonths[*month - 1], " ", year->first, " has ", days, " days"));
    if (!day.ok()) return day.status();
    if (*day == 0) {
      single.unspecified = true;
    } else {
      const int64_t number = DayNumber(absl::CivilDay(year->first, *month, *day));
      single.days = DaySet({{number, number}});
    }
    return single;
  }

  absl::StatusOr<int> Clock(absl::string_view name, int high, absl::string_view mend) {
    if (scanner_.Ahead(2) == "XX") {
      return scanner_.Fail(scanner_.at(), absl::StrCat("expected the ", name),
                           "a time of day has all its digits");
    }
    return Part(name, 0, high, mend);
  }

  struct Zone {
    std::string text;          // canonical
    std::optional<int> shift;  // minutes east of UTC; none for a local time
  };

  absl::StatusOr<Zone> ReadZone() {
    if (scanner_.Take("Z")) return Zone{"Z", 0};
    const size_t sign_at = scanner_.at();
    const char sign = scanner_.Peek();
    if (sign != '+' && sign != '-') return Zone();
    scanner_.Skip(1);
    absl::StatusOr<int> hours = Clock("shift in hours", 23, "write for example +07:00");
    if (!hours.ok()) return hours.status();
    absl::StatusOr<int> minutes = 0;
    if (scanner_.Take(":")) {
      minutes = Clock("shift in minutes", 59, "write for example +05:30");
      if (!minutes.ok()) return minutes.status();
    }
    const int shift = *hours * 60 + *minutes;
    if (shift == 0) {
      if (sign == '+') return Zone{"Z", 0};
      return scanner_.Fail(sign_at, "expected a shift other than -00:00", "write Z");
    }
    return Zone{absl::StrCat(std::string(1, sign), absl::Dec(*hours, absl::kZeroPad2), ":",
                             absl::Dec(*minutes, absl::kZeroPad2)),
                sign == '+' ? shift : -shift};
  }

  Scanner& scanner_;
};

}  // namespace

absl::StatusOr<Single> ReadSingle(Scanner* scanner) { return SingleReader(scanner).Date(); }

absl::StatusOr<Single> ReadSingleOrTime(Scanner* scanner) {
  return SingleReader(scanner).DateOrTime();
}

}  // namespace entente::edtf
