// SPDX-License-Identifier: Apache-2.0
#include "services/funding/calendar/recurrence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/slowness.h"

namespace entente::funding::calendar {

// For test failures.
void PrintTo(const Horizon& horizon, std::ostream* out) {
  *out << horizon.first << "/" << horizon.last;
}

namespace {

using absl::CivilDay;
using absl::StatusCode;
using entente::test::IsOk;
using entente::test::IsOkAndHolds;
using entente::test::StatusIs;
using testing::HasSubstr;
using testing::StartsWith;

constexpr v1::RecurrenceUnit kMonth = v1::RECURRENCE_UNIT_MONTH;
constexpr v1::RecurrenceUnit kQuarter = v1::RECURRENCE_UNIT_QUARTER;
constexpr v1::RecurrenceUnit kYear = v1::RECURRENCE_UNIT_YEAR;

constexpr int kRounds = kSanitized ? 1'000 : 20'000;

Horizon Parsed(const std::string& text) {
  const absl::StatusOr<Horizon> horizon = ParseHorizon(text);
  EXPECT_THAT(horizon, IsOk()) << text;
  return *horizon;
}

// `validity` is empty for none.
std::optional<edtf::Date> Validity(const std::string& validity) {
  if (validity.empty()) return std::nullopt;
  const absl::StatusOr<edtf::Date> date = edtf::Parse(validity);
  EXPECT_THAT(date, IsOk()) << validity;
  return *date;
}

int64_t Whole(int every, v1::RecurrenceUnit unit, const std::string& horizon,
              const std::string& validity = "") {
  return WholePeriods(every, unit, Parsed(horizon), Validity(validity));
}

TEST(ParseHorizonTest, EachEndStandsForAllOfIt) {
  EXPECT_THAT(ParseHorizon("2024/2028"),
              IsOkAndHolds(Horizon{CivilDay(2024, 1, 1), CivilDay(2028, 12, 31)}));
  EXPECT_THAT(ParseHorizon("2023-10/2024-02"),
              IsOkAndHolds(Horizon{CivilDay(2023, 10, 1), CivilDay(2024, 2, 29)}));
  EXPECT_THAT(ParseHorizon("2023-10-05/2024-02-03"),
              IsOkAndHolds(Horizon{CivilDay(2023, 10, 5), CivilDay(2024, 2, 3)}));
  EXPECT_THAT(ParseHorizon("2023-10-05/2024"),
              IsOkAndHolds(Horizon{CivilDay(2023, 10, 5), CivilDay(2024, 12, 31)}));
  EXPECT_THAT(ParseHorizon("2024"),
              IsOkAndHolds(Horizon{CivilDay(2024, 1, 1), CivilDay(2024, 12, 31)}));
  EXPECT_THAT(ParseHorizon("2024-02"),
              IsOkAndHolds(Horizon{CivilDay(2024, 2, 1), CivilDay(2024, 2, 29)}));
  EXPECT_THAT(ParseHorizon("2024-02-07"),
              IsOkAndHolds(Horizon{CivilDay(2024, 2, 7), CivilDay(2024, 2, 7)}));
  // A set of one member is that member.
  EXPECT_THAT(ParseHorizon("[2024]"),
              IsOkAndHolds(Horizon{CivilDay(2024, 1, 1), CivilDay(2024, 12, 31)}));
}

TEST(ParseHorizonTest, RefusesWhatIsNoStretchOfTimeWithTwoKnownEnds) {
  for (const char* text : {"2024/..", "../2024", "2024/", "/2024", "2024?/2028", "2024/2028~",
                           "2024%", "202X", "2024-XX", "2024/202X", "2024-21", "2024-21/2024-23",
                           "[2024,2025]", "{2024..2028}", "[2024..2028]", "2024-02-07T10:00:00Z"}) {
    EXPECT_THAT(ParseHorizon(text),
                StatusIs(StatusCode::kInvalidArgument, StartsWith("must be an interval of days")))
        << text;
  }
  for (const char* text : {"", "next year", "2024-2028", "2028/2024", "2023-02-30"}) {
    EXPECT_THAT(ParseHorizon(text),
                StatusIs(StatusCode::kInvalidArgument, StartsWith("must be an interval of days")))
        << text;
  }
  EXPECT_THAT(ParseHorizon("2024-13"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("months are 01 to 12")));
}

TEST(ParseHorizonTest, AtMostAThousandYears) {
  EXPECT_THAT(ParseHorizon("2000/2999"), IsOk());
  EXPECT_THAT(ParseHorizon("2000-02-29/3000-02-28"), IsOk());
  EXPECT_THAT(ParseHorizon("2024-07-15/3024-07-14"), IsOk());
  EXPECT_THAT(ParseHorizon("-0500/0499"), IsOk());
  EXPECT_THAT(ParseHorizon("Y12345/Y13344"), IsOk());
  for (const char* text : {"2000/3000", "2024-07-15/3024-07-15", "-0500/0500", "2000/Y999999999999",
                           "Y-999999999999/Y999999999999"}) {
    EXPECT_THAT(ParseHorizon(text), StatusIs(StatusCode::kInvalidArgument,
                                             HasSubstr("must be at most 1000 years long")))
        << text;
  }
}

TEST(WholePeriodsTest, WithoutAValidityFromTheFirstDayOfTheHorizon) {
  EXPECT_EQ(Whole(1, kYear, "2024/2028"), 5);
  EXPECT_EQ(Whole(1, kQuarter, "2024/2028"), 20);
  EXPECT_EQ(Whole(1, kMonth, "2024/2028"), 60);
  EXPECT_EQ(Whole(2, kYear, "2024/2028"), 2);
  EXPECT_EQ(Whole(5, kMonth, "2024"), 2);
  EXPECT_EQ(Whole(1, kYear, "2024-07-15/2026-07-14"), 2);
  EXPECT_EQ(Whole(1, kYear, "2024-07-15/2026-07-13"), 1);
  EXPECT_EQ(Whole(1, kYear, "2024-02"), 0);
  EXPECT_EQ(Whole(1, kMonth, "2024-02"), 1);
  EXPECT_EQ(Whole(1, kMonth, "2024-02-07"), 0);
  EXPECT_EQ(Whole(6, kYear, "2024/2028"), 0);
}

TEST(WholePeriodsTest, AnchoredAtTheStartOfTheValidity) {
  // Later than the horizon's start: from there.
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2025-07/.."), 3);
  // Earlier: the fiscal years from October on, and the one that begins in 2023 does not count.
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2020-10/.."), 4);
  EXPECT_EQ(Whole(1, kYear, "2023-10/2028-09", "2020-10/.."), 5);
  // Every other year, of which 2023/2024 and 2025/2026 are whole periods and 2024/2025 is none.
  EXPECT_EQ(Whole(2, kYear, "2024/2025", "2021/.."), 0);
  EXPECT_EQ(Whole(2, kYear, "2025/2026", "2021/.."), 1);
}

TEST(WholePeriodsTest, OnlyInsideTheValidity) {
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2026"), 1);
  EXPECT_EQ(Whole(1, kMonth, "2024/2028", "2026"), 12);
  EXPECT_EQ(Whole(1, kMonth, "2024/2028", "2026-02"), 1);
  EXPECT_EQ(Whole(1, kMonth, "2024/2028", "2026-02-03"), 0);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2023/2026"), 3);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2027/2032"), 2);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2026-03/2028-06"), 2);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2019/2023"), 0);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2029/2030"), 0);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2023"), 0);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2029"), 0);
}

