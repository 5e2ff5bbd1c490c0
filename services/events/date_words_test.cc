// SPDX-License-Identifier: Apache-2.0
#include "services/events/date_words.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/edtf/relations.h"
#include "services/events/random_dates.h"

namespace entente::events {
namespace {

std::string WordsOf(const std::string& text) { return DateWords(edtf::Parse(text).value()); }

TEST(DateWordsTest, SaysWhatIsKnown) {
  for (const auto& [date, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"2023-09-05", "5 September 2023"},
           {"2023-09-05T14:00:00+07:00", "5 September 2023"},
           {"2023-09-05/2023-09-07", "5 September 2023 to 7 September 2023"},
           {"2023-08", "some time in August 2023"},
           {"2022", "some time in 2022"},
           {"2023-09-05?", "5 September 2023, uncertain"},
           {"2022~", "some time in 2022, approximate"},
           {"2022-12%", "some time in December 2022, uncertain, approximate"},
           {"2022-12-XX", "some time from 1 December 2022 to 31 December 2022"},
           {"202X", "some time from 1 January 2020 to 31 December 2029"},
           {"2022-21", "some time from 1 March 2022 to 31 May 2022"},
           {"[2023-09-05..2023-09-07]", "some time from 5 September 2023 to 7 September 2023"},
           {"[..2023-09-07]", "some time until 7 September 2023"},
           {"[2023-09-07..]", "some time from 7 September 2023 on"},
           {"2023-08/2023-10", "some time from 1 August 2023 to 31 October 2023"},
           {"2023-08-01/", "some time from 1 August 2023 on"},
           {"../2023-08-01", "some time until 1 August 2023"},
           {"{2022,2023-08}", "several days from 1 January 2022 to 31 August 2023"}}) {
    EXPECT_EQ(WordsOf(date), words) << date;
  }
  EXPECT_EQ(DateWords(std::nullopt), "date not stated");
}

// Days are exact if and only if something is certainly on each of them and possibly on no other.
TEST(DateWordsTest, ExactDaysAreThoseThatAreCertain) {
  const auto day = [](absl::CivilDay civil) {
    return edtf::Parse(absl::FormatCivilTime(civil)).value();
  };
  RandomDates dates(9);
  int exact = 0;
  for (int round = 0; round < 3000; ++round) {
    const edtf::Date date = dates.Next();
    const auto days = ExactDays(date);
    if (days.has_value()) {
      ++exact;
      for (absl::CivilDay d = days->first; d <= days->last; ++d) {
        ASSERT_TRUE(edtf::CertainlyWithin(date, day(d))) << date;
      }
      ASSERT_FALSE(edtf::PossiblyWithin(date, day(days->first - 1))) << date;
      ASSERT_FALSE(edtf::PossiblyWithin(date, day(days->last + 1))) << date;
    } else if (date.form() != edtf::Form::kAllOf && date.earliest().kind == edtf::Bound::kDay &&
               date.latest().kind == edtf::Bound::kDay) {
      // Some day of those that it may be on is not certain.
      bool all = true;
      for (absl::CivilDay d = date.earliest().day; all && d <= date.latest().day; ++d) {
        all = edtf::CertainlyWithin(date, day(d));
      }
      ASSERT_FALSE(all) << date;
    }
  }
  EXPECT_GT(exact, 300);
}

}  // namespace
}  // namespace entente::events
