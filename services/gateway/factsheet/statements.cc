// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/statements.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "services/gateway/factsheet/catalogue_sentences.h"
#include "services/gateway/factsheet/event_sentences.h"
#include "services/gateway/factsheet/money.h"
#include "services/gateway/factsheet/money_sentences.h"
#include "services/gateway/factsheet/not_stated.h"
#include "services/gateway/factsheet/speaker.h"
#include "services/gateway/factsheet/words.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {
namespace {

class Composition {
 public:
  Composition(const Material& material, v1::FactSheet* sheet)
      : material_(material),
        sheet_(sheet),
        writer_(material, sheet),
        speaker_(material, &writer_),
        money_sentences_(material, &speaker_, &writer_) {
    std::set<std::string> initiatives;
    for (const auto& initiative : material.initiatives) initiatives.insert(initiative.name());
    // What is about no initiative of the sheet is about the partnership as a whole.
    const auto about = [&](const std::string& initiative) {
      return initiatives.count(initiative) > 0 ? initiative : std::string();
    };
    // A part without an initiative of its own is for that of its whole, which stands before it.
    std::map<std::string, std::string> of_claim;
    for (const auto& claim : material.claims) {
      std::string& initiative = of_claim[claim.name()];
      initiative = claim.initiative();
      const auto whole = of_claim.find(claim.part_of());
      if (initiative.empty() && whole != of_claim.end()) initiative = whole->second;
      claims_[about(initiative)].push_back(&claim);
    }
    for (const auto& quantity : material.quantities) {
      quantities_[about(quantity.initiative())].push_back(&quantity);
    }
  }

  absl::Status Run() {
    sheet_->set_name(material_.partnership.name());
    sheet_->set_title(writer_.Title(material_.partnership.name()));
    Introduction();
    std::set<std::string> named;
    for (const auto& pillar : material_.pillars) {
      named.insert(pillar.name());
      Pillar(pillar);
    }
    OtherInitiatives(named);
    RETURN_IF_ERROR(Money());
    Events(material_.past_events, sheet_->mutable_past_events());
    Events(material_.coming_events, sheet_->mutable_coming_events());
    Events(material_.undetermined_events, sheet_->mutable_undetermined_events());
    for (const auto* claim : contradictory_) {
      money_sentences_.TellOfContradiction(*claim, sheet_->mutable_not_stated());
    }
    TellNotStated(material_, &speaker_, sheet_->mutable_not_stated());
    List(v1::FACT_SHEET_SECTION_KIND_ORGANISATIONS, "Organisations", material_.organisations,
         &TellOfOrganisation);
    List(v1::FACT_SHEET_SECTION_KIND_PEOPLE, "People", material_.people, &TellOfPerson);
    List(v1::FACT_SHEET_SECTION_KIND_PLACES, "Places", material_.places, &TellOfPlace);
    List(v1::FACT_SHEET_SECTION_KIND_DOCUMENTS, "Documents", material_.documents, &TellOfDocument);
    List(v1::FACT_SHEET_SECTION_KIND_EVENT_SERIES, "Series of events", material_.event_series,
         &TellOfSeries);
    return absl::OkStatus();
  }

 private:
  // Each after its parent in their list.
  using Initiatives = std::vector<const catalogue::v1::Initiative*>;

  void Introduction() {
    auto* section = sheet_->add_sections();
    section->set_kind(v1::FACT_SHEET_SECTION_KIND_INTRODUCTION);
    section->set_heading("The partnership");
    TellOfPartnership(material_.partnership, &speaker_, section->mutable_statements());
    Figures("", section->mutable_statements());
  }

  void Pillar(const catalogue::v1::Pillar& pillar) {
    auto* section = sheet_->add_sections();
    section->set_kind(v1::FACT_SHEET_SECTION_KIND_PILLAR);
    section->set_heading(writer_.Title(pillar.name()));
    section->set_pillar(pillar.name());
    TellOfPillar(pillar, &speaker_, section->mutable_statements());
    Initiatives here;
    for (const auto& initiative : material_.initiatives) {
      const auto found = material_.pillars_of.find(initiative.name());
      if (found == material_.pillars_of.end()) continue;
      const auto& pillars = found->second;
      if (std::find(pillars.begin(), pillars.end(), pillar.name()) != pillars.end()) {
        here.push_back(&initiative);
      }
    }
    Entries(here, pillar.name(), section);
  }

