// SPDX-License-Identifier: Apache-2.0
//
// What queries answer: wholes and their parts, what the values of dimensions are, and filters.
// Query_shares_test.cc and its neighbours have the other rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Party(const std::string& role, const std::string& organisation) {
  return absl::StrCat("parties { role: PARTY_ROLE_", role, " organisation: 'organisations/",
                      organisation, "' } ");
}

TEST(QueryTest, NothingIsASumOfNothing) {
  const Ledger ledger;
  EXPECT_THAT(Rows(ledger, ""), ElementsAre(": "));
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": "));
  EXPECT_THAT(Rows(ledger, "group_by { field: 'currency_code' }"), IsEmpty());
  EXPECT_THAT(Totals(ledger, "group_by { field: 'currency_code' }"), ElementsAre("ANY: "));
}

TEST(QueryTest, AWholeAndItsPartsCountOnce) {
  Ledger ledger;
  ledger.PutClaims({{"aid", Amount("500", "MORE_THAN")},
                    {"health", Amount("100") + PartOf("aid") + For("health")},
                    {"schools", Amount("15", "AT_LEAST") + PartOf("aid") + For("schools")}});
  const auto answer = Ask(ledger, "group_by { field: 'initiative' }");
  EXPECT_THAT(ShowAll(answer.rows()), ElementsAre("initiatives/health: USD 100 of [100, 100], 1",
                                                  "initiatives/schools: USD 15 of [15, inf), 1",
                                                  "NOT_STATED: USD 385 of [0, inf), 1"));
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 500 of (500, inf), 1"));
  EXPECT_EQ(answer.totals(0).claims(), 1);
  EXPECT_THAT(Totals(ledger, "filter: '-initiative = \"initiatives/health\"'"),
              ElementsAre(": USD 400 of (400, inf), 1"));
}

