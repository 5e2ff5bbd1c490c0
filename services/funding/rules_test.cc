// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rules.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/normalise.h"
#include "common/testing/slowness.h"
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

const Registry& Types() {
  static const auto* const registry = new Registry(Registry::Of({Claim::descriptor()}).value());
  return *registry;
}

class FundingRulesTest : public testing::Test {
 protected:
  // A state with these claims, their figures with their intervals.
  void Put(const std::string& id, const std::string& text) { PutAll({{id, text}}); }
  void PutAll(const std::map<std::string, std::string>& texts) {
    log::Revision revision{state_->revision() + 1, absl::UnixEpoch(), "", "", {}};
    for (const auto& [id, text] : texts) {
      const Claim claim = Kept(id, text);
      revision.changes.push_back({claim.name(), log::ChangeKind::kPut, claim.SerializeAsString()});
    }
    state_ = state_->With(resource::Materialise(Types(), revision).value());
  }
  static Claim Kept(const std::string& id, const std::string& text) {
    Claim claim;
    claim.mutable_amount()->set_currency_code("USD");
    claim.set_nature(v1::CLAIM_NATURE_OWN_FUNDING);
    claim.set_stage(v1::CLAIM_STAGE_PLEDGED);
    Claim more;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &more)) << text;
    claim.MergeFrom(more);
    claim.set_name("claims/" + id);
    if (!claim.amount().has_figure()) {
      claim.mutable_amount()->mutable_figure()->set_qualifier(type::v1::QUALIFIER_NOT_STATED);
    }
    Violations ignored;  // Of what these claims lack for other reasons.
    resource::Normaliser({&Types()}).Normalise(&claim, "", &ignored);
    return claim;
  }
  void PutValue(const std::string& id, const std::string& value, const std::string& part_of = "",
                const std::string& qualifier = "EXACT") {
    Put(id, Text(value, part_of, qualifier));
  }
  // Without a value: not stated.
  static std::string Text(const std::string& value, const std::string& part_of = "",
                          const std::string& qualifier = "EXACT") {
    return absl::StrCat("amount { figure { value: '", value, "' qualifier: QUALIFIER_",
                        value.empty() ? "NOT_STATED" : qualifier, " } } ",
                        part_of.empty() ? "" : absl::StrCat("part_of: 'claims/", part_of, "'"));
  }

  // The faults when these claims have changed; the place of each is its id.
  Violations Check(const std::vector<std::string>& ids) {
    std::map<std::string, std::string> changed;
    for (const std::string& id : ids) changed["claims/" + id] = id + ".";
    Violations violations;
    rules_.CheckTogether(*state_, changed, &violations);
    return violations;
  }
  // Their places.
  std::vector<std::string> Faults(const std::vector<std::string>& ids) {
    std::vector<std::string> fields;
    const Violations violations = Check(ids);
    for (const auto& violation : violations.all()) fields.push_back(violation.field());
    return fields;
  }
  // Faults of one claim by itself.
  std::vector<std::string> FaultsOf(const std::string& text) {
    Claim claim;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &claim)) << text;
    Violations violations;
    rules_.Check(claim, "", &violations);
    std::vector<std::string> fields;
    for (const auto& violation : violations.all()) fields.push_back(violation.field());
    return fields;
  }

  catalogue::CatalogueView view_;
  const Rules rules_{&view_};
  std::shared_ptr<const State> state_ = std::make_shared<State>(&Types());
};

TEST_F(FundingRulesTest, StatisticsAndOnlyTheyHaveNoStage) {
  EXPECT_THAT(FaultsOf("nature: CLAIM_NATURE_STATISTIC stage: CLAIM_STAGE_NOT_APPLICABLE"),
              IsEmpty());
  EXPECT_THAT(FaultsOf("nature: CLAIM_NATURE_STATISTIC stage: CLAIM_STAGE_NOT_STATED"),
              ElementsAre("stage"));
  EXPECT_THAT(FaultsOf("nature: CLAIM_NATURE_MOBILISED stage: CLAIM_STAGE_NOT_APPLICABLE"),
              ElementsAre("stage"));
}

