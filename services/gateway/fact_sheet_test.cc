// SPDX-License-Identifier: Apache-2.0
//
// The money of fact sheets by real servers, where claims of several partnerships lead to each
// other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/matchers.h"
#include "common/testing/test_servers.h"
#include "entente/funding/v1/query.pb.h"
#include "entente/gateway/v1/fact_sheet.pb.h"

namespace entente::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FactSheetTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(servers_.Start(), test::IsOk()); }

  void CreatePartnership(const std::string& id) {
    ASSERT_THAT(
        servers_.catalogue().Send(
            "CreatePartnership",
            absl::StrCat("partnership_id: '", id, "' partnership { title { text: '", id, "' } }")),
        test::IsOk());
    ASSERT_THAT(servers_.AwaitFollowers(), test::IsOk());
  }

  absl::Status CreateClaim(const std::string& id, const std::string& partnership,
                           const std::string& more) {
    return servers_.funding().Send(
        "CreateClaim",
        absl::StrCat("claim_id: '", id, "' claim { title { text: 'Claim ", id,
                     "' } partnerships: 'partnerships/", partnership,
                     "' nature: CLAIM_NATURE_OWN_FUNDING instrument: CLAIM_INSTRUMENT_GRANT ", more,
                     " }"));
  }

  v1::FactSheet SheetOf(const std::string& partnership) {
    const auto sheet = servers_.gateway().Call<v1::FactSheet>(
        "ComposeFactSheet",
        absl::StrCat("name: 'partnerships/", partnership, "' as_of: '2024-01-01'"));
    EXPECT_THAT(sheet, test::IsOk());
    return sheet.value_or(v1::FactSheet());
  }

  // Bounds and the sum as stated, by stage: in the sheet, and as funding has them.
  using Money = std::map<std::string, std::string>;
  static Money MoneyIn(const v1::FactSheet& sheet) {
    Money money;
    for (const auto& row : sheet.money()) {
      money[funding::v1::ClaimStage_Name(row.stage())] =
          absl::StrCat(row.bounds().ShortDebugString(), " ", row.stated());
    }
    return money;
  }
  Money MoneyOf(const std::string& partnership) {
    const auto answer = servers_.funding().Call<funding::v1::QueryFundingResponse>(
        "QueryFunding", absl::StrCat("filter: 'partnerships:\"partnerships/", partnership,
                                     "\"' group_by { field: 'stage' }"));
    EXPECT_THAT(answer, test::IsOk());
    Money money;
    if (!answer.ok()) return money;
    for (const auto& row : answer->rows()) {
      for (const auto& sum : row.sums()) {
        money[row.values(0).value()] =
            absl::StrCat(sum.bounds().ShortDebugString(), " ", sum.stated());
      }
    }
    return money;
  }

  test::TestServers servers_;
};

constexpr char kCommitted[] = "stage: CLAIM_STAGE_COMMITTED ";

constexpr char kUnstated[] =
    "amount { currency_code: 'USD' figure { qualifier: QUALIFIER_NOT_STATED } } ";

std::string Dollars(int value) {
  return absl::StrCat("amount { currency_code: 'USD' figure { value: '", value, "' } } ");
}

std::string Relation(const std::string& kind, const std::string& claim) {
  return absl::StrCat("relations { kind: CLAIM_RELATION_KIND_", kind, " claim: 'claims/", claim,
                      "' } ");
}

TEST_F(FactSheetTest, WhatTakesThePlaceOfAClaimElsewhereIsHeeded) {
  CreatePartnership("p");
  CreatePartnership("q");
  ASSERT_THAT(CreateClaim("old", "p", absl::StrCat(kCommitted, Dollars(7))), test::IsOk());
  ASSERT_THAT(CreateClaim("stays", "p", absl::StrCat(kCommitted, Dollars(5))), test::IsOk());
  ASSERT_THAT(
      CreateClaim("new", "q", absl::StrCat(kCommitted, Dollars(8), Relation("SUPERSEDES", "old"))),
      test::IsOk());
  const v1::FactSheet sheet = SheetOf("p");
  EXPECT_EQ(MoneyIn(sheet), MoneyOf("p"));
  ASSERT_EQ(sheet.money_size(), 1);
  EXPECT_EQ(sheet.money(0).stated(), "5");
  EXPECT_THAT(sheet.money(0).claims(), ElementsAre("claims/stays"));
  std::vector<std::string> said;
  for (const auto& statement : sheet.sections(0).statements()) said.push_back(statement.text());
  EXPECT_THAT(absl::StrJoin(said, "\n"),
              HasSubstr("Its place is taken by “Claim new”; it is in no sum."));
  EXPECT_THAT(sheet.unresolved(), IsEmpty());
}

TEST_F(FactSheetTest, WhatAPartElsewhereTakesOfAWholeIsNotOfThisPartnership) {
  CreatePartnership("p");
  CreatePartnership("q");
  ASSERT_THAT(CreateClaim("whole", "p", absl::StrCat(kCommitted, Dollars(10))), test::IsOk());
  ASSERT_THAT(
      CreateClaim("part", "q", absl::StrCat(kCommitted, Dollars(4), "part_of: 'claims/whole'")),
      test::IsOk());
  const v1::FactSheet sheet = SheetOf("p");
  EXPECT_EQ(MoneyIn(sheet), MoneyOf("p"));
  ASSERT_EQ(sheet.money_size(), 1);
  EXPECT_EQ(sheet.money(0).stated(), "6");
  EXPECT_THAT(sheet.money(0).statement().text(), HasSubstr("$6, a share, for “Claim whole”"));
}

// Any claims of two partnerships, that are parts of each other, tell of the same money and take
// each other's places: what is refused on write is left out.
TEST_F(FactSheetTest, TheSumsAreThoseOfFundingHoweverClaimsLeadToEachOther) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same each time
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  constexpr int kRounds = 25;
  constexpr int kClaims = 12;
  int written = 0;
  int apart = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<std::string> partnerships = {absl::StrCat("p", round),
                                                   absl::StrCat("q", round)};
    for (const std::string& partnership : partnerships) CreatePartnership(partnership);
    const auto id = [&](int claim) { return absl::StrCat("r", round, "-", claim); };
    for (int claim = 0; claim < kClaims; ++claim) {
      std::string more = below(3) > 0 ? kCommitted : "stage: CLAIM_STAGE_PLEDGED ";
      absl::StrAppend(&more,
                      below(4) > 0 ? Dollars(1 + below(20) * (claim < 4 ? 20 : 1)) : kUnstated);
      if (claim > 0 && below(2) == 0) {
        absl::StrAppend(&more, "part_of: 'claims/", id(below(claim)), "' ");
      }
      if (claim > 0 && below(3) == 0) {
        const char* const kinds[] = {"RESTATES", "PASSED_ON_FROM", "SUPERSEDES", "REALISES"};
        absl::StrAppend(&more, Relation(kinds[below(4)], id(below(claim))));
      }
      if (CreateClaim(id(claim), partnerships[static_cast<size_t>(below(2))], more).ok()) ++written;
    }
    for (const std::string& partnership : partnerships) {
      const Money expected = MoneyOf(partnership);
      EXPECT_EQ(MoneyIn(SheetOf(partnership)), expected) << partnership;
      apart += static_cast<int>(expected.size());
    }
  }
  EXPECT_GT(written, kRounds * kClaims / 2);
  EXPECT_GT(apart, kRounds);
}

}  // namespace
}  // namespace entente::gateway
