// SPDX-License-Identifier: Apache-2.0
#include "services/funding/calendar/buckets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/funding/calendar/fiscal_years.h"

namespace entente::funding::calendar {

// For test failures.
void PrintTo(const Bucket& bucket, std::ostream* out) {
  *out << bucket.label << " (" << bucket.first << " to " << bucket.last << ")";
}

namespace {

using absl::CivilDay;
using absl::StatusCode;
using entente::test::IsOk;
using entente::test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr v1::PeriodUnit kFiscal = v1::PERIOD_UNIT_FISCAL_YEAR;

Buckets MakeBuckets(v1::PeriodUnit unit, const std::string& fiscal_year = "") {
  const absl::StatusOr<Buckets> buckets = Buckets::Make(unit, fiscal_year);
  EXPECT_THAT(buckets, IsOk()) << fiscal_year;
  return *buckets;
}

edtf::Date Date(const std::string& text) {
  const absl::StatusOr<edtf::Date> date = edtf::Parse(text);
  EXPECT_THAT(date, IsOk()) << text;
  return *date;
}

// The label, or "none".
std::string LabelOf(const Buckets& buckets, const std::string& date) {
  const std::optional<Bucket> bucket = buckets.Of(Date(date));
  return bucket.has_value() ? bucket->label : "none";
}

// Buckets of every unit, and of the fiscal year of every country and of some other days.
std::vector<std::pair<std::string, Buckets>> AllBuckets() {
  std::vector<std::pair<std::string, Buckets>> all;
  for (const auto unit : {v1::PERIOD_UNIT_DAY, v1::PERIOD_UNIT_MONTH, v1::PERIOD_UNIT_QUARTER,
                          v1::PERIOD_UNIT_YEAR}) {
    all.emplace_back(v1::PeriodUnit_Name(unit), MakeBuckets(unit));
  }
  for (const FiscalYear& known : FiscalYears()) {
    all.emplace_back(std::string(known.country), MakeBuckets(kFiscal, std::string(known.country)));
  }
  for (const char* day : {"--01-01", "--02-28", "--03-01", "--04-06", "--12-31"}) {
    all.emplace_back(day, MakeBuckets(kFiscal, day));
  }
  return all;
}

TEST(BucketsTest, OfADay) {
  const CivilDay day(2023, 9, 5);
  EXPECT_EQ(MakeBuckets(v1::PERIOD_UNIT_DAY).Of(day), (Bucket{"2023-09-05", day, day}));
  EXPECT_EQ(MakeBuckets(v1::PERIOD_UNIT_MONTH).Of(day),
            (Bucket{"2023-09", CivilDay(2023, 9, 1), CivilDay(2023, 9, 30)}));
  EXPECT_EQ(MakeBuckets(v1::PERIOD_UNIT_QUARTER).Of(day),
            (Bucket{"2023-Q3", CivilDay(2023, 7, 1), CivilDay(2023, 9, 30)}));
  EXPECT_EQ(MakeBuckets(v1::PERIOD_UNIT_YEAR).Of(day),
            (Bucket{"2023", CivilDay(2023, 1, 1), CivilDay(2023, 12, 31)}));
  EXPECT_EQ(MakeBuckets(kFiscal, "US").Of(day),
            (Bucket{"FY2023", CivilDay(2022, 10, 1), CivilDay(2023, 9, 30)}));
}

TEST(BucketsTest, FiscalYearsAreNamedByTheYearInWhichTheyEnd) {
  const Buckets us = MakeBuckets(kFiscal, "US");
  EXPECT_EQ(us.Of(CivilDay(2023, 9, 30)).label, "FY2023");
  EXPECT_EQ(us.Of(CivilDay(2023, 10, 1)),
            (Bucket{"FY2024", CivilDay(2023, 10, 1), CivilDay(2024, 9, 30)}));
  EXPECT_EQ(MakeBuckets(kFiscal, "JP").Of(CivilDay(2024, 4, 1)),
            (Bucket{"FY2025", CivilDay(2024, 4, 1), CivilDay(2025, 3, 31)}));
  EXPECT_EQ(MakeBuckets(kFiscal, "VN").Of(CivilDay(2024, 4, 1)),
            (Bucket{"FY2024", CivilDay(2024, 1, 1), CivilDay(2024, 12, 31)}));
  EXPECT_EQ(MakeBuckets(kFiscal, "--01-02").Of(CivilDay(2024, 1, 1)),
            (Bucket{"FY2024", CivilDay(2023, 1, 2), CivilDay(2024, 1, 1)}));
}

TEST(BucketsTest, ACountryIsAsGoodAsItsFirstDay) {
  for (const auto& [country, day] : std::vector<std::pair<std::string, std::string>>{
           {"US", "--10-01"}, {"TH", "--10-01"}, {"JP", "--04-01"}, {"SG", "--04-01"},
           {"BN", "--04-01"}, {"MM", "--04-01"}, {"IN", "--04-01"}, {"GB", "--04-01"},
           {"CA", "--04-01"}, {"HK", "--04-01"}, {"AU", "--07-01"}, {"NZ", "--07-01"},
           {"LA", "--01-01"}, {"TL", "--01-01"}, {"ID", "--01-01"}, {"PH", "--01-01"},
           {"KH", "--01-01"}, {"MY", "--01-01"}, {"VN", "--01-01"}, {"CN", "--01-01"},
           {"KR", "--01-01"}, {"DE", "--01-01"}, {"FR", "--01-01"}}) {
    for (int month = 1; month <= 12; ++month) {
      const CivilDay middle(2023, month, 15);
      EXPECT_EQ(MakeBuckets(kFiscal, country).Of(middle), MakeBuckets(kFiscal, day).Of(middle))
          << country;
    }
  }
}

TEST(BucketsTest, TheTableIsInOrderAndOfDaysThatEveryYearHas) {
  std::string last;
  for (const FiscalYear& known : FiscalYears()) {
    EXPECT_EQ(known.country.size(), 2);
    EXPECT_LT(last, known.country);
    last = std::string(known.country);
    const CivilDay first(2023, known.month, known.day);  // No leap year.
    EXPECT_EQ(first.month(), known.month) << last;
    EXPECT_EQ(first.day(), known.day) << last;
    EXPECT_EQ(FindFiscalYear(known.country), &known);
  }
  EXPECT_EQ(FindFiscalYear("ZZ"), nullptr);
  EXPECT_EQ(FindFiscalYear(""), nullptr);
}

TEST(BucketsTest, ADateIsInABucketWithAllThatItCanMean) {
  const Buckets months = MakeBuckets(v1::PERIOD_UNIT_MONTH);
  EXPECT_EQ(LabelOf(months, "2023-09-05"), "2023-09");
  EXPECT_EQ(LabelOf(months, "2023-09"), "2023-09");
  EXPECT_EQ(LabelOf(months, "2023-09-XX"), "2023-09");
  EXPECT_EQ(LabelOf(months, "2023-09?"), "2023-09");
  EXPECT_EQ(LabelOf(months, "2023-09-05/2023-09-07"), "2023-09");
  EXPECT_EQ(LabelOf(months, "[2023-09-05,2023-09-20]"), "2023-09");
  EXPECT_EQ(LabelOf(months, "2023-09-05T14:00:00+07:00"), "2023-09");
  EXPECT_EQ(LabelOf(months, "2023-09-30/2023-10-01"), "none");
  EXPECT_EQ(LabelOf(months, "2023"), "none");
  const Buckets quarters = MakeBuckets(v1::PERIOD_UNIT_QUARTER);
  EXPECT_EQ(LabelOf(quarters, "2023-07/2023-09"), "2023-Q3");
  EXPECT_EQ(LabelOf(quarters, "2023-09/2023-10"), "none");
  const Buckets years = MakeBuckets(v1::PERIOD_UNIT_YEAR);
  // Winter is January, February and December.
  EXPECT_EQ(LabelOf(years, "2023-24"), "2023");
  EXPECT_EQ(LabelOf(years, "202X"), "none");
  const Buckets us = MakeBuckets(kFiscal, "US");
  EXPECT_EQ(LabelOf(us, "2023-10/2024-09"), "FY2024");
  EXPECT_EQ(LabelOf(us, "2023-11"), "FY2024");
  EXPECT_EQ(LabelOf(us, "2023"), "none");
}

TEST(BucketsTest, WhatIsNotBoundIsInNone) {
  for (const auto& [name, buckets] : AllBuckets()) {
    for (const char* date : {"2023-09-05/..", "2023-09-05/", "../2023-09-05", "/2023-09-05",
                             "[..2023-09-05]", "[2023-09-05..]", "{2023-09-05..}"}) {
      EXPECT_EQ(LabelOf(buckets, date), "none") << name << " " << date;
    }
  }
}

TEST(BucketsTest, YearsOfAllLengths) {
  const Buckets years = MakeBuckets(v1::PERIOD_UNIT_YEAR);
  for (const char* year : {"0000", "0987", "-0001", "-0043", "-9999", "9999", "Y10000", "Y-10000",
                           "Y999999999999", "Y-999999999999"}) {
    EXPECT_EQ(LabelOf(years, year), year);
    const std::optional<Bucket> bucket = years.Of(Date(year));
    ASSERT_TRUE(bucket.has_value()) << year;
    EXPECT_EQ(bucket->first, Date(year).earliest().day);
    EXPECT_EQ(bucket->last, Date(year).latest().day);
    EXPECT_EQ(LabelOf(MakeBuckets(kFiscal, "DE"), year), absl::StrCat("FY", year));
    EXPECT_EQ(LabelOf(MakeBuckets(kFiscal, "US"), year), "none");
  }
  EXPECT_EQ(LabelOf(MakeBuckets(v1::PERIOD_UNIT_DAY), "-0043-03-15"), "-0043-03-15");
  EXPECT_EQ(LabelOf(MakeBuckets(v1::PERIOD_UNIT_MONTH), "-0043-03"), "-0043-03");
  EXPECT_EQ(LabelOf(MakeBuckets(v1::PERIOD_UNIT_QUARTER), "-0043-03"), "-0043-Q1");
  EXPECT_EQ(LabelOf(MakeBuckets(kFiscal, "US"), "-0043-03"), "FY-0043");
  EXPECT_EQ(LabelOf(MakeBuckets(kFiscal, "US"), "-0001-10"), "FY0000");
  EXPECT_EQ(LabelOf(MakeBuckets(kFiscal, "US"), "9999-12-31"), "FYY10000");
  EXPECT_EQ(MakeBuckets(v1::PERIOD_UNIT_DAY).Of(CivilDay(12345, 6, 7)).label, "Y12345-06-07");
}

TEST(BucketsTest, RefusesWhatIsNoFiscalYear) {
  EXPECT_THAT(Buckets::Make(kFiscal, ""),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr("is required with PERIOD_UNIT_FISCAL_YEAR")));
  for (const char* country : {"ZZ", "us", "USA", "10-01", "United States", " US"}) {
    EXPECT_THAT(Buckets::Make(kFiscal, country),
                StatusIs(StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("is not a country"), HasSubstr("AT, AU, BE, BN"),
                               HasSubstr("US, VN)"), HasSubstr("the day on which it begins"))))
        << country;
  }
  for (const char* day :
       {"-", "--", "--10", "--10-1", "--1-001", "--10-011", "--13-01", "--00-01", "--04-31",
        "--02-30", "--10-00", "--aa-bb", "--10/01", "-10-01", "--+1-01"}) {
    EXPECT_THAT(Buckets::Make(kFiscal, day),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("must be a day, --MM-DD")))
        << day;
  }
  EXPECT_THAT(Buckets::Make(kFiscal, "--02-29"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("February 29")));
  for (const auto unit : {v1::PERIOD_UNIT_DAY, v1::PERIOD_UNIT_MONTH, v1::PERIOD_UNIT_QUARTER,
                          v1::PERIOD_UNIT_YEAR}) {
    EXPECT_THAT(Buckets::Make(unit, "US"),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("must be empty unless")));
  }
}

