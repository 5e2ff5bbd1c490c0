// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
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
using testing::Pair;
using type::v1::ListRevisionsResponse;

constexpr char kCatalogue[] = "entente.catalogue.v1.CatalogueService";
constexpr char kFunding[] = "entente.funding.v1.FundingService";
constexpr char kEvents[] = "entente.events.v1.EventsService";

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Answers each type of request with one message, and keeps what it was asked last.
class FakeService {
 public:
  explicit FakeService(const std::string& name) : peer(name) {
    peer.AnswerWith([this](const Message& request, Message* response) {
      const std::string type(request.GetDescriptor()->name());
      asked[type].reset(request.New());
      asked[type]->CopyFrom(request);
      if (!status.ok()) return status;
      const auto found = answers.find(type);
      if (found == answers.end()) return absl::UnimplementedError(type);
      EXPECT_TRUE(TextFormat::ParseFromString(found->second, response)) << found->second;
      return absl::OkStatus();
    });
  }

  FakePeer peer;
  absl::Status status;
  std::map<std::string, std::string> answers;
  std::map<std::string, std::unique_ptr<Message>> asked;
};

class TimelineTest : public testing::Test {
 protected:
  TimelineTest() {
    catalogue_.answers["GetPartnershipTreeRequest"] = R"pb(
      partnership { name: "partnerships/p" }
      initiatives { name: "initiatives/i" }
      revision: 2
    )pb";
    catalogue_.answers["GetInitiativeTreeRequest"] = R"pb(
      initiative { name: "initiatives/i" }
      revision: 2
    )pb";
    catalogue_.answers["ResolveOrganisationsRequest"] = R"pb(
      resolutions {
        outcome: RESOLUTION_OUTCOME_RESOLVED
        organisation: "organisations/new"
        candidates { organisation: "organisations/new" merged: "organisations/old" }
      }
      revision: 2
    )pb";
    // 2023-09-06T10:00:00Z, and a second later.
    catalogue_.answers["ListRevisionsRequest"] = R"pb(
      revisions {
        revision: 2
        commit_time { seconds: 1693994401 }
        changes { name: "initiatives/i" outcome: CHANGE_OUTCOME_UPDATED }
        changes { name: "initiatives/elsewhere" outcome: CHANGE_OUTCOME_UPDATED }
        change_count: 2
        reason { note: "A correction." }
      }
      revisions {
        revision: 1
        commit_time { seconds: 1693994400 }
        changes { name: "initiatives/elsewhere" outcome: CHANGE_OUTCOME_CREATED }
        change_count: 1
      }
    )pb";
    funding_.answers["ListClaimsRequest"] = R"pb(
      claims {
        name: "claims/dated"
        value_date { edtf: "2023-09-04" }
        period { edtf: "2020" }
      }
      claims {
        name: "claims/rate"
        recurrence { validity { edtf: "2024/2025" } }
      }
      claims { name: "claims/undated" }
      claims {
        name: "claims/uncertain"
        period { edtf: "2021?" }
        revision: 6
        create_time { seconds: 1693994402 }
      }
      revision: 7
    )pb";
    // More than are listed.
    funding_.answers["ListRevisionsRequest"] = R"pb(
      revisions {
        revision: 5
        commit_time { seconds: 1693994402 }
        changes { name: "claims/other" outcome: CHANGE_OUTCOME_CREATED }
        change_count: 101
      }
      next_page_token: "more"
    )pb";
    events_.answers["ListEventsRequest"] = R"pb(
      events { name: "events/undated" }
      events {
        name: "events/b"
        date { edtf: "2023-09-06/2023-09-07" }
      }
      events {
        name: "events/a"
        date { edtf: "2023-09-03" }
      }
      revision: 9
    )pb";
    events_.answers["ListRevisionsRequest"] = "";
  }

  absl::Status Get(const std::string& request = "name: 'partnerships/p'") {
    timeline_.Clear();
    std::vector<absl::Status> answers;
    const auto parsed = Parse<v1::GetTimelineRequest>(request);
    gateway_.GetTimeline({absl::InfiniteFuture(), "id"}, parsed, &timeline_,
                         [&](absl::Status status) { answers.push_back(std::move(status)); });
    EXPECT_EQ(answers.size(), 1u);
    return answers.at(0);
  }

  static std::string NameOf(const v1::TimelineEntry& entry) {
    if (entry.has_event()) return entry.event().name();
    if (entry.has_claim()) return entry.claim().name();
    return absl::StrCat(entry.change().service(), " ", entry.change().revision().revision());
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : timeline_.entries()) names.push_back(NameOf(entry));
    return names;
  }
  std::vector<std::string> Undated() const {
    std::vector<std::string> names;
    for (const auto& entry : timeline_.undated()) names.push_back(NameOf(entry));
    return names;
  }
  std::set<std::pair<std::string, std::string>> Before() const {
    std::set<std::pair<std::string, std::string>> pairs;
    for (const auto& one : timeline_.before()) {
      pairs.emplace(NameOf(timeline_.entries(one.first() - 1)),
                    NameOf(timeline_.entries(one.second() - 1)));
    }
    return pairs;
  }
  const v1::TimelineEntry& Entry(const std::string& name) const {
    for (const auto& entry : timeline_.entries()) {
      if (NameOf(entry) == name) return entry;
    }
    ADD_FAILURE() << "no " << name;
    return v1::TimelineEntry::default_instance();
  }
  static std::string FilterOf(const FakeService& service, const std::string& type) {
    return fields::GetString(*service.asked.at(type), "filter");
  }

  FakeService catalogue_{kCatalogue};
  FakeService funding_{kFunding};
  FakeService events_{kEvents};
  // 2023-09-06.
  FakeClock clock_{absl::FromUnixSeconds(1'694'000'000)};
  Gateway gateway_{{&catalogue_.peer, &funding_.peer, &events_.peer}, &clock_};
  v1::Timeline timeline_;
};

TEST_F(TimelineTest, EventsClaimsAndChangesStandOnOneAxis) {
  ASSERT_TRUE(Get().ok());
  EXPECT_THAT(Names(), ElementsAre("claims/uncertain", "events/a", "claims/dated",
                                   absl::StrCat(kCatalogue, " 2"), absl::StrCat(kFunding, " 5"),
                                   "events/b", "claims/rate"));
  EXPECT_THAT(Undated(), ElementsAre("events/undated", "claims/undated"));
  EXPECT_EQ(timeline_.entries(6).number(), 7);
  EXPECT_EQ(timeline_.undated(0).number(), 8);
  EXPECT_EQ(timeline_.revisions().catalogue(), 2);
  EXPECT_EQ(timeline_.revisions().funding(), 7);
  EXPECT_EQ(timeline_.revisions().events(), 9);
  EXPECT_EQ(timeline_.as_of(), "2023-09-06");
  EXPECT_THAT(timeline_.unreachable(), IsEmpty());
  EXPECT_EQ(FilterOf(funding_, "ListClaimsRequest"), "partnerships:\"partnerships/p\"");
}

TEST_F(TimelineTest, NoMoreOrderThanIsCertain) {
  ASSERT_TRUE(Get().ok());
  const std::string corrected = absl::StrCat(kCatalogue, " 2");
  const std::string written = absl::StrCat(kFunding, " 5");
  // The correction was on the 5th, 6th or 7th, so that nothing is known of it and events/b.
  EXPECT_THAT(Before(), testing::UnorderedElementsAre(
                            Pair("events/a", "claims/dated"), Pair("claims/dated", corrected),
                            Pair("claims/dated", "events/b"), Pair(corrected, written),
                            Pair(written, "claims/rate"), Pair("events/b", "claims/rate")));
}

TEST_F(TimelineTest, EachStandsToTheDay) {
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(Entry("events/a").side(), v1::TIMELINE_SIDE_PAST);
  EXPECT_EQ(Entry("events/b").side(), v1::TIMELINE_SIDE_COMING);
  EXPECT_EQ(Entry("claims/rate").side(), v1::TIMELINE_SIDE_COMING);
  EXPECT_EQ(Entry("claims/uncertain").side(), v1::TIMELINE_SIDE_UNDETERMINED);
  EXPECT_TRUE(Entry("claims/uncertain").uncertain());
  EXPECT_EQ(Entry("claims/uncertain").date().edtf(), "2021?");
  EXPECT_EQ(Entry(absl::StrCat(kCatalogue, " 2")).side(), v1::TIMELINE_SIDE_UNDETERMINED);
  ASSERT_TRUE(Get("name: 'partnerships/p' as_of: '2026-01-01'").ok());
  EXPECT_EQ(Entry("claims/rate").side(), v1::TIMELINE_SIDE_PAST);
  EXPECT_EQ(Entry(absl::StrCat(kCatalogue, " 2")).side(), v1::TIMELINE_SIDE_PAST);
}

TEST_F(TimelineTest, OfARevisionOnlyWhatBelongsHereIsShown) {
  ASSERT_TRUE(Get().ok());
  const auto& change = Entry(absl::StrCat(kCatalogue, " 2")).change();
  ASSERT_EQ(change.revision().changes_size(), 1);
  EXPECT_EQ(change.revision().changes(0).name(), "initiatives/i");
  EXPECT_EQ(change.revision().change_count(), 2);
  EXPECT_EQ(change.revision().reason().note(), "A correction.");
  EXPECT_EQ(Entry(absl::StrCat(kCatalogue, " 2")).date().earliest(), "2023-09-05");
  EXPECT_EQ(Entry(absl::StrCat(kCatalogue, " 2")).date().latest(), "2023-09-07");
  // Of a revision that does not list all, what is known to be of it.
  const auto& large = Entry(absl::StrCat(kFunding, " 5")).change();
  ASSERT_EQ(large.revision().changes_size(), 1);
  EXPECT_EQ(large.revision().changes(0).name(), "claims/uncertain");
  EXPECT_EQ(large.revision().changes(0).outcome(), type::v1::CHANGE_OUTCOME_CREATED);
  EXPECT_THAT(std::vector<std::string>(timeline_.older_changes_omitted().begin(),
                                       timeline_.older_changes_omitted().end()),
              ElementsAre(kFunding));
}

TEST_F(TimelineTest, AWindowLimitsWhatHasADate) {
  ASSERT_TRUE(Get("name: 'partnerships/p' window: '2023-09-03'").ok());
  EXPECT_THAT(Names(), ElementsAre("events/a"));
  EXPECT_THAT(Undated(), ElementsAre("events/undated", "claims/undated"));
  EXPECT_EQ(FilterOf(events_, "ListEventsRequest"),
            "partnerships:\"partnerships/p\" AND (possibly(date, \"2023-09-03\") OR NOT date:*)");
  ASSERT_TRUE(Get("name: 'partnerships/p' window: '2023-09-07'").ok());
  EXPECT_THAT(Names(), ElementsAre(absl::StrCat(kCatalogue, " 2"), absl::StrCat(kFunding, " 5"),
                                   "events/b"));
  ASSERT_TRUE(Get("name: 'partnerships/p' omit_changes: true").ok());
  EXPECT_EQ(timeline_.entries_size(), 5);
}

TEST_F(TimelineTest, OfAnOrganisationItIsOfAllThatWereMergedIntoIt) {
  ASSERT_TRUE(
      Get("name: 'organisations/old' revisions { catalogue: 2 funding: 7 events: 9 }").ok());
  EXPECT_EQ(timeline_.name(), "organisations/new");
  const std::string filter = "parties.organisation:\"organisations/new\"";
  EXPECT_EQ(FilterOf(funding_, "ListClaimsRequest"), filter);
  EXPECT_EQ(FilterOf(events_, "ListEventsRequest"), filter);
  EXPECT_EQ(fields::GetInt(*catalogue_.asked["ResolveOrganisationsRequest"], "revision"), 2);
  EXPECT_EQ(fields::GetInt(*funding_.asked["ListClaimsRequest"], "revision"), 7);
  EXPECT_EQ(fields::GetInt(*events_.asked["ListEventsRequest"], "revision"), 9);
  catalogue_.answers["ResolveOrganisationsRequest"] =
      "resolutions { outcome: RESOLUTION_OUTCOME_NOT_FOUND } revision: 2";
  EXPECT_TRUE(absl::IsNotFound(Get("name: 'organisations/gone'")));
}

TEST_F(TimelineTest, OfAnInitiativeItIsOfWhatIsBeneathIt) {
  ASSERT_TRUE(Get("name: 'initiatives/i'").ok());
  EXPECT_EQ(fields::GetString(*funding_.asked["ListClaimsRequest"], "initiative_tree"),
            "initiatives/i");
  EXPECT_EQ(Names().size(), 7u);
}

TEST_F(TimelineTest, WithoutAServiceTheRestIsRight) {
  events_.status = absl::UnavailableError("gone");
  ASSERT_TRUE(Get().ok());
  EXPECT_THAT(
      std::vector<std::string>(timeline_.unreachable().begin(), timeline_.unreachable().end()),
      ElementsAre(kEvents));
  EXPECT_EQ(timeline_.entries_size(), 5);
  EXPECT_EQ(timeline_.revisions().events(), 0);
  EXPECT_EQ(Get("name: 'partnerships/p' require_complete: true").code(),
            absl::StatusCode::kUnavailable);
  // Changes that cannot be had are missing, too.
  events_.status = absl::OkStatus();
  funding_.answers.erase("ListRevisionsRequest");
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(timeline_.unreachable(0), kFunding);
  EXPECT_EQ(timeline_.revisions().funding(), 7);
  // A follower that has not heard of the initiative has nothing of it.
  events_.status = errors::ResourceNotFound("entente.dev/Initiative", "initiatives/i");
  ASSERT_TRUE(Get("name: 'initiatives/i'").ok());
  EXPECT_EQ(timeline_.unreachable_size(), 1);
}

TEST_F(TimelineTest, WithoutTheCatalogueThereIsNone) {
  catalogue_.status = absl::DeadlineExceededError("late");
  for (const char* name : {"partnerships/p", "initiatives/i", "organisations/o"}) {
    const absl::Status status = Get(absl::StrCat("name: '", name, "'"));
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << name;
    EXPECT_EQ(errors::InfoOf(status).metadata().at("service"), kCatalogue);
  }
  catalogue_.status = errors::ResourceNotFound("entente.dev/Partnership", "partnerships/p");
  EXPECT_TRUE(absl::IsNotFound(Get()));
}

TEST_F(TimelineTest, WhatIsWrongIsSaidAtOnce) {
  const absl::Status status = Get("name: 'places/x' as_of: '2023' window: 'someday'");
  EXPECT_EQ(errors::BadRequestOf(status).field_violations_size(), 3);
  funding_.answers["ListClaimsRequest"] = "next_page_token: 'more'";
  EXPECT_EQ(errors::InfoOf(Get()).reason(), "TOO_MANY_EVENTS");
}

}  // namespace
}  // namespace entente::gateway
