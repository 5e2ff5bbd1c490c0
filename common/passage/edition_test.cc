// SPDX-License-Identifier: Apache-2.0
#include "common/passage/edition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::passage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Text Of(const std::string& bytes) { return *Text::FromUtf8(bytes); }

Span Where(const Text& text, const std::string& words) {
  const size_t at = text.bytes().find(words);
  EXPECT_NE(at, absl::string_view::npos) << words;
  const int begin = Of(std::string(text.bytes().substr(0, at))).length();
  return {begin, begin + Of(words).length()};
}

// "moved: its words", "changed: other words", "gone" for the first place of `words` in `from`.
std::string Become(const std::string& from, const std::string& to, const std::string& words) {
  const Edition edition = Edition::Align(Of(from), Of(to));
  const Image image = edition.Map(Where(edition.from(), words));
  const std::string kind(ImageKindName(image.kind));
  if (!image.span.has_value()) return kind;
  return absl::StrCat(kind, ": ", std::string(edition.to().Slice(*image.span)));
}

std::vector<std::string> Added(const std::string& from, const std::string& to) {
  const Edition edition = Edition::Align(Of(from), Of(to));
  std::vector<std::string> added;
  for (const Span& span : edition.Added()) added.emplace_back(edition.to().Slice(span));
  return added;
}

constexpr char kOld[] =
    "THE ISLES AND THEIR BOATS\n"
    "\n"
    "In August 2022, Minister Ada Ng of Rur opened Port Mary with over 95 boats.\n"
    "  • The Guild’s fund is nearly $600 million, of which $15 million is for schools.\n"
    "  • Hundreds of sailors came on September 5-7. They stayed for a week.\n"
    "Seen 3 times\n";

constexpr char kNew[] =
    "THE ISLES AND THEIR BOATS\n"
    "\n"
    "  • Hundreds of sailors came on September 5-7. They stayed for two weeks.\n"
    "The winter was mild, and trade grew.\n"
    "In August 2022, Minister Ada Ng of Rur opened Port Mary with over 120 boats.\n"
    "  • The Guild’s fund is now nearly $600 million, of which $20 million is for schools.\n"
    "Seen 5 times\n";

TEST(EditionTest, WhatHasNotMovedIsTheSame) {
  EXPECT_EQ(Become(kOld, kNew, "THE ISLES AND THEIR BOATS"), "same: THE ISLES AND THEIR BOATS");
  EXPECT_EQ(Become(kOld, kNew, "ISLES"), "same: ISLES");
}

TEST(EditionTest, WhatMovedIsFoundWithItsWords) {
  EXPECT_EQ(Become(kOld, kNew, "Hundreds of sailors came on September 5-7."),
            "moved: Hundreds of sailors came on September 5-7.");
  EXPECT_EQ(Become(kOld, kNew, "September 5-7"), "moved: September 5-7") << "with its sentence";
  EXPECT_EQ(Become(kOld, kNew, "In August 2022, Minister Ada Ng of Rur opened Port Mary"),
            "moved: In August 2022, Minister Ada Ng of Rur opened Port Mary");
  EXPECT_EQ(Become(kOld, kNew, "Ada Ng"), "moved: Ada Ng");
  EXPECT_EQ(Become(kOld, kNew, "nearly $600 million, of"), "moved: nearly $600 million, of");
  EXPECT_EQ(Become(kOld, kNew, "They stayed for "), "moved: They stayed for ");
  EXPECT_EQ(Become(kOld, kNew, "uild’s fun"), "moved: uild’s fun") << "parts of words";
}

TEST(EditionTest, AReplacedFigureIsAChange) {
  EXPECT_EQ(Become(kOld, kNew, "opened Port Mary with over 95 boats."),
            "changed: opened Port Mary with over 120 boats.");
  EXPECT_EQ(Become(kOld, kNew, "with over 95"), "changed: with over 120") << "at the end of it";
  EXPECT_EQ(Become(kOld, kNew, "95 boats"), "changed: 120 boats") << "at the begin of it";
  EXPECT_EQ(Become(kOld, kNew, "95"), "changed: 120") << "all of it";
  EXPECT_EQ(Become(kOld, kNew, "$15 million"), "changed: $20 million");
  EXPECT_EQ(Become(kOld, kNew, "They stayed for a week."), "changed: They stayed for two weeks.");
  EXPECT_EQ(Become(kOld, kNew, "a week"), "changed: two weeks");
  EXPECT_EQ(Become(kOld, kNew, "Seen 3 times"), "changed: Seen 5 times");
}

TEST(EditionTest, WordsPutInAreAChange) {
  EXPECT_EQ(Become(kOld, kNew, "fund is nearly $600"), "changed: fund is now nearly $600");
}

