// SPDX-License-Identifier: Apache-2.0
//
// An exchange rate as its publisher writes it: an exact decimal above 0.
//
//   absl::StatusOr<RateValue> value = RateValue::Parse("0.00000000000008099705334969945");
//   value->ToString();  // the same text
//
// Rates of currencies that were redenominated have more places behind the point than amounts ever
// have, hence a type of its own beside figure::Decimal.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_VALUE_H_
#define ENTENTE_SERVICES_FUNDING_RATES_VALUE_H_

#include <cstddef>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::funding::rates {

// The rate is coefficient / 10^scale, in the form with the smallest scale: equal rates are equal
// in both. 0 < coefficient < 10^38 and 0 <= scale <= 38.
struct RateValue {
  static constexpr int kMaxDigits = 38;
  static constexpr int kMaxScale = 38;
  // A cap on text to be read.
  static constexpr size_t kMaxLength = 128;

  absl::uint128 coefficient = 1;
  int scale = 0;

  // Reads digits with at most one point, which has digits on both sides ("187", "0.8705").
  // INVALID_ARGUMENT for anything else: signs, exponents, spaces, grouped thousands, decimal
  // commas, 0, more digits than a RateValue has. The message is written to follow the text.
  static absl::StatusOr<RateValue> Parse(absl::string_view text);

  // Without needless zeros: "185.7" for "185.70". Parse() of it gives the same value.
  std::string ToString() const;

  friend bool operator==(const RateValue&, const RateValue&) = default;
};

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_VALUE_H_
