// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/date.h"
#include "services/funding/rates/rates_test_util.h"

namespace entente::funding::rates {
namespace {

using absl::CivilDay;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// "THB 2023-09-01 +2" for a rate: from where, its date and its age; "NO THB 2023-08-31" for none
// with the nearest; "OLD THB 2023-09-01 10>7".
std::string Brief(const Found& found) {
  if (const Rate* rate = std::get_if<Rate>(&found)) {
    return absl::StrCat(rate->date, " +", rate->age_days);
  }
  const Lack& lack = std::get<Lack>(found);
  if (const NoRate* none = std::get_if<NoRate>(&lack)) {
    return absl::StrCat("NO ", none->currency, " ", none->nearest);
  }
  const auto& old = std::get<RateTooOld>(lack);
  return absl::StrCat("OLD ", old.currency, " ", old.date, " ", old.age_days, ">",
                      old.max_age_days);
}

// "EUR/USD 1.1" multiplied with, "/EUR/USD 1.1" divided by.
std::string Brief(const UsedRate& used) {
  return absl::StrCat(used.divides ? "/" : "", used.base, "/", used.quote, " ",
                      used.value.ToString());
}

std::vector<std::string> UsedIn(const Found& found) {
  std::vector<std::string> texts;
  for (const UsedRate& used : std::get<Rate>(found).used) texts.push_back(Brief(used));
  return texts;
}

class RateTableTest : public testing::Test {
 protected:
  RateTableTest() {
    // September 1, 2023 was a Friday.
    rates_.Put("ecb-usd", kDaily, "EUR", "USD",
               {{"2023-08-31", "1.0868"},
                {"2023-09-01", "1.0844"},
                {"2023-09-04", "1.0801"},
                {"2023-09-05", "1.0731"}});
    rates_.Put("ecb-thb", kDaily, "EUR", "THB",
               {{"2023-08-31", "38.078"}, {"2023-09-01", "37.992"}, {"2023-09-04", "38.182"}});
    rates_.Put("imf-vnd", kAnnual, "USD", "VND", {{"2022", "23271.2125"}, {"2023", "23787.31"}});
    rates_.Put("imf-thb", kAnnual, "USD", "THB", {{"2021", "31.97"}, {"2022", "35.06"}});
  }

  Found Find(const std::string& from, const std::string& to, CivilDay day, int max_age = 7) {
    return rates_.Table()->Find(from, to, day, max_age);
  }
  std::string Brief(const std::string& from, const std::string& to, CivilDay day, int max_age = 7) {
    return rates::Brief(Find(from, to, day, max_age));
  }

  RateState rates_;
};

TEST_F(RateTableTest, OfTheDayInEitherDirection) {
  const Found found = Find("EUR", "USD", CivilDay(2023, 9, 1));
  const Rate* rate = std::get_if<Rate>(&found);
  ASSERT_NE(rate, nullptr);
  EXPECT_EQ(rate->from, "EUR");
  EXPECT_EQ(rate->to, "USD");
  EXPECT_EQ(rate->date, "2023-09-01");
  EXPECT_EQ(rate->age_days, 0);
  EXPECT_FALSE(rate->no_daily.has_value());
  ASSERT_THAT(rate->used, SizeIs(1));
  EXPECT_EQ(rate->used[0].series, "rateSeries/ecb-usd");
  EXPECT_EQ(rate->used[0].source, "Source: ecb-usd");
  EXPECT_EQ(rate->used[0].kind, kDaily);
  EXPECT_EQ(rate->used[0].date, "2023-09-01");
  EXPECT_EQ(rate->used[0].age_days, 0);
  EXPECT_EQ(rates::Brief(rate->used[0]), "EUR/USD 1.0844");
  EXPECT_THAT(UsedIn(Find("USD", "EUR", CivilDay(2023, 9, 1))), ElementsAre("/EUR/USD 1.0844"));
}

TEST_F(RateTableTest, ACrossRateIsOfTwoRatesOfOneDay) {
  const Found found = Find("THB", "USD", CivilDay(2023, 9, 4));
  EXPECT_EQ(rates::Brief(found), "2023-09-04 +0");
  EXPECT_THAT(UsedIn(found), ElementsAre("/EUR/THB 38.182", "EUR/USD 1.0801"));
  // There is a rate of the dollar on the 5th, and none of the baht.
  const Found later = Find("THB", "USD", CivilDay(2023, 9, 5));
  EXPECT_EQ(rates::Brief(later), "2023-09-04 +1");
  EXPECT_THAT(UsedIn(later), ElementsAre("/EUR/THB 38.182", "EUR/USD 1.0801"));
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 5)), "2023-09-05 +0");
}