TEST_F(FundingRulesTest, OneClaimByItself) {
  const std::string kind = "nature: CLAIM_NATURE_MOBILISED stage: CLAIM_STAGE_PLEDGED ";
  EXPECT_THAT(FaultsOf(kind + "recurrence { every: -1 }"), ElementsAre("recurrence.every"));
  EXPECT_THAT(FaultsOf(kind + "name: 'claims/a' relations { claim: 'claims/b' } relations { claim: "
                              "'claims/a' }"),
              ElementsAre("relations[1].claim"));
  EXPECT_THAT(FaultsOf(kind + "places { place: 'places/a' } places { place: 'places/b' } "
                              "places { place: 'places/a' }"),
              ElementsAre("places[2].place"));
  EXPECT_THAT(FaultsOf(kind + "sectors { vocabulary: '1' code: '5' } sectors { vocabulary: '2' "
                              "code: '5' } sectors { vocabulary: '1' code: '5' }"),
              ElementsAre("sectors[2].code"));
}

TEST_F(FundingRulesTest, PartsAreOfTheKindOfTheirWhole) {
  PutValue("whole", "100");
  Put("part",
      "part_of: 'claims/whole' amount { currency_code: 'EUR' figure { value: '1' } } nature: "
      "CLAIM_NATURE_MOBILISED stage: CLAIM_STAGE_REQUESTED recurrence { every: 1 unit: "
      "RECURRENCE_UNIT_YEAR }");
  const std::vector<std::string> faults = {"part.amount.currency_code", "part.nature", "part.stage",
                                           "part.recurrence"};
  EXPECT_EQ(Faults({"part"}), faults);
  EXPECT_EQ(Faults({"part", "whole"}), faults) << "each once";
  // A whole that changes must still suit the parts that it has.
  EXPECT_THAT(Faults({"whole"}), ElementsAre("whole.amount.currency_code", "whole.nature",
                                             "whole.stage", "whole.recurrence"));
}

TEST_F(FundingRulesTest, RatesHaveRatesOfTheSameRecurrenceAsParts) {
  const std::string yearly = " recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR }";
  Put("whole", yearly);
  Put("same", "part_of: 'claims/whole'" + yearly);
  Put("twice", "part_of: 'claims/whole' recurrence { every: 2 unit: RECURRENCE_UNIT_YEAR }");
  Put("monthly", "part_of: 'claims/whole' recurrence { every: 1 unit: RECURRENCE_UNIT_MONTH }");
  Put("total", "part_of: 'claims/whole'");
  EXPECT_THAT(Faults({"same", "twice", "monthly", "total"}),
              UnorderedElementsAre("twice.recurrence", "monthly.recurrence", "total.recurrence"));
}

TEST_F(FundingRulesTest, NothingInATreeIsNegative) {
  PutValue("alone", "-5");
  EXPECT_THAT(Faults({"alone"}), IsEmpty());
  PutValue("whole", "5");
  PutValue("part", "-1", "whole");
  EXPECT_THAT(Faults({"part"}), ElementsAre("part.part_of"));
}

TEST_F(FundingRulesTest, NothingIsAPartOfItself) {
  PutValue("a", "1", "b");
  PutValue("b", "1", "a");
  PutValue("self", "1", "self");
  PutValue("under", "1", "a");
  EXPECT_THAT(Faults({"a", "b", "self", "under"}),
              UnorderedElementsAre("a.part_of", "b.part_of", "self.part_of"));
  EXPECT_THAT(Faults({"under"}), IsEmpty()) << "is in no tree";
}

struct Sum {
  const char* whole;
  const char* whole_qualifier;
  std::vector<std::pair<const char*, const char*>> parts;
  bool fits;
};

