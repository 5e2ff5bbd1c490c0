// SPDX-License-Identifier: Apache-2.0
#include "common/filter/literal.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace entente::filter::internal {
namespace {

constexpr int kNanosDigits = 9;
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int64_t kMinTimestampSeconds = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;  // 9999-12-31T23:59:59Z

bool ConsumeSign(absl::string_view* text) {
  const bool negative = !text->empty() && text->front() == '-';
  if (negative || (!text->empty() && text->front() == '+')) text->remove_prefix(1);
  return negative;
}

// The digits at the start of `text`, which moves past them.
absl::string_view ConsumeDigits(absl::string_view* text) {
  const size_t length =
      std::find_if_not(text->begin(), text->end(), absl::ascii_isdigit) - text->begin();
  const absl::string_view digits = text->substr(0, length);
  text->remove_prefix(length);
  return digits;
}

bool Consume(absl::string_view* text, char lower) {
  if (text->empty() || absl::ascii_tolower(text->front()) != lower) return false;
  text->remove_prefix(1);
  return true;
}

// `.digits`, if there; false if it is malformed.
bool ConsumeFraction(absl::string_view* text, int32_t* nanos) {
  *nanos = 0;
  if (!Consume(text, '.')) return true;
  const absl::string_view digits = ConsumeDigits(text);
  if (digits.empty() || digits.size() > kNanosDigits) return false;
  return absl::SimpleAtoi(absl::StrCat(digits, std::string(kNanosDigits - digits.size(), '0')),
                          nanos);
}

// Exactly `length` digits, of a value within [low, high].
bool ConsumeNumber(absl::string_view* text, size_t length, int low, int high, int* value) {
  if (text->size() < length) return false;
  const absl::string_view digits = text->substr(0, length);
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) return false;
  text->remove_prefix(length);
  return absl::SimpleAtoi(digits, value) && *value >= low && *value <= high;
}

template <typename Integer>
bool ParseWhole(absl::string_view text, Integer* value) {
  absl::string_view rest = text;
  ConsumeSign(&rest);
  const absl::string_view digits = ConsumeDigits(&rest);
  return !digits.empty() && rest.empty() && absl::SimpleAtoi(text, value);
}

}  // namespace

bool ParseInteger(absl::string_view text, int64_t* value) { return ParseWhole(text, value); }
bool ParseInteger(absl::string_view text, uint64_t* value) { return ParseWhole(text, value); }

bool ParseReal(absl::string_view text, double* value) {
  absl::string_view rest = text;
  ConsumeSign(&rest);
  size_t digits = ConsumeDigits(&rest).size();
  if (Consume(&rest, '.')) digits += ConsumeDigits(&rest).size();
  if (digits == 0) return false;
  if (Consume(&rest, 'e')) {
    ConsumeSign(&rest);
    if (ConsumeDigits(&rest).empty()) return false;
  }
  return rest.empty() && absl::SimpleAtod(text, value) && std::isfinite(*value);
}

std::optional<Moment> ParseTimestamp(absl::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int32_t nanos = 0;
  // 60 is a leap second (RFC 3339, section 5.7): the first second of the next minute.
  if (!ConsumeNumber(&text, 4, 1, 9999, &year) || !Consume(&text, '-') ||
      !ConsumeNumber(&text, 2, 1, 12, &month) || !Consume(&text, '-') ||
      !ConsumeNumber(&text, 2, 1, 31, &day) || !Consume(&text, 't') ||
      !ConsumeNumber(&text, 2, 0, 23, &hour) || !Consume(&text, ':') ||
      !ConsumeNumber(&text, 2, 0, 59, &minute) || !Consume(&text, ':') ||
      !ConsumeNumber(&text, 2, 0, 60, &second) || !ConsumeFraction(&text, &nanos)) {
    return std::nullopt;
  }
  if (absl::CivilDay(year, month, day).day() != day) return std::nullopt;  // e.g. 30 February
  int64_t offset = 0;
  if (!Consume(&text, 'z')) {
    if (text.empty() || (text.front() != '-' && text.front() != '+')) return std::nullopt;
    const int sign = ConsumeSign(&text) ? -1 : 1;
    int offset_hours = 0, offset_minutes = 0;
    if (!ConsumeNumber(&text, 2, 0, 23, &offset_hours) || !Consume(&text, ':') ||
        !ConsumeNumber(&text, 2, 0, 59, &offset_minutes)) {
      return std::nullopt;
    }
    offset = sign * (offset_hours * 3600 + offset_minutes * 60);
  }
  if (!text.empty()) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  const int64_t seconds = absl::ToUnixSeconds(absl::FromCivil(civil, absl::UTCTimeZone())) - offset;
  if (seconds < kMinTimestampSeconds || seconds > kMaxTimestampSeconds) return std::nullopt;
  return Moment{seconds, nanos};
}

std::optional<Moment> ParseDuration(absl::string_view text) {
  const bool negative = ConsumeSign(&text);
  const absl::string_view digits = ConsumeDigits(&text);
  Moment result;
  if (!absl::SimpleAtoi(digits, &result.seconds) || result.seconds > kMaxDurationSeconds ||
      !ConsumeFraction(&text, &result.nanos) || text != "s" ||
      (result.seconds == kMaxDurationSeconds && result.nanos > 0)) {
    return std::nullopt;
  }
  if (negative) {
    result.seconds = -result.seconds;
    result.nanos = -result.nanos;
  }
  return result;
}

}  // namespace entente::filter::internal
