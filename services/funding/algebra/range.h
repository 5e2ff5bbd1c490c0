// SPDX-License-Identifier: Apache-2.0
//
// Intervals that can be added up and taken apart again.
//
//   const Range sum = a + b + c;
//   Without(sum, b);       // a + c, exactly, also where ends are open or unbounded
//   sum - b;               // all x - y for x in the sum and y in b: a much wider range
//
// "An end is open if any term's is" and "unbounded if any term's is" forget how many terms it was,
// and what is forgotten cannot be subtracted. So an end counts its open and its unbounded terms
// instead: sums of ends are then a group, and a node of a tree with any number of parts knows the
// sum over all of them but a few in as many steps as there are few.
//
// Internal to this directory. Nothing here checks for overflow: a Tree bounds the sum of all its
// figures once, with room for any expression in them that it forms.

#ifndef ENTENTE_SERVICES_FUNDING_ALGEBRA_RANGE_H_
#define ENTENTE_SERVICES_FUNDING_ALGEBRA_RANGE_H_

#include <cstdint>

#include "absl/numeric/int128.h"

namespace entente::funding::algebra {

// One end of a range: the sum of the ends of some terms.
struct End {
  absl::int128 units = 0;  // of the bounded terms
  int32_t open = 0;        // how many of them are open
  int32_t unbounded = 0;   // how many terms are unbounded: if any, so is the end

  friend bool operator==(const End&, const End&) = default;
};

inline End operator+(const End& a, const End& b) {
  return {a.units + b.units, a.open + b.open, a.unbounded + b.unbounded};
}
inline End operator-(const End& a, const End& b) {
  return {a.units - b.units, a.open - b.open, a.unbounded - b.unbounded};
}
// The same end seen from the other side of 0.
inline End Mirrored(const End& end) { return {-end.units, end.open, end.unbounded}; }

struct Range {
  End low;
  End high;

  static Range Point(absl::int128 units) { return {{units}, {units}}; }
  static Range Zero() { return {}; }
  static Range AtLeastZero() { return {{0}, {0, 0, 1}}; }
  static Range Everything() { return {{0, 0, 1}, {0, 0, 1}}; }

  friend bool operator==(const Range&, const Range&) = default;
};

// The sums x + y.
inline Range operator+(const Range& a, const Range& b) { return {a.low + b.low, a.high + b.high}; }
// The differences x - y.
inline Range operator-(const Range& a, const Range& b) {
  return {a.low + Mirrored(b.high), a.high + Mirrored(b.low)};
}
// The sum of the other terms: what `sum` was before `term` was added.
inline Range Without(const Range& sum, const Range& term) {
  return {sum.low - term.low, sum.high - term.high};
}

inline bool IsEmpty(const Range& range) {
  if (range.low.unbounded > 0 || range.high.unbounded > 0) return false;
  if (range.low.units != range.high.units) return range.low.units > range.high.units;
  return range.low.open > 0 || range.high.open > 0;
}

// The tighter of two lower ends, as one term: the counts of what it was made of are 0 or 1, and
// equal ends are equal in every respect.
inline End TighterLow(const End& a, const End& b) {
  if (a.unbounded > 0 && b.unbounded > 0) return {0, 0, 1};
  const bool a_counts = b.unbounded > 0 || (a.unbounded == 0 && a.units >= b.units);
  const bool b_counts = a.unbounded > 0 || (b.unbounded == 0 && b.units >= a.units);
  const bool open = (a_counts && a.open > 0) || (b_counts && b.open > 0);
  return {a_counts ? a.units : b.units, open ? 1 : 0, 0};
}

// The values in both, as one term; empty (IsEmpty) if there are none.
inline Range Intersection(const Range& a, const Range& b) {
  return {TighterLow(a.low, b.low), Mirrored(TighterLow(Mirrored(a.high), Mirrored(b.high)))};
}

}  // namespace entente::funding::algebra

#endif  // ENTENTE_SERVICES_FUNDING_ALGEBRA_RANGE_H_
