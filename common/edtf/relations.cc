// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/relations.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace entente::edtf {

namespace {

DayRange StepAround(int64_t day, Precision step) {
  const absl::CivilDay civil = DayOf(day);
  if (step == Precision::kYear) {
    const absl::CivilYear year(civil);
    return {DayNumber(absl::CivilDay(year)), DayNumber(absl::CivilDay(year + 1)) - 1};
  }
  if (step == Precision::kMonth) {
    const absl::CivilMonth month(civil);
    return {DayNumber(absl::CivilDay(month)), DayNumber(absl::CivilDay(month + 1)) - 1};
  }
  return {day, day};
}

// Whether one whole year, month or day of `range`, cut at its ends, lies in `window`. It is enough
// to look at the first that starts in the window; where that lies infinitely far away, at the
// last that ends in it.
bool SomeStepWithin(const DayRange& range, Precision step, const DayRange& window) {
  const int64_t first = std::max(range.first, window.first);
  const int64_t last = std::min(range.last, window.last);
  if (first > last) return false;
  if (first == kBeginningOfTime && last == kEndOfTime) return true;
  if (first != kBeginningOfTime) {
    DayRange found = StepAround(first, step);
    if (found.first < first && first != range.first) found = StepAround(found.last + 1, step);
    return found.first <= last && std::min(found.last, range.last) <= last;
  }
  // Both start infinitely early: whole steps precede `last`, whatever happens around it.
  return true;
}

}  // namespace

// Reads the private parts of dates for this file.
class Reader {
 public:
  static bool Qualified(const Date& date) { return date.uncertain_ || date.approximate_; }

  static bool EndUnknown(const Date& date) { return date.start_unknown_ || date.end_unknown_; }

  // Every day that some reading includes.
  static DaySet Reach(const Date& date) {
    if (date.form_ != Form::kInterval) return date.start_;
    return DaySet({{date.start_.first(), date.end_.last()}});
  }

  static int64_t First(const Date& date) { return date.start_.first(); }
  static int64_t Last(const Date& date) {
    return date.form_ == Form::kInterval ? date.end_.last() : date.start_.last();
  }

  static bool CertainlyIn(const Date& date, const DaySet& window) {
    switch (date.form_) {
      case Form::kDate:
      case Form::kOneOf:
        return window.Contains(date.start_);
      case Form::kInterval: {
        // Some duration misses the window if it fits into one of the gaps around it.
        const DaySet outside = window.Complement();
        for (const DayRange& gap : outside.ranges()) {
          const DaySet start = date.start_.Intersection(DaySet({gap}));
          const DaySet end = date.end_.Intersection(DaySet({gap}));
          if (!start.empty() && !end.empty() && start.first() <= end.last()) return false;
        }
        return true;
      }
      case Form::kAllOf:
        return std::any_of(date.members_.begin(), date.members_.end(),
                           [&](const Date::Member& m) { return MemberCertainlyIn(m, window); });
    }
    return false;
  }

  // The days that every reading includes.
  static DaySet SureDays(const Date& date) {
    DaySet::Ranges sure;
    const auto add = [&sure](int64_t first, int64_t last) {
      if (first <= last) sure.push_back({first, last});
    };
    if (date.form_ == Form::kAllOf) {
      for (const Date::Member& member : date.members_) {
        const int64_t first = member.days.first();
        const int64_t last = member.days.last();
        if (!member.is_range) {
          add(last, first);
        } else if (member.step == Precision::kDay) {
          add(first, last);
        } else {
          // A range can cut its first or last year or month down to a single day.
          if (first != kBeginningOfTime) add(StepAround(first, member.step).last, first);
          if (last != kEndOfTime) add(last, StepAround(last, member.step).first);
        }
      }
    } else {
      add(date.start_.last(), date.is_interval() ? date.end_.first() : date.start_.first());
    }
    return DaySet(std::move(sure));
  }

 private:
  static bool MemberCertainlyIn(const Date::Member& member, const DaySet& window) {
    if (!member.is_range) return window.Contains(member.days);
    const DayRange range = {member.days.first(), member.days.last()};
    return std::any_of(window.ranges().begin(), window.ranges().end(), [&](const DayRange& piece) {
      return SomeStepWithin(range, member.step, piece);
    });
  }
};

bool PossiblyWithin(const Date& date, const Date& window) {
  return Reader::Reach(date).Intersects(Reader::Reach(window));
}

bool CertainlyWithin(const Date& date, const Date& window) {
  if (Reader::Qualified(date) || Reader::Qualified(window)) return false;
  if (Reader::EndUnknown(window)) return false;
  return Reader::CertainlyIn(date, Reader::Reach(window));
}

Order Compare(const Date& a, const Date& b) {
  if (Reader::Qualified(a) || Reader::Qualified(b)) return Order::kUnknown;
  if (Reader::Last(a) < Reader::First(b)) return Order::kBefore;
  if (Reader::Last(b) < Reader::First(a)) return Order::kAfter;
  // Two that always meet do so on a day that one of them always includes: of two durations
  // without such a day, each could be over before the other's latest start.
  if (Reader::CertainlyIn(a, Reader::SureDays(b)) || Reader::CertainlyIn(b, Reader::SureDays(a))) {
    return Order::kOverlaps;
  }
  return Order::kUnknown;
}

}  // namespace entente::edtf
