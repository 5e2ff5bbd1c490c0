// SPDX-License-Identifier: Apache-2.0
#include "services/events/rules.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/normalise.h"
#include "entente/events/v1/event.pb.h"
#include "entente/events/v1/event_series.pb.h"

namespace entente::events {
namespace {

using resource::Registry;
using resource::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Registry& Types() {
  static const auto* const registry =
      new Registry(Registry::Of({v1::Event::descriptor(), v1::EventSeries::descriptor()}).value());
  return *registry;
}

class EventsRulesTest : public testing::Test {
 protected:
  template <typename T>
  static T Parse(const std::string& text) {
    T message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    return message;
  }

  // The places of the faults of one resource by itself.
  template <typename T = v1::Event>
  std::vector<std::string> FaultsOf(const std::string& text) {
    Violations violations;
    rules_.Check(Parse<T>(text), "r.", &violations);
    std::vector<std::string> fields;
    for (const auto& violation : violations.all()) fields.push_back(violation.field());
    return fields;
  }

  // "FIELD: DESCRIPTION" of the faults of these events of one series together; those of which the
  // id begins with "old-" did not change.
  std::vector<std::string> FaultsTogether(const std::map<std::string, std::string>& events) {
    log::Revision revision{1, absl::UnixEpoch(), "", "", {}};
    std::map<std::string, std::string> changed;
    for (const auto& [id, text] : events) {
      auto event = Parse<v1::Event>(text);
      event.set_name("events/" + id);
      event.mutable_edition()->set_series("eventSeries/s");
      revision.changes.push_back({event.name(), log::ChangeKind::kPut, event.SerializeAsString()});
      if (id.rfind("old-", 0) != 0) changed[event.name()] = id + ".";
    }
    const auto state = State(&Types()).With(resource::Materialise(Types(), revision).value());
    Violations violations;
    rules_.CheckTogether(*state, changed, &violations);
    std::vector<std::string> faults;
    for (const auto& violation : violations.all()) {
      faults.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
    }
    return faults;
  }

