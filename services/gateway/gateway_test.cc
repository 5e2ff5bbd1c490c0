// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/gateway.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/gateway/fake_peer.h"

namespace entente::gateway {
namespace {

using catalogue::v1::CatalogueResource;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCatalogue[] = "entente.catalogue.v1.CatalogueService";
constexpr char kFunding[] = "entente.funding.v1.FundingService";
constexpr char kEvents[] = "entente.events.v1.EventsService";

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <typename List>
std::vector<std::string> Strings(const List& list) {
  return {list.begin(), list.end()};
}

template <typename List>
std::vector<std::string> Names(const List& list) {
  std::vector<std::string> names;
  for (const auto& resource : list) names.push_back(resource.name());
  return names;
}

// Three services with a small record, each in working order until a test breaks it.
class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    catalogue_.AnswerWith([this](const Message& request, Message* response) {
      requests_.push_back(request.New());
      requests_.back()->CopyFrom(request);
      owned_.emplace_back(requests_.back());
      if (request.GetDescriptor() == catalogue::v1::LookupResourcesRequest::descriptor()) {
        return Lookup(static_cast<const catalogue::v1::LookupResourcesRequest&>(request),
                      static_cast<catalogue::v1::LookupResourcesResponse*>(response));
      }
      response->CopyFrom(request.GetDescriptor() ==
                                 catalogue::v1::GetInitiativeTreeRequest::descriptor()
                             ? static_cast<const Message&>(tree_)
                             : static_cast<const Message&>(partnership_));
      return absl::OkStatus();
    });
    funding_.AnswerWith([this](const Message& request, Message* response) {
      if (request.GetDescriptor() == funding::v1::GetClaimRequest::descriptor()) {
        return GetClaim(static_cast<const funding::v1::GetClaimRequest&>(request),
                        static_cast<funding::v1::Claim*>(response));
      }
      claims_request_ = static_cast<const funding::v1::ListClaimsRequest&>(request);
      response->CopyFrom(claims_);
      return absl::OkStatus();
    });
    events_.AnswerWith([this](const Message& request, Message* response) {
      if (request.GetDescriptor() == events::v1::BatchGetEventSeriesRequest::descriptor()) {
        return GetSeries(static_cast<const events::v1::BatchGetEventSeriesRequest&>(request),
                         static_cast<events::v1::BatchGetEventSeriesResponse*>(response));
      }
      events_request_ = static_cast<const events::v1::ListEventsRequest&>(request);
      response->CopyFrom(list_of_events_);
      return absl::OkStatus();
    });
  }

  absl::Status Lookup(const catalogue::v1::LookupResourcesRequest& request,
                      catalogue::v1::LookupResourcesResponse* response) {
    if (!lookup_status_.ok()) return lookup_status_;
    EXPECT_EQ(request.revision(), 7) << "at the revision of the tree";
    response->set_revision(lookup_revision_);
    for (const std::string& name : request.names()) {
      const auto found = kept_.find(name);
      if (found == kept_.end()) {
        response->add_not_found(name);
      } else {
        *response->add_resources() = found->second;
      }
    }
    return absl::OkStatus();
  }

  absl::Status GetClaim(const funding::v1::GetClaimRequest& request, funding::v1::Claim* response) {
    if (!outcome_status_.ok()) return outcome_status_;
    EXPECT_EQ(request.revision(), 20) << "at the revision of the claims";
    if (request.name() == "claims/nowhere") {
      return errors::ResourceNotFound("entente.dev/Claim", request.name());
    }
    response->set_name(request.name());
    if (request.name() == "claims/deleted") response->mutable_delete_time();
    return absl::OkStatus();
  }

  absl::Status GetSeries(const events::v1::BatchGetEventSeriesRequest& request,
                         events::v1::BatchGetEventSeriesResponse* response) {
    if (!series_status_.ok()) return series_status_;
    EXPECT_EQ(request.revision(), 30) << "at the revision of the events";
    response->set_revision(30);
    for (const std::string& name : request.names()) {
      auto* series = response->add_event_series();
      series->set_name(name);
      series->add_citations()->set_document("documents/d");
    }
    return absl::OkStatus();
  }