// --- laws ---

TEST(BucketsTest, BucketsTileTheYearsFrom1900To2100) {
  for (const auto& [name, buckets] : AllBuckets()) {
    std::set<std::string> labels;
    Bucket current = buckets.Of(CivilDay(1900, 1, 1));
    labels.insert(current.label);
    ASSERT_LE(current.first, CivilDay(1900, 1, 1)) << name;
    for (CivilDay day(1900, 1, 1); day <= CivilDay(2100, 12, 31); ++day) {
      const Bucket bucket = buckets.Of(day);
      if (day > current.last) {
        // The next begins where the last one ended, and has a name of its own.
        ASSERT_EQ(bucket.first, current.last + 1) << name;
        ASSERT_EQ(bucket.first, day) << name;
        ASSERT_LE(bucket.first, bucket.last) << name;
        ASSERT_TRUE(labels.insert(bucket.label).second) << name << " " << bucket.label;
        current = bucket;
      }
      // All days of one bucket find that very bucket, so no day is in two.
      ASSERT_EQ(bucket, current) << name << " " << day;
    }
  }
}

TEST(BucketsTest, LabelsOfDaysMonthsAndYearsMeanTheirDays) {
  for (const auto unit : {v1::PERIOD_UNIT_DAY, v1::PERIOD_UNIT_MONTH, v1::PERIOD_UNIT_YEAR}) {
    const Buckets buckets = MakeBuckets(unit);
    for (CivilDay day(-9999, 1, 1); day.year() < 10'000; day += 997) {
      const Bucket bucket = buckets.Of(day);
      const edtf::Date date = Date(bucket.label);
      ASSERT_EQ(date.ToString(), bucket.label);
      ASSERT_EQ(date.earliest().day, bucket.first);
      ASSERT_EQ(date.latest().day, bucket.last);
      ASSERT_EQ(buckets.Of(date), bucket);
    }
  }
}

