// SPDX-License-Identifier: Apache-2.0
#include "common/search/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "common/search/analysis.h"
#include "common/search/correct.h"

namespace entente::search {
namespace {

constexpr FieldSet kTitle = SetOf(Field::kTitle);
constexpr FieldSet kNote = SetOf(Field::kNote);

TEST(VocabularyTest, CountsDocumentsByField) {
  Vocabulary vocabulary;
  vocabulary.Change("river", kTitle | kNote, 1);
  vocabulary.Change("river", kNote, 1);
  vocabulary.Change("rivers", kNote, 1);
  EXPECT_EQ(vocabulary.Documents("river"), 2);
  EXPECT_EQ(vocabulary.Documents("river", kTitle), 1);
  EXPECT_EQ(vocabulary.Documents("river", kTitle | kNote), 2);
  EXPECT_EQ(vocabulary.Documents("sea"), 0);
  EXPECT_EQ(vocabulary.DocumentsWithPrefix("riv"), 3);
  EXPECT_EQ(vocabulary.DocumentsWithPrefix("rivers", kTitle), 0);
  vocabulary.Change("rivers", kNote, -1);
  EXPECT_EQ(vocabulary.size(), 1U) << "what no document has is forgotten";
  EXPECT_EQ(vocabulary.Documents("rivers"), 0);
}

TEST(VocabularyTest, DistancesAreOfLettersAndExchanges) {
  EXPECT_EQ(Distance("usaid", "usiad", 2), 1) << "exchanged";
  EXPECT_EQ(Distance("mekong", "mekongs", 2), 1);
  EXPECT_EQ(Distance("mekong", "mekog", 2), 1);
  EXPECT_EQ(Distance("mekong", "mekonk", 2), 1);
  EXPECT_EQ(Distance("abcdef", "badcef", 2), 2);
  EXPECT_EQ(Distance("abc", "xyz", 2), 3) << "more than the limit";
  EXPECT_EQ(Distance("жизнь", "жизн", 2), 1) << "characters, not bytes";
  EXPECT_EQ(Distance("", "ab", 2), 2);
}

TEST(VocabularyTest, NearestIsTheNearestThenTheMostFrequent) {
  Vocabulary vocabulary;
  for (int i = 0; i < 5; ++i) vocabulary.Change("mekong", kTitle, 1);
  for (int i = 0; i < 9; ++i) vocabulary.Change("mekonk", kNote, 1);
  vocabulary.Change("melong", kNote, 1);
  EXPECT_EQ(vocabulary.Nearest("mekony", kAllFields)->word, "mekonk");
  EXPECT_EQ(vocabulary.Nearest("mekony", kTitle)->word, "mekong") << "of those in the field";
  EXPECT_EQ(vocabulary.Nearest("melongg", kAllFields)->word, "melong");
  EXPECT_EQ(vocabulary.Nearest("mxkxng", kTitle)->distance, 2);
  EXPECT_FALSE(vocabulary.Nearest("danube", kAllFields).has_value());
}

TEST(VocabularyTest, ShortWordsAndNumbersHaveNoNearest) {
  Vocabulary vocabulary;
  vocabulary.Change("us", kTitle, 1);
  vocabulary.Change("2022", kTitle, 1);
  vocabulary.Change("usa", kTitle, 1);
  EXPECT_FALSE(vocabulary.Nearest("uk", kAllFields).has_value());
  EXPECT_FALSE(vocabulary.Nearest("2023", kAllFields).has_value());
  EXPECT_EQ(vocabulary.Nearest("asa", kAllFields)->word, "usa");
}

// The definition, without any short cut.
size_t SlowDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1,
                              table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

TEST(VocabularyTest, NearestIsThatOfASearchThroughAll) {
  std::mt19937 random(5);
  const auto word = [&] {
    std::string made;
    for (size_t n = 2 + random() % 7; n > 0; --n) made += static_cast<char>('a' + random() % 4);
    return made;
  };
  for (int round = 0; round < 30; ++round) {
    Vocabulary vocabulary;
    std::map<std::string, int> counts;
    for (int i = 0; i < 60; ++i) {
      const std::string made = word();
      ++counts[made];
      vocabulary.Change(made, kTitle, 1);
    }
    for (int i = 0; i < 60; ++i) {
      const std::string asked = word();
      const auto limit = static_cast<size_t>(AllowedDistance(static_cast<int>(asked.size())));
      using Rank = std::tuple<size_t, bool, int, std::string>;
      std::vector<Rank> ranks;
      for (const auto& [other, count] : counts) {
        const size_t distance = SlowDistance(asked, other);
        if (limit > 0 && distance > 0 && distance <= limit) {
          ranks.emplace_back(distance, other[0] != asked[0], -count, other);
        }
        EXPECT_EQ(Distance(asked, other, 2), std::min<size_t>(distance, 3));
      }
      const auto nearest = vocabulary.Nearest(asked, kAllFields);
      ASSERT_EQ(nearest.has_value(), !ranks.empty()) << asked;
      if (!ranks.empty()) {
        EXPECT_EQ(nearest->word, std::get<3>(*std::min_element(ranks.begin(), ranks.end())));
      }
    }
  }
}

class CorrectTest : public testing::Test {
 protected:
  CorrectTest() {
    for (int i = 0; i < 50; ++i) vocabulary_.Change("agriculture", kNote, 1);
    vocabulary_.Change("agricultura", kNote, 1);
    vocabulary_.Change("usaid", SetOf(Field::kAcronym), 1);
    vocabulary_.Change("clean", kTitle, 1);
  }
  // "word>replacement", with "+" where it is looked for as well.
  std::vector<std::string> Corrected(const std::string& text) {
    auto query = Parse(text, {}).value();
    std::vector<std::string> corrections;
    for (const Correction& correction : Correct(vocabulary_, &query)) {
      corrections.push_back(correction.word + (correction.as_well ? "+" : ">") +
                            correction.replacement);
    }
    return corrections;
  }

  Vocabulary vocabulary_;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(CorrectTest, AnUnknownWordIsReplaced) {
  EXPECT_THAT(Corrected("usiad"), ElementsAre("usiad>usaid"));
  EXPECT_THAT(Corrected("claen OR agricutlure"),
              ElementsAre("claen>clean", "agricutlure>agriculture"));
  EXPECT_THAT(Corrected("usiad-claen"), ElementsAre("usiad>usaid", "claen>clean"));
  EXPECT_THAT(Corrected("title:usiad"), IsEmpty()) << "no title has anything like it";
  EXPECT_THAT(Corrected("acronym:usiad"), ElementsAre("usiad>usaid"));
}

TEST_F(CorrectTest, ARareWordIsWidened) {
  EXPECT_THAT(Corrected("agricultura"), ElementsAre("agricultura+agriculture"));
  EXPECT_THAT(Corrected("agriculture usaid clean"), IsEmpty()) << "none is near these";
}

TEST_F(CorrectTest, WhatIsMeantLiterallyStays) {
  EXPECT_THAT(Corrected("\"usiad\""), IsEmpty());
  EXPECT_THAT(Corrected("-usiad clean"), IsEmpty());
  EXPECT_THAT(Corrected("usia*"), IsEmpty());
}

}  // namespace
}  // namespace entente::search