TEST(QueryTest, RowsOfSeveralTreesAddUp) {
  Ledger ledger;
  ledger.PutClaims({{"aid", Amount("600", "NEARLY")},
                    {"bridges", Amount("100") + PartOf("aid")},
                    {"roads", Amount("7.5")},
                    {"ports", Amount("2", "UP_TO")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 609.5 of [107.5, 609.5), 3"));
  EXPECT_THAT(Rows(ledger, "group_by { field: 'remainder' }"),
              ElementsAre("false: USD 109.5 of [107.5, 109.5], 3", "true: USD 500 of [0, 500), 1"));
  EXPECT_THAT(
      Rows(ledger, "group_by { field: 'top_claim' } filter: 'NOT remainder = true'"),
      ElementsAre("claims/aid: USD 100 of [100, 100], 1", "claims/ports: USD 2 of [0, 2], 1",
                  "claims/roads: USD 7.5 of [7.5, 7.5], 1"));
}

TEST(QueryTest, PartsAsWrittenBeyondTheirWholeShowAsExcess) {
  Ledger ledger;
  ledger.PutClaims({{"loans", Amount("100")},
                    {"power", Amount("80", "UP_TO") + PartOf("loans")},
                    {"rail", Amount("80", "UP_TO") + PartOf("loans")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 100 of [100, 100], 1, excess 60"));
}

TEST(QueryTest, ContradictoryTreesAreLeftOut) {
  Ledger ledger;
  ledger.PutClaims(
      {{"aid", Amount("100")}, {"bridges", Amount("120") + PartOf("aid")}, {"other", Amount("1")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 1 of [1, 1], 1"));
  EXPECT_THAT(LeftOut(ledger, ""), ElementsAre("CONTRADICTORY: claims/aid, claims/bridges"));
}

TEST(QueryTest, DeletedClaimsAreNotThere) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1"));
  ledger.PutClaim("b", Amount("2"));
  ledger.DeleteClaim("a");
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 2 of [2, 2], 1"));
}

TEST(QueryTest, PartsInheritWhatTheyDoNotState) {
  Ledger ledger = World();
  ledger.PutClaims(
      {{"aid", Amount("10") + Places({{"laos", ""}}) + Sectors("1", {{"12220", ""}}) +
                   For("trade") + On("2023-05") + "period { edtf: '2024' } " +
                   Party("FUNDING", "usaid") + Party("RECEIVING", "asean") +
                   "instrument: CLAIM_INSTRUMENT_LOAN"},
       {"part", Amount("4") + PartOf("aid") + "instrument: CLAIM_INSTRUMENT_NOT_STATED"},
       {"of-part", Amount("1") + PartOf("part") + Places({{"thailand", ""}}) +
                       Sectors("1", {{"11220", ""}}) + For("health") + On("2022") +
                       Party("FUNDING", "mcc") + "instrument: CLAIM_INSTRUMENT_GRANT"}});
  const auto rows_by = [&](const std::string& dimension) {
    return Rows(ledger, "sector_vocabulary: '1' group_by { field: '" + dimension + "' }");
  };
  const std::string one = ": USD 1 of [1, 1], 1";
  const std::string nine = ": USD 9 of [9, 9], 1";
  EXPECT_THAT(rows_by("places"), ElementsAre("places/laos" + nine, "places/thailand" + one));
  EXPECT_THAT(rows_by("sectors"), ElementsAre("11220" + one, "12220" + nine));
  EXPECT_THAT(rows_by("initiative"),
              ElementsAre("initiatives/health" + one, "initiatives/trade" + nine));
  EXPECT_THAT(rows_by("value_date' unit: PERIOD_UNIT_YEAR fiscal_year: '"),
              ElementsAre("2022" + one, "2023" + nine));
  EXPECT_THAT(rows_by("period' unit: PERIOD_UNIT_YEAR fiscal_year: '"),
              ElementsAre("2024: USD 10 of [10, 10], 1"));
  EXPECT_THAT(rows_by("instrument"),
              ElementsAre("CLAIM_INSTRUMENT_GRANT" + one, "CLAIM_INSTRUMENT_LOAN" + nine));
  EXPECT_THAT(rows_by("funding"),
              ElementsAre("organisations/mcc" + one, "organisations/usaid" + nine));
  // Each role by itself: what names its funder has the recipient of its whole.
  EXPECT_THAT(rows_by("receiving"), ElementsAre("organisations/asean: USD 10 of [10, 10], 1"));
}

TEST(QueryTest, AWholesOwnAttributesAreThoseOfItsRemainder) {
  Ledger ledger = World();
  ledger.PutClaims({{"aid", Amount("10") + Places({{"asean", ""}})},
                    {"a", Amount("4") + PartOf("aid") + Places({{"laos", ""}})}});
  EXPECT_THAT(Rows(ledger, "group_by { field: 'places' } group_by { field: 'claim' }"),
              ElementsAre("places/asean | claims/aid: USD 6 of [6, 6], 1",
                          "places/laos | claims/a: USD 4 of [4, 4], 1"));
}

TEST(QueryTest, WhatIsNotStatedIsListedOrBounded) {
  Ledger ledger;
  ledger.PutClaims({{"a", ""},
                    {"aid", Amount("600")},
                    {"health", Amount("100") + PartOf("aid")},
                    {"schools", PartOf("aid")}});
  const auto answer = Ask(ledger, "group_by { field: 'claim' }");
  EXPECT_THAT(
      ShowAll(answer.rows()),
      ElementsAre("claims/a: USD unknown, 1 not stated", "claims/aid: USD 500 of [0, 500], 1",
                  "claims/health: USD 100 of [100, 100], 1",
                  "claims/schools: USD 0 of [0, 500], 1, 1 not stated"));
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 600 of [600, 600], 1, 1 not stated"));
  EXPECT_THAT(ShowAll(answer.totals(0).left_out()), ElementsAre("NOT_STATED: claims/a"));
  EXPECT_EQ(answer.totals(0).claims(), 2);
}

TEST(QueryTest, UnderAWholeThatIsNotStatedPartsCountOnTheirOwn) {
  Ledger ledger;
  ledger.PutClaims({{"aid", ""},
                    {"health", Amount("100") + PartOf("aid")},
                    {"schools", Amount("15", "AT_LEAST") + PartOf("aid")}});
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 115 of [115, inf), 1, 1 not stated"));
  EXPECT_THAT(LeftOut(ledger, ""), ElementsAre("NOT_STATED: claims/aid"));
}

TEST(QueryTest, SeveralValuesWithoutPercentagesAreOneRow) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("1") + Places({{"thailand", ""}, {"laos", ""}}));
  ledger.PutClaim("b", Amount("2") + Places({{"bangkok", ""}, {"laos", ""}}));
  ledger.PutClaim("c", Amount("4") + Places({{"laos", ""}}) + Party("LEAD", "usaid") +
                           "parties { role: PARTY_ROLE_LEAD person: 'people/x' }");
  const auto rows = Ask(ledger, "group_by { field: 'countries' }").rows();
  EXPECT_THAT(ShowAll(rows), ElementsAre("places/laos: USD 4 of [4, 4], 1",
                                         "places/laos + places/thailand: USD 3 of [3, 3], 2"));
  EXPECT_EQ(rows[1].values(0).title(), "Title of laos + Title of thailand");
  EXPECT_THAT(Rows(ledger, "group_by { field: 'lead' }"),
              ElementsAre("organisations/usaid + people/x: USD 4 of [4, 4], 1",
                          "NOT_STATED: USD 3 of [3, 3], 2"));
  // A filter takes all of what names one of them.
  EXPECT_THAT(Totals(ledger, "filter: 'countries:\"places/thailand\"'"),
              ElementsAre(": USD 3 of [3, 3], 2"));
}

TEST(QueryTest, PlacesByTheirKinds) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("1") + Places({{"bangkok", ""}}));
  ledger.PutClaim("b", Amount("2") + Places({{"asean", ""}}));
  ledger.PutClaim("c", Amount("4") + Places({{"asia", ""}}));
  ledger.PutClaim("d", Amount("8"));
  ledger.PutClaim("e", Amount("16") + Places({{"nowhere", ""}}));
  EXPECT_THAT(
      Rows(ledger, "group_by { field: 'countries' }"),
      ElementsAre("places/thailand: USD 1 of [1, 1], 1", "wider: places/asean: USD 2 of [2, 2], 1",
                  "wider: places/asia: USD 4 of [4, 4], 1",
                  "wider: places/nowhere: USD 16 of [16, 16], 1",
                  "NOT_STATED: USD 8 of [8, 8], 1"));
  EXPECT_THAT(Rows(ledger, "group_by { field: 'regions' }"),
              ElementsAre("places/asean: USD 3 of [3, 3], 2", "places/asia: USD 4 of [4, 4], 1",
                          "wider: places/nowhere: USD 16 of [16, 16], 1",
                          "NOT_STATED: USD 8 of [8, 8], 1"));
  EXPECT_THAT(Totals(ledger, "filter: 'within:\"places/asean\"'"),
              ElementsAre(": USD 3 of [3, 3], 2"));
}

TEST(QueryTest, ACountryBesideARegionIsSelectedByItsName) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("1") + Places({{"laos", ""}, {"asia", ""}}));
  EXPECT_THAT(Rows(ledger, "group_by { field: 'countries' }"),
              ElementsAre("wider: places/asia + places/laos: USD 1 of [1, 1], 1"));
  for (const char* field : {"places", "countries", "within"}) {
    EXPECT_THAT(Totals(ledger, absl::StrCat("filter: '", field, ":\"places/laos\"'")),
                ElementsAre(": USD 1 of [1, 1], 1"))
        << field;
  }
}

TEST(QueryTest, InitiativesByTheirDepth) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("1") + For("trade"));
  ledger.PutClaim("b", Amount("2") + For("customs"));
  ledger.PutClaim("c", Amount("4") + For("scanners"));
  ledger.PutClaim("d", Amount("8") + For("unknown"));
  ledger.PutClaim("e", Amount("16"));
  const auto at_level = [&](const std::string& level) {
    return Rows(ledger, "group_by { field: 'initiative' level: " + level + " }");
  };
  EXPECT_THAT(at_level("1"), ElementsAre("initiatives/trade: USD 7 of [7, 7], 3",
                                         "initiatives/unknown: USD 8 of [8, 8], 1",
                                         "NOT_STATED: USD 16 of [16, 16], 1"));
  EXPECT_THAT(at_level("2"), ElementsAre("initiatives/customs: USD 6 of [6, 6], 2",
                                         "wider: initiatives/trade: USD 1 of [1, 1], 1",
                                         "wider: initiatives/unknown: USD 8 of [8, 8], 1",
                                         "NOT_STATED: USD 16 of [16, 16], 1"));
  EXPECT_THAT(at_level("3"), ElementsAre("initiatives/scanners: USD 4 of [4, 4], 1",
                                         "wider: initiatives/customs: USD 2 of [2, 2], 1",
                                         "wider: initiatives/trade: USD 1 of [1, 1], 1",
                                         "wider: initiatives/unknown: USD 8 of [8, 8], 1",
                                         "NOT_STATED: USD 16 of [16, 16], 1"));
  EXPECT_THAT(Totals(ledger, "filter: 'initiatives:\"initiatives/customs\"'"),
              ElementsAre(": USD 6 of [6, 6], 2"));
  // The pillars of the nearest above.
  EXPECT_THAT(Rows(ledger, "group_by { field: 'pillars' }"),
              ElementsAre("partnerships/p/pillars/economy: USD 3 of [3, 3], 2",
                          "partnerships/p/pillars/security: USD 4 of [4, 4], 1",
                          "NOT_STATED: USD 24 of [24, 24], 2"));
}

