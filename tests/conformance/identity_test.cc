// SPDX-License-Identifier: Apache-2.0
// Which organisation a name means, and what it means everywhere that two are one.
#include "entente/catalogue/v1/resolution.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using catalogue::v1::ResolveOrganisationsResponse;
using funding::v1::QueryFundingResponse;

class IdentityTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    const Collection organisations = Of<Organisation>();
    ASSERT_THAT(organisations.Create("old", *organisations.New("acronyms: 'OLD' external_ids { "
                                                               "scheme: 's' value: '1' }")),
                IsOk());
    ASSERT_THAT(organisations.Create("now", *organisations.New("acronyms: 'NOW'")), IsOk());
  }

  // The organisation that `text` means; what became of it where it means none or several.
  std::string Resolve(const std::string& reference, const std::string& more = "") {
    const auto response = catalogue().Call<ResolveOrganisationsResponse>(
        "ResolveOrganisations", absl::StrCat("references { ", reference, " } ", more));
    EXPECT_THAT(response, IsOk());
    if (!response.ok() || response->resolutions_size() != 1) return "no answer";
    const auto& resolution = response->resolutions(0);
    return resolution.organisation().empty()
               ? catalogue::v1::ResolutionOutcome_Name(resolution.outcome())
               : resolution.organisation();
  }
  void Merge(const std::string& into) {
    const Collection organisations = Of<Organisation>();
    const MessagePtr old = organisations.Get("old").value();
    SetText(old.get(), "merged_into", into);
    ASSERT_THAT(organisations.Update(*old, "update_mask { paths: 'merged_into' }"), IsOk());
  }
};
INSTANTIATE_CONFORMANCE(IdentityTest);

TEST_P(IdentityTest, NamesResolve) {
  EXPECT_EQ(Resolve("text: 'o.l.d.'"), "organisations/old");
  EXPECT_EQ(Resolve("text: 'organisations/now'"), "organisations/now");
  EXPECT_EQ(Resolve("external_id { scheme: 's' value: '1' }"), "organisations/old");
  EXPECT_EQ(Resolve("text: 'nobody'"), "RESOLUTION_OUTCOME_NOT_FOUND");
}

TEST_P(IdentityTest, AMergerHoldsUntilItIsTakenBackAndInThePast) {
  const int64_t before = RevisionOf(Of<Organisation>());
  Merge("organisations/now");
  EXPECT_EQ(Resolve("text: 'OLD'"), "organisations/now");
  EXPECT_EQ(Resolve("external_id { scheme: 's' value: '1' }"), "organisations/now");
  EXPECT_EQ(Resolve("text: 'OLD'", absl::StrCat("revision: ", before)), "organisations/old");
  EXPECT_EQ(Text(**Of<Organisation>().Get("old"), "merged_into"), "organisations/now");
  // What others refer to stays.
  EXPECT_THAT(Of<Organisation>().Delete("now"),
              Fails(absl::StatusCode::kFailedPrecondition, "RESOURCE_IN_USE"));
  Merge("");
  EXPECT_EQ(Resolve("text: 'OLD'"), "organisations/old");
}

TEST_P(IdentityTest, CyclesAndSecondOwnersOfIdentifiersAreRefused) {
  const Collection organisations = Of<Organisation>();
  Merge("organisations/now");
  const MessagePtr now = organisations.Get("now").value();
  SetText(now.get(), "merged_into", "organisations/old");
  EXPECT_THAT(organisations.Update(*now),
              Refuses("organisation.merged_into", HasSubstr("leads back")));
  EXPECT_THAT(
      organisations.Create("x", *organisations.New("external_ids { scheme: 's' value: '1' }")),
      Refuses("organisation.external_ids[0]", HasSubstr("organisations/old")));
}

TEST_P(IdentityTest, FiltersFindEitherByTheNameOfEither) {
  const std::string party = "parties { role: PARTY_ROLE_FUNDING organisation: 'organisations/";
  for (const char* id : {"old", "now"}) {
    ASSERT_THAT(Of<Claim>().Create(id, *Of<Claim>().New(absl::StrCat(party, id, "' }"))), IsOk());
    ASSERT_THAT(Of<Event>().Create(id, *Of<Event>().New(absl::StrCat(party, id, "' }"))), IsOk());
    ASSERT_THAT(Of<Initiative>().Create(id, *Of<Initiative>().New(absl::StrCat(party, id, "' }"))),
                IsOk());
  }
  const auto found = [](const Collection& collection, const std::string& filter,
                        const std::string& more = "") {
    const auto response = collection.List(absl::StrCat("filter: '", filter, "' ", more));
    EXPECT_THAT(response, IsOk());
    return response.ok() ? static_cast<int>(collection.NamesIn(**response).size()) : -1;
  };
  const std::string by_old = "parties.organisation:\"organisations/old\"";
  const std::string by_now = "parties.organisation:\"organisations/now\"";
  EXPECT_EQ(found(Of<Initiative>(), by_old), 1);
  const int64_t before = RevisionOf(Of<Organisation>());
  Merge("organisations/now");
  EXPECT_EQ(found(Of<Initiative>(), by_old), 2);
  EXPECT_EQ(found(Of<Initiative>(), by_now), 2);
  EXPECT_EQ(found(Of<Initiative>(), "NOT " + by_now), 0);
  EXPECT_EQ(found(Of<Initiative>(), by_now, absl::StrCat("revision: ", before)), 1);
  // The others hear of it by the catalogue's watch.
  for (const Collection& collection : {Of<Claim>(), Of<Event>()}) {
    const absl::Time patience = absl::Now() + test::kPatience;
    while (found(collection, by_old) < 2 && absl::Now() < patience) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_EQ(found(collection, by_old), 2);
    EXPECT_EQ(found(collection, by_now), 2);
    EXPECT_EQ(found(collection, "parties.organisation:\"organisations/no*\""), 1);
  }
}

TEST_P(IdentityTest, FundingIsThatOfTheSurvivor) {
  const Collection claims = Of<Claim>();
  for (const char* id : {"old", "now"}) {
    ASSERT_THAT(claims.Create(
                    id, *claims.New(absl::StrCat("parties { role: PARTY_ROLE_FUNDING organisation: "
                                                 "'organisations/",
                                                 id, "' }"))),
                IsOk());
  }
  Merge("organisations/now");
  const int64_t merged = RevisionOf(Of<Organisation>());
  // Funding hears of it by the catalogue's watch.
  QueryFundingResponse answer;
  const absl::Time patience = absl::Now() + test::kPatience;
  do {
    const auto response = funding().Call<QueryFundingResponse>(
        "QueryFunding",
        "group_by { field: 'funding' } filter: 'funding:\"organisations/old\"' "
        "mix: MONEY_KIND_STAGE mix: MONEY_KIND_NATURE mix: MONEY_KIND_DIRECTION");
    ASSERT_THAT(response, IsOk());
    answer = *response;
  } while (answer.catalogue_revision() < merged && absl::Now() < patience);
  ASSERT_EQ(answer.rows_size(), 1);
  EXPECT_EQ(answer.rows(0).claims(), 2);
  ASSERT_EQ(answer.rows(0).values_size(), 1);
  EXPECT_EQ(answer.rows(0).values(0).value(), "organisations/now");
}

}  // namespace
}  // namespace entente::conformance
