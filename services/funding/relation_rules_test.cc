// SPDX-License-Identifier: Apache-2.0
#include "services/funding/relation_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "entente/funding/v1/claim.pb.h"

namespace entente::funding {
namespace {

using resource::Registry;
using resource::State;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using v1::Claim;

constexpr auto kRestates = v1::CLAIM_RELATION_KIND_RESTATES;
constexpr auto kSupersedes = v1::CLAIM_RELATION_KIND_SUPERSEDES;
constexpr auto kPassedOnFrom = v1::CLAIM_RELATION_KIND_PASSED_ON_FROM;
constexpr auto kRealises = v1::CLAIM_RELATION_KIND_REALISES;

const Registry& Types() {
  static const auto* const registry = new Registry(Registry::Of({Claim::descriptor()}).value());
  return *registry;
}

using Relations = std::vector<std::pair<v1::ClaimRelationKind, std::string>>;

class RelationRulesTest : public testing::Test {
 protected:
  // A state with these claims, by id.
  void Put(const std::map<std::string, Relations>& claims) {
    log::Revision revision{state_->revision() + 1, absl::UnixEpoch(), "", "", {}};
    for (const auto& [id, relations] : claims) {
      Claim claim;
      claim.set_name("claims/" + id);
      for (const auto& [kind, other] : relations) {
        claim.add_relations()->set_kind(kind);
        claim.mutable_relations()->rbegin()->set_claim("claims/" + other);
      }
      revision.changes.push_back({claim.name(), log::ChangeKind::kPut, claim.SerializeAsString()});
    }
    state_ = state_->With(resource::Materialise(Types(), revision).value());
  }
  Violations Check(const std::vector<std::string>& ids) {
    std::map<std::string, std::string> changed;
    for (const std::string& id : ids) changed["claims/" + id] = id + ".";
    Violations violations;
    CheckRelationsTogether(*state_, changed, &violations);
    return violations;
  }
  std::vector<std::string> Faults(const std::vector<std::string>& ids) {
    std::vector<std::string> fields;
    const Violations violations = Check(ids);
    for (const auto& violation : violations.all()) fields.push_back(violation.field());
    return fields;
  }