TEST_F(RateTableTest, WeekendsHaveTheRateOfTheLastDayBefore) {
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 2)), "2023-09-01 +1");
  EXPECT_EQ(Brief("THB", "USD", CivilDay(2023, 9, 3)), "2023-09-01 +2");
  EXPECT_THAT(UsedIn(Find("EUR", "USD", CivilDay(2023, 9, 3))), ElementsAre("EUR/USD 1.0844"));
}

TEST_F(RateTableTest, TheAgeHasALimit) {
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 12), 7), "2023-09-05 +7");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 13), 7), "OLD USD 2023-09-05 8>7");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 5), 0), "2023-09-05 +0");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 6), 0), "OLD USD 2023-09-05 1>0");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 3), 1), "OLD USD 2023-09-01 2>1");
  EXPECT_EQ(Brief("USD", "THB", CivilDay(2023, 9, 6), 1), "OLD THB 2023-09-04 2>1")
      << "the rates of the baht end before those of the dollar";
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2024, 9, 5), 366), "2023-09-05 +366");
  EXPECT_THAT(Brief("EUR", "USD", CivilDay(999'999'999, 1, 1)),
              testing::StartsWith("OLD USD 2023-09-05 "));
}

TEST_F(RateTableTest, BeforeTheFirstRateThereIsNone) {
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 8, 30)), "NO USD 2023-08-31");
  EXPECT_EQ(Brief("USD", "THB", CivilDay(-999'999'999, 1, 1)), "NO USD 2023-08-31");
}

TEST_F(RateTableTest, WhatNobodyQuotesHasNoRate) {
  EXPECT_EQ(Brief("XYZ", "USD", CivilDay(2023, 9, 1)), "NO XYZ ");
  EXPECT_EQ(Brief("USD", "XYZ", CivilDay(2023, 9, 1)), "NO XYZ ");
  EXPECT_EQ(Brief("XYZ", "ZYX", CivilDay(2023, 9, 1)), "NO XYZ ");
  EXPECT_EQ(Brief("VND", "EUR", CivilDay(2023, 9, 1)), "NO VND ")
      << "against the dollar by the year only, and the euro against it by the day only";
}

TEST_F(RateTableTest, ACurrencyIsWorthItself) {
  for (const char* code : {"EUR", "VND", "XYZ"}) {
    const Found found = Find(code, code, CivilDay(1900, 1, 1), 0);
    EXPECT_EQ(rates::Brief(found), " +0");
    EXPECT_THAT(std::get<Rate>(found).used, IsEmpty());
  }
}

