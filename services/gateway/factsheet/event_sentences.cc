// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/event_sentences.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

using events::v1::Event;

constexpr auto kOutcome = v1::FACT_SHEET_STATEMENT_KIND_OUTCOME;

absl::string_view EventStatusWords(events::v1::EventStatus status, bool is_past) {
  switch (status) {
    case events::v1::EVENT_STATUS_HELD:
      return "held";
    case events::v1::EVENT_STATUS_UNDER_WAY:
      // What went on when its source spoke, and is past on the sheet's day, was held.
      return is_past ? "held" : "under way";
    case events::v1::EVENT_STATUS_PLANNED:
      return is_past ? "planned; whether it was held is not stated" : "planned";
    case events::v1::EVENT_STATUS_IN_PREPARATION:
      return is_past ? "in preparation; whether it was held is not stated" : "in preparation";
    case events::v1::EVENT_STATUS_POSTPONED:
      return "put off";
    default:
      return "";
  }
}

absl::string_view RhythmWords(events::v1::SeriesRecurrence recurrence) {
  switch (recurrence) {
    case events::v1::SERIES_RECURRENCE_ANNUAL:
      return "once a year";
    case events::v1::SERIES_RECURRENCE_SEMI_ANNUAL:
      return "twice a year";
    case events::v1::SERIES_RECURRENCE_BIENNIAL:
      return "every second year";
    case events::v1::SERIES_RECURRENCE_TRIENNIAL:
      return "every third year";
    case events::v1::SERIES_RECURRENCE_QUARTERLY:
      return "four times a year";
    case events::v1::SERIES_RECURRENCE_MONTHLY:
      return "once a month";
    case events::v1::SERIES_RECURRENCE_AD_HOC:
      return "as need arises";
    case events::v1::SERIES_RECURRENCE_OTHER:
      return "in a rhythm of its own";
    default:
      return "";
  }
}

// A kind that is several things is said as all of them.
std::string EventKindWords(events::v1::EventKind kind) {
  switch (kind) {
    case events::v1::EVENT_KIND_ADOPTION:
      return "adoption, signing, extension or release";
    case events::v1::EVENT_KIND_DIALOGUE:
      return "dialogue or meeting of officials";
    case events::v1::EVENT_KIND_FORUM:
      return "forum, symposium or conference";
    default:
      break;
  }
  return EnumWords(events::v1::EventKind_Name(kind), "EVENT_KIND_");
}

// Outcomes of one kind that name something in one statement; those in words as they are.
void Outcomes(const Event& event, Speaker* speaker, Statements* statements) {
  std::vector<events::v1::OutcomeKind> kinds;
  for (const auto& outcome : event.outcomes()) {
    if (std::find(kinds.begin(), kinds.end(), outcome.kind()) == kinds.end()) {
      kinds.push_back(outcome.kind());
    }
  }
  for (const events::v1::OutcomeKind kind : kinds) {
    const std::string label =
        Capitalised(EnumWords(events::v1::OutcomeKind_Name(kind), "OUTCOME_KIND_"));
    std::vector<std::string> quoted;
    std::vector<std::string> fields;
    std::vector<std::string> names;
    for (int i = 0; i < event.outcomes_size(); ++i) {
      const auto& outcome = event.outcomes(i);
      if (outcome.kind() != kind) continue;
      for (const std::string& name : {outcome.document(), outcome.initiative(), outcome.claim()}) {
        if (name.empty()) continue;
        quoted.push_back(speaker->QuotedTitle(name));
        names.push_back(name);
        fields.push_back(Element("outcomes", i));
      }
      const std::string words = Sentence(outcome.description().text());
      if (!words.empty()) {
        speaker->Say(event, kOutcome, absl::StrCat(label, ": ", words), {Element("outcomes", i)},
                     {}, statements);
      }
    }
    if (!quoted.empty()) {
      speaker->Say(event, kOutcome, absl::StrCat(label, ": ", Listed(quoted), "."),
                   std::move(fields), std::move(names), statements);
    }
  }
}

}  // namespace

void TellOfEvent(const Event& event, bool is_past, Speaker* speaker, Statements* statements) {
  speaker->Description(event, statements);
  std::string standing = EventKindWords(event.kind());
  std::vector<std::string> fields = {"title", "kind", "partnerships"};
  if (const auto status = EventStatusWords(event.status(), is_past); !status.empty()) {
    absl::StrAppend(&standing, ", ", status);
    fields.emplace_back("status");
  }
  speaker->Say(event, kStanding, absl::StrCat(Capitalised(std::move(standing)), "."),
               std::move(fields), {}, statements);
  if (event.has_date()) {
    speaker->Say(event, kStanding, absl::StrCat("When: ", DateWords(event.date()), "."), {"date"},
                 {}, statements);
  }
  speaker->Where(event, statements);
  speaker->Parties(event, statements);
  if (event.has_edition()) {
    std::string text =
        absl::StrCat("In the series ", speaker->QuotedTitle(event.edition().series()));
    std::vector<std::string> said = {"edition.series"};
    if (event.edition().inaugural()) {
      absl::StrAppend(&text, ", as its first edition");
      said.emplace_back("edition.inaugural");
    }
    if (event.edition().number() > 0) {
      absl::StrAppend(&text, ", as edition ", event.edition().number());
      said.emplace_back("edition.number");
    }
    if (event.edition().year() != 0) {
      absl::StrAppend(&text, ", as that of ", event.edition().year());
      said.emplace_back("edition.year");
    }
    speaker->Say(event, kStanding, absl::StrCat(text, "."), std::move(said),
                 {event.edition().series()}, statements);
  }
  speaker->Named(event, "Held at or alongside", "held_alongside",
                 std::vector<std::string>{event.held_alongside()}, statements);
  speaker->Named(event, "Concerns", "initiatives", event.initiatives(), statements);
  speaker->Named(event, "About", "documents", event.documents(), statements);
  Outcomes(event, speaker, statements);
}

void TellOfSeries(const events::v1::EventSeries& series, Speaker* speaker, Statements* statements) {
  speaker->Description(series, statements);
  if (const auto words = RhythmWords(series.recurrence()); !words.empty()) {
    const std::string own = OneLine(series.recurrence_text().text());
    std::vector<std::string> fields = {"recurrence"};
    if (!own.empty()) fields.emplace_back("recurrence_text");
    speaker->Say(
        series, kStanding,
        absl::StrCat("Held ", words, own.empty() ? "" : absl::StrCat(" (", Quoted(own), ")"), "."),
        std::move(fields), {}, statements);
  }
  speaker->Parties(series, statements);
  speaker->Named(series, "Concerns", "initiatives", series.initiatives(), statements);
}

}  // namespace entente::gateway::factsheet
