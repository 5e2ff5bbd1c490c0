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

using google::protobuf::Arena;
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

// The key of a reference in State::referrers_. The top-level field is enough to tell the fields
// that are asked for from each other.
std::string ReferrerKey(absl::string_view target, absl::string_view field,
                        absl::string_view referrer) {
  return absl::StrCat(target, absl::string_view("\0", 1), field, absl::string_view("\0", 1),
                      referrer);
}

// The keys of everything that `entry` refers to or is found by; none if it is deleted.
std::set<std::string> ReferrerKeys(const Entry& entry) {
  std::set<std::string> keys;
  if (entry.deleted) return keys;
  ForEachReference(*entry.message, [&](const FieldDescriptor* field, absl::string_view target) {
    keys.insert(ReferrerKey(target, field->name(), entry.name));
  });
  if (entry.type->look_up_texts != nullptr) {
    entry.type->look_up_texts(*entry.message, [&](absl::string_view text) {
      keys.insert(ReferrerKey(absl::StrCat(kLookUpPrefix, text), "", entry.name));
    });
  }
  return keys;
}

absl::string_view NameIn(const ResourceType& type, const Message& message) {
  std::string scratch;  // Of no use: the field is a plain string.
  return message.GetReflection()->GetStringReference(message, type.name, &scratch);
}

// `make` makes another message of its kind, `make_wire` its wire forms.
template <typename Make, typename MakeWire>
Entry MakeEntry(const ResourceType& type, std::shared_ptr<Message> stored, Make make,
                MakeWire make_wire) {
  const auto* reflection = stored->GetReflection();
  std::shared_ptr<Message> message = stored;
  for (const FieldDescriptor* field : type.input_only) {
    if (!reflection->HasField(*stored, field)) continue;
    if (stored == message) {
      message = make();
      message->CopyFrom(*stored);
    }
    reflection->ClearField(message.get(), field);
  }
  const int64_t revision = reflection->GetInt64(*message, type.revision);
  const bool deleted = reflection->HasField(*message, type.delete_time);
  std::shared_ptr<const WireForms> wire = make_wire(message);
  return Entry{&type,   NameIn(type, *message), std::move(message), std::move(stored), revision,
               deleted, std::move(wire)};
}

// Makes what the log says of a resource what is read of it.
absl::Status Complete(const ResourceType& type, const log::Change& change, int64_t revision,
                      absl::Time commit_time, Message* message) {
  if (!message->ParseFromString(change.body)) {
    return absl::DataLossError(
        absl::StrCat("revision ", revision, ": the body of ", change.name, " cannot be parsed"));
  }
  const auto* reflection = message->GetReflection();
  // A body without a create_time is that of a resource created by this very revision.
  if (!reflection->HasField(*message, type.create_time)) {
    SetTime(message, type.create_time, commit_time);
  }
  SetTime(message, type.update_time, commit_time);
  const bool deleted =
      change.kind == log::ChangeKind::kDelete || change.kind == log::ChangeKind::kErase;
  if (deleted) {
    SetTime(message, type.delete_time, commit_time);
  } else {
    reflection->ClearField(message, type.delete_time);
  }
  reflection->SetString(message, type.name, change.name);
  reflection->SetInt64(message, type.revision, revision);
  // A name changes at most once in a revision, so the revision tells one version from all others.
  reflection->SetString(message, type.etag, absl::StrCat("\"", absl::Hex(revision), "\""));
  return absl::OkStatus();
}

absl::StatusOr<const ResourceType*> TypeOf(const Registry& registry, const log::Change& change,
                                           int64_t revision) {
  const ResourceType* type = registry.FindByName(change.name);
  if (type != nullptr) return type;
  return absl::DataLossError(absl::StrCat("revision ", revision, " changes ", change.name,
                                          ", which is of no type that this service knows"));
}

}  // namespace

std::shared_ptr<Arena> NewArena() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 4096;
  options.max_block_size = 8192;
  return std::make_shared<Arena>(options);
}

Entry EntryOf(const ResourceType& type, std::shared_ptr<Message> stored) {
  return MakeEntry(
      type, std::move(stored), [&] { return std::shared_ptr<Message>(type.New()); },
      [](const std::shared_ptr<Message>& message) {
        return std::make_shared<const WireForms>(message);
      });
}

// What is on the arena must not keep the arena: its entry does.
Entry EntryOn(const std::shared_ptr<Arena>& arena, const ResourceType& type, Message* stored) {
  return MakeEntry(
      type, std::shared_ptr<Message>(arena, stored),
      [&] { return std::shared_ptr<Message>(arena, stored->New(arena.get())); },
      [&](const std::shared_ptr<Message>& message) {
        return std::shared_ptr<const WireForms>(
            arena,
            Arena::Create<WireForms>(arena.get(), std::shared_ptr<const Message>(
                                                      std::shared_ptr<void>(), message.get())));
      });
}