  // Adds an event with an edition and outcomes to the small record.
  void AddAnEdition() {
    *list_of_events_.add_events() = Parse<events::v1::Event>(R"pb(
      name: "events/edition"
      edition { series: "eventSeries/s" }
      outcomes { claim: "claims/b" }
      outcomes { claim: "claims/elsewhere-too" }
      outcomes { claim: "claims/nowhere" }
      outcomes { claim: "claims/deleted" }
    )pb");
  }

  // Calls and returns the answer, which must have come by then, once.
  absl::Status GetDossier(const v1::GetDossierRequest& request =
                              Parse<v1::GetDossierRequest>("name: 'initiatives/i'")) {
    dossier_.Clear();
    std::string resources;
    std::vector<absl::Status> answers;
    gateway_.GetDossier({absl::InfiniteFuture(), "id"}, request, &dossier_, &resources,
                        [&](absl::Status status) { answers.push_back(std::move(status)); });
    EXPECT_EQ(answers.size(), 1u);
    EXPECT_TRUE(dossier_.MergeFromString(resources));
    return answers.at(0);
  }
  absl::Status GetOverview(const std::string& request = "name: 'partnerships/p'") {
    overview_.Clear();
    std::vector<absl::Status> answers;
    const auto parsed = Parse<v1::GetOverviewRequest>(request);
    gateway_.GetOverview({absl::InfiniteFuture(), "id"}, parsed, &overview_,
                         [&](absl::Status status) { answers.push_back(std::move(status)); });
    EXPECT_EQ(answers.size(), 1u);
    return answers.at(0);
  }

