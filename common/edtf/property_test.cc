// SPDX-License-Identifier: Apache-2.0
//
// The relations, against an oracle that enumerates days. Random expressions are made together
// with what they mean: masks over a few years of days, filled by looking at each day's calendar
// fields. No expression reaches the first or last of these years, so that their first and last
// day can stand for "infinitely far away".

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "gtest/gtest.h"

namespace entente::edtf {
namespace {

using Mask = std::vector<bool>;
using Days = std::vector<size_t>;  // ascending

size_t First(const Mask& mask) {
  size_t day = 0;
  while (!mask[day]) ++day;
  return day;
}

size_t Last(const Mask& mask) {
  size_t day = mask.size() - 1;
  while (!mask[day]) --day;
  return day;
}

bool Intersect(const Mask& a, const Mask& b) {
  for (size_t day = 0; day < a.size(); ++day) {
    if (a[day] && b[day]) return true;
  }
  return false;
}

Days DaysOf(const Mask& mask) {
  Days days;
  for (size_t day = 0; day < mask.size(); ++day) {
    if (mask[day]) days.push_back(day);
  }
  return days;
}

bool AllIn(const Days& days, const Mask& mask) {
  return std::all_of(days.begin(), days.end(), [&mask](size_t day) { return mask[day]; });
}

// What an expression means.
struct Model {
  std::string text;
  enum Shape { kPoint, kDuration, kAll } shape = kPoint;
  Mask days;                  // kPoint
  Mask start, end;            // kDuration
  std::vector<Days> members;  // kAll
  bool qualified = false;
  bool start_unknown = false, end_unknown = false;
  bool start_open = false, end_open = false;
  bool seasonal = false;
};

struct SingleModel {
  std::string text;
  Mask days;
  int unit = 0;  // 0 year, 1 month, 2 day
  bool qualified = false;
  bool seasonal = false;
};

class Maker {
 public:
  // Dates in the months [first_month, last_month]; the universe has `margin` months around them.
  Maker(unsigned seed, absl::CivilMonth first_month, absl::CivilMonth last_month, int margin,
        bool coarse)
      : rng_(seed),
        first_month_(first_month),
        months_(static_cast<int>(last_month - first_month) + 1),
        begin_(first_month - margin),
        size_(absl::CivilDay(last_month + 1 + margin) - begin_),
        coarse_(coarse) {
    for (absl::CivilDay day = begin_; calendar_.size() < size_; ++day) calendar_.push_back(day);
  }

  absl::CivilDay Day(size_t index) const { return calendar_[index]; }
  size_t size() const { return size_; }
  int Roll(int n) { return std::uniform_int_distribution<int>(0, n - 1)(rng_); }

  Model Make() {
    const int kind = Roll(10);
    if (kind < 3) return Point();
    if (kind < 7) return Duration();
    return Set(kind < 9);
  }

 private:
  Mask Where(const std::function<bool(absl::CivilDay)>& holds) const {
    Mask mask(size_);
    for (size_t i = 0; i < size_; ++i) mask[i] = holds(Day(i));
    return mask;
  }

  Mask Empty() const { return Mask(size_); }
  Mask Only(size_t day) const {
    Mask mask(size_);
    mask[day] = true;
    return mask;
  }

  // A year, month or day, as the ends of a range may be.
  SingleModel Plain() {
    const absl::CivilMonth month = first_month_ + Roll(months_);
    SingleModel single;
    single.unit = coarse_ ? Roll(3) : 1 + Roll(2);
    if (single.unit == 0) {
      single.text = absl::StrFormat("%04d", month.year());
      single.days = Where([&](absl::CivilDay d) { return d.year() == month.year(); });
    } else if (single.unit == 1) {
      single.text = absl::StrFormat("%04d-%02d", month.year(), month.month());
      single.days = Where([&](absl::CivilDay d) { return absl::CivilMonth(d) == month; });
    } else {
      const int length = static_cast<int>(absl::CivilDay(month + 1) - absl::CivilDay(month));
      // Often at an edge of the month, where mistakes are.
      const int pick = Roll(4);
      const int day = pick == 0 ? 1 : pick == 1 ? length : 1 + Roll(length);
      single.text = absl::StrFormat("%04d-%02d-%02d", month.year(), month.month(), day);
      single.days =
          Where([&](absl::CivilDay d) { return absl::CivilMonth(d) == month && d.day() == day; });
    }
    return single;
  }

