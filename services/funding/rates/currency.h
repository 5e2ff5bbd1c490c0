// SPDX-License-Identifier: Apache-2.0
//
// Currency codes and the decimals of their minor units, by ISO 4217.
//
//   MinorUnitDigits("USD");  // 2: cents
//   MinorUnitDigits("VND");  // 0
//   MinorUnitDigits("XAU");  // none: gold has no minor unit
//
// Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_CURRENCY_H_
#define ENTENTE_SERVICES_FUNDING_RATES_CURRENCY_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace entente::funding::rates {

// Whether `code` has the form of an alphabetic code: three capital letters.
bool IsCurrencyCode(absl::string_view code);

// The decimals of the minor unit, by ISO 4217:2015, List One as amended up to 2025 (published by
// SIX, the maintenance agency). None for the codes to which a minor unit does not apply, such as
// metals and units of account, and for what is no code. The standard gives no decimals for
// currencies that are no longer in use: those, and codes that are yet to come, have 2.
std::optional<int> MinorUnitDigits(absl::string_view code);

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_CURRENCY_H_