  FakePeer catalogue_{kCatalogue};
  FakePeer funding_{kFunding};
  FakePeer events_{kEvents};
  // 23:30 UTC on 5 September.
  FakeClock clock_{absl::FromUnixSeconds(1'693'956'600)};
  Gateway gateway_{{&catalogue_, &funding_, &events_}, &clock_};

  catalogue::v1::InitiativeTree tree_ = Parse<catalogue::v1::InitiativeTree>(R"pb(
    initiative {
      name: "initiatives/i"
      parties { organisation: "organisations/o" }
      parties { person: "people/gone" }
      citations { document: "documents/d" reason: "one" }
    }
    ancestors { name: "initiatives/root" }
    descendants { name: "initiatives/child" parent: "initiatives/i" }
    quantities { name: "quantities/q" initiative: "initiatives/child" }
    revision: 7
  )pb");
  catalogue::v1::PartnershipTree partnership_ = Parse<catalogue::v1::PartnershipTree>(R"pb(
    partnership { name: "partnerships/p" }
    pillars { name: "partnerships/p/pillars/one" ordinal: 1 }
    pillars { name: "partnerships/p/pillars/two" ordinal: 2 }
    initiatives { name: "initiatives/i" pillars: "partnerships/p/pillars/one" }
    initiatives { name: "initiatives/child" parent: "initiatives/i" }
    initiatives {
      name: "initiatives/both"
      pillars: "partnerships/p/pillars/one"
      pillars: "partnerships/p/pillars/two"
    }
    initiatives { name: "initiatives/none" }
    quantities { name: "quantities/q" initiative: "initiatives/child" }
    quantities { name: "quantities/whole" }
    revision: 7
  )pb");
  funding::v1::ListClaimsResponse claims_ = Parse<funding::v1::ListClaimsResponse>(R"pb(
    claims { name: "claims/a-part" part_of: "claims/whole" initiative: "initiatives/child" }
    claims { name: "claims/b" initiative: "initiatives/both" }
    claims { name: "claims/whole" initiative: "initiatives/i" part_of: "claims/elsewhere" }
    claims { name: "claims/of-all" }
    revision: 20
  )pb");
  events::v1::ListEventsResponse list_of_events_ = Parse<events::v1::ListEventsResponse>(R"pb(
    events { name: "events/undated" places: "places/x" }
    events {
      name: "events/later"
      date { edtf: "2023-09-06" }
      initiatives: "initiatives/child"
      initiatives: "initiatives/both"
    }
    events {
      name: "events/today"
      date { edtf: "2023-09-05" }
      initiatives: "initiatives/i"
    }
    events {
      name: "events/earlier"
      date { edtf: "2023-09-04" }
    }
    revision: 30
  )pb");
  std::map<std::string, CatalogueResource> kept_ = {
      {"organisations/o", Parse<CatalogueResource>("organisation { name: 'organisations/o' }")},
      {"documents/d",
       Parse<CatalogueResource>("document { name: 'documents/d' delete_time { seconds: 5 } }")},
      {"places/x", Parse<CatalogueResource>("place { name: 'places/x' }")},
  };
  absl::Status lookup_status_;
  int64_t lookup_revision_ = 7;
  absl::Status outcome_status_;
  absl::Status series_status_;
  std::vector<Message*> requests_;  // To the catalogue.
  std::vector<std::unique_ptr<Message>> owned_;
  funding::v1::ListClaimsRequest claims_request_;
  events::v1::ListEventsRequest events_request_;
  v1::Dossier dossier_;
  v1::Overview overview_;
};

TEST_F(GatewayTest, OrganisationsThatWereMergedAreFollowed) {
  const auto put = [&](const std::string& id, const std::string& merged_into) {
    const std::string name = "organisations/" + id;
    kept_[name] = Parse<CatalogueResource>(
        absl::StrCat("organisation { name: '", name, "' merged_into: '", merged_into, "' }"));
  };
  put("o", "organisations/p");
  put("p", "organisations/q");
  put("q", "organisations/gone");
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Names(dossier_.organisations()),
              ElementsAre("organisations/o", "organisations/p", "organisations/q"));
  EXPECT_THAT(dossier_.unresolved(), testing::Contains("organisations/gone"));
  EXPECT_THAT(dossier_.unreachable(), IsEmpty());
}

TEST_F(GatewayTest, ADossierIsComposedOfAllServices) {
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_EQ(dossier_.name(), "initiatives/i");
  EXPECT_EQ(dossier_.initiative().name(), "initiatives/i");
  EXPECT_THAT(Names(dossier_.ancestors()), ElementsAre("initiatives/root"));
  EXPECT_THAT(Names(dossier_.descendants()), ElementsAre("initiatives/child"));
  EXPECT_THAT(Names(dossier_.quantities()), ElementsAre("quantities/q"));
  EXPECT_THAT(Names(dossier_.claims()),
              ElementsAre("claims/b", "claims/of-all", "claims/whole", "claims/a-part"));
  EXPECT_THAT(Names(dossier_.events()),
              ElementsAre("events/earlier", "events/today", "events/later", "events/undated"));
  EXPECT_THAT(Names(dossier_.organisations()), ElementsAre("organisations/o"));
  EXPECT_THAT(Names(dossier_.places()), ElementsAre("places/x"));
  EXPECT_EQ(dossier_.citations_size(), 1);
  EXPECT_EQ(dossier_.revisions().catalogue(), 7);
  EXPECT_EQ(dossier_.revisions().funding(), 20);
  EXPECT_EQ(dossier_.revisions().events(), 30);
  EXPECT_THAT(dossier_.unreachable(), IsEmpty());
  EXPECT_EQ(claims_request_.initiative_tree(), "initiatives/i");
  EXPECT_EQ(events_request_.initiative_tree(), "initiatives/i");
}

TEST_F(GatewayTest, WhatADossierRefersToInVainIsNamed) {
  kept_["initiatives/both"] = Parse<CatalogueResource>("initiative { name: 'initiatives/both' }");
  ASSERT_TRUE(GetDossier().ok());
  // The document is deleted, the person was never there; claims are not the catalogue's.
  EXPECT_THAT(Strings(dossier_.unresolved()),
              testing::UnorderedElementsAre("documents/d", "people/gone"));
  EXPECT_THAT(dossier_.documents(), IsEmpty());
  EXPECT_THAT(dossier_.people(), IsEmpty());
}

TEST_F(GatewayTest, ADossierHasTheSeriesOfItsEventsAndNamesOutcomesThatAreNotThere) {
  AddAnEdition();
  kept_["initiatives/both"] = Parse<CatalogueResource>("initiative { name: 'initiatives/both' }");
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Names(dossier_.event_series()), ElementsAre("eventSeries/s"));
  EXPECT_EQ(dossier_.citations_size(), 2);
  EXPECT_THAT(Strings(dossier_.unresolved()),
              testing::UnorderedElementsAre("documents/d", "people/gone", "claims/nowhere",
                                            "claims/deleted"));
  EXPECT_THAT(dossier_.unreachable(), IsEmpty());
}

