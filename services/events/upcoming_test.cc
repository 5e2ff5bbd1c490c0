// SPDX-License-Identifier: Apache-2.0
#include "services/events/upcoming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/edtf/relations.h"
#include "services/events/random_dates.h"

namespace entente::events {
namespace {

using testing::Eq;
using testing::Optional;

constexpr absl::CivilDay kDay(2023, 9, 6);

v1::Event EventOf(const std::string& date, v1::EventStatus status) {
  v1::Event event;
  event.set_status(status);
  if (!date.empty()) event.mutable_date()->set_edtf(date);
  return event;
}

std::optional<v1::UpcomingStanding> Standing(const std::string& date,
                                             v1::EventStatus status = v1::EVENT_STATUS_PLANNED) {
  return StandingOf(EventOf(date, status), kDay);
}

TEST(UpcomingTest, ByTheDate) {
  EXPECT_THAT(Standing("2023-09-06"), Optional(v1::UPCOMING_STANDING_ONGOING));
  EXPECT_THAT(Standing("2023-09-05/2023-09-07"), Optional(v1::UPCOMING_STANDING_ONGOING));
  EXPECT_THAT(Standing("2023-09-01/.."), Optional(v1::UPCOMING_STANDING_ONGOING));
  EXPECT_THAT(Standing("2023-09-07"), Optional(v1::UPCOMING_STANDING_CERTAIN));
  EXPECT_THAT(Standing("[2023-09-07..2023-12-31]"), Optional(v1::UPCOMING_STANDING_CERTAIN));
  EXPECT_THAT(Standing("2024"), Optional(v1::UPCOMING_STANDING_CERTAIN));
  EXPECT_THAT(Standing("2023"), Optional(v1::UPCOMING_STANDING_POSSIBLE));
  EXPECT_THAT(Standing("[..2023-09-06]"), Optional(v1::UPCOMING_STANDING_POSSIBLE));
  EXPECT_THAT(Standing("2024?"), Optional(v1::UPCOMING_STANDING_POSSIBLE));
  EXPECT_THAT(Standing("2023-08/2023-10"), Optional(v1::UPCOMING_STANDING_ONGOING));
  EXPECT_THAT(Standing("2023-09/2023-10"), Optional(v1::UPCOMING_STANDING_POSSIBLE));
  EXPECT_THAT(Standing("2023-09-05"), Eq(std::nullopt));
  EXPECT_THAT(Standing("2023-08?"), Eq(std::nullopt));
}

TEST(UpcomingTest, AsOfADayBeforeItWhatWasHeldWasToCome) {
  EXPECT_THAT(Standing("2023-09-07", v1::EVENT_STATUS_HELD),
              Optional(v1::UPCOMING_STANDING_CERTAIN));
}

TEST(UpcomingTest, WhatWasPutOffIsNeverCertain) {
  EXPECT_THAT(Standing("2023-09-07", v1::EVENT_STATUS_POSTPONED),
              Optional(v1::UPCOMING_STANDING_POSSIBLE));
  EXPECT_THAT(Standing("2023-09-06", v1::EVENT_STATUS_POSTPONED),
              Optional(v1::UPCOMING_STANDING_POSSIBLE));
  EXPECT_THAT(Standing("2023-09-05", v1::EVENT_STATUS_POSTPONED), Eq(std::nullopt));
}

TEST(UpcomingTest, WithoutADate) {
  for (const auto status :
       {v1::EVENT_STATUS_PLANNED, v1::EVENT_STATUS_IN_PREPARATION, v1::EVENT_STATUS_POSTPONED,
        v1::EVENT_STATUS_UNDER_WAY, v1::EVENT_STATUS_NOT_STATED}) {
    EXPECT_THAT(Standing("", status), Optional(v1::UPCOMING_STANDING_UNDATED));
  }
  EXPECT_THAT(Standing("", v1::EVENT_STATUS_HELD), Eq(std::nullopt));
}

// Whatever the dates: certain is what is after in every reading, and nothing is left out that is on
// or after the day in some.
TEST(UpcomingTest, ClaimsNoMoreThanTheDate) {
  RandomDates dates(77);
  for (int round = 0; round < 5000; ++round) {
    const edtf::Date date = dates.Next();
    const absl::CivilDay day = absl::CivilDay(2022, 10, 20) + dates.Below(150);
    const std::string text = absl::FormatCivilTime(day);
    const auto standing = StandingOf(EventOf(date.ToString(), v1::EVENT_STATUS_NOT_STATED), day);
    const auto order = edtf::Compare(date, edtf::Parse(text).value());
    const bool is_possible =
        edtf::PossiblyWithin(date, edtf::Parse(absl::StrCat(text, "/..")).value());
    ASSERT_EQ(standing == v1::UPCOMING_STANDING_CERTAIN, order == edtf::Order::kAfter) << date;
    ASSERT_EQ(standing == v1::UPCOMING_STANDING_ONGOING, order == edtf::Order::kOverlaps) << date;
    ASSERT_EQ(standing.has_value(), is_possible) << date << " as of " << text;
  }
}

}  // namespace
}  // namespace entente::events
