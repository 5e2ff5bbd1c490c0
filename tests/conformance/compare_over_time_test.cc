// SPDX-License-Identifier: Apache-2.0
// What is new, changed, ended and paid, through the gateway.
#include <google/protobuf/text_format.h>

#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using gateway::v1::CompareOverTimeResponse;
using ::testing::Contains;

class CompareOverTimeTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    ASSERT_THAT(Create<Initiative>("ends", "period { edtf: '2022/2023-10' }"), IsOk());
    ASSERT_THAT(Create<Initiative>("goes-on", "period { edtf: '2022/2030' }"), IsOk());
    ASSERT_THAT(Create<Initiative>("completed"), IsOk());
    ASSERT_THAT(Create<Initiative>("removed"), IsOk());
    ASSERT_THAT(Create<Event>("summit", "date { edtf: '2023-09-05/2023-09-07' }"), IsOk());
    ASSERT_THAT(Create<Event>("retitled", "date { edtf: '2023-09-06' }"), IsOk());
    ASSERT_THAT(Create<Event>("there-and-back", "date { edtf: '2023-10' }"), IsOk());
    ASSERT_THAT(Create<Event>("long-ago", "date { edtf: '2021' }"), IsOk());
    ASSERT_THAT(Create<Claim>("promise"), IsOk());
    ASSERT_THAT(
        Create<Claim>("dated", "stage: CLAIM_STAGE_DISBURSED value_date { edtf: '2023-09-15' }"),
        IsOk());
    ASSERT_THAT(Create<Claim>("some-day-of-the-year",
                              "stage: CLAIM_STAGE_EXPENDED period { edtf: '2023' }"),
                IsOk());
    ASSERT_THAT(
        Create<Claim>("long-ago", "stage: CLAIM_STAGE_DISBURSED value_date { edtf: '2020' }"),
        IsOk());
    const auto now = Compare("");
    ASSERT_THAT(now, IsOk());
    then_ = absl::StrCat("from_revisions { ", now->to_revisions().ShortDebugString(),
                         " } from_day: '2023-09-01' to_day: '2023-12-01' ");
  }

  // Everything that the second point has and the first has not.
  void Change() {
    ASSERT_THAT(Update<Initiative>("completed", "status: INITIATIVE_STATUS_COMPLETED",
                                   "reason { author: 'A. Clerk' note: 'It is done.' }"),
                IsOk());
    ASSERT_THAT(Of<Initiative>().Delete("removed"), IsOk());
    ASSERT_THAT(Create<Initiative>("added"), IsOk());
    ASSERT_THAT(Update<Event>("retitled", "title { text: 'B' }"), IsOk());
    const auto before = Of<Event>().Get("there-and-back");
    ASSERT_THAT(before, IsOk());
    ASSERT_THAT(Update<Event>("there-and-back", "title { text: 'B' }"), IsOk());
    ASSERT_THAT(Of<Event>().Update(*WithoutStoreFields(**before), "update_mask { paths: '*' }"),
                IsOk());
    ASSERT_THAT(Create<Claim>("payment",
                              "stage: CLAIM_STAGE_DISBURSED relations { kind: "
                              "CLAIM_RELATION_KIND_REALISES claim: 'claims/promise' }"),
                IsOk());
  }

  template <typename T>
  absl::Status Create(const std::string& id, const std::string& more = "") {
    return Of<T>().Create(id, *Of<T>().New(more)).status();
  }
  template <typename T>
  absl::Status Update(const std::string& id, const std::string& fields,
                      const std::string& more = "") {
    const auto resource = Of<T>().Get(id);
    if (!resource.ok()) return resource.status();
    MessagePtr changed = WithoutStoreFields(**resource);
    if (!google::protobuf::TextFormat::MergeFromString(fields, changed.get())) {
      return absl::InternalError(fields);
    }
    return Of<T>().Update(*changed, absl::StrCat("update_mask { paths: '*' } ", more)).status();
  }

  absl::StatusOr<CompareOverTimeResponse> Compare(const std::string& request) {
    return servers().gateway().Call<CompareOverTimeResponse>("CompareOverTime", request);
  }
  // "claims/a: NEW PAID", in the order of the answer.
  std::vector<std::string> Told(const std::string& request) {
    const auto response = Compare(request);
    EXPECT_THAT(response, IsOk());
    if (!response.ok()) return {};
    EXPECT_THAT(response->unreachable(), IsEmpty());
    next_ = response->next_page_token();
    std::vector<std::string> told;
    for (const auto& change : response->changes()) {
      std::string line = absl::StrCat(change.resource(), ":");
      for (const int kind : change.kinds()) {
        absl::StrAppend(
            &line, " ",
            gateway::v1::ChangeKind_Name(static_cast<gateway::v1::ChangeKind>(kind)).substr(12));
      }
      told.push_back(line);
    }
    return told;
  }

  std::string then_;
  std::string next_;
};
INSTANTIATE_CONFORMANCE(CompareOverTimeTest);

TEST_P(CompareOverTimeTest, TheDaysTellWhatEndedAndWasPaidThoughNothingWasWritten) {
  EXPECT_THAT(Told(then_), ElementsAre("initiatives/ends: ENDED", "events/retitled: ENDED",
                                       "events/summit: ENDED", "events/there-and-back: ENDED",
                                       "claims/dated: PAID", "claims/some-day-of-the-year: PAID"));
}

