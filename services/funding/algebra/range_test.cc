// SPDX-License-Identifier: Apache-2.0
#include "services/funding/algebra/range.h"

#include <optional>
#include <random>
#include <vector>

#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "gtest/gtest.h"

namespace entente::funding::algebra {
namespace {

using figure::Bound;
using figure::Decimal;
using figure::Interval;

Range Random(std::mt19937& rng) {
  std::uniform_int_distribution<int> digit(0, 5);
  std::uniform_int_distribution<int> coin(0, 1);
  const int low = digit(rng);
  Range range{{low, coin(rng)}, {low + 1 + digit(rng), coin(rng)}};
  if (digit(rng) == 0) range.high = {0, 0, 1};
  if (digit(rng) == 0) range.high = range.low = {low};
  return range;
}

// The same as a figure's interval, whose functions are tested apart.
Interval AsInterval(const Range& range) {
  const auto bound = [](const End& end) {
    return Bound{Decimal::FromUnits(end.units, 0).value(), end.open > 0};
  };
  Interval interval{bound(range.low), std::nullopt};
  if (range.high.unbounded == 0) interval.high = bound(range.high);
  return interval;
}

TEST(RangeTest, AddsAsIntervalsDo) {
  std::mt19937 rng(1);
  for (int i = 0; i < 10'000; ++i) {
    const Range a = Random(rng);
    const Range b = Random(rng);
    EXPECT_EQ(AsInterval(a + b), *figure::Add(AsInterval(a), AsInterval(b)));
  }
}

TEST(RangeTest, IntersectsAsIntervalsDo) {
  std::mt19937 rng(2);
  int empty = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Range a = Random(rng) + Random(rng);
    const Range b = Random(rng);
    const std::optional<Interval> both = figure::Intersection(AsInterval(a), AsInterval(b));
    const Range intersection = Intersection(a, b);
    EXPECT_EQ(IsEmpty(intersection), !both.has_value());
    if (both.has_value()) {
      EXPECT_EQ(AsInterval(intersection), *both);
    }
    empty += IsEmpty(intersection);
  }
  EXPECT_GT(empty, 1'000);
}

TEST(RangeTest, AnIntersectionCountsAsOneTerm) {
  const Range open{{1, 1}, {5, 1}};
  EXPECT_EQ(Intersection(open + open, Range::Everything()), (Range{{2, 1}, {10, 1}}));
  const Range unbounded = Range::AtLeastZero();
  EXPECT_EQ(Intersection(unbounded + unbounded, Range::Everything()), unbounded);
  EXPECT_EQ(Intersection(Range::Everything(), Range::Everything()), Range::Everything());
}

TEST(RangeTest, TermsComeOutOfSumsAgain) {
  std::mt19937 rng(3);
  for (int i = 0; i < 1'000; ++i) {
    std::vector<Range> terms;
    Range sum;
    for (int j = 0; j < 5; ++j) {
      terms.push_back(Random(rng));
      sum = sum + terms.back();
    }
    for (int j = 0; j < 5; ++j) {
      Range others;
      for (int k = 0; k < 5; ++k) {
        if (k != j) others = others + terms[k];
      }
      EXPECT_EQ(Without(sum, terms[j]), others);
    }
  }
}

TEST(RangeTest, DifferencesMeetOppositeEnds) {
  const Range a{{10, 1}, {20, 0}};
  const Range b{{1, 0}, {3, 1}};
  EXPECT_EQ(a - b, (Range{{7, 2}, {19, 0}}));
  EXPECT_GT((a - Range::AtLeastZero()).low.unbounded, 0);
  EXPECT_EQ(AsInterval(Range::AtLeastZero() - b), (Interval{{-3, true}, std::nullopt}));
}

}  // namespace
}  // namespace entente::funding::algebra
