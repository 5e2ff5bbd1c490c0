// SPDX-License-Identifier: Apache-2.0
#include "common/passage/align.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace entente::passage {
namespace {

using testing::Each;

using Pairs = std::vector<std::pair<int, int>>;

// By the table of all pairs of prefixes.
int LengthOfLongestCommon(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<std::vector<int>> best(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) {
      best[i + 1][j + 1] = a[i] == b[j] ? best[i][j] + 1 : std::max(best[i][j + 1], best[i + 1][j]);
    }
  }
  return best[a.size()][b.size()];
}

std::vector<int> RandomNumbers(std::mt19937* random, size_t max_size, unsigned kinds) {
  std::vector<int> numbers((*random)() % (max_size + 1));
  for (int& number : numbers) number = static_cast<int>((*random)() % kinds);
  return numbers;
}

TEST(LongestCommonTest, IsAsLongAsTheTableSays) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const std::vector<int> a = RandomNumbers(&random, 30, 1 + random() % 6);
    const std::vector<int> b = RandomNumbers(&random, 30, 1 + random() % 6);
    int64_t steps = kMaxSteps;
    const auto pairs = LongestCommon(a, b, 60, &steps);
    ASSERT_TRUE(pairs.has_value());
    ASSERT_EQ(static_cast<int>(pairs->size()), LengthOfLongestCommon(a, b));
    for (size_t i = 0; i < pairs->size(); ++i) {
      const auto& [x, y] = (*pairs)[i];
      ASSERT_EQ(a[static_cast<size_t>(x)], b[static_cast<size_t>(y)]);
      ASSERT_TRUE(i == 0 || ((*pairs)[i - 1].first < x && (*pairs)[i - 1].second < y));
    }
    // The bound on edits is exact.
    const int edits = static_cast<int>(a.size() + b.size() - 2 * pairs->size());
    if (a.empty() || b.empty()) continue;
    EXPECT_EQ(LongestCommon(a, b, edits, &steps), pairs);
    EXPECT_EQ(LongestCommon(a, b, edits - 1, &steps), std::nullopt);
  }
}

TEST(LongestCommonTest, EndsWhenTheStepsAreUsedUp) {
  const std::vector<int> a(1000, 1);
  const std::vector<int> b(1000, 2);
  int64_t steps = 10'000;
  EXPECT_EQ(LongestCommon(a, b, 2000, &steps), std::nullopt);
  EXPECT_LT(steps, 0);
  EXPECT_GT(steps, -1000);
  EXPECT_EQ(LongestCommon(a, a, 2000, &steps), std::nullopt) << "none are left";
  EXPECT_EQ(LongestCommon(a, {}, 2000, &steps), Pairs());
}

// Each letter is a token and, but for "." and "-", a word; a line ends with "|" and is one sentence
// without the "-" before it.
TokenSequence Sequence(const std::string& letters) {
  TokenSequence sequence;
  int begin = 0;
  for (const char letter : letters + "|") {
    const int end = static_cast<int>(sequence.tokens.size());
    if (letter != '|') {
      sequence.tokens.push_back(letter);
      sequence.is_word.push_back(letter != '.' && letter != '-');
    } else if (begin < end) {
      sequence.lines.push_back({begin, end});
      if (sequence.tokens[static_cast<size_t>(begin)] == '-') ++begin;
      if (begin < end) sequence.sentences.push_back({begin, end});
      begin = end;
    }
  }
  return sequence;
}

// The counterparts of the tokens of `from`, one after the other, "_" for none, each in capitals if
// it has moved.
std::string Show(const std::string& from, const std::string& to) {
  const TokenSequence a = Sequence(from);
  const TokenSequence b = Sequence(to);
  const Counterparts found = FindCounterparts(a, b);
  std::string shown;
  for (size_t i = 0; i < found.of_from.size(); ++i) {
    const int at = found.of_from[i];
    if (at < 0) {
      shown += '_';
      continue;
    }
    EXPECT_EQ(a.tokens[i], b.tokens[static_cast<size_t>(at)]);
    EXPECT_EQ(found.of_to[static_cast<size_t>(at)], static_cast<int>(i));
    const char letter = static_cast<char>(a.tokens[i]);
    shown += found.block[i] > 0 ? static_cast<char>(std::toupper(letter)) : letter;
  }
  return shown;
}

TEST(FindCounterpartsTest, NothingHasNoCounterparts) {
  EXPECT_EQ(Show("", ""), "");
  EXPECT_EQ(Show("abc", ""), "___");
  EXPECT_EQ(Show("", "abc"), "");
  EXPECT_EQ(Show("abc", "xyz"), "___");
}

TEST(FindCounterpartsTest, WordsInOrder) {
  EXPECT_EQ(Show("abcdef", "abcdef"), "abcdef");
  EXPECT_EQ(Show("abcdef", "abxdef"), "ab_def");
  EXPECT_EQ(Show("abcdef", "abcxdef"), "abcdef");
  EXPECT_EQ(Show("abcdef", "abef"), "ab__ef");
}

