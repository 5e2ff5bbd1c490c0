// SPDX-License-Identifier: Apache-2.0
#include "common/resource/state.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;

void SetTime(Message* message, const FieldDescriptor* field, absl::Time time) {
  Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  message->GetReflection()->MutableMessage(message, field)->CopyFrom(timestamp);
}

// The key of a reference in State::referrers_. The first segment of the path is enough to tell
// the fields that are asked for from each other.
std::string ReferrerKey(absl::string_view target, absl::string_view path,
                        absl::string_view referrer) {
  const absl::string_view field = path.substr(0, path.find_first_of("[."));
  return absl::StrCat(target, absl::string_view("\0", 1), field, absl::string_view("\0", 1),
                      referrer);
}

// The keys of everything that `entry` refers to; none if it is deleted.
std::set<std::string> ReferrerKeys(const Entry& entry) {
  std::set<std::string> keys;
  if (entry.deleted) return keys;
  for (const Reference& reference : ReferencesOf(*entry.message)) {
    keys.insert(ReferrerKey(reference.target, reference.path, entry.name));
  }
  return keys;
}

}  // namespace

absl::StatusOr<Entry> Materialise(const Registry& registry, const log::Change& change,
                                  int64_t revision, absl::Time commit_time) {
  const ResourceType* type = registry.FindByName(change.name);
  if (type == nullptr) {
    return absl::DataLossError(absl::StrCat("revision ", revision, " changes ", change.name,
                                            ", which is of no type that this service knows"));
  }
  std::shared_ptr<Message> message = type->New();
  if (!message->ParseFromString(change.body)) {
    return absl::DataLossError(
        absl::StrCat("revision ", revision, ": the body of ", change.name, " cannot be parsed"));
  }
  const auto* reflection = message->GetReflection();
  // A body without a create_time is that of a resource created by this very revision.
  if (!reflection->HasField(*message, type->create_time)) {
    SetTime(message.get(), type->create_time, commit_time);
  }
  SetTime(message.get(), type->update_time, commit_time);
  const bool deleted =
      change.kind == log::ChangeKind::kDelete || change.kind == log::ChangeKind::kErase;
  if (deleted) {
    SetTime(message.get(), type->delete_time, commit_time);
  } else {
    reflection->ClearField(message.get(), type->delete_time);
  }
  reflection->SetString(message.get(), type->name, change.name);
  reflection->SetInt64(message.get(), type->revision, revision);
  // A name changes at most once in a revision, so the revision tells one version from all others.
  reflection->SetString(message.get(), type->etag, absl::StrCat("\"", absl::Hex(revision), "\""));
  std::shared_ptr<const Message> stored = message;
  for (const FieldDescriptor* field : type->input_only) {
    if (!reflection->HasField(*message, field)) continue;
    if (stored == message) {
      message = type->New();
      message->CopyFrom(*stored);
    }
    reflection->ClearField(message.get(), field);
  }
  auto wire = std::make_shared<const WireForms>(message);
  return Entry{type,     change.name, std::move(message), std::move(stored),
               revision, deleted,     std::move(wire)};
}

absl::StatusOr<Committed> Materialise(const Registry& registry, const log::Revision& revision) {
  Committed committed{revision.number, revision.commit_time, {}};
  committed.changed.reserve(revision.changes.size());
  for (const log::Change& change : revision.changes) {
    ASSIGN_OR_RETURN(Entry entry,
                     Materialise(registry, change, revision.number, revision.commit_time));
    committed.changed.push_back(std::move(entry));
  }
  return committed;
}

const Entry* State::Find(absl::string_view name) const {
  for (const auto& [type, entries] : entries_) {
    if (const Entry* entry = entries.Find(name); entry != nullptr) return entry;
  }
  return nullptr;
}

const Entry* State::Find(const ResourceType& type, absl::string_view name) const {
  const auto entries = entries_.find(&type);
  return entries == entries_.end() ? nullptr : entries->second.Find(name);
}

std::vector<std::string> State::Referrers(absl::string_view target, absl::string_view field) const {
  std::string prefix = absl::StrCat(target, absl::string_view("\0", 1));
  if (!field.empty()) absl::StrAppend(&prefix, field, absl::string_view("\0", 1));
  std::vector<std::string> names;
  referrers_.ScanPrefix(prefix, [&](absl::string_view key, bool) {
    names.emplace_back(key.substr(key.rfind('\0') + 1));
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::shared_ptr<const State> State::With(const Committed& revision) const {
  auto next = std::make_shared<State>(*this);
  next->revision_ = revision.revision;
  next->commit_time_ = revision.commit_time;
  OrderedMap<Entry>::Edit entries_edit;
  OrderedMap<bool>::Edit referrers_edit;
  for (const Entry& entry : revision.changed) next->Put(entry, entries_edit, referrers_edit);
  return next;
}

void State::Put(const Entry& entry, const OrderedMap<Entry>::Edit& entries_edit,
                const OrderedMap<bool>::Edit& referrers_edit) {
  OrderedMap<Entry>& entries = entries_[entry.type];
  // Most changes leave most references alone; those must not cost a new version of the map.
  const Entry* before = entries.Find(entry.name);
  const std::set<std::string> old_keys =
      before == nullptr ? std::set<std::string>() : ReferrerKeys(*before);
  const std::set<std::string> new_keys = ReferrerKeys(entry);
  for (const std::string& key : old_keys) {
    if (new_keys.count(key) == 0) referrers_.Erase(referrers_edit, key);
  }
  for (const std::string& key : new_keys) {
    if (old_keys.count(key) == 0) referrers_.Set(referrers_edit, key, true);
  }
  entries.Set(entries_edit, entry.name, entry);
}

std::set<std::string> LeadingBack(const State& state, const std::vector<std::string>& names,
                                  const char* field) {
  std::set<std::string> seen;
  std::set<std::string> leading_back;
  for (const std::string& start : names) {
    // The way from `start` to the end, to somewhere that was seen before, or back to itself.
    std::vector<std::string> way;
    std::string name = start;
    while (!name.empty() && seen.insert(name).second) {
      way.push_back(name);
      const Entry* entry = state.Find(name);
      name = entry == nullptr ? "" : fields::GetString(*entry->message, field);
    }
    const auto first = std::find(way.begin(), way.end(), name);
    leading_back.insert(first, way.end());
  }
  std::set<std::string> result;
  for (const std::string& name : names) {
    if (leading_back.count(name) > 0) result.insert(name);
  }
  return result;
}

}  // namespace entente::resource
