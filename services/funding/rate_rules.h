// SPDX-License-Identifier: Apache-2.0
//
// What funding demands of rate series beyond the annotations of their protos.
#ifndef ENTENTE_SERVICES_FUNDING_RATE_RULES_H_
#define ENTENTE_SERVICES_FUNDING_RATE_RULES_H_

#include <map>
#include <string>

#include "common/resource/state.h"
#include "common/status/errors.h"
#include "entente/funding/v1/rate_series.pb.h"

namespace entente::funding {

// The most rates that one series has: the days of a leap year.
inline constexpr int kMaxRates = 366;

// Writes values without needless zeros, and fills in `first_year` and `last_year`. What is faulty
// is left as it was.
void CompleteRates(v1::RateSeries* series);

// One series:
// - Base and quote are two different ISO 4217 codes.
// - There are at most kMaxRates rates, in the order of their dates, no date twice.
// - The dates of daily rates are days of one calendar year; those of averages are years.
// - Values are decimals above 0 (rates/value.h).
void CheckRates(const v1::RateSeries& series, const std::string& path, Violations* violations);

// Series together: no two state different rates of the same kind, currencies and date, or else
// which of them an amount is converted with would be a matter of chance. `changed` as in
// resource::Rules::CheckTogether.
void CheckRatesTogether(const resource::State& after,
                        const std::map<std::string, std::string>& changed, Violations* violations);

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_RATE_RULES_H_
