// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/edtf.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::edtf {
namespace {

using ::testing::HasSubstr;

std::string Show(const Bound& bound) {
  switch (bound.kind) {
    case Bound::kUnbounded:
      return "unbounded";
    case Bound::kUnknown:
      return "unknown";
    case Bound::kDay:
      return absl::FormatCivilTime(bound.day);
  }
  return "";
}

Date Must(absl::string_view text) {
  absl::StatusOr<Date> date = Parse(text);
  EXPECT_TRUE(date.ok()) << date.status();
  return *std::move(date);
}

// The cases of the Library of Congress specification (levels 0 and 1, sets of level 2).
struct Valid {
  const char* text;
  const char* earliest;
  const char* latest;
  Form form;
  Precision precision;
  const char* qualification = "";  // "?", "~" or "%"
};

std::ostream& operator<<(std::ostream& out, const Valid& valid) { return out << valid.text; }

class ValidTest : public testing::TestWithParam<Valid> {};

TEST_P(ValidTest, IsRead) {
  const Valid& want = GetParam();
  absl::StatusOr<Date> date = Parse(want.text);
  ASSERT_TRUE(date.ok()) << date.status();
  EXPECT_EQ(date->ToString(), want.text) << "these are canonical already";
  EXPECT_EQ(Show(date->earliest()), want.earliest);
  EXPECT_EQ(Show(date->latest()), want.latest);
  EXPECT_EQ(date->form(), want.form);
  EXPECT_EQ(date->is_interval(), want.form == Form::kInterval);
  EXPECT_EQ(date->is_set(), want.form == Form::kOneOf || want.form == Form::kAllOf);
  EXPECT_EQ(date->precision(), want.precision);
  const std::string qualification = want.qualification;
  EXPECT_EQ(date->is_uncertain(), qualification == "?" || qualification == "%");
  EXPECT_EQ(date->is_approximate(), qualification == "~" || qualification == "%");
}

using P = Precision;
using F = Form;

INSTANTIATE_TEST_SUITE_P(
    Level0, ValidTest,
    testing::Values(
        Valid{"1985-04-12", "1985-04-12", "1985-04-12", F::kDate, P::kDay},
        Valid{"1985-04", "1985-04-01", "1985-04-30", F::kDate, P::kMonth},
        Valid{"1985", "1985-01-01", "1985-12-31", F::kDate, P::kYear},
        Valid{"0000", "0-01-01", "0-12-31", F::kDate, P::kYear},
        Valid{"2024-02", "2024-02-01", "2024-02-29", F::kDate, P::kMonth},
        Valid{"2000-02-29", "2000-02-29", "2000-02-29", F::kDate, P::kDay},
        Valid{"1985-04-12T23:20:30", "1985-04-12", "1985-04-12", F::kDate, P::kSecond},
        Valid{"1985-04-12T23:20:30Z", "1985-04-12", "1985-04-12", F::kDate, P::kSecond},
        // 20:20 UTC on the day before, and still the day that was written.
        Valid{"1985-04-12T00:20:30+04:00", "1985-04-12", "1985-04-12", F::kDate, P::kSecond},
        Valid{"1985-04-12T23:20:30-04:30", "1985-04-12", "1985-04-12", F::kDate, P::kSecond},
        Valid{"2016-12-31T23:59:60Z", "2016-12-31", "2016-12-31", F::kDate, P::kSecond},
        Valid{"2017-01-01T05:29:60+05:30", "2017-01-01", "2017-01-01", F::kDate, P::kSecond},
        Valid{"2016-12-31T15:59:60-08:00", "2016-12-31", "2016-12-31", F::kDate, P::kSecond},
        Valid{"1964/2008", "1964-01-01", "2008-12-31", F::kInterval, P::kYear},
        Valid{"2004-06/2006-08", "2004-06-01", "2006-08-31", F::kInterval, P::kMonth},
        Valid{"2004-02-01/2005-02-08", "2004-02-01", "2005-02-08", F::kInterval, P::kDay},
        Valid{"2004-02-01/2005-02", "2004-02-01", "2005-02-28", F::kInterval, P::kMonth},
        Valid{"2004-02-01/2005", "2004-02-01", "2005-12-31", F::kInterval, P::kYear},
        Valid{"2005/2006-02", "2005-01-01", "2006-02-28", F::kInterval, P::kYear},
        Valid{"2023/2023-03", "2023-01-01", "2023-03-31", F::kInterval, P::kYear}));

INSTANTIATE_TEST_SUITE_P(
    Level1, ValidTest,
    testing::Values(
        Valid{"Y170000002", "170000002-01-01", "170000002-12-31", F::kDate, P::kYear},
        Valid{"Y-170000002", "-170000002-01-01", "-170000002-12-31", F::kDate, P::kYear},
        Valid{"Y17000?", "17000-01-01", "17000-12-31", F::kDate, P::kYear, "?"},
        Valid{"-1985", "-1985-01-01", "-1985-12-31", F::kDate, P::kYear},
        Valid{"-0004-02-29", "-4-02-29", "-4-02-29", F::kDate, P::kDay},
        Valid{"2001-21", "2001-03-01", "2001-05-31", F::kDate, P::kSeason},
        Valid{"2001-22", "2001-06-01", "2001-08-31", F::kDate, P::kSeason},
        Valid{"2001-23", "2001-09-01", "2001-11-30", F::kDate, P::kSeason},
        Valid{"2001-24", "2001-01-01", "2001-12-31", F::kDate, P::kSeason},
        Valid{"2003-22~", "2003-06-01", "2003-08-31", F::kDate, P::kSeason, "~"},
        Valid{"1984?", "1984-01-01", "1984-12-31", F::kDate, P::kYear, "?"},
        Valid{"2004-06~", "2004-06-01", "2004-06-30", F::kDate, P::kMonth, "~"},
        Valid{"2004-06-11%", "2004-06-11", "2004-06-11", F::kDate, P::kDay, "%"},
        Valid{"201X", "2010-01-01", "2019-12-31", F::kDate, P::kYear},
        Valid{"20XX", "2000-01-01", "2099-12-31", F::kDate, P::kYear},
        Valid{"201X?", "2010-01-01", "2019-12-31", F::kDate, P::kYear, "?"},
        Valid{"-198X", "-1989-01-01", "-1980-12-31", F::kDate, P::kYear},
        Valid{"-000X", "-9-01-01", "-1-12-31", F::kDate, P::kYear},
        Valid{"2004-XX", "2004-01-01", "2004-12-31", F::kDate, P::kMonth},
        Valid{"1985-04-XX", "1985-04-01", "1985-04-30", F::kDate, P::kDay},
        Valid{"1985-XX-XX", "1985-01-01", "1985-12-31", F::kDate, P::kDay},
        Valid{"1985-04-12/..", "1985-04-12", "unbounded", F::kInterval, P::kDay},
        Valid{"1985-04/..", "1985-04-01", "unbounded", F::kInterval, P::kMonth},
        Valid{"1985/..", "1985-01-01", "unbounded", F::kInterval, P::kYear},
        Valid{"../1985-04-12", "unbounded", "1985-04-12", F::kInterval, P::kDay},
        Valid{"../1985-04", "unbounded", "1985-04-30", F::kInterval, P::kMonth},
        Valid{"../1985", "unbounded", "1985-12-31", F::kInterval, P::kYear},
        Valid{"1985-04-12/", "1985-04-12", "unknown", F::kInterval, P::kDay},
        Valid{"1985-04/", "1985-04-01", "unknown", F::kInterval, P::kMonth},
        Valid{"1985/", "1985-01-01", "unknown", F::kInterval, P::kYear},
        Valid{"/1985-04-12", "unknown", "1985-04-12", F::kInterval, P::kDay},
        Valid{"/1985-04", "unknown", "1985-04-30", F::kInterval, P::kMonth},
        Valid{"/1985", "unknown", "1985-12-31", F::kInterval, P::kYear},
        Valid{"1984~/2004-06", "1984-01-01", "2004-06-30", F::kInterval, P::kYear, "~"},
        Valid{"1984/2004-06?", "1984-01-01", "2004-06-30", F::kInterval, P::kYear, "?"},
        Valid{"1984?/2004~", "1984-01-01", "2004-12-31", F::kInterval, P::kYear, "%"},
        Valid{"1984-06-02?/", "1984-06-02", "unknown", F::kInterval, P::kDay, "?"},
        Valid{"2004-06-XX/2004-07-03", "2004-06-01", "2004-07-03", F::kInterval, P::kDay},
        Valid{"2001-21/2003-23", "2001-03-01", "2003-11-30", F::kInterval, P::kSeason}));

INSTANTIATE_TEST_SUITE_P(
    Sets, ValidTest,
    testing::Values(
        Valid{"[1667,1668,1670..1672]", "1667-01-01", "1672-12-31", F::kOneOf, P::kYear},
        Valid{"[..1760-12-03]", "unbounded", "1760-12-03", F::kOneOf, P::kDay},
        Valid{"[1760-12..]", "1760-12-01", "unbounded", F::kOneOf, P::kMonth},
        Valid{"[1760-01,1760-02,1760-12..]", "1760-01-01", "unbounded", F::kOneOf, P::kMonth},
        Valid{"[1667,1760-12]", "1667-01-01", "1760-12-31", F::kOneOf, P::kYear},
        Valid{"[..1984]", "unbounded", "1984-12-31", F::kOneOf, P::kYear},
        Valid{"[2023-09-07..2023-12-31]", "2023-09-07", "2023-12-31", F::kOneOf, P::kDay},
        Valid{"[1984?,1990~]", "1984-01-01", "1990-12-31", F::kOneOf, P::kYear, "%"},
        Valid{"[201X,2025-21]", "2010-01-01", "2025-05-31", F::kOneOf, P::kYear},
        Valid{"{1667,1668,1670..1672}", "1667-01-01", "1672-12-31", F::kAllOf, P::kYear},
        Valid{"{1960,1961-12}", "1960-01-01", "1961-12-31", F::kAllOf, P::kYear},
        Valid{"{..1984}", "unbounded", "1984-12-31", F::kAllOf, P::kYear},
        Valid{"{2023-09-06,2024-10-11..}", "2023-09-06", "unbounded", F::kAllOf, P::kDay}));

TEST(CanonicalTest, DropsWhatSaysNothing) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"[ 1667, 1668 , 1670..1672 ]", "[1667,1668,1670..1672]"},
      {"{1960 ,1961-12}", "{1960,1961-12}"},
      {"[1760-12.. ]", "[1760-12..]"},
      {"[2023]", "2023"},
      {"{2023-08~}", "2023-08~"},
      {"[2023,2023]", "2023"},
      {"[2023..2023]", "2023"},
      {"[2024,2023..2023,2024]", "[2024,2023]"},
      {"2023-09-05T14:00:00+07", "2023-09-05T14:00:00+07:00"},
      {"2023-09-05T14:00:00+00:00", "2023-09-05T14:00:00Z"},
      {"2023-09-05T14:00:00+00", "2023-09-05T14:00:00Z"},
  };
  for (const auto& [text, canonical] : cases) {
    const Date date = Must(text);
    EXPECT_EQ(date.ToString(), canonical);
    EXPECT_EQ(date, Must(canonical));
    EXPECT_EQ(date.form(), Must(canonical).form());
  }
}