  catalogue::CatalogueView view_;
  FakeClock clock_{absl::FromCivil(absl::CivilSecond(2023, 9, 6, 12, 0, 0), absl::UTCTimeZone())};
  Rules rules_{&view_, &clock_};
};

TEST_F(EventsRulesTest, AnEditionHasANumberAndAYearOrNone) {
  EXPECT_THAT(FaultsOf("edition { number: 3 year: 2023 }"), IsEmpty());
  EXPECT_THAT(FaultsOf("edition { inaugural: true }"), IsEmpty());
  EXPECT_THAT(FaultsOf("edition { inaugural: true number: 1 }"), IsEmpty());
  EXPECT_THAT(FaultsOf("edition { inaugural: true number: 2 }"), ElementsAre("r.edition.number"));
  EXPECT_THAT(FaultsOf("edition { number: -1 year: 10000 }"),
              ElementsAre("r.edition.number", "r.edition.year"));
  EXPECT_THAT(FaultsOf("edition { year: -1 }"), ElementsAre("r.edition.year"));
}

TEST_F(EventsRulesTest, AnOutcomeIsAboutOneThing) {
  EXPECT_THAT(FaultsOf("outcomes { kind: OUTCOME_KIND_ADOPTED document: 'documents/d' }"
                       "outcomes { kind: OUTCOME_KIND_ENDORSED document: 'documents/d' }"
                       "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'claims/c' }"
                       "outcomes { kind: OUTCOME_KIND_DECLARED description { text: 'x' } }"),
              IsEmpty());
  EXPECT_THAT(
      FaultsOf("outcomes { kind: OUTCOME_KIND_ADOPTED }"
               "outcomes { kind: OUTCOME_KIND_ADOPTED document: 'documents/d' claim: 'claims/c' }"
               "outcomes { kind: OUTCOME_KIND_LAUNCHED initiative: 'initiatives/i' }"
               "outcomes { kind: OUTCOME_KIND_LAUNCHED initiative: 'initiatives/i' }"
               "outcomes { kind: OUTCOME_KIND_ANNOUNCED claim: 'funding/c' }"),
      ElementsAre("r.outcomes[0]", "r.outcomes[1]", "r.outcomes[3]", "r.outcomes[4].claim"));
  EXPECT_THAT(FaultsOf("documents: 'documents/c' documents: 'documents/d' "
                       "outcomes { kind: OUTCOME_KIND_ADOPTED document: 'documents/d' }"),
              ElementsAre("r.documents[1]"));
}

TEST_F(EventsRulesTest, WhatIsToComeHasNoOutcomes) {
  const std::string outcome = "outcomes { kind: OUTCOME_KIND_ADOPTED document: 'documents/d' } ";
  for (const char* status : {"HELD", "UNDER_WAY", "NOT_STATED"}) {
    EXPECT_THAT(FaultsOf(absl::StrCat(outcome, "status: EVENT_STATUS_", status)), IsEmpty());
  }
  for (const char* status : {"PLANNED", "IN_PREPARATION", "POSTPONED"}) {
    EXPECT_THAT(FaultsOf(absl::StrCat(outcome, "status: EVENT_STATUS_", status)),
                ElementsAre("r.outcomes"));
  }
}

TEST_F(EventsRulesTest, WhatIsHeldOrUnderWayIsNotCertainlyInTheFuture) {
  const auto held = [&](const std::string& date) {
    std::vector<std::string> faults =
        FaultsOf(absl::StrCat("status: EVENT_STATUS_HELD date { edtf: '", date, "' }"));
    EXPECT_EQ(FaultsOf(absl::StrCat("status: EVENT_STATUS_UNDER_WAY date { edtf: '", date, "' }")),
              faults);
    return faults;
  };
  // Where it is a day later already, tomorrow is today.
  for (const char* date : {"2023-09-06", "2023-09-07", "2023", "2023-09", "2023-09-08?",
                           "[2023-09-01..2024]", "2023-09-01/..", "/2024"}) {
    EXPECT_THAT(held(date), IsEmpty()) << date;
  }
  for (const char* date : {"2023-09-08", "2024", "[2023-09-08..]", "2023-10/2023-11"}) {
    EXPECT_THAT(held(date), ElementsAre("r.status")) << date;
  }
  EXPECT_THAT(FaultsOf("status: EVENT_STATUS_PLANNED date { edtf: '2024' }"), IsEmpty());
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(held("2023-09-08"), IsEmpty());
}

TEST_F(EventsRulesTest, AnotherRhythmIsNamed) {
  EXPECT_THAT(FaultsOf<v1::EventSeries>("recurrence: SERIES_RECURRENCE_ANNUAL"), IsEmpty());
  EXPECT_THAT(FaultsOf<v1::EventSeries>("recurrence: SERIES_RECURRENCE_OTHER"),
              ElementsAre("r.recurrence_text"));
  EXPECT_THAT(FaultsOf<v1::EventSeries>("recurrence: SERIES_RECURRENCE_OTHER recurrence_text { "
                                        "text: 'each leap year' }"),
              IsEmpty());
}

TEST_F(EventsRulesTest, EditionsAreInTheOrderOfTheirNumbersUnlessTheDatesLeaveItOpen) {
  EXPECT_THAT(FaultsTogether({{"a", "edition { number: 1 } date { edtf: '2021' }"},
                              {"b", "edition { number: 2 } date { edtf: '2021-05' }"},
                              {"c", "edition { number: 4 } date { edtf: '2022?' }"},
                              {"d", "edition { number: 7 } date { edtf: '2021-12' }"},
                              {"e", "edition { number: 8 }"}}),
              IsEmpty());
  EXPECT_THAT(FaultsTogether({{"a", "edition { number: 1 } date { edtf: '2021-06' }"},
                              {"b", "edition { number: 2 }"},
                              {"c", "edition { number: 3 } date { edtf: '2021-05' }"}}),
              ElementsAre("c.edition.number: the date of one edition is certainly before that of "
                          "one with a lower number: events/a"));
  // Reported where something changed.
  EXPECT_THAT(FaultsTogether({{"new", "edition { number: 1 } date { edtf: '2021-06' }"},
                              {"old-c", "edition { number: 3 } date { edtf: '2021-05' }"}}),
              ElementsAre(HasSubstr("new.edition.number")));
  EXPECT_THAT(FaultsTogether({{"old-a", "edition { number: 1 } date { edtf: '2021-06' }"},
                              {"old-c", "edition { number: 3 } date { edtf: '2021-05' }"},
                              {"other", "edition { number: 5 }"}}),
              IsEmpty());
}

TEST_F(EventsRulesTest, ANumberIsThatOfOneEdition) {
  EXPECT_THAT(FaultsTogether({{"a", "edition { number: 2 }"}, {"b", "edition { number: 2 }"}}),
              ElementsAre("b.edition.number: another edition has the same number: events/a"));
  EXPECT_THAT(FaultsTogether({{"a", "edition {}"}, {"b", "edition {}"}}), IsEmpty());
}

TEST_F(EventsRulesTest, OneEditionIsTheFirst) {
  EXPECT_THAT(FaultsTogether({{"a", "edition { inaugural: true } date { edtf: '2021' }"},
                              {"b", "date { edtf: '2021-01-01' }"},
                              {"c", "date { edtf: '2020?' }"},
                              {"d", ""}}),
              IsEmpty());
  EXPECT_THAT(FaultsTogether({{"a", "edition { inaugural: true } date { edtf: '2021' }"},
                              {"b", "edition { inaugural: true } date { edtf: '2022' }"}}),
              UnorderedElementsAre(
                  "b.edition.inaugural: another edition is the inaugural one already: events/a"));
  EXPECT_THAT(FaultsTogether({{"old-a", "edition { inaugural: true } date { edtf: '2021' }"},
                              {"b", "date { edtf: '2020-12-31' }"}}),
              ElementsAre(HasSubstr("b.edition.inaugural: an edition is certainly earlier")));
}

}  // namespace
}  // namespace entente::events