  SingleModel Any() {
    SingleModel single;
    const absl::CivilMonth month = first_month_ + Roll(months_);
    const int kind = Roll(coarse_ ? 10 : 20);
    if (kind == 0) {
      single.text = absl::StrFormat("%04d-%02d-XX", month.year(), month.month());
      single.days = Where([&](absl::CivilDay d) { return absl::CivilMonth(d) == month; });
    } else if (kind == 1 && coarse_) {
      single.text = absl::StrFormat("%04d-XX", month.year());
      single.days = Where([&](absl::CivilDay d) { return d.year() == month.year(); });
    } else if ((kind == 2 || kind == 3) && coarse_) {
      const int season = Roll(4);
      single.seasonal = true;
      single.text = absl::StrFormat("%04d-%02d", month.year(), 21 + season);
      single.days = Where([&](absl::CivilDay d) {
        return d.year() == month.year() && (d.month() % 12) / 3 == (season + 1) % 4;
      });
    } else {
      single = Plain();
    }
    if (Roll(25) == 0) {
      single.text += "?~%"[Roll(3)];
      single.qualified = true;
    }
    return single;
  }

  Model Point() {
    SingleModel single = Any();
    Model model;
    model.text = single.text;
    if (single.unit == 2 && !single.qualified && single.text.back() != 'X' && Roll(5) == 0) {
      model.text += "T23:59:00-11:00";
    }
    model.days = std::move(single.days);
    model.qualified = single.qualified;
    model.seasonal = single.seasonal;
    return model;
  }

  Model Duration() {
    for (;;) {
      Model model;
      model.shape = Model::kDuration;
      const int open = Roll(10);  // 0, 1: start open, unknown; 2, 3: end open, unknown
      SingleModel start = Any();
      SingleModel end = Any();
      if (open == 0) {
        start = {"..", Only(0), 0, false, false};
        model.start_open = true;
      } else if (open == 1) {
        start = {"", Mask(size_, true), 0, false, false};
        model.start_unknown = true;
      } else if (open == 2) {
        end = {"..", Only(size_ - 1), 0, false, false};
        model.end_open = true;
      } else if (open == 3) {
        end = {"", Mask(size_, true), 0, false, false};
        model.end_unknown = true;
      }
      model.text = absl::StrCat(start.text, "/", end.text);
      model.qualified = start.qualified || end.qualified;
      model.seasonal = start.seasonal || end.seasonal;
      const bool possible = First(start.days) <= Last(end.days);
      EXPECT_EQ(Parse(model.text).ok(), possible) << model.text;
      if (!possible) continue;
      model.start = std::move(start.days);
      model.end = std::move(end.days);
      return model;
    }
  }

  // The days from `first` to `last`, year by year, month by month or day by day.
  std::vector<Days> Steps(size_t first, size_t last, int unit) const {
    std::vector<Days> steps;
    for (size_t day = first; day <= last; ++day) {
      const bool begins = day == first || unit == 2 || (unit == 1 && Day(day).day() == 1) ||
                          (unit == 0 && absl::GetYearDay(Day(day)) == 1);
      if (begins) steps.push_back({});
      steps.back().push_back(day);
    }
    return steps;
  }

  Model Set(bool all) {
    Model model;
    model.shape = all ? Model::kAll : Model::kPoint;
    model.days = Empty();
    std::vector<std::string> texts;
    for (int n = 1 + Roll(3); n > 0; --n) {
      std::vector<Days> members;
      const int kind = Roll(8);
      if (kind < 4) {
        SingleModel single = Any();
        texts.push_back(single.text);
        model.qualified |= single.qualified;
        model.seasonal |= single.seasonal;
        members.push_back(DaysOf(single.days));
      } else if (kind == 4) {
        const SingleModel end = Plain();
        texts.push_back(absl::StrCat("..", end.text));
        model.start_open = true;
        members = Steps(0, Last(end.days), end.unit);
      } else if (kind == 5) {
        const SingleModel start = Plain();
        texts.push_back(absl::StrCat(start.text, ".."));
        model.end_open = true;
        members = Steps(First(start.days), size_ - 1, start.unit);
      } else {
        SingleModel start = Plain();
        SingleModel end = Plain();
        while (First(start.days) > Last(end.days)) {
          start = Plain();
          end = Plain();
        }
        // A date to itself is that date, not one member for each of its days.
        texts.push_back(absl::StrCat(start.text, "..", end.text));
        members = start.text == end.text
                      ? std::vector<Days>{DaysOf(start.days)}
                      : Steps(First(start.days), Last(end.days), std::min(start.unit, end.unit));
      }
      for (const Days& member : members) {
        for (size_t day : member) model.days[day] = true;
      }
      model.members.insert(model.members.end(), members.begin(), members.end());
    }
    model.text = absl::StrCat(all ? "{" : "[", absl::StrJoin(texts, Roll(2) == 0 ? "," : " , "),
                              all ? "}" : "]");
    return model;
  }

