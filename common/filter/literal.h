// SPDX-License-Identifier: Apache-2.0
//
// Literals of typed fields. Internal to common/filter. Stricter than what they are made of: no
// surrounding white space, no "inf", no digits that would be dropped in silence.

#ifndef ENTENTE_COMMON_FILTER_LITERAL_H_
#define ENTENTE_COMMON_FILTER_LITERAL_H_

#include <compare>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace entente::filter::internal {

// Seconds and nanoseconds as in google.protobuf.Timestamp and Duration. Both have the same sign
// in a Duration, hence member by member is the right order for either.
struct Moment {
  int64_t seconds = 0;
  int32_t nanos = 0;
  auto operator<=>(const Moment&) const = default;
};

// `[+-]digits`, in the range of the type.
bool ParseInteger(absl::string_view text, int64_t* value);
bool ParseInteger(absl::string_view text, uint64_t* value);

// A finite decimal number, `[+-]digits[.digits][e[+-]digits]`; too large for a double is false.
bool ParseReal(absl::string_view text, double* value);

// RFC 3339 with at most nine fractional digits, in the years 0001 to 9999 (Timestamp's range).
std::optional<Moment> ParseTimestamp(absl::string_view text);

// `[+-]digits[.digits]s` with at most nine fractional digits, within +-315,576,000,000 s
// (Duration's range, ten thousand years).
std::optional<Moment> ParseDuration(absl::string_view text);

}  // namespace entente::filter::internal

#endif  // ENTENTE_COMMON_FILTER_LITERAL_H_
