// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/arrange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

template <typename List>
std::vector<std::string> Names(const List& list) {
  std::vector<std::string> names;
  for (const auto& resource : list) names.push_back(resource.name());
  return names;
}

void AddClaim(Claims* claims, const std::string& name, const std::string& part_of = "") {
  auto* claim = claims->Add();
  claim->set_name(name);
  claim->set_part_of(part_of);
}

void AddEvent(Events* events, const std::string& name, const std::string& date) {
  auto* event = events->Add();
  event->set_name(name);
  if (!date.empty()) event->mutable_date()->set_edtf(date);
}

TEST(OrderAsTreesTest, PartsFollowTheirWholes) {
  Claims claims;
  AddClaim(&claims, "c");
  AddClaim(&claims, "z-part-of-a", "a");
  AddClaim(&claims, "b-part-of-z", "z-part-of-a");
  AddClaim(&claims, "y-part-of-a", "a");
  AddClaim(&claims, "orphan", "not-here");
  AddClaim(&claims, "a");
  OrderAsTrees(&claims);
  EXPECT_THAT(Names(claims),
              ElementsAre("a", "y-part-of-a", "z-part-of-a", "b-part-of-z", "c", "orphan"));
}

TEST(OrderAsTreesTest, KeepsTheClaimsThemselves) {
  Claims claims;
  AddClaim(&claims, "b", "a");
  claims[0].mutable_title()->set_text("title of b");
  AddClaim(&claims, "a");
  OrderAsTrees(&claims);
  EXPECT_EQ(claims[1].title().text(), "title of b");
  EXPECT_EQ(claims[1].part_of(), "a");
  Claims none;
  OrderAsTrees(&none);
  EXPECT_THAT(none, IsEmpty());
}

TEST(OrderAsTreesTest, TheOrderItCameInDoesNotMatter) {
  std::mt19937 random(3);
  Claims expected;
  for (int i = 0; i < 60; ++i) {
    AddClaim(&expected, absl::StrCat("claim", 100 + i),
             i == 0 || i % 5 == 0 ? "" : absl::StrCat("claim", 100 + random() % i));
  }
  OrderAsTrees(&expected);
  ASSERT_EQ(expected.size(), 60);
  for (int round = 0; round < 20; ++round) {
    std::vector<int> order(60);
    for (int i = 0; i < 60; ++i) order[static_cast<size_t>(i)] = i;
    std::shuffle(order.begin(), order.end(), random);
    Claims shuffled;
    for (const int i : order) *shuffled.Add() = expected[i];
    OrderAsTrees(&shuffled);
    EXPECT_EQ(Names(shuffled), Names(expected));
  }
}

TEST(OrderAsTreesTest, ADeepTreeNeedsNoDeepStack) {
  constexpr int kDepth = 200'000;
  Claims claims;
  for (int i = 0; i < kDepth; ++i) {
    AddClaim(&claims, absl::StrCat("c", i), i == 0 ? "" : absl::StrCat("c", i - 1));
  }
  OrderAsTrees(&claims);
  ASSERT_EQ(claims.size(), kDepth);
  EXPECT_EQ(claims[kDepth - 1].name(), absl::StrCat("c", kDepth - 1));
}

// What the services refuse must still not get lost here.
TEST(OrderAsTreesTest, ClaimsThatLeadBackToThemselvesAreKept) {
  Claims claims;
  AddClaim(&claims, "a", "b");
  AddClaim(&claims, "b", "a");
  AddClaim(&claims, "c", "a");
  AddClaim(&claims, "self", "self");
  AddClaim(&claims, "top");
  OrderAsTrees(&claims);
  EXPECT_THAT(Names(claims), UnorderedElementsAre("a", "b", "c", "self", "top"));
}

TEST(OrderByDateTest, EarliestDayFirstAndUnknownOnesLast) {
  Events events;
  AddEvent(&events, "undated", "");
  AddEvent(&events, "no-beginning", "../2020");
  AddEvent(&events, "unknown-beginning", "/2020");
  AddEvent(&events, "one-of-until", "[..2023-09-07]");
  AddEvent(&events, "b-september", "2023-09");
  AddEvent(&events, "a-first-of-september", "2023-09-01");
  AddEvent(&events, "august-perhaps", "2023-08?");
  AddEvent(&events, "year", "2023");
  AddEvent(&events, "open", "2022-05/..");
  AddEvent(&events, "long-ago", "-0044-03-15");
  OrderByDate(&events);
  EXPECT_THAT(Names(events), ElementsAre("long-ago", "open", "year", "august-perhaps",
                                         "a-first-of-september", "b-september", "no-beginning",
                                         "one-of-until", "undated", "unknown-beginning"));
}

struct Side {
  const char* date;
  char side;  // '<' past, '>' coming, '?' undetermined.
};

