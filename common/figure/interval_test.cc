// SPDX-License-Identifier: Apache-2.0

#include "common/figure/interval.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entente::figure {
namespace {

Decimal Must(absl::string_view text) {
  absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  EXPECT_TRUE(decimal.ok()) << decimal.status();
  return *decimal;
}

std::string Text(const absl::StatusOr<Interval>& interval) {
  return interval.ok() ? ToString(*interval)
                       : std::string(StatusCodeToString(interval.status().code()));
}

TEST(IntervalOfTest, SaysWhatEachQualifierSays) {
  const Decimal v = Must("520.3");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kExact, v)), "[520.3, 520.3]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kMoreThan, v)), "(520.3, inf)");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAtLeast, v)), "[520.3, inf)");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kLessThan, v)), "[0, 520.3)");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kNearly, v)), "[0, 520.3)");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kUpTo, v)), "[0, 520.3]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, v)), "[468.27, 572.33]");
}

TEST(IntervalOfTest, TakesAnotherToleranceForAbout) {
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, 2000, Must("2.5"))), "[1950, 2050]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, 2000, 0)), "[2000, 2000]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, 2000, 100)), "[0, 4000]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, 0)), "[0, 0]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, 2000, -1)), "INVALID_ARGUMENT");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, 2000, Must("100.1"))), "INVALID_ARGUMENT");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kUpTo, 2000, -1)), "[0, 2000]");
}

TEST(IntervalOfTest, NotStatedIsNotZeroToInfinity) {
  EXPECT_EQ(Text(IntervalOf(Qualifier::kNotStated, 0)), "FAILED_PRECONDITION");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kNotStated, 5)), "FAILED_PRECONDITION");
}

TEST(IntervalOfTest, OnlyExactFiguresAreNegative) {
  EXPECT_EQ(Text(IntervalOf(Qualifier::kExact, -5)), "[-5, -5]");
  for (Qualifier qualifier : {Qualifier::kMoreThan, Qualifier::kAtLeast, Qualifier::kLessThan,
                              Qualifier::kNearly, Qualifier::kUpTo, Qualifier::kAbout}) {
    EXPECT_EQ(Text(IntervalOf(qualifier, -5)), "INVALID_ARGUMENT") << QualifierName(qualifier);
  }
}

TEST(IntervalOfTest, NothingIsLessThanZero) {
  EXPECT_EQ(Text(IntervalOf(Qualifier::kUpTo, 0)), "[0, 0]");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kLessThan, 0)), "INVALID_ARGUMENT");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kNearly, 0)), "INVALID_ARGUMENT");
}

TEST(IntervalOfTest, RefusesEndsThatAreNoDecimals) {
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, Must(std::string(38, '9')))), "OUT_OF_RANGE");
  EXPECT_EQ(Text(IntervalOf(Qualifier::kAbout, Must("1e-18"))), "OUT_OF_RANGE");
}

TEST(IntervalTest, AddsEndByEnd) {
  const Interval more = *IntervalOf(Qualifier::kMoreThan, 500);
  const Interval up_to = *IntervalOf(Qualifier::kUpTo, 20);
  const Interval nearly = *IntervalOf(Qualifier::kNearly, 2000);
  EXPECT_EQ(Text(Add(more, up_to)), "(500, inf)");
  EXPECT_EQ(Text(Add(nearly, up_to)), "[0, 2020)");
  EXPECT_EQ(Text(Add(up_to, Interval::Point(-5))), "[-5, 15]");
  EXPECT_EQ(Text(Add(Interval::Point(Must(std::string(38, '9'))), Interval::Point(1))),
            "OUT_OF_RANGE");
}

TEST(IntervalTest, IntersectsToTheTighterEnds) {
  const Interval at_least = *IntervalOf(Qualifier::kAtLeast, 500);
  const Interval more = *IntervalOf(Qualifier::kMoreThan, 500);
  const Interval up_to = *IntervalOf(Qualifier::kUpTo, 500);
  const Interval nearly = *IntervalOf(Qualifier::kNearly, 500);
  EXPECT_EQ(Intersection(at_least, more), more);
  EXPECT_EQ(Intersection(up_to, nearly), nearly);
  EXPECT_EQ(Intersection(at_least, up_to), Interval::Point(500));
  EXPECT_EQ(Intersection(more, up_to), std::nullopt);
  EXPECT_EQ(Intersection(at_least, nearly), std::nullopt);
}

// Over quarters of small numbers: whether a value lies in an interval is decided one by one.
constexpr int kFrom = -40;
constexpr int kTo = 120;

