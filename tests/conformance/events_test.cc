// SPDX-License-Identifier: Apache-2.0
// Events in time: editions, outcomes, parties in their roles, what is to come, timelines,
// calendars.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using events::v1::ExportCalendarResponse;
using events::v1::ListUpcomingEventsResponse;
using events::v1::Timeline;

class EventsTest : public ConformanceTest {
 protected:
  absl::StatusOr<MessagePtr> Add(const std::string& id, const std::string& more) {
    return Of<Event>().Create(id, *Of<Event>().New(more));
  }
  void AddParties() {
    for (const char* id : {"usaid", "asean"}) ASSERT_THAT(Of<Organisation>().Create(id), IsOk());
    ASSERT_THAT(Of<Person>().Create("tai"), IsOk());
    ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  }
  static std::string Dated(const std::string& edtf) {
    return absl::StrCat("status: EVENT_STATUS_PLANNED date { edtf: '", edtf, "' } ");
  }

  // "STANDING id" of every page of `size`.
  std::vector<std::string> Upcoming(const std::string& request, int size = 1000) {
    std::vector<std::string> all;
    std::string token;
    do {
      const auto page = events().Call<ListUpcomingEventsResponse>(
          "ListUpcomingEvents",
          absl::StrCat(request, " page_size: ", size, " page_token: '", token, "'"));
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      EXPECT_LE(page->events_size(), size);
      for (const auto& item : page->events()) {
        all.push_back(absl::StrCat(events::v1::UpcomingStanding_Name(item.standing()).substr(18),
                                   " ", item.event().name().substr(7)));
      }
      token = page->next_page_token();
    } while (!token.empty() && all.size() < 100);
    return all;
  }

  std::string Calendar(const std::string& request) {
    const auto answer = events().Call<ExportCalendarResponse>("ExportCalendar", request);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->data() : "";
  }
  // The property of an entry: "SEQUENCE" of "UID:a.events@entente.dev".
  static std::string Property(const std::string& calendar, const std::string& uid,
                              const std::string& property) {
    const size_t at = calendar.find("UID:" + uid + "\r\n");
    const size_t end = calendar.find("\r\nEND:", at);
    const size_t begin = calendar.find("\r\n" + property + ":", at);
    if (at == std::string::npos || begin > end) return "none";
    const size_t value = begin + property.size() + 3;
    return calendar.substr(value, calendar.find("\r\n", value) - value);
  }
};
INSTANTIATE_CONFORMANCE(EventsTest);

TEST_P(EventsTest, AnEditionIsOfASeriesThatIsThere) {
  EXPECT_THAT(Add("a", "edition { series: 'eventSeries/s' }"),
              Refuses("event.edition.series", HasSubstr("there is no eventSeries/s")));
  EXPECT_THAT(Add("a", "edition { series: 'events/s' }"),
              Refuses("event.edition.series", HasSubstr("eventSeries/{event_series}")));
  EXPECT_THAT(Add("a", "edition { number: 1 }"), Refuses("event.edition.series", _));
  ASSERT_THAT(Of<EventSeries>().Create("s"), IsOk());
  ASSERT_THAT(Add("a", "edition { series: 'eventSeries/s' number: 3 }"), IsOk());
  EXPECT_THAT(Add("b", "edition { series: 'eventSeries/s' number: 3 }"),
              Refuses("event.edition.number", HasSubstr("events/a")));
  EXPECT_THAT(Of<EventSeries>().Delete("s"),
              Fails(StatusCode::kFailedPrecondition, "RESOURCE_IN_USE"));
  // A series and its editions in one change set, in any order.
  EXPECT_THAT(Of<Event>().Apply({Of<Event>().Put("x", *Of<Event>().New("edition { series: "
                                                                       "'eventSeries/t' }")),
                                 Of<EventSeries>().Put("t", *Of<EventSeries>().New())}),
              IsOk());
}

