// SPDX-License-Identifier: Apache-2.0
//
// An imprecise date in English words that claim no more than it does.
//
//   2023-09-05               5 September 2023
//   2023-09-05/2023-09-07    5 September 2023 to 7 September 2023
//   2023-08                  some time in August 2023
//   [..2023-09-07]           some time until 7 September 2023
//   2023-08/2023-10?         some time from 1 August 2023 to 31 October 2023, uncertain
#ifndef ENTENTE_SERVICES_EVENTS_DATE_WORDS_H_
#define ENTENTE_SERVICES_EVENTS_DATE_WORDS_H_

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"

namespace entente::events {

// The first and the last of days that something certainly takes all of.
struct Days {
  absl::CivilDay first;
  absl::CivilDay last;
};

// The days of a date that says exactly which they are: a day (with or without a time), or a
// duration from day to day, neither uncertain nor approximate. None for any other.
std::optional<Days> ExactDays(const edtf::Date& date);

// "date not stated" for none.
std::string DateWords(const std::optional<edtf::Date>& date);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_DATE_WORDS_H_
