// SPDX-License-Identifier: Apache-2.0
#include "common/resource/ordered_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "absl/strings/str_cat.h"

namespace entente::resource {
namespace {

using Pairs = std::vector<std::pair<std::string, int>>;

Pairs Contents(const OrderedMap<int>& map, absl::string_view from = "") {
  Pairs result;
  map.Scan(from, [&](absl::string_view key, int value) {
    result.emplace_back(std::string(key), value);
    return true;
  });
  return result;
}

TEST(OrderedMapTest, EmptyHoldsNothing) {
  const OrderedMap<int> map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.Find("x"), nullptr);
  EXPECT_TRUE(Contents(map).empty());
  EXPECT_TRUE(map.Without("x").empty());
}

TEST(OrderedMapTest, OldVersionsStayAsTheyWere) {
  const auto one = OrderedMap<int>().With("b", 1);
  const auto two = one.With("a", 2).With("b", 3);
  const auto three = two.Without("b");
  EXPECT_EQ(Contents(one), (Pairs{{"b", 1}}));
  EXPECT_EQ(Contents(two), (Pairs{{"a", 2}, {"b", 3}}));
  EXPECT_EQ(Contents(three), (Pairs{{"a", 2}}));
}

TEST(OrderedMapTest, ScansAPrefix) {
  auto map = OrderedMap<int>().With("a/1", 1).With("a/2", 2).With("a0", 3).With("b", 4);
  Pairs found;
  map.ScanPrefix(
      "a/", [&](absl::string_view key, int value) { found.emplace_back(std::string(key), value); });
  EXPECT_EQ(found, (Pairs{{"a/1", 1}, {"a/2", 2}}));
}

// Random changes against std::map, with every older version checked again at the end.
TEST(OrderedMapTest, AgreesWithStdMap) {
  std::mt19937 random(20231107);
  OrderedMap<int> map;
  std::map<std::string, int> oracle;
  std::vector<std::pair<OrderedMap<int>, std::map<std::string, int>>> versions;
  for (int step = 0; step < 20'000; ++step) {
    const std::string key = std::to_string(random() % 3000);
    if (random() % 3 == 0) {
      map = map.Without(key);
      oracle.erase(key);
    } else {
      map = map.With(key, step);
      oracle[key] = step;
    }
    ASSERT_EQ(map.size(), oracle.size());
    const std::string probe = std::to_string(random() % 3000);
    const auto expected = oracle.find(probe);
    const int* found = map.Find(probe);
    ASSERT_EQ(found != nullptr, expected != oracle.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, expected->second);
    }
    if (step % 1000 == 0) versions.emplace_back(map, oracle);
  }
  for (const auto& [version, expected] : versions) {
    EXPECT_EQ(Contents(version), Pairs(expected.begin(), expected.end()));
    EXPECT_EQ(Contents(version, "15"), Pairs(expected.lower_bound("15"), expected.end()));
  }
}

// Edits of many changes against std::map, with copies taken between them that must not change.
TEST(OrderedMapTest, EditsChangeOnlyWhatIsTheirOwn) {
  std::mt19937 random(11);
  OrderedMap<int> map;
  std::map<std::string, int> oracle;
  std::vector<std::pair<OrderedMap<int>, std::map<std::string, int>>> versions;
  for (int round = 0; round < 60; ++round) {
    const OrderedMap<int>::Edit edit;
    for (uint32_t n = random() % 400; n > 0; --n) {
      const std::string key = std::to_string(random() % 2000);
      if (random() % 3 == 0) {
        map.Erase(edit, key);
        oracle.erase(key);
      } else {
        const int value = static_cast<int>(random() % 1000);
        map.Set(edit, key, value);
        oracle[key] = value;
      }
    }
    if (round % 20 == 19) {  // Down to nothing and up again.
      for (const auto& [key, value] : oracle) map.Erase(edit, key);
      oracle.clear();
    }
    EXPECT_EQ(map.size(), oracle.size());
    versions.emplace_back(map, oracle);
  }
  for (const auto& [version, expected] : versions) {
    EXPECT_EQ(Contents(version), (Pairs{expected.begin(), expected.end()}));
    for (const auto& [key, value] : expected) EXPECT_EQ(*version.Find(key), value);
  }
}

// As many as make nodes of every level split and vanish, in the order of their keys and against it.
TEST(OrderedMapTest, ManyEntriesComeAndGo) {
  constexpr int kMany = 150'000;
  const auto key = [](int i) { return absl::StrCat(absl::Dec(i, absl::kZeroPad6)); };
  std::vector<std::vector<OrderedMap<int>::Item>> sorted(1);
  OrderedMap<int> upwards;
  OrderedMap<int> downwards;
  {
    const OrderedMap<int>::Edit edit;
    for (int i = 0; i < kMany; ++i) {
      upwards.Set(edit, key(i), i);
      downwards.Set(edit, key(kMany - 1 - i), kMany - 1 - i);
      if (sorted.back().size() == OrderedMap<int>::kFill) sorted.emplace_back();
      sorted.back().push_back({key(i), i});
    }
  }
  const OrderedMap<int> made = OrderedMap<int>::FromSorted(std::move(sorted));
  const Pairs expected = Contents(upwards);
  ASSERT_EQ(expected.size(), kMany);
  EXPECT_EQ(expected[77'777], std::make_pair(std::string("077777"), 77'777));
  EXPECT_EQ(Contents(downwards), expected);
  EXPECT_EQ(Contents(made), expected);
  EXPECT_EQ(Contents(made, "149998"), Pairs({{"149998", 149'998}, {"149999", 149'999}}));
  EXPECT_TRUE(Contents(made, "15").empty());

  OrderedMap<int> changed = made;
  const OrderedMap<int>::Edit edit;
  for (int i = 0; i < kMany; ++i) {
    if (i % 1000 != 0) changed.Erase(edit, key(i));
  }
  changed.Set(edit, "2", 7);
  EXPECT_EQ(changed.size(), 151);
  for (int i = 0; i < kMany; i += 1000) EXPECT_THAT(changed.Find(key(i)), testing::Pointee(i));
  EXPECT_THAT(changed.Find("2"), testing::Pointee(7));
  EXPECT_EQ(changed.Find("000001"), nullptr);
  EXPECT_EQ(Contents(made), expected);
}

}  // namespace
}  // namespace entente::resource
