// SPDX-License-Identifier: Apache-2.0
//
// What queries answer about organisations that turned out to be one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/funding/query/show_test_util.h"

namespace entente::funding::query {
namespace {

using testing::ElementsAre;

constexpr char kByFunder[] = "group_by { field: 'funding' } ";

std::string FundedBy(const std::string& a, const std::string& b = "") {
  std::string text =
      " parties { role: PARTY_ROLE_FUNDING organisation: 'organisations/" + a + "' }";
  if (!b.empty()) {
    text += " parties { role: PARTY_ROLE_FUNDING organisation: 'organisations/" + b + "' }";
  }
  return text;
}

class QueryMergersTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* id : {"old", "older", "now", "other"}) Merge(id, "");
    ledger_.PutClaim("a", Amount("100") + FundedBy("old"));
    ledger_.PutClaim("b", Amount("20") + FundedBy("now"));
    ledger_.PutClaim("c", Amount("3") + FundedBy("other"));
    ledger_.PutClaim("both", Amount("7000") + FundedBy("old", "now"));
    ledger_.PutClaim("one-of-each", Amount("50000") + FundedBy("older", "other"));
  }

  void Merge(const std::string& id, const std::string& into) {
    ledger_.PutOrganisation(
        "organisations/" + id,
        into.empty() ? std::string() : "merged_into: 'organisations/" + into + "'");
  }

  Ledger ledger_;
};

TEST_F(QueryMergersTest, MoneyIsThatOfTheOrganisationThatThereIsNow) {
  EXPECT_THAT(Rows(ledger_, kByFunder),
              testing::UnorderedElementsAre(
                  "organisations/now: USD 20 of [20, 20], 1",
                  "organisations/now + organisations/old: USD 7000 of [7000, 7000], 1",
                  "organisations/old: USD 100 of [100, 100], 1",
                  "organisations/older + organisations/other: USD 50000 of [50000, 50000], 1",
                  "organisations/other: USD 3 of [3, 3], 1"));
  Merge("old", "now");
  Merge("older", "old");
  // A claim of two that are one is theirs once, and not of two together.
  EXPECT_THAT(Rows(ledger_, kByFunder),
              testing::UnorderedElementsAre(
                  "organisations/now: USD 7120 of [7120, 7120], 3",
                  "organisations/now + organisations/other: USD 50000 of [50000, 50000], 1",
                  "organisations/other: USD 3 of [3, 3], 1"));
  EXPECT_THAT(Totals(ledger_, ""), ElementsAre(": USD 57123 of [57123, 57123], 5"));
}

TEST_F(QueryMergersTest, EveryNameFindsAllOfIt) {
  Merge("old", "now");
  Merge("older", "old");
  for (const char* name : {"now", "old", "older"}) {
    const std::string is = "funding:\"organisations/" + std::string(name) + "\"";
    EXPECT_THAT(Totals(ledger_, "filter: '" + is + "'"),
                ElementsAre(": USD 57120 of [57120, 57120], 4"))
        << name;
    EXPECT_THAT(Totals(ledger_, "filter: 'NOT " + is + "'"), ElementsAre(": USD 3 of [3, 3], 1"))
        << name;
  }
}

TEST_F(QueryMergersTest, AMergerCanBeTakenBack) {
  const auto before = Rows(ledger_, kByFunder);
  Merge("old", "now");
  EXPECT_NE(Rows(ledger_, kByFunder), before);
  Merge("old", "");
  EXPECT_EQ(Rows(ledger_, kByFunder), before);
}

}  // namespace
}  // namespace entente::funding::query
