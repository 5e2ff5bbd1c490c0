// SPDX-License-Identifier: Apache-2.0
#include "common/passage/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::passage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "words that state it: what they state", figure by figure.
std::vector<std::string> Find(const std::string& words) {
  const Text text = *Text::FromUtf8(words);
  std::vector<std::string> found;
  for (const FoundFigure& figure : FindFigures(text, {0, text.length()})) {
    EXPECT_TRUE(figure.span.Contains(figure.number));
    found.push_back(absl::StrCat(std::string(text.Slice(figure.span)), ": ", ToString(figure)));
  }
  return found;
}

std::string Only(const std::string& words) {
  const auto found = Find(words);
  EXPECT_EQ(found.size(), 1u) << words;
  return found.empty() ? "" : found[0].substr(found[0].rfind(": ") + 2);
}

type::v1::Figure Figure(const std::string& value, type::v1::Qualifier qualifier) {
  type::v1::Figure figure;
  figure.set_value(value);
  figure.set_qualifier(qualifier);
  return figure;
}

TEST(FiguresTest, Digits) {
  EXPECT_EQ(Only("6,200 shops"), "6200");
  EXPECT_EQ(Only("all 50 isles"), "50");
  EXPECT_EQ(Only("1.5 degrees"), "1.5");
  EXPECT_EQ(Only("12,345,678.90 litres"), "12345678.9");
  EXPECT_EQ(Only("a record 3-metre wave"), "3");
  EXPECT_THAT(Find("1,23 and 1234,567"), ElementsAre("1: 1", "23: 23", "1234: 1234", "567: 567"));
  EXPECT_THAT(Find("no figure at all, or a few"), IsEmpty());
  EXPECT_EQ(Only("99999999999999999999999999999999999999999 atoms"), "no value");
}

TEST(FiguresTest, Scales) {
  EXPECT_EQ(Only("1.2 billion"), "1200000000");
  EXPECT_EQ(Only("$1.2bn"), "1200000000 USD");
  EXPECT_EQ(Only("5 mn people"), "5000000");
  EXPECT_EQ(Only("$3-million"), "3000000 USD");
  EXPECT_EQ(Only("3 hundred thousand"), "300000");
  EXPECT_EQ(Only("20k"), "20000");
  EXPECT_EQ(Only("5 m long"), "5") << "a lone letter behind a space is no scale";
}

TEST(FiguresTest, NumberWords) {
  EXPECT_EQ(Only("three boats"), "3");
  EXPECT_EQ(Only("Twenty-one boats"), "21");
  EXPECT_EQ(Only("one hundred and five boats"), "105");
  EXPECT_EQ(Only("two million three hundred thousand and four boats"), "2300004");
  EXPECT_EQ(Only("one billion people"), "1000000000");
  EXPECT_EQ(Only("a hundred boats"), "100");
  EXPECT_EQ(Only("two dozen boats"), "24");
  EXPECT_EQ(Only("zero boats"), "0");
  EXPECT_THAT(Find("three and four boats"), ElementsAre("three: 3", "four: 4"));
  EXPECT_THAT(Find("a million and two boats"), ElementsAre("a million: 1000000", "two: 2"));
  EXPECT_THAT(Find("a boat, anyone, someone, million-fold"), IsEmpty());
}

TEST(FiguresTest, FiguresThatAreNotGiven) {
  EXPECT_EQ(Only("hundreds of boats"), "no value (vague)");
  EXPECT_EQ(Only("tens of thousands of boats"), "no value (vague)");
  EXPECT_EQ(Only("$ millions"), "no value USD (vague)");
}

TEST(FiguresTest, Ordinals) {
  EXPECT_EQ(Only("the 21st boat"), "21 (ordinal)");
  EXPECT_EQ(Only("the first-ever boat"), "1 (ordinal)");
  EXPECT_EQ(Only("the Twenty-third boat"), "23 (ordinal)");
}