TEST(QueryTest, MoneyForAWiderPlaceOrInitiativeCouldBeIncluded) {
  Ledger ledger = World();
  ledger.PutClaims({{"a", Amount("1") + Places({{"laos", ""}})},
                    {"b", Amount("2", "AT_LEAST") + Places({{"asean", ""}})},
                    {"c", Amount("4") + Places({{"thailand", ""}})},
                    {"d", Amount("8")},
                    {"e", Amount("16") + Places({{"asia", ""}}) + Stage("PLEDGED")}});
  const std::string laos = "filter: 'countries:\"places/laos\"'";
  const auto answer = Ask(ledger, laos);
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 1 of [1, 1], 1"));
  // Of two stages: they are kept apart, and do not keep the query from being answered.
  EXPECT_THAT(ShowAll(answer.could_include()),
              ElementsAre(": USD 16 of [16, 16], 1", ": USD 2 of [2, inf), 1"));
  EXPECT_THAT(answer.could_include(0).stages(), ElementsAre(v1::CLAIM_STAGE_PLEDGED));
  EXPECT_EQ(answer.could_include(0).kind(), v1::FUNDING_ROW_KIND_COULD_INCLUDE);
  EXPECT_THAT(
      CouldInclude(ledger, laos + " group_by { field: 'places' }"),
      ElementsAre("places/asean: USD 2 of [2, inf), 1", "places/asia: USD 16 of [16, 16], 1"));
  EXPECT_THAT(CouldInclude(ledger, "mix: MONEY_KIND_STAGE"), IsEmpty());
  EXPECT_THAT(CouldInclude(ledger, "filter: 'places:\"places/bangkok\" AND claim = \"claims/c\"'"),
              ElementsAre(": USD 4 of [4, 4], 1"));
  // The city could be for nothing wider.
  EXPECT_THAT(CouldInclude(ledger,
                           "filter: 'places:\"places/asia\" AND stage = "
                           "CLAIM_STAGE_COMMITTED'"),
              IsEmpty());

  ledger.PutClaims({{"f", Amount("1") + For("trade")}, {"g", Amount("2") + For("health")}});
  EXPECT_THAT(CouldInclude(ledger, "filter: 'initiatives:\"initiatives/scanners\"'"),
              ElementsAre(": USD 1 of [1, 1], 1"));
  EXPECT_THAT(CouldInclude(ledger, "filter: 'pillars:\"partnerships/p/pillars/security\"'"),
              ElementsAre(": USD 1 of [1, 1], 1"));
}

