// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/day_set.h"

#include <algorithm>
#include <utility>

namespace entente::edtf {

namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);

}  // namespace

int64_t DayNumber(absl::CivilDay day) { return day - kEpoch; }

absl::CivilDay DayOf(int64_t number) { return kEpoch + number; }

DaySet::DaySet(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const DayRange& a, const DayRange& b) { return a.first < b.first; });
  for (const DayRange& range : ranges) {
    const bool joins = !ranges_.empty() && (ranges_.back().last == kEndOfTime ||
                                            range.first <= ranges_.back().last + 1);
    if (joins) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

DaySet DaySet::Intersection(const DaySet& other) const {
  DaySet result;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const int64_t first = std::max(a->first, b->first);
    const int64_t last = std::min(a->last, b->last);
    if (first <= last) result.ranges_.push_back({first, last});
    if (a->last < b->last) {
      ++a;
    } else {
      ++b;
    }
  }
  return result;
}

bool DaySet::Intersects(const DaySet& other) const { return !Intersection(other).empty(); }

bool DaySet::Contains(const DaySet& other) const { return Intersection(other) == other; }

DaySet DaySet::Union(const DaySet& other) const {
  Ranges all = ranges_;
  all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
  return DaySet(std::move(all));
}

DaySet DaySet::Complement() const {
  DaySet result;
  int64_t next = kBeginningOfTime;
  for (const DayRange& range : ranges_) {
    if (range.first > next) result.ranges_.push_back({next, range.first - 1});
    if (range.last == kEndOfTime) return result;
    next = range.last + 1;
  }
  result.ranges_.push_back({next, kEndOfTime});
  return result;
}

}  // namespace entente::edtf