std::string DayText(CivilDay day) { return absl::FormatCivilTime(day); }
std::string MonthText(CivilDay day) { return absl::FormatCivilTime(absl::CivilMonth(day)); }
std::string YearText(CivilDay day) { return absl::FormatCivilTime(absl::CivilYear(day)); }

// A random date in one of the forms that bound it, close enough to fit into buckets at times.
std::string RandomDate(std::mt19937& rng) {
  const auto uniform = [&rng](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(rng);
  };
  const CivilDay day = CivilDay(1950, 1, 1) + uniform(0, 50'000);
  const CivilDay later = day + (uniform(0, 1) == 0 ? uniform(0, 20) : uniform(0, 400));
  switch (uniform(0, 9)) {
    case 0:
      return DayText(day);
    case 1:
      return MonthText(day);
    case 2:
      return YearText(day) + "?";
    case 3:
      return absl::StrCat(YearText(day), "-2", uniform(1, 4));
    case 4:
      return MonthText(day) + "-XX";
    case 5:
      return absl::StrCat(DayText(day), "/", DayText(later));
    case 6:
      return absl::StrCat(MonthText(day), "/", MonthText(later), "~");
    case 7:
      return absl::StrCat("[", DayText(day), "..", DayText(later), "]");
    case 8:
      return absl::StrCat("{", DayText(day), ",", MonthText(later), "}");
    default:
      return absl::StrCat(MonthText(day), "/", YearText(later));
  }
}

TEST(BucketsTest, NoneIfAndOnlyIfTheEndsAreInDifferentBuckets) {
  std::mt19937 rng(20230905);
  const auto all = AllBuckets();
  int in_one = 0;
  int in_none = 0;
  for (int round = 0; round < 5'000; ++round) {
    const std::string text = RandomDate(rng);
    const edtf::Date date = Date(text);
    for (const auto& [name, buckets] : all) {
      const Bucket at_first = buckets.Of(date.earliest().day);
      const Bucket at_last = buckets.Of(date.latest().day);
      const std::optional<Bucket> bucket = buckets.Of(date);
      ASSERT_EQ(bucket.has_value(), at_first.label == at_last.label) << name << " " << text;
      if (bucket.has_value()) {
        ASSERT_EQ(*bucket, at_first) << name << " " << text;
        ASSERT_EQ(*bucket, at_last) << name << " " << text;
      }
      ++(bucket.has_value() ? in_one : in_none);
    }
  }
  // The sample has enough of both to mean something.
  EXPECT_GT(in_one, 10'000);
  EXPECT_GT(in_none, 10'000);
}

}  // namespace
}  // namespace entente::funding::calendar
