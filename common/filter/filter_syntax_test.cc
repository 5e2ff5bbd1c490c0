// SPDX-License-Identifier: Apache-2.0
// The grammar: what binds to what, what is a value, what needs quotes.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/testing/sample_util.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using testing::Matches;
using testing::ParseSample;
using testing::PlainSchema;
using testing::Sample;

TEST(FilterSyntaxTest, TheEmptyFilterMatchesEverything) {
  for (const char* text : {"", " ", " \t\r\n "}) {
    absl::StatusOr<Filter> filter = Filter::Compile(text, PlainSchema());
    ASSERT_TRUE(filter.ok());
    EXPECT_TRUE(filter->matches_everything());
    EXPECT_TRUE(filter->Matches(Sample()));
  }
  EXPECT_TRUE(Filter().Matches(Sample()));
  EXPECT_FALSE(Filter::Compile("count = 1", PlainSchema())->matches_everything());
}

// Every assignment of three conditions, against the same expression in C++.
TEST(FilterSyntaxTest, Precedence) {
  struct Case {
    const char* text;  // of a, b and c
    bool (*expected)(bool a, bool b, bool c);
  };
  const Case cases[] = {
      // "a AND b OR c evaluates: a AND (b OR c)" (AIP-160)
      {"count=1 AND big=1 OR active=true", [](bool a, bool b, bool c) { return a && (b || c); }},
      {"count=1 OR big=1 AND active=true", [](bool a, bool b, bool c) { return (a || b) && c; }},
      {"count=1 big=1 OR active=true", [](bool a, bool b, bool c) { return a && (b || c); }},
      {"count=1 OR big=1 active=true", [](bool a, bool b, bool c) { return (a || b) && c; }},
      {"(count=1 AND big=1) OR active=true", [](bool a, bool b, bool c) { return (a && b) || c; }},
      {"(count=1 big=1) OR active=true", [](bool a, bool b, bool c) { return (a && b) || c; }},
      {"count=1 big=1 AND active=true", [](bool a, bool b, bool c) { return a && b && c; }},
      {"count=1 OR big=1 OR active=true", [](bool a, bool b, bool c) { return a || b || c; }},
      {"NOT count=1 OR big=1 active=true", [](bool a, bool b, bool c) { return (!a || b) && c; }},
      {"-count=1 OR -big=1 -active=true", [](bool a, bool b, bool c) { return (!a || !b) && !c; }},
      {"NOT (count=1 OR big=1) AND active=true",
       [](bool a, bool b, bool c) { return !(a || b) && c; }},
      {"-(count=1 big=1 OR active=true)", [](bool a, bool b, bool c) { return !(a && (b || c)); }},
      {"NOT (NOT (count=1)) OR ((big=1)) AND (((active=true)))",
       [](bool a, bool b, bool c) { return (a || b) && c; }},
      {" ( count = 1 \n\t OR\nbig = 1 )\r\nAND\tactive : true ",
       [](bool a, bool b, bool c) { return (a || b) && c; }},
  };
  for (const Case& c : cases) {
    absl::StatusOr<Filter> filter = Filter::Compile(c.text, PlainSchema());
    ASSERT_TRUE(filter.ok()) << c.text << "\n" << filter.status();
    for (int bits = 0; bits < 8; ++bits) {
      Sample sample;
      sample.set_count(bits & 1);
      sample.set_big((bits >> 1) & 1);
      sample.set_active((bits & 4) != 0);
      EXPECT_EQ(filter->Matches(sample),
                c.expected((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0))
          << c.text << " of " << sample.ShortDebugString();
    }
  }
}

TEST(FilterSyntaxTest, SpaceAroundComparatorsIsOfNoAccount) {
  const Sample sample = ParseSample("count: 5 title: 'x'");
  for (const char* text : {"count=5", "count =5", "count= 5", "count  =\t5", "count>=5",
                           "count >= 5", "count!=4", "count != 4", "count<6", "count:5",
                           "count : 5", "title=\"x\"", "title = 'x'", "title!='y'"}) {
    EXPECT_TRUE(Matches(text, sample));
  }
}

TEST(FilterSyntaxTest, UnquotedValuesMayHaveDotsColonsAndSigns) {
  const Sample sample = ParseSample(R"pb(
    title: "https://example.org/a.b?c&d#e-f+g"
    summary: "com.google"
    count: -30
    ratio: 2.5
    create_time { seconds: 1335022200 }
    owner { name: "a.b:c" }
  )pb");
  EXPECT_TRUE(Matches("summary=com.google", sample));
  EXPECT_TRUE(Matches("summary=com.*", sample));
  EXPECT_TRUE(Matches("count = -30", sample));
  EXPECT_TRUE(Matches("count=-30", sample));
  EXPECT_TRUE(Matches("ratio = 2.5", sample));
  EXPECT_TRUE(Matches("ratio >= +2.5e0", sample));
  EXPECT_TRUE(Matches("owner.name:a.b:c", sample));
  EXPECT_TRUE(Matches("create_time = 2012-04-21T11:30:00-04:00", sample));
  EXPECT_TRUE(Matches("title = https://example.org/a.b?c&d#e-f+g", sample));
}

TEST(FilterSyntaxTest, StringsAndEscapes) {
  Sample sample;
  const auto title = [&sample](const char* value) -> const Sample& {
    sample.set_title(value);
    return sample;
  };
  EXPECT_TRUE(Matches(R"(title = "a \"b\" 'c'")", title("a \"b\" 'c'")));
  EXPECT_TRUE(Matches(R"(title = 'a "b" \'c\'')", title("a \"b\" 'c'")));
  EXPECT_TRUE(Matches(R"(title = "\\\n\r\t")", title("\\\n\r\t")));
  EXPECT_TRUE(Matches(R"(title = "")", title("")));
  EXPECT_TRUE(Matches(R"(title = "AND")", title("AND")));
  EXPECT_TRUE(Matches(R"(title = ANDROID)", title("ANDROID")));
  EXPECT_TRUE(Matches("title = \"line\nbreak\"", title("line\nbreak")));
  EXPECT_TRUE(Matches("title = Đà", title("Đà")));
  EXPECT_TRUE(Matches(R"(title = "\*")", title("*")));
  EXPECT_FALSE(Matches(R"(title = "\*")", title("x")));
  EXPECT_TRUE(Matches(R"(title = "a\*b")", title("a*b")));
  EXPECT_TRUE(Matches(R"(title = "\**")", title("*x")));
}

