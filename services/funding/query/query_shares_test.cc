// SPDX-License-Identifier: Apache-2.0
//
// What queries answer where claims divide their money by percentages, and about sectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kByPlace[] = "group_by { field: 'places' } ";
constexpr char kBySector[] = "sector_vocabulary: '1' group_by { field: 'sectors' } ";

TEST(QuerySharesTest, PercentagesDivideAClaim) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("600", "NEARLY") + Places({{"laos", "60"}, {"thailand", "40"}}));
  const auto answer = Ask(ledger, kByPlace);
  EXPECT_THAT(ShowAll(answer.rows()), ElementsAre("places/laos: USD 360 of [0, 360), 1",
                                                  "places/thailand: USD 240 of [0, 240), 1"));
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 600 of [0, 600), 1"));
  EXPECT_EQ(answer.totals(0).claims(), 1);
  // By other dimensions, and without any, it is one claim as it is.
  EXPECT_THAT(Totals(ledger, ""), ElementsAre(": USD 600 of [0, 600), 1"));
  EXPECT_THAT(Totals(ledger, "filter: 'places:\"places/laos\"'"),
              ElementsAre(": USD 360 of [0, 360), 1"));
  EXPECT_THAT(Totals(ledger, "filter: 'within:\"places/asean\"'"),
              ElementsAre(": USD 600 of [0, 600), 1"));
}

TEST(QuerySharesTest, WhatPercentagesLeaveOverIsUnallocated) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("100") + Places({{"laos", "60"}, {"thailand", "30.5"}}));
  EXPECT_THAT(Rows(ledger, kByPlace), ElementsAre("places/laos: USD 60 of [60, 60], 1",
                                                  "places/thailand: USD 30.5 of [30.5, 30.5], 1",
                                                  "UNALLOCATED: USD 9.5 of [9.5, 9.5], 1"));
  EXPECT_THAT(Totals(ledger, "filter: 'NOT places:*'"), ElementsAre(": USD 9.5 of [9.5, 9.5], 1"));
}

TEST(QuerySharesTest, OrIsForWhatHasNoPercentage) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("100") + Places({{"laos", "60"}, {"thailand", ""}, {"bangkok", ""}}));
  EXPECT_THAT(Rows(ledger, kByPlace),
              ElementsAre("places/bangkok + places/thailand: USD 40 of [40, 40], 1",
                          "places/laos: USD 60 of [60, 60], 1"));
  EXPECT_THAT(
      Rows(ledger, "group_by { field: 'countries' }"),
      ElementsAre("places/laos: USD 60 of [60, 60], 1", "places/thailand: USD 40 of [40, 40], 1"));
}

TEST(QuerySharesTest, ThirdsGoToTheLastMinorUnit) {
  const std::string thirds =
      Places({{"laos", "33.33"}, {"thailand", "33.33"}, {"bangkok", "33.34"}});
  const auto rows = [&](const std::string& currency, const std::string& value) {
    Ledger ledger = World();
    ledger.PutClaim("a", In(currency, value) + thirds);
    return Rows(ledger, kByPlace);
  };
  EXPECT_THAT(rows("USD", "0.05"), ElementsAre("places/bangkok: USD 0.02 of [0.02, 0.02], 1",
                                               "places/laos: USD 0.02 of [0.02, 0.02], 1",
                                               "places/thailand: USD 0.01 of [0.01, 0.01], 1"));
  EXPECT_THAT(rows("JPY", "100"), ElementsAre("places/bangkok: JPY 34 of [34, 34], 1",
                                              "places/laos: JPY 33 of [33, 33], 1",
                                              "places/thailand: JPY 33 of [33, 33], 1"));
  EXPECT_THAT(rows("VND", "2"),
              ElementsAre("places/bangkok: VND 1 of [1, 1], 1", "places/laos: VND 1 of [1, 1], 1",
                          "places/thailand: VND 0 of [0, 0], 1"));
  EXPECT_THAT(rows("BHD", "0.01"), ElementsAre("places/bangkok: BHD 0.004 of [0.004, 0.004], 1",
                                               "places/laos: BHD 0.003 of [0.003, 0.003], 1",
                                               "places/thailand: BHD 0.003 of [0.003, 0.003], 1"));
}

