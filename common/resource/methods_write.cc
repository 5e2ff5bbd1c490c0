// SPDX-License-Identifier: Apache-2.0
//
// Create, Update, Delete, Undelete and ApplyChanges.
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/resource/change.h"
#include "common/resource/fields.h"
#include "common/resource/methods.h"
#include "common/resource/type.h"
#include "common/status/macros.h"
#include "common/token/token.h"
#include "entente/type/v1/standard.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;

// The fields of a resource that the store sets and a writer cannot.
bool IsStoreField(const ResourceType& type, const FieldDescriptor* field) {
  return field == type.name || field == type.etag || field == type.create_time ||
         field == type.update_time || field == type.delete_time || field == type.revision;
}

// What the log keeps of a resource: all but what Materialise fills in. The create_time stays:
// only the first revision of a resource could tell it.
std::string BodyOf(const ResourceType& type, const Message& resource) {
  std::unique_ptr<Message> body(resource.New());
  body->CopyFrom(resource);
  for (const FieldDescriptor* field :
       {type.etag, type.update_time, type.delete_time, type.revision}) {
    body->GetReflection()->ClearField(body.get(), field);
  }
  return body->SerializeAsString();
}

void ClearStoreFields(const ResourceType& type, Message* resource) {
  for (const FieldDescriptor* field :
       {type.etag, type.create_time, type.update_time, type.delete_time, type.revision}) {
    resource->GetReflection()->ClearField(resource, field);
  }
}

void SetName(const ResourceType& type, const std::string& name, Message* resource) {
  resource->GetReflection()->SetString(resource, type.name, name);
}

// The resources, not deleted, whose names begin with that of `parent`.
std::vector<std::string> ChildrenOf(const State& state, const std::string& parent) {
  const std::string prefix = absl::StrCat(parent, "/");
  std::vector<std::string> children;
  for (const auto& type : state.registry().types()) {
    if (!type->pattern.has_parent()) continue;
    state.Scan(*type, prefix, [&](const Entry& entry) {
      if (!absl::StartsWith(entry.name, prefix)) return false;
      if (!entry.deleted) children.emplace_back(entry.name);
      return true;
    });
  }
  return children;
}

// The resource inside a Create or Update request.
const Message* ResourceIn(const ResourceType& type, const Message& request) {
  return fields::GetMessage(request, type.singular.c_str());
}

absl::Status CheckEtag(const Entry& entry, const std::string& etag) {
  const std::string current = fields::GetString(*entry.message, "etag");
  return etag.empty() || etag == current ? absl::OkStatus()
                                         : errors::EtagMismatch(entry.name, etag, current);
}

// Whether `path` leads to a field of the type. protobuf's own check reads past empty segments.
bool IsMaskPath(const ResourceType& type, const std::string& path) {
  const std::vector<std::string> segments = absl::StrSplit(path, '.');
  return std::find(segments.begin(), segments.end(), "") == segments.end() &&
         FieldMaskUtil::GetFieldDescriptors(type.descriptor, path, nullptr);
}

// Whether a writer who read the resource could not know `field`, so that its absence says nothing.
bool IsUnread(const ResourceType& type, const Message& resource, const FieldDescriptor* field) {
  return std::find(type.input_only.begin(), type.input_only.end(), field) !=
             type.input_only.end() &&
         !resource.GetReflection()->HasField(resource, field);
}

// Gives a resource that replaces `before` what its writer could not know.
void KeepInputOnly(const Entry& before, Message* resource) {
  for (const FieldDescriptor* field : before.type->input_only) {
    if (!IsUnread(*before.type, *resource, field)) continue;
    resource->GetReflection()->SetString(
        resource, field, before.stored->GetReflection()->GetString(*before.stored, field));
  }
}

// Applies the mask of an Update to `target`: omitted means what is set, "*" everything.
void ApplyMask(const ResourceType& type, const Message& source, const FieldMask& mask,
               Message* target, Violations* violations) {
  const auto* reflection = source.GetReflection();
  FieldMask paths;
  if (mask.paths_size() == 0) {
    std::vector<const FieldDescriptor*> set;
    reflection->ListFields(source, &set);
    for (const FieldDescriptor* field : set) paths.add_paths(std::string(field->name()));
  } else if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    for (int i = 0; i < type.descriptor->field_count(); ++i) {
      const FieldDescriptor* field = type.descriptor->field(i);
      if (IsUnread(type, source, field)) continue;
      paths.add_paths(std::string(field->name()));
    }
  } else {
    for (int i = 0; i < mask.paths_size(); ++i) {
      if (IsMaskPath(type, mask.paths(i))) {
        paths.add_paths(mask.paths(i));
      } else {
        violations->Add(absl::StrCat("update_mask.paths[", i, "]"),
                        absl::StrCat("\"", mask.paths(i), "\" is not a field of ",
                                     std::string(type.descriptor->name()),
                                     mask.paths(i) == "*" ? " (\"*\" stands alone)" : ""));
      }
    }
  }
  FieldMask writable;
  for (const std::string& path : paths.paths()) {
    const FieldDescriptor* top = type.descriptor->FindFieldByName(path.substr(0, path.find('.')));
    if (!IsStoreField(type, top)) writable.add_paths(path);
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(source, writable, options, target);
}