TEST(FiguresTest, Qualifiers) {
  EXPECT_EQ(Only("over 95 boats"), "more than 95");
  EXPECT_EQ(Only("more than 6,200 boats"), "more than 6200");
  EXPECT_EQ(Only("no more than 5 boats"), "up to 5");
  EXPECT_EQ(Only("Nearly $600 million"), "nearly 600000000 USD");
  EXPECT_EQ(Only("up to one billion euros"), "up to 1000000000 EUR");
  EXPECT_EQ(Only("at least 7 boats"), "at least 7");
  EXPECT_EQ(Only("about 7 boats"), "about 7");
  EXPECT_EQ(Only("fewer than seven boats"), "less than 7");
  EXPECT_EQ(Only("7 or more boats"), "at least 7");
  EXPECT_EQ(Only("100+ boats"), "at least 100");
  EXPECT_EQ(Only("over hundreds of boats"), "more than no value (vague)");
  EXPECT_THAT(Find("over 95 boats and 375 oars"), ElementsAre("over 95: more than 95", "375: 375"));
}

TEST(FiguresTest, OverALengthOfTimeMayMeanDuring) {
  const type::v1::Figure exact = Figure("3", type::v1::QUALIFIER_EXACT);
  const type::v1::Figure more = Figure("3", type::v1::QUALIFIER_MORE_THAN);
  EXPECT_TRUE(States("over three years", exact, ""));
  EXPECT_TRUE(States("over three years", more, ""));
  EXPECT_FALSE(States("over three boats", exact, ""));
}

TEST(FiguresTest, Currencies) {
  EXPECT_EQ(Only("US$5"), "5 USD");
  EXPECT_EQ(Only("S$5 million"), "5000000 SGD");
  EXPECT_EQ(Only("U.S. $5"), "5 USD") << "a space parts them";
  EXPECT_EQ(Only("€5"), "5 EUR");
  EXPECT_EQ(Only("IDR 5 billion"), "5000000000 IDR");
  EXPECT_EQ(Only("5 million U.S. dollars"), "5000000 USD");
  EXPECT_EQ(Only("5 SGD"), "5 SGD");
  EXPECT_EQ(Only("over $8 billion"), "more than 8000000000 USD");
}

TEST(FiguresTest, YearsAndRanges) {
  EXPECT_EQ(Only("in 2022"), "2022 (year)");
  EXPECT_EQ(Only("the plan 2023-2025"), "2023 to 2025 (year range)");
  EXPECT_EQ(Only("the plan 2023–24"), "2023 to 2024 (year range)");
  EXPECT_EQ(Only("September 5-7"), "5 to 7 (range)");
  EXPECT_EQ(Only("between 5 and 7 million"), "5000000 to 7000000 (range)");
  EXPECT_EQ(Only("$5 to $7 million"), "5000000 to 7000000 USD (range)");
  EXPECT_EQ(Only("5%-7%"), "5 to 7 (range)");
  EXPECT_EQ(Only("more than 2000 boats"), "more than 2000");
  EXPECT_EQ(Only("2,000 boats"), "2000");
  EXPECT_EQ(Only("ten percent"), "10 (percentage)");
  EXPECT_EQ(Only("over 12.5 %"), "more than 12.5 (percentage)");
  EXPECT_EQ(Only("between 10 and 20 per cent"), "10 to 20 (range)");
  EXPECT_THAT(Find("five to six boats"), ElementsAre("five to six: 5 to 6 (range)"));
  EXPECT_THAT(Find("7-5"), ElementsAre("7: 7", "5: 5"));
}

