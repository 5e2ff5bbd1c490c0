// SPDX-License-Identifier: Apache-2.0
//
// What a qualified figure ("more than 520.3", "nearly 2,000") says about the true value: an
// interval of exact decimals whose ends are open or closed.
//
//   absl::StatusOr<Interval> interval = IntervalOf(Qualifier::kMoreThan, 500);
//   ToString(*interval);  // "(500, inf)"
//
// A figure that is not stated has no interval. It is not [0, inf): nothing is known of it, and a
// sum that lacks it is incomplete rather than merely unbounded.
//
// Plain values and pure functions: thread-safe.

#ifndef ENTENTE_COMMON_FIGURE_INTERVAL_H_
#define ENTENTE_COMMON_FIGURE_INTERVAL_H_

#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/figure/decimal.h"

namespace entente::figure {

// How a source hedges its figure v. Money and counts are at least 0, hence the lower ends.
enum class Qualifier {
  kExact,      // "v"                   [v, v]; as written, without an interval for rounding
  kMoreThan,   // "more than", "over"   (v, inf)
  kAtLeast,    // "at least"            [v, inf)
  kLessThan,   // "less than", "under"  [0, v)
  kNearly,     // "nearly", "almost"    [0, v)
  kUpTo,       // "up to"               [0, v]
  kAbout,      // "about", "some"       [v - t%, v + t%] with a tolerance t, a convention
  kNotStated,  //                       none
};

// "exact", "more than", ..., "not stated"; for messages.
absl::string_view QualifierName(Qualifier qualifier);

// The convention for "about", unless the record says otherwise.
inline constexpr Decimal kDefaultTolerancePercent = 10;

// One end of an interval.
struct Bound {
  Decimal value;
  bool open = false;  // `value` itself is excluded

  friend bool operator==(const Bound&, const Bound&) = default;
};

// The values between two ends. Never empty when made by the functions below.
struct Interval {
  Bound low;
  std::optional<Bound> high;  // none: unbounded

  // The one value v.
  static Interval Point(const Decimal& value) { return {{value, false}, Bound{value, false}}; }

  bool Contains(const Decimal& value) const;
  // No value satisfies both ends: [2, 1], (1, 1].
  bool IsEmpty() const;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// Mathematical notation: "[0, 2000)", "(520.3, inf)".
std::string ToString(const Interval& interval);
std::ostream& operator<<(std::ostream& out, const Interval& interval);

// What `value`, so qualified, says. `tolerance_percent` matters for kAbout only.
// Errors:
//   FAILED_PRECONDITION  kNotStated: there is no interval, ask first
//   INVALID_ARGUMENT     a negative value under any qualifier but kExact; less than or nearly 0,
//                        which nothing is; for kAbout a tolerance outside of 0 to 100
//   OUT_OF_RANGE         an end is not a Decimal
absl::StatusOr<Interval> IntervalOf(Qualifier qualifier, const Decimal& value,
                                    const Decimal& tolerance_percent = kDefaultTolerancePercent);

// The values a + b for all a and b of two intervals that are not empty. An end is open if either
// of its contributors is. OUT_OF_RANGE if an end is not a Decimal.
absl::StatusOr<Interval> Add(const Interval& a, const Interval& b);

// The values in both; none if there are none, as when two sources contradict each other.
std::optional<Interval> Intersection(const Interval& a, const Interval& b);

}  // namespace entente::figure

#endif  // ENTENTE_COMMON_FIGURE_INTERVAL_H_
