// SPDX-License-Identifier: Apache-2.0
// Exchange rates as resources.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

class RateSeriesTest : public ConformanceTest {
 protected:
  Collection series() { return Of<RateSeries>(); }

  // Daily rates of EUR in USD.
  static std::string Daily(const std::string& rates) {
    return absl::StrCat(
        "title { text: 'T' } kind: RATE_KIND_DAILY_REFERENCE source: 'Source: ECB' "
        "base_currency_code: 'EUR' quote_currency_code: 'USD' ",
        rates);
  }
  absl::StatusOr<RateSeries> Create(const std::string& id, const std::string& fields) {
    return funding().Call<RateSeries>(
        "CreateRateSeries",
        absl::StrCat("rate_series_id: '", id, "' rate_series { ", fields, " }"));
  }
};
INSTANTIATE_CONFORMANCE(RateSeriesTest);

TEST_P(RateSeriesTest, YearsAndCanonicalValuesAreFilledIn) {
  EXPECT_THAT(Create("a", Daily("rates { date: '2024-02-28' value: '1.0830' } "
                                "rates { date: '2024-02-29' value: '01.0813' } first_year: 7")),
              IsOkAndHolds(Partially(EqualsProto(R"pb(name: "rateSeries/a"
                                                      rates { date: "2024-02-28" value: "1.083" }
                                                      rates { date: "2024-02-29" value: "1.0813" }
                                                      first_year: 2024
                                                      last_year: 2024)pb"))));
  // Written once more as it was given, it reads like that already.
  EXPECT_THAT(series().Apply({absl::StrCat("put { rate_series { name: 'rateSeries/a' ",
                                           Daily("rates { date: '2024-02-28' value: '1.08300' } "
                                                 "rates { date: '2024-02-29' value: '1.0813' }"),
                                           " } }")}),
              IsOkAndHolds(Pointee(Partially(EqualsProto(
                  "results { name: 'rateSeries/a' outcome: CHANGE_OUTCOME_UNCHANGED }")))));
}

TEST_P(RateSeriesTest, AllFaultsAreReportedAtOnce) {
  EXPECT_THAT(Create("a", R"pb(title { text: "T" }
                               kind: RATE_KIND_DAILY_REFERENCE
                               source: "Source: ECB"
                               base_currency_code: "euro"
                               quote_currency_code: "USD"
                               rates { date: "2023-02-29" value: "1" }
                               rates { date: "2023-03-01" value: "0" }
                               rates { date: "2023-03-01" value: "1" }
                               rates { date: "2024-03-01" value: "1e3" }
                               rates {})pb"),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                    ViolationsAre(UnorderedElementsAre(
                        "rate_series.base_currency_code", "rate_series.rates[0].date",
                        "rate_series.rates[1].value", "rate_series.rates[2].date",
                        "rate_series.rates[3].date", "rate_series.rates[3].value",
                        "rate_series.rates[4].date", "rate_series.rates[4].value"))));
}

TEST_P(RateSeriesTest, SeriesDoNotContradictEachOther) {
  ASSERT_THAT(Create("a", Daily("rates { date: '2023-09-05' value: '1.0731' }")), IsOk());
  EXPECT_THAT(Create("b", Daily("rates { date: '2023-09-05' value: '1.0732' }")),
              Refuses("rate_series.rates[0].value", HasSubstr("contradicts rateSeries/a")));
  EXPECT_THAT(Create("b", Daily("rates { date: '2023-09-05' value: '1.07310' }")), IsOk());
  EXPECT_THAT(funding().Send("UpdateRateSeries",
                             "rate_series { name: 'rateSeries/a' rates { date: '2023-09-05' value: "
                             "'2' } }"),
              Refuses("rate_series.rates[0].value", HasSubstr("contradicts rateSeries/b")));
  ASSERT_THAT(series().Delete("b"), IsOk());
  EXPECT_THAT(funding().Send("UpdateRateSeries",
                             "rate_series { name: 'rateSeries/a' rates { date: '2023-09-05' value: "
                             "'2' } }"),
              IsOk());
  EXPECT_THAT(series().Undelete("b"), Refuses("rates[0].value", _))
      << "what comes back must fit as well";
}

TEST_P(RateSeriesTest, FiltersKnowYearsAndCurrencies) {
  ASSERT_THAT(Create("a", Daily("rates { date: '2023-09-05' value: '9' }")), IsOk());
  ASSERT_THAT(Create("b", Daily("rates { date: '2024-09-05' value: '10' }")), IsOk());
  EXPECT_THAT(series().ListAll(10, "filter: 'last_year < 2024'"), ElementsAre("rateSeries/a"));
  EXPECT_THAT(series().ListAll(10, "filter: 'rates.date:\"2024-09-05\"'"),
              ElementsAre("rateSeries/b"));
  EXPECT_THAT(series().ListAll(10, "filter: 'quote_currency_code = \"THB\"'"), IsEmpty());
}

TEST_P(RateSeriesTest, RatesAreRevisionsLikeEverythingElse) {
  const auto first = Create("a", Daily("rates { date: '2023-09-05' value: '1' }"));
  ASSERT_THAT(first, IsOk());
  const auto watch = funding().Watch("include_current: true");
  ASSERT_TRUE(watch->NextChange().has_value());
  ASSERT_THAT(funding().Send("UpdateRateSeries",
                             "rate_series { name: 'rateSeries/a' rates { date: '2023-09-05' value: "
                             "'2' } }"),
              IsOk());
  EXPECT_THAT(
      funding().Call<RateSeries>(
          "GetRateSeries", absl::StrCat("name: 'rateSeries/a' revision: ", first->revision())),
      IsOkAndHolds(EqualsProto(*first)));
  const auto change = watch->NextChange();
  ASSERT_TRUE(change.has_value());
  EXPECT_THAT(*change->resources.at(0),
              Partially(EqualsProto("rates { date: '2023-09-05' value: '2' }")));
}

}  // namespace
}  // namespace entente::conformance