TEST(QuerySharesTest, RemaindersAreDividedToo) {
  Ledger ledger = World();
  ledger.PutClaims({{"aid", Amount("600", "NEARLY") + Places({{"laos", "50"}, {"thailand", "50"}})},
                    {"a", Amount("100") + PartOf("aid") + Places({{"bangkok", ""}})}});
  EXPECT_THAT(Rows(ledger, kByPlace), ElementsAre("places/bangkok: USD 100 of [100, 100], 1",
                                                  "places/laos: USD 250 of [0, 250), 1",
                                                  "places/thailand: USD 250 of [0, 250), 1"));
  EXPECT_THAT(Rows(ledger, "group_by { field: 'countries' }"),
              ElementsAre("places/laos: USD 250 of [0, 250), 1",
                          "places/thailand: USD 350 of [100, 350), 1"));
}

TEST(QuerySharesTest, PercentagesAreInheritedWithTheirPlaces) {
  Ledger ledger = World();
  ledger.PutClaims({{"aid", Amount("100") + Places({{"laos", "50"}, {"thailand", "50"}})},
                    {"a", Amount("10") + PartOf("aid")}});
  EXPECT_THAT(Rows(ledger, std::string(kByPlace) + "group_by { field: 'claim' }"),
              ElementsAre("places/laos | claims/a: USD 5 of [5, 5], 1",
                          "places/laos | claims/aid: USD 45 of [45, 45], 1",
                          "places/thailand | claims/a: USD 5 of [5, 5], 1",
                          "places/thailand | claims/aid: USD 45 of [45, 45], 1"));
}

TEST(QuerySharesTest, PlacesAndSectorsDivideAtOnce) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("0.06") + Places({{"laos", "50"}, {"thailand", "50"}}) +
                           Sectors("1", {{"1", "25"}, {"2", "25"}, {"3", "25"}, {"4", "25"}}));
  // By places first, whichever is named first: so places are what they are alone.
  const auto cells = [&](const std::string& dimensions) {
    std::map<std::string, std::string> all;
    const auto answer = Ask(ledger, dimensions);
    for (const auto& row : answer.rows()) {
      const bool place_first = row.values(0).value().size() > 1;
      all[row.values(place_first ? 0 : 1).value().substr(7) +
          row.values(place_first ? 1 : 0).value()] = row.sums(0).stated();
    }
    return all;
  };
  const std::map<std::string, std::string> expected = {
      {"laos1", "0.01"},     {"laos2", "0.01"},     {"laos3", "0.01"},     {"laos4", "0"},
      {"thailand1", "0.01"}, {"thailand2", "0.01"}, {"thailand3", "0.01"}, {"thailand4", "0"}};
  EXPECT_EQ(cells(std::string(kByPlace) + kBySector), expected);
  EXPECT_EQ(cells(std::string(kBySector) + kByPlace), expected);
  EXPECT_THAT(Rows(ledger, std::string(kByPlace) + "sector_vocabulary: '1' filter: 'sectors:*'"),
              ElementsAre("places/laos: USD 0.03 of [0.03, 0.03], 1",
                          "places/thailand: USD 0.03 of [0.03, 0.03], 1"));
}

TEST(QuerySharesTest, VocabulariesNeverDouble) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("10") + Sectors("1", {{"11220", "70"}, {"12220", "30"}}) +
                           Sectors("99", {{"climate", "100"}}));
  const auto answer = Ask(ledger, kBySector);
  EXPECT_THAT(ShowAll(answer.rows()),
              ElementsAre("11220: USD 7 of [7, 7], 1", "12220: USD 3 of [3, 3], 1"));
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 10 of [10, 10], 1"));
  EXPECT_THAT(Rows(ledger, "sector_vocabulary: '99' group_by { field: 'sectors' }"),
              ElementsAre("climate: USD 10 of [10, 10], 1"));
  EXPECT_THAT(Rows(ledger, "sector_vocabulary: '7' group_by { field: 'sectors' }"),
              ElementsAre("NOT_STATED: USD 10 of [10, 10], 1"));
}