TEST_F(GatewayTest, WhatCannotBeLookedUpIsNamedOnce) {
  AddAnEdition();
  outcome_status_ = absl::UnavailableError("gone");
  series_status_ = absl::DeadlineExceededError("late");
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Strings(dossier_.unreachable()), testing::UnorderedElementsAre(kEvents, kFunding));
  EXPECT_THAT(dossier_.event_series(), IsEmpty());
  EXPECT_EQ(dossier_.events_size(), 5);
}

TEST_F(GatewayTest, PinnedRevisionsArePassedOn) {
  ASSERT_TRUE(GetDossier(Parse<v1::GetDossierRequest>(
                             "name: 'initiatives/i' revisions { catalogue: 7 funding: 20 events: "
                             "30 }"))
                  .ok());
  EXPECT_EQ(
      static_cast<const catalogue::v1::GetInitiativeTreeRequest&>(*requests_.at(0)).revision(), 7);
  EXPECT_EQ(claims_request_.revision(), 20);
  EXPECT_EQ(events_request_.revision(), 30);
}

TEST_F(GatewayTest, EveryCallCarriesTheRequestIdAndADeadline) {
  const absl::Time before = absl::Now();
  ASSERT_TRUE(GetDossier().ok());
  std::vector<client::CallOptions> calls = catalogue_.calls();
  calls.insert(calls.end(), funding_.calls().begin(), funding_.calls().end());
  calls.insert(calls.end(), events_.calls().begin(), events_.calls().end());
  EXPECT_EQ(calls.size(), 4u) << "no call for each resource";
  for (const auto& call : calls) {
    EXPECT_EQ(call.request_id, "id");
    EXPECT_GT(call.deadline, before);
    EXPECT_LT(call.deadline, absl::Now() + absl::Seconds(5));
  }
  // What the dossier cannot be without has all the time that there is; the rest leaves some.
  EXPECT_EQ(catalogue_.calls()[0].deadline, catalogue_.calls()[1].deadline);
  EXPECT_LT(funding_.calls()[0].deadline, catalogue_.calls()[0].deadline);
  EXPECT_EQ(funding_.calls()[0].deadline, events_.calls()[0].deadline);
}

TEST_F(GatewayTest, TheCatalogueMustBeThere) {
  for (const absl::Status& status :
       {absl::UnavailableError("gone"), absl::DeadlineExceededError("late"),
        absl::InternalError("broken")}) {
    catalogue_.FailWith(status);
    for (const absl::Status& answer : {GetDossier(), GetOverview()}) {
      EXPECT_EQ(answer.code(), absl::StatusCode::kUnavailable);
      EXPECT_EQ(errors::InfoOf(answer).reason(), "PEER_UNREACHABLE");
      EXPECT_EQ(errors::InfoOf(answer).metadata().at("service"), kCatalogue);
    }
  }
}