  std::shared_ptr<const State> state_ = std::make_shared<State>(&Types());
};

TEST_F(RelationRulesTest, NoRelationLeadsBackToTheClaim) {
  for (const auto kind : {kRestates, kSupersedes, kPassedOnFrom, kRealises}) {
    SCOPED_TRACE(v1::ClaimRelationKind_Name(kind));
    Put({{"a", {{kind, "b"}}}, {"b", {{kind, "c"}}}, {"c", {}}});
    EXPECT_THAT(Faults({"a", "b", "c"}), IsEmpty());
    Put({{"c", {{kind, "other"}, {kind, "a"}}}, {"other", {}}});
    EXPECT_THAT(Faults({"c"}), ElementsAre("c.relations[1].claim"));
    EXPECT_THAT(Faults({"b"}), ElementsAre("b.relations[0].claim"));
    EXPECT_THAT(Faults({"c", "b", "a"}), ElementsAre("a.relations[0].claim")) << "once";
    EXPECT_THAT(Faults({"other"}), IsEmpty()) << "is not in it";
    const Violations violations = Check({"b"});
    EXPECT_THAT(violations.all()[0].description(),
                AllOf(HasSubstr("leads back to claims/b itself"),
                      HasSubstr(v1::ClaimRelationKind_Name(kind)),
                      HasSubstr("claims/b, claims/c, claims/a and back")));
  }
}

TEST_F(RelationRulesTest, KindsAreKeptApart) {
  // What realises a claim may be restated by it.
  Put({{"a", {{kRealises, "b"}}}, {"b", {{kRestates, "a"}}}});
  EXPECT_THAT(Faults({"a", "b"}), IsEmpty());
  Put({{"a", {{kRealises, "b"}, {kRestates, "b"}}}, {"b", {{kRestates, "a"}, {kRealises, "a"}}}});
  EXPECT_THAT(Faults({"a", "b"}),
              UnorderedElementsAre("a.relations[0].claim", "a.relations[1].claim"));
}

TEST_F(RelationRulesTest, ManyWaysToOneClaimAreNoRing) {
  Put({{"a", {{kPassedOnFrom, "b"}, {kPassedOnFrom, "c"}, {kPassedOnFrom, "d"}}},
       {"b", {{kPassedOnFrom, "d"}}},
       {"c", {{kPassedOnFrom, "d"}, {kPassedOnFrom, "b"}}},
       {"d", {}}});
  EXPECT_THAT(Faults({"a", "b", "c", "d"}), IsEmpty());
}

TEST_F(RelationRulesTest, EachRingIsAFault) {
  Put({{"a", {{kRestates, "b"}, {kRestates, "c"}}},
       {"b", {{kRestates, "a"}}},
       {"c", {{kRestates, "d"}}},
       {"d", {{kRestates, "c"}}}});
  EXPECT_THAT(Faults({"a", "b", "c", "d"}),
              UnorderedElementsAre("a.relations[0].claim", "c.relations[0].claim"));
  EXPECT_THAT(Faults({"b"}), ElementsAre("b.relations[0].claim"))
      << "of a ring that only can be reached nothing is said";
}

TEST_F(RelationRulesTest, WhatIsReportedElsewhereIsNotReportedTwice) {
  Put({{"self", {{kRestates, "self"}}},
       {"astray", {{kRestates, "nothing"}}},
       {"x", {{v1::CLAIM_RELATION_KIND_UNSPECIFIED, "y"}}},
       {"y", {{v1::CLAIM_RELATION_KIND_UNSPECIFIED, "x"}}}});
  EXPECT_THAT(Faults({"self", "astray", "x", "y"}), IsEmpty());
}

TEST_F(RelationRulesTest, ALongRingIsNamedInPart) {
  constexpr int kClaims = 100'000;  // Deeper than a thread's stack goes.
  std::map<std::string, Relations> claims;
  std::vector<std::string> ids;
  for (int i = 0; i < kClaims; ++i) {
    ids.push_back(absl::StrCat("c", i));
    claims[ids.back()] = {{kSupersedes, absl::StrCat("c", i + 1)}};
  }
  claims["c99999"].clear();
  Put(claims);
  EXPECT_THAT(Faults(ids), IsEmpty());
  Put({{"c99999", {{kSupersedes, "c0"}}}});
  const Violations violations = Check(ids);
  ASSERT_THAT(violations.all(), SizeIs(1));
  EXPECT_THAT(violations.all()[0].description(),
              AllOf(HasSubstr("claims/c0, claims/c1, claims/c2, "), HasSubstr("99992 more"),
                    Not(HasSubstr("claims/c8,"))));
}

// Against reachability in the obvious way.
TEST_F(RelationRulesTest, RandomGraphs) {
  std::mt19937 random(20'230'906);  // NOLINT(cert-msc51-cpp): the same each time.
  int with_rings = 0;
  for (int round = 0; round < 500; ++round) {
    const int size = 1 + static_cast<int>(random() % 8);
    std::vector<std::vector<bool>> leads(size, std::vector<bool>(size));
    std::map<std::string, Relations> claims;
    std::vector<std::string> changed;
    for (int i = 0; i < size; ++i) {
      const std::string id = absl::StrCat("c", i);
      if (random() % 2 == 0) changed.push_back(id);
      claims[id];
      for (int j = 0; j < size; ++j) {
        if (j == i || random() % 5 > 0) continue;
        leads[i][j] = true;
        claims[id].emplace_back(kRestates, absl::StrCat("c", j));
      }
    }
    for (int k = 0; k < size; ++k) {
      for (int i = 0; i < size; ++i) {
        for (int j = 0; j < size; ++j) {
          if (leads[i][k] && leads[k][j]) leads[i][j] = true;
        }
      }
    }
    Put(claims);
    // The first changed claim, by name, of each set of claims that lead to each other.
    std::vector<std::string> expected;
    std::set<int> covered;
    for (int i = 0; i < size; ++i) {
      const std::string id = absl::StrCat("c", i);
      if (std::find(changed.begin(), changed.end(), id) == changed.end()) continue;
      if (!leads[i][i] || covered.count(i) > 0) continue;
      expected.push_back(id);
      for (int j = 0; j < size; ++j) {
        if (leads[i][j] && leads[j][i]) covered.insert(j);
      }
    }
    std::vector<std::string> found;
    for (const std::string& field : Faults(changed)) found.push_back(field.substr(0, 2));
    EXPECT_EQ(found, expected) << "round " << round;
    if (!expected.empty()) ++with_rings;
  }
  EXPECT_GT(with_rings, 50);
  EXPECT_LT(with_rings, 450);
}

}  // namespace
}  // namespace entente::funding
