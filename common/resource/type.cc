// SPDX-License-Identifier: Apache-2.0
#include "common/resource/type.h"

#include <map>
#include <mutex>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/resource/walk.h"
#include "common/status/macros.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// The fields of a message type that hold references, themselves or in what is in them: what there
// is to look at. Made once for each type, and kept.
struct ReferenceFields {
  struct Step {
    const FieldDescriptor* field;
    const ReferenceFields* within;  // Null if the field is a reference itself.
  };
  std::vector<Step> steps;
};

// Whether a message of this type can hold a reference.
bool HoldsReferences(const Descriptor* descriptor, std::set<const Descriptor*>* seen) {
  if (!seen->insert(descriptor).second) return false;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->options().HasExtension(google::api::resource_reference)) return true;
    if (field->message_type() != nullptr && HoldsReferences(field->message_type(), seen)) {
      return true;
    }
  }
  return false;
}

const ReferenceFields* MakeReferenceFields(
    const Descriptor* descriptor, std::map<const Descriptor*, const ReferenceFields*>* known) {
  const auto found = known->find(descriptor);
  if (found != known->end()) return found->second;
  auto* fields = new ReferenceFields();  // As long as the descriptor: as long as the process.
  (*known)[descriptor] = fields;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    std::set<const Descriptor*> seen;
    if (IsReference(field)) {
      fields->steps.push_back({field, nullptr});
    } else if (field->message_type() != nullptr && HoldsReferences(field->message_type(), &seen)) {
      fields->steps.push_back({field, MakeReferenceFields(field->message_type(), known)});
    }
  }
  return fields;
}

const ReferenceFields& ReferenceFieldsOf(const Descriptor* descriptor) {
  // Most ask about what they asked about before.
  thread_local const Descriptor* last = nullptr;
  thread_local const ReferenceFields* of_last = nullptr;
  if (descriptor != last) {
    static std::mutex mutex;
    static auto* const known = new std::map<const Descriptor*, const ReferenceFields*>();
    std::lock_guard<std::mutex> lock(mutex);
    of_last = MakeReferenceFields(descriptor, known);
    last = descriptor;
  }
  return *of_last;
}

// `top` is the field of the resource that `message` is in; null if it is the resource.
void WalkReferences(const Message& message, const ReferenceFields& fields,
                    const FieldDescriptor* top,
                    absl::FunctionRef<void(const FieldDescriptor*, absl::string_view)> fn) {
  const auto* reflection = message.GetReflection();
  std::string scratch;
  for (const auto& [field, within] : fields.steps) {
    const FieldDescriptor* under = top != nullptr ? top : field;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field)
                      : within != nullptr  ? reflection->HasField(message, field)
                                           : 1;
    for (int i = 0; i < count; ++i) {
      if (within != nullptr) {
        WalkReferences(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                            : reflection->GetMessage(message, field),
                       *within, under, fn);
        continue;
      }
      const std::string& target =
          field->is_repeated() ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                               : reflection->GetStringReference(message, field, &scratch);
      if (!target.empty()) fn(under, target);
    }
  }
}

absl::StatusOr<const FieldDescriptor*> CommonField(const Descriptor* descriptor, const char* name,
                                                   FieldDescriptor::CppType type) {
  const FieldDescriptor* field = descriptor->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->cpp_type() != type) {
    return absl::InternalError(
        absl::StrCat(std::string(descriptor->full_name()), " lacks the common field ", name));
  }
  return field;
}

// "rateSeries", as https://google.aip.dev/123 writes it, to "rate_series".
std::string FieldName(const std::string& camel) {
  std::string snake;
  for (const char c : camel) {
    if (absl::ascii_isupper(c)) snake += '_';
    snake += absl::ascii_tolower(c);
  }
  return snake;
}

std::vector<const FieldDescriptor*> InputOnlyFields(const Descriptor* descriptor) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const auto& options = field->options();
    for (int j = 0; j < options.ExtensionSize(google::api::field_behavior); ++j) {
      if (options.GetExtension(google::api::field_behavior, j) == google::api::INPUT_ONLY) {
        fields.push_back(field);
      }
    }
  }
  return fields;
}

}  // namespace

