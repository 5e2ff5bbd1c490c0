// SPDX-License-Identifier: Apache-2.0
//
// Which requests are refused, and how.
#include "services/funding/query/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using test::HasViolation;
using test::IsOk;
using test::StatusIs;
using test::ViolationsAre;
using testing::_;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

absl::StatusOr<Plan> Make(const std::string& text) {
  return MakePlan(FromText<v1::QueryFundingRequest>(text), "query.");
}

// That `text` is refused for one thing, and for what.
void ExpectRefused(const std::string& text, const std::string& field,
                   const testing::Matcher<std::string>& description) {
  const auto plan = Make(text);
  EXPECT_THAT(plan, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  EXPECT_THAT(plan, ViolationsAre(ElementsAre("query." + field))) << text;
  EXPECT_THAT(plan, HasViolation("query." + field, description)) << text;
}

TEST(PlanTest, TheEmptyRequestIsOfAllClaims) {
  const auto plan = Make("");
  ASSERT_THAT(plan, IsOk());
  EXPECT_TRUE(plan->filter.matches_everything());
  EXPECT_TRUE(plan->dimensions.empty());
  EXPECT_EQ(plan->max_rate_age_days, 7);
  EXPECT_FALSE(plan->horizon.has_value());
  EXPECT_FALSE(plan->cumulative.has_value());
  EXPECT_EQ(plan->top, 0u);
}

TEST(PlanTest, ARequestInFull) {
  const auto plan = Make(R"pb(
    filter: 'sectors:"11220" AND stage = CLAIM_STAGE_PLEDGED'
    group_by { field: "period" unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: "US" }
    group_by { field: "sectors" level: 3 }
    group_by { field: "initiative" level: 2 }
    sector_vocabulary: "1"
    measures: [ MEASURE_MIN, MEASURE_SHARE, MEASURE_MIN ]
    convert_to: "JPY"
    max_rate_age_days: 366
    horizon: "2024/2028"
    mix: [ MONEY_KIND_STAGE ]
    order_by: " stated desc,initiative , period asc"
    top: 10
  )pb");
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->dimensions.size(), 3u);
  EXPECT_TRUE(plan->dimensions[0].buckets.has_value());
  EXPECT_EQ(plan->dimensions[1].level, 3);
  EXPECT_EQ(plan->DimensionOf("initiative"), 2u);
  EXPECT_EQ(plan->DimensionOf("stage"), std::nullopt);
  EXPECT_EQ(plan->measures.size(), 2u);
  EXPECT_EQ(plan->max_rate_age_days, 366);
  EXPECT_EQ(plan->horizon->last, absl::CivilDay(2028, 12, 31));
  ASSERT_EQ(plan->order.size(), 3u);
  EXPECT_TRUE(plan->order[0].descending && plan->order[0].is_money());
  EXPECT_EQ(plan->order[1].dimension, 2u);
  EXPECT_FALSE(plan->order[2].descending);
  EXPECT_EQ(plan->top, 10u);
}

TEST(PlanTest, EveryFieldOfTheFactsButFourIsADimension) {
  const auto* facts = v1::ClaimFacts::descriptor();
  const std::set<std::string> others = {"title", "description", "initiatives", "within"};
  for (int i = 0; i < facts->field_count(); ++i) {
    const std::string name(facts->field(i)->name());
    const bool date = name == "value_date" || name == "period";
    const std::string dimension = absl::StrCat("group_by { field: '", name, "'",
                                               date ? " unit: PERIOD_UNIT_YEAR" : "", " } ");
    if (others.count(name) > 0) {
      ExpectRefused(dimension, "group_by[0].field", HasSubstr("is not one of claim, top_claim,"));
    } else {
      EXPECT_THAT(Make(dimension + "sector_vocabulary: '1'"), IsOk()) << name;
      // And each can be asked of a ledger.
      EXPECT_THAT(Ledger().Query(dimension + "sector_vocabulary: '1'"), IsOk()) << name;
    }
  }
}