TEST(QueryTest, ARemainderForAWiderPlaceIsNotMoneyForTheNarrowerOne) {
  Ledger ledger = World();
  ledger.PutClaims({{"aid", Amount("500", "MORE_THAN") + Places({{"asean", ""}})},
                    {"a", Amount("100") + PartOf("aid") + Places({{"laos", ""}})}});
  const auto answer = Ask(ledger, "filter: 'within:\"places/laos\"'");
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 100 of [100, 100], 1"));
  EXPECT_THAT(ShowAll(answer.could_include()), ElementsAre(": USD 400 of (400, inf), 1"));
}

TEST(QueryTest, WhatCouldBeIncludedIsNotThereTwiceEither) {
  Ledger ledger = World();
  ledger.PutClaims({{"a", Amount("5") + Places({{"asean", ""}})},
                    {"b", Amount("5") + Places({{"asean", ""}}) + Relation("RESTATES", "a")},
                    {"c", Amount("7") + Places({{"asean", ""}}) + Relation("RESTATES", "d")},
                    {"d", Amount("7") + Places({{"laos", ""}})}});
  const auto answer = Ask(ledger, "filter: 'within:\"places/laos\"'");
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre(": USD 7 of [7, 7], 1"));
  EXPECT_THAT(ShowAll(answer.could_include()), ElementsAre(": USD 5 of [5, 5], 1"));
  EXPECT_THAT(ShowAll(answer.could_include(0).left_out()),
              ElementsAre("RESTATED: claims/b, claims/c"));
}

