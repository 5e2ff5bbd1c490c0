// SPDX-License-Identifier: Apache-2.0
#include "common/search/snippet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/passage/text.h"
#include "common/search/analysis.h"
#include "common/search/correct.h"

namespace entente::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class SnippetTest : public testing::Test {
 protected:
  // Texts that live as long as the test.
  void Add(Field field, const std::string& text) {
    texts_.push_back(std::make_unique<std::string>(text));
    document_.values.push_back({field, absl::StrCat("v", texts_.size() - 1), "en", *texts_.back()});
  }
  std::vector<Match> Find(const std::string& text) {
    query_ = Parse(text, {}).value();
    return FindMatches(document_, query_);
  }
  // The words that are highlighted.
  static std::vector<std::string> Highlighted(const Match& match) {
    std::vector<std::string> words;
    const auto snippet = passage::Text::FromUtf8(match.snippet).value();
    for (const Passage& passage : match.highlights) {
      words.emplace_back(snippet.Slice(passage::Span{passage.begin, passage.end}));
    }
    return words;
  }
  // Path and highlighted words of each match.
  std::vector<std::pair<std::string, std::vector<std::string>>> Matches(const std::string& text) {
    std::vector<std::pair<std::string, std::vector<std::string>>> result;
    for (const Match& match : Find(text)) {
      result.emplace_back(match.value->path, Highlighted(match));
    }
    return result;
  }

  std::vector<std::unique_ptr<std::string>> texts_;
  Document document_;
  Query query_;
};

TEST_F(SnippetTest, FieldsOfMostWeightComeFirst) {
  Add(Field::kNote, "on rivers");
  Add(Field::kTitle, "Clean Rivers");
  EXPECT_THAT(Matches("rivers"),
              ElementsAre(Pair("v1", ElementsAre("Rivers")), Pair("v0", ElementsAre("rivers"))));
  EXPECT_THAT(Matches("note:rivers"), ElementsAre(Pair("v0", ElementsAre("rivers"))));
  EXPECT_THAT(Matches("seas"), IsEmpty());
}

TEST_F(SnippetTest, HighlightsAreInCodePoints) {
  Add(Field::kTitle, "«Đồng bằng» sông Cửu Long");
  EXPECT_THAT(Find("song dong").front().highlights, ElementsAre(Passage{1, 5}, Passage{12, 16}));
  EXPECT_THAT(Matches("song dong"), ElementsAre(Pair("v0", ElementsAre("Đồng", "sông"))));
}

TEST_F(SnippetTest, PhrasesPrefixesAndAbbreviations) {
  Add(Field::kTitle, "The U.S. Agency for International Development");
  EXPECT_THAT(
      Matches("\"agency for international\" us develop*"),
      ElementsAre(Pair("v0", ElementsAre("U.S", "Agency for International", "Development"))));
  EXPECT_THAT(Matches("\"agency international\""), IsEmpty()) << "not side by side";
  EXPECT_THAT(Matches("\"agency for\" \"for international\""),
              ElementsAre(Pair("v0", ElementsAre("Agency for International"))));
}

TEST_F(SnippetTest, WhatIsNegatedIsNotShown) {
  Add(Field::kTitle, "clean energy");
  EXPECT_THAT(Matches("clean -(energy -river)"), ElementsAre(Pair("v0", ElementsAre("clean"))));
}

TEST_F(SnippetTest, ALongTextIsCutAroundMostOfTheWords) {
  std::string text = "Mekong at first. ";
  for (int i = 0; i < 60; ++i) absl::StrAppend(&text, "filling number ", i, " é. ");
  absl::StrAppend(&text, "Here the Mekong meets its delta. ");
  const std::string before = text;
  for (int i = 0; i < 60; ++i) absl::StrAppend(&text, "more of it ", i, ", ");
  Add(Field::kDescription, text);
  const std::vector<Match> matches = Find("mekong delta");
  ASSERT_THAT(matches, SizeIs(1));
  const Match& match = matches.front();
  EXPECT_THAT(Highlighted(match), ElementsAre("Mekong", "delta"));
  EXPECT_LE(CodePoints(match.snippet), kSnippetLength);
  EXPECT_GT(CodePoints(match.snippet), kSnippetLength / 2);
  EXPECT_TRUE(match.continues);
  const auto whole = passage::Text::FromUtf8(text).value();
  EXPECT_EQ(
      std::string(whole.Slice(passage::Span{match.begin, match.begin + CodePoints(match.snippet)})),
      match.snippet);
}

TEST_F(SnippetTest, TheBeginAndTheEndOfALongTextAreWhole) {
  std::string text = "(Mekong) ";
  for (int i = 0; i < 80; ++i) absl::StrAppend(&text, "filling ");
  absl::StrAppend(&text, "delta!");
  Add(Field::kDescription, text);
  const Match begin = Find("mekong").front();
  EXPECT_EQ(begin.begin, 0);
  EXPECT_EQ(begin.snippet[0], '(');
  EXPECT_TRUE(begin.continues);
  const Match end = Find("delta").front();
  EXPECT_EQ(end.snippet.back(), '!');
  EXPECT_FALSE(end.continues);
}

TEST_F(SnippetTest, AWordAsLongAsASnippetIsCutNot) {
  Add(Field::kDescription, absl::StrCat("x ", std::string(1000, 'a'), " y"));
  const Match match = Find("x").front();
  EXPECT_THAT(Highlighted(match), ElementsAre("x"));
  EXPECT_THAT(Highlighted(Find(std::string(900, 'a')).front()), SizeIs(1));
}

TEST_F(SnippetTest, NoMoreThanCanBeLookedAt) {
  for (int i = 0; i < 30; ++i) Add(Field::kNote, "river");
  EXPECT_THAT(Matches("river"), SizeIs(kMaxMatches));
}

}  // namespace
}  // namespace entente::search
