// SPDX-License-Identifier: Apache-2.0
//
// The profiles of every organisation and every place of the bundled record, by real servers,
// against what a reader of all lists finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/testing/test_servers.h"
#include "entente/gateway/v1/gateway_service.pb.h"
#include "services/entente/record/load.h"
#include "services/gateway/server.h"

namespace entente::gateway {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using Names = std::set<std::string>;

template <typename List>
Names NamesOf(const List& list) {
  Names names;
  for (const auto& resource : list) {
    EXPECT_TRUE(names.insert(resource.name()).second) << resource.name() << " twice";
  }
  return names;
}

Names And(Names a, const Names& b) {
  a.insert(b.begin(), b.end());
  return a;
}

class ProfileTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    servers_ = new test::TestServers();
    ASSERT_THAT(servers_->Start(), test::IsOk());
    const auto peers = RemotePeers(servers_->target(test::Service::kCatalogue),
                                   servers_->target(test::Service::kFunding),
                                   servers_->target(test::Service::kEvents));
    ASSERT_THAT(LoadRecord("data/us-asean-csp", "", type::v1::ChangeReason(),
                           {peers.catalogue.get(), peers.funding.get(), peers.events.get()},
                           test::kPatience),
                test::IsOk());
    // An organisation that was merged into another, and what was said of it before.
    Do(servers_->catalogue(), "CreateOrganisation", R"pb(
      organisation_id: "former-agency"
      organisation {
        title { text: "Former agency" }
        kind: ORGANISATION_KIND_AGENCY
        partnerships: "partnerships/us-asean-csp"
        merged_into: "organisations/usaid"
      })pb");
    Do(servers_->catalogue(), "CreateInitiative", R"pb(
      initiative_id: "of-the-former-agency"
      initiative {
        title { text: "Of the former agency" }
        partnerships: "partnerships/us-asean-csp"
        kind: INITIATIVE_KIND_PROGRAMME
        status: INITIATIVE_STATUS_ACTIVE
        parties { role: PARTY_ROLE_LEAD organisation: "organisations/former-agency" }
      })pb");
    ASSERT_THAT(servers_->AwaitFollowers(), test::IsOk());
    Do(servers_->events(), "CreateEvent", R"pb(
      event_id: "of-the-former-agency"
      event {
        title { text: "Of the former agency" }
        kind: EVENT_KIND_SUMMIT
        status: EVENT_STATUS_HELD
        partnerships: "partnerships/us-asean-csp"
        parties { role: PARTY_ROLE_HOST organisation: "organisations/former-agency" }
      })pb");
  }
  static void TearDownTestSuite() { delete servers_; }

  static void Do(const test::ServiceClient& client, const std::string& method,
                 const std::string& request) {
    ASSERT_THAT(client.Send(method, request), test::IsOk()) << method;
  }

  template <typename Response>
  static Response Call(const test::ServiceClient& client, const std::string& method,
                       const std::string& request) {
    const auto response = client.Call<Response>(method, request);
    EXPECT_THAT(response, test::IsOk()) << method << " " << request;
    return response.value_or(Response());
  }

  template <typename Response>
  static Response All(const test::ServiceClient& client, const std::string& method) {
    auto all = Call<Response>(client, method, "page_size: 1000 view: RESOURCE_VIEW_FULL");
    EXPECT_EQ(all.next_page_token(), "") << method;
    return all;
  }

  // The names of those of `list` that `is_one` says are.
  template <typename List, typename Fn>
  static Names Which(const List& list, Fn is_one) {
    Names names;
    for (const auto& resource : list) {
      if (is_one(resource)) names.insert(resource.name());
    }
    return names;
  }

  template <typename Profile>
  static Names EventsOf(const Profile& profile) {
    return And(And(NamesOf(profile.past_events()), NamesOf(profile.coming_events())),
               NamesOf(profile.undetermined_events()));
  }

  static Names ClaimsOf(const google::protobuf::RepeatedPtrField<v1::ClaimGroup>& groups) {
    Names names;
    for (const auto& group : groups) {
      names = And(names, And(NamesOf(group.totals()), NamesOf(group.rates())));
    }
    return names;
  }

  static test::TestServers* servers_;
};

test::TestServers* ProfileTest::servers_ = nullptr;

