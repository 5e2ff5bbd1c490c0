// SPDX-License-Identifier: Apache-2.0
#include "common/clock/clock.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace entente {
namespace {

TEST(SystemClockTest, LiesBetweenTwoReadingsOfTheMachinesClock) {
  const absl::Time before = absl::Now();
  const absl::Time now = SystemClock::Get().Now();
  const absl::Time after = absl::Now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

TEST(FakeClockTest, StandsStillUntilTold) {
  const absl::Time start = absl::FromUnixMicros(1'693'785'600'000'001);
  FakeClock clock(start);
  EXPECT_EQ(clock.Now(), start);
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Microseconds(1));
  EXPECT_EQ(clock.Now(), start + absl::Microseconds(1));
  clock.Set(start - absl::Hours(1));
  EXPECT_EQ(clock.Now(), start - absl::Hours(1));
}

}  // namespace
}  // namespace entente
