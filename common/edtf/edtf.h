// SPDX-License-Identifier: Apache-2.0
//
// Dates as precise as their source: EDTF, the Extended Date/Time Format of ISO 8601-2:2019 as
// profiled by the Library of Congress (https://www.loc.gov/standards/datetime/, 2019).
//
//   absl::StatusOr<Date> date = Parse("2023-09-05/2023-09-07");
//   if (!date.ok()) return date.status();
//   date->is_interval();    // true: a duration
//   date->earliest().day;   // 2023-09-05
//   date->ToString();       // "2023-09-05/2023-09-07"
//
// Supported: levels 0 and 1 whole, and from level 2 the sets.
//
//   2022  2023-08  2023-09-05       a date            one unknown day of it
//   2023-09-05T14:00:00+07:00       date and time     the day as written, never moved to UTC
//   2023-09-05/2023-09-07           an interval       a duration: each day from start to end
//   2004-06/..  ../2004-06          an open end       the duration has no bound there
//   2004-06/  /2004-06              an unknown end    it has one, and nobody knows which
//   1984?  2004-06~  2004-06-11%    qualified         uncertain, approximate, both
//   201X  20XX  2004-XX  2004-06-XX  2004-XX-XX       unspecified digits, from the right
//   2001-21 .. 2001-24              a season          see below
//   -0043  Y170000002  Y-170000002  years before 0000, and of more than four digits
//   [2021,2023-08]  [..2023-09-07]  [2023-09-07..]    one of a set: one unknown day of all of it
//   {2021,2023-08}  {2021..2023}    all of a set      one unknown day of each member
//
// Where the specification leaves room, this is what holds here:
//
// * Seasons. 21 spring is March to May, 22 summer June to August, 23 autumn September to November,
//   24 winter January, February and December, all of the year as written. It is the northern,
//   meteorological convention. Winter is two pieces of its year, so that every season lies in the
//   year that its author wrote, and none runs into a year that nobody mentioned. Who means
//   something else writes the months.
// * The calendar is the proleptic Gregorian one with a year 0000 (1 BCE). "-0000" is refused.
// * Years have at most 12 digits after `Y`, no leading zero, and `Y` only beyond four digits.
// * A range in a set, `a..b`, runs between plain years, months or days, each of which may be
//   qualified. In `{a..b}` the members are the years, months or days of the coarser end, cut
//   where the finer one says: `{2021-11..2023}` is one day in 2021-11/2021-12, one in 2022, one
//   in 2023.
// * An interval must say something: `../..`, `/` and the like are refused. So is one, or a range
//   in a set, whose end cannot but precede its start.
// * A time of day goes with a single date, complete with seconds; not into intervals or sets (as
//   the specification has it), and unqualified. Second 60 is accepted only at 23:59 UTC.
// * Text is ASCII, at most kMaxLength bytes. Spaces are accepted in sets only, around members.

#ifndef ENTENTE_COMMON_EDTF_EDTF_H_
#define ENTENTE_COMMON_EDTF_EDTF_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/edtf/day_set.h"

namespace entente::edtf {

// Long enough for any set that a person writes; a cap on what one request can ask to be parsed.
inline constexpr size_t kMaxLength = 4096;

enum class Form {
  kDate,      // a single date, with or without a time
  kInterval,  // start/end: a duration
  kOneOf,     // [..]
  kAllOf,     // {..}
};

// From coarse to fine. Unspecified digits do not coarsen it: `201X` has year precision and
// `2004-XX` month precision, as in the specification.
enum class Precision { kYear, kSeason, kMonth, kDay, kSecond };

// An end of what a date covers.
struct Bound {
  enum Kind {
    kDay,        // `day` is the bound, and belongs to what is covered
    kUnbounded,  // `..`: there is no bound
    kUnknown,    // an empty end of an interval: there is one, and it is not known
  };

  Kind kind = kDay;
  absl::CivilDay day;  // meaningful for kDay only

  friend bool operator==(const Bound&, const Bound&) = default;
};

// A parsed expression. Immutable: copies are independent, concurrent reads are safe. There is no
// "empty" date: something undated is a std::optional<Date> without a value.
class Date {
 public:
  // The canonical text; Parse(ToString()) gives an equal date. It keeps the precision, the
  // qualification and the order of members that the author chose. It drops spaces and repeated
  // members, writes a set of one date as that date and a range from a date to itself as one
  // member, and offsets as `Z` or with minutes.
  const std::string& ToString() const { return text_; }

  Form form() const { return form_; }
  bool is_interval() const { return form_ == Form::kInterval; }
  bool is_set() const { return form_ == Form::kOneOf || form_ == Form::kAllOf; }

  // The coarsest precision of the dates in the expression.
  Precision precision() const { return precision_; }

  // Whether any date in the expression is uncertain (`?`, `%`) or approximate (`~`, `%`).
  bool is_uncertain() const { return uncertain_; }
  bool is_approximate() const { return approximate_; }

  // The first and the last day that the expression may reach. Qualification never widens them.
  // If both are days, earliest().day <= latest().day.
  Bound earliest() const;
  Bound latest() const;

  // Same canonical text: same statement. `2023-08` and `2023-08-XX` cover the same days, and are
  // different statements.
  friend bool operator==(const Date& a, const Date& b) { return a.text_ == b.text_; }
  friend bool operator!=(const Date& a, const Date& b) { return !(a == b); }

  template <typename H>
  friend H AbslHashValue(H state, const Date& date) {
    return H::combine(std::move(state), date.text_);
  }

  // For test failures and logs.
  friend std::ostream& operator<<(std::ostream& out, const Date& date) {
    return out << date.ToString();
  }

 private:
  friend class Parser;
  friend class Reader;  // relations.cc

  // A member of an all-of set: one unknown day of `days`; or, for a range of a set, one unknown
  // day in each `step` from days.first() to days.last().
  struct Member {
    DaySet days;
    bool is_range = false;
    Precision step = Precision::kDay;  // of a range: kYear, kMonth or kDay
  };

  Date() = default;

  std::string text_;
  Form form_ = Form::kDate;
  Precision precision_ = Precision::kDay;
  bool uncertain_ = false;
  bool approximate_ = false;
  bool start_unknown_ = false;
  bool end_unknown_ = false;
  // Intervals: the possible days of the start; each has a possible end at or after it. Other
  // forms: every day that the expression can mean.
  DaySet start_;
  // Intervals only: the possible days of the end; each has a possible start at or before it.
  DaySet end_;
  std::vector<Member> members_;  // kAllOf only
};

// Errors: INVALID_ARGUMENT, with the column (in bytes, from 1), what was expected there, and how
// to mend it.
absl::StatusOr<Date> Parse(absl::string_view text);

}  // namespace entente::edtf

#endif  // ENTENTE_COMMON_EDTF_EDTF_H_
