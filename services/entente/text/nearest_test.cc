// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/nearest.h"

#include <gtest/gtest.h>

#include <random>

namespace entente::text {
namespace {

TEST(EditDistanceTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("get", "get"), 0);
  EXPECT_EQ(EditDistance("", "get"), 3);
  EXPECT_EQ(EditDistance("lod", "load"), 1);
  EXPECT_EQ(EditDistance("serach", "search"), 1);  // Swapped.
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

TEST(EditDistanceTest, IsSymmetricAndZeroForEqualOnes) {
  std::mt19937 random(7);
  const auto word = [&] {
    std::string text(random() % 8, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 1000; ++round) {
    const std::string a = word();
    const std::string b = word();
    EXPECT_EQ(EditDistance(a, b), EditDistance(b, a));
    EXPECT_EQ(EditDistance(a, b) == 0, a == b);
    EXPECT_LE(EditDistance(a, b), std::max(a.size(), b.size()));
    EXPECT_GE(EditDistance(a, b), std::max(a.size(), b.size()) - std::min(a.size(), b.size()));
  }
}

TEST(NearestTest, OneThirdMayDiffer) {
  const std::vector<std::string> verbs = {"get", "list", "search", "events", "overview"};
  EXPECT_EQ(Nearest("serach", verbs), "search");
  EXPECT_EQ(Nearest("event", verbs), "events");
  EXPECT_EQ(Nearest("lst", verbs), "list");
  EXPECT_EQ(Nearest("frobnicate", verbs), "");
  EXPECT_EQ(Nearest("", verbs), "");
  EXPECT_EQ(Nearest("get", {}), "");
}

}  // namespace
}  // namespace entente::text