absl::StatusOr<Entry> Materialise(const Registry& registry, const log::Change& change,
                                  int64_t revision, absl::Time commit_time) {
  ASSIGN_OR_RETURN(const ResourceType* type, TypeOf(registry, change, revision));
  std::shared_ptr<Message> message = type->New();
  RETURN_IF_ERROR(Complete(*type, change, revision, commit_time, message.get()));
  return EntryOf(*type, std::move(message));
}

absl::StatusOr<Entry> MaterialiseOn(const std::shared_ptr<Arena>& arena, const Registry& registry,
                                    const log::Change& change, int64_t revision,
                                    absl::Time commit_time) {
  ASSIGN_OR_RETURN(const ResourceType* type, TypeOf(registry, change, revision));
  Message* message = type->NewOn(arena.get());
  RETURN_IF_ERROR(Complete(*type, change, revision, commit_time, message));
  return EntryOn(arena, *type, message);
}

absl::StatusOr<Committed> Materialise(const Registry& registry, const log::Revision& revision) {
  Committed committed{revision.number, revision.commit_time, {}, {}, revision.reason};
  committed.changed.reserve(revision.changes.size());
  committed.kinds.reserve(revision.changes.size());
  for (const log::Change& change : revision.changes) {
    ASSIGN_OR_RETURN(Entry entry,
                     Materialise(registry, change, revision.number, revision.commit_time));
    committed.changed.push_back(std::move(entry));
    committed.kinds.push_back(change.kind);
  }
  return committed;
}

bool IsErased(const Entry& entry) {
  if (!entry.deleted) return false;
  const ResourceType& type = *entry.type;
  std::vector<const FieldDescriptor*> fields;
  entry.stored->GetReflection()->ListFields(*entry.stored, &fields);
  return std::all_of(fields.begin(), fields.end(), [&](const FieldDescriptor* field) {
    return field == type.name || field == type.etag || field == type.create_time ||
           field == type.update_time || field == type.delete_time || field == type.revision;
  });
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
  referrers_.ScanPrefix(
      prefix, [&](absl::string_view key) { names.emplace_back(key.substr(key.rfind('\0') + 1)); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> State::LookUp(absl::string_view text) const {
  return Referrers(absl::StrCat(kLookUpPrefix, text));
}

size_t State::size() const {
  size_t size = 0;
  for (const auto& [type, entries] : entries_) size += entries.size();
  return size;
}

size_t State::size(const ResourceType& type) const {
  const auto entries = entries_.find(&type);
  return entries == entries_.end() ? 0 : entries->second.size();
}

std::shared_ptr<const State> State::With(const Committed& revision) const {
  auto next = std::make_shared<State>(*this);
  next->revision_ = revision.revision;
  next->commit_time_ = revision.commit_time;
  const Entries::Edit edit;
  ReferrerChanges referrers;
  for (const Entry& entry : revision.changed) {
    next->Replace(*entry.type, entry.name, &entry, edit, &referrers);
  }
  next->Apply(referrers);
  return next;
}

std::shared_ptr<const State> State::Without(int64_t revision, absl::Time commit_time,
                                            const std::vector<Before>& before) const {
  auto earlier = std::make_shared<State>(*this);
  earlier->revision_ = revision;
  earlier->commit_time_ = commit_time;
  const Entries::Edit edit;
  ReferrerChanges referrers;
  for (const Before& one : before) {
    earlier->Replace(*one.type, one.name, one.entry, edit, &referrers);
  }
  earlier->Apply(referrers);
  return earlier;
}

void State::Replace(const ResourceType& type, absl::string_view name, const Entry* entry,
                    const Entries::Edit& edit, ReferrerChanges* referrers) {
  Entries& entries = entries_[&type];
  // Most changes leave most references alone; those must not cost a new version of the set.
  const Entry* old = entries.Find(name);
  const std::set<std::string> old_keys =
      old == nullptr ? std::set<std::string>() : ReferrerKeys(*old);
  const std::set<std::string> new_keys =
      entry == nullptr ? std::set<std::string>() : ReferrerKeys(*entry);
  for (const std::string& key : old_keys) {
    if (new_keys.count(key) == 0) (*referrers)[key] = false;
  }
  for (const std::string& key : new_keys) {
    if (old_keys.count(key) == 0) (*referrers)[key] = true;
  }
  if (entry == nullptr) return entries.Erase(edit, name);
  entries.Set(edit, entry->name, *entry);
}

void State::Apply(const ReferrerChanges& referrers) {
  std::vector<KeySet::Change> changes;
  changes.reserve(referrers.size());
  for (const auto& [key, present] : referrers) changes.push_back({key, present});
  referrers_ = referrers_.With(changes);
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
