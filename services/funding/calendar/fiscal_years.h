// SPDX-License-Identifier: Apache-2.0
//
// On which day the fiscal years of central governments begin.
//
//   FindFiscalYear("US")->month;  // 10: it begins on October 1
//   FindFiscalYear("ZZ");         // null
//
// The fiscal years are those of today, and stand for all time: what governments did before they
// changed theirs is not known here (fiscal_years.cc says who did). Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_CALENDAR_FISCAL_YEARS_H_
#define ENTENTE_SERVICES_FUNDING_CALENDAR_FISCAL_YEARS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::funding::calendar {

struct FiscalYear {
  absl::string_view country;  // ISO 3166-1 alpha-2.
  int month;                  // Of the first day, from 1.
  int day;                    // From 1; never February 29.
};

// All that are known, by country.
absl::Span<const FiscalYear> FiscalYears();

// That of a country; null if it is not known.
const FiscalYear* FindFiscalYear(absl::string_view country);

}  // namespace entente::funding::calendar

#endif  // ENTENTE_SERVICES_FUNDING_CALENDAR_FISCAL_YEARS_H_