TEST(CanonicalTest, KeepsWhatTheAuthorChose) {
  EXPECT_NE(Must("2023"), Must("2023-XX"));
  EXPECT_NE(Must("[2023,2024]"), Must("[2024,2023]"));
  EXPECT_NE(Must("[2023,2024]"), Must("{2023,2024}"));
  EXPECT_NE(Must("2023?"), Must("2023"));
}

TEST(DateTest, HashesLikeItCompares) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {Must("2023"), Must("[2023]"), Must("2023?"), Must("2023/2024"), Must("[2023,2024]")}));
}

// What is refused: where, and that the advice fits.
struct Invalid {
  const char* text;
  int column;
  const char* message;
};

std::ostream& operator<<(std::ostream& out, const Invalid& invalid) {
  return out << '"' << invalid.text << '"';
}

class InvalidTest : public testing::TestWithParam<Invalid> {};

TEST_P(InvalidTest, IsExplained) {
  const absl::StatusOr<Date> date = Parse(GetParam().text);
  ASSERT_FALSE(date.ok());
  EXPECT_EQ(date.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(date.status().message()),
              HasSubstr(absl::StrCat("column ", GetParam().column, ": ")));
  EXPECT_THAT(std::string(date.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Dates, InvalidTest,
                         testing::Values(Invalid{"", 1, "found nothing"},                        //
                                         Invalid{" 2023", 1, "remove the space"},                //
                                         Invalid{"2023 ", 5, "remove the space"},                //
                                         Invalid{"2023-02-30", 9, "February 2023 has 28 days"},  //
                                         Invalid{"2024-02-30", 9, "from 01 to 29"},              //
                                         Invalid{"1900-02-29", 9, "has 28 days"},                //
                                         Invalid{"2023-04-31", 9, "April 2023 has 30 days"},     //
                                         Invalid{"2023-04-00", 9, "from 01"},                    //
                                         Invalid{"2023-13", 6, "months are 01 to 12"},           //
                                         Invalid{"2023-00", 6, "months are 01 to 12"},           //
                                         Invalid{"2023-25", 6, "seasons 21 to 24"},              //
                                         Invalid{"2023-21-01", 8, "seasons"},                    //
                                         Invalid{"2023-9", 6, "two digits"},                     //
                                         Invalid{"2023-09-5", 9, "two digits"},                  //
                                         Invalid{"2023-091", 8, "two digits"},                   //
                                         Invalid{"2023-", 6, "two digits"},                      //
                                         Invalid{"20230905", 5, "put - before month"},           //
                                         Invalid{"12023", 5, "Y17000"},                          //
                                         Invalid{"202", 1, "four digits"},                       //
                                         Invalid{"September 2023", 1, "write a date such as"},   //
                                         Invalid{"-0000", 1, "write 0000"},                      //
                                         Invalid{"Y2023", 1, "without Y"},                       //
                                         Invalid{"Y02023", 2, "remove the zeros"},               //
                                         Invalid{"Y", 2, "Y17000"},                              //
                                         Invalid{"Y17E7", 4, "write the year in full"},          //
                                         Invalid{"Y17000E7", 7, "write the year in full"},       //
                                         Invalid{"1950S2", 5, "significant digits"},             //
                                         Invalid{"Y1234567890123", 2, "at most 12 digits"},      //
                                         Invalid{"Y17000-04", 7, "no further part"},             //
                                         Invalid{"201x", 4, "upper-case X"},                     //
                                         Invalid{"201u", 4, "upper-case X"},                     //
                                         Invalid{"2X1X", 3, "from the right"},                   //
                                         Invalid{"2XXX", 1, "at most two"},                      //
                                         Invalid{"XXXX", 1, "at most two"},                      //
                                         Invalid{"201X-05", 5, "year in full"},                  //
                                         Invalid{"2004-1X", 6, "as XX, in whole"},               //
                                         Invalid{"2004-xx", 6, "upper-case X"},                  //
                                         Invalid{"2004-XX-05", 9, "2004-XX-XX"},                 //
                                         Invalid{"2004?-06", 6, "at the end of a date"},         //
                                         Invalid{"?2004-06", 1, "parts is not supported"},       //
                                         Invalid{"2004?~", 6, "% for both"},                     //
                                         Invalid{"2021..2023", 5, "[a..b]"},                     //
                                         Invalid{"2021,2023", 5, "[a,b]"},                       //
                                         Invalid{"2023-09-05\n", 11, "expected the end"}));

INSTANTIATE_TEST_SUITE_P(
    Times, InvalidTest,
    testing::Values(Invalid{"2023-09-05T24:00:00", 12, "midnight is 00:00:00"},  //
                    Invalid{"2023-09-05T14:60:00", 15, "from 00 to 59"},         //
                    Invalid{"2023-09-05T14:00:61", 18, "from 00 to 60"},         //
                    Invalid{"2023-09-05T14:00:60Z", 18, "leap second"},          //
                    Invalid{"2023-09-05T23:59:60", 18, "needs Z or a shift"},    //
                    Invalid{"2023-09-05T14:00", 17, "complete time"},            //
                    Invalid{"2023-09-05T14", 14, "complete time"},               //
                    Invalid{"2023-09-05T14:00:00.5Z", 20, "leave out the fraction"},
                    Invalid{"2023-09-05TXX:00:00", 12, "all its digits"},          //
                    Invalid{"2023-09-05T14:00:00-00:00", 20, "write Z"},           //
                    Invalid{"2023-09-05T14:00:00+24:00", 21, "shift in hours"},    //
                    Invalid{"2023-09-05T14:00:00+07:60", 24, "shift in minutes"},  //
                    Invalid{"2023-09-05T14:00:00+0700", 23, "end of the shift"},   //
                    Invalid{"2023-09-05T14:00:00Z?", 21, "second qualification"},  //
                    Invalid{"2023-09T14:00:00", 8, "only a single day"},           //
                    Invalid{"2023-09-XXT14:00:00", 11, "only a single day"},       //
                    Invalid{"2023-09-05?T14:00:00", 12, "unqualified"},            //
                    Invalid{"2023-09-05T14:00:00/2023-09-06", 11, "time of day"},
                    Invalid{"[2023-09-05T14:00:00]", 12, "time of day"}));

INSTANTIATE_TEST_SUITE_P(IntervalsAndSets, InvalidTest,
                         testing::Values(Invalid{"2005/2004", 6, "not before its start"},  //
                                         Invalid{"2023-09-05/2023-09-04", 12,
                                                 "exchange the two"},                            //
                                         Invalid{"2005?/2004~", 7, "not before its start"},      //
                                         Invalid{"2023-10/2023-22", 9, "not before its start"},  //
                                         Invalid{"/", 1, "at least one side"},                   //
                                         Invalid{"../..", 1, "at least one side"},               //
                                         Invalid{"../", 1, "at least one side"},                 //
                                         Invalid{"/..", 1, "at least one side"},                 //
                                         Invalid{"2004/2005/2006", 10, "one / and two ends"},    //
                                         Invalid{"2004/open", 6, "open end as .."},              //
                                         Invalid{"unknown/2004", 1, "unknown one empty"},        //
                                         Invalid{"2004 /2005", 5, "remove the space"},           //
                                         Invalid{"2004/ 2005", 6, "remove the space"},           //
                                         Invalid{"[]", 2, "at least one member"},                //
                                         Invalid{"{2023,}", 7, "no comma after"},                //
                                         Invalid{"[..]", 4, "four digits"},                      //
                                         Invalid{"[2023", 6, "expected , or ]"},                 //
                                         Invalid{"[2023}", 6, "as it was opened"},               //
                                         Invalid{"[2023]?", 7, "qualify members"},               //
                                         Invalid{"[2021/2023]", 6, "range as a..b"},             //
                                         Invalid{"[2021]/2023", 7, "on their own"},              //
                                         Invalid{"[2023..2021]", 8, "not before its start"},     //
                                         Invalid{"{201X..2023}", 2, "end of a range"},           //
                                         Invalid{"[2001-21..2003]", 2, "a season"},              //
                                         Invalid{"[2001..2003-XX]", 8, "end of a range"}));

TEST(LimitsTest, TooLongIsRefusedBeforeItIsRead) {
  const std::string longest = absl::StrCat("[2023", std::string(kMaxLength - 6, ' '), "]");
  EXPECT_TRUE(Parse(longest).ok());
  EXPECT_THAT(std::string(Parse(longest + " ").status().message()), HasSubstr("at most 4096"));
}

TEST(LimitsTest, EchoesForeignBytesEscaped) {
  const absl::Status status = Parse("2023\xff\xe2\x80\x93").status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("2023\\xff\\xe2"));
}

}  // namespace
}  // namespace entente::edtf