std::unique_ptr<Message> ResourceType::New() const {
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

Message* ResourceType::NewOn(google::protobuf::Arena* arena) const {
  return MessageFactory::generated_factory()->GetPrototype(descriptor)->New(arena);
}

std::string ResourceType::NameOf(const Message& resource) const {
  return resource.GetReflection()->GetString(resource, name);
}

absl::StatusOr<Registry> Registry::Of(
    const std::vector<const Descriptor*>& descriptors,
    const std::map<const Descriptor*, LookUpTexts>& look_up_texts) {
  Registry registry;
  for (const Descriptor* descriptor : descriptors) {
    const auto& options = descriptor->options().GetExtension(google::api::resource);
    if (options.pattern_size() != 1) {
      return absl::InternalError(
          absl::StrCat(std::string(descriptor->full_name()), " is not annotated as a resource"));
    }
    auto type = std::make_unique<ResourceType>();
    type->type = options.type();
    type->singular = FieldName(options.singular());
    type->plural = FieldName(options.plural());
    type->descriptor = descriptor;
    ASSIGN_OR_RETURN(type->pattern, names::NamePattern::Parse(options.pattern(0)));
    ASSIGN_OR_RETURN(type->name, CommonField(descriptor, "name", FieldDescriptor::CPPTYPE_STRING));
    ASSIGN_OR_RETURN(type->etag, CommonField(descriptor, "etag", FieldDescriptor::CPPTYPE_STRING));
    ASSIGN_OR_RETURN(type->create_time,
                     CommonField(descriptor, "create_time", FieldDescriptor::CPPTYPE_MESSAGE));
    ASSIGN_OR_RETURN(type->update_time,
                     CommonField(descriptor, "update_time", FieldDescriptor::CPPTYPE_MESSAGE));
    ASSIGN_OR_RETURN(type->delete_time,
                     CommonField(descriptor, "delete_time", FieldDescriptor::CPPTYPE_MESSAGE));
    ASSIGN_OR_RETURN(type->revision,
                     CommonField(descriptor, "revision", FieldDescriptor::CPPTYPE_INT64));
    type->input_only = InputOnlyFields(descriptor);
    if (const auto texts = look_up_texts.find(descriptor); texts != look_up_texts.end()) {
      type->look_up_texts = texts->second;
    }
    for (const FieldDescriptor* field : type->input_only) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING || field->is_repeated()) {
        return absl::InternalError(
            absl::StrCat(std::string(field->full_name()), " is INPUT_ONLY and not a string"));
      }
    }
    registry.types_.push_back(std::move(type));
  }
  return registry;
}

const ResourceType* Registry::FindByName(absl::string_view name) const {
  for (const auto& type : types_) {
    if (type->pattern.Matches(name)) return type.get();
  }
  return nullptr;
}

const ResourceType* Registry::FindByType(absl::string_view type_name) const {
  for (const auto& type : types_) {
    if (type->type == type_name) return type.get();
  }
  return nullptr;
}

const ResourceType* Registry::FindByDescriptor(const Descriptor* descriptor) const {
  for (const auto& type : types_) {
    if (type->descriptor == descriptor) return type.get();
  }
  return nullptr;
}

bool IsReference(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         field->options().HasExtension(google::api::resource_reference);
}

std::vector<Reference> ReferencesOf(const Message& resource) {
  std::vector<Reference> references;
  WalkStrings(resource, [&](const FieldDescriptor* field, const std::string& path,
                            const std::string& value) {
    if (value.empty() || !field->options().HasExtension(google::api::resource_reference)) return;
    references.push_back(
        {path, field->options().GetExtension(google::api::resource_reference).type(), value});
  });
  return references;
}

void ForEachReference(const Message& resource,
                      absl::FunctionRef<void(const FieldDescriptor*, absl::string_view)> fn) {
  WalkReferences(resource, ReferenceFieldsOf(resource.GetDescriptor()), nullptr, fn);
}

}  // namespace entente::resource
