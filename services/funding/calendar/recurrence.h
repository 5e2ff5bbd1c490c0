// SPDX-License-Identifier: Apache-2.0
//
// How often a figure that comes back does so within a horizon: whole periods, nothing prorated.
//
//   ASSIGN_OR_RETURN(const Horizon horizon, ParseHorizon("2024/2028"));
//   WholePeriods(1, v1::RECURRENCE_UNIT_YEAR, horizon, std::nullopt);                   // 5
//   WholePeriods(1, v1::RECURRENCE_UNIT_YEAR, horizon, edtf::Parse("2025-07/..").value());  // 3
//
// In the last, the periods are 2025-07-01/2026-06-30 and two more; the half year that is left of
// 2028 counts for nothing.
//
// Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_CALENDAR_RECURRENCE_H_
#define ENTENTE_SERVICES_FUNDING_CALENDAR_RECURRENCE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "entente/funding/v1/claim.pb.h"

namespace entente::funding::calendar {

// The time over which rates are to become totals, both days included.
struct Horizon {
  absl::CivilDay first;
  absl::CivilDay last;

  friend bool operator==(const Horizon&, const Horizon&) = default;
};

// More than anybody plans; it keeps the number of periods small enough to multiply money by.
inline constexpr int kMaxHorizonYears = 1000;

// Reads "2024/2028": an interval of days, months or years, or one of these alone; each stands for
// all of it.
//
// Errors: INVALID_ARGUMENT if it is not that, if an end is open, unknown, qualified or not fully
// specified, or if it is longer than kMaxHorizonYears; the message can follow the field's name.
absl::StatusOr<Horizon> ParseHorizon(absl::string_view edtf);

// The number of whole periods of `every` `unit`s that lie inside `horizon` and inside `validity`.
// 0 if `every` or `unit` is not one that a claim can have. It takes the same short time for any
// horizon.
//
// The periods follow each other from the first day of the validity on, even if that is before the
// horizon; those that begin before the horizon do not count. Without a validity, or if it has no
// first day, they follow each other from the first day of the horizon. Each begins on the same day
// of the month, or on the last day of a month that does not have it: from January 31 on February
// 28, and then on March 31 again.
//
// Of the validity:
// - A year, a month or a day stands for all of it, alone and as an end of an interval.
// - An end that is open (`..`) or unknown (empty) does not bound. The source says of the one that
//   the figure goes on, and names no end in the other; to take either for a bound would make a
//   figure that is stated into none, and the caller's horizon bounds both.
// - What is imprecise counts only as far as it is certain: an end of an interval that is qualified,
//   has unspecified digits or is a season begins on the last of its days, and ends on the first.
//   Of a date like that alone and of a set no time is certain, so no period is whole.
int64_t WholePeriods(int every, v1::RecurrenceUnit unit, const Horizon& horizon,
                     const std::optional<edtf::Date>& validity);

}  // namespace entente::funding::calendar

#endif  // ENTENTE_SERVICES_FUNDING_CALENDAR_RECURRENCE_H_
