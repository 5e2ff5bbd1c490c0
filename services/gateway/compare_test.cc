// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/gateway/fake_peer.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using testing::ElementsAre;
using testing::IsEmpty;
using type::v1::CompareRevisionsRequest;
using type::v1::CompareRevisionsResponse;
using type::v1::ListRevisionsRequest;
using type::v1::ListRevisionsResponse;

constexpr char kFunding[] = "entente.funding.v1.FundingService";
constexpr char kEvents[] = "entente.events.v1.EventsService";

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// A service at revision 9 whose differences since revision 4 a test gives it. Each resource is what
// its name and the test say.
class FakeService {
 public:
  explicit FakeService(const std::string& name) : peer(name) {
    peer.AnswerWith([this](const Message& request, Message* response) {
      requests.emplace_back(request.New())->CopyFrom(request);
      return Answer(request, response);
    });
  }

  absl::Status Answer(const Message& request, Message* response) {
    if (!status.ok()) return status;
    if (request.GetDescriptor() == CompareRevisionsRequest::descriptor()) {
      return Compare(static_cast<const CompareRevisionsRequest&>(request),
                     static_cast<CompareRevisionsResponse*>(response));
    }
    if (request.GetDescriptor() == ListRevisionsRequest::descriptor()) {
      if (!history_status.ok()) return history_status;
      auto* revision = static_cast<ListRevisionsResponse*>(response)->add_revisions();
      revision->set_revision(static_cast<const ListRevisionsRequest&>(request).revision());
      revision->mutable_reason()->set_note(absl::StrCat("reason ", revision->revision()));
      // A day for each revision: revision 4 is of 2023-09-04.
      revision->mutable_commit_time()->set_seconds(1'693'440'000 + 86'400 * revision->revision());
      return absl::OkStatus();
    }
    if (request.GetDescriptor() == catalogue::v1::GetPartnershipRequest::descriptor()) {
      return absl::OkStatus();
    }
    const auto names = fields::GetStrings(request, "names");
    if (names.empty()) {  // A List.
      response->CopyFrom(*by_date);
      fields::SetInt(response, "revision", 9);
      return absl::OkStatus();
    }
    const auto* field = response->GetDescriptor()->field(0);
    for (const std::string& name : names) {
      Message* added = response->GetReflection()->AddMessage(response, field);
      const std::string text = absl::StrCat("name: '", name, "' ", resources[name]);
      const std::string wrapped =
          field->name() == "resources" ? absl::StrCat("initiative { ", text, " }") : text;
      EXPECT_TRUE(TextFormat::ParseFromString(wrapped, added)) << wrapped;
    }
    const int64_t asked = fields::GetInt(request, "revision");
    fields::SetInt(response, "revision", asked == 0 ? 9 : asked);
    return absl::OkStatus();
  }

  absl::Status Compare(const CompareRevisionsRequest& request, CompareRevisionsResponse* response) {
    response->set_from_revision(request.has_from_time() ? 4 : request.from_revision());
    response->set_to_revision(request.to_revision() == 0 ? 9 : request.to_revision());
    for (const auto& difference : differences) {
      if (!request.resource().empty() && request.resource() != difference.resource()) continue;
      // Its page tokens are the names that the pages begin with.
      if (!request.page_token().empty() && difference.resource() < request.page_token()) continue;
      if (response->differences_size() == request.page_size()) {
        response->set_next_page_token(difference.resource());
        break;
      }
      *response->add_differences() = difference;
    }
    return absl::OkStatus();
  }

  void Differs(const std::string& difference) {
    differences.push_back(Parse<type::v1::ResourceDifference>(difference));
  }

  FakePeer peer;
  absl::Status status;
  absl::Status history_status;
  std::vector<type::v1::ResourceDifference> differences;
  std::map<std::string, std::string> resources;
  std::unique_ptr<Message> by_date;
  std::vector<std::unique_ptr<Message>> requests;
};