  void OtherInitiatives(const std::set<std::string>& pillars) {
    Initiatives others;
    for (const auto& initiative : material_.initiatives) {
      const auto found = material_.pillars_of.find(initiative.name());
      const bool placed =
          found != material_.pillars_of.end() &&
          std::any_of(found->second.begin(), found->second.end(),
                      [&](const std::string& pillar) { return pillars.count(pillar) > 0; });
      if (!placed) others.push_back(&initiative);
    }
    if (others.empty()) return;
    auto* section = sheet_->add_sections();
    section->set_kind(v1::FACT_SHEET_SECTION_KIND_OTHER_INITIATIVES);
    section->set_heading("Under no pillar");
    Entries(others, "", section);
  }

  void Entries(const Initiatives& initiatives, const std::string& pillar,
               v1::FactSheetSection* section) {
    std::map<std::string, int> depths;
    for (const auto* initiative : initiatives) {
      const auto parent = depths.find(initiative->parent());
      const int depth = parent == depths.end() ? 0 : parent->second + 1;
      depths[initiative->name()] = depth;
      auto* entry = section->add_entries();
      entry->set_resource(initiative->name());
      entry->set_heading(writer_.Title(initiative->name()));
      entry->set_depth(depth);
      const auto [told, is_new] = told_.emplace(initiative->name(), pillar);
      if (!is_new) {
        entry->set_told_under(told->second);
        continue;
      }
      TellOfInitiative(*initiative, &speaker_, entry->mutable_statements());
      Figures(initiative->name(), entry->mutable_statements());
    }
  }

  // The money and the quantities that are about an initiative, or about none.
  void Figures(const std::string& initiative, Statements* statements) {
    for (const auto* claim : claims_[initiative]) money_sentences_.TellOfClaim(*claim, statements);
    for (const auto* quantity : quantities_[initiative]) {
      TellOfQuantity(*quantity, &speaker_, statements);
    }
  }

  absl::Status Money() {
    ASSIGN_OR_RETURN(Sums sums, SumMoney(material_));
    for (Sum& sum : sums.money) {
      money_sentences_.TellOfSum(&sum);
      sheet_->add_money()->Swap(&sum.row);
    }
    for (Sum& sum : sums.by_pillar) {
      money_sentences_.TellOfSum(&sum);
      sheet_->add_money_by_pillar()->Swap(&sum.row);
    }
    contradictory_ = std::move(sums.contradictory);
    return absl::OkStatus();
  }

  void Events(const google::protobuf::RepeatedPtrField<events::v1::Event>& events,
              google::protobuf::RepeatedPtrField<v1::FactSheetEntry>* entries) {
    for (const auto& event : events) {
      v1::FactSheetEntry* entry = entries->Add();
      entry->set_resource(event.name());
      entry->set_heading(writer_.Title(event.name()));
      if (event.has_date()) *entry->mutable_date() = event.date();
      TellOfEvent(event, &events == &material_.past_events, &speaker_, entry->mutable_statements());
    }
  }

  template <typename Resources, typename Resource>
  void List(v1::FactSheetSectionKind kind, const std::string& heading, const Resources& resources,
            void (*tell_of)(const Resource&, Speaker*, Statements*)) {
    if (resources.empty()) return;
    auto* section = sheet_->add_sections();
    section->set_kind(kind);
    section->set_heading(heading);
    for (const Resource& resource : resources) {
      auto* entry = section->add_entries();
      entry->set_resource(resource.name());
      entry->set_heading(writer_.Title(resource.name()));
      tell_of(resource, &speaker_, entry->mutable_statements());
    }
  }

  const Material& material_;
  v1::FactSheet* const sheet_;
  Writer writer_;
  Speaker speaker_;
  MoneySentences money_sentences_;
  std::map<std::string, std::vector<const funding::v1::Claim*>> claims_;
  std::vector<const funding::v1::Claim*> contradictory_;
  std::map<std::string, std::vector<const catalogue::v1::Quantity*>> quantities_;
  std::map<std::string, std::string> told_;  // initiatives, and the pillar under which they are
};

}  // namespace

absl::Status Compose(const Material& material, v1::FactSheet* sheet) {
  return Composition(material, sheet).Run();
}

}  // namespace entente::gateway::factsheet
