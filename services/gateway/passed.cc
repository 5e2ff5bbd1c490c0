// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/passed.h"

#include <algorithm>
#include <iterator>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/resource/wire_fields.h"
#include "entente/events/v1/event.pb.h"
#include "google/api/resource.pb.h"

namespace entente::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Appends what `bytes`, a message of this type, is or holds: a resource, or several in its fields.
// `field`: that of the answer in which it is; null if it is the answer.
absl::Status ReadResources(const FieldDescriptor* field, const Descriptor& type,
                           absl::string_view bytes, std::vector<Passed>* all) {
  if (type.options().HasExtension(google::api::resource)) {
    auto glance = resource::GlanceAt(type, bytes);
    if (!glance.ok()) return glance.status();
    all->push_back({field, &type, bytes, *std::move(glance)});
    return absl::OkStatus();
  }
  absl::Status status;
  const bool readable = resource::ForEachField(bytes, [&](const resource::WireField& member) {
    const FieldDescriptor* const known = type.FindFieldByNumber(member.number);
    if (known == nullptr || known->message_type() == nullptr || !member.is_length_delimited) {
      return true;
    }
    status = ReadResources(field != nullptr ? field : known, *known->message_type(), member.payload,
                           all);
    return status.ok();
  });
  if (readable || !status.ok()) return status;
  return absl::InternalError(absl::StrCat("this is no ", std::string(type.full_name())));
}

// Puts the elements in the order of their places in `order`.
void Reorder(const std::vector<size_t>& order, PassedOn::Resources* resources) {
  PassedOn::Resources ordered;
  for (const size_t place : order) ordered.push_back((*resources)[place]);
  resources->swap(ordered);
}

// The EDTF of an event's date; empty if it has none.
absl::string_view DateOf(const Passed& event) {
  absl::string_view edtf;
  resource::ForEachField(event.bytes, [&](const resource::WireField& field) {
    if (field.number != events::v1::Event::kDateFieldNumber) return true;
    return resource::ForEachField(field.payload, [&](const resource::WireField& of_date) {
      if (of_date.number == type::v1::ImpreciseDate::kEdtfFieldNumber) edtf = of_date.payload;
      return true;
    });
  });
  return edtf;
}

}  // namespace

absl::Status ReadPassed(const Descriptor& answer, absl::string_view resources,
                        std::vector<Passed>* all) {
  return ReadResources(nullptr, answer, resources, all);
}

std::set<std::string> PassedOn::MissingReferences() const {
  std::set<absl::string_view> present;
  std::set<absl::string_view> referred;
  for (const auto& [field, resources] : by_field_) {
    for (const Passed* passed : resources) {
      present.insert(passed->glance.name);
      for (const auto& reference : passed->glance.references) referred.insert(reference.target);
    }
  }
  std::set<std::string> missing;
  for (const absl::string_view name : referred) {
    if (present.count(name) == 0) missing.emplace_hint(missing.end(), name);
  }
  return missing;
}

CitedPassages PassedOn::Citations() const {
  CitedPassages cited;
  absl::flat_hash_map<absl::string_view, v1::CitedStatements*> by_citation;
  for (const auto& [field, resources] : by_field_) {
    for (const Passed* passed : resources) {
      for (const absl::string_view citation : passed->glance.citations) {
        v1::CitedStatements*& statements = by_citation[citation];
        if (statements == nullptr) {
          statements = cited.Add();
          statements->mutable_citation()->ParseFromArray(citation.data(),
                                                         static_cast<int>(citation.size()));
        }
        const auto& carriers = statements->resources();
        if (carriers.empty() || *carriers.rbegin() != passed->glance.name) {
          statements->add_resources(std::string(passed->glance.name));
        }
      }
    }
  }
  return cited;
}

void PassedOn::Write(std::string* answer) const {
  for (const auto& [field, resources] : by_field_) {
    for (const Passed* passed : resources) resource::AppendField(field, passed->bytes, answer);
  }
}

void OrderClaimsAsTrees(PassedOn::Resources* claims) {
  std::vector<ClaimKey> keys;
  for (const Passed* claim : *claims) {
    keys.push_back({claim->glance.name, claim->glance.TargetOf("part_of")});
  }
  Reorder(TreeOrder(keys), claims);
}

void OrderEventsByDate(PassedOn::Resources* events) {
  std::vector<EventKey> keys;
  for (const Passed* event : *events) keys.push_back({event->glance.name, DateOf(*event)});
  Reorder(DateOrder(keys), events);
}

}  // namespace entente::gateway