class CompareTest : public testing::Test {
 protected:
  CompareTest() {
    catalogue_.by_date = std::make_unique<catalogue::v1::ListInitiativesResponse>();
    funding_.by_date = std::make_unique<funding::v1::ListClaimsResponse>();
    events_.by_date = std::make_unique<events::v1::ListEventsResponse>();
    catalogue_.Differs("resource: 'initiatives/a' kind: DIFFERENCE_KIND_ADDED revision: 5");
    catalogue_.Differs("resource: 'initiatives/b' kind: DIFFERENCE_KIND_CHANGED revision: 6");
    catalogue_.Differs("resource: 'initiatives/c' kind: DIFFERENCE_KIND_REMOVED revision: 6");
    catalogue_.Differs("resource: 'initiatives/d' kind: DIFFERENCE_KIND_ERASED revision: 7");
    catalogue_.resources["initiatives/a"] = "partnerships: 'partnerships/p'";
    catalogue_.resources["initiatives/b"] = "partnerships: 'partnerships/q'";
    catalogue_.resources["initiatives/c"] = "partnerships: 'partnerships/p'";
    funding_.Differs("resource: 'claims/a' kind: DIFFERENCE_KIND_ADDED revision: 8");
    funding_.resources["claims/a"] =
        "partnerships: 'partnerships/p' stage: CLAIM_STAGE_DISBURSED relations { kind: "
        "CLAIM_RELATION_KIND_REALISES claim: 'claims/promise' }";
    funding_.resources["claims/promise"] = "stage: CLAIM_STAGE_ANNOUNCED notes { text: 'long' }";
    funding_.by_date->CopyFrom(Parse<funding::v1::ListClaimsResponse>(R"pb(
      claims {
        name: "claims/there-and-back"
        revision: 8
        stage: CLAIM_STAGE_EXPENDED
        value_date { edtf: "2023-09-06" }
      }
      claims {
        name: "claims/old"
        revision: 2
        stage: CLAIM_STAGE_DISBURSED
        value_date { edtf: "2023-09" }
      }
      claims {
        name: "claims/a"
        revision: 8
        stage: CLAIM_STAGE_DISBURSED
        value_date { edtf: "2023-09-06" }
      })pb"));
    events_.by_date->CopyFrom(Parse<events::v1::ListEventsResponse>(R"pb(
      events {
        name: "events/over"
        revision: 1
        date { edtf: "2023-09-05/2023-09-07" }
      })pb"));
  }

  absl::Status Compare(const std::string& request =
                           "from_revisions { catalogue: 4 funding: 4 "
                           "events: 4 }") {
    response_.Clear();
    std::vector<absl::Status> answers;
    const auto parsed = Parse<v1::CompareOverTimeRequest>(request);
    gateway_.CompareOverTime({absl::InfiniteFuture(), "id"}, parsed, &response_,
                             [&](absl::Status status) { answers.push_back(std::move(status)); });
    EXPECT_EQ(answers.size(), 1u);
    return answers.at(0);
  }

  // "initiatives/a: NEW", in the order of the answer.
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const auto& change : response_.changes()) {
      std::string line = absl::StrCat(change.resource(), ":");
      for (const int kind : change.kinds()) {
        absl::StrAppend(&line, " ",
                        v1::ChangeKind_Name(static_cast<v1::ChangeKind>(kind)).substr(12));
      }
      told.push_back(line);
    }
    return told;
  }