  std::mt19937 rng_;
  const absl::CivilMonth first_month_;
  const int months_;
  const absl::CivilDay begin_;
  const size_t size_;
  const bool coarse_;
  std::vector<absl::CivilDay> calendar_;
};

// --- the oracle ---

// Calls `see` with each reading's first and last day, until it returns false.
bool AllReadings(const Model& model, const std::function<bool(size_t, size_t)>& see) {
  for (size_t s = 0; s < model.days.size() && model.shape == Model::kPoint; ++s) {
    if (model.days[s] && !see(s, s)) return false;
  }
  for (size_t s = 0; s < model.start.size(); ++s) {
    for (size_t e = s; e < model.end.size() && model.start[s]; ++e) {
      if (model.end[e] && !see(s, e)) return false;
    }
  }
  return true;
}

Mask Reach(const Model& model) {
  if (model.shape != Model::kDuration) return model.days;
  Mask mask(model.start.size());
  for (size_t day = First(model.start); day <= Last(model.end); ++day) mask[day] = true;
  return mask;
}

// How many days of the window precede each day, so that a reading need not be walked through.
std::vector<size_t> CountBefore(const Mask& window) {
  std::vector<size_t> before = {0};
  for (bool in : window) before.push_back(before.back() + (in ? 1 : 0));
  return before;
}

bool OraclePossibly(const Model& model, const Mask& window) {
  if (model.shape == Model::kAll) return Intersect(model.days, window);
  const std::vector<size_t> before = CountBefore(window);
  return !AllReadings(model, [&](size_t s, size_t e) { return before[e + 1] == before[s]; });
}

bool OracleCertainly(const Model& model, const Mask& window) {
  if (model.shape == Model::kAll) {
    return std::any_of(model.members.begin(), model.members.end(),
                       [&](const Days& member) { return AllIn(member, window); });
  }
  const std::vector<size_t> before = CountBefore(window);
  return AllReadings(model, [&](size_t s, size_t e) { return before[e + 1] > before[s]; });
}

// In every pair of readings, a day is shared. Not for two all-of sets.
bool OracleMeet(const Model& a, const Model& b) {
  if (a.shape == Model::kAll) return OracleMeet(b, a);
  return AllReadings(a, [&](size_t s1, size_t e1) {
    if (b.shape != Model::kAll) {
      return AllReadings(b, [&](size_t s2, size_t e2) { return s1 <= e2 && s2 <= e1; });
    }
    for (const Days& member : b.members) {
      if (s1 <= member.front() && member.back() <= e1) return true;
    }
    return false;
  });
}

void ExpectBound(const Bound& bound, bool open, bool unknown, absl::CivilDay day) {
  if (unknown) {
    EXPECT_EQ(bound.kind, Bound::kUnknown);
  } else if (open) {
    EXPECT_EQ(bound.kind, Bound::kUnbounded);
  } else {
    EXPECT_EQ(bound, (Bound{Bound::kDay, day}));
  }
}

Date Must(const Model& model) {
  absl::StatusOr<Date> date = Parse(model.text);
  EXPECT_TRUE(date.ok()) << date.status();
  return *std::move(date);
}

TEST(EdtfPropertyTest, WindowsAgreeWithEnumeratedDays) {
  Maker maker(2023, absl::CivilMonth(2023, 1), absl::CivilMonth(2024, 12), 12, /*coarse=*/true);
  int certain = 0;
  int possible = 0;
  constexpr int kRounds = 1500;
  for (int round = 0; round < kRounds; ++round) {
    const Model model = maker.Make();
    const Model window = maker.Make();
    SCOPED_TRACE(absl::StrCat(model.text, " in ", window.text));
    const Date date = Must(model);
    const Date when = Must(window);

    const absl::StatusOr<Date> again = Parse(date.ToString());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, date);
    EXPECT_EQ(again->form(), date.form());
    EXPECT_EQ(date.is_uncertain() || date.is_approximate(), model.qualified);
    ExpectBound(date.earliest(), model.start_open, model.start_unknown,
                maker.Day(First(Reach(model))));
    ExpectBound(date.latest(), model.end_open, model.end_unknown, maker.Day(Last(Reach(model))));

    const Mask days = Reach(window);
    const bool sure = !model.qualified && !window.qualified && !window.start_unknown &&
                      !window.end_unknown && OracleCertainly(model, days);
    ASSERT_EQ(PossiblyWithin(date, when), OraclePossibly(model, days));
    ASSERT_EQ(CertainlyWithin(date, when), sure);
    ASSERT_TRUE(!sure || PossiblyWithin(date, when));
    certain += sure;
    possible += PossiblyWithin(date, when);
  }
  // The cases are no good if all have the same answer.
  EXPECT_GT(certain, kRounds / 10);
  EXPECT_GT(possible - certain, kRounds / 10);
  EXPECT_LT(possible, kRounds * 9 / 10);
}

TEST(EdtfPropertyTest, OrdersAgreeWithEnumeratedDays) {
  Maker maker(1967, absl::CivilMonth(2023, 11), absl::CivilMonth(2024, 2), 1, /*coarse=*/false);
  int seen[4] = {};
  constexpr int kRounds = 2500;
  for (int round = 0; round < kRounds; ++round) {
    const Model a = maker.Make();
    const Model b = maker.Make();
    SCOPED_TRACE(absl::StrCat(a.text, " and ", b.text));
    const Date date_a = Must(a);
    const Date date_b = Must(b);
    const Order order = Compare(date_a, date_b);
    const Order mirrored = Compare(date_b, date_a);
    ASSERT_EQ(order == Order::kBefore, mirrored == Order::kAfter);
    ASSERT_EQ(order == Order::kAfter, mirrored == Order::kBefore);
    ASSERT_EQ(order == Order::kOverlaps, mirrored == Order::kOverlaps);
    ++seen[static_cast<int>(order)];

    if (a.qualified || b.qualified) {
      ASSERT_EQ(order, Order::kUnknown);
      continue;
    }
    ASSERT_EQ(order == Order::kBefore, Last(Reach(a)) < First(Reach(b)));
    ASSERT_EQ(order == Order::kAfter, Last(Reach(b)) < First(Reach(a)));
    if (a.shape != Model::kAll || b.shape != Model::kAll) {
      ASSERT_EQ(order == Order::kOverlaps, OracleMeet(a, b));
    } else if (order == Order::kOverlaps) {
      // For each day that a takes, b has to be forced to take one of them: try random readings.
      for (int attempt = 0; attempt < 50; ++attempt) {
        Mask taken(maker.size());
        for (const Days& member : a.members) {
          taken[member[maker.Roll(static_cast<int>(member.size()))]] = true;
        }
        bool forced = false;
        for (const Days& member : b.members) forced |= AllIn(member, taken);
        ASSERT_TRUE(forced);
      }
    }
  }
  for (int count : seen) EXPECT_GT(count, kRounds / 20);
}

// Orders of whole years and seasons: only what can be enumerated quickly.
TEST(EdtfPropertyTest, CertainOrdersOfCoarseDatesAreRight) {
  Maker maker(1977, absl::CivilMonth(2023, 1), absl::CivilMonth(2024, 12), 12, /*coarse=*/true);
  for (int round = 0; round < 1000; ++round) {
    const Model a = maker.Make();
    const Model b = maker.Make();
    if (a.qualified || b.qualified) continue;
    SCOPED_TRACE(absl::StrCat(a.text, " and ", b.text));
    const Order order = Compare(Must(a), Must(b));
    ASSERT_EQ(order == Order::kBefore, Last(Reach(a)) < First(Reach(b)));
    ASSERT_EQ(order == Order::kAfter, Last(Reach(b)) < First(Reach(a)));
    // Two durations have too many pairs of readings.
    if (a.shape == Model::kPoint) {
      ASSERT_EQ(order == Order::kOverlaps, OracleMeet(a, b));
    }
  }
}

}  // namespace
}  // namespace entente::edtf