TEST_F(GatewayTest, WhatTheCatalogueRefusesIsRefused) {
  for (const absl::Status& status :
       {errors::ResourceNotFound("entente.dev/Initiative", "initiatives/i"),
        errors::RevisionInFuture(9, 7), errors::RevisionNotRetained(1, 5)}) {
    catalogue_.FailWith(status);
    EXPECT_EQ(GetDossier(), status);
    EXPECT_EQ(GetOverview(), status);
  }
}

TEST_F(GatewayTest, WhatTheCatalogueRefusesWaitsForNobody) {
  funding_.Hold();
  events_.Hold();
  catalogue_.FailWith(absl::NotFoundError("no such thing"));
  EXPECT_EQ(GetDossier().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(GetOverview().code(), absl::StatusCode::kNotFound);
  funding_.Release();
  events_.Release();
}

TEST_F(GatewayTest, AServiceThatIsGoneIsNamedAndTheRestIsRight) {
  funding_.FailWith(absl::UnavailableError("gone"));
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Strings(dossier_.unreachable()), ElementsAre(kFunding));
  EXPECT_THAT(dossier_.claims(), IsEmpty());
  EXPECT_EQ(dossier_.revisions().funding(), 0);
  EXPECT_EQ(dossier_.events_size(), 4);
  EXPECT_EQ(dossier_.revisions().events(), 30);
  ASSERT_TRUE(GetOverview().ok());
  EXPECT_THAT(Strings(overview_.unreachable()), ElementsAre(kFunding));
  EXPECT_FALSE(overview_.pillars(0).has_claim_count()) << "unknown, not 0";
  EXPECT_EQ(overview_.pillars(0).event_count(), 2);
  EXPECT_THAT(overview_.claim_groups(), IsEmpty());

  events_.FailWith(absl::DeadlineExceededError("late"));
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Strings(dossier_.unreachable()), ElementsAre(kFunding, kEvents));
  ASSERT_TRUE(GetOverview().ok());
  EXPECT_THAT(Strings(overview_.unreachable()), ElementsAre(kFunding, kEvents));
  EXPECT_FALSE(overview_.pillars(0).has_event_count());
  EXPECT_EQ(overview_.pillars(0).quantity_count(), 1);
}

TEST_F(GatewayTest, AnAnswerWaitsForTheLastPartAndComesOnce) {
  funding_.Hold();
  int answers = 0;
  const auto request = Parse<v1::GetDossierRequest>("name: 'initiatives/i'");
  std::string resources;
  gateway_.GetDossier({}, request, &dossier_, &resources, [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    ++answers;
  });
  EXPECT_EQ(answers, 0);
  funding_.FailWith(absl::DeadlineExceededError("late"));
  funding_.Release();
  EXPECT_EQ(answers, 1);
  EXPECT_THAT(Strings(dossier_.unreachable()), ElementsAre(kFunding));
  ASSERT_TRUE(dossier_.MergeFromString(resources));
  EXPECT_EQ(dossier_.events_size(), 4);
}

TEST_F(GatewayTest, ARevisionThatAServiceDoesNotHaveRefusesTheCall) {
  funding_.FailWith(errors::RevisionInFuture(99, 20));
  EXPECT_EQ(errors::InfoOf(GetDossier()).reason(), "REVISION_IN_FUTURE");
  EXPECT_EQ(errors::InfoOf(GetOverview()).reason(), "REVISION_IN_FUTURE");
}

TEST_F(GatewayTest, AFollowerThatHasNotHeardOfTheInitiativeHasNothingAboutIt) {
  events_.FailWith(errors::ResourceNotFound("entente.dev/Initiative", "initiatives/i"));
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(dossier_.unreachable(), IsEmpty());
  EXPECT_THAT(dossier_.events(), IsEmpty());
  EXPECT_EQ(dossier_.revisions().events(), 0);
  EXPECT_EQ(dossier_.claims_size(), 4);
}