  FakeService catalogue_{"entente.catalogue.v1.CatalogueService"};
  FakeService funding_{kFunding};
  FakeService events_{kEvents};
  // 2023-09-10.
  FakeClock clock_{absl::FromUnixSeconds(1'694'304'000)};
  Gateway gateway_{{&catalogue_.peer, &funding_.peer, &events_.peer}, &clock_};
  v1::CompareOverTimeResponse response_;
};

TEST_F(CompareTest, WhatDiffersComesFirstThenWhatTheDaysTell) {
  ASSERT_TRUE(Compare().ok());
  EXPECT_THAT(Told(),
              ElementsAre("initiatives/a: NEW", "initiatives/b: CHANGED", "initiatives/c: ENDED",
                          "initiatives/d: ERASED", "claims/a: NEW PAID", "events/over: ENDED",
                          "claims/there-and-back: PAID", "claims/old: PAID"));
  EXPECT_EQ(response_.next_page_token(), "");
  EXPECT_EQ(response_.from_day(), "2023-09-04") << "of the commit of revision 4";
  EXPECT_EQ(response_.to_day(), "2023-09-10") << "today";
  EXPECT_EQ(response_.from_revisions().events(), 4);
  EXPECT_EQ(response_.to_revisions().catalogue(), 9);
  EXPECT_THAT(response_.unreachable(), IsEmpty());
}

TEST_F(CompareTest, ReasonsAndWhatIsRealisedComeWithIt) {
  ASSERT_TRUE(Compare().ok());
  EXPECT_EQ(response_.changes(0).reason().note(), "reason 5");
  EXPECT_EQ(response_.changes(2).reason().note(), "reason 6");
  const auto& paid = response_.changes(4);
  EXPECT_EQ(paid.reason().note(), "reason 8");
  ASSERT_EQ(paid.payment().realises_size(), 1);
  EXPECT_EQ(paid.payment().realises(0).name(), "claims/promise");
  EXPECT_EQ(paid.payment().realises(0).stage(), funding::v1::CLAIM_STAGE_ANNOUNCED);
  EXPECT_THAT(paid.payment().realises(0).notes(), IsEmpty()) << "the basic view";
  EXPECT_FALSE(response_.changes(5).has_reason()) << "nothing was changed";
  EXPECT_EQ(response_.changes(7).payment().dating(), v1::PAYMENT_DATING_POSSIBLY_BETWEEN);
}

TEST_F(CompareTest, APageLeadsToTheNextThroughAllSections) {
  ASSERT_TRUE(Compare().ok());
  const std::vector<std::string> all = Told();
  const std::string request = "from_revisions { catalogue: 4 funding: 4 events: 4 } ";
  std::vector<std::string> paged;
  std::string token;
  int pages = 0;
  // The sections by date are one page each here: a fake List has no pages.
  do {
    ASSERT_TRUE(Compare(absl::StrCat(request, "page_size: 2 page_token: '", token, "'")).ok());
    for (const std::string& line : Told()) paged.push_back(line);
    token = response_.next_page_token();
    ASSERT_LT(++pages, 10);
    EXPECT_EQ(response_.from_day(), "2023-09-04");
    EXPECT_EQ(response_.to_revisions().funding(), 9);
  } while (!token.empty());
  EXPECT_EQ(paged, all);
  EXPECT_GE(pages, 4);
}

TEST_F(CompareTest, ATokenIsBoundToWhatWasAsked) {
  const std::string request = "from_revisions { catalogue: 4 funding: 4 events: 4 } page_size: 1 ";
  ASSERT_TRUE(Compare(request).ok());
  const std::string token = response_.next_page_token();
  const absl::Status other =
      Compare(absl::StrCat(request, "kinds: CHANGE_KIND_NEW page_token: '", token, "'"));
  EXPECT_EQ(other.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CompareTest, OnlyAPartnership) {
  ASSERT_TRUE(
      Compare("name: 'partnerships/p' from_revisions { catalogue: 4 funding: 4 events: 4 }").ok());
  EXPECT_THAT(Told(),
              ElementsAre("initiatives/a: NEW", "initiatives/c: ENDED", "claims/a: NEW PAID",
                          "events/over: ENDED", "claims/there-and-back: PAID", "claims/old: PAID"));
  std::string filter;
  for (const auto& request : events_.requests) {
    const std::string given = fields::GetString(*request, "filter");
    if (!given.empty()) filter = given;
  }
  EXPECT_EQ(filter,
            "partnerships:\"partnerships/p\" AND date.latest >= \"2023-09-04\" AND date.latest < "
            "\"2023-09-10\"");
}

TEST_F(CompareTest, OnlySomeKinds) {
  const std::string from = "from_revisions { catalogue: 4 funding: 4 events: 4 } ";
  ASSERT_TRUE(Compare(from + "kinds: CHANGE_KIND_PAID").ok());
  EXPECT_THAT(Told(),
              ElementsAre("claims/a: NEW PAID", "claims/there-and-back: PAID", "claims/old: PAID"));
  ASSERT_TRUE(Compare(from + "kinds: [CHANGE_KIND_ENDED, CHANGE_KIND_ERASED]").ok());
  EXPECT_THAT(Told(),
              ElementsAre("initiatives/c: ENDED", "initiatives/d: ERASED", "events/over: ENDED"));
}

TEST_F(CompareTest, FromTheBeginningNothingIsToldByDates) {
  ASSERT_TRUE(Compare("").ok());
  EXPECT_THAT(Told(),
              ElementsAre("initiatives/a: NEW", "initiatives/b: CHANGED", "initiatives/c: ENDED",
                          "initiatives/d: ERASED", "claims/a: NEW PAID"));
  EXPECT_EQ(response_.from_day(), "");
  EXPECT_EQ(response_.from_revisions().catalogue(), 0);
  // Unless a day is given; but from nothing everything differs.
  ASSERT_TRUE(Compare("from_day: '2023-09-01'").ok());
  EXPECT_EQ(response_.changes_size(), 5);
}

TEST_F(CompareTest, TimesGiveTheDays) {
  ASSERT_TRUE(Compare("from_time { seconds: 1693958400 } to_time { seconds: 1694217600 }").ok());
  EXPECT_EQ(response_.from_day(), "2023-09-06");
  EXPECT_EQ(response_.to_day(), "2023-09-09");
  EXPECT_EQ(response_.from_revisions().catalogue(), 4);
  ASSERT_TRUE(Compare("from_time { seconds: 1693958400 } from_day: '2023-01-01'").ok());
  EXPECT_EQ(response_.from_day(), "2023-01-01");
}

TEST_F(CompareTest, WithoutAServiceTheRestIsRight) {
  funding_.status = absl::UnavailableError("gone");
  ASSERT_TRUE(Compare().ok());
  EXPECT_THAT(Told(),
              ElementsAre("initiatives/a: NEW", "initiatives/b: CHANGED", "initiatives/c: ENDED",
                          "initiatives/d: ERASED", "events/over: ENDED"));
  EXPECT_THAT(
      std::vector<std::string>(response_.unreachable().begin(), response_.unreachable().end()),
      ElementsAre(kFunding));
  EXPECT_EQ(response_.to_revisions().funding(), 0);
  // It stays away on all pages, though it is back.
  const std::string request = "from_revisions { catalogue: 4 funding: 4 events: 4 } page_size: 4 ";
  ASSERT_TRUE(Compare(request).ok());
  funding_.status = absl::OkStatus();
  ASSERT_TRUE(
      Compare(absl::StrCat(request, "page_token: '", response_.next_page_token(), "'")).ok());
  EXPECT_THAT(Told(), ElementsAre("events/over: ENDED"));
  EXPECT_EQ(response_.unreachable_size(), 1);
}

TEST_F(CompareTest, APartialAnswerCanBeRefused) {
  const std::string request =
      "from_revisions { catalogue: 4 funding: 4 events: 4 } require_complete: true";
  ASSERT_TRUE(Compare(request).ok());
  funding_.status = absl::UnavailableError("gone");
  events_.status = absl::DeadlineExceededError("late");
  const absl::Status refused = Compare(request);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()),
              testing::AllOf(testing::HasSubstr(kFunding), testing::HasSubstr(kEvents)));
}

TEST_F(CompareTest, WithoutAnyServiceThereIsNoAnswer) {
  for (FakeService* service : {&catalogue_, &funding_, &events_}) {
    service->status = absl::UnavailableError("gone");
  }
  EXPECT_EQ(Compare().code(), absl::StatusCode::kUnavailable);
  funding_.status = events_.status = absl::OkStatus();
  EXPECT_TRUE(Compare().ok());
  // Whether there is such a partnership, only the catalogue knows.
  EXPECT_EQ(Compare("name: 'partnerships/p'").code(), absl::StatusCode::kUnavailable);
}

TEST_F(CompareTest, ReasonsThatCannotBeHadAreMissing) {
  const std::string request =
      "from_revisions { catalogue: 4 funding: 4 events: 4 } from_day: '2023-09-04'";
  catalogue_.history_status = absl::UnavailableError("gone");
  ASSERT_TRUE(Compare(request).ok());
  EXPECT_EQ(response_.changes_size(), 8);
  EXPECT_FALSE(response_.changes(0).has_reason());
  EXPECT_EQ(response_.unreachable_size(), 1);
}

TEST_F(CompareTest, WhatAServiceRefusesIsRefused) {
  events_.status = errors::RevisionNotRetained(4, 7);
  EXPECT_EQ(Compare().code(), events_.status.code());
  EXPECT_EQ(Compare("from_day: '2023-09' to_day: 'x' name: 'p' page_size: -1 kinds: "
                    "CHANGE_KIND_UNSPECIFIED")
                .code(),
            absl::StatusCode::kInvalidArgument);
  const auto violations =
      errors::BadRequestOf(Compare("from_day: '2023-09' to_day: 'x' name: 'p' page_size: -1 kinds: "
                                   "[CHANGE_KIND_NEW, CHANGE_KIND_NEW]"))
          .field_violations();
  EXPECT_EQ(violations.size(), 5);
}

}  // namespace
}  // namespace entente::gateway
