// SPDX-License-Identifier: Apache-2.0
//
// The dates of rates: days and years, written in full.
//
//   DayOf("2024-02-29");  // that day
//   DayOf("2023-02-29");  // none
//   YearOf("2023");       // 2023
//
// Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_DATE_H_
#define ENTENTE_SERVICES_FUNDING_RATES_DATE_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace entente::funding::rates {

// The day that "YYYY-MM-DD" is; none if it is not written like that or there is no such day.
std::optional<absl::CivilDay> DayOf(absl::string_view text);

// The year that "YYYY" is; none if it is not written like that.
std::optional<int> YearOf(absl::string_view text);

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_DATE_H_
