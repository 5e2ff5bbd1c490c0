// SPDX-License-Identifier: Apache-2.0
#include "common/search/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/filter/error.h"

namespace entente::search {
namespace {

using testing::HasSubstr;

const Labels& TestLabels() {
  static const auto* const labels =
      new Labels{{"organisation", "rate-series", "person"}, {"agency", "plan"}};
  return *labels;
}

// The tree in one line: words joined by "+" are a phrase, fields in brackets.
std::string Show(const Query& query, const Node& node) {
  const auto children = [&](const char* between) {
    return absl::StrCat(
        "(",
        absl::StrJoin(node.children, between,
                      [&](std::string* out, const Node& child) { *out += Show(query, child); }),
        ")");
  };
  switch (node.kind) {
    case Node::Kind::kAnd:
      return children(" & ");
    case Node::Kind::kOr:
      return children(" | ");
    case Node::Kind::kNot:
      return absl::StrCat("!", children(""));
    case Node::Kind::kAttribute: {
      const AttributeTest& test = query.attributes[node.index];
      return absl::StrCat("@", static_cast<int>(test.attribute), "=", test.label);
    }
    case Node::Kind::kTerm: {
      const Term& term = query.terms[node.index];
      std::string text = absl::StrJoin(term.words, "+", [](std::string* out, const auto& word) {
        absl::StrAppend(out, word.word);
      });
      if (term.prefix) text += "*";
      if (term.quoted) text = absl::StrCat("'", text, "'");
      for (size_t i = 0; i < kFields && term.fields != kAllFields; ++i) {
        if (Has(term.fields, static_cast<Field>(i))) {
          absl::StrAppend(&text, "[", kFieldNames[i], "]");
        }
      }
      return text;
    }
  }
  return "";
}

std::string Parsed(absl::string_view text) {
  const auto query = Parse(text, TestLabels());
  EXPECT_TRUE(query.ok()) << query.status();
  return query.ok() ? Show(*query, query->root) : "";
}

// "12: message"
std::string Fault(absl::string_view text) {
  const auto query = Parse(text, TestLabels());
  if (query.ok()) return "none";
  EXPECT_EQ(query.status().code(), absl::StatusCode::kInvalidArgument);
  const auto column = filter::ErrorColumn(query.status());
  EXPECT_TRUE(column.has_value()) << query.status();
  EXPECT_THAT(std::string(query.status().message()), HasSubstr(absl::StrCat("column ", *column)));
  return absl::StrCat(*column, ": ", query.status().message());
}

TEST(QueryTest, WordsSideBySideMustAllOccur) {
  EXPECT_EQ(Parsed("usaid"), "usaid");
  EXPECT_EQ(Parsed("  Clean   Énergy "), "(clean & energy)");
  EXPECT_EQ(Parsed("clean AND energy"), "(clean & energy)");
  EXPECT_EQ(Parsed("and or not"), "(and & or & not)") << "operators are in capitals";
}

TEST(QueryTest, OrBindsTighter) {
  EXPECT_EQ(Parsed("a OR b c"), "((a | b) & c)");
  EXPECT_EQ(Parsed("a b OR c OR d"), "(a & (b | c | d))");
  EXPECT_EQ(Parsed("(a b) OR c"), "((a & b) | c)");
  EXPECT_EQ(Parsed("a OR -b"), "(a | !(b))");
  EXPECT_EQ(Parsed("((a))"), "a");
}

TEST(QueryTest, NegationsPhrasesAndPrefixes) {
  EXPECT_EQ(Parsed("a -b -\"c d\" -(e f)"), "(a & !(b) & !('c+d') & !((e & f)))");
  EXPECT_EQ(Parsed("-a"), "!(a)");
  EXPECT_EQ(Parsed("“Mekong River”"), "'mekong+river'") << "marks of word processors";
  EXPECT_EQ(Parsed("agric*"), "agric*");
  EXPECT_EQ(Parsed("one-year us-ase*"), "(one+year & us+ase*)") << "one word to who writes it";
  EXPECT_EQ(Parsed("a - b & c"), "(a & b & c)") << "marks that are no words";
}

TEST(QueryTest, Fields) {
  EXPECT_EQ(Parsed("title:mekong note:\"a b\""), "(mekong[title] & 'a+b'[note])");
}

TEST(QueryTest, GroupsInFields) {
  EXPECT_EQ(Parsed("name:(a OR -bc*) d"), "((a[name] | !(bc*[name])) & d)");
  EXPECT_EQ(Parsed("-acronym:x"), "!(x[acronym])");
  EXPECT_EQ(Parsed("Note: 10:30 https://entente.dev"), "(note & 10+30 & https+entente+dev)");
}

TEST(QueryTest, Attributes) {
  EXPECT_EQ(Parsed("type:organisation kind:agency"), "(@0=organisation & @1=agency)");
  EXPECT_EQ(Parsed("type:entente.dev/RateSeries OR type:RateSeries"),
            "(@0=rate-series | @0=rate-series)");
  EXPECT_EQ(Parsed("kind:DOCUMENT_KIND_PLAN"), "@1=plan");
  EXPECT_EQ(Parsed("partnership:partnerships/p -partnership:q"), "(@2=p & !(@2=q))");
  EXPECT_EQ(Parsed("type:(person OR organisation)"), "(@0=person | @0=organisation)");
}

TEST(QueryTest, PlacesOfWordsAreInCodePoints) {
  const auto query = Parse("é \"ü Mekong\" -x", TestLabels());
  ASSERT_TRUE(query.ok());
  ASSERT_EQ(query->terms.size(), 3U);
  EXPECT_EQ(query->terms[0].words[0].begin, 0);
  EXPECT_EQ(query->terms[1].words[1].begin, 5);
  EXPECT_EQ(query->terms[1].words[1].end, 11);
  EXPECT_FALSE(query->terms[1].negated);
  EXPECT_TRUE(query->terms[2].negated);
}

TEST(QueryTest, TwoNegationsAreNone) {
  const auto query = Parse("-(a -b)", TestLabels());
  ASSERT_TRUE(query.ok());
  EXPECT_TRUE(query->terms[0].negated);
  EXPECT_FALSE(query->terms[1].negated);
}

TEST(QueryTest, FaultsNameTheirColumn) {
  EXPECT_THAT(Fault(""), HasSubstr("1: column 1: there is nothing to look for"));
  EXPECT_THAT(Fault(" - & "), HasSubstr("1: "));
  EXPECT_THAT(Fault("é titel:x"), HasSubstr("3: column 3: unknown field \"titel\"; did you mean "
                                            "\"title\"?"));
  EXPECT_THAT(Fault("a \"b"), HasSubstr("3: "));
  EXPECT_THAT(Fault("a \"\""), HasSubstr("3: "));
  EXPECT_THAT(Fault("(a"), HasSubstr("1: "));
  EXPECT_THAT(Fault("a)"), HasSubstr("2: "));
  EXPECT_THAT(Fault("a ()"), HasSubstr("3: "));
  EXPECT_THAT(Fault("OR a"), HasSubstr("1: "));
  EXPECT_THAT(Fault("a OR"), HasSubstr("5: "));
  EXPECT_THAT(Fault("a OR &"), HasSubstr("6: "));
  EXPECT_THAT(Fault("a OR OR b"), HasSubstr("6: "));
  EXPECT_THAT(Fault("AND a"), HasSubstr("1: "));
  EXPECT_THAT(Fault("a AND AND b"), HasSubstr("7: "));
  EXPECT_THAT(Fault("a AND"), HasSubstr("6: "));
  EXPECT_THAT(Fault("--a"), HasSubstr("2: "));
  EXPECT_THAT(Fault("-)"), HasSubstr("2: "));
  EXPECT_THAT(Fault("title: a"), HasSubstr("7: "));
  EXPECT_THAT(Fault("title:&"), HasSubstr("7: "));
  EXPECT_THAT(Fault("title:(name:a)"), HasSubstr("8: "));
  EXPECT_THAT(Fault("type:organization"), HasSubstr("did you mean \"organisation\"?"));
  EXPECT_THAT(Fault("kind:nothing"), HasSubstr("6: "));
  EXPECT_THAT(Fault("partnership:\"\""), HasSubstr("14: "));
  EXPECT_THAT(Fault("a*b"), HasSubstr("2: "));
  EXPECT_THAT(Fault("x*"), HasSubstr("1: "));
  EXPECT_THAT(Fault("*"), HasSubstr("1: "));
  EXPECT_THAT(Fault("ab-*"), HasSubstr("1: "));
  EXPECT_THAT(Fault("é \xFF"), HasSubstr("3: "));
  EXPECT_THAT(Fault(absl::string_view("a\0b", 3)), HasSubstr("2: "));
}

TEST(QueryTest, LimitsAreSaid) {
  std::string words;
  for (size_t i = 0; i <= kMaxQueryWords; ++i) absl::StrAppend(&words, "w ");
  EXPECT_THAT(Fault(words), HasSubstr(absl::StrCat(2 * kMaxQueryWords + 1, ": ")));
  EXPECT_THAT(Fault(std::string(kMaxQueryBytes + 1, 'a')), HasSubstr("at most 1000 bytes"));
  const std::string deep(kMaxQueryDepth, '(');
  const std::string ends(kMaxQueryDepth, ')');
  EXPECT_EQ(Parsed(absl::StrCat(deep, "a", ends)), "a");
  EXPECT_THAT(Fault(absl::StrCat("(", deep, "a", ends, ")")), HasSubstr("levels deep"));
}

}  // namespace
}  // namespace entente::search