void CheckWrite(const Message& request, Violations* violations) {
  if (fields::GetString(request, "request_id").size() > kMaxRequestIdLength) {
    violations->Add("request_id",
                    absl::StrCat("must have at most ", kMaxRequestIdLength, " bytes"));
  }
  CheckReason(request, violations);
}

// A write of `request`; the id is bound to the method and everything in the request.
Write MakeWrite(const Message& request, absl::Time deadline) {
  Write write;
  write.request_id = fields::GetString(request, "request_id");
  write.deadline = deadline;
  write.validate_only = fields::GetBool(request, "validate_only");
  if (const Message* reason = fields::GetMessage(request, "reason"); reason != nullptr) {
    write.reason = reason->SerializeAsString();
  }
  if (!write.request_id.empty()) {
    write.request_fingerprint = token::Fingerprint(absl::StrCat(
        std::string(request.GetDescriptor()->full_name()), " ", request.SerializeAsString()));
  }
  return write;
}

}  // namespace

void StandardMethods::Prepare(Message* resource, const std::string& path,
                              Violations* violations) const {
  normaliser_->Normalise(resource, path, violations);
  rules_->Complete(resource);
  rules_->Check(*resource, path, violations);
}

void StandardMethods::AddPut(const State& state, const std::string& name, const Message& resource,
                             std::vector<log::Change>* changes) {
  const ResourceType& type = *state.registry().FindByName(name);
  const Entry* before = state.Find(name);
  std::unique_ptr<Message> stored(resource.New());
  stored->CopyFrom(resource);
  ClearStoreFields(type, stored.get());
  SetName(type, name, stored.get());
  if (before != nullptr) {
    stored->GetReflection()
        ->MutableMessage(stored.get(), type.create_time)
        ->CopyFrom(
            before->message->GetReflection()->GetMessage(*before->message, type.create_time));
  }
  std::string body = BodyOf(type, *stored);
  if (before != nullptr && !before->deleted && body == BodyOf(type, *before->stored)) return;
  changes->push_back({name, log::ChangeKind::kPut, std::move(body)});
}

absl::StatusOr<std::vector<log::Change>> StandardMethods::PlanCreate(const Method& method,
                                                                     const Message& request,
                                                                     const State& state) const {
  const ResourceType& type = *method.type;
  Violations violations;
  CheckWrite(request, &violations);
  const std::string id_field = absl::StrCat(type.singular, "_id");
  const std::string id = fields::GetString(request, id_field.c_str());
  const std::string parent = fields::GetString(request, "parent");
  if (!names::IsId(id)) {
    violations.Add(id_field, absl::StrCat("must match ", names::kIdPattern));
  }
  const bool has_parent = type.pattern.MatchesParent(parent, /*allow_wildcard=*/false);
  if (!has_parent) {
    violations.Add("parent",
                   absl::StrCat("must be the parent of names like ", type.pattern.text()));
  }
  const std::string name = type.pattern.Make(parent, id);
  const std::string path = absl::StrCat(type.singular, ".");
  const Message* given = ResourceIn(type, request);
  if (given == nullptr) {
    violations.Add(type.singular, "is required");
    return violations.ToStatus();
  }
  std::shared_ptr<Message> resource = type.New();
  resource->CopyFrom(*given);
  const std::string given_name = type.NameOf(*given);
  if (!given_name.empty() && given_name != name) {
    violations.Add(path + "name", absl::StrCat("must be empty or ", name));
  }
  SetName(type, name, resource.get());
  Prepare(resource.get(), path, &violations);
  std::vector<log::Change> changes;
  if (violations.empty()) {
    if (const Entry* entry = state.Find(name); entry != nullptr) {
      return IsErased(*entry) ? errors::ResourceErased(name)
                              : errors::ResourceExists(name, entry->deleted);
    }
    AddPut(state, name, *resource, &changes);
  }
  RETURN_IF_ERROR(CheckTogether(request, state, changes,
                                {{name, {path, resource, has_parent ? "parent" : ""}}},
                                &violations));
  return changes;
}