TEST(FindCounterpartsTest, ALineThatMoved) {
  EXPECT_EQ(Show("abcd|efgh|ijklmno", "efgh|ijklmno|abcd"), "ABCDefghijklmno");
  EXPECT_EQ(Show("efgh|ijklmno|abcd", "abcd|efgh|ijklmno"), "efghijklmnoABCD");
}

TEST(FindCounterpartsTest, ALineTakesItsHeadingWithIt) {
  EXPECT_EQ(Show("xy|abcd|efgh|ijklmno", "efgh|ijklmno|xy|abcd"), "XYABCDefghijklmno");
  EXPECT_EQ(Show("abcd|xy|efgh|ijklmno", "efgh|ijklmno|abcd|xy"), "ABCDXYefghijklmno");
}

TEST(FindCounterpartsTest, AMarkBeforeASentenceGoesWithIt) {
  EXPECT_EQ(Show("-abcd|-efgh|-ijklmno", "-efgh|-ijklmno|-abcd"), "-ABCD-efgh-ijklmno");
}

TEST(FindCounterpartsTest, WhatChangedInABlockThatMovedIsWithinTheBlock) {
  EXPECT_EQ(Show("abcd|pqr|efgh|ijklmnostuvw", "ijklmnostuvw|abcd|pxr|efgh"),
            "ABCDP_REFGHijklmnostuvw");
}

TEST(FindCounterpartsTest, AShortLineOutOfOrderIsNoMove) {
  EXPECT_EQ(Show("ab|abcdefgh", "abcdefgh|ab"), "__abcdefgh");
  EXPECT_EQ(Show("a|1|b|2", "a|2|b|1"), "a___") << "figures of a table that were exchanged";
}

TEST(FindCounterpartsTest, ALineThatStandsTwiceIsNoAnchor) {
  EXPECT_EQ(Show("abcd|ijklmnop|abcd", "ijklmnop|abcd"), "____ijklmnopabcd");
}

TEST(FindCounterpartsTest, PartOfALineThatMoved) {
  EXPECT_EQ(Show("vabcdefghijw|klmnopqrstu", "klmnopqrstu|xabcdefghijy"),
            "_ABCDEFGHIJ_klmnopqrstu");
}

TEST(FindCounterpartsTest, WordsThatAreEqualByChanceAreNotPaired) {
  EXPECT_EQ(Show("abcdefg", "hijdklm"), "_______");
  EXPECT_EQ(Show("abcdefgxyz", "ijcdeklxyz"), "__cde__xyz") << "longer than the edits around it";
}

TEST(FindCounterpartsTest, CounterpartsAreOneToOneAndInOrderInEachBlock) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    std::string texts[2];
    for (std::string& text : texts) {
      for (int line = 0; line < 12; ++line) {
        std::mt19937 content(random() % 20);
        const unsigned size = 1 + content() % 12;
        for (unsigned i = 0; i < size; ++i) text += static_cast<char>('a' + content() % 20);
        if (random() % 4 == 0) text[text.size() / 2] = 'z';
        text += '|';
      }
    }
    const TokenSequence a = Sequence(texts[0]);
    const TokenSequence b = Sequence(texts[1]);
    const Counterparts found = FindCounterparts(a, b);
    std::map<int, int> last;
    std::set<int> used;
    for (size_t i = 0; i < found.of_from.size(); ++i) {
      const int at = found.of_from[i];
      if (at < 0) continue;
      ASSERT_EQ(a.tokens[i], b.tokens[static_cast<size_t>(at)]);
      ASSERT_EQ(found.of_to[static_cast<size_t>(at)], static_cast<int>(i));
      ASSERT_TRUE(used.insert(at).second);
      int& before = last.try_emplace(found.block[i], -1).first->second;
      ASSERT_LT(before, at);
      before = at;
    }
    const auto paired =
        std::count_if(found.of_to.begin(), found.of_to.end(), [](int other) { return other >= 0; });
    ASSERT_EQ(static_cast<size_t>(paired), used.size());
  }
}

// Two texts of 200,000 words with nothing in common but words: it must end.
TEST(FindCounterpartsTest, WorkIsBounded) {
  std::mt19937 random(3);
  TokenSequence sequences[2];
  for (TokenSequence& sequence : sequences) {
    for (int i = 0; i < 200'000; ++i) {
      sequence.tokens.push_back(static_cast<int>(random() % 500));
      sequence.is_word.push_back(true);
    }
    sequence.lines.push_back({0, 200'000});
    sequence.sentences.push_back({0, 200'000});
  }
  EXPECT_EQ(FindCounterparts(sequences[0], sequences[1]).of_from.size(), 200'000u);
  const Counterparts same = FindCounterparts(sequences[0], sequences[0]);
  EXPECT_THAT(same.block, Each(0));
  for (int i = 0; i < 200'000; ++i) ASSERT_EQ(same.of_from[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace entente::passage