TEST(EditionTest, WhatWasTakenOutIsGone) {
  EXPECT_EQ(Become("One came. Two left early today. Three of them stayed.",
                   "One came. Three of them stayed.", "Two left early today."),
            "gone");
  EXPECT_EQ(Become("One of the boats came.\nTwo ships left the port early.\n",
                   "One of the boats came.\nNobody knows why this is so.\n",
                   "Two ships left the port early."),
            "gone")
      << "another sentence in its place is not it";
  EXPECT_EQ(Become("They came, it is said, by boat.", "They came by boat.", "it is said"), "gone");
}

TEST(EditionTest, WordsLeftOutAreAChange) {
  EXPECT_EQ(
      Become("They came, it is said, by boat.", "They came by boat.", "came, it is said, by boat"),
      "changed: came by boat");
}

// The figure of one is not the figure of another.
TEST(EditionTest, TheSameWordsElsewhereAreNotThePassage) {
  EXPECT_EQ(
      Become("The Guild got $15 million. The Fleet got $15 million in the end.",
             "The Guild got $20 million. The Fleet got $15 million in the end.", "got $15 million"),
      "changed: got $20 million")
      << "they were there before";
  EXPECT_EQ(Become("The Guild got $15 million for boats.\n",
                   "The Guild got $20 million for boats.\nAs was said, a school got $15 million.\n",
                   "got $15 million"),
            "changed: got $20 million")
      << "they are new, and too few to prove anything";
  EXPECT_EQ(Become("Boats\n5\nShips\n7\n", "Boats\n7\nShips\n5\n", "5"), "gone");
  EXPECT_EQ(Become("It has 95 boats.", "It has 1995 boats.", "95"), "changed: 1995");
  EXPECT_EQ(Become("It has 95 boats.", "It has 95.5 boats.", "has 95"), "changed: has 95.5");
}

TEST(EditionTest, ManyWordsAreFoundOutOfTheirContext) {
  EXPECT_EQ(Become("By the end of the third year, the Guild had sold all its old boats.",
                   "The Guild had sold all its old boats by the end of the third year.",
                   "the end of the third year"),
            "moved: the end of the third year");
}

TEST(EditionTest, TheNearestOfSeveralPlaces) {
  const std::string all = "and then they went home again";
  const std::string from = "One two three four five.\n" + all + "\nSix seven eight nine ten.\n";
  const std::string to = all + "\nOne two three four five.\nnew\n" + all +
                         "\nSix seven eight nine ten.\n" + all + "\n";
  const Edition edition = Edition::Align(Of(from), Of(to));
  const Image image = edition.Map(Where(edition.from(), all));
  ASSERT_EQ(image.kind, ImageKind::kMoved);
  EXPECT_EQ(image.span->begin, Where(edition.to(), all + "\nSix").begin);
}

TEST(EditionTest, OtherWhiteSpaceIsAChange) {
  EXPECT_EQ(Become("One two  three four\nfive.", "One two three four five.", "two  three four"),
            "changed: two three four");
  EXPECT_EQ(Become("One two three\r\nfour\r\n", "One two three\nfour\n", "two three"),
            "same: two three");
}

TEST(EditionTest, APassageThatWasTornApart) {
  EXPECT_EQ(Become("The Guild sold every one of its boats. The Fleet bought all of them at once.\n"
                   "Nobody else of the isles was there.\n",
                   "The Fleet bought all of them at once.\n"
                   "Nobody else of the isles was there.\n"
                   "The Guild sold every one of its boats.\n",
                   "sold every one of its boats. The Fleet bought all"),
            "changed: sold every one of its boats.")
      << "where most of its words went";
}

TEST(EditionTest, WhiteSpaceGoesWithTheWordBeforeIt) {
  EXPECT_EQ(Become("a b c", "x a b c", " "), "moved:  ");
  EXPECT_EQ(Become(" a b c", " a b c d", " "), "same:  ");
  EXPECT_EQ(Become("a b c", "x b c", " "), "gone");
}

TEST(EditionTest, WhatTheOldTextDoesNotHoldIsGone) {
  const Edition edition = Edition::Align(Of("One two."), Of("One two."));
  for (const Span& span : {Span{-1, 3}, Span{3, 3}, Span{5, 3}, Span{0, 9}}) {
    EXPECT_EQ(edition.Map(span), Image());
  }
}

TEST(EditionTest, EmptyTexts) {
  EXPECT_THAT(Added("", ""), IsEmpty());
  EXPECT_THAT(Added("One two.", ""), IsEmpty());
  EXPECT_THAT(Added("", "One two.\n\nThree.\n"), ElementsAre("One two.\n\nThree."));
  EXPECT_EQ(Become("One two.", "", "two"), "gone");
  EXPECT_EQ(Become("One two.", "\n \n", "One two."), "gone");
}

TEST(EditionTest, WhatIsNewIsListed) {
  EXPECT_THAT(Added(kOld, kNew), ElementsAre("two weeks", "The winter was mild, and trade grew.",
                                             "120", "now", "20", "5"));
  EXPECT_THAT(Added("One two three, four five", "One two three; four five!"), IsEmpty())
      << "marks are no words";
}

}  // namespace
}  // namespace entente::passage