TEST(WholePeriodsTest, AnOpenOrUnknownEndDoesNotBound) {
  for (const char* validity : {"2020/..", "2020/", "../2030", "/2030"}) {
    EXPECT_EQ(Whole(1, kYear, "2024/2028", validity), 5) << validity;
  }
  // Without a first day the periods begin with the horizon, and still end with the validity.
  EXPECT_EQ(Whole(1, kYear, "2024-03/2028", "../2027"), 3);
  EXPECT_EQ(Whole(1, kYear, "2024-03/2028", "/2027-02"), 3);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "../2023"), 0);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2029/.."), 0);
}

TEST(WholePeriodsTest, WhatIsImpreciseCountsAsFarAsItIsCertain) {
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2024/2028"), 5);
  // It has begun by December 31, 2024, and ends on January 1, 2028 at the earliest.
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2024~/2028"), 4);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2024/2028?"), 4);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2024%/2028%"), 3);
  EXPECT_EQ(Whole(1, kMonth, "2024/2028", "2024-XX/.."), 48);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "202X/.."), 0);
  // Spring is over on May 31; summer begins on June 1.
  EXPECT_EQ(Whole(1, kMonth, "2024", "2024-21/.."), 7);
  EXPECT_EQ(Whole(1, kMonth, "2024", "../2024-22"), 5);
  EXPECT_EQ(Whole(1, kYear, "2024/2028", "2024-01-01?/2028"), 5);
  for (const char* validity : {"2026~", "2026?", "202X", "2026-XX", "2026-22", "[2025,2026]",
                               "[..2026]", "[2024..]", "{2024..2028}", "2026-05-06T10:00:00Z"}) {
    EXPECT_EQ(Whole(1, kMonth, "2024/2028", validity), 0) << validity;
  }
}