TEST_F(RateTableTest, AnAverageServesItsYearOnlyAndSaysWhy) {
  for (const CivilDay day : {CivilDay(2023, 1, 1), CivilDay(2023, 9, 1), CivilDay(2023, 12, 31)}) {
    const Found found = Find("VND", "USD", day);
    EXPECT_EQ(rates::Brief(found), "2023 +0");
    EXPECT_THAT(UsedIn(found), ElementsAre("/USD/VND 23787.31"));
    const Rate& rate = std::get<Rate>(found);
    EXPECT_EQ(rate.used[0].kind, kAnnual);
    ASSERT_TRUE(rate.no_daily.has_value());
    EXPECT_EQ(ToString(*rate.no_daily),
              absl::StrCat("there is no rate of VND for ", absl::FormatCivilTime(day)));
  }
  EXPECT_EQ(Brief("VND", "USD", CivilDay(2022, 12, 31)), "2022 +0");
  EXPECT_EQ(Brief("VND", "USD", CivilDay(2024, 1, 1)), "NO VND 2023");
  EXPECT_EQ(Brief("USD", "VND", CivilDay(2021, 12, 31)), "NO VND 2022");
  EXPECT_EQ(Brief("VND", "THB", CivilDay(2022, 5, 5)), "2022 +0");
  EXPECT_THAT(UsedIn(Find("VND", "THB", CivilDay(2022, 5, 5))),
              ElementsAre("/USD/VND 23271.2125", "USD/THB 35.06"));
  EXPECT_EQ(Brief("VND", "THB", CivilDay(2023, 5, 5)), "NO THB 2022");
  EXPECT_EQ(Brief("THB", "VND", CivilDay(2021, 5, 5)), "NO VND 2022");
}

TEST_F(RateTableTest, ADailyRateGoesBeforeAnAverage) {
  rates_.Put("imf-thb", kAnnual, "USD", "THB", {{"2023", "34.8"}});
  EXPECT_EQ(Brief("THB", "USD", CivilDay(2023, 9, 2)), "2023-09-01 +1");
  // Where the daily one is too old, or too late, the average serves, and says so.
  const Found old = Find("THB", "USD", CivilDay(2023, 12, 1));
  EXPECT_EQ(rates::Brief(old), "2023 +0");
  EXPECT_EQ(ToString(*std::get<Rate>(old).no_daily),
            "the last rate of THB before 2023-12-01 is of 2023-09-04, 88 days earlier; at most 7 "
            "are accepted");
  const Found early = Find("THB", "USD", CivilDay(2023, 1, 1));
  EXPECT_EQ(rates::Brief(early), "2023 +0");
  EXPECT_EQ(ToString(*std::get<Rate>(early).no_daily),
            "there is no rate of THB for 2023-01-01; the nearest is of 2023-08-31");
  // Without either, what is wrong with the daily ones is said.
  EXPECT_EQ(Brief("THB", "USD", CivilDay(2024, 1, 1)), "OLD THB 2023-09-04 119>7");
}

TEST_F(RateTableTest, LeapDaysAndTurnsOfYears) {
  rates_.Put("ecb-usd", kDaily, "EUR", "USD", {{"2023-12-29", "1.105"}});
  rates_.Put("ecb-usd-2024", kDaily, "EUR", "USD",
             {{"2024-01-02", "1.0956"}, {"2024-02-28", "1.08"}, {"2024-02-29", "1.0813"}});
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2024, 1, 1)), "2023-12-29 +3");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2024, 1, 2)), "2024-01-02 +0");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2024, 2, 29)), "2024-02-29 +0");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2024, 3, 1)), "2024-02-29 +1");
}

TEST_F(RateTableTest, OfTwoBasesTheNearerRateServes) {
  rates_.Put("boe-usd", kDaily, "GBP", "USD", {{"2023-09-01", "1.26"}, {"2023-09-08", "1.25"}});
  rates_.Put("boe-thb", kDaily, "GBP", "THB", {{"2023-09-01", "44.3"}, {"2023-09-08", "44.4"}});
  EXPECT_THAT(UsedIn(Find("THB", "USD", CivilDay(2023, 9, 8))),
              ElementsAre("/GBP/THB 44.4", "GBP/USD 1.25"));
  EXPECT_THAT(UsedIn(Find("THB", "USD", CivilDay(2023, 9, 5))),
              ElementsAre("/EUR/THB 38.182", "EUR/USD 1.0801"));
  EXPECT_THAT(UsedIn(Find("THB", "USD", CivilDay(2023, 9, 1))),
              ElementsAre("/EUR/THB 37.992", "EUR/USD 1.0844"))
      << "of two that are as near, the first base";
  EXPECT_EQ(Brief("GBP", "EUR", CivilDay(2023, 9, 8)), "NO GBP ") << "no chains of bases";
}