TEST_F(ProfileTest, OfAnOrganisationIsWhatNamesItOrOneThatWasMergedIntoIt) {
  const auto organisations =
      All<catalogue::v1::ListOrganisationsResponse>(servers_->catalogue(), "ListOrganisations");
  const auto partnerships =
      All<catalogue::v1::ListPartnershipsResponse>(servers_->catalogue(), "ListPartnerships");
  const auto initiatives =
      All<catalogue::v1::ListInitiativesResponse>(servers_->catalogue(), "ListInitiatives");
  const auto quantities =
      All<catalogue::v1::ListQuantitiesResponse>(servers_->catalogue(), "ListQuantities");
  const auto documents =
      All<catalogue::v1::ListDocumentsResponse>(servers_->catalogue(), "ListDocuments");
  const auto people = All<catalogue::v1::ListPeopleResponse>(servers_->catalogue(), "ListPeople");
  const auto claims = All<funding::v1::ListClaimsResponse>(servers_->funding(), "ListClaims");
  const auto events = All<events::v1::ListEventsResponse>(servers_->events(), "ListEvents");
  const auto series =
      All<events::v1::ListEventSeriesResponse>(servers_->events(), "ListEventSeries");
  ASSERT_GT(organisations.organisations_size(), 20);
  for (const auto& organisation : organisations.organisations()) {
    if (!organisation.merged_into().empty()) continue;
    SCOPED_TRACE(organisation.name());
    Names names = {organisation.name()};
    for (const auto& other : organisations.organisations()) {
      if (other.merged_into() == organisation.name()) names.insert(other.name());
    }
    const auto takes_part = [&](const auto& resource) {
      for (const auto& party : resource.parties()) {
        if (names.count(party.organisation()) > 0) return true;
      }
      return false;
    };
    const auto profile = Call<v1::OrganisationProfile>(
        servers_->gateway(), "GetOrganisationProfile",
        absl::StrCat("require_complete: true name: '", organisation.name(), "'"));
    EXPECT_EQ(profile.organisation().title().text(), organisation.title().text());
    EXPECT_EQ(And(NamesOf(profile.merged()), {organisation.name()}), names);
    EXPECT_EQ(NamesOf(profile.sub_organisations()),
              Which(organisations.organisations(),
                    [&](const auto& each) { return names.count(each.parent()) > 0; }));
    EXPECT_EQ(NamesOf(profile.partnerships()), Which(partnerships.partnerships(), takes_part));
    EXPECT_EQ(NamesOf(profile.initiatives()), Which(initiatives.initiatives(), takes_part));
    EXPECT_EQ(NamesOf(profile.quantities()), Which(quantities.quantities(), takes_part));
    EXPECT_EQ(NamesOf(profile.documents()), Which(documents.documents(), takes_part));
    EXPECT_EQ(NamesOf(profile.people()), Which(people.people(), [&](const auto& person) {
                for (const auto& office : person.offices()) {
                  if (names.count(office.organisation()) > 0) return true;
                }
                return false;
              }));
    EXPECT_EQ(EventsOf(profile), Which(events.events(), takes_part));
    EXPECT_EQ(NamesOf(profile.event_series()), Which(series.event_series(), takes_part));
    std::map<int, Names> by_role;
    for (const auto& claim : claims.claims()) {
      for (const auto& party : claim.parties()) {
        if (names.count(party.organisation()) > 0) by_role[party.role()].insert(claim.name());
      }
    }
    std::map<int, Names> money;
    for (const auto& of_role : profile.money()) {
      money[of_role.role()] = ClaimsOf(of_role.claim_groups());
    }
    EXPECT_EQ(money, by_role);
    EXPECT_THAT(profile.unresolved(), IsEmpty());
    EXPECT_THAT(profile.citations(), Not(IsEmpty()));
  }
}

TEST_F(ProfileTest, OfOneThatWasMergedIsThatOfTheOther) {
  const auto profile = Call<v1::OrganisationProfile>(servers_->gateway(), "GetOrganisationProfile",
                                                     "name: 'organisations/former-agency'");
  EXPECT_EQ(profile.name(), "organisations/usaid");
  EXPECT_EQ(profile.organisation().name(), "organisations/usaid");
  EXPECT_EQ(NamesOf(profile.merged()), Names{"organisations/former-agency"});
  EXPECT_THAT(NamesOf(profile.initiatives()), Contains("initiatives/of-the-former-agency"));
  EXPECT_THAT(EventsOf(profile), Contains("events/of-the-former-agency"));
}

