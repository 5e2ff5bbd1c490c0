// SPDX-License-Identifier: Apache-2.0
#include "common/search/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> WordsOf(absl::string_view text) {
  std::vector<std::string> words;
  for (const Token& token : Analyse(text)) words.push_back(token.word);
  return words;
}

// The parts of the text that the words were made of, by bytes and by code points.
std::vector<std::string> PlacesOf(absl::string_view text) {
  std::vector<std::string> places;
  for (const Token& token : Analyse(text)) {
    const absl::string_view place =
        text.substr(token.byte_begin, token.byte_end - token.byte_begin);
    EXPECT_EQ(CodePoints(text.substr(0, token.byte_begin)), token.begin) << place;
    EXPECT_EQ(CodePoints(place), token.end - token.begin) << place;
    places.emplace_back(place);
  }
  return places;
}

TEST(AnalysisTest, CaseWidthAndDiacriticsDoNotCount) {
  EXPECT_THAT(WordsOf("Clean ENERGY"), ElementsAre("clean", "energy"));
  EXPECT_THAT(WordsOf("Café Ångström naïve"), ElementsAre("cafe", "angstrom", "naive"));
  EXPECT_THAT(WordsOf("Cafe\xCC\x81"), ElementsAre("cafe")) << "a letter and a mark";
  EXPECT_THAT(WordsOf("ＡＳＥＡＮ"), ElementsAre("asean"));
  EXPECT_THAT(WordsOf("Straße ŁÓDŹ Ærø œuvre"), ElementsAre("strasse", "lodz", "aero", "oeuvre"));
  EXPECT_THAT(WordsOf("Αθήνα Москва́"), ElementsAre("αθηνα", "москва"));
  EXPECT_THAT(WordsOf("ﬁnance"), ElementsAre("finance"));
}

TEST(AnalysisTest, VietnameseIndonesianAndTheirLike) {
  EXPECT_THAT(WordsOf("Đồng bằng sông Cửu Long"),
              ElementsAre("dong", "bang", "song", "cuu", "long"));
  EXPECT_THAT(WordsOf("Việt Nam"), ElementsAre("viet", "nam"));
  EXPECT_THAT(WordsOf("anak-anak, Perhimpunan Bangsa-Bangsa"),
              ElementsAre("anak", "anak", "perhimpunan", "bangsa", "bangsa"));
}

TEST(AnalysisTest, WhatIsWrittenWithoutSpacesIsDivided) {
  // "Bangkok is the capital city of Thailand"
  EXPECT_THAT(WordsOf("กรุงเทพเป็นเมืองหลวงของประเทศไทย"),
              ElementsAre("กรุงเทพ", "เป็น", "เมือง", "หลวง", "ของ", "ประเทศไทย"));
  // "Cambodia", "Khmer language": marks are vowels and stay.
  EXPECT_THAT(WordsOf("ប្រទេសកម្ពុជា"), ElementsAre("ប្រទេស", "កម្ពុជា"));
  EXPECT_THAT(WordsOf("ປະເທດລາວ"), ElementsAre("ປະເທດ", "ລາວ"));
  // "Myanmar, to the south-east": the names of countries are words of the dictionaries.
  EXPECT_THAT(WordsOf("မြန်မာနိုင်ငံသည်အရှေ့တောင်"), ElementsAre("မြန်မာနိုင်ငံ", "သည်", "အရှေ့တောင်"));
  EXPECT_THAT(WordsOf("日本の援助"), ElementsAre("日本", "の", "援助"));
  EXPECT_THAT(WordsOf("ASEANประเทศไทย2023"), ElementsAre("asean", "ประเทศไทย", "2023"));
}

TEST(AnalysisTest, MarksOfThaiStay) {
  EXPECT_THAT(WordsOf("น้ำ"), testing::Not(ElementsAre("นำ")));
  EXPECT_EQ(WordsOf("น้ำ"), WordsOf("น้ํา")) << "sara am as one character and as two";
}

TEST(AnalysisTest, AbbreviationsPossessivesAndNumbers) {
  EXPECT_THAT(WordsOf("U.S.-ASEAN, the U.S.A. and D.C."),
              ElementsAre("us", "asean", "the", "usa", "and", "dc"));
  EXPECT_THAT(WordsOf("women's, Women’s and children's' o'brien"),
              ElementsAre("women", "women", "and", "children", "o", "brien"));
  EXPECT_THAT(WordsOf("$1,000,000 or 1,5 or 10,0000 or 1.5"),
              ElementsAre("1000000", "or", "1", "5", "or", "10", "0000", "or", "1", "5"));
  EXPECT_THAT(WordsOf("entente.dev a.bc x_y"), ElementsAre("entente", "dev", "a", "bc", "x", "y"));
  EXPECT_THAT(WordsOf("๒๕๖๖ ២០២៣ ၂၀၂၃"), ElementsAre("2566", "2023", "2023"));
}

TEST(AnalysisTest, InvisibleCharactersDoNotPartWordsButZeroWidthSpaceDoes) {
  EXPECT_THAT(WordsOf("co\xC2\xADoperation"), ElementsAre("cooperation")) << "soft hyphen";
  EXPECT_THAT(WordsOf("clean\xE2\x80\x8B"
                      "energy"),
              ElementsAre("clean", "energy"));
}

TEST(AnalysisTest, WordsHoldNothingButWords) {
  // A letter whose compatibility form is a sentence with spaces.
  for (const std::string& word : WordsOf("\xEF\xB7\xBA x=y \"q\"")) {
    EXPECT_EQ(word.find_first_of(" =\""), std::string::npos) << word;
  }
  EXPECT_THAT(WordsOf(" -- ... \xCC\x81 \xC2\xA0 &"), IsEmpty());
  EXPECT_THAT(WordsOf(""), IsEmpty());
}

TEST(AnalysisTest, WhatIsNoUtf8PartsWords) {
  EXPECT_THAT(WordsOf("a\xFF"
                      "b\xC3"),
              ElementsAre("a", "b"));
  EXPECT_THAT(WordsOf("a\xED\xA0\x80"
                      "b"),
              ElementsAre("a", "b"))
      << "a surrogate";
}

TEST(AnalysisTest, LongWordsAreCutBetweenCharacters) {
  const std::string word = WordsOf(std::string(300, 'a')).front();
  EXPECT_EQ(word, std::string(kMaxWordBytes, 'a'));
  std::string cyrillic;
  for (int i = 0; i < 300; ++i) cyrillic += "ж";
  EXPECT_EQ(WordsOf("я" + cyrillic).front().size() % 2, 0U);
}

TEST(AnalysisTest, PlacesAreThoseOfTheText) {
  EXPECT_THAT(PlacesOf("The U.S. Agency's café: 1,000 rivers"),
              ElementsAre("The", "U.S", "Agency", "café", "1,000", "rivers"));
  EXPECT_THAT(PlacesOf("«Đồng» ประเทศไทย x"), ElementsAre("Đồng", "ประเทศไทย", "x"));
}

}  // namespace
}  // namespace entente::search