Decimal Quarter(int n) { return *Mul(n, *Decimal::Parse("0.25")); }

Interval RandomInterval(std::mt19937& rng) {
  const auto roll = [&rng](int n) { return std::uniform_int_distribution<int>(0, n - 1)(rng); };
  for (;;) {
    // Ends at whole numbers, so that there are values next to them.
    Interval interval = {{roll(11) - 5, roll(2) == 0}, std::nullopt};
    if (roll(4) != 0) interval.high = Bound{roll(11), roll(2) == 0};
    if (!interval.IsEmpty()) return interval;
  }
}

TEST(IntervalPropertyTest, AgreesWithEnumeratedValues) {
  std::mt19937 rng(8);
  int disjoint = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    const Interval a = RandomInterval(rng);
    const Interval b = RandomInterval(rng);
    SCOPED_TRACE(absl::StrCat(ToString(a), " and ", ToString(b)));
    const std::optional<Interval> both = Intersection(a, b);
    ASSERT_EQ(both, Intersection(b, a));
    disjoint += both.has_value() ? 0 : 1;
    std::vector<bool> in_a, in_b;
    for (int n = kFrom; n <= kTo; ++n) {
      in_a.push_back(a.Contains(Quarter(n)));
      in_b.push_back(b.Contains(Quarter(n)));
      ASSERT_EQ(both.has_value() && both->Contains(Quarter(n)), in_a.back() && in_b.back());
    }

    const absl::StatusOr<Interval> sum = Add(a, b);
    ASSERT_TRUE(sum.ok()) << sum.status();
    ASSERT_EQ(*sum, *Add(b, a));
    // Sums of values are in the sum, and it is tight: ends are whole, so that each whole number in
    // it is a sum of quarters, and any other is next to one (both ends of (1, 2) + (1, 2) are not
    // reached by quarters).
    std::vector<bool> reached(2 * (kTo - kFrom) + 1);
    for (size_t i = 0; i < in_a.size(); ++i) {
      for (size_t j = 0; j < in_b.size(); ++j) {
        if (in_a[i] && in_b[j]) reached[i + j] = true;
      }
    }
    for (int n = kFrom; n <= kTo / 2; ++n) {
      const size_t at = static_cast<size_t>(n - 2 * kFrom);
      const bool contained = sum->Contains(Quarter(n));
      if (n % 4 == 0) {
        ASSERT_EQ(contained, reached[at]) << Quarter(n);
      } else {
        ASSERT_TRUE(contained || !reached[at]) << Quarter(n);
        ASSERT_TRUE(!contained || reached[at - 1] || reached[at] || reached[at + 1]) << Quarter(n);
      }
    }
  }
  EXPECT_GT(disjoint, kRounds / 20);
  EXPECT_LT(disjoint, kRounds / 2);
}

TEST(IntervalPropertyTest, IntervalsHoldTheValuesTheyComeFrom) {
  std::mt19937 rng(9);
  for (int round = 0; round < 1000; ++round) {
    const Decimal v = Quarter(std::uniform_int_distribution<int>(1, 4000)(rng));
    const Decimal above = *Add(v, Must("0.01"));
    const Decimal below = *Sub(v, Must("0.01"));
    const auto holds = [&](Qualifier qualifier, const Decimal& x) {
      return IntervalOf(qualifier, v)->Contains(x);
    };
    EXPECT_TRUE(holds(Qualifier::kExact, v));
    EXPECT_FALSE(holds(Qualifier::kExact, above));
    EXPECT_FALSE(holds(Qualifier::kMoreThan, v));
    EXPECT_TRUE(holds(Qualifier::kMoreThan, above));
    EXPECT_TRUE(holds(Qualifier::kAtLeast, v));
    EXPECT_FALSE(holds(Qualifier::kAtLeast, below));
    EXPECT_FALSE(holds(Qualifier::kNearly, v));
    EXPECT_TRUE(holds(Qualifier::kNearly, below));
    EXPECT_TRUE(holds(Qualifier::kLessThan, 0));
    EXPECT_TRUE(holds(Qualifier::kUpTo, v));
    EXPECT_FALSE(holds(Qualifier::kUpTo, above));
    EXPECT_TRUE(holds(Qualifier::kAbout, *Mul(v, Must("0.9"))));
    EXPECT_TRUE(holds(Qualifier::kAbout, *Mul(v, Must("1.1"))));
    EXPECT_FALSE(holds(Qualifier::kAbout, *Mul(v, Must("1.1001"))));
  }
}

}  // namespace
}  // namespace entente::figure
