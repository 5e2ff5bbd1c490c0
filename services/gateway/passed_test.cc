// SPDX-License-Identifier: Apache-2.0
//
// The dossiers of every initiative of the bundled record, of which the resources are passed on as
// bytes, against the same made of messages; and bytes that are none of a message.
#include "services/gateway/passed.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/test_servers.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/entente/record/load.h"
#include "services/gateway/server.h"

namespace entente::gateway {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::IsEmpty;
using testing::Not;

template <typename Response>
Response Call(const test::ServiceClient& client, const std::string& method,
              const std::string& request) {
  const auto response = client.Call<Response>(method, request);
  EXPECT_THAT(response, test::IsOk()) << method << " " << request;
  return response.value_or(Response());
}

class PassedOnTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(servers_.Start(), test::IsOk());
    const auto peers = RemotePeers(servers_.target(test::Service::kCatalogue),
                                   servers_.target(test::Service::kFunding),
                                   servers_.target(test::Service::kEvents));
    ASSERT_THAT(LoadRecord("data/us-asean-csp", "", type::v1::ChangeReason(),
                           {peers.catalogue.get(), peers.funding.get(), peers.events.get()},
                           test::kPatience),
                test::IsOk());
    ASSERT_THAT(servers_.AwaitFollowers(), test::IsOk());
  }

  // What a dossier has of the resources in it, made of messages.
  static void CheckParts(const v1::Dossier& dossier) {
    v1::Dossier composed = dossier;
    OrderAsTrees(composed.mutable_claims());
    OrderByDate(composed.mutable_events());
    composed.clear_citations();
    *composed.mutable_citations() = CitationsIn(composed);
    EXPECT_TRUE(MessageDifferencer::Equals(dossier, composed)) << dossier.name();
    // What it was about at first refers to nothing else that is in a dossier.
    std::set<std::string> looked_up;
    const auto note = [&](const auto& resources) {
      for (const auto& resource : resources) looked_up.insert(resource.name());
    };
    note(dossier.organisations());
    note(dossier.people());
    note(dossier.places());
    note(dossier.documents());
    note(dossier.event_series());
    composed.clear_organisations();
    composed.clear_people();
    composed.clear_places();
    composed.clear_documents();
    composed.clear_event_series();
    for (const std::string& name : MissingReferences(composed)) {
      if (looked_up.count(name) > 0) continue;
      EXPECT_THAT(name, testing::MatchesRegex("(partnerships|initiatives|events|claims)/.*"))
          << dossier.name();
    }
  }

  // That the resources in it are as the services have them.
  void CheckResources(const v1::Dossier& dossier) const {
    const std::string full = "view: RESOURCE_VIEW_FULL initiative_tree: ";
    const auto tree = Call<catalogue::v1::InitiativeTree>(
        servers_.catalogue(), "GetInitiativeTree", absl::StrCat("name: '", dossier.name(), "'"));
    EXPECT_TRUE(MessageDifferencer::Equals(dossier.initiative(), tree.initiative()));
    EXPECT_EQ(dossier.ancestors_size(), tree.ancestors_size());
    EXPECT_EQ(dossier.descendants_size(), tree.descendants_size());
    EXPECT_EQ(dossier.quantities_size(), tree.quantities_size());
    auto claims = Call<funding::v1::ListClaimsResponse>(
        servers_.funding(), "ListClaims", absl::StrCat(full, "'", dossier.name(), "'"));
    OrderAsTrees(claims.mutable_claims());
    ASSERT_EQ(dossier.claims_size(), claims.claims_size()) << dossier.name();
    for (int i = 0; i < claims.claims_size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(dossier.claims(i), claims.claims(i)));
    }
    auto events = Call<events::v1::ListEventsResponse>(
        servers_.events(), "ListEvents", absl::StrCat(full, "'", dossier.name(), "'"));
    OrderByDate(events.mutable_events());
    ASSERT_EQ(dossier.events_size(), events.events_size()) << dossier.name();
    for (int i = 0; i < events.events_size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(dossier.events(i), events.events(i)));
    }
  }

  test::TestServers servers_;
};

TEST_F(PassedOnTest, ADossierIsWhatItWouldBeOfMessages) {
  const auto initiatives = Call<catalogue::v1::ListInitiativesResponse>(
      servers_.catalogue(), "ListInitiatives", "page_size: 1000");
  ASSERT_THAT(initiatives.initiatives(), Not(IsEmpty()));
  int claims = 0;
  int events = 0;
  for (const auto& initiative : initiatives.initiatives()) {
    const auto dossier = Call<v1::Dossier>(servers_.gateway(), "GetDossier",
                                           absl::StrCat("name: '", initiative.name(), "'"));
    EXPECT_EQ(dossier.initiative().name(), initiative.name());
    EXPECT_THAT(dossier.unreachable(), IsEmpty());
    CheckParts(dossier);
    CheckResources(dossier);
    claims += dossier.claims_size();
    events += dossier.events_size();
  }
  EXPECT_GT(claims, 0);
  EXPECT_GT(events, 0);
}

TEST(PassedTest, WhatIsNoMessageIsNotPassedOn) {
  catalogue::v1::LookupResourcesResponse answer;
  auto* place = answer.add_resources()->mutable_place();
  place->set_name("places/hanoi");
  place->add_citations()->set_document("documents/d");
  const std::string bytes = answer.SerializeAsString();
  std::vector<Passed> read;
  ASSERT_THAT(ReadPassed(*answer.GetDescriptor(), bytes, &read), test::IsOk());
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].glance.name, "places/hanoi");
  EXPECT_EQ(read[0].type, catalogue::v1::Place::descriptor());
  EXPECT_EQ(read[0].bytes, place->SerializeAsString());
  for (size_t size = 1; size < bytes.size(); ++size) {
    std::vector<Passed> some;
    EXPECT_TRUE(absl::IsInternal(ReadPassed(*answer.GetDescriptor(), bytes.substr(0, size), &some)))
        << size;
  }
}

}  // namespace
}  // namespace entente::gateway