TEST(FiguresTest, EnumeratorsAndLabelsAreNoFigures) {
  EXPECT_THAT(Find("on: 1) boats, (2) oars"),
              ElementsAre("1: 1 (enumerator)", "2: 2 (enumerator)"));
  EXPECT_EQ(Only("3. Oars"), "3 (enumerator)");
  EXPECT_EQ(Only("oars (about 3)"), "about 3");
  EXPECT_EQ(Only("COVID-19"), "19 (label)");
  EXPECT_EQ(Only("mid-2023"), "2023 (year)");
  EXPECT_EQ(Only("the 1990s"), "1990 (label)");
  EXPECT_EQ(Only("the One Health Network"), "1 (label)");
  EXPECT_EQ(Only("Boat School 2.0, new"), "2 (label)");
  EXPECT_EQ(Only("net zero goals"), "0 (label)");
  EXPECT_EQ(Only("Two Boats sank."), "2") << "large because the sentence begins";
}

TEST(FiguresTest, StatesValueQualifierAndCurrency) {
  const std::string words = "over 95 boats, 375 oars and nearly $600 million in 2022";
  EXPECT_TRUE(States(words, Figure("95", type::v1::QUALIFIER_MORE_THAN), ""));
  EXPECT_FALSE(States(words, Figure("95", type::v1::QUALIFIER_EXACT), ""));
  EXPECT_TRUE(States(words, Figure("375", type::v1::QUALIFIER_EXACT), ""));
  EXPECT_TRUE(States(words, Figure("375.00", type::v1::QUALIFIER_UNSPECIFIED), ""));
  EXPECT_FALSE(States(words, Figure("375", type::v1::QUALIFIER_MORE_THAN), ""));
  EXPECT_TRUE(States(words, Figure("600000000", type::v1::QUALIFIER_NEARLY), "USD"));
  EXPECT_FALSE(States(words, Figure("600000000", type::v1::QUALIFIER_NEARLY), "EUR"));
  EXPECT_FALSE(States(words, Figure("600000000", type::v1::QUALIFIER_NEARLY), ""));
  EXPECT_FALSE(States(words, Figure("95", type::v1::QUALIFIER_MORE_THAN), "USD"));
  EXPECT_FALSE(States(words, Figure("2022", type::v1::QUALIFIER_EXACT), "")) << "a year";
  EXPECT_TRUE(States("2000 delegates", Figure("2000", type::v1::QUALIFIER_EXACT), ""));
  EXPECT_FALSE(States("the first boat", Figure("1", type::v1::QUALIFIER_EXACT), ""));
  EXPECT_FALSE(States("x", Figure("", type::v1::QUALIFIER_EXACT), ""));
  EXPECT_FALSE(States("\xFF 5", Figure("5", type::v1::QUALIFIER_EXACT), ""));
}

TEST(FiguresTest, NotStatedIsWhereNoFigureStands) {
  const type::v1::Figure none = Figure("", type::v1::QUALIFIER_NOT_STATED);
  EXPECT_TRUE(States("the largest source of money for 3 isles", none, "USD"));
  EXPECT_FALSE(States("the largest source, $3 of it", none, "USD"));
  EXPECT_TRUE(States("hundreds of boats in 2022", none, ""));
  EXPECT_FALSE(States("3 boats", none, ""));
}

TEST(FiguresTest, NoWordBelongsToTwoFigures) {
  EXPECT_THAT(Find("5 USD 7"), ElementsAre("5 USD: 5 USD", "7: 7"));
  EXPECT_THAT(Find("2over 95"), ElementsAre("2over: 2 (label)", "95: 95"));
  EXPECT_THAT(Find("5 or more than 7"), ElementsAre("5: 5", "more than 7: more than 7"));
}

TEST(FiguresTest, SeesOnlyThePassage) {
  const Text text = *Text::FromUtf8("nearly $600 million");
  const auto found = FindFigures(text, {7, 11});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(ToString(found[0]), "600 USD");
  EXPECT_EQ(found[0].span, (Span{7, 11}));
  EXPECT_EQ(found[0].number, (Span{8, 11}));
}

}  // namespace
}  // namespace entente::passage
