// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/as_of.h"

#include "absl/time/civil_time.h"

namespace entente::gateway {

std::optional<edtf::Date> DayOf(const std::string& given, const Clock& clock,
                                Violations* violations) {
  const std::string day =
      given.empty() ? absl::FormatCivilTime(absl::ToCivilDay(clock.Now(), absl::UTCTimeZone()))
                    : given;
  auto as_of = edtf::Parse(day);
  // A day is what reads like the day that it means: no month, no time, nothing qualified.
  if (!as_of.ok() || as_of->form() != edtf::Form::kDate || as_of->earliest() != as_of->latest() ||
      absl::FormatCivilTime(as_of->earliest().day) != day) {
    violations->Add("as_of", "must be a day, YYYY-MM-DD");
    return std::nullopt;
  }
  return *std::move(as_of);
}

}  // namespace entente::gateway
