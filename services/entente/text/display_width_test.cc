// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/display_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entente::text {
namespace {

using testing::ElementsAre;

TEST(DisplayWidthTest, CountsColumns) {
  const std::pair<const char*, int> cases[] = {
      {"", 0},
      {"ASEAN", 5},
      {"Việt Nam", 8},
      {"Vie\u0302\u0323t Nam", 8},  // The same, decomposed.
      {"東京", 4},
      {"ﾄｳｷｮｳ", 5},               // Half width.
      {"ราชอาณาจักรไทย", 13},      // One mark above a consonant.
      {"\u1112\u1161\u11AB", 2},  // Hangul as three letters: one syllable.
      {"대한민국", 8},
      {"\U0001F1F9\U0001F1ED", 2},        // A flag, of two indicators.
      {"\U0001F469\u200D\U0001F52C", 2},  // A woman scientist, of three code points.
      {"\u2764\uFE0F", 2},                // A heart, as a picture.
      {"\u2764", 1},                      // The same as text.
      {"±10 %…", 6},                      // Ambiguous ones are narrow.
      {"a\u200Bb", 2},
      {"a\xFFz", 3},  // Not UTF-8.
  };
  for (const auto& [text, width] : cases) EXPECT_EQ(DisplayWidth(text), width) << text;
}

TEST(PrintableTest, DoesNothingToATerminal) {
  EXPECT_EQ(Printable("one\ntwo\tthree\r\n"), "one two three  ");
  EXPECT_EQ(Printable("\x1B[2Jgone"), "\uFFFD[2Jgone");
  EXPECT_EQ(Printable("\u009B31m"), "\uFFFD31m");  // The same as ESC [ in one character.
  EXPECT_EQ(Printable("a\u202Ecba"), "a\uFFFDcba");
  EXPECT_EQ(Printable("Việt Nam 東京 ±"), "Việt Nam 東京 ±");
  EXPECT_EQ(Printable("a\xFF"), "a\uFFFD");
  EXPECT_EQ(PrintableLines("one\ntwo\x1B\n\nthree\n"), "one\ntwo\uFFFD\n\nthree\n");
}

TEST(ShortenTest, KeepsClustersWhole) {
  EXPECT_EQ(Shorten("Southeast Asia", 14), "Southeast Asia");
  EXPECT_EQ(Shorten("Southeast Asia", 9), "Southeas…");
  EXPECT_EQ(Shorten("東京都", 6), "東京都");
  EXPECT_EQ(Shorten("東京都", 5), "東京…");
  EXPECT_EQ(Shorten("東京都", 4), "東…");  // Half of a character is not shown.
  EXPECT_EQ(Shorten("Vie\u0302\u0323t Nam", 4), "Vie\u0302\u0323…");
  EXPECT_EQ(Shorten("anything", 1), "…");
}

TEST(PadTest, ByColumns) {
  EXPECT_EQ(Pad("東", 4, false), "東  ");
  EXPECT_EQ(Pad("東", 4, true), "  東");
  EXPECT_EQ(Pad("long", 2, true), "long");
}

TEST(WrapTest, AtSpaces) {
  EXPECT_THAT(Wrap("", 10), ElementsAre(""));
  EXPECT_THAT(Wrap("a partnership of two", 10), ElementsAre("a", "partnershi", "p of two"));
  EXPECT_THAT(Wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("東京 都", 4), ElementsAre("東京", "都"));
}

// Of any text: no line is too wide, nothing is lost but spaces, and what is short enough is as it
// was.
TEST(DisplayWidthTest, LawsOfRandomTexts) {
  std::mt19937 random(20230905);
  const std::vector<std::string> pieces = {
      "a", "ASEAN", " ", "é", "e\u0301", "東", "\U0001F1F9\U0001F1ED", "ท", "ี่", "  "};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const size_t count = random() % 20;
    for (size_t i = 0; i < count; ++i) text += pieces[random() % pieces.size()];
    const int width = 2 + static_cast<int>(random() % 12);
    const std::string shorter = Shorten(text, width);
    EXPECT_LE(DisplayWidth(shorter), width) << text;
    if (DisplayWidth(text) <= width) {
      EXPECT_EQ(shorter, text);
    }
    const auto letters = [](absl::string_view of) {
      std::string kept;
      for (const char c : of) {
        if (c != ' ') kept.push_back(c);
      }
      return kept;
    };
    const std::vector<std::string> lines = Wrap(text, width);
    for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), width) << text;
    EXPECT_EQ(letters(absl::StrJoin(lines, " ")), letters(text));
    EXPECT_EQ(DisplayWidth(Pad(text, 60, round % 2 == 0)), std::max(60, DisplayWidth(text)));
  }
}

}  // namespace
}  // namespace entente::text
