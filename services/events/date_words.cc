// SPDX-License-Identifier: Apache-2.0
#include "services/events/date_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace entente::events {
namespace {

constexpr absl::string_view kMonths[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};

absl::string_view MonthOf(absl::CivilDay day) { return kMonths[day.month() - 1]; }

std::string DayWords(absl::CivilDay day) {
  return absl::StrCat(day.day(), " ", MonthOf(day), " ", day.year());
}

// `X` stands for a digit that is not specified; what is written with `x` elsewhere in EDTF is not.
bool HasUnspecifiedDigits(const edtf::Date& date) {
  return date.ToString().find('X') != std::string::npos;
}

// From the first to the last day that `date` may reach, where there are such.
std::string RangeWords(const edtf::Date& date, absl::string_view what) {
  const edtf::Bound earliest = date.earliest();
  const edtf::Bound latest = date.latest();
  const bool has_first = earliest.kind == edtf::Bound::kDay;
  const bool has_last = latest.kind == edtf::Bound::kDay;
  if (has_first && has_last) {
    return absl::StrCat(what, " from ", DayWords(earliest.day), " to ", DayWords(latest.day));
  }
  if (has_first) return absl::StrCat(what, " from ", DayWords(earliest.day), " on");
  if (has_last) return absl::StrCat(what, " until ", DayWords(latest.day));
  return absl::StrCat(what, ", which is not known");
}

std::string Words(const edtf::Date& date) {
  switch (date.form()) {
    case edtf::Form::kInterval:
      return RangeWords(date, "some time");
    case edtf::Form::kAllOf:
      return RangeWords(date, "several days");
    case edtf::Form::kOneOf:
      return RangeWords(date, "some time");
    case edtf::Form::kDate:
      break;
  }
  if (HasUnspecifiedDigits(date)) return RangeWords(date, "some time");
  const absl::CivilDay day = date.earliest().day;
  switch (date.precision()) {
    case edtf::Precision::kYear:
      return absl::StrCat("some time in ", day.year());
    case edtf::Precision::kMonth:
      return absl::StrCat("some time in ", MonthOf(day), " ", day.year());
    case edtf::Precision::kDay:
    case edtf::Precision::kSecond:
      return DayWords(day);
    case edtf::Precision::kSeason:
      break;
  }
  return RangeWords(date, "some time");
}

}  // namespace

std::optional<Days> ExactDays(const edtf::Date& date) {
  const bool is_exact =
      (date.form() == edtf::Form::kDate || date.is_interval()) &&
      (date.precision() == edtf::Precision::kDay || date.precision() == edtf::Precision::kSecond) &&
      !HasUnspecifiedDigits(date) && !date.is_uncertain() && !date.is_approximate();
  const edtf::Bound earliest = date.earliest();
  const edtf::Bound latest = date.latest();
  if (!is_exact || earliest.kind != edtf::Bound::kDay || latest.kind != edtf::Bound::kDay) {
    return std::nullopt;
  }
  return Days{earliest.day, latest.day};
}

std::string DateWords(const std::optional<edtf::Date>& date) {
  if (!date.has_value()) return "date not stated";
  if (const auto days = ExactDays(*date); days.has_value()) {
    return days->first == days->last
               ? DayWords(days->first)
               : absl::StrCat(DayWords(days->first), " to ", DayWords(days->last));
  }
  std::string words = Words(*date);
  if (date->is_uncertain()) absl::StrAppend(&words, ", uncertain");
  if (date->is_approximate()) absl::StrAppend(&words, ", approximate");
  return words;
}

}  // namespace entente::events
