// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/arrange.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
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

// Puts the elements of `list` in the order of their places in `order`, each of which is in it once.
template <typename T>
void Reorder(RepeatedPtrField<T>* list, const std::vector<size_t>& order) {
  std::vector<T*> ordered;
  for (const size_t place : order) ordered.push_back(list->Mutable(static_cast<int>(place)));
  std::copy(ordered.begin(), ordered.end(), list->pointer_begin());
}

// By the name of the whole.
using Parts = absl::flat_hash_map<absl::string_view, std::vector<size_t>>;

// Appends `top` and what `parts` has beneath it, each after its whole, but nothing twice. With a
// stack of our own: the depth of a tree is the record's affair.
void AppendTree(size_t top, const std::vector<ClaimKey>& claims, const Parts& parts,
                std::vector<bool>* placed, std::vector<size_t>* order) {
  std::vector<size_t> stack = {top};
  while (!stack.empty()) {
    const size_t claim = stack.back();
    stack.pop_back();
    if ((*placed)[claim]) continue;
    (*placed)[claim] = true;
    order->push_back(claim);
    if (const auto found = parts.find(claims[claim].name); found != parts.end()) {
      stack.insert(stack.end(), found->second.rbegin(), found->second.rend());
    }
  }
}

std::optional<absl::CivilDay> EarliestDay(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto date = edtf::Parse(text);
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

std::vector<size_t> TreeOrder(const std::vector<ClaimKey>& claims) {
  std::vector<size_t> by_name(claims.size());
  std::iota(by_name.begin(), by_name.end(), size_t{0});
  std::sort(by_name.begin(), by_name.end(),
            [&](size_t a, size_t b) { return claims[a].name < claims[b].name; });
  absl::flat_hash_set<absl::string_view> names;
  for (const ClaimKey& claim : claims) names.insert(claim.name);
  Parts parts;
  std::vector<size_t> tops;
  for (const size_t claim : by_name) {
    const absl::string_view whole = claims[claim].part_of;
    (names.contains(whole) ? parts[whole] : tops).push_back(claim);
  }
  std::vector<size_t> order;
  std::vector<bool> placed(claims.size());
  for (const size_t top : tops) AppendTree(top, claims, parts, &placed, &order);
  // What leads back to itself has no top. Funding refuses that; nothing gets lost if it does not.
  for (const size_t claim : by_name) AppendTree(claim, claims, parts, &placed, &order);
  return order;
}

void OrderAsTrees(Claims* claims) {
  std::vector<ClaimKey> keys;
  for (const Claim& claim : *claims) keys.push_back({claim.name(), claim.part_of()});
  Reorder(claims, TreeOrder(keys));
}

std::vector<size_t> DateOrder(const std::vector<EventKey>& events) {
  std::vector<std::tuple<bool, absl::CivilDay, absl::string_view, size_t>> keyed;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto day = EarliestDay(events[i].date);
    keyed.emplace_back(!day.has_value(), day.value_or(absl::CivilDay()), events[i].name, i);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<size_t> order;
  for (const auto& key : keyed) order.push_back(std::get<3>(key));
  return order;
}

void OrderByDate(Events* events) {
  std::vector<EventKey> keys;
  for (const Event& event : *events) keys.push_back({event.name(), event.date().edtf()});
  Reorder(events, DateOrder(keys));
}

void GroupClaims(Claims* claims, RepeatedPtrField<v1::ClaimGroup>* groups) {
  std::map<std::pair<funding::v1::ClaimNature, funding::v1::ClaimStage>, std::vector<Claim*>>
      by_kind;
  for (Claim& claim : *claims) by_kind[{claim.nature(), claim.stage()}].push_back(&claim);
  for (const auto& [kind, of_kind] : by_kind) {
    v1::ClaimGroup* group = groups->Add();
    group->set_nature(kind.first);
    group->set_stage(kind.second);
    for (Claim* claim : of_kind) {
      (claim->has_recurrence() ? group->add_rates() : group->add_totals())->Swap(claim);
    }
  }
}

void SplitByDay(Events* events, const edtf::Date& as_of, Events* past, Events* coming,
                Events* undetermined) {
  const auto from_then_on = edtf::Parse(as_of.ToString() + "/..");
  for (Event& event : *events) {
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
    side->Add()->Swap(&event);
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
  absl::flat_hash_set<std::string> present;
  absl::flat_hash_set<absl::string_view> referred;
  ForEachResource(composed, [&](const Message& resource) {
    present.insert(fields::GetString(resource, "name"));
    resource::ForEachReference(resource, [&](const FieldDescriptor*, absl::string_view target) {
      referred.insert(target);
    });
  });
  std::set<std::string> missing;
  for (const absl::string_view name : referred) {
    if (!present.contains(name)) missing.emplace(name);
  }
  return missing;
}

}  // namespace entente::gateway