TEST_F(RateTableTest, DeletedSeriesAreGone) {
  rates_.Delete("rateSeries/ecb-thb");
  EXPECT_EQ(Brief("THB", "EUR", CivilDay(2023, 9, 1)), "NO THB ");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 1)), "2023-09-01 +0");
}

TEST_F(RateTableTest, SeriesThatOverlapAreOne) {
  rates_.Put("a-usd", kDaily, "EUR", "USD", {{"2023-09-04", "1.0801"}, {"2023-09-06", "1.0745"}});
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 6)), "2023-09-06 +0");
  EXPECT_EQ(Brief("EUR", "USD", CivilDay(2023, 9, 5)), "2023-09-05 +0");
  const Found both = Find("EUR", "USD", CivilDay(2023, 9, 4));
  EXPECT_EQ(std::get<Rate>(both).used[0].series, "rateSeries/a-usd");
}

TEST(RateTableOfNothingTest, HasNoRates) {
  EXPECT_EQ(Brief(RateState().Table()->Find("EUR", "USD", CivilDay(2023, 9, 1), 7)), "NO EUR ");
  const auto registry = resource::Registry::Of({v1::Claim::descriptor()});
  const resource::State without(&*registry);
  EXPECT_EQ(Brief(RateTable::Of(without)->Find("EUR", "USD", CivilDay(2023, 9, 1), 7)), "NO EUR ");
}

TEST(RateTablesTest, OneTableUntilARateChanges) {
  RateState rates;
  rates.Put("a", kDaily, "EUR", "USD", {{"2023-09-01", "1.1"}});
  RateTables tables;
  const auto first = rates.shared();
  const auto table = tables.For(*first);
  v1::Claim claim;
  claim.set_name("claims/c");
  rates.Put(claim, claim.name());
  EXPECT_EQ(tables.For(rates.state()), table);
  rates.Put("a", kDaily, "EUR", "USD", {{"2023-09-01", "1.2"}});
  const auto changed = tables.For(rates.state());
  EXPECT_NE(changed, table);
  EXPECT_THAT(UsedIn(changed->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)),
              ElementsAre("EUR/USD 1.2"));
  EXPECT_EQ(tables.For(*first), table) << "of the past";
  rates.Delete("rateSeries/a");
  EXPECT_EQ(Brief(tables.For(rates.state())->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)),
            "NO EUR ");
  // Many others push it out; it is made again, and says the same.
  for (int i = 0; i < 10; ++i) {
    rates.Put("b", kDaily, "EUR", "USD", {{"2023-09-01", absl::StrCat(i + 1)}});
    EXPECT_THAT(UsedIn(tables.For(rates.state())->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)),
                ElementsAre(absl::StrCat("EUR/USD ", i + 1)));
  }
  EXPECT_THAT(UsedIn(tables.For(*first)->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)),
              ElementsAre("EUR/USD 1.1"));
}

TEST(RateTablesTest, WhatWasErasedSinceConvertsNothingInThePast) {
  RateState rates;
  rates.Put("a", kDaily, "EUR", "USD", {{"2023-09-01", "1.1"}});
  const auto before = rates.shared();
  RateTables tables;
  EXPECT_THAT(UsedIn(tables.For(*before)->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)),
              ElementsAre("EUR/USD 1.1"));
  // The same revision, as it reads after an erasure.
  auto tombstone =
      resource::Materialise(before->registry(), {"rateSeries/a", log::ChangeKind::kErase, ""},
                            before->revision(), before->commit_time());
  ASSERT_TRUE(tombstone.ok()) << tombstone.status();
  const auto after = before->With({before->revision(), before->commit_time(), {*tombstone}});
  EXPECT_EQ(Brief(tables.For(*after)->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)), "NO EUR ");
}

