// SPDX-License-Identifier: Apache-2.0
#include "common/filter/substring.h"

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace entente::filter::internal {
namespace {

TEST(SubstringTest, IgnoresTheCaseOfAsciiLettersAlone) {
  EXPECT_TRUE(Substring("Hanoi").IsIn("the HANOI summit"));
  EXPECT_TRUE(Substring("hanoi").IsIn("Hanoi"));
  EXPECT_TRUE(Substring("N\xc3\xa9").IsIn("n\xc3\xa9"));
  EXPECT_FALSE(Substring("N\xc3\xa9").IsIn("n\xc3\x89"));  // É
  EXPECT_FALSE(Substring("[").IsIn("{"));                  // which differ by the bit of case
  EXPECT_FALSE(Substring("@").IsIn("`"));
}

TEST(SubstringTest, LooksAtEveryPlace) {
  EXPECT_TRUE(Substring("ab").IsIn("ab"));
  EXPECT_TRUE(Substring("ab").IsIn("xxab"));
  EXPECT_TRUE(Substring("ab").IsIn("abxx"));
  EXPECT_TRUE(Substring("aab").IsIn("aaab"));
  EXPECT_TRUE(Substring("b").IsIn("aaab"));
  EXPECT_FALSE(Substring("ab").IsIn("a"));
  EXPECT_FALSE(Substring("ab").IsIn(""));
  EXPECT_FALSE(Substring("aba").IsIn("abba"));
}

TEST(SubstringTest, TakesVeryLongWords) {
  const std::string word(70'000, 'a');
  EXPECT_TRUE(Substring(word).IsIn("bb" + word + "b"));
  EXPECT_FALSE(Substring(word).IsIn(word.substr(1) + "b" + word.substr(1)));
  EXPECT_TRUE(Substring("c" + word).IsIn("bbA" + word + "C" + word));
}

TEST(SubstringTest, AgreesWithLoweringBoth) {
  std::mt19937 random(20230906);
  const auto text = [&](size_t most) {
    static constexpr char kCharacters[] = {'a', 'A', 'b', 'B', '\xc3', '\xa9', '\0', '@'};
    std::string made(random() % (most + 1), '\0');
    for (char& c : made) c = kCharacters[random() % sizeof(kCharacters)];
    return made;
  };
  int found = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string word = text(random() % 4 == 0 ? 20 : 3) + "a";
    const std::string in = text(70);
    const bool expected = absl::StrContains(absl::AsciiStrToLower(in), absl::AsciiStrToLower(word));
    ASSERT_EQ(Substring(word).IsIn(in), expected) << word << " in " << in;
    found += expected;
  }
  EXPECT_GT(found, 20'000);
}

}  // namespace
}  // namespace entente::filter::internal
