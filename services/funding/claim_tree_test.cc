// SPDX-License-Identifier: Apache-2.0
#include "services/funding/claim_tree.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/normalise.h"
#include "common/testing/matchers.h"

namespace entente::funding {
namespace {

using absl::StatusCode;
using resource::Registry;
using resource::State;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using v1::Claim;

const Registry& Types() {
  static const auto* const registry = new Registry(Registry::Of({Claim::descriptor()}).value());
  return *registry;
}

// As it is kept: with its interval, unless the figure is no good.
Claim Kept(const std::string& text) {
  Claim claim;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &claim)) << text;
  Violations ignored;  // Of what these claims lack for other reasons.
  resource::Normaliser({&Types()}).Normalise(&claim, "", &ignored);
  return claim;
}

Claim WithFigure(const std::string& figure) {
  return Kept(absl::StrCat("amount { currency_code: 'USD' figure { ", figure, " } }"));
}

TEST(FigureOfTest, TheValueAsWrittenAndItsInterval) {
  struct Case {
    const char* figure;
    const char* stated;
    const char* bounds;
  };
  for (const Case& c : {
           Case{"value: '6200.50'", "6200.5", "[6200.5, 6200.5]"},
           Case{"value: '-5'", "-5", "[-5, -5]"},
           Case{"value: '500' qualifier: QUALIFIER_MORE_THAN", "500", "(500, inf)"},
           Case{"value: '500' qualifier: QUALIFIER_AT_LEAST", "500", "[500, inf)"},
           Case{"value: '600' qualifier: QUALIFIER_NEARLY", "600", "[0, 600)"},
           Case{"value: '600' qualifier: QUALIFIER_UP_TO", "600", "[0, 600]"},
           Case{"value: '100' qualifier: QUALIFIER_ABOUT", "100", "[90, 110]"},
           Case{"value: '0' qualifier: QUALIFIER_UP_TO", "0", "[0, 0]"},
       }) {
    SCOPED_TRACE(c.figure);
    const auto figure = FigureOf(WithFigure(c.figure));
    ASSERT_TRUE(figure.has_value());
    EXPECT_EQ(figure->stated.ToString(), c.stated);
    EXPECT_EQ(figure::ToString(figure->bounds), c.bounds);
  }
}

TEST(FigureOfTest, NoneWhereItIsNotStatedOrNoGood) {
  EXPECT_FALSE(FigureOf(Claim()).has_value());
  EXPECT_FALSE(FigureOf(WithFigure("qualifier: QUALIFIER_NOT_STATED")).has_value());
  EXPECT_FALSE(FigureOf(WithFigure("value: 'five'")).has_value());
  Claim odd = WithFigure("value: '5'");
  odd.mutable_amount()->mutable_figure()->mutable_interval()->set_high("x");
  EXPECT_FALSE(FigureOf(odd).has_value());
}

TEST(MinorDigitsTest, ThoseOfTheMinorUnitAndTwoWhereThereIsNone) {
  EXPECT_EQ(MinorDigits("USD"), 2);
  EXPECT_EQ(MinorDigits("VND"), 0);
  EXPECT_EQ(MinorDigits("BHD"), 3);
  EXPECT_EQ(MinorDigits("XAU"), 2);
  EXPECT_EQ(MinorDigits(""), 2);
}

class ClaimTreeTest : public testing::Test {
 protected:
  void Put(const std::string& id, const std::string& value, const std::string& whole = "",
           const std::string& currency = "USD") {
    Claim claim =
        Kept(absl::StrCat("amount { currency_code: '", currency, "' figure { value: '", value, "' ",
                          value.empty() ? "qualifier: QUALIFIER_NOT_STATED" : "", " } } ",
                          whole.empty() ? "" : absl::StrCat("part_of: 'claims/", whole, "'")));
    claim.set_name("claims/" + id);
    Write({claim.name(), log::ChangeKind::kPut, claim.SerializeAsString()});
  }
  void Delete(const std::string& id) { Write({"claims/" + id, log::ChangeKind::kDelete, ""}); }
  void Write(const log::Change& change) {
    const log::Revision revision{state_->revision() + 1, absl::UnixEpoch(), "", "", {change}};
    state_ = state_->With(resource::Materialise(Types(), revision).value());
  }
  const Claim& Get(const std::string& id) { return *state_->Get<Claim>("claims/" + id); }
  std::vector<std::string> NamesOf(const std::string& top) {
    std::vector<std::string> names;
    for (const Claim* claim : ClaimsOf(*state_, Get(top))) names.push_back(claim->name());
    return names;
  }

