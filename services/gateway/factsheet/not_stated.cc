// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/not_stated.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

using catalogue::v1::Initiative;
using catalogue::v1::Quantity;
using events::v1::Event;
using funding::v1::Claim;

template <typename Resource>
void Missing(const Resource& resource, const std::vector<std::string>& what,
             std::vector<std::string> fields, Speaker* speaker, Statements* statements) {
  if (what.empty()) return;
  speaker->Say(resource, v1::FACT_SHEET_STATEMENT_KIND_NOT_STATED,
               absl::StrCat(speaker->QuotedTitle(resource.name()), ": ", Listed(what),
                            what.size() == 1 ? " is" : " are", " not stated."),
               std::move(fields), {}, statements);
}

// A note with titles in the place of the names of resources.
std::string WithTitles(const std::string& note, const Speaker& speaker,
                       std::vector<std::string>* names) {
  std::string text;
  size_t at = 0;
  const auto in_name = [&](size_t i) {
    const auto c = static_cast<unsigned char>(note[i]);
    return absl::ascii_isalnum(c) || c == '/' || c == '-';
  };
  while (at < note.size()) {
    size_t end = at;
    while (end < note.size() && in_name(end)) ++end;
    if (end == at) {
      text.push_back(note[at++]);
      continue;
    }
    const std::string word = note.substr(at, end - at);
    const std::string title = absl::StrContains(word, '/') ? speaker.Title(word) : word;
    if (title != word) {
      absl::StrAppend(&text, Quoted(title));
      names->push_back(word);
    } else {
      absl::StrAppend(&text, word);
    }
    at = end;
  }
  return text;
}

template <typename Resource>
void Notes(const Resource& resource, Speaker* speaker, Statements* statements) {
  for (int i = 0; i < resource.notes_size(); ++i) {
    std::vector<std::string> names;
    const std::string note = WithTitles(Sentence(resource.notes(i).text()), *speaker, &names);
    if (note.empty()) continue;
    speaker->Say(resource, v1::FACT_SHEET_STATEMENT_KIND_NOTE,
                 absl::StrCat(speaker->QuotedTitle(resource.name()), ": ", note),
                 {Element("notes", i)}, std::move(names), statements);
  }
}

}  // namespace

void TellNotStated(const Material& material, Speaker* speaker, Statements* statements) {
  std::vector<std::string> what;
  std::vector<std::string> fields;
  const auto missing = [&](bool is, const char* words, const char* field) {
    if (!is) return;
    what.emplace_back(words);
    fields.emplace_back(field);
  };
  const auto end = [&](const auto& resource) {
    Missing(resource, what, fields, speaker, statements);
    what.clear();
    fields.clear();
    Notes(resource, speaker, statements);
  };
  end(material.partnership);
  for (const auto& pillar : material.pillars) end(pillar);
  for (const Initiative& initiative : material.initiatives) {
    missing(initiative.status() == catalogue::v1::INITIATIVE_STATUS_NOT_STATED, "the status",
            "status");
    end(initiative);
  }
  // What a part does not state itself is that of its whole.
  std::map<std::string, const Claim*> claims;
  for (const Claim& claim : material.claims) claims[claim.name()] = &claim;
  const auto states = [&](const Claim& claim, const auto& states_it) {
    const Claim* holder = &claim;
    while (!states_it(*holder)) {
      const auto whole = claims.find(holder->part_of());
      if (whole == claims.end()) return false;
      holder = whole->second;
    }
    return true;
  };
  const auto has_time = [](const Claim& claim) {
    return claim.has_value_date() || claim.has_period() || claim.recurrence().has_validity();
  };
  const auto has_instrument = [](const Claim& claim) {
    return claim.instrument() != funding::v1::CLAIM_INSTRUMENT_NOT_STATED;
  };
  for (const Claim& claim : material.claims) {
    const bool is_statistic = claim.nature() == funding::v1::CLAIM_NATURE_STATISTIC;
    missing(claim.amount().figure().value().empty(), "the amount", "amount.figure");
    missing(claim.stage() == funding::v1::CLAIM_STAGE_NOT_STATED, "how far the money has come",
            "stage");
    missing(!is_statistic && !states(claim, has_instrument), "the instrument", "instrument");
    missing(!states(claim, has_time), "the time", "value_date");
    end(claim);
  }
  for (const Quantity& quantity : material.quantities) {
    missing(quantity.figure().value().empty(), "the number", "figure");
    missing(quantity.status() == catalogue::v1::QUANTITY_STATUS_UNSPECIFIED,
            "whether it was counted or is aimed at", "status");
    end(quantity);
  }
  for (const auto* list :
       {&material.past_events, &material.coming_events, &material.undetermined_events}) {
    for (const Event& event : *list) {
      missing(!event.has_date(), "the date", "date");
      missing(event.places().empty(), "the place", "places");
      missing(event.status() == events::v1::EVENT_STATUS_NOT_STATED, "whether it was held",
              "status");
      end(event);
    }
  }
  for (const auto& series : material.event_series) {
    missing(series.recurrence() == events::v1::SERIES_RECURRENCE_NOT_STATED, "how often it is held",
            "recurrence");
    end(series);
  }
  for (const auto& organisation : material.organisations) end(organisation);
  for (const auto& person : material.people) end(person);
  for (const auto& place : material.places) end(place);
  for (const auto& document : material.documents) end(document);
}

}  // namespace entente::gateway::factsheet