TEST_F(GatewayTest, ALookupThatFailsLeavesTheRest) {
  lookup_status_ = absl::UnavailableError("gone meanwhile");
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Strings(dossier_.unreachable()), ElementsAre(kCatalogue));
  EXPECT_THAT(dossier_.organisations(), IsEmpty());
  EXPECT_THAT(dossier_.unresolved(), IsEmpty()) << "not known to be missing";
  EXPECT_EQ(dossier_.claims_size(), 4);
  EXPECT_EQ(dossier_.citations_size(), 1);
}

TEST_F(GatewayTest, WhatWasReadAtAnotherRevisionIsNoPartOfTheDossier) {
  lookup_revision_ = 8;
  ASSERT_TRUE(GetDossier().ok());
  EXPECT_THAT(Strings(dossier_.unreachable()), ElementsAre(kCatalogue));
  EXPECT_THAT(dossier_.organisations(), IsEmpty());
  EXPECT_EQ(dossier_.claims_size(), 4);
}

TEST_F(GatewayTest, AnOverviewStandsByPillars) {
  ASSERT_TRUE(GetOverview().ok());
  ASSERT_EQ(overview_.pillars_size(), 2);
  const auto& one = overview_.pillars(0);
  EXPECT_EQ(one.pillar().name(), "partnerships/p/pillars/one");
  EXPECT_THAT(Names(one.initiatives()),
              ElementsAre("initiatives/i", "initiatives/child", "initiatives/both"));
  EXPECT_EQ(one.claim_count(), 3);
  EXPECT_EQ(one.event_count(), 2);
  EXPECT_EQ(one.quantity_count(), 1);
  const auto& two = overview_.pillars(1);
  EXPECT_THAT(Names(two.initiatives()), ElementsAre("initiatives/both"));
  EXPECT_EQ(two.claim_count(), 1);
  EXPECT_EQ(two.event_count(), 1);
  EXPECT_TRUE(two.has_claim_count());
  EXPECT_THAT(Names(overview_.other_initiatives()), ElementsAre("initiatives/none"));
  EXPECT_EQ(claims_request_.filter(), "partnerships:\"partnerships/p\"");
}

TEST_F(GatewayTest, AnOverviewIsAsOfTodayUnlessADayIsGiven) {
  ASSERT_TRUE(GetOverview().ok());
  EXPECT_EQ(overview_.as_of(), "2023-09-05");
  EXPECT_THAT(Names(overview_.past_events()), ElementsAre("events/earlier"));
  EXPECT_THAT(Names(overview_.coming_events()), ElementsAre("events/today", "events/later"));
  EXPECT_THAT(Names(overview_.undetermined_events()), ElementsAre("events/undated"));
  ASSERT_TRUE(GetOverview("name: 'partnerships/p' as_of: '2023-09-06'").ok());
  EXPECT_EQ(overview_.as_of(), "2023-09-06");
  EXPECT_THAT(Names(overview_.past_events()), ElementsAre("events/earlier", "events/today"));
}

TEST_F(GatewayTest, AsOfMustBeADay) {
  for (const char* wrong : {"2023", "2023-09", "2023-09-05?", "2023-09-05~",
                            "2023-09-05/2023-09-06", "2023-09-05/2023-09-05", "[2023-09-05]",
                            "2023-09-05T10:00:00Z", "..", "today", "2023-02-30"}) {
    const absl::Status status =
        GetOverview("name: 'partnerships/p' as_of: '" + std::string(wrong) + "'");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
    if (!status.ok()) {
      EXPECT_EQ(errors::BadRequestOf(status).field_violations(0).field(), "as_of") << wrong;
    }
  }
  const absl::Status both = GetOverview("name: 'x' as_of: 'y'");
  EXPECT_EQ(errors::BadRequestOf(both).field_violations_size(), 2);
  EXPECT_THAT(catalogue_.calls(), IsEmpty());
}

TEST_F(GatewayTest, ANameCannotBreakOutOfTheFilter) {
  EXPECT_EQ(GetOverview("name: 'partnerships/p\" OR name:\"x'").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(funding_.calls(), IsEmpty());
}

}  // namespace
}  // namespace entente::gateway