TEST_P(CompareOverTimeTest, WhatWasWrittenComesFirstAndEachResourceOnce) {
  Change();
  const std::vector<std::string> all = Told(then_);
  EXPECT_THAT(all, ElementsAre("initiatives/added: NEW", "initiatives/completed: CHANGED ENDED",
                               "initiatives/removed: ENDED", "claims/payment: NEW PAID",
                               "events/retitled: CHANGED ENDED", "initiatives/ends: ENDED",
                               "events/summit: ENDED", "events/there-and-back: ENDED",
                               "claims/dated: PAID", "claims/some-day-of-the-year: PAID"));
  EXPECT_THAT(next_, IsEmpty());

  const auto response = Compare(then_);
  ASSERT_THAT(response, IsOk());
  const auto& completed = response->changes(1);
  EXPECT_EQ(completed.reason().author(), "A. Clerk");
  EXPECT_EQ(completed.reason().note(), "It is done.");
  ASSERT_THAT(completed.fields(), SizeIs(1));
  EXPECT_EQ(completed.fields(0).path(), "status");
  EXPECT_EQ(completed.fields(0).after().string_value(), "INITIATIVE_STATUS_COMPLETED");
  const auto& payment = response->changes(3).payment();
  ASSERT_THAT(payment.realises(), SizeIs(1));
  EXPECT_EQ(payment.realises(0).name(), "claims/promise");
  EXPECT_TRUE(payment.newly_recorded());
  EXPECT_EQ(payment.dating(), gateway::v1::PAYMENT_DATING_UNDATED);
  EXPECT_EQ(response->changes(9).payment().dating(), gateway::v1::PAYMENT_DATING_POSSIBLY_BETWEEN);
  EXPECT_EQ(response->from_day(), "2023-09-01");
  EXPECT_EQ(response->to_day(), "2023-12-01");
  EXPECT_GT(response->to_revisions().funding(), response->from_revisions().funding());

  // Page by page it is the same, at the revisions of the first page.
  std::vector<std::string> paged = Told(then_ + "page_size: 3");
  ASSERT_THAT(Of<Initiative>().Delete("added"), IsOk());
  while (!next_.empty()) {
    for (const std::string& line :
         Told(absl::StrCat(then_, "page_size: 3 page_token: '", next_, "'"))) {
      paged.push_back(line);
    }
    ASSERT_LT(paged.size(), 20U);
  }
  EXPECT_THAT(paged, ElementsAreArray(all));
}

TEST_P(CompareOverTimeTest, OfAPartnershipAndOfAKindAlone) {
  Change();
  EXPECT_THAT(Told(then_ + "kinds: CHANGE_KIND_PAID"),
              ElementsAre("claims/payment: NEW PAID", "claims/dated: PAID",
                          "claims/some-day-of-the-year: PAID"));
  EXPECT_THAT(Told(then_ + "name: 'partnerships/p'"), SizeIs(10));
  ASSERT_THAT(Of<Partnership>().Create("q"), IsOk());
  EXPECT_THAT(Told(then_ + "name: 'partnerships/q'"), ElementsAre("partnerships/q: NEW"));
  EXPECT_THAT(servers().gateway().Send("CompareOverTime", "name: 'partnerships/none'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_P(CompareOverTimeTest, FromTheBeginningEverythingIsNew) {
  const std::vector<std::string> all = Told("");
  for (const std::string& line : all) EXPECT_THAT(line, HasSubstr(": NEW"));
  EXPECT_THAT(all, Contains("initiatives/ends: NEW"));
  // From a time at which there was nothing it is the same; but that has a day.
  EXPECT_THAT(Told("from_time { seconds: 1 }"),
              AllOf(SizeIs(all.size()), Contains("initiatives/ends: NEW ENDED")));
}

TEST_P(CompareOverTimeTest, AServiceThatIsGoneIsNamed) {
  if (GetParam() != Deployment::kSeparate) GTEST_SKIP() << "one process goes as a whole";
  Change();
  servers().Stop(Service::kFunding);
  const auto partial = Compare(then_);
  ASSERT_THAT(partial, IsOk());
  EXPECT_THAT(partial->unreachable(), ElementsAre("entente.funding.v1.FundingService"));
  EXPECT_THAT(partial->changes(), SizeIs(7));
  EXPECT_THAT(servers().gateway().Send("CompareOverTime", then_ + "require_complete: true"),
              Fails(StatusCode::kUnavailable, "PEER_UNREACHABLE"));
}

TEST_P(CompareOverTimeTest, WhatIsWrongIsSaidAtOnce) {
  EXPECT_THAT(servers().gateway().Send("CompareOverTime",
                                       "name: 'p' from_day: 'x' to_day: '2023' page_size: -1 "
                                       "page_token: 'x' kinds: [CHANGE_KIND_NEW, CHANGE_KIND_NEW]"),
              ViolationsAre(UnorderedElementsAre("name", "from_day", "to_day", "page_size",
                                                 "page_token", "kinds[1]")));
  EXPECT_THAT(servers().gateway().Send("CompareOverTime", "from_revisions { funding: 1000 }"),
              StatusIs(StatusCode::kOutOfRange));
}

}  // namespace
}  // namespace entente::conformance