absl::StatusOr<std::vector<log::Change>> StandardMethods::PlanUpdate(const Method& method,
                                                                     const Message& request,
                                                                     const State& state) const {
  const ResourceType& type = *method.type;
  Violations violations;
  CheckWrite(request, &violations);
  const Message* given = ResourceIn(type, request);
  if (given == nullptr) {
    violations.Add(type.singular, "is required");
    return violations.ToStatus();
  }
  const std::string name = type.NameOf(*given);
  if (!type.pattern.Matches(name)) {
    violations.Add(absl::StrCat(type.singular, ".name"),
                   absl::StrCat("must be a name like ", type.pattern.text()));
    return violations.ToStatus();
  }
  const Entry* entry = state.Find(name);
  if (entry == nullptr) return errors::ResourceNotFound(type.type, name);
  if (IsErased(*entry)) return errors::ResourceErased(name);
  if (entry->deleted) return errors::ResourceDeleted(name);
  RETURN_IF_ERROR(CheckEtag(*entry, fields::GetString(*given, "etag")));

  std::shared_ptr<Message> resource = type.New();
  resource->CopyFrom(*entry->stored);
  const Message* mask = fields::GetMessage(request, "update_mask");
  ApplyMask(type, *given, mask == nullptr ? FieldMask() : static_cast<const FieldMask&>(*mask),
            resource.get(), &violations);
  const std::string path = absl::StrCat(type.singular, ".");
  Prepare(resource.get(), path, &violations);
  std::vector<log::Change> changes;
  if (violations.empty()) AddPut(state, name, *resource, &changes);
  RETURN_IF_ERROR(CheckTogether(request, state, changes, {{name, {path, resource, path + "name"}}},
                                &violations));
  return changes;
}