TEST(FilterSyntaxTest, KeywordsAreCaseSensitiveAndMayBeKeys) {
  const Sample sample = ParseSample(R"pb(title: "salt and or not"
                                         labels { key: "NOT" value: "x" })pb");
  EXPECT_TRUE(Matches("salt and or not", sample));
  EXPECT_TRUE(Matches("\"or not\" AND salt", sample));
  EXPECT_TRUE(Matches("labels.NOT = x", sample));
}

TEST(FilterSyntaxTest, KeysOfMapsMayBeQuoted) {
  const Sample sample = ParseSample(R"pb(
    labels { key: "a.b c" value: "x" }
    labels { key: "app/name" value: "y" }
    by_id { key: -7 value: "z" }
  )pb");
  EXPECT_TRUE(Matches(R"(labels."a.b c" = x)", sample));
  EXPECT_TRUE(Matches(R"(labels.'a.b c':*)", sample));
  EXPECT_TRUE(Matches(R"(labels:"a.b c")", sample));
  EXPECT_TRUE(Matches(R"(labels.app/name = y)", sample));
  EXPECT_TRUE(Matches(R"(by_id.-7 = z)", sample));
}

TEST(FilterSyntaxTest, AlternativesInAnArgument) {
  Sample sample = ParseSample("count: -2 tags: 'red' tags: 'blue' title: 'x'");
  EXPECT_TRUE(Matches("count = (1 OR -2)", sample));
  EXPECT_FALSE(Matches("count = (1 OR 2)", sample));
  EXPECT_TRUE(Matches("count > (-10 AND -5)", sample));
  EXPECT_FALSE(Matches("count > (-10 -1)", sample));
  EXPECT_TRUE(Matches("count = (NOT 2)", sample));
  EXPECT_TRUE(Matches("tags:(red blue)", sample));
  EXPECT_TRUE(Matches("tags:(red AND (green OR blue))", sample));
  EXPECT_FALSE(Matches("tags:(red green)", sample));
  EXPECT_TRUE(Matches("tags:(red -green)", sample));
  EXPECT_FALSE(Matches("tags:(red AND NOT blue)", sample));
  EXPECT_TRUE(Matches("title = (\"y\" OR 'x') AND count:(-2)", sample));
}

TEST(FilterSyntaxTest, LimitsAreInclusive) {
  const Sample sample = ParseSample("count: 1");
  const std::string nested =
      absl::StrCat(std::string(kMaxFilterDepth, '('), "count=1", std::string(kMaxFilterDepth, ')'));
  EXPECT_TRUE(Matches(nested, sample));
  EXPECT_FALSE(Filter::Compile(absl::StrCat("(", nested, ")"), PlainSchema()).ok());

  std::string many = "count=1";
  for (size_t i = 1; i < kMaxFilterTerms; ++i) absl::StrAppend(&many, " OR count=1");
  EXPECT_TRUE(Matches(many, sample));
  EXPECT_FALSE(Filter::Compile(absl::StrCat(many, " count=1"), PlainSchema()).ok());

  std::string padded = "count=1";
  padded.resize(kMaxFilterBytes, ' ');
  EXPECT_TRUE(Matches(padded, sample));
  EXPECT_FALSE(Filter::Compile(padded + " ", PlainSchema()).ok());

  // Depth is that of nesting, not the number of parentheses.
  std::string side_by_side = "(count=1)";
  for (size_t i = 0; i < 2 * kMaxFilterDepth; ++i) absl::StrAppend(&side_by_side, " (count=1)");
  EXPECT_TRUE(Matches(side_by_side, sample));

  std::string path = "count";
  for (size_t i = 1; i < kMaxPathSegments; ++i) path = "parent." + path;
  EXPECT_FALSE(Matches(path + "=0", sample));  // no parent
  EXPECT_FALSE(Filter::Compile("parent." + path + "=0", PlainSchema()).ok());
}

}  // namespace
}  // namespace entente::filter
