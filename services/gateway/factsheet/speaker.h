// SPDX-License-Identifier: Apache-2.0
//
// Sentences that can be said of many sorts of resources: how they are described, who their parties
// are, where they are, which others they name. What one sort has alone is told by the file of its
// subject, in these terms: catalogue_sentences.h, event_sentences.h, money_sentences.h. What is not
// stated is in not_stated.h.
//
// Each sentence says some fields of a resource and names them. A description stands as the record
// has it. Everything else is a label and what it is filled with ("Co-chairs: U.S. Department of
// Defense and Thailand."): it says who and what, and leaves to the record whether that was, is or
// is to be.
//
//   Speaker speaker(material, &writer);
//   speaker.Description(document, statements);
//   speaker.Say(document, kStanding, "Fact sheet.", {"title", "kind"}, {}, statements);
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_SPEAKER_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_SPEAKER_H_

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "entente/type/v1/party.pb.h"
#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/words.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {

// The kind of most statements.
inline constexpr auto kStanding = v1::FACT_SHEET_STATEMENT_KIND_STANDING;

// "parties[0]": an element of a repeated field, as a path.
std::string Element(absl::string_view field, int index);

// Not thread-safe, for its writer is not. Those that say something append to `statements`; where
// the resource has nothing to say of it, they append nothing.
class Speaker {
 public:
  // Both must outlive it.
  Speaker(const Material& material, Writer* writer);

  // `text`, which says `fields` of the resource. `names` are the resources whose titles stand in
  // it.
  template <typename Resource>
  void Say(const Resource& resource, v1::FactSheetStatementKind kind, std::string text,
           std::vector<std::string> fields, std::vector<std::string> names, Statements* statements);

  template <typename Resource>
  void Description(const Resource& resource, Statements* statements);
  // One statement for each role, in the order in which the roles come up.
  template <typename Resource>
  void Parties(const Resource& resource, Statements* statements);
  // The initiative that a figure is about.
  template <typename Resource>
  void About(const Resource& resource, Statements* statements);
  template <typename Resource>
  void Where(const Resource& resource, Statements* statements);
  template <typename Resource>
  void Period(const Resource& resource, Statements* statements);
  // "LABEL: “A” and “B”." of resources that a field names.
  template <typename Resource, typename Names>
  void Named(const Resource& resource, const std::string& label, const std::string& field,
             const Names& names, Statements* statements);

  // Words for a sentence that the caller says. Where there is a `names`, the resources whose titles
  // stand in the words are added to it.

  std::string Title(const std::string& name) const;
  std::string QuotedTitle(const std::string& name) const;
  // "Jakarta, Indonesia": a place with the country in which it lies.
  std::string PlaceWords(const std::string& name, std::vector<std::string>* names) const;

 private:
  // "Ann Lee (Thailand; by video)".
  std::string PartyWords(const type::v1::Party& party, std::vector<std::string>* names) const;

  Writer* const writer_;
  std::map<std::string, const catalogue::v1::Place*> places_;
};

template <typename Resource>
void Speaker::Say(const Resource& resource, v1::FactSheetStatementKind kind, std::string text,
                  std::vector<std::string> fields, std::vector<std::string> names,
                  Statements* statements) {
  Draft draft{kind, std::move(text), {}, std::move(names)};
  draft.sources.push_back(Of(resource, std::move(fields)));
  writer_->Write(std::move(draft), statements);
}

template <typename Resource>
void Speaker::Description(const Resource& resource, Statements* statements) {
  // What has no sort of its own is introduced by its description.
  std::vector<std::string> fields = {"description"};
  if constexpr (std::is_same_v<Resource, catalogue::v1::Partnership> ||
                std::is_same_v<Resource, events::v1::EventSeries>) {
    fields.emplace_back("title");
  }
  Say(resource, v1::FACT_SHEET_STATEMENT_KIND_DESCRIPTION, Sentence(resource.description().text()),
      std::move(fields), {}, statements);
}

template <typename Resource>
void Speaker::Parties(const Resource& resource, Statements* statements) {
  std::vector<type::v1::PartyRole> roles;
  for (const auto& party : resource.parties()) {
    if (std::find(roles.begin(), roles.end(), party.role()) == roles.end()) {
      roles.push_back(party.role());
    }
  }
  for (const type::v1::PartyRole role : roles) {
    std::vector<std::string> who;
    std::vector<std::string> fields;
    std::vector<std::string> names;
    for (int i = 0; i < resource.parties_size(); ++i) {
      const auto& party = resource.parties(i);
      if (party.role() != role) continue;
      fields.push_back(Element("parties", i));
      who.push_back(PartyWords(party, &names));
    }
    Say(resource, v1::FACT_SHEET_STATEMENT_KIND_PARTIES,
        absl::StrCat(RoleWords(role, who.size() > 1), ": ", Listed(who), "."), std::move(fields),
        std::move(names), statements);
  }
}

template <typename Resource>
void Speaker::About(const Resource& resource, Statements* statements) {
  Named(resource, "Initiative", "initiative", std::vector<std::string>{resource.initiative()},
        statements);
}

template <typename Resource>
void Speaker::Where(const Resource& resource, Statements* statements) {
  std::vector<std::string> where;
  std::vector<std::string> names;
  for (const auto& place : resource.places()) {
    if constexpr (std::is_same_v<std::decay_t<decltype(place)>, std::string>) {
      where.push_back(PlaceWords(place, &names));
    } else {
      where.push_back(PlaceWords(place.place(), &names));
      if (!place.percentage().empty()) {
        absl::StrAppend(&where.back(), " (", place.percentage(), " %)");
      }
    }
  }
  if (where.empty()) return;
  Say(resource, kStanding, absl::StrCat("Where: ", absl::StrJoin(where, "; "), "."), {"places"},
      std::move(names), statements);
}

template <typename Resource>
void Speaker::Period(const Resource& resource, Statements* statements) {
  if (!resource.has_period()) return;
  Say(resource, kStanding, absl::StrCat("Period: ", SpanWords(resource.period()), "."), {"period"},
      {}, statements);
}

template <typename Resource, typename Names>
void Speaker::Named(const Resource& resource, const std::string& label, const std::string& field,
                    const Names& names, Statements* statements) {
  std::vector<std::string> quoted;
  std::vector<std::string> all;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    quoted.push_back(QuotedTitle(name));
    all.push_back(name);
  }
  if (quoted.empty()) return;
  Say(resource, kStanding, absl::StrCat(label, ": ", Listed(quoted), "."), {field}, std::move(all),
      statements);
}

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_SPEAKER_H_