class FundingSumTest : public FundingRulesTest, public testing::WithParamInterface<Sum> {};

TEST_P(FundingSumTest, PartsThatCertainlyExceedTheirWholeAreAFault) {
  PutValue("whole", GetParam().whole, "", GetParam().whole_qualifier);
  std::vector<std::string> ids;
  for (const auto& [value, qualifier] : GetParam().parts) {
    ids.push_back(absl::StrCat("part", ids.size()));
    PutValue(ids.back(), value, "whole", qualifier);
  }
  // One fault, whichever of them changed, at one that did.
  const size_t expected = GetParam().fits ? 0 : 1;
  EXPECT_EQ(Faults({"whole"}).size(), expected);
  EXPECT_EQ(Faults({ids[0]}).size(), expected);
  ids.emplace_back("whole");
  EXPECT_EQ(Faults(ids).size(), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Sums, FundingSumTest,
    testing::Values(Sum{"100", "EXACT", {{"60", "EXACT"}, {"40", "EXACT"}}, true},
                    Sum{"100", "EXACT", {{"60", "EXACT"}, {"40.01", "EXACT"}}, false},
                    Sum{"100", "EXACT", {{"60", "EXACT"}, {"90", "UP_TO"}}, true},
                    Sum{"100", "EXACT", {{"60", "EXACT"}, {"40", "AT_LEAST"}}, true},
                    Sum{"100", "EXACT", {{"60", "EXACT"}, {"40", "MORE_THAN"}}, false},
                    Sum{"100", "EXACT", {{"60", "EXACT"}, {"44", "ABOUT"}}, true},
                    Sum{"100", "EXACT", {{"60", "EXACT"}, {"45", "ABOUT"}}, false},
                    Sum{"100", "NEARLY", {{"100", "EXACT"}}, false},
                    Sum{"100", "NEARLY", {{"99.99", "EXACT"}}, true},
                    Sum{"100", "UP_TO", {{"100", "EXACT"}}, true},
                    Sum{"100", "ABOUT", {{"110", "EXACT"}}, true},
                    Sum{"100", "ABOUT", {{"110.1", "EXACT"}}, false},
                    Sum{"100", "MORE_THAN", {{"1000", "EXACT"}}, true},
                    Sum{"100", "AT_LEAST", {{"1000", "EXACT"}}, true},
                    Sum{"0", "EXACT", {{"0", "EXACT"}}, true},
                    Sum{"0", "EXACT", {{"0", "MORE_THAN"}}, false}));

TEST_F(FundingRulesTest, WhatIsNotStatedIsWithinItsWhole) {
  PutValue("whole", "100");
  PutValue("part", "100", "whole");
  Put("unstated", "part_of: 'claims/whole'");
  EXPECT_THAT(Faults({"unstated"}), IsEmpty());
  Put("unstated-whole", "");
  PutValue("stated", "1000", "unstated-whole");
  EXPECT_THAT(Faults({"stated"}), IsEmpty());
}

TEST_F(FundingRulesTest, ContradictionsAreFoundAtAnyDepth) {
  PutValue("aid", "100", "", "UP_TO");
  PutValue("asia", "", "aid");
  PutValue("bridges", "120", "asia");
  const Violations violations = Check({"bridges"});
  ASSERT_THAT(violations.all(), SizeIs(1));
  EXPECT_EQ(violations.all()[0].field(), "bridges.part_of");
  EXPECT_EQ(violations.all()[0].description(),
            "claims/aid: its parts come to [120, inf), and it states [0, 100]; not all of this can "
            "be true: correct a figure, a qualifier, or what is part of what");
  EXPECT_THAT(Faults({"asia"}), ElementsAre("asia.part_of"));
  EXPECT_THAT(Faults({"aid"}), ElementsAre("aid.amount.figure"));
  // Where they all changed, it is at the whole.
  EXPECT_THAT(Faults({"bridges", "asia", "aid"}), ElementsAre("aid.amount.figure"));
  EXPECT_THAT(Faults({"bridges", "asia"}), ElementsAre("asia.part_of"));
  PutValue("bridges", "100", "asia");
  EXPECT_THAT(Faults({"bridges", "asia", "aid"}), IsEmpty());
}

TEST_F(FundingRulesTest, PartsThatEachFitMayTogetherExceedAWholeFurtherUp) {
  PutValue("aid", "100");
  PutValue("asia", "60", "aid", "UP_TO");
  PutValue("africa", "60", "aid", "UP_TO");
  PutValue("roads", "50", "asia");
  PutValue("ports", "50", "africa");
  EXPECT_THAT(Faults({"aid", "asia", "africa", "roads", "ports"}), IsEmpty());
  PutValue("ports", "50.01", "africa");
  EXPECT_THAT(Faults({"ports"}), ElementsAre("ports.part_of"));
  // An open end far down counts, too.
  PutValue("ports", "50", "africa", "MORE_THAN");
  EXPECT_THAT(Faults({"ports"}), ElementsAre("ports.part_of"));
  PutValue("ports", "50", "africa", "AT_LEAST");
  EXPECT_THAT(Faults({"ports"}), IsEmpty());
}

TEST_F(FundingRulesTest, TheFaultIsAtWhatChangedBeneathTheWholeThatCannotHold) {
  PutValue("top", "1000");
  PutValue("a", "500", "top");
  PutValue("b", "100", "top");
  PutValue("b-part", "200", "b");
  EXPECT_THAT(Faults({"a", "b-part"}), ElementsAre("b-part.part_of"));
  EXPECT_THAT(Faults({"a", "b"}), ElementsAre("b.amount.figure"));
  EXPECT_THAT(Faults({"top", "b-part"}), ElementsAre("b-part.part_of"));
  // What was faulty before is not hidden by what changes elsewhere in the tree.
  EXPECT_THAT(Faults({"a"}), ElementsAre("a.part_of"));
  EXPECT_THAT(Faults({"top"}), ElementsAre("top.amount.figure"));
}

TEST_F(FundingRulesTest, EachTreeIsAFaultByItself) {
  for (const std::string id : {"x", "y", "z"}) {
    PutValue(id, "1");
    PutValue(id + "-part", id == "z" ? "1" : "2", id);
  }
  EXPECT_THAT(Faults({"x-part", "y-part", "z-part"}),
              UnorderedElementsAre("x-part.part_of", "y-part.part_of"));
}

TEST_F(FundingRulesTest, ATreeThatIsFaultyOtherwiseIsNotAddedUp) {
  PutValue("whole", "1");
  Put("euro", "part_of: 'claims/whole' amount { currency_code: 'EUR' figure { value: '2' } }");
  PutValue("part", "2", "whole");
  EXPECT_THAT(Faults({"euro", "part"}), ElementsAre("euro.amount.currency_code"));
  PutValue("euro", "-1", "whole");
  EXPECT_THAT(Faults({"euro", "part"}), ElementsAre("euro.part_of"));
}

TEST_F(FundingRulesTest, AWholeIsNotCheckedForWhatItLoses) {
  PutValue("from", "10");
  PutValue("to", "4");
  PutValue("part", "5", "to");
  PutValue("from-part", "11", "from");  // Faulty before; not what this change is about.
  EXPECT_THAT(Faults({"part"}), ElementsAre("part.part_of"));
  PutValue("part", "5");
  EXPECT_THAT(Faults({"part"}), IsEmpty());
}

TEST_F(FundingRulesTest, FiguresThatAreTooLongToAddUpAreAFault) {
  PutValue("whole", "9999999999999999999999999999999999");
  PutValue("part", "0.01", "whole");
  EXPECT_THAT(Faults({"whole", "part"}), IsEmpty());
  PutValue("part", "0.000000001", "whole");
  const Violations violations = Check({"part"});
  ASSERT_THAT(violations.all(), SizeIs(1));
  EXPECT_EQ(violations.all()[0].field(), "part.amount.figure");
  EXPECT_THAT(violations.all()[0].description(),
              AllOf(HasSubstr("the figures of claims/whole and its parts"),
                    HasSubstr("9 decimal places"), HasSubstr("with fewer digits")));
}

TEST_F(FundingRulesTest, RelationsDoNotLeadBack) {
  Put("a", "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/b' }");
  Put("b", "relations { kind: CLAIM_RELATION_KIND_RESTATES claim: 'claims/a' }");
  EXPECT_THAT(Faults({"b"}), ElementsAre("b.relations[0].claim"));
}

std::string Superseding(const std::string& id) {
  return absl::StrCat(" relations { kind: CLAIM_RELATION_KIND_SUPERSEDES claim: 'claims/", id,
                      "' }");
}

TEST_F(FundingRulesTest, WhatTakesThePlaceOfAPartIsInThatPlace) {
  PutAll({{"w", Text("100")}, {"a", Text("30", "w")}, {"b", Text("40", "w", "AT_LEAST")}});
  // The whole would count as 100 and what supersedes a part of it once more.
  Put("new-a", Text("35") + Superseding("a"));
  EXPECT_THAT(Faults({"new-a"}), ElementsAre("new-a.part_of"));
  EXPECT_THAT(Faults({"a"}), ElementsAre("a.part_of"));
  EXPECT_THAT(Check({"new-a"}).all()[0].description(),
              AllOf(HasSubstr("claims/new-a supersedes claims/a"), HasSubstr("claims/w")));
  // In its place it is right, and what it supersedes has no say: 35 and 65 are 100.
  Put("new-a", Text("35", "w") + Superseding("a"));
  PutValue("b", "65", "w");
  EXPECT_THAT(Faults({"new-a", "b"}), IsEmpty());
  PutValue("b", "66", "w");
  EXPECT_THAT(Faults({"b"}), ElementsAre("b.part_of"));
  // Or in what supersedes the whole.
  PutAll({{"new-w", Text("120") + Superseding("w")},
          {"new-a", Text("35", "new-w") + Superseding("a")}});
  EXPECT_THAT(Faults({"new-a"}), IsEmpty());
  // Of a claim that is no part, nothing is asked.
  PutAll({{"alone", Text("1")}, {"new-alone", Text("2", "w") + Superseding("alone")}});
  EXPECT_THAT(Faults({"alone", "new-alone"}), Not(testing::Contains("new-alone.part_of")));
}

// A tree of 100,000 claims, some of them deep, is checked once for the 10,000 of them that change:
// for each of them once would not end within the time that a test is given.
TEST_F(FundingRulesTest, ALargeTreeIsCheckedOnceForAllThatChangesInIt) {
  constexpr int kEach = 50'000 / kSlowness;
  std::map<std::string, std::string> claims = {{"top", Text("100000")}};
  std::vector<std::string> changed;
  for (int i = 0; i < kEach; ++i) {
    claims[absl::StrCat("wide", i)] = Text("1", "top");
    claims[absl::StrCat("deep", i)] = Text("", i == 0 ? "top" : absl::StrCat("deep", i - 1));
    if (i % 10 == 0) {
      changed.push_back(absl::StrCat("wide", i));
      changed.push_back(absl::StrCat("deep", i));
    }
  }
  PutAll(claims);
  EXPECT_THAT(Faults(changed), IsEmpty());
  // With the wide ones it is more than the top.
  const std::string deep = absl::StrCat("deep", kEach - 10);
  PutValue(deep, absl::StrCat(100'000 - kEach, ".01"), absl::StrCat("deep", kEach - 11));
  EXPECT_THAT(Faults(changed), SizeIs(1));
  EXPECT_THAT(Faults({deep}), ElementsAre(deep + ".part_of"));
}

}  // namespace
}  // namespace entente::funding