TEST(QueryTest, FiltersOverEverySortOfField) {
  Ledger ledger = World();
  ledger.PutClaims(
      {{"a", Amount("1") + On("2023-08-05") +
                 "title { text: 'Vaccines for all' } "
                 "citations { document: 'documents/sheet' } partnerships: 'partnerships/p' "
                 "period { edtf: '2024' }"},
       {"b", Amount("2", "AT_LEAST", "EUR") + On("2023") +
                 "description { text: 'cold chain, vaccines' } partnerships: 'partnerships/q'"},
       {"c", Amount("4") + Yearly() + Party("FUNDING", "usaid") +
                 "title { text: 'Scholarships' } instrument: CLAIM_INSTRUMENT_LOAN"}});
  const auto selected = [&](const std::string& filter) {
    std::vector<std::string> claims;
    const auto answer = Ask(ledger, "group_by { field: 'claim' } filter: '" + filter + "'");
    for (const auto& row : answer.rows()) claims.push_back(row.values(0).value().substr(7));
    return absl::StrJoin(claims, "");
  };
  EXPECT_EQ(selected(""), "abc");
  EXPECT_EQ(selected("claim = \"claims/b\""), "b");
  EXPECT_EQ(selected("claim = (\"claims/b\" OR \"claims/c\")"), "bc");
  EXPECT_EQ(selected("nature = CLAIM_NATURE_OWN_FUNDING AND recurring = true"), "c");
  EXPECT_EQ(selected("NOT recurring = true"), "ab");
  EXPECT_EQ(selected("-recurring = true currency_code = USD"), "a");
  EXPECT_EQ(selected("qualifier = QUALIFIER_AT_LEAST"), "b");
  EXPECT_EQ(selected("instrument != CLAIM_INSTRUMENT_LOAN"), "ab");
  EXPECT_EQ(selected("documents:\"documents/sheet\""), "a");
  EXPECT_EQ(selected("partnerships:(\"partnerships/p\" OR \"partnerships/q\")"), "ab");
  EXPECT_EQ(selected("funding:*"), "c");
  EXPECT_EQ(selected("funding:\"organisations/us*\""), "c");
  EXPECT_EQ(selected("vaccines"), "ab");
  EXPECT_EQ(selected("vaccines cold"), "b");
  EXPECT_EQ(selected("title.text = \"Schol*\""), "c");
  EXPECT_EQ(selected("value_date.edtf = 2023"), "b");
  EXPECT_EQ(selected("value_date.earliest >= 2023-02-01"), "a");
  EXPECT_EQ(selected("value_date.latest > 2023-08-05"), "b");
  EXPECT_EQ(selected("value_date:*"), "ab");
  EXPECT_EQ(selected("certainly(value_date, \"2023-08\")"), "a");
  EXPECT_EQ(selected("possibly(value_date, \"2023-08\")"), "ab");
  EXPECT_EQ(selected("NOT possibly(value_date, \"2023-08\")"), "c");
  EXPECT_EQ(selected("possibly(period, \"2024-06\")"), "a");
  EXPECT_EQ(selected("claim = \"claims/nobody\""), "");
}

