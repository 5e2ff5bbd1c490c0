// SPDX-License-Identifier: Apache-2.0
//
// Beside another reader of EDTF: what the npm package edtf 4.11.1 (edtf.js by S. Kuhn and others,
// https://github.com/inukshuk/edtf.js) makes of 532 texts, recorded by testdata/record.mjs. They
// are the examples that the specification publishes, and variations of them. Both readers must
// take the same texts and find the same first and last days, but for the differences that are named
// here, each with its reason; and each of these must still be one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "re2/re2.h"

namespace entente::edtf {
namespace {

enum class Differs {
  kTheyRefuse,
  kWeRefuse,
  kOtherDays,
};

struct Difference {
  Differs how;
  const char* texts;  // all of which this is about
  const char* why;
};

constexpr Difference kDifferences[] = {
    {Differs::kOtherDays, R"(-?\d{4}-2[1-4])",
     "seasons: there 21 is January to March; here they are those of the weather (edtf.h)"},
    {Differs::kOtherDays, R"(.*T.*[+-]\d\d(:\d\d)?)",
     "a time of day with an offset: there its day is that of UTC, here the one that is written"},
    {Differs::kOtherDays, R"([\[{].*\d\.\.\d.*[\]}])",
     "a range in a set: there the set ends where its last range begins"},
    {Differs::kOtherDays, R"(\[20XX,2023\])",
     "a set: there it ends with its last member, not its latest"},
    {Differs::kOtherDays, R"(Y-?\d+)", "years that the dates of JavaScript do not reach"},
    {Differs::kOtherDays, R"(0000-02-2[89])", "there the leap day of the year 0 is a day late"},
    {Differs::kTheyRefuse, R"(.*X[?~%])", "digits that are not specified, and qualified besides"},
    {Differs::kTheyRefuse, R"(\d{4}-2[1-4][?~%])", "a season that is qualified"},
    {Differs::kTheyRefuse, R"(.*-2[1-4][/,}].*|.*[/,].*-2[1-4]}?)",
     "a season in an interval or a set"},
    {Differs::kTheyRefuse, R"(2020/2020|2020-05/2020)",
     "an interval within a year, whose ends are as precise as is known"},
    {Differs::kTheyRefuse, R"([\[{].*[?~%].*[\]}])", "members of a set that are qualified"},
    {Differs::kTheyRefuse, R"(\{ .*)", "spaces around the members of a set"},
    {Differs::kTheyRefuse, R"(.*\+15:00)",
     "an offset that no place has; here the day is as written"},
    {Differs::kWeRefuse, R"(-?\d{4}-(2[5-9]|3\d|4[01]))",
     "level 2: seasons by hemisphere, quarters"},
    {Differs::kWeRefuse, R"(Y-?\d+E.*|Y?\d+(E\d+)?S\d)", "level 2: exponents, significant digits"},
    {Differs::kWeRefuse, R"([\dX-]*X[\dX-]*)", "level 2: digits that are not specified, anywhere"},
    {Differs::kWeRefuse, R"(.*[?~%][-\d].*)", "level 2: parts of a date that are qualified"},
    {Differs::kWeRefuse, R"(\d\d\d?)", "not EDTF any more: decades and centuries by their digits"},
    {Differs::kWeRefuse, R"(-?\d{4}-02-29)",
     "a day that the year has not; there it is the next one"},
    {Differs::kWeRefuse, R"(.*T(\d\d:\d\d|24:.*|.*\.\d))",
     "a time that is not complete, or more than that"},
    {Differs::kWeRefuse, R"((\.\.)?/(\.\.)?)", "an interval that says nothing"},
    {Differs::kWeRefuse, R"(\[2023\.\.2021\])", "a range in a set that ends before it begins"},
};

std::string DayOf(const Bound& bound) {
  switch (bound.kind) {
    case Bound::kUnbounded:
      return "open";
    case Bound::kUnknown:
      return "unknown";
    case Bound::kDay:
      break;
  }
  // As FormatCivilTime, with years of at least four digits.
  const std::string year =
      absl::StrCat(bound.day.year() < 0 ? -bound.day.year() : bound.day.year());
  const std::string day = absl::FormatCivilTime(bound.day);
  return absl::StrCat(bound.day.year() < 0 ? "-" : "",
                      std::string(year.size() < 4 ? 4 - year.size() : 0, '0'), year,
                      day.substr(day.size() - 6));
}

std::string DaysOf(const std::string& text) {
  const auto date = Parse(text);
  if (!date.ok()) return "refused";
  return absl::StrCat(DayOf(date->earliest()), " ", DayOf(date->latest()));
}

// The place of the difference that a text is an example of; none if it differs for no reason.
int ReasonFor(const std::string& text, Differs how) {
  for (int i = 0; i < static_cast<int>(std::size(kDifferences)); ++i) {
    if (kDifferences[i].how == how && RE2::FullMatch(text, kDifferences[i].texts)) return i;
  }
  return -1;
}

TEST(EdtfJsTest, BothReadTheSame) {
  const char* root = std::getenv("ENTENTE_SOURCE_DIR");
  const std::string path =
      absl::StrCat(root == nullptr ? "." : root, "/common/edtf/testdata/edtf_js.tsv");
  std::ifstream file(path);
  ASSERT_TRUE(file.good()) << path;
  int same = 0;
  int both_refuse = 0;
  std::vector<int> differing(std::size(kDifferences));
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    ASSERT_TRUE(fields.size() == 2 || fields.size() == 4) << line;
    const std::string& text = fields[0];
    const std::string theirs =
        fields.size() == 2 ? fields[1] : absl::StrCat(fields[2], " ", fields[3]);
    const std::string ours = DaysOf(text);
    if (ours == theirs) {
      ++(ours == "refused" ? both_refuse : same);
      continue;
    }
    const Differs how = ours == "refused"     ? Differs::kWeRefuse
                        : theirs == "refused" ? Differs::kTheyRefuse
                                              : Differs::kOtherDays;
    const int reason = ReasonFor(text, how);
    EXPECT_GE(reason, 0) << text << ": here " << ours << ", there " << theirs;
    if (reason >= 0) ++differing[static_cast<size_t>(reason)];
  }
  EXPECT_EQ(same, 218);
  EXPECT_EQ(both_refuse, 149);
  for (size_t i = 0; i < differing.size(); ++i) {
    EXPECT_GT(differing[i], 0) << "a difference no more: " << kDifferences[i].why;
  }
}

}  // namespace
}  // namespace entente::edtf