TEST(PlanTest, Filters) {
  ExpectRefused("filter: 'colour = red'", "filter", HasSubstr("colour"));
  ExpectRefused("filter: 'stage = ANNOUNCED'", "filter", HasSubstr("CLAIM_STAGE_ANNOUNCED"));
  ExpectRefused("filter: '('", "filter", _);
}

TEST(PlanTest, Dimensions) {
  ExpectRefused("group_by {}", "group_by[0].field", HasSubstr("\"\" is not one of"));
  ExpectRefused("group_by { field: 'colour' }", "group_by[0].field", HasSubstr("\"colour\""));
  ExpectRefused(
      "group_by { field: 'stage' } group_by { field: 'nature' } group_by { field: "
      "'stage' }",
      "group_by[2].field", HasSubstr("there already"));
  ExpectRefused("group_by { field: 'initiative' level: -1 }", "group_by[0].level",
                HasSubstr("negative"));
  ExpectRefused("group_by { field: 'stage' level: 1 }", "group_by[0].level",
                HasSubstr("only `initiative` and `sectors`"));
  ExpectRefused("group_by { field: 'stage' unit: PERIOD_UNIT_DAY }", "group_by[0].unit",
                HasSubstr("only `value_date` and `period`"));
  ExpectRefused("group_by { field: 'stage' fiscal_year: 'US' }", "group_by[0].fiscal_year",
                HasSubstr("only `value_date` and `period`"));
  ExpectRefused("group_by { field: 'value_date' }", "group_by[0].unit", HasSubstr("is required"));
  ExpectRefused("group_by { field: 'value_date' unit: 99 }", "group_by[0].unit",
                HasSubstr("is required"));
  ExpectRefused("group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR }",
                "group_by[0].fiscal_year", HasSubstr("is required"));
  ExpectRefused("group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: 'XX' }",
                "group_by[0].fiscal_year", HasSubstr("--10-01"));
  ExpectRefused("group_by { field: 'period' unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: '--13-01' }",
                "group_by[0].fiscal_year", HasSubstr("--MM-DD"));
  ExpectRefused("group_by { field: 'period' unit: PERIOD_UNIT_YEAR fiscal_year: 'US' }",
                "group_by[0].fiscal_year", HasSubstr("must be empty"));
  // A date may be there twice, in different lengths.
  EXPECT_THAT(Make("group_by { field: 'period' unit: PERIOD_UNIT_YEAR } "
                   "group_by { field: 'period' unit: PERIOD_UNIT_MONTH }"),
              IsOk());
  std::string nine;
  for (const char* field : {"claim", "nature", "stage", "direction", "instrument", "funding",
                            "recurring", "qualifier", "pillars"}) {
    absl::StrAppend(&nine, "group_by { field: '", field, "' } ");
  }
  ExpectRefused(nine, "group_by", HasSubstr("at most 8"));
}

TEST(PlanTest, Vocabularies) {
  ExpectRefused("group_by { field: 'sectors' }", "sector_vocabulary", HasSubstr("is required"));
  ExpectRefused("filter: 'stage = CLAIM_STAGE_PLEDGED OR NOT (sectors:\"1\" OR recurring = true)'",
                "sector_vocabulary", HasSubstr("is required"));
}

TEST(PlanTest, MeasuresAndKinds) {
  ExpectRefused("measures: MEASURE_MIN measures: MEASURE_UNSPECIFIED", "measures[1]",
                HasSubstr("MEASURE_MEAN"));
  ExpectRefused("measures: 77", "measures[0]", _);
  ExpectRefused("mix: MONEY_KIND_UNSPECIFIED", "mix[0]", HasSubstr("MONEY_KIND_DIRECTION"));
  ExpectRefused("mix: MONEY_KIND_STAGE mix: 9", "mix[1]", _);
}

