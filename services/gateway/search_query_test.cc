// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/search_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/search/expression.h"

namespace entente::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const search::Labels kAll = {{"person", "claim", "event"}, {"agency", "summit"}};
const search::Labels kPeople = {{"person"}, {"agency"}};

JointQuery Parsed(const std::string& text) { return JointQuery::Parse(text, kAll).value(); }

std::vector<std::string> Exact(const JointQuery& query) {
  std::vector<std::string> texts;
  for (const auto& unit : query.units()) texts.push_back(unit.exact);
  return texts;
}

TEST(SearchQueryTest, ForAnIndexNoWordIsLeftToBeCorrected) {
  const auto text = [](const std::string& query) { return Parsed(query).TextFor(kAll); };
  EXPECT_EQ(text("Clean energy"), "\"clean\" \"energy\"");
  EXPECT_EQ(text("usaid OR jica grant"), "(\"usaid\" OR \"jica\") \"grant\"");
  EXPECT_EQ(text("(clean energy) OR solar"), "(\"clean\" \"energy\") OR \"solar\"");
  EXPECT_EQ(text("\"Mekong River\" -fishery"), "\"mekong river\" -\"fishery\"");
  EXPECT_EQ(text("-(a OR b) one-year"), "-(\"a\" OR \"b\") \"one year\"");
  EXPECT_EQ(text("agricult* title:mekong title:one-ye*"),
            "agricult* title:\"mekong\" title:one-ye*");
  EXPECT_EQ(text("title:(a b)"), "title:\"a\" title:\"b\"");
  EXPECT_EQ(text("type:person kind:agency partnership:us-asean-csp"),
            "type:\"person\" kind:\"agency\" partnership:\"us-asean-csp\"");
}

// What is asked of an index means what was asked here.
TEST(SearchQueryTest, TheTextReadsLikeTheQuery) {
  for (const char* query :
       {"clean energy", "a OR b OR c d", "-(a (b OR -c)) \"d e\" title:(f OR g*h)",
        "((a OR b) c) OR -d", "type:person -kind:summit", "x -(type:claim y)"}) {
    const auto parsed = JointQuery::Parse(query, kAll);
    if (!parsed.ok()) continue;  // "g*h" is a mistake.
    const auto again = JointQuery::Parse(parsed->TextFor(kAll), kAll);
    ASSERT_TRUE(again.ok()) << parsed->TextFor(kAll) << again.status();
    EXPECT_EQ(again->TextFor(kAll), parsed->TextFor(kAll));
    EXPECT_EQ(Exact(*again), Exact(*parsed));
  }
}

TEST(SearchQueryTest, WhatAnIndexDoesNotHaveFindsNothingInIt) {
  EXPECT_EQ(Parsed("a type:claim").TextFor(kPeople), "\"a\" partnership:\"=\"");
  EXPECT_EQ(Parsed("a -kind:summit").TextFor(kPeople), "\"a\" -partnership:\"=\"");
  EXPECT_FALSE(JointQuery::Parse("type:nowhere", kAll).ok());
}

TEST(SearchQueryTest, ItsUnitsAreTheWordsThatCount) {
  const JointQuery query = Parsed("mekong \"clean energy\" -fishery title:agricult* type:person");
  EXPECT_THAT(Exact(query),
              ElementsAre("\"mekong\"", "\"clean\"", "\"energy\"", "title:agricult*"));
  EXPECT_EQ(query.units()[0].correctable, "mekong");
  EXPECT_EQ(query.units()[1].correctable, "");
  EXPECT_EQ(query.units()[3].correctable, "");
  EXPECT_THAT(Parsed("-draft").units(), IsEmpty());
}

TEST(SearchQueryTest, AWordIsReplacedEverywhereAlike) {
  JointQuery query = Parsed("clean usiad");
  query.Replace(1, "usaid");
  EXPECT_EQ(query.TextFor(kPeople), "\"clean\" \"usaid\"");
  ASSERT_THAT(query.corrections(), SizeIs(1));
  EXPECT_EQ(query.corrections()[0].word(), "usiad");
  EXPECT_EQ(query.corrections()[0].replacement(), "usaid");
  EXPECT_EQ(query.corrections()[0].span().begin(), 6);
  EXPECT_EQ(query.corrections()[0].span().end(), 11);
  JointQuery again = Parsed("clean usiad");
  EXPECT_TRUE(again.ReplaceAll(query.Replacements()));
  EXPECT_EQ(again.TextFor(kPeople), query.TextFor(kPeople));
  EXPECT_EQ(again.corrections().size(), 1u);
  EXPECT_FALSE(again.ReplaceAll("7=x"));
  EXPECT_FALSE(again.ReplaceAll("x"));
}

TEST(SearchQueryTest, ScoresOfOneWordBecomeThoseOfOneIndex) {
  const IndexCounts small = {10, {5}};
  const IndexCounts large = {990, {5}};
  // What the word is worth in all 1,000 documents, whichever index it was found in.
  const double worth = search::WorthOf(10, 1000);
  EXPECT_DOUBLE_EQ(search::WorthOf(5, 10) * FactorOf(small, {small, large}), worth);
  EXPECT_DOUBLE_EQ(search::WorthOf(5, 990) * FactorOf(large, {small, large}), worth);
  // In the small index it is common, and counted for little.
  EXPECT_GT(FactorOf(small, {small, large}), 1);
  EXPECT_LT(FactorOf(large, {small, large}), 1);
}

TEST(SearchQueryTest, WordsThatAnIndexDoesNotHaveAreOfNoAccountToIt) {
  const IndexCounts one = {100, {10, 0}};
  const IndexCounts other = {100, {10, 50}};
  EXPECT_DOUBLE_EQ(FactorOf(one, {one, other}),
                   search::WorthOf(20, 200) / search::WorthOf(10, 100));
  EXPECT_DOUBLE_EQ(FactorOf({100, {0, 0}}, {one, other}), 1);
  EXPECT_DOUBLE_EQ(FactorOf({100, {}}, {{100, {}}}), 1);
  EXPECT_DOUBLE_EQ(FactorOf(one, {one}), 1) << "alone it is as it is";
}

}  // namespace
}  // namespace entente::gateway
