// SPDX-License-Identifier: Apache-2.0
#include "common/names/names.h"

#include <gtest/gtest.h>

namespace entente::names {
namespace {

TEST(IsIdTest, FollowsAip122) {
  for (const char* id : {"a", "us-asean-csp", "a1", "x--y"}) EXPECT_TRUE(IsId(id)) << id;
  for (const char* id : {"", "1a", "-a", "a-", "A", "a_b", "a/b", "é"})
    EXPECT_FALSE(IsId(id)) << id;
  EXPECT_TRUE(IsId(std::string(63, 'a')));
  EXPECT_FALSE(IsId(std::string(64, 'a')));
}

TEST(NamePatternTest, MatchesItsOwnNamesOnly) {
  const auto pattern = NamePattern::Parse("partnerships/{partnership}/pillars/{pillar}");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE(pattern->Matches("partnerships/p/pillars/q"));
  EXPECT_FALSE(pattern->Matches("partnerships/p"));
  EXPECT_FALSE(pattern->Matches("partnerships/p/pillars/"));
  EXPECT_FALSE(pattern->Matches("partnerships/p/pillars/Q"));
  EXPECT_FALSE(pattern->Matches("partnerships/p/pillars/q/x/y"));
  EXPECT_FALSE(pattern->Matches("events/p/pillars/q"));
  for (const char* other :
       {"", "/", "partnerships", "partnerships/", "partnerships/p/", "partnerships/p/pillars",
        "partnerships//pillars/q", "/partnerships/p/pillars/q", "partnerships/p/pillars/q/",
        "partnerships/-/pillars/q", "partnershipsx/p/pillars/q", "partnerships/p/pillarsx/q"}) {
    EXPECT_FALSE(pattern->Matches(other)) << other;
  }
}

TEST(NamePatternTest, KnowsParents) {
  const auto pillars = NamePattern::Parse("partnerships/{partnership}/pillars/{pillar}");
  ASSERT_TRUE(pillars.ok());
  EXPECT_TRUE(pillars->MatchesParent("partnerships/p", false));
  EXPECT_FALSE(pillars->MatchesParent("partnerships/-", false));
  EXPECT_TRUE(pillars->MatchesParent("partnerships/-", true));
  EXPECT_FALSE(pillars->MatchesParent("", true));
  EXPECT_FALSE(pillars->MatchesParent("partnerships/p/pillars/q", true));
  EXPECT_EQ(pillars->Make("partnerships/p", "q"), "partnerships/p/pillars/q");
  EXPECT_EQ(pillars->collection(), "pillars");

  const auto events = NamePattern::Parse("events/{event}");
  ASSERT_TRUE(events.ok());
  EXPECT_TRUE(events->MatchesParent("", false));
  EXPECT_FALSE(events->MatchesParent("events/e", false));
  EXPECT_EQ(events->Make("", "e"), "events/e");
}

TEST(NamePatternTest, RefusesWhatIsNoPattern) {
  EXPECT_FALSE(NamePattern::Parse("").ok());
  EXPECT_FALSE(NamePattern::Parse("events").ok());
  EXPECT_FALSE(NamePattern::Parse("events/event").ok());
  EXPECT_FALSE(NamePattern::Parse("/{event}").ok());
}

TEST(ParentOfTest, DropsTheLastTwoSegments) {
  EXPECT_EQ(ParentOf("partnerships/p/pillars/q"), "partnerships/p");
  EXPECT_EQ(ParentOf("events/e"), "");
  EXPECT_EQ(ParentOf("events"), "");
}

}  // namespace
}  // namespace entente::names