TEST(QuerySharesTest, SectorsByTheirLeadingDigits) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1") + Sectors("1", {{"12220", ""}}));
  ledger.PutClaim("b", Amount("2") + Sectors("1", {{"12261", ""}}));
  ledger.PutClaim("c", Amount("4") + Sectors("2", {{"122", ""}}));
  ledger.PutClaim("d", Amount("8") + Sectors("1", {{"12220", "50"}, {"31110", "25"}}));
  const auto at_level = [&](const std::string& level) {
    return Rows(ledger,
                "sector_vocabulary: '1' group_by { field: 'sectors' level: " + level + " }");
  };
  EXPECT_THAT(at_level("0"),
              ElementsAre("12220: USD 5 of [5, 5], 2", "12261: USD 2 of [2, 2], 1",
                          "31110: USD 2 of [2, 2], 1", "wider: 122: USD 4 of [4, 4], 1",
                          "UNALLOCATED: USD 2 of [2, 2], 1"));
  EXPECT_THAT(at_level("3"), ElementsAre("122: USD 11 of [11, 11], 4", "311: USD 2 of [2, 2], 1",
                                         "UNALLOCATED: USD 2 of [2, 2], 1"));
  EXPECT_THAT(at_level("4"),
              ElementsAre("1222: USD 5 of [5, 5], 2", "1226: USD 2 of [2, 2], 1",
                          "3111: USD 2 of [2, 2], 1", "wider: 122: USD 4 of [4, 4], 1",
                          "UNALLOCATED: USD 2 of [2, 2], 1"));
}

TEST(QuerySharesTest, MoneyOfAWiderSectorCouldBeIncluded) {
  Ledger ledger;
  ledger.PutClaim("a", Amount("1") + Sectors("1", {{"12220", ""}}));
  ledger.PutClaim("b", Amount("10") + Sectors("2", {{"122", "40"}, {"311", "60"}}));
  ledger.PutClaim("c", Amount("8") + Sectors("99", {{"12220", ""}}));
  ledger.PutClaim("d", Amount("16"));
  const std::string filter = "sector_vocabulary: '1' filter: 'sectors:\"12220\"'";
  EXPECT_THAT(Totals(ledger, filter), ElementsAre(": USD 1 of [1, 1], 1"));
  EXPECT_THAT(CouldInclude(ledger, filter), ElementsAre(": USD 4 of [4, 4], 1"));
  EXPECT_THAT(CouldInclude(ledger, "sector_vocabulary: '99' filter: 'sectors:\"x\"'"), IsEmpty());
}

TEST(QuerySharesTest, RatesAndNegativeAmountsAreDividedLikeOthers) {
  Ledger ledger = World();
  const std::string places = Places({{"laos", "50"}, {"thailand", "50"}});
  ledger.PutClaim("a", Amount("-0.05") + places);
  ledger.PutClaim("b", Amount("3") + Yearly() + places);
  EXPECT_THAT(Rows(ledger, std::string(kByPlace) + "filter: 'recurring = true'"),
              ElementsAre("places/laos: USD 1.5 of [1.5, 1.5], 1, every 1 YEAR",
                          "places/thailand: USD 1.5 of [1.5, 1.5], 1, every 1 YEAR"));
  const auto answer = Ask(ledger, std::string(kByPlace) + "horizon: '2024/2025'");
  EXPECT_THAT(ShowAll(answer.totals()), ElementsAre("ANY: USD 5.95 of [5.95, 5.95], 2"));
  EXPECT_THAT(answer.rows(), testing::SizeIs(2));
}

TEST(QuerySharesTest, APlaceOfNothingHasARowOfNothing) {
  Ledger ledger = World();
  ledger.PutClaim("a", Amount("5") + Places({{"laos", "100"}, {"thailand", "0"}}));
  EXPECT_THAT(Rows(ledger, kByPlace), ElementsAre("places/laos: USD 5 of [5, 5], 1",
                                                  "places/thailand: USD 0 of [0, 0], 1"));
}

}  // namespace
}  // namespace entente::funding::query
