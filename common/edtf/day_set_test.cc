// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/day_set.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>

#include "absl/time/civil_time.h"
#include "gtest/gtest.h"

namespace entente::edtf {
namespace {

TEST(DayNumberTest, CountsFromTheEpoch) {
  EXPECT_EQ(DayNumber(absl::CivilDay(1970, 1, 1)), 0);
  EXPECT_EQ(DayNumber(absl::CivilDay(1969, 12, 31)), -1);
  EXPECT_EQ(DayNumber(absl::CivilDay(2024, 3, 1)) - DayNumber(absl::CivilDay(2024, 2, 28)), 2);
  EXPECT_EQ(DayOf(DayNumber(absl::CivilDay(-999999999999, 2, 28))),
            absl::CivilDay(-999999999999, 2, 28));
}

TEST(DaySetTest, NormalisesRanges) {
  const DaySet set({{7, 9}, {1, 3}, {4, 5}, {8, 12}});
  EXPECT_EQ(set, DaySet({{1, 5}, {7, 12}}));
  EXPECT_EQ(set.first(), 1);
  EXPECT_EQ(set.last(), 12);
}

TEST(DaySetTest, UnboundedRangesSwallowWhatFollows) {
  EXPECT_EQ(DaySet({{3, kEndOfTime}, {5, 6}, {9, kEndOfTime}}), DaySet({{3, kEndOfTime}}));
  EXPECT_EQ(DaySet({{kBeginningOfTime, 3}, {4, kEndOfTime}}),
            DaySet({{kBeginningOfTime, kEndOfTime}}));
}

TEST(DaySetTest, ComplementsAtTheEndsOfTime) {
  EXPECT_EQ(DaySet().Complement(), DaySet({{kBeginningOfTime, kEndOfTime}}));
  EXPECT_EQ(DaySet({{kBeginningOfTime, kEndOfTime}}).Complement(), DaySet());
  EXPECT_EQ(DaySet({{kBeginningOfTime, 4}, {9, kEndOfTime}}).Complement(), DaySet({{5, 8}}));
}

// Against std::set over a small universe.
constexpr int64_t kUniverse = 24;

std::set<int64_t> Enumerate(const DaySet& set) {
  std::set<int64_t> days;
  for (int64_t day = 0; day < kUniverse; ++day) {
    for (const DayRange& range : set.ranges()) {
      if (range.first <= day && day <= range.last) days.insert(day);
    }
  }
  return days;
}

DaySet RandomSet(std::mt19937& rng) {
  DaySet::Ranges ranges;
  for (int i = std::uniform_int_distribution<int>(0, 4)(rng); i > 0; --i) {
    const int64_t first = std::uniform_int_distribution<int64_t>(0, kUniverse - 1)(rng);
    const int64_t last = std::uniform_int_distribution<int64_t>(first, kUniverse - 1)(rng);
    ranges.push_back({first, std::min(last, first + 5)});
  }
  return DaySet(ranges);
}

TEST(DaySetPropertyTest, AgreesWithSetsOfDays) {
  std::mt19937 rng(20230906);
  for (int round = 0; round < 5000; ++round) {
    const DaySet a = RandomSet(rng);
    const DaySet b = RandomSet(rng);
    const std::set<int64_t> days_a = Enumerate(a);
    const std::set<int64_t> days_b = Enumerate(b);
    std::set<int64_t> both;
    std::set<int64_t> either = days_a;
    either.insert(days_b.begin(), days_b.end());
    bool contains = true;
    for (int64_t day : days_b) {
      if (days_a.count(day) > 0) both.insert(day);
      contains &= days_a.count(day) > 0;
    }
    ASSERT_EQ(Enumerate(a.Intersection(b)), both);
    ASSERT_EQ(Enumerate(a.Union(b)), either);
    ASSERT_EQ(a.Intersects(b), !both.empty());
    ASSERT_EQ(a.Contains(b), contains);
    ASSERT_EQ(a.empty(), days_a.empty());
    const DaySet outside = a.Complement();
    for (int64_t day = 0; day < kUniverse; ++day) {
      ASSERT_NE(outside.Contains(DaySet({{day, day}})), days_a.count(day) > 0);
    }
    ASSERT_EQ(outside.Complement(), a);
    for (size_t i = 1; i < a.ranges().size(); ++i) {
      ASSERT_LT(a.ranges()[i - 1].last + 1, a.ranges()[i].first) << "not normal";
    }
  }
}

}  // namespace
}  // namespace entente::edtf
