// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/arrange.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "common/edtf/relations.h"
#include "common/resource/fields.h"
#include "common/resource/type.h"
#include "google/api/resource.pb.h"

namespace entente::gateway {
namespace {

namespace fields = resource::fields;
using events::v1::Event;
using funding::v1::Claim;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

// Puts the elements of `list` in the order of `order`, which holds each of them once.
template <typename T>
void Reorder(RepeatedPtrField<T>* list, const std::vector<T*>& order) {
  std::copy(order.begin(), order.end(), list->pointer_begin());
}

// Appends `top` and what `parts` has beneath it, each after its whole, but nothing twice. With a
// stack of our own: the depth of a tree is the record's affair.
void AppendTree(Claim* top, const std::map<std::string, std::vector<Claim*>>& parts,
                std::set<const Claim*>* placed, std::vector<Claim*>* order) {
  std::vector<Claim*> stack = {top};
  while (!stack.empty()) {
    Claim* const claim = stack.back();
    stack.pop_back();
    if (!placed->insert(claim).second) continue;
    order->push_back(claim);
    if (const auto found = parts.find(claim->name()); found != parts.end()) {
      stack.insert(stack.end(), found->second.rbegin(), found->second.rend());
    }
  }
}

std::optional<absl::CivilDay> EarliestDay(const Event& event) {
  if (!event.has_date()) return std::nullopt;
  const auto date = edtf::Parse(event.date().edtf());
  if (!date.ok() || date->earliest().kind != edtf::Bound::kDay) return std::nullopt;
  return date->earliest().day;
}

// Calls `fn` with each resource in `composed`, in the order of its fields. What is in a resource is
// part of it.
void ForEachResource(const Message& composed, absl::FunctionRef<void(const Message&)> fn) {
  const auto visit = [&](const Message& message) {
    if (message.GetDescriptor()->options().HasExtension(google::api::resource)) {
      fn(message);
    } else {
      ForEachResource(message, fn);
    }
  };
  std::vector<const FieldDescriptor*> set;
  const auto* reflection = composed.GetReflection();
  reflection->ListFields(composed, &set);
  for (const FieldDescriptor* field : set) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      visit(reflection->GetMessage(composed, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(composed, field); ++i) {
      visit(reflection->GetRepeatedMessage(composed, field, i));
    }
  }
}

}  // namespace

std::optional<edtf::Date> ReadDay(const std::string& text, absl::Time now, const char* field,
                                  Violations* violations) {
  const std::string day =
      text.empty() ? absl::FormatCivilTime(absl::ToCivilDay(now, absl::UTCTimeZone())) : text;
  const auto date = edtf::Parse(day);
  // A day is what reads like the day that it means: no month, no time, nothing qualified.
  if (!date.ok() || date->form() != edtf::Form::kDate || date->earliest() != date->latest() ||
      absl::FormatCivilTime(date->earliest().day) != day) {
    violations->Add(field, "must be a day, YYYY-MM-DD");
    return std::nullopt;
  }
  return *date;
}

void OrderAsTrees(Claims* claims) {
  std::vector<Claim*> by_name;
  std::set<std::string> names;
  for (Claim& claim : *claims) {
    by_name.push_back(&claim);
    names.insert(claim.name());
  }
  std::sort(by_name.begin(), by_name.end(),
            [](const Claim* a, const Claim* b) { return a->name() < b->name(); });
  std::map<std::string, std::vector<Claim*>> parts;
  std::vector<Claim*> tops;
  for (Claim* claim : by_name) {
    const bool is_part = !claim->part_of().empty() && names.count(claim->part_of()) > 0;
    (is_part ? parts[claim->part_of()] : tops).push_back(claim);
  }
  std::vector<Claim*> order;
  std::set<const Claim*> placed;
  for (Claim* top : tops) AppendTree(top, parts, &placed, &order);
  // What leads back to itself has no top. Funding refuses that; nothing gets lost if it does not.
  for (Claim* claim : by_name) AppendTree(claim, parts, &placed, &order);
  Reorder(claims, order);
}

void OrderByDate(Events* events) {
  std::vector<std::tuple<bool, absl::CivilDay, std::string, Event*>> keyed;
  for (Event& event : *events) {
    const auto day = EarliestDay(event);
    keyed.emplace_back(!day.has_value(), day.value_or(absl::CivilDay()), event.name(), &event);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<Event*> order;
  for (const auto& key : keyed) order.push_back(std::get<3>(key));
  Reorder(events, order);
}

void GroupClaims(const Claims& claims, RepeatedPtrField<v1::ClaimGroup>* groups) {
  std::map<std::pair<int, int>, v1::ClaimGroup> by_kind;
  for (const Claim& claim : claims) {
    v1::ClaimGroup& group = by_kind[{claim.nature(), claim.stage()}];
    group.set_nature(claim.nature());
    group.set_stage(claim.stage());
    *(claim.has_recurrence() ? group.add_rates() : group.add_totals()) = claim;
  }
  for (auto& [kind, group] : by_kind) groups->Add(std::move(group));
}

void SplitByDay(const Events& events, const edtf::Date& as_of, Events* past, Events* coming,
                Events* undetermined) {
  const auto from_then_on = edtf::Parse(as_of.ToString() + "/..");
  for (const Event& event : events) {
    Events* side = undetermined;
    const auto date = edtf::Parse(event.date().edtf());
    // What was put off has no date that is certain.
    if (event.has_date() && date.ok() && event.status() != events::v1::EVENT_STATUS_POSTPONED) {
      switch (edtf::Compare(*date, as_of)) {
        case edtf::Order::kBefore:
          side = past;
          break;
        case edtf::Order::kAfter:
        case edtf::Order::kOverlaps:
          side = coming;
          break;
        case edtf::Order::kUnknown:
          // Some day from that one on: which one is not known, and none is before it.
          if (!date->is_interval() && from_then_on.ok() &&
              edtf::CertainlyWithin(*date, *from_then_on)) {
            side = coming;
          }
          break;
      }
    }
    *side->Add() = event;
  }
  for (Events* side : {past, coming, undetermined}) OrderByDate(side);
}

std::map<std::string, std::set<std::string>> PillarsOf(const Initiatives& initiatives) {
  std::map<std::string, const catalogue::v1::Initiative*> by_name;
  for (const auto& initiative : initiatives) by_name[initiative.name()] = &initiative;
  std::map<std::string, std::set<std::string>> pillars;
  for (const auto& initiative : initiatives) {
    const catalogue::v1::Initiative* holder = &initiative;
    std::set<std::string> seen;
    while (holder->pillars().empty() && seen.insert(holder->name()).second) {
      const auto parent = by_name.find(holder->parent());
      if (parent == by_name.end()) break;
      holder = parent->second;
    }
    pillars[initiative.name()] = {holder->pillars().begin(), holder->pillars().end()};
  }
  return pillars;
}

CitedPassages CitationsIn(const Message& composed) {
  CitedPassages cited;
  absl::flat_hash_map<std::string, v1::CitedStatements*> by_citation;
  ForEachResource(composed, [&](const Message& resource) {
    const std::string name = fields::GetString(resource, "name");
    const auto* field = resource.GetDescriptor()->FindFieldByName("citations");
    if (field == nullptr) return;
    const auto* reflection = resource.GetReflection();
    for (int i = 0; i < reflection->FieldSize(resource, field); ++i) {
      const Message& citation = reflection->GetRepeatedMessage(resource, field, i);
      auto& statements = by_citation[citation.SerializeAsString()];
      if (statements == nullptr) {
        statements = cited.Add();
        statements->mutable_citation()->CopyFrom(citation);
      }
      const auto& carriers = statements->resources();
      if (carriers.empty() || *carriers.rbegin() != name) statements->add_resources(name);
    }
  });
  return cited;
}

std::set<std::string> MissingReferences(const Message& composed) {
  std::set<std::string> present;
  std::set<std::string> referred;
  ForEachResource(composed, [&](const Message& resource) {
    present.insert(fields::GetString(resource, "name"));
    for (const resource::Reference& reference : resource::ReferencesOf(resource)) {
      referred.insert(reference.target);
    }
  });
  std::set<std::string> missing;
  std::set_difference(referred.begin(), referred.end(), present.begin(), present.end(),
                      std::inserter(missing, missing.begin()));
  return missing;
}

}  // namespace entente::gateway