TEST_P(EventsTest, TheEditionsOfASeriesAreAFilterAndATimeline) {
  ASSERT_THAT(Of<EventSeries>().Create("s"), IsOk());
  ASSERT_THAT(Add("third", Dated("2024") + "edition { series: 'eventSeries/s' }"), IsOk());
  ASSERT_THAT(
      Add("first", "date { edtf: '2021' } edition { series: 'eventSeries/s' inaugural: true }"),
      IsOk());
  ASSERT_THAT(Add("second", "date { edtf: '2022-05' } edition { series: 'eventSeries/s' }"),
              IsOk());
  ASSERT_THAT(
      Add("next", "status: EVENT_STATUS_IN_PREPARATION edition { series: 'eventSeries/s' }"),
      IsOk());
  ASSERT_THAT(Add("other", "date { edtf: '2022' }"), IsOk());
  const std::string filter = R"(filter: 'edition.series = "eventSeries/s"' )";
  EXPECT_THAT(Of<Event>().ListAll(10, filter),
              ElementsAre("events/first", "events/next", "events/second", "events/third"));
  EXPECT_THAT(Of<Event>().ListAll(10, "filter: 'edition.inaugural = true'"),
              ElementsAre("events/first"));
  EXPECT_THAT(events().Call<Timeline>("GetTimeline", filter),
              IsOkAndHolds(Partially(EqualsProto(
                  R"pb(events {
                         number: 1
                         first_column: 1
                         last_column: 1
                         event { name: "events/first" }
                       }
                       events {
                         number: 2
                         first_column: 2
                         last_column: 2
                         event { name: "events/second" }
                       }
                       events {
                         number: 3
                         first_column: 3
                         last_column: 3
                         event { name: "events/third" }
                       }
                       relations { first: 1 second: 2 order: TIMELINE_ORDER_BEFORE }
                       relations { first: 2 second: 3 order: TIMELINE_ORDER_BEFORE }
                       undated { name: "events/next" }
                       column_count: 3)pb"))));
}

TEST_P(EventsTest, OutcomesReferToWhatIsThereAndToClaimsByForm) {
  EXPECT_THAT(Add("a", "outcomes { kind: OUTCOME_KIND_ADOPTED document: 'documents/d' }"),
              Refuses("event.outcomes[0].document", HasSubstr("there is no documents/d")));
  EXPECT_THAT(Add("a", "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/X' }"),
              Refuses("event.outcomes[0].claim", HasSubstr("claims/{claim}")));
  EXPECT_THAT(Add("a", "outcomes { document: 'documents/d' }"),
              Refuses("event.outcomes[0].kind", HasSubstr("OUTCOME_KIND_ENDORSED")));
  // Funding has no such claim, and events cannot know.
  ASSERT_THAT(Add("a", "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/gone' }"), IsOk());
  EXPECT_THAT(Of<Event>().ListAll(10, "filter: 'outcomes.claim:\"claims/gone\"'"),
              ElementsAre("events/a"));
  EXPECT_THAT(
      Add("b", Dated("2024") + "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/c' }"),
      Refuses("event.outcomes", HasSubstr("EVENT_STATUS_PLANNED")));
}

TEST_P(EventsTest, ADossierHasTheSeriesAndNamesAnOutcomeThatIsNotThere) {
  ASSERT_THAT(Of<Initiative>().Create("i"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  ASSERT_THAT(Of<EventSeries>().Create("s"), IsOk());
  ASSERT_THAT(Of<Claim>().Create("there"), IsOk());
  ASSERT_THAT(Of<Claim>().Create("deleted"), IsOk());
  ASSERT_THAT(Of<Claim>().Delete("deleted"), IsOk());
  ASSERT_THAT(Add("e",
                  "initiatives: 'initiatives/i' edition { series: 'eventSeries/s' } "
                  "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/there' }"
                  "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/gone' }"
                  "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/deleted' }"),
              IsOk());
  const auto dossier =
      servers().gateway().Call<gateway::v1::Dossier>("GetDossier", "name: 'initiatives/i'");
  ASSERT_THAT(dossier, IsOk());
  EXPECT_THAT(std::vector<std::string>(dossier->unresolved().begin(), dossier->unresolved().end()),
              UnorderedElementsAre("claims/deleted", "claims/gone"));
  ASSERT_EQ(dossier->event_series_size(), 1);
  EXPECT_EQ(dossier->event_series(0).name(), "eventSeries/s");
  EXPECT_EQ(dossier->unreachable_size(), 0);
}

TEST_P(EventsTest, PartiesInTheirRoles) {
  AddParties();
  ASSERT_THAT(Add("a",
                  "parties { role: PARTY_ROLE_CO_CHAIR organisation: 'organisations/usaid' person: "
                  "'people/tai' } parties { role: PARTY_ROLE_PARTICIPANT organisation: "
                  "'organisations/asean' }"),
              IsOk());
  ASSERT_THAT(Add("b",
                  "parties { role: PARTY_ROLE_CO_CHAIR organisation: 'organisations/asean' }"
                  "parties { role: PARTY_ROLE_HOST organisation: 'organisations/usaid' }"),
              IsOk());
  const auto listed = [&](const std::string& more) { return Of<Event>().ListAll(1, more); };
  EXPECT_THAT(listed("party: 'organisations/usaid'"), ElementsAre("events/a", "events/b"));
  EXPECT_THAT(listed("party: 'organisations/usaid' party_roles: PARTY_ROLE_CO_CHAIR"),
              ElementsAre("events/a"));
  EXPECT_THAT(listed("party: 'organisations/usaid' party_roles: PARTY_ROLE_CHAIR "
                     "party_roles: PARTY_ROLE_HOST"),
              ElementsAre("events/b"));
  EXPECT_THAT(listed("party: 'people/tai'"), ElementsAre("events/a"));
  EXPECT_THAT(listed("party: 'people/tai' party_roles: PARTY_ROLE_PARTICIPANT"), IsEmpty());
  EXPECT_THAT(listed("party: 'organisations/asean' filter: 'name:*b'"), ElementsAre("events/b"));

  EXPECT_THAT(Of<Event>().List("party: 'places/x'"),
              Refuses("party", HasSubstr("organisations/{organisation}")));
  EXPECT_THAT(Of<Event>().List("party: 'organisations/none'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(Of<Event>().List("party_roles: PARTY_ROLE_HOST"), Refuses("party_roles", _));
  EXPECT_THAT(Of<Event>().List("party: 'people/tai' party_roles: PARTY_ROLE_UNSPECIFIED"),
              Refuses("party_roles[0]", _));
}

TEST_P(EventsTest, WhatIsToComeIsSortedByHowCertainItIs) {
  ASSERT_THAT(Add("over", "date { edtf: '2023-09-05' }"), IsOk());
  ASSERT_THAT(Add("today", "date { edtf: '2023-09-06' }"), IsOk());
  ASSERT_THAT(Add("under-way", Dated("2023-09-04/2023-09-08")), IsOk());
  ASSERT_THAT(Add("tomorrow", Dated("2023-09-07")), IsOk());
  ASSERT_THAT(Add("next-year", Dated("2024")), IsOk());
  ASSERT_THAT(Add("this-month", Dated("2023-09")), IsOk());
  ASSERT_THAT(Add("some-day", Dated("[..2023-12-31]")), IsOk());
  ASSERT_THAT(Add("undated", "status: EVENT_STATUS_IN_PREPARATION"), IsOk());
  ASSERT_THAT(Add("held", ""), IsOk());
  ASSERT_THAT(Add("deleted", Dated("2024")), IsOk());
  ASSERT_THAT(Of<Event>().Delete("deleted"), IsOk());
  const std::vector<std::string> expected = {
      "ONGOING under-way", "ONGOING today",       "CERTAIN tomorrow", "CERTAIN next-year",
      "POSSIBLE some-day", "POSSIBLE this-month", "UNDATED undated"};
  for (const int size : {1, 2, 3, 1000}) {
    EXPECT_THAT(Upcoming("as_of: '2023-09-06'", size), ElementsAreArray(expected)) << size;
  }
  EXPECT_THAT(Upcoming("as_of: '2023-09-06' filter: 'name:\"events/t*\"'"),
              ElementsAre("ONGOING today", "CERTAIN tomorrow", "POSSIBLE this-month"));
  EXPECT_THAT(Upcoming("as_of: '2030-01-01'"), ElementsAre("UNDATED undated"));
  EXPECT_THAT(Upcoming("as_of: '2023-09-06' revision: 1"), ElementsAre());
  // Today.
  EXPECT_THAT(Upcoming(""), ElementsAre("UNDATED undated"));
  for (const char* day :
       {"2023-09", "2023-9-6", "2023-02-29", "tomorrow", "2023-09-06T00:00:00Z"}) {
    EXPECT_THAT(events().Send("ListUpcomingEvents", absl::StrCat("as_of: '", day, "'")),
                Refuses("as_of", HasSubstr("YYYY-MM-DD")));
  }
  EXPECT_THAT(events().Send("ListUpcomingEvents", "page_size: -1 filter: 'nonsense = 1'"),
              ViolationsAre(UnorderedElementsAre("page_size", "filter")));
  EXPECT_THAT(events().Send("ListUpcomingEvents", "page_token: 'x'"), Refuses("page_token", _));
}

TEST_P(EventsTest, ACalendarHasDaysOnlyWhereTheyAreKnown) {
  ASSERT_THAT(Add("day", "title { text: 'Summit; one, two' } date { edtf: '2023-09-05' }"), IsOk());
  ASSERT_THAT(Add("days", Dated("2023-09-05/2023-09-07")), IsOk());
  ASSERT_THAT(Add("month", "date { edtf: '2023-08' }"), IsOk());
  ASSERT_THAT(Add("undated", "status: EVENT_STATUS_NOT_STATED"), IsOk());
  const auto answer = events().Call<ExportCalendarResponse>("ExportCalendar", "");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->content_type(), "text/calendar; charset=utf-8");
  EXPECT_EQ(answer->event_count(), 2);
  EXPECT_EQ(answer->note_count(), 2);
  EXPECT_EQ(answer->window_count(), 0);
  EXPECT_EQ(answer->revision(), RevisionOf(Of<Event>()));
  EXPECT_GT(answer->catalogue_revision(), 0);
  const std::string& text = answer->data();
  EXPECT_EQ(Property(text, "day.events@entente.dev", "DTSTART;VALUE=DATE"), "20230905");
  EXPECT_EQ(Property(text, "day.events@entente.dev", "DTEND;VALUE=DATE"), "20230906");
  EXPECT_EQ(Property(text, "day.events@entente.dev", "SUMMARY"), "Summit\\; one\\, two");
  EXPECT_EQ(Property(text, "day.events@entente.dev", "STATUS"), "CONFIRMED");
  EXPECT_EQ(Property(text, "days.events@entente.dev", "DTEND;VALUE=DATE"), "20230908");
  EXPECT_EQ(Property(text, "days.events@entente.dev", "STATUS"), "TENTATIVE");
  EXPECT_EQ(Property(text, "month.events@entente.dev", "DTSTART;VALUE=DATE"), "none");
  EXPECT_EQ(Property(text, "month.events@entente.dev", "SUMMARY"), "T (some time in August 2023)");
  EXPECT_EQ(Property(text, "month.events@entente.dev", "X-ENTENTE-EDTF"), "2023-08");
  EXPECT_EQ(Property(text, "undated.events@entente.dev", "SUMMARY"), "T (date not stated)");
  // The same again.
  EXPECT_EQ(Calendar(""), text);

  const std::string windows = Calendar("imprecise_dates: IMPRECISE_DATES_WINDOWS");
  EXPECT_EQ(Property(windows, "month.events@entente.dev", "DTSTART;VALUE=DATE"), "none");
  EXPECT_EQ(Property(windows, "month.window.events@entente.dev", "SUMMARY"),
            "Window: T (some time in August 2023)");
  EXPECT_EQ(Property(windows, "month.window.events@entente.dev", "DTEND;VALUE=DATE"), "20230901");
  EXPECT_EQ(Property(windows, "undated.window.events@entente.dev", "SUMMARY"), "none");
}

TEST_P(EventsTest, ACalendarFollowsTheRevisionsOfEachEvent) {
  const std::string uid = "a.events@example.org";
  const std::string domain = "uid_domain: 'example.org' ";
  const auto sequence = [&](const std::string& more) {
    return std::stoll(Property(Calendar(domain + more), uid, "SEQUENCE"));
  };
  const auto created = Add("a", "date { edtf: '2023-09-05' }");
  ASSERT_THAT(created, IsOk());
  const int64_t first = Int(**created, "revision");
  EXPECT_EQ(sequence(""), first);
  ASSERT_THAT(Add("b", "date { edtf: '2023-09-06' }"), IsOk());
  EXPECT_EQ(sequence(""), first) << "what another event does is none of its business";
  const auto changed =
      Of<Event>().New("name: 'events/a' title { text: 'New' } date { edtf: '2023-09-07' }");
  ASSERT_THAT(Of<Event>().Update(*changed), IsOk());
  const int64_t second = sequence("");
  EXPECT_GT(second, first);
  EXPECT_EQ(Property(Calendar(domain), uid, "DTSTART;VALUE=DATE"), "20230907");
  // As it was.
  const std::string before = absl::StrCat("revision: ", first);
  EXPECT_EQ(sequence(before), first);
  EXPECT_EQ(Property(Calendar(domain + before), uid, "DTSTART;VALUE=DATE"), "20230905");

  ASSERT_THAT(Of<Event>().Delete("a"), IsOk());
  EXPECT_EQ(Property(Calendar(domain), uid, "STATUS"), "none");
  EXPECT_EQ(Property(Calendar(domain + "show_deleted: true"), uid, "STATUS"), "CANCELLED");
  EXPECT_GT(sequence("show_deleted: true"), second);
  ASSERT_THAT(Of<Event>().Undelete("a"), IsOk());
  EXPECT_EQ(Property(Calendar(domain), uid, "STATUS"), "CONFIRMED");
}

TEST_P(EventsTest, ACalendarThatIsTooLargeOrAskedForWronglyIsRefused) {
  for (const char* domain : {"a b", "-a", "a..b", "a_b", "a\\r\\nX:y"}) {
    EXPECT_THAT(events().Send("ExportCalendar", absl::StrCat("uid_domain: '", domain, "'")),
                Refuses("uid_domain", _));
  }
  EXPECT_THAT(events().Send("ExportCalendar", "filter: 'nonsense = 1'"), Refuses("filter", _));
  EXPECT_THAT(events().Send("ExportCalendar", "initiative_tree: 'initiatives/none'"),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  const std::string large(700'000, 'x');
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Add(absl::StrCat("large", i), absl::StrCat("description { text: '", large, "' }")),
                IsOk());
  }
  EXPECT_THAT(events().Send("ExportCalendar", ""),
              AllOf(Fails(StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE"),
                    HasMetadata("limit_bytes", "3145728")));
  EXPECT_THAT(events().Send("GetTimeline", ""),
              Fails(StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE"));
  EXPECT_THAT(events().Send("ExportCalendar", "filter: 'name:*large1'"), IsOk());
}

}  // namespace
}  // namespace entente::conformance
