// SPDX-License-Identifier: Apache-2.0
//
// What a fact sheet is made from: everything that was fetched for it, and ways to find things in
// it.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_MATERIAL_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_MATERIAL_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "entente/catalogue/v1/document.pb.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/organisation.pb.h"
#include "entente/catalogue/v1/partnership.pb.h"
#include "entente/catalogue/v1/person.pb.h"
#include "entente/catalogue/v1/pillar.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/catalogue/v1/quantity.pb.h"
#include "entente/events/v1/event.pb.h"
#include "entente/events/v1/event_series.pb.h"
#include "entente/funding/v1/claim.pb.h"

namespace entente::gateway::factsheet {

// In full, with citations and notes. Deleted resources are none.
struct Material {
  // `on`: where its messages are, null for none.
  explicit Material(google::protobuf::Arena* on = nullptr) : arena(on) {}

  google::protobuf::Arena* const arena;
  catalogue::v1::Partnership partnership;
  google::protobuf::RepeatedPtrField<catalogue::v1::Pillar> pillars{arena};  // in their order
  // Each after its parent.
  google::protobuf::RepeatedPtrField<catalogue::v1::Initiative> initiatives{arena};
  google::protobuf::RepeatedPtrField<catalogue::v1::Quantity> quantities{arena};
  google::protobuf::RepeatedPtrField<funding::v1::Claim> claims{
      arena};  // each part after its whole
  // By the side of the day on which they lie, each by date.
  google::protobuf::RepeatedPtrField<events::v1::Event> past_events{arena};
  google::protobuf::RepeatedPtrField<events::v1::Event> coming_events{arena};
  google::protobuf::RepeatedPtrField<events::v1::Event> undetermined_events{arena};
  google::protobuf::RepeatedPtrField<events::v1::EventSeries> event_series{arena};
  // What any of the above refers to, and what those refer to.
  // Those that are there stay where they are when more come.
  google::protobuf::RepeatedPtrField<catalogue::v1::Organisation> organisations{arena};
  google::protobuf::RepeatedPtrField<catalogue::v1::Person> people{arena};
  google::protobuf::RepeatedPtrField<catalogue::v1::Place> places{arena};
  google::protobuf::RepeatedPtrField<catalogue::v1::Document> documents{arena};
  // Claims of other partnerships that those of this one lead to by being their parts, or by telling
  // of the same money, and those that are parts of any of these or take their place. Nothing is
  // said of them, but of the last that they do.
  google::protobuf::RepeatedPtrField<funding::v1::Claim> other_claims{arena};
  // What else is referred to and elsewhere, such as a pillar of another partnership: its title.
  std::map<std::string, std::string> other_titles;
  // The pillars that each initiative stands under, its own or inherited ones.
  std::map<std::string, std::vector<std::string>> pillars_of;
};

// Calls `fn` with each resource of the material, in the order of its fields.
template <typename Fn>
void ForEachResource(const Material& material, Fn fn) {
  fn(material.partnership);
  const auto all = [&](const auto& list) {
    for (const auto& resource : list) fn(resource);
  };
  all(material.pillars);
  all(material.initiatives);
  all(material.quantities);
  all(material.claims);
  all(material.past_events);
  all(material.coming_events);
  all(material.undetermined_events);
  all(material.event_series);
  all(material.organisations);
  all(material.people);
  all(material.places);
  all(material.documents);
}

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_MATERIAL_H_
