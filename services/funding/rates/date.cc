// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/date.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace entente::funding::rates {
namespace {

// The number that `text` is; -1 if it is not all digits.
int Number(absl::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

std::optional<absl::CivilDay> DayOf(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = Number(text.substr(0, 4));
  const int month = Number(text.substr(5, 2));
  const int day = Number(text.substr(8, 2));
  if (std::min({year, month, day}) < 0) return std::nullopt;
  // A day that there is not becomes another one: February 30 is early in March.
  const absl::CivilDay result(year, month, day);
  if (result.month() != month || result.day() != day) return std::nullopt;
  return result;
}

std::optional<int> YearOf(absl::string_view text) {
  const int year = text.size() == 4 ? Number(text) : -1;
  return year < 0 ? std::nullopt : std::optional<int>(year);
}

}  // namespace entente::funding::rates
