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
#include "entente/funding/v1/claim.pb.h"

namespace entente::funding {
namespace {

using resource::Registry;
using resource::State;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using v1::Claim;

const Registry& Types() {
  static const auto* const registry = new Registry(Registry::Of({Claim::descriptor()}).value());
  return *registry;
}

class FundingRulesTest : public testing::Test {
 protected:
  // A state with these claims, their figures with their intervals.
  void Put(const std::string& id, const std::string& text) {
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
    const log::Revision revision{
        state_->revision() + 1,
        absl::UnixEpoch(),
        "",
        "",
        {{claim.name(), log::ChangeKind::kPut, claim.SerializeAsString()}}};
    state_ = state_->With(resource::Materialise(Types(), revision).value());
  }
  void PutValue(const std::string& id, const std::string& value, const std::string& part_of = "",
                const std::string& qualifier = "EXACT") {
    Put(id, absl::StrCat("amount { figure { value: '", value, "' qualifier: QUALIFIER_", qualifier,
                         " } } ",
                         part_of.empty() ? "" : absl::StrCat("part_of: 'claims/", part_of, "'")));
  }

  // The places of the faults when these claims have changed; each stands at its id.
  std::vector<std::string> Faults(const std::vector<std::string>& ids) {
    std::map<std::string, std::string> changed;
    for (const std::string& id : ids) changed["claims/" + id] = id + ".";
    Violations violations;
    rules_.CheckTogether(*state_, changed, &violations);
    std::vector<std::string> fields;
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
              UnorderedElementsAre("a.part_of", "b.part_of", "self.part_of",
                                   // Its whole is one, and has too many parts besides.
                                   "under.part_of"));
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

}  // namespace
}  // namespace entente::funding
