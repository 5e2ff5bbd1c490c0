// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/money_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/matchers.h"

namespace entente {
namespace {

using test::EqualsProto;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

TEST(MoneyQueryTest, KindsOfMoneyAreAlwaysRows) {
  const auto query = MakeMoneyQuery({});
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->kinds, 3);
  EXPECT_THAT(query->request, EqualsProto(R"pb(
                group_by { field: "nature" }
                group_by { field: "stage" }
                group_by { field: "direction" }
              )pb"));
}

TEST(MoneyQueryTest, SaysAllThatItIsTold) {
  const auto query = MakeMoneyQuery({.by = {"pillar", "country", "initiative:1", "sectors:3",
                                            "value_date", "period:quarter", "stage"},
                                     .mix = {"direction", "direction"},
                                     .filter = "climate",
                                     .currency = "EUR",
                                     .horizon = "2024/2028",
                                     .sector_vocabulary = "1",
                                     .order_by = "stated desc",
                                     .top = 3});
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->kinds, 2);
  EXPECT_THAT(query->request, EqualsProto(R"pb(
                filter: "climate"
                group_by { field: "nature" }
                group_by { field: "stage" }
                group_by { field: "pillars" }
                group_by { field: "countries" }
                group_by { field: "initiative" level: 1 }
                group_by { field: "sectors" level: 3 }
                group_by { field: "value_date" unit: PERIOD_UNIT_YEAR }
                group_by { field: "period" unit: PERIOD_UNIT_QUARTER }
                sector_vocabulary: "1"
                convert_to: "EUR"
                horizon: "2024/2028"
                mix: MONEY_KIND_DIRECTION
                order_by: "stated desc"
                top: 3
              )pb"));
}

TEST(MoneyQueryTest, FiscalYearsAreOfCountriesOrDays) {
  const auto query = MakeMoneyQuery({.by = {"value_date:US", "period:--10-01"}});
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_THAT(query->request.group_by(3),
              EqualsProto(R"pb(
                field: "value_date" unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: "US"
              )pb"));
  EXPECT_THAT(query->request.group_by(4),
              EqualsProto(R"pb(
                field: "period" unit: PERIOD_UNIT_FISCAL_YEAR fiscal_year: "--10-01"
              )pb"));
}

TEST(MoneyQueryTest, WhatIsWrongIsSaid) {
  const std::pair<MoneyOptions, const char*> cases[] = {
      {{.by = {"pilar"}}, "money has no \"pilar\": did you mean pillars?"},
      {{.by = {"colour"}}, "money has no \"colour\"; there are accountable, announcer,"},
      {{.by = {"title"}}, "money has no \"title\""},
      {{.by = {"initiative:x"}}, "must be a number from 1"},
      {{.by = {"initiative:0"}}, "must be a number from 1"},
      {{.by = {"value_date:decade"}}, "\"decade\" is not a length of time"},
      {{.mix = {"colour"}}, "--mix: \"colour\" is none of nature, stage and direction"},
      {{.by = {"stage"}, .mix = {"stage"}}, "--by and --mix both name stage"},
  };
  for (const auto& [options, message] : cases) {
    EXPECT_THAT(MakeMoneyQuery(options),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  }
}

TEST(MoneyQueryTest, WhatCanBeAskedForIsOfClaims) {
  EXPECT_THAT(MoneyDimensions(), AllOf(testing::Contains("funding"), testing::Contains("period"),
                                       testing::Not(testing::Contains("within"))));
  for (const std::string& dimension : MoneyDimensions()) {
    EXPECT_TRUE(MakeMoneyQuery({.by = {dimension}}).ok()) << dimension;
  }
}

}  // namespace
}  // namespace entente
