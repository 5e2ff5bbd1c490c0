// SPDX-License-Identifier: Apache-2.0
//
// The years, months and days that English words name, and whether they hold the parts of a date.
//
//   FindDates(text, span)                        "from September 5-7" -> month 9, days 5 and 7
//   Supports("In August 2023, ...", "2023-08")   year and month are there
//   Supports("from September 5-7", "2023-09-05/2023-09-07")   month and days, but no year
//
// Months are read in full and abbreviated ("Sept."), days as numbers beside their month ("5-7
// September", "September 5, 2023", "the 5th of September"), years as four digits, ranges of years
// with every year that they name, seasons beside a year. "May" and "March" are months where a
// number stands beside them, or a preposition before them; at the start of a sentence only beside
// a number.
//
// Pure functions: thread-safe.
#ifndef ENTENTE_COMMON_PASSAGE_DATES_H_
#define ENTENTE_COMMON_PASSAGE_DATES_H_

#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/passage/text.h"

namespace entente::passage {

enum class DateKind {
  kYear,
  kDecade,    // "1990s": 1990
  kMonth,     // 1 to 12; seasons as in EDTF: 21 spring, 22 summer, 23 autumn, 24 winter
  kDay,       // 1 to 31
  kRelative,  // "later this year", "last month", "since then": no value
};

struct FoundDate {
  DateKind kind = DateKind::kYear;
  Span span;
  int value = 0;
};

// In order of their begins. `within` must be held by the text.
std::vector<FoundDate> FindDates(const Text& text, const Span& within);

// The years, months and days that an EDTF expression writes.
struct DateParts {
  std::set<int> years;
  std::set<int> decades;  // "201X"
  std::set<int> months;
  std::set<int> days;
};

// INVALID_ARGUMENT as edtf::Parse.
absl::StatusOr<DateParts> PartsOf(absl::string_view edtf);

// What of a date words hold. A part that the date does not have is supported.
struct DateSupport {
  bool years = true;
  bool months = true;
  bool days = true;
  // The words name a month or a day beside a month, but none of the date's.
  bool contradicted = false;
  // The words hold a year, month, day or relative word of any sort.
  bool dated = false;

  bool all() const { return years && months && days; }
};

// Whether `found` holds every part of a date.
DateSupport Supports(const std::vector<FoundDate>& found, const DateParts& parts);

// The same of words on their own. INVALID_ARGUMENT if they are not UTF-8 or the date not EDTF.
absl::StatusOr<DateSupport> Supports(absl::string_view words, absl::string_view edtf);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_DATES_H_
