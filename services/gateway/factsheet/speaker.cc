// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/speaker.h"

#include "absl/strings/strip.h"

namespace entente::gateway::factsheet {

std::string Element(absl::string_view field, int index) {
  return absl::StrCat(field, "[", index, "]");
}

Speaker::Speaker(const Material& material, Writer* writer) : writer_(writer) {
  for (const auto& place : material.places) places_[place.name()] = &place;
}

std::string Speaker::Title(const std::string& name) const { return writer_->Title(name); }

std::string Speaker::QuotedTitle(const std::string& name) const { return Quoted(Title(name)); }

std::string Speaker::PlaceWords(const std::string& name, std::vector<std::string>* names) const {
  std::string text = Title(name);
  names->push_back(name);
  const auto found = places_.find(name);
  if (found == places_.end() || found->second->parent().empty()) return text;
  const auto parent = places_.find(found->second->parent());
  if (parent != places_.end() && parent->second->kind() == catalogue::v1::PLACE_KIND_COUNTRY) {
    names->push_back(parent->first);
    absl::StrAppend(&text, ", ", Title(parent->first));
  }
  return text;
}

// The person before the organisation, which is often only inferred from the office; in brackets, or
// the next party would be read as one of the person's.
std::string Speaker::PartyWords(const type::v1::Party& party,
                                std::vector<std::string>* names) const {
  std::string text;
  std::vector<std::string> more;
  for (const std::string& name : {party.person(), party.organisation()}) {
    if (name.empty()) continue;
    names->push_back(name);
    if (text.empty()) {
      text = Title(name);
    } else {
      more.push_back(Title(name));
    }
  }
  const std::string note = OneLine(party.note().text());
  if (!note.empty()) more.emplace_back(absl::StripSuffix(note, "."));
  if (!more.empty()) absl::StrAppend(&text, " (", absl::StrJoin(more, "; "), ")");
  return text;
}

}  // namespace entente::gateway::factsheet