TEST(RateTablesTest, ManyThreadsAskAtOnce) {
  RateState rates;
  std::vector<std::shared_ptr<const resource::State>> states;
  for (int i = 1; i <= 6; ++i) {
    rates.Put("a", kDaily, "EUR", "USD", {{"2023-09-01", absl::StrCat(i)}});
    states.push_back(rates.shared());
  }
  RateTables tables;
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 300; ++i) {
        const size_t state = random() % states.size();
        EXPECT_THAT(UsedIn(tables.For(*states[state])->Find("EUR", "USD", CivilDay(2023, 9, 1), 0)),
                    ElementsAre(absl::StrCat("EUR/USD ", state + 1)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Against going back day by day.
TEST(RateTablePropertyTest, FindsWhatADailySearchFinds) {
  std::mt19937 random(20230905);
  const auto below = [&](int end) {
    return static_cast<int>(random() % static_cast<unsigned>(end));
  };
  const std::vector<std::string> quotes = {"AAA", "BBB", "CCC"};
  const CivilDay begin(2023, 12, 1);
  constexpr int kDays = 60;
  for (int round = 0; round < 200; ++round) {
    RateState rates;
    std::map<std::string, std::map<CivilDay, std::string>> known;
    for (const std::string& quote : quotes) {
      std::map<int64_t, DatesAndValues> years;
      const int every = 1 + below(30);
      for (CivilDay day = begin; day < begin + kDays; ++day) {
        if (below(every) != 0) continue;
        const std::string value = absl::StrCat(1 + below(1000));
        known[quote][day] = value;
        years[day.year()].push_back({absl::FormatCivilTime(day), value});
      }
      for (const auto& [year, series] : years) {
        rates.Put(absl::StrCat("s", below(10), "-", quote[0] - 'A', "-", year), kDaily, "EUR",
                  quote, series);
      }
    }
    const auto table = rates.Table();
    for (int question = 0; question < 50; ++question) {
      const std::string from = below(4) == 0 ? "EUR" : quotes[static_cast<size_t>(below(3))];
      const std::string to = below(4) == 0 ? "EUR" : quotes[static_cast<size_t>(below(3))];
      if (from == to) continue;
      const CivilDay day = begin + below(kDays + 20) - 5;
      const int max_age = below(15);
      const auto both = [&](CivilDay at) {
        return (from == "EUR" || known[from].count(at) > 0) &&
               (to == "EUR" || known[to].count(at) > 0);
      };
      CivilDay at = day;
      while (at >= begin && !both(at)) --at;
      const bool there = at >= begin && day - at <= max_age;
      const Found found = table->Find(from, to, day, max_age);
      SCOPED_TRACE(absl::StrCat(from, " ", to, " ", absl::FormatCivilTime(day), " ", max_age));
      const Rate* rate = std::get_if<Rate>(&found);
      ASSERT_EQ(rate != nullptr, there) << Brief(found);
      if (there) {
        EXPECT_EQ(Brief(found), absl::StrCat(absl::FormatCivilTime(at), " +", day - at));
        std::vector<std::string> expected;
        if (from != "EUR") expected.push_back(absl::StrCat("/EUR/", from, " ", known[from][at]));
        if (to != "EUR") expected.push_back(absl::StrCat("EUR/", to, " ", known[to][at]));
        EXPECT_EQ(UsedIn(found), expected);
      } else if (at >= begin) {
        const auto& old = std::get<RateTooOld>(std::get<Lack>(found));
        EXPECT_EQ(old.date, absl::FormatCivilTime(at));
        EXPECT_EQ(old.age_days, day - at);
      } else {
        CivilDay next = day;
        while (next < begin + kDays && !both(next)) ++next;
        EXPECT_EQ(std::get<NoRate>(std::get<Lack>(found)).nearest,
                  next < begin + kDays ? absl::FormatCivilTime(next) : "");
      }
    }
  }
}

}  // namespace
}  // namespace entente::funding::rates
