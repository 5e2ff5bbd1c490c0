// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/value.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace entente::funding::rates {

absl::StatusOr<RateValue> RateValue::Parse(absl::string_view text) {
  constexpr absl::string_view kForm =
      "must be a decimal above 0 without sign or exponent, for example \"1.0843\"";
  if (text.size() > kMaxLength) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", text.size(), " characters; at most ", kMaxLength, " are accepted"));
  }
  const size_t point = std::min(text.find('.'), text.size());
  const absl::string_view whole = text.substr(0, point);
  absl::string_view fraction = point == text.size() ? "" : text.substr(point + 1);
  const auto all_digits = [](absl::string_view digits) {
    return !digits.empty() && std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit);
  };
  if (!all_digits(whole) || (point != text.size() && !all_digits(fraction))) {
    return absl::InvalidArgumentError(kForm);
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  RateValue value{0, static_cast<int>(fraction.size())};
  int digits = 0;  // From the first that is not 0 on.
  for (const absl::string_view part : {whole, fraction}) {
    for (const char c : part) {
      digits += digits > 0 || c != '0' ? 1 : 0;
      if (digits <= kMaxDigits) value.coefficient = value.coefficient * 10 + (c - '0');
    }
  }
  if (digits == 0) return absl::InvalidArgumentError(kForm);
  if (digits > kMaxDigits || value.scale > kMaxScale) {
    return absl::InvalidArgumentError(absl::StrCat("has more than ", kMaxDigits,
                                                   " significant digits, or more than ", kMaxScale,
                                                   " behind the point"));
  }
  return value;
}

std::string RateValue::ToString() const {
  std::string text;  // Backwards.
  absl::uint128 rest = coefficient;
  for (int place = 0; rest != 0 || place <= scale; ++place) {
    if (place > 0 && place == scale) text += '.';
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace entente::funding::rates