TEST(WholePeriodsTest, The31stIsCutToShorterMonthsAndComesBack) {
  // January 31, February 28, March 31, April 30, ...
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2023-02-27"), 1);
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2023-02-26"), 0);
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2023-03-30"), 2);
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2023-03-29"), 1);
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2023-04-29"), 3);
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2024-01-30"), 12);
  EXPECT_EQ(Whole(1, kMonth, "2023-01-31/2024-01-29"), 11);
  EXPECT_EQ(Whole(1, kYear, "2024-02-29/2028-02-28"), 4);
  EXPECT_EQ(Whole(1, kYear, "2024-02-29/2028-02-27"), 3);
  EXPECT_EQ(Whole(1, kYear, "2024-02-29/2025-02-27"), 1);
  EXPECT_EQ(Whole(1, kQuarter, "2023-11-30/2024-02-28"), 1);
  EXPECT_EQ(Whole(1, kQuarter, "2023-11-30/2024-02-27"), 0);
}

TEST(WholePeriodsTest, FarAwayAndLong) {
  EXPECT_EQ(Whole(1, kMonth, "2000/2999"), 12'000);
  EXPECT_EQ(Whole(1, kMonth, "2024", "Y-999999999999/Y999999999999"), 12);
  EXPECT_EQ(Whole(1, kMonth, "2024", "Y999999999999/.."), 0);
  EXPECT_EQ(Whole(std::numeric_limits<int>::max(), kYear, "2000/2999"), 0);
  EXPECT_EQ(Whole(std::numeric_limits<int>::max(), kYear, "2000/2999", "Y-999999999999/.."), 0);
}

TEST(WholePeriodsTest, NoneOfARecurrenceThatAClaimCannotHave) {
  EXPECT_EQ(Whole(0, kMonth, "2024/2028"), 0);
  EXPECT_EQ(Whole(-1, kMonth, "2024/2028"), 0);
  EXPECT_EQ(Whole(1, v1::RECURRENCE_UNIT_UNSPECIFIED, "2024/2028"), 0);
}

// --- laws ---

int Uniform(std::mt19937& rng, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(rng);
}

bool IsLastOfMonth(CivilDay day) { return (day + 1).day() == 1; }

// Goes through the days one by one, and counts.
int64_t ByDayStepping(int months, const Horizon& horizon, std::optional<CivilDay> valid_from,
                      std::optional<CivilDay> valid_until) {
  const CivilDay anchor = valid_from.value_or(horizon.first);
  int64_t whole = 0;
  int in_between = 0;  // How many times the day of the month has come round in this period.
  CivilDay begun = anchor;
  for (CivilDay day = anchor + 1; day <= horizon.last + 1; ++day) {
    const bool comes_round =
        day.day() == anchor.day() || (IsLastOfMonth(day) && day.day() < anchor.day());
    if (!comes_round || ++in_between < months) continue;
    const CivilDay ended = day - 1;
    if (begun >= horizon.first && ended <= horizon.last &&
        (!valid_until.has_value() || ended <= *valid_until)) {
      ++whole;
    }
    begun = day;
    in_between = 0;
  }
  return whole;
}

// An end of a validity as text, with the day from which or until which it is certain.
struct End {
  std::string text;
  std::optional<CivilDay> day;
};

End RandomEnd(std::mt19937& rng, CivilDay day, bool start) {
  const absl::CivilMonth month(day);
  const absl::CivilYear year(day);
  const CivilDay month_first(month), month_last = CivilDay(month + 1) - 1;
  const CivilDay year_first(year), year_last = CivilDay(year + 1) - 1;
  switch (Uniform(rng, 0, 7)) {
    case 0:
      return {"..", std::nullopt};
    case 1:
      return {"", std::nullopt};
    case 2:
      return {absl::FormatCivilTime(month), start ? month_first : month_last};
    case 3:
      return {absl::FormatCivilTime(year), start ? year_first : year_last};
    case 4:
      return {absl::StrCat(absl::FormatCivilTime(month), "~"), start ? month_last : month_first};
    case 5:
      return {absl::StrCat(absl::FormatCivilTime(year), "-XX"), start ? year_last : year_first};
    default:
      return {absl::FormatCivilTime(day), day};
  }
}

// A day, on the 29th to the 31st more often than not.
CivilDay RandomDay(std::mt19937& rng, int from_year, int to_year) {
  CivilDay day(Uniform(rng, from_year, to_year), Uniform(rng, 1, 12), Uniform(rng, 1, 28));
  if (Uniform(rng, 0, 1) == 0) return day;
  const CivilDay last = CivilDay(absl::CivilMonth(day) + 1) - 1;
  return std::max(last - Uniform(rng, 0, 2), day);
}

struct Unit {
  v1::RecurrenceUnit unit;
  int months;
};
constexpr Unit kUnits[] = {{kMonth, 1}, {kQuarter, 3}, {kYear, 12}};

TEST(WholePeriodsTest, AsManyAsOneCountsDayByDay) {
  std::mt19937 rng(7);
  int some = 0;
  for (int round = 0; round < kRounds; ++round) {
    Horizon horizon{RandomDay(rng, 2018, 2024), RandomDay(rng, 2021, 2028)};
    if (horizon.last < horizon.first) std::swap(horizon.first, horizon.last);
    const Unit unit = kUnits[Uniform(rng, 0, 2)];
    const int every = Uniform(rng, 1, 4);

    std::optional<edtf::Date> validity;
    std::optional<CivilDay> from, until;
    if (Uniform(rng, 0, 9) > 0) {
      const End start = RandomEnd(rng, RandomDay(rng, 2015, 2025), true);
      const End end = RandomEnd(rng, RandomDay(rng, 2019, 2030), false);
      const absl::StatusOr<edtf::Date> date = edtf::Parse(absl::StrCat(start.text, "/", end.text));
      if (!date.ok()) continue;  // An end before the start, or neither.
      validity = *date;
      from = start.day;
      until = end.day;
    }
    const int64_t expected = ByDayStepping(every * unit.months, horizon, from, until);
    ASSERT_EQ(WholePeriods(every, unit.unit, horizon, validity), expected)
        << every << " " << v1::RecurrenceUnit_Name(unit.unit) << " in " << horizon.first << "/"
        << horizon.last << ", valid " << (validity.has_value() ? validity->ToString() : "always");
    some += expected > 0;
  }
  EXPECT_GT(some, kRounds / 4);
}

TEST(WholePeriodsTest, AHorizonSplitWhereAPeriodBeginsAddsUp) {
  std::mt19937 rng(8);
  for (int round = 0; round < kRounds; ++round) {
    const Unit unit = kUnits[Uniform(rng, 0, 2)];
    const int every = Uniform(rng, 1, 4);
    const CivilDay anchor = RandomDay(rng, 2015, 2022);
    const edtf::Date validity = *edtf::Parse(absl::FormatCivilTime(anchor) + "/..");
    // Some period's first day, by the long way round: the month it is in, and the day cut to it.
    const absl::CivilMonth month =
        absl::CivilMonth(anchor) + Uniform(rng, 1, 20) * every * unit.months;
    const CivilDay split = std::min(CivilDay(month) + (anchor.day() - 1), CivilDay(month + 1) - 1);
    const Horizon whole{split - Uniform(rng, 1, 3'000), split + Uniform(rng, 0, 3'000)};

    const auto count = [&](const Horizon& horizon) {
      return WholePeriods(every, unit.unit, horizon, validity);
    };
    ASSERT_EQ(count(whole), count({whole.first, split - 1}) + count({split, whole.last}))
        << every << " " << v1::RecurrenceUnit_Name(unit.unit) << " from " << anchor << " in "
        << whole.first << "/" << whole.last << " split at " << split;
  }
}

TEST(WholePeriodsTest, AWiderHorizonAndALongerValidityHaveNoFewer) {
  std::mt19937 rng(9);
  for (int round = 0; round < kRounds; ++round) {
    const Unit unit = kUnits[Uniform(rng, 0, 2)];
    const int every = Uniform(rng, 1, 4);
    const CivilDay anchor = RandomDay(rng, 2015, 2025);
    const CivilDay end = anchor + Uniform(rng, 0, 4'000);
    const auto valid_until = [&](CivilDay last) {
      return *edtf::Parse(
          absl::StrCat(absl::FormatCivilTime(anchor), "/", absl::FormatCivilTime(last)));
    };
    const CivilDay first = RandomDay(rng, 2018, 2024);
    const Horizon horizon{first, first + Uniform(rng, 0, 3'000)};
    const Horizon wider{first - Uniform(rng, 0, 500), horizon.last + Uniform(rng, 0, 500)};

    const int64_t periods = WholePeriods(every, unit.unit, horizon, valid_until(end));
    ASSERT_LE(periods, WholePeriods(every, unit.unit, wider, valid_until(end)));
    ASSERT_LE(periods,
              WholePeriods(every, unit.unit, horizon, valid_until(end + Uniform(rng, 0, 500))));
    // No more than there is room for.
    ASSERT_LE(periods * every * unit.months * 28, horizon.last - horizon.first + 1);
  }
}

}  // namespace
}  // namespace entente::funding::calendar
