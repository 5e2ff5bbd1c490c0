// SPDX-License-Identifier: Apache-2.0
#include "common/passage/uncited.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::passage {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

Text Of(const std::string& bytes) { return *Text::FromUtf8(bytes); }

Span Where(const Text& text, const std::string& words) {
  const size_t at = text.bytes().find(words);
  EXPECT_NE(at, absl::string_view::npos) << words;
  const int begin = Of(std::string(text.bytes().substr(0, at))).length();
  return {begin, begin + Of(words).length()};
}

std::vector<std::string> Print(const Text& text, const std::vector<Item>& items) {
  std::vector<std::string> result;
  for (const Item& item : items) {
    result.push_back(absl::StrCat(std::string(ItemKindName(item.kind)), ": ",
                                  std::string(text.Slice(item.span))));
  }
  return result;
}

std::vector<std::string> Names(const std::string& bytes) {
  const Text text = Of(bytes);
  std::vector<std::string> names;
  for (const Span& name : FindNames(text)) names.emplace_back(text.Slice(name));
  return names;
}

constexpr char kText[] =
    "THE BOATS OF RUR\n"
    "  • In May 2021, the Guild of the Isles gave over 95 boats to Rur. Hundreds sank.\n";

TEST(UncitedTest, EverythingOfATextThatNothingCites) {
  const Text text = Of(kText);
  EXPECT_THAT(
      Print(text, FindUncited(text, {})),
      ElementsAre("sentence: THE BOATS OF RUR",
                  "sentence: In May 2021, the Guild of the Isles gave over 95 boats to Rur.",
                  "month: May", "year: 2021", "name: Guild of the Isles", "figure: over 95",
                  "name: Rur", "sentence: Hundreds sank.", "figure: Hundreds"));
}

TEST(UncitedTest, WhatIsCitedIsNotListed) {
  const Text text = Of(kText);
  EXPECT_THAT(FindUncited(text, {{0, text.length()}}), IsEmpty());
  EXPECT_THAT(FindUncited(text, {{0, 20}, {15, 60}, {60, text.length()}}), IsEmpty())
      << "citations that touch cover together";
  EXPECT_THAT(Print(text, FindUncited(text, {Where(text, "THE BOATS OF RUR"),
                                             Where(text, "Guild of the Isles gave over 95 boats"),
                                             Where(text, "Hundreds")})),
              ElementsAre("clause: In May 2021, the", "month: May", "year: 2021", "name: Rur"));
}

TEST(UncitedTest, ClausesOfASentenceThatIsCitedInPart) {
  const Text text = Of("The isle built three boats and sold them to the far coast.");
  EXPECT_THAT(Print(text, FindUncited(text, {Where(text, "The isle built three boats")})),
              ElementsAre("clause: and sold them to the far coast."));
  EXPECT_THAT(Print(text, FindUncited(text, {Where(text, "built three boats and sold them")})),
              ElementsAre("clause: to the far coast."));
  EXPECT_THAT(Print(text, FindUncited(text, {{0, 4}, Where(text, "boats and sold them to")})),
              ElementsAre("figure: three"));
}

TEST(UncitedTest, AFigureThatIsHalfCitedIsUncited) {
  const Text text = Of("It gave over 95 boats.");
  EXPECT_THAT(Print(text, FindUncited(text, {Where(text, "95 boats"), Where(text, "It gave")})),
              ElementsAre("figure: over 95"));
}

TEST(UncitedTest, SpansThatTheTextDoesNotHoldCoverNothing) {
  const Text text = Of("Two.");
  for (const Span& span : {Span{0, 5}, {-1, 4}, {3, 3}, {4, 9}}) {
    EXPECT_THAT(Print(text, FindUncited(text, {span})),
                ElementsAre("sentence: Two.", "figure: Two"));
  }
}

TEST(UncitedTest, WhatHasNoLettersSaysNothing) {
  EXPECT_THAT(FindItems(Of("…\n===\n\x01\n")), IsEmpty());
}

TEST(UncitedTest, Names) {
  EXPECT_THAT(Names("The Guild of the Isles and the U.S.-Rur Bureau met Ada Ng in Port Mary."),
              ElementsAre("Guild of the Isles", "U.S.-Rur Bureau", "Ada Ng", "Port Mary"));
  EXPECT_THAT(Names("It works with the Guild’s Port Mary Office and Rur’s isles."),
              ElementsAre("Guild", "Port Mary Office", "Rur"));
  EXPECT_THAT(Names("Ministers met. Boats sank. Additionally, Rur paid. Rur sank."),
              ElementsAre("Rur", "Rur"))
      << "known by its place within another sentence";
  EXPECT_THAT(Names("Ministers met."), IsEmpty());
  EXPECT_THAT(Names("UNX met. Ada Ng met."), ElementsAre("UNX", "Ada Ng"));
  EXPECT_THAT(Names("In May 2021 the COVID-19 boats of Đà Nẵng"),
              ElementsAre("COVID-19", "Đà Nẵng"));
  EXPECT_THAT(Names("RUR AND ITS BOATS"), IsEmpty());
  EXPECT_THAT(Names("Boats: Through the Guild, it paid"), ElementsAre("Guild"));
}

TEST(UncitedTest, EnumeratorsYearsAndLabelsAreNoFigures) {
  const Text text = Of("it has: 1) boats since 2021, 2) oars");
  EXPECT_THAT(Print(text, FindItems(text)),
              ElementsAre("sentence: it has: 1) boats since 2021, 2) oars", "year: 2021"));
  const Text plan = Of("the plan 2023-2025");
  EXPECT_THAT(Print(plan, FindItems(plan)), Contains("year: 2023-2025").Times(1));
}

// More citations never list more (but clauses, which take the place of their sentence), and what is
// listed is not covered.
TEST(UncitedTest, MoreCitationsListLess) {
  const Text text = Of(std::string(kText) + kText + "In 2022, Ada Ng of Rur gave $5 million.\n");
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Span> cited;
    std::vector<Item> before = FindUncited(text, cited);
    for (int i = 0; i < 6; ++i) {
      const int begin = static_cast<int>(random() % static_cast<unsigned>(text.length()));
      const int size = 1 + static_cast<int>(random() % 40);
      cited.push_back({begin, std::min(begin + size, text.length())});
      const std::vector<Item> after = FindUncited(text, cited);
      for (const Item& item : after) {
        if (item.kind != ItemKind::kClause) {
          EXPECT_THAT(before, Contains(item));
        }
        for (const Span& span : cited) EXPECT_FALSE(span.Contains(item.span));
      }
      before = after;
    }
  }
}

}  // namespace
}  // namespace entente::passage