TEST(PlanTest, Conversions) {
  for (const char* code : {"usd", "US", "EURO", "12A"}) {
    ExpectRefused(absl::StrCat("convert_to: '", code, "'"), "convert_to", HasSubstr("ISO 4217"));
  }
  ExpectRefused("convert_to: 'XAU'", "convert_to", HasSubstr("minor unit"));
  ExpectRefused("convert_to: 'USD' max_rate_age_days: -1", "max_rate_age_days",
                HasSubstr("0 (meaning 7) to 366"));
  ExpectRefused("convert_to: 'USD' max_rate_age_days: 367", "max_rate_age_days", _);
  ExpectRefused("max_rate_age_days: 3", "max_rate_age_days", HasSubstr("`convert_to`"));
}

TEST(PlanTest, Horizons) {
  for (const char* horizon : {"soon", "2024/..", "2024?", "/2024", "2024/3025"}) {
    ExpectRefused(absl::StrCat("horizon: '", horizon, "'"), "horizon", HasSubstr("must be"));
  }
}

TEST(PlanTest, Orders) {
  ExpectRefused("order_by: 'amount'", "order_by",
                AllOf(HasSubstr("\"amount\""), HasSubstr("stated, low, high, claims")));
  // Not grouped by.
  ExpectRefused("order_by: 'stage'", "order_by", HasSubstr("a field of group_by"));
  ExpectRefused("order_by: 'stated descending'", "order_by", HasSubstr("stated descending"));
  ExpectRefused("order_by: 'stated,'", "order_by", HasSubstr("\"\""));
  ExpectRefused("order_by: 'low desc desc'", "order_by", _);
  ExpectRefused("order_by: 'desc'", "order_by", _);
  ExpectRefused("top: -1", "top", HasSubstr("negative"));
}

TEST(PlanTest, CumulativeRows) {
  ExpectRefused("cumulative: true", "cumulative", HasSubstr("needs a date"));
  ExpectRefused(
      "cumulative: true group_by { field: 'period' unit: PERIOD_UNIT_YEAR } "
      "group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR }",
      "cumulative", HasSubstr("exactly one date"));
  ExpectRefused("cumulative: true top: 1 group_by { field: 'period' unit: PERIOD_UNIT_YEAR }",
                "top", HasSubstr("`cumulative`"));
}

TEST(PlanTest, EverythingThatIsWrongIsNamedAtOnce) {
  const auto plan = Make(R"pb(
    filter: "colour = red"
    group_by { field: "sectors" level: -1 unit: PERIOD_UNIT_DAY fiscal_year: "US" }
    group_by { field: "colour" }
    group_by { field: "value_date" }
    measures: [ MEASURE_UNSPECIFIED ]
    convert_to: "Euro"
    max_rate_age_days: 1000
    horizon: "2024?"
    mix: [ MONEY_KIND_UNSPECIFIED ]
    order_by: "x,y desc"
    top: -5
    cumulative: true
  )pb");
  EXPECT_THAT(plan, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(plan, ViolationsAre(UnorderedElementsAre(
                        "query.filter", "query.group_by[0].level", "query.group_by[0].unit",
                        "query.group_by[0].fiscal_year", "query.group_by[1].field",
                        "query.group_by[2].unit", "query.sector_vocabulary", "query.measures[0]",
                        "query.convert_to", "query.max_rate_age_days", "query.horizon",
                        "query.mix[0]", "query.order_by", "query.order_by", "query.top")));
}

TEST(PlanTest, TheFilterOfTheOtherSide) {
  EXPECT_THAT(CompileFilter("recurring = true", "compare_with.filter"), IsOk());
  EXPECT_THAT(CompileFilter("colour = red", "compare_with.filter"),
              HasViolation("compare_with.filter", HasSubstr("colour")));
}

}  // namespace
}  // namespace entente::funding::query
