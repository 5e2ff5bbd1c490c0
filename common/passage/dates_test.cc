// SPDX-License-Identifier: Apache-2.0
#include "common/passage/dates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::passage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Find(const std::string& words) {
  const Text text = *Text::FromUtf8(words);
  std::vector<std::string> found;
  for (const FoundDate& date : FindDates(text, {0, text.length()})) {
    const char* kinds[] = {"year", "decade", "month", "day", "relative"};
    found.push_back(absl::StrCat(kinds[static_cast<int>(date.kind)], " ",
                                 date.kind == DateKind::kRelative
                                     ? std::string(text.Slice(date.span))
                                     : absl::StrCat(date.value)));
  }
  return found;
}

bool Holds(const std::string& words, const std::string& edtf) {
  const auto support = Supports(words, edtf);
  EXPECT_TRUE(support.ok()) << support.status();
  return support.ok() && support->all();
}

TEST(DatesTest, MonthsDaysAndYears) {
  EXPECT_THAT(Find("In August 2023 it met"), ElementsAre("month 8", "year 2023"));
  EXPECT_THAT(Find("from September 5-7"), ElementsAre("month 9", "day 5", "day 7"));
  EXPECT_THAT(Find("on Sept. 5, 2023"), ElementsAre("month 9", "day 5", "year 2023"));
  EXPECT_THAT(Find("5–7 September"), ElementsAre("day 5", "day 7", "month 9"));
  EXPECT_THAT(Find("the 5th of September"), ElementsAre("day 5", "month 9"));
  EXPECT_THAT(Find("September 1st and 2nd"), ElementsAre("month 9", "day 1", "day 2"));
  EXPECT_THAT(Find("a plan 2023-2025"), ElementsAre("year 2023", "year 2025"));
  EXPECT_THAT(Find("the 1990s"), ElementsAre("decade 1990"));
  EXPECT_THAT(Find("summer 2023"), ElementsAre("month 22", "year 2023"));
  EXPECT_THAT(Find("32 boats, 5 oars and $2,022"), IsEmpty());
}

TEST(DatesTest, MonthsThatAreOtherWords) {
  EXPECT_THAT(Find("In March, it met"), ElementsAre("month 3"));
  EXPECT_THAT(Find("March on! It may sink. May it not"), IsEmpty());
  EXPECT_THAT(Find("the May 2023 meeting"), ElementsAre("month 5", "year 2023"));
  EXPECT_THAT(Find("May 5"), ElementsAre("month 5", "day 5"));
  EXPECT_THAT(Find("since May it rains"), ElementsAre("month 5"));
  EXPECT_THAT(Find("an august body, to march"), IsEmpty());
}

TEST(DatesTest, RelativeWords) {
  EXPECT_THAT(Find("to be held later this year"), ElementsAre("relative later this year"));
  EXPECT_THAT(Find("this year’s meeting, last month"),
              ElementsAre("relative this year’s", "relative last month"));
  EXPECT_THAT(Find("since then, today"), ElementsAre("relative since then", "relative today"));
}

TEST(DatesTest, PartsOfEdtf) {
  const auto parts = PartsOf("2023-09-05/2023-09-07");
  ASSERT_TRUE(parts.ok());
  EXPECT_THAT(parts->years, ElementsAre(2023));
  EXPECT_THAT(parts->months, ElementsAre(9));
  EXPECT_THAT(parts->days, ElementsAre(5, 7));
  EXPECT_THAT(PartsOf("[2021..2023-09?]")->years, ElementsAre(2021, 2023));
  EXPECT_THAT(PartsOf("[..2023-12-31]")->days, ElementsAre(31));
  EXPECT_THAT(PartsOf("2023-XX")->months, IsEmpty());
  EXPECT_THAT(PartsOf("199X")->decades, ElementsAre(1990));
  EXPECT_THAT(PartsOf("199X")->years, IsEmpty());
  EXPECT_THAT(PartsOf("2021/")->years, ElementsAre(2021));
  EXPECT_THAT(PartsOf("-0043")->years, ElementsAre(-43));
  EXPECT_THAT(PartsOf("2023-09-05T10:11:12Z")->days, ElementsAre(5));
  EXPECT_EQ(PartsOf("2023-13").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(DatesTest, Supports) {
  EXPECT_TRUE(Holds("In August 2023, it met", "2023-08"));
  EXPECT_FALSE(Holds("In August 2023, it met", "2023-09"));
  EXPECT_FALSE(Holds("In August 2023, it met", "2022-08"));
  EXPECT_FALSE(Holds("In August 2023, it met", "2023-08-05"));
  EXPECT_TRUE(Holds("In August 2023, it met", "2023"));
  EXPECT_FALSE(Holds("In 2023 it met", "2023-01"));
  EXPECT_TRUE(Holds("the 1990s", "199X"));
  EXPECT_FALSE(Holds("$2022 of money", "2022"));

  const auto partly = Supports("from September 5-7", "2023-09-05/2023-09-07");
  ASSERT_TRUE(partly.ok());
  EXPECT_FALSE(partly->years);
  EXPECT_TRUE(partly->months && partly->days && partly->dated);
  EXPECT_FALSE(partly->contradicted);
  EXPECT_TRUE(Supports("from September 5-7", "2023-08")->contradicted);
  EXPECT_TRUE(Supports("from September 5-7", "2023-09-04")->contradicted);
  EXPECT_FALSE(Supports("no date", "2023-09-04")->dated);
  EXPECT_FALSE(Supports("\xFF", "2023").ok());
}

}  // namespace
}  // namespace entente::passage