absl::StatusOr<std::vector<log::Change>> StandardMethods::PlanDelete(const Method& method,
                                                                     const Message& request,
                                                                     const State& state,
                                                                     bool undelete) const {
  const ResourceType& type = *method.type;
  const std::string name = fields::GetString(request, "name");
  Violations violations;
  CheckWrite(request, &violations);
  if (!type.pattern.Matches(name)) {
    violations.Add("name", absl::StrCat("must be a name like ", type.pattern.text()));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  const Entry* entry = state.Find(name);
  if (entry == nullptr) return errors::ResourceNotFound(type.type, name);
  RETURN_IF_ERROR(CheckEtag(*entry, fields::GetString(request, "etag")));
  if (IsErased(*entry)) return errors::ResourceErased(name);
  if (undelete != entry->deleted) {
    return undelete ? errors::ResourceNotDeleted(name) : errors::ResourceDeleted(name);
  }
  std::vector<log::Change> changes = {
      {name, undelete ? log::ChangeKind::kUndelete : log::ChangeKind::kDelete,
       BodyOf(type, *entry->stored)}};
  RETURN_IF_ERROR(
      CheckTogether(request, state, changes, {{name, {"", nullptr, "name"}}}, &violations));
  return changes;
}

absl::StatusOr<std::vector<log::Change>> StandardMethods::PlanChanges(const Message& request,
                                                                      const State& state) const {
  const int64_t expected = fields::GetInt(request, "expected_revision");
  if (expected != 0 && expected != state.revision()) {
    return errors::RevisionMismatch(expected, state.revision());
  }
  Violations violations;
  CheckWrite(request, &violations);
  const FieldDescriptor* list = request.GetDescriptor()->FindFieldByName("changes");
  const int count = request.GetReflection()->FieldSize(request, list);
  if (count == 0) violations.Add("changes", "must not be empty");
  if (count > kMaxChanges) {
    violations.Add("changes", absl::StrCat("has ", count, " changes; at most ", kMaxChanges,
                                           " are accepted: send them in parts"));
  }
  RETURN_IF_ERROR(violations.ToStatus());

  std::vector<log::Change> changes;
  Targets targets;
  for (int i = 0; i < count; ++i) {
    const Message& change = request.GetReflection()->GetRepeatedMessage(request, list, i);
    const std::string path = absl::StrCat("changes[", i, "]");
    const std::string to_delete = fields::GetString(change, "delete");
    const std::string to_erase = fields::GetString(change, "erase");
    const Message* put = fields::GetMessage(change, "put");
    const Message* given = put == nullptr ? nullptr : fields::GetOneof(*put);
    const log::ChangeKind kind = !to_delete.empty()  ? log::ChangeKind::kDelete
                                 : !to_erase.empty() ? log::ChangeKind::kErase
                                                     : log::ChangeKind::kUndelete;
    std::string name = NameOfChange(change);
    std::string place = absl::StrCat(path, ".", ActionOf(kind));
    const ResourceType* type = state.registry().FindByName(name);
    if (given != nullptr) {
      type = state.registry().FindByDescriptor(given->GetDescriptor());
      place = absl::StrCat(path, ".put.", type->singular, ".");
    } else if (name.empty()) {
      violations.Add(path, "must have one of put (with a resource), delete, undelete or erase");
      continue;
    }
    if (type == nullptr || !type->pattern.Matches(name)) {
      violations.Add(given != nullptr ? place + "name" : place,
                     type != nullptr
                         ? absl::StrCat("must be a name like ", type->pattern.text())
                         : std::string("must be the name of a resource of this service"));
      if (given != nullptr) {  // What else is wrong with it is said at once.
        const std::unique_ptr<Message> nameless(given->New());
        nameless->CopyFrom(*given);
        Prepare(nameless.get(), place, &violations);
      }
      continue;
    }
    // What is wrong with what comes back stands behind the name that brings it back.
    std::shared_ptr<Message> resource;
    if (given != nullptr) {
      resource.reset(given->New());
      resource->CopyFrom(*given);
    }
    const Target target = {given != nullptr ? place : place + ".", resource,
                           given != nullptr ? place + "name" : place};
    if (!targets.emplace(name, target).second) {
      violations.Add(path, absl::StrCat(name, " stands in the change set twice"));
      continue;
    }
    const Entry* entry = state.Find(name);
    const std::string etag = fields::GetString(change, "etag");
    if (!etag.empty()) {
      if (entry == nullptr) return errors::ResourceNotFound(type->type, name);
      RETURN_IF_ERROR(CheckEtag(*entry, etag));
    }
    const bool erased = entry != nullptr && IsErased(*entry);
    if (erased && (resource != nullptr || kind == log::ChangeKind::kUndelete)) {
      return errors::ResourceErased(name);
    }
    if (resource != nullptr) {
      if (entry != nullptr) KeepInputOnly(*entry, resource.get());
      const size_t faults = violations.all().size();
      Prepare(resource.get(), place, &violations);
      if (violations.all().size() == faults) AddPut(state, name, *resource, &changes);
      continue;
    }
    if (entry == nullptr) return errors::ResourceNotFound(type->type, name);
    if (erased) continue;  // It already reads like that; likewise:
    if (kind != log::ChangeKind::kErase && (kind == log::ChangeKind::kDelete) == entry->deleted) {
      continue;
    }
    changes.push_back(
        {name, kind, kind == log::ChangeKind::kErase ? "" : BodyOf(*type, *entry->stored)});
  }
  RETURN_IF_ERROR(CheckTogether(request, state, changes, targets, &violations));
  return changes;
}

absl::Status StandardMethods::CheckTogether(const Message& request, const State& state,
                                            const std::vector<log::Change>& changes,
                                            const Targets& targets, Violations* violations) const {
  const std::string source = SourceDocument(request);
  ASSIGN_OR_RETURN(
      const Committed committed,
      Materialise(state.registry(),
                  log::Revision{state.revision() + 1, absl::UnixEpoch(), "", "", changes, ""}));
  const auto after = state.With(committed);
  // What stands in the same request and is itself at fault is not also missing.
  const auto is_there = [&](const std::string& name) {
    const Entry* entry = after->Find(name);
    if (entry != nullptr) return !entry->deleted;
    const auto target = targets.find(name);
    return target != targets.end() && target->second.put != nullptr;
  };
  const auto check_references = [&](const Message& resource, const std::string& name,
                                    const Target& target) {
    const std::string parent(names::ParentOf(name));
    if (!parent.empty() && !target.parent_path.empty() && !is_there(parent)) {
      violations->Add(target.parent_path, absl::StrCat("there is no ", parent));
    }
    for (const Reference& reference : ReferencesOf(resource)) {
      if (!normaliser_->IsOfItsType(reference)) continue;  // That is reported already.
      const bool own = state.registry().FindByType(reference.type) != nullptr;
      if (!(own ? is_there(reference.target) : rules_->IsKnownElsewhere(reference.target))) {
        violations->Add(target.path + reference.path,
                        absl::StrCat("there is no ", reference.target));
      }
    }
  };
  for (const auto& [name, target] : targets) {
    if (target.put != nullptr) check_references(*target.put, name, target);
  }
  std::map<std::string, std::string> put;
  for (const Entry& entry : committed.changed) {
    const std::string name(entry.name);
    const Target& target = targets.at(name);
    if (entry.deleted) {
      std::vector<std::string> referrers = after->Referrers(name);
      const std::vector<std::string> children = ChildrenOf(*after, name);
      referrers.insert(referrers.end(), children.begin(), children.end());
      if (!referrers.empty()) return errors::ResourceInUse(name, referrers);
      continue;
    }
    // What comes back must find what it refers to.
    if (target.put == nullptr) check_references(*entry.message, name, target);
    put.emplace(name, target.path);
  }
  if (!source.empty()) {
    const bool own = state.registry().FindByName(source) != nullptr;
    if (!(own ? is_there(source) : rules_->IsKnownElsewhere(source))) {
      violations->Add("reason.source", absl::StrCat("there is no ", source));
    }
  }
  rules_->CheckTogether(*after, put, violations);
  return violations->ToStatus();
}

void StandardMethods::WriteOne(const Method& method, const Message& request, Message* response,
                               Done done, absl::Time deadline) const {
  Write write = MakeWrite(request, deadline);
  write.plan = [this, method, &request](const State& state) {
    switch (method.verb) {
      case Verb::kCreate:
        return PlanCreate(method, request, state);
      case Verb::kUpdate:
        return PlanUpdate(method, request, state);
      default:
        return PlanDelete(method, request, state, method.verb == Verb::kUndelete);
    }
  };
  write.done = [method, &request, response, done](absl::StatusOr<Written> written) {
    if (!written.ok()) return done(written.status());
    const Entry* entry = nullptr;
    if (!written->changed.empty()) {
      entry = &written->changed.front();
    } else {  // An update that changed nothing.
      entry = written->state->Find(method.type->NameOf(*ResourceIn(*method.type, request)));
    }
    response->CopyFrom(*entry->message);
    done(absl::OkStatus());
  };
  store_->Submit(std::move(write));
}

void StandardMethods::ApplyChanges(const Message& request, Message* response, Done done,
                                   absl::Time deadline) const {
  Write write = MakeWrite(request, deadline);
  write.plan = [this, &request](const State& state) { return PlanChanges(request, state); };
  write.done = [this, &request, response, done](absl::StatusOr<Written> written) {
    if (!written.ok()) return done(written.status());
    const bool applied = !written->changed.empty() && !fields::GetBool(request, "validate_only");
    const auto state = applied ? written->state : store_->Current();
    const int64_t revision = applied ? written->changed.front().revision : state->revision();
    fields::SetInt(response, "revision", revision);
    if (applied) {
      const Entry& first = written->changed.front();
      response->GetReflection()
          ->MutableMessage(response, response->GetDescriptor()->FindFieldByName("commit_time"))
          ->CopyFrom(*fields::GetMessage(*first.message, "update_time"));
    } else if (revision != 0) {
      fields::SetTime(response, "commit_time", state->commit_time());
    }
    std::map<std::string, const Entry*> changed;
    for (const Entry& entry : written->changed) changed[std::string(entry.name)] = &entry;
    const FieldDescriptor* list = request.GetDescriptor()->FindFieldByName("changes");
    for (int i = 0; i < request.GetReflection()->FieldSize(request, list); ++i) {
      const Message& change = request.GetReflection()->GetRepeatedMessage(request, list, i);
      const bool put = fields::GetMessage(change, "put") != nullptr;
      const std::string name = NameOfChange(change);
      const auto found = changed.find(name);
      const Entry* entry = found == changed.end() ? nullptr : found->second;
      const type::v1::ChangeOutcome outcome =
          entry == nullptr ? type::v1::CHANGE_OUTCOME_UNCHANGED
                           : OutcomeOf(*entry, put                ? log::ChangeKind::kPut
                                               : !entry->deleted  ? log::ChangeKind::kUndelete
                                               : IsErased(*entry) ? log::ChangeKind::kErase
                                                                  : log::ChangeKind::kDelete);
      Message* result = fields::AddMessage(response, "results");
      fields::SetString(result, "name", name);
      fields::SetInt(result, "outcome", outcome);
    }
    done(absl::OkStatus());
  };
  store_->Submit(std::move(write));
}

}  // namespace entente::resource
