// SPDX-License-Identifier: Apache-2.0
//
// The types of resource that a service owns, read off the annotations of its protos
// (google.api.resource and google.api.resource_reference): no second list to keep in step.
//
//   ASSIGN_OR_RETURN(auto registry, Registry::Of({v1::Initiative::descriptor(), ...}));
//   const ResourceType* type = registry.FindByName("initiatives/smart-power");
#ifndef ENTENTE_COMMON_RESOURCE_TYPE_H_
#define ENTENTE_COMMON_RESOURCE_TYPE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/names/names.h"

namespace entente::resource {

// Calls `fn` with each text that a resource is to be found by, beside its name and what it refers
// to: without a zero byte, valid during the call.
using LookUpTexts = void (*)(const google::protobuf::Message& resource,
                             absl::FunctionRef<void(absl::string_view text)> fn);

// One type of resource. Immutable.
struct ResourceType {
  std::string type;  // "entente.dev/Initiative"
  // As they stand in names of fields: "initiative", "initiatives"; "rate_series" twice.
  std::string singular, plural;
  names::NamePattern pattern;
  const google::protobuf::Descriptor* descriptor;

  // The fields that every resource has; see any resource in proto/entente.
  const google::protobuf::FieldDescriptor* name;
  const google::protobuf::FieldDescriptor* etag;
  const google::protobuf::FieldDescriptor* create_time;
  const google::protobuf::FieldDescriptor* update_time;
  const google::protobuf::FieldDescriptor* delete_time;
  const google::protobuf::FieldDescriptor* revision;

  // The top-level fields that are kept and never read back (INPUT_ONLY): strings.
  std::vector<const google::protobuf::FieldDescriptor*> input_only;

  // Null if resources of the type are found by nothing else. For State::LookUp.
  LookUpTexts look_up_texts = nullptr;

  std::unique_ptr<google::protobuf::Message> New() const;
  google::protobuf::Message* NewOn(google::protobuf::Arena* arena) const;
  std::string NameOf(const google::protobuf::Message& resource) const;
};

// The types of one service. Immutable; lives as long as anything made with it.
class Registry {
 public:
  // INTERNAL if a message is not annotated as a resource or lacks one of the common fields: a
  // fault of the protos.
  static absl::StatusOr<Registry> Of(
      const std::vector<const google::protobuf::Descriptor*>& descriptors,
      const std::map<const google::protobuf::Descriptor*, LookUpTexts>& look_up_texts = {});

  // Null where there is none.
  const ResourceType* FindByName(absl::string_view name) const;
  const ResourceType* FindByType(absl::string_view type) const;
  const ResourceType* FindByDescriptor(const google::protobuf::Descriptor* descriptor) const;

  const std::vector<std::unique_ptr<const ResourceType>>& types() const { return types_; }

 private:
  std::vector<std::unique_ptr<const ResourceType>> types_;
};

// Whether a field holds references to resources (google.api.resource_reference).
bool IsReference(const google::protobuf::FieldDescriptor* field);

// One reference found in a resource.
struct Reference {
  std::string path;    // "parties[2].organisation"
  std::string type;    // "entente.dev/Organisation"
  std::string target;  // "organisations/usaid"
};

// Every reference that `resource` holds, by google.api.resource_reference, empty ones left out.
std::vector<Reference> ReferencesOf(const google::protobuf::Message& resource);

// The same for those who look at very many: calls `fn` with the top-level field that holds a
// reference, itself or in what is in it, and with what it refers to, which is valid as long as
// `resource` stays as it is.
void ForEachReference(const google::protobuf::Message& resource,
                      absl::FunctionRef<void(const google::protobuf::FieldDescriptor* field,
                                             absl::string_view target)>
                          fn);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_TYPE_H_
