// SPDX-License-Identifier: Apache-2.0
// Events, claims and changes on one axis, through the gateway.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using gateway::v1::Timeline;
using gateway::v1::TimelineEntry;

class TimelineTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    ASSERT_THAT(Create<Organisation>("old"), IsOk());
    ASSERT_THAT(Create<Organisation>("new"), IsOk());
    ASSERT_THAT(Create<Initiative>("root"), IsOk());
    ASSERT_THAT(Create<Initiative>("part", "parent: 'initiatives/root'"), IsOk());
    ASSERT_THAT(servers().AwaitFollowers(), IsOk());
    const std::string party =
        "parties { role: PARTY_ROLE_HOST organisation: 'organisations/old' } ";
    ASSERT_THAT(Create<Event>("first", party + "date { edtf: '2023-09-05' }"), IsOk());
    ASSERT_THAT(
        Create<Event>("second", "initiatives: 'initiatives/part' date { edtf: '2023-09-06' }"),
        IsOk());
    ASSERT_THAT(Create<Event>("undated", party), IsOk());
    ASSERT_THAT(
        Create<Claim>("dated", "initiative: 'initiatives/part' value_date { edtf: '2023-09-07' }"),
        IsOk());
    ASSERT_THAT(
        Create<Claim>("rate", party + "recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR validity { "
                                      "edtf: '2024/2025' } }"),
        IsOk());
    ASSERT_THAT(Create<Claim>("undated"), IsOk());
  }

  template <typename T>
  absl::Status Create(const std::string& id, const std::string& more = "") {
    return Of<T>().Create(id, *Of<T>().New(more)).status();
  }

  Timeline Get(const std::string& request) {
    const auto timeline = servers().gateway().Call<Timeline>("GetTimeline", request);
    EXPECT_THAT(timeline, IsOk());
    return timeline.value_or(Timeline());
  }
  static std::string NameOf(const TimelineEntry& entry) {
    if (entry.has_event()) return entry.event().name();
    if (entry.has_claim()) return entry.claim().name();
    std::string name = "change:";
    for (const auto& change : entry.change().revision().changes()) {
      absl::StrAppend(&name, " ", change.name());
    }
    return name;
  }
  template <typename Entries>
  static std::vector<std::string> Names(const Entries& entries) {
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(NameOf(entry));
    return names;
  }
};
INSTANTIATE_CONFORMANCE(TimelineTest);

TEST_P(TimelineTest, OfAPartnership) {
  const Timeline timeline = Get("name: 'partnerships/p' as_of: '2023-09-06'");
  // What the record tells is long past, but for the rate; its changes are of today, and of those in
  // the order in which they were committed. The organisations are no part of the tree.
  EXPECT_THAT(
      Names(timeline.entries()),
      ElementsAre("events/first", "events/second", "claims/dated", "claims/rate",
                  "change: partnerships/p", "change: initiatives/root", "change: initiatives/part",
                  "change: events/first", "change: events/second", "change: events/undated",
                  "change: claims/dated", "change: claims/rate", "change: claims/undated"));
  EXPECT_THAT(Names(timeline.undated()), ElementsAre("events/undated", "claims/undated"));
  std::vector<std::string> before;
  for (const auto& one : timeline.before()) {
    before.push_back(absl::StrCat(one.first(), "<", one.second()));
  }
  EXPECT_THAT(before, ElementsAre("1<2", "2<3", "3<4", "4<5", "5<6", "6<7", "7<8", "8<9", "9<10",
                                  "10<11", "11<12", "12<13"));
  EXPECT_EQ(timeline.entries(0).side(), gateway::v1::TIMELINE_SIDE_PAST);
  EXPECT_EQ(timeline.entries(1).side(), gateway::v1::TIMELINE_SIDE_COMING);
  EXPECT_THAT(timeline.unreachable(), IsEmpty());
  EXPECT_THAT(timeline.older_changes_omitted(), IsEmpty());

  // At its revisions it stays as it is.
  ASSERT_THAT(Of<Event>().Delete("first"), IsOk());
  const Timeline again = Get(absl::StrCat("name: 'partnerships/p' as_of: '2023-09-06' revisions { ",
                                          timeline.revisions().ShortDebugString(), " }"));
  EXPECT_THAT(again, EqualsProto(timeline));
}

TEST_P(TimelineTest, OfAnInitiativeAndWhatIsBeneathIt) {
  const Timeline timeline = Get("name: 'initiatives/root' omit_changes: true");
  EXPECT_THAT(Names(timeline.entries()), ElementsAre("events/second", "claims/dated"));
  EXPECT_THAT(timeline.undated(), IsEmpty());
}

TEST_P(TimelineTest, OfAnOrganisationWhateverItWasCalled) {
  ASSERT_THAT(Of<Organisation>().Update(*Of<Organisation>().New(
                  "name: 'organisations/old' merged_into: 'organisations/new'")),
              IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  for (const char* name : {"organisations/old", "organisations/new"}) {
    const Timeline timeline = Get(absl::StrCat("name: '", name, "'"));
    EXPECT_EQ(timeline.name(), "organisations/new");
    EXPECT_THAT(
        Names(timeline.entries()),
        ElementsAre("events/first", "claims/rate", "change: organisations/old",
                    "change: organisations/new", "change: events/first", "change: events/undated",
                    "change: claims/rate", "change: organisations/old"));
    EXPECT_THAT(Names(timeline.undated()), ElementsAre("events/undated"));
  }
  EXPECT_THAT(servers().gateway().Send("GetTimeline", "name: 'organisations/none'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_P(TimelineTest, WithinAWindow) {
  const Timeline timeline = Get("name: 'partnerships/p' window: '2023-09-06/2024'");
  EXPECT_THAT(Names(timeline.entries()),
              ElementsAre("events/second", "claims/dated", "claims/rate"));
  EXPECT_THAT(Names(timeline.undated()), ElementsAre("events/undated", "claims/undated"));
}

TEST_P(TimelineTest, AServiceThatIsGoneIsNamed) {
  if (GetParam() != Deployment::kSeparate) GTEST_SKIP() << "one process goes as a whole";
  servers().Stop(Service::kEvents);
  const Timeline timeline = Get("name: 'partnerships/p' omit_changes: true");
  EXPECT_THAT(Names(timeline.entries()), ElementsAre("claims/dated", "claims/rate"));
  EXPECT_THAT(timeline.unreachable(), ElementsAre("entente.events.v1.EventsService"));
  for (const char* method : {"GetTimeline", "GetOverview"}) {
    EXPECT_THAT(servers().gateway().Send(method, "name: 'partnerships/p' require_complete: true"),
                Fails(StatusCode::kUnavailable, "PEER_UNREACHABLE"));
  }
  EXPECT_THAT(
      servers().gateway().Send("GetDossier", "name: 'initiatives/root' require_complete: true"),
      Fails(StatusCode::kUnavailable, "PEER_UNREACHABLE"));
  servers().Stop(Service::kCatalogue);
  EXPECT_THAT(servers().gateway().Send("GetTimeline", "name: 'partnerships/p'"),
              Fails(StatusCode::kUnavailable, "PEER_UNREACHABLE"));
}

TEST_P(TimelineTest, WhatIsWrongIsSaidAtOnce) {
  EXPECT_THAT(servers().gateway().Send("GetTimeline", "name: 'x' as_of: '2023' window: 'soon'"),
              ViolationsAre(UnorderedElementsAre("name", "as_of", "window")));
}

}  // namespace
}  // namespace entente::conformance
