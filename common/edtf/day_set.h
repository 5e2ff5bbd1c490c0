// SPDX-License-Identifier: Apache-2.0
//
// Sets of days as sorted ranges of day numbers: the algebra under EDTF's relations.
//
//   DaySet august({{19570, 19600}});
//   august.Complement();  // {[-inf, 19569], [19601, +inf]}
//
// A day number counts days from 1970-01-01, which is 0. kBeginningOfTime and kEndOfTime stand for
// "without bound"; they belong to a range like any other number, so that an open end is a set too.
// Immutable once made, hence safe to read from several threads.

#ifndef ENTENTE_COMMON_EDTF_DAY_SET_H_
#define ENTENTE_COMMON_EDTF_DAY_SET_H_

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

#include "absl/time/civil_time.h"

namespace entente::edtf {

inline constexpr int64_t kBeginningOfTime = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kEndOfTime = std::numeric_limits<int64_t>::max();

int64_t DayNumber(absl::CivilDay day);
// `number` must not be kBeginningOfTime or kEndOfTime.
absl::CivilDay DayOf(int64_t number);

// The days from `first` to `last`, both included; first <= last.
struct DayRange {
  int64_t first = 0;
  int64_t last = 0;

  friend bool operator==(const DayRange&, const DayRange&) = default;
};

class DaySet {
 public:
  using Ranges = std::vector<DayRange>;

  DaySet() = default;  // no day at all
  DaySet(std::initializer_list<DayRange> ranges) : DaySet(Ranges(ranges)) {}
  // Ranges in any order, which may overlap or touch.
  explicit DaySet(Ranges ranges);

  bool empty() const { return ranges_.empty(); }
  // Sorted, disjoint and with a day between any two.
  const Ranges& ranges() const { return ranges_; }

  // Only of a set that is not empty.
  int64_t first() const { return ranges_.front().first; }
  int64_t last() const { return ranges_.back().last; }

  bool Intersects(const DaySet& other) const;
  // Every day of `other` is in this set; so the empty set is in every set.
  bool Contains(const DaySet& other) const;

  DaySet Intersection(const DaySet& other) const;
  DaySet Union(const DaySet& other) const;
  DaySet Complement() const;

  friend bool operator==(const DaySet&, const DaySet&) = default;

 private:
  Ranges ranges_;
};

}  // namespace entente::edtf

#endif  // ENTENTE_COMMON_EDTF_DAY_SET_H_