TEST_F(ProfileTest, OfACountryIsWhatIsThereOrInAnyPlaceInIt) {
  const auto places = All<catalogue::v1::ListPlacesResponse>(servers_->catalogue(), "ListPlaces");
  const auto organisations =
      All<catalogue::v1::ListOrganisationsResponse>(servers_->catalogue(), "ListOrganisations");
  const auto initiatives =
      All<catalogue::v1::ListInitiativesResponse>(servers_->catalogue(), "ListInitiatives");
  const auto quantities =
      All<catalogue::v1::ListQuantitiesResponse>(servers_->catalogue(), "ListQuantities");
  const auto claims = All<funding::v1::ListClaimsResponse>(servers_->funding(), "ListClaims");
  const auto events = All<events::v1::ListEventsResponse>(servers_->events(), "ListEvents");
  ASSERT_GT(places.places_size(), 10);
  for (const auto& place : places.places()) {
    SCOPED_TRACE(place.name());
    Names inside = {place.name()};
    for (size_t before = 0; before != inside.size();) {
      before = inside.size();
      for (const auto& each : places.places()) {
        if (inside.count(each.parent()) > 0) inside.insert(each.name());
      }
    }
    const auto is_there = [&](const auto& resource) {
      for (const auto& share : resource.places()) {
        if (inside.count(share.place()) > 0) return true;
      }
      return false;
    };
    const auto profile =
        Call<v1::CountryProfile>(servers_->gateway(), "GetCountryProfile",
                                 absl::StrCat("require_complete: true name: '", place.name(), "'"));
    EXPECT_EQ(profile.place().title().text(), place.title().text());
    EXPECT_EQ(And(NamesOf(profile.places()), {place.name()}), inside);
    EXPECT_EQ(NamesOf(profile.organisations()),
              Which(organisations.organisations(),
                    [&](const auto& each) { return inside.count(each.place()) > 0; }));
    EXPECT_EQ(NamesOf(profile.initiatives()), Which(initiatives.initiatives(), is_there));
    EXPECT_EQ(NamesOf(profile.quantities()), Which(quantities.quantities(), is_there));
    EXPECT_EQ(ClaimsOf(profile.claim_groups()), Which(claims.claims(), is_there));
    EXPECT_EQ(EventsOf(profile), Which(events.events(), [&](const auto& event) {
                for (const auto& where : event.places()) {
                  if (inside.count(where) > 0) return true;
                }
                return false;
              }));
    EXPECT_THAT(profile.unresolved(), IsEmpty());
  }
}

TEST_F(ProfileTest, IsAtTheRevisionsThatItSaysAndMayBeAskedForAgain) {
  const auto now = Call<v1::CountryProfile>(servers_->gateway(), "GetCountryProfile",
                                            "name: 'places/indonesia' as_of: '2023-09-05'");
  EXPECT_GT(now.revisions().catalogue(), 0);
  EXPECT_GT(now.revisions().funding(), 0);
  EXPECT_GT(now.revisions().events(), 0);
  EXPECT_THAT(now.unreachable(), IsEmpty());
  const auto again = Call<v1::CountryProfile>(
      servers_->gateway(), "GetCountryProfile",
      absl::StrCat("name: 'places/indonesia' as_of: '2023-09-05' revisions { ",
                   now.revisions().ShortDebugString(), " }"));
  EXPECT_EQ(again.SerializeAsString(), now.SerializeAsString());
  // Before there was a record there was no such place.
  const auto before = servers_->gateway().Call<v1::CountryProfile>(
      "GetCountryProfile", "name: 'places/indonesia' revisions { catalogue: 1 }");
  EXPECT_TRUE(!before.ok() || before->revisions().catalogue() == 1);
}

TEST_F(ProfileTest, WhatIsWrongIsSaid) {
  const auto status = [&](const std::string& method, const std::string& request) {
    return servers_->gateway().Send(method, request);
  };
  EXPECT_THAT(status("GetOrganisationProfile", "name: 'places/indonesia'"),
              test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status("GetCountryProfile", "name: 'organisations/usaid'"),
              test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status("GetCountryProfile", "name: 'places/indonesia' as_of: '2023'"),
              test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status("GetOrganisationProfile", "name: 'organisations/nobody'"),
              test::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(status("GetCountryProfile", "name: 'places/nowhere'"),
              test::StatusIs(absl::StatusCode::kNotFound));
}

// What the gateway keeps is as good as new: a write to any service is in the answers that follow
// soon, and nothing is lost to what was there before.
TEST_F(ProfileTest, WhatIsWrittenIsSoonInAnswersThatWereKept) {
  for (int i = 0; i < 5; ++i) {
    const std::string id = absl::StrCat("kept-", i);
    Do(servers_->events(), "CreateEvent",
       absl::StrCat("event_id: '", id,
                    "' event { title { text: 'Kept' } kind: EVENT_KIND_SUMMIT status: "
                    "EVENT_STATUS_HELD partnerships: "
                    "'partnerships/us-asean-csp' places: 'places/indonesia' }"));
    const absl::Time until = absl::Now() + test::kPatience;
    Names names;
    while (names.count(absl::StrCat("events/", id)) == 0 && absl::Now() < until) {
      names = EventsOf(Call<v1::CountryProfile>(servers_->gateway(), "GetCountryProfile",
                                                "name: 'places/indonesia'"));
    }
    EXPECT_THAT(names, Contains(absl::StrCat("events/", id)));
  }
}

}  // namespace
}  // namespace entente::gateway