  std::shared_ptr<const State> state_ = std::make_shared<State>(&Types());
};

TEST_F(ClaimTreeTest, WholesComeBeforeTheirParts) {
  Put("top", "100");
  Put("z", "20", "top");
  Put("a", "30", "z");  // By name before its whole.
  Put("m", "5", "top");
  Put("b", "1", "m");
  Put("other", "1");
  Put("gone", "1", "top");
  Delete("gone");
  EXPECT_THAT(NamesOf("top"),
              ElementsAre("claims/top", "claims/m", "claims/z", "claims/b", "claims/a"));
  EXPECT_THAT(NamesOf("z"), ElementsAre("claims/z", "claims/a"));
  EXPECT_THAT(NamesOf("other"), ElementsAre("claims/other"));
}

TEST_F(ClaimTreeTest, EndsEvenInACycle) {
  Put("a", "1", "b");
  Put("b", "1", "a");
  Put("self", "1", "self");
  Put("under", "1", "self");
  EXPECT_THAT(NamesOf("a"), ElementsAre("claims/a", "claims/b"));
  EXPECT_THAT(NamesOf("self"), ElementsAre("claims/self", "claims/under"));
}

TEST_F(ClaimTreeTest, TheAlgebraHasTheClaimsAtTheirPlaces) {
  Put("aid", "600");
  Put("health", "100", "aid");
  Put("vaccines", "40", "health");
  Put("schools", "", "aid");
  const auto built = BuildTree(*state_, Get("aid"));
  ASSERT_THAT(built, IsOk());
  ASSERT_EQ(built->claims.size(), 4u);
  ASSERT_EQ(built->tree.size(), 4);
  const auto stated_of = [&](const std::string& id) {
    for (algebra::NodeId node = 0; node < built->tree.size(); ++node) {
      if (built->claims[node] == &Get(id)) return built->tree.Sum({node})->stated.ToString();
    }
    return std::string("not there");
  };
  EXPECT_EQ(stated_of("aid"), "500");
  EXPECT_EQ(stated_of("health"), "60");
  EXPECT_EQ(stated_of("vaccines"), "40");
  EXPECT_EQ(stated_of("schools"), "0");
  // Part of something itself, and taken as a top all the same.
  const auto health = BuildTree(*state_, Get("health"));
  ASSERT_THAT(health, IsOk());
  EXPECT_EQ(health->tree.Sum({0, 1})->bounds, figure::Interval::Point(100));
}

TEST_F(ClaimTreeTest, AmountsAreApportionedToTheMinorUnit) {
  const std::vector<figure::Decimal> halves = {50, 50};
  Put("dong", "1001", "", "VND");
  auto dong = BuildTree(*state_, Get("dong"));
  ASSERT_THAT(dong, IsOk());
  EXPECT_EQ(dong->tree.Sum({dong->tree.Divide(0, halves)->front()})->stated.ToString(), "501");
  Put("dollars", "1001");
  auto dollars = BuildTree(*state_, Get("dollars"));
  ASSERT_THAT(dollars, IsOk());
  EXPECT_EQ(dollars->tree.Sum({dollars->tree.Divide(0, halves)->front()})->stated.ToString(),
            "500.5");
}

// What rules.cc reads off the message: it begins with the claim at fault, if it is about one.
TEST_F(ClaimTreeTest, ContradictionsBeginWithTheNameOfTheClaim) {
  Put("aid", "");
  Put("asia", "100", "aid");
  Put("roads", "", "asia");
  Put("bridges", "120", "roads");
  const auto built = BuildTree(*state_, Get("aid"));
  ASSERT_THAT(built, StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(built.status().message(),
            "claims/asia: its parts come to [120, inf), and it states [100, 100]");
  Put("vast", "99999999999999999999999999999999999999");
  EXPECT_THAT(BuildTree(*state_, Get("vast")),
              StatusIs(StatusCode::kOutOfRange, HasSubstr("claims/vast")));
}

TEST_F(ClaimTreeTest, OnlyAListInOrderIsATree) {
  Put("whole", "2");
  Put("part", "1", "whole");
  EXPECT_THAT(BuildTree({&Get("whole"), &Get("part")}), IsOk());
  EXPECT_THAT(BuildTree({&Get("part"), &Get("whole")}), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(BuildTree(std::vector<const Claim*>()), StatusIs(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace entente::funding