class SplitByDayTest : public testing::TestWithParam<Side> {};

TEST_P(SplitByDayTest, PutsTheEventOnItsSide) {
  Events events;
  AddEvent(&events, "e", GetParam().date);
  v1::Overview overview;
  SplitByDay(&events, *edtf::Parse("2023-08-15"), &overview);
  EXPECT_EQ(overview.past_events_size(), GetParam().side == '<') << GetParam().date;
  EXPECT_EQ(overview.coming_events_size(), GetParam().side == '>') << GetParam().date;
  EXPECT_EQ(overview.undetermined_events_size(), GetParam().side == '?') << GetParam().date;
}

INSTANTIATE_TEST_SUITE_P(
    Dates, SplitByDayTest,
    testing::Values(
        // Days: the day itself is to come.
        Side{"2023-08-14", '<'}, Side{"2023-08-15", '>'}, Side{"2023-08-16", '>'},
        // Some day from that one on, and some day from the one before it on.
        Side{"[2023-08-15..2023-12-31]", '>'}, Side{"[2023-08-14..2023-12-31]", '?'},
        Side{"[2023-08-15..]", '>'},
        // A month or year is one day of it, unknown which.
        Side{"2023-07", '<'}, Side{"2023-08", '?'}, Side{"2023-09", '>'}, Side{"2022", '<'},
        Side{"2023", '?'}, Side{"2024", '>'},
        // Durations: one that is going on is not past.
        Side{"2023-08-01/2023-08-14", '<'}, Side{"2023-08-01/2023-08-15", '>'},
        Side{"2023-08-15/2023-08-20", '>'}, Side{"2023-08-01/2023-09-01", '>'},
        Side{"2023-07/2023-08", '?'}, Side{"2023-08/2023-10", '?'},
        // Unbounded and unknown ends.
        Side{"2023-01-01/..", '>'}, Side{"2023-08-15/..", '>'}, Side{"2023-09-01/..", '>'},
        Side{"../2023-08-14", '<'}, Side{"../2023-08-15", '>'}, Side{"2023-01-01/", '?'},
        Side{"2023-09-01/", '>'}, Side{"/2023-08-14", '<'}, Side{"/2023-09-01", '?'},
        // Sets: one of several days.
        Side{"[..2023-08-14]", '<'}, Side{"[..2023-08-15]", '?'}, Side{"[2023-08-16..]", '>'},
        Side{"[2023-08-01,2023-09-01]", '?'}, Side{"[2023-08-14,2023-08-13]", '<'},
        // Nothing uncertain or approximate is certain.
        Side{"2023-08-14?", '?'}, Side{"2022~", '?'}, Side{"2024-01-01%", '?'},
        // Undated.
        Side{"", '?'}));

TEST(SplitByDayTest, EachListIsInTheOrderOfDates) {
  Events events;
  AddEvent(&events, "p2", "2023-02-01");
  AddEvent(&events, "u", "");
  AddEvent(&events, "c2", "2024-02-01");
  AddEvent(&events, "p1", "2023-01-01");
  AddEvent(&events, "c1", "2024-01-01");
  AddEvent(&events, "m", "2023-08");
  v1::Overview overview;
  SplitByDay(&events, *edtf::Parse("2023-08-15"), &overview);
  EXPECT_THAT(Names(overview.past_events()), ElementsAre("p1", "p2"));
  EXPECT_THAT(Names(overview.coming_events()), ElementsAre("c1", "c2"));
  EXPECT_THAT(Names(overview.undetermined_events()), ElementsAre("m", "u"));
}

TEST(PillarsOfTest, TheNearestAncestorThatHasSomeGivesThem) {
  Initiatives initiatives;
  const auto add = [&](const std::string& name, const std::string& parent,
                       const std::vector<std::string>& pillars) {
    auto* initiative = initiatives.Add();
    initiative->set_name(name);
    initiative->set_parent(parent);
    for (const std::string& pillar : pillars) initiative->add_pillars(pillar);
  };
  add("root", "", {"p1", "p2"});
  add("child", "root", {});
  add("grandchild", "child", {});
  add("own", "child", {"p3"});
  add("below-own", "own", {});
  add("none", "", {});
  add("below-none", "none", {});
  add("elsewhere", "not-here", {});
  add("cycle-a", "cycle-b", {});
  add("cycle-b", "cycle-a", {});
  EXPECT_THAT(
      PillarsOf(initiatives),
      UnorderedElementsAre(Pair("root", UnorderedElementsAre("p1", "p2")),
                           Pair("child", UnorderedElementsAre("p1", "p2")),
                           Pair("grandchild", UnorderedElementsAre("p1", "p2")),
                           Pair("own", UnorderedElementsAre("p3")),
                           Pair("below-own", UnorderedElementsAre("p3")), Pair("none", IsEmpty()),
                           Pair("below-none", IsEmpty()), Pair("elsewhere", IsEmpty()),
                           Pair("cycle-a", IsEmpty()), Pair("cycle-b", IsEmpty())));
}