TEST(QueryTest, AFilterThatIsWrongIsRefusedByName) {
  EXPECT_THAT(Ledger().Query("filter: 'colour = red'"),
              test::HasViolation("filter", HasSubstr("colour")));
  EXPECT_THAT(Ledger().Query("filter: 'stage ='"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(QueryTest, ValuesHaveTheTitlesOfWhatTheyName) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("1") + Places({{"laos", ""}}) + "title { text: 'Dams' }");
  const auto values = Ask(ledger,
                          "group_by { field: 'claim' } group_by { field: 'places' } "
                          "group_by { field: 'currency_code' }")
                          .rows(0)
                          .values();
  EXPECT_EQ(values[0].title(), "Dams");
  EXPECT_EQ(values[1].title(), "Title of laos");
  EXPECT_EQ(values[2].title(), "");
}

TEST(QueryTest, CurrenciesStayApart) {
  Ledger ledger;
  ledger.PutClaim("a", In("EUR", "1"));
  ledger.PutClaim("b", In("USD", "2"));
  ledger.PutClaim("c", In("VND", "3000"));
  EXPECT_THAT(Totals(ledger, ""),
              ElementsAre(": EUR 1 of [1, 1], 1; USD 2 of [2, 2], 1; VND 3000 of [3000, 3000], 1"));
}

TEST(QueryTest, LargeAnswersComeInSeveralMessages) {
  Ledger ledger;
  std::vector<std::pair<std::string, std::string>> claims;
  for (int i = 0; i < 40'000; ++i) {
    claims.emplace_back(absl::StrCat("c", i), Amount("1") + For(absl::StrCat("i", i)));
  }
  ledger.PutClaims(claims);
  const auto plan =
      MakePlan(FromText<v1::QueryFundingRequest>("group_by { field: 'initiative' }"), "");
  ASSERT_THAT(plan, test::IsOk());
  const auto evaluation = Evaluation::Of(*plan, ledger.Now(), OneThread());
  ASSERT_THAT(evaluation, test::IsOk());
  auto answer = MakeAnswer(**evaluation, nullptr);
  ASSERT_THAT(answer, test::IsOk());
  const auto& messages = answer->messages;
  EXPECT_GT(messages.size(), 1u);
  int rows = 0;
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_LE(messages[i]->ByteSizeLong(), size_t{2} << 20);
    EXPECT_EQ(messages[i]->totals_size(), i == 0 ? 1 : 0);
    rows += messages[i]->rows_size();
  }
  EXPECT_EQ(rows, 40'000);
}

TEST(QueryTest, AnswersStopWhenTheCallerHasGone) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1"));
  const auto plan = MakePlan({}, "");
  ASSERT_THAT(plan, test::IsOk());
  const auto gone =
      std::make_shared<const Resources>(nullptr, kDefaultQueryMemory, [] { return true; });
  EXPECT_THAT(Evaluation::Of(*plan, ledger.Now(), gone), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace entente::funding::query
