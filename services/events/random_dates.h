// SPDX-License-Identifier: Apache-2.0
//
// Dates for property tests: every form of EDTF that common/edtf takes, close enough together
// that they meet in all ways.
#ifndef ENTENTE_SERVICES_EVENTS_RANDOM_DATES_H_
#define ENTENTE_SERVICES_EVENTS_RANDOM_DATES_H_

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"

namespace entente::events {

class RandomDates {
 public:
  explicit RandomDates(unsigned seed) : random_(seed) {}

  // The text is valid and canonical.
  edtf::Date Next() {
    while (true) {
      // Of the few that are refused the end precedes the start.
      if (auto date = edtf::Parse(Text()); date.ok()) return *std::move(date);
    }
  }

  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

 private:
  absl::CivilDay Day() { return absl::CivilDay(2022, 11, 1) + Below(120); }
  static std::string Of(absl::CivilDay day) { return absl::FormatCivilTime(day); }
  static std::string Of(absl::CivilMonth month) { return absl::FormatCivilTime(month); }
  std::string Single() {
    switch (Below(4)) {
      case 0:
        return absl::StrCat(2022 + Below(2));
      case 1:
        return Of(absl::CivilMonth(Day()));
      default:
        return Of(Day());
    }
  }

  std::string Text() {
    auto first = Day();
    auto last = Day();
    if (last < first) std::swap(first, last);
    switch (Below(16)) {
      case 0:
        return absl::StrCat(Single(), "?");
      case 1:
        return absl::StrCat(Single(), "~");
      case 2:
        return absl::StrCat(Of(first), "/", Of(last));
      case 3:
        return absl::StrCat(Of(absl::CivilMonth(first)), "/", Of(absl::CivilMonth(last)));
      case 4:
        return absl::StrCat(Of(first), Below(2) == 0 ? "/.." : "/");
      case 5:
        return absl::StrCat(Below(2) == 0 ? "../" : "/", Of(last));
      case 6:
        return absl::StrCat("[", Of(first), "..", Of(last), "]");
      case 7:
        return absl::StrCat("[..", Of(last), "]");
      case 8:
        return absl::StrCat("[", Of(first), "..]");
      case 9:
        return absl::StrCat("{", Of(first), ",", Of(last), "}");
      case 10:
        return absl::StrCat("{", Of(first), "..", Of(last), "}");
      case 11:
        return Below(2) == 0 ? "2022-12-XX" : "202X";
      case 12:
        return absl::StrCat(2022 + Below(2), "-2", 1 + Below(4));
      case 13:
        return absl::StrCat(Of(first), "T23:30:00+07:00");
      default:
        return Single();
    }
  }

  std::mt19937 random_;
};

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_RANDOM_DATES_H_