TEST(GroupClaimsTest, NaturesAndStagesAndRatesStayApart) {
  namespace f = funding::v1;
  Claims claims;
  const auto add = [&](const std::string& name, f::ClaimNature nature, f::ClaimStage stage,
                       bool rate) {
    AddClaim(&claims, name);
    claims[claims.size() - 1].set_nature(nature);
    claims[claims.size() - 1].set_stage(stage);
    if (rate) claims[claims.size() - 1].mutable_recurrence()->set_every(1);
  };
  add("statistic", f::CLAIM_NATURE_STATISTIC, f::CLAIM_STAGE_NOT_APPLICABLE, false);
  add("pledge-b", f::CLAIM_NATURE_OWN_FUNDING, f::CLAIM_STAGE_PLEDGED, false);
  add("pledge-a", f::CLAIM_NATURE_OWN_FUNDING, f::CLAIM_STAGE_PLEDGED, false);
  add("each-year", f::CLAIM_NATURE_OWN_FUNDING, f::CLAIM_STAGE_PLEDGED, true);
  add("request", f::CLAIM_NATURE_OWN_FUNDING, f::CLAIM_STAGE_REQUESTED, false);
  add("mobilised", f::CLAIM_NATURE_MOBILISED, f::CLAIM_STAGE_PLEDGED, false);
  google::protobuf::RepeatedPtrField<v1::ClaimGroup> groups;
  GroupClaims(&claims, &groups);
  ASSERT_EQ(groups.size(), 4);
  EXPECT_EQ(groups[0].stage(), f::CLAIM_STAGE_REQUESTED);
  EXPECT_THAT(Names(groups[0].totals()), ElementsAre("request"));
  EXPECT_EQ(groups[1].stage(), f::CLAIM_STAGE_PLEDGED);
  EXPECT_EQ(groups[1].nature(), f::CLAIM_NATURE_OWN_FUNDING);
  EXPECT_THAT(Names(groups[1].totals()), ElementsAre("pledge-b", "pledge-a"));
  EXPECT_THAT(Names(groups[1].rates()), ElementsAre("each-year"));
  EXPECT_EQ(groups[2].nature(), f::CLAIM_NATURE_MOBILISED);
  EXPECT_THAT(Names(groups[3].totals()), ElementsAre("statistic"));
}

TEST(CitationsInTest, EachOnceWithAllThatCarryIt) {
  v1::Dossier dossier;
  const auto cite = [](auto* resource, const std::string& name,
                       const std::vector<std::string>& reasons) {
    resource->set_name(name);
    for (const std::string& reason : reasons) resource->add_citations()->set_reason(reason);
  };
  cite(dossier.mutable_initiative(), "initiatives/i", {"first", "second", "first"});
  cite(dossier.add_claims(), "claims/c", {"second", "third"});
  cite(dossier.add_events(), "events/e", {"first"});
  cite(dossier.add_documents(), "documents/d", {});
  const CitedPassages citations = CitationsIn(dossier);
  ASSERT_EQ(citations.size(), 3);
  const auto resources = [&](int i) {
    const auto& list = citations[i].resources();
    return std::vector<std::string>(list.begin(), list.end());
  };
  EXPECT_EQ(citations[0].citation().reason(), "first");
  EXPECT_THAT(resources(0), ElementsAre("initiatives/i", "events/e"));
  EXPECT_EQ(citations[1].citation().reason(), "second");
  EXPECT_THAT(resources(1), ElementsAre("initiatives/i", "claims/c"));
  EXPECT_EQ(citations[2].citation().reason(), "third");
  EXPECT_THAT(resources(2), ElementsAre("claims/c"));
}

TEST(MissingReferencesTest, WhatIsReferredToAndNotThere) {
  v1::Dossier dossier;
  auto* initiative = dossier.mutable_initiative();
  initiative->set_name("initiatives/i");
  initiative->add_partnerships("partnerships/p");
  initiative->add_citations()->set_document("documents/d");
  initiative->add_parties()->set_organisation("organisations/o");
  auto* child = dossier.add_descendants();
  child->set_name("initiatives/child");
  child->set_parent("initiatives/i");
  auto* claim = dossier.add_claims();
  claim->set_name("claims/c");
  claim->set_initiative("initiatives/child");
  claim->set_part_of("claims/elsewhere");
  dossier.add_documents()->set_name("documents/d");
  EXPECT_THAT(MissingReferences(dossier),
              ElementsAre("claims/elsewhere", "organisations/o", "partnerships/p"));
  EXPECT_THAT(MissingReferences(v1::Dossier()), IsEmpty());
}

}  // namespace
}  // namespace entente::gateway
