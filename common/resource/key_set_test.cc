// SPDX-License-Identifier: Apache-2.0
#include "common/resource/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace entente::resource {
namespace {

using testing::ElementsAre;

std::vector<std::string> KeysOf(const KeySet& set, absl::string_view prefix = "") {
  std::vector<std::string> keys;
  set.ScanPrefix(prefix, [&](absl::string_view key) { keys.emplace_back(key); });
  return keys;
}

std::vector<std::string> WithPrefix(const std::set<std::string>& oracle, absl::string_view prefix) {
  std::vector<std::string> keys;
  for (const std::string& key : oracle) {
    if (absl::StartsWith(key, prefix)) keys.push_back(key);
  }
  return keys;
}

// A set taken apart and put together.
KeySet Copied(const KeySet& set) {
  KeySet::Builder builder;
  set.ForEachChunk([&](absl::string_view chunk) { EXPECT_TRUE(builder.AddChunk(chunk)); });
  return std::move(builder).Finish();
}

TEST(KeySetTest, IsEmptyAtFirst) {
  const KeySet set;
  EXPECT_TRUE(set.empty());
  EXPECT_THAT(KeysOf(set), ElementsAre());
  EXPECT_TRUE(set.With({{"a", false}}).empty());
  EXPECT_TRUE(KeySet::Builder().Finish().empty());
}

TEST(KeySetTest, AChangeLeavesCopiesAlone) {
  const KeySet one = KeySet().With({{"a", true}, {std::string("a\0b", 3), true}});
  const KeySet two = one.With({{"a", false}, {"c", true}, {"d", false}});
  EXPECT_THAT(KeysOf(one), ElementsAre("a", std::string("a\0b", 3)));
  EXPECT_THAT(KeysOf(two), ElementsAre(std::string("a\0b", 3), "c"));
  EXPECT_TRUE(two.With({{std::string("a\0b", 3), false}, {"c", false}}).empty());
}

// Against std::set, over random changes of one and of many keys at once.
TEST(KeySetTest, IsTheSameAsAPlainSet) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](uint32_t n) { return random() % n; };
    std::set<std::string> oracle;
    KeySet set;
    for (int round = 0; round < 60; ++round) {
      std::map<std::string, bool> wanted;
      const uint32_t count = below(5) == 0 ? 2000 : 1 + below(4);
      // Later rounds take out more than they put in.
      const uint32_t odds = round < 40 ? 3 : 1;
      for (uint32_t i = 0; i < count; ++i) {
        wanted[absl::StrCat("t", below(5), "/", below(3000))] = below(4) < odds;
      }
      std::vector<KeySet::Change> changes;
      for (const auto& [key, present] : wanted) {
        changes.push_back({key, present});
        present ? (void)oracle.insert(key) : (void)oracle.erase(key);
      }
      const KeySet before = set;
      const size_t size = before.size();
      set = set.With(changes);
      ASSERT_EQ(before.size(), size);
      ASSERT_EQ(set.size(), oracle.size());
      for (const char* prefix : {"", "t0/", "t3/1", "t4/29", "t5", "s"}) {
        ASSERT_EQ(KeysOf(set, prefix), WithPrefix(oracle, prefix)) << seed << " " << round;
      }
    }
    EXPECT_EQ(KeysOf(Copied(set)), KeysOf(set));
    EXPECT_EQ(Copied(set).size(), set.size());
    KeySet::Builder builder;
    for (const std::string& key : oracle) builder.Add(key);
    EXPECT_EQ(KeysOf(std::move(builder).Finish()), KeysOf(set));
  }
}

TEST(KeySetTest, WhatIsNoChunkIsRefused) {
  KeySet::Builder builder;
  EXPECT_FALSE(builder.AddChunk(""));
  EXPECT_FALSE(builder.AddChunk(absl::string_view("\1\1a", 3)));       // shares with nothing
  EXPECT_FALSE(builder.AddChunk(absl::string_view("\0\5a", 3)));       // longer than it is
  EXPECT_FALSE(builder.AddChunk(absl::string_view("\0\1a\2\1b", 6)));  // shares more than there is
  EXPECT_FALSE(builder.AddChunk(absl::string_view("\0\1a\0", 4)));     // ends in a key
  EXPECT_FALSE(builder.AddChunk(absl::string_view("\0\xff\xff\xff\xff\xff\xff", 7)));
  EXPECT_TRUE(builder.AddChunk(absl::string_view("\0\1a\1\1b", 6)));
  EXPECT_THAT(KeysOf(std::move(builder).Finish()), ElementsAre("a", "ab"));
}

}  // namespace
}  // namespace entente::resource
