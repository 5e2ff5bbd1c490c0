// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/timeline_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/time/time.h"

namespace entente::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Extent Day(const std::string& edtf) { return Extent::Of(edtf::Parse(edtf).value()); }

Extent Moment(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return Extent::Of(time);
}

TEST(TimelineOrderTest, DaysAreComparedAsTheyAreWritten) {
  EXPECT_TRUE(IsBefore(Day("2023-09-05"), Day("2023-09-06")));
  EXPECT_FALSE(IsBefore(Day("2023-09-06"), Day("2023-09-05")));
  EXPECT_FALSE(IsBefore(Day("2023-09-05"), Day("2023-09-05")));
  EXPECT_FALSE(IsBefore(Day("2023-09"), Day("2023-09-30")));
  EXPECT_TRUE(IsBefore(Day("2023-08"), Day("2023-09")));
  EXPECT_TRUE(IsBefore(Day("[..2023-09-07]"), Day("2023-09-08")));
  EXPECT_FALSE(IsBefore(Day("2023-09-06"), Day("[..2023-09-07]")));
  EXPECT_FALSE(IsBefore(Day("2023-09-05/.."), Day("2024")));
}

TEST(TimelineOrderTest, NothingFollowsFromWhatIsUncertain) {
  EXPECT_FALSE(IsBefore(Day("2020?"), Day("2023")));
  EXPECT_FALSE(IsBefore(Day("2020"), Day("2023~")));
  EXPECT_FALSE(IsBefore(Moment("2020-01-01T00:00:00Z"), Day("2023?")));
}

TEST(TimelineOrderTest, AMomentIsComparedWithADayWhereverThatWas) {
  const Extent moment = Moment("2023-09-06T10:00:00Z");
  // Where it is 14 hours later the 7th has begun; where it is 12 hours earlier it is still the 5th.
  EXPECT_FALSE(IsBefore(moment, Day("2023-09-07")));
  EXPECT_TRUE(IsBefore(moment, Day("2023-09-08")));
  EXPECT_FALSE(IsBefore(Day("2023-09-05"), moment));
  EXPECT_TRUE(IsBefore(Day("2023-09-04"), moment));
  // A minute before, nowhere.
  EXPECT_TRUE(IsBefore(Moment("2023-09-06T09:59:00Z"), Day("2023-09-07")));
  EXPECT_TRUE(IsBefore(Day("2023-09-05"), Moment("2023-09-06T12:00:00Z")));
}

TEST(TimelineOrderTest, MomentsAreComparedByTheClock) {
  const Extent one = Moment("2023-09-06T10:00:00Z");
  const Extent other = Moment("2023-09-06T10:00:00.000001Z");
  EXPECT_TRUE(IsBefore(one, other));
  EXPECT_FALSE(IsBefore(other, one));
  EXPECT_FALSE(IsBefore(one, one));
}

TEST(TimelineOrderTest, WhatFollowsFromTheOthersIsLeftOut) {
  EXPECT_THAT(Precedences({Day("2023-09-05"), Day("2023-09-06"), Day("2023-09-07")}),
              ElementsAre(Pair(0, 1), Pair(1, 2)));
  EXPECT_THAT(Precedences({Day("2023-09"), Day("2023-09-06"), Day("2023-10")}),
              ElementsAre(Pair(0, 2), Pair(1, 2)));
  // Two days beside two moments: each pair is in an order, and neither says anything of the other.
  EXPECT_THAT(Precedences({Day("2023-09-05"), Day("2023-09-06"), Moment("2023-09-06T00:00:00Z"),
                           Moment("2023-09-06T01:00:00Z")}),
              ElementsAre(Pair(0, 1), Pair(2, 3)));
  EXPECT_THAT(Precedences({}), IsEmpty());
}

// The pairs lead to everything that is before something, to nothing else, and none can be spared.
TEST(TimelineOrderTest, PrecedencesAreTheTransitiveReduction) {
  std::mt19937 random(20230905);
  const auto pick = [&](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Extent> items;
    for (int i = pick(0, 12); i > 0; --i) {
      const absl::CivilDay first = absl::CivilDay(2023, 9, 1) + pick(0, 12);
      Extent extent{first, first + pick(0, 4), std::nullopt, pick(0, 9) == 0};
      if (pick(0, 5) == 0) extent.first.reset();
      if (pick(0, 5) == 0) extent.last.reset();
      if (pick(0, 1) == 0) {
        extent = Extent::Of(absl::FromCivil(first, absl::UTCTimeZone()) +
                            absl::Minutes(pick(0, 24 * 60)));
      }
      items.push_back(extent);
    }
    const size_t n = items.size();
    const auto pairs = Precedences(items);
    // Which ones are led to, without the pair `spared`.
    const auto led_to = [&](size_t spared) {
      std::vector<std::vector<bool>> to(n, std::vector<bool>(n));
      for (size_t p = 0; p < pairs.size(); ++p) {
        if (p != spared) {
          to[static_cast<size_t>(pairs[p].first)][static_cast<size_t>(pairs[p].second)] = true;
        }
      }
      for (size_t k = 0; k < n; ++k) {
        for (size_t i = 0; i < n; ++i) {
          for (size_t j = 0; j < n; ++j) {
            if (to[i][k] && to[k][j]) to[i][j] = true;
          }
        }
      }
      return to;
    };
    const auto all = led_to(pairs.size());
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) EXPECT_EQ(all[i][j], IsBefore(items[i], items[j]));
    }
    for (size_t p = 0; p < pairs.size(); ++p) EXPECT_NE(led_to(p), all);
  }
}

}  // namespace
}  // namespace entente::gateway
