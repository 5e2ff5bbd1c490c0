// SPDX-License-Identifier: Apache-2.0
#include "common/resource/methods.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "entente/type/v1/standard.pb.h"
#include "google/api/resource.pb.h"

namespace entente::resource {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

absl::StatusOr<std::unique_ptr<StandardMethods>> StandardMethods::Create(
    const ServiceDescriptor* service, Store* store, const Normaliser* normaliser,
    const Rules* rules) {
  auto methods = std::unique_ptr<StandardMethods>(new StandardMethods(store, normaliser, rules));
  for (const auto& type : store->registry().types()) {
    ASSIGN_OR_RETURN(filter::Schema schema, MakeSchema(type->descriptor));
    methods->schemas_.emplace(type.get(), std::move(schema));
    const std::string one = std::string(type->descriptor->name());
    // "List{Plural}Response" has one repeated field, the resources; its plural names the method.
    const auto add = [&](Verb verb, const std::string& name) -> absl::Status {
      const MethodDescriptor* method = service->FindMethodByName(name);
      if (method == nullptr) {
        return absl::InternalError(
            absl::StrCat(std::string(service->full_name()), " lacks the standard method ", name));
      }
      methods->methods_[method->input_type()] = {verb, type.get()};
      return absl::OkStatus();
    };
    std::string many = type->descriptor->options().GetExtension(google::api::resource).plural();
    many[0] = absl::ascii_toupper(many[0]);
    RETURN_IF_ERROR(add(Verb::kGet, "Get" + one));
    RETURN_IF_ERROR(add(Verb::kList, "List" + many));
    RETURN_IF_ERROR(add(Verb::kBatchGet, "BatchGet" + many));
    RETURN_IF_ERROR(add(Verb::kCreate, "Create" + one));
    RETURN_IF_ERROR(add(Verb::kUpdate, "Update" + one));
    RETURN_IF_ERROR(add(Verb::kDelete, "Delete" + one));
    RETURN_IF_ERROR(add(Verb::kUndelete, "Undelete" + one));
  }
  const MethodDescriptor* apply = service->FindMethodByName("ApplyChanges");
  if (apply == nullptr) return absl::InternalError("the service lacks ApplyChanges");
  methods->methods_[apply->input_type()] = {Verb::kApplyChanges, nullptr};
  return methods;
}

bool StandardMethods::Handles(const Descriptor* request) const {
  return methods_.count(request) > 0;
}

void StandardMethods::Call(const Message& request, Message* response, Done done,
                           absl::Time deadline) const {
  const Method& method = methods_.at(request.GetDescriptor());
  switch (method.verb) {
    case Verb::kGet:
    case Verb::kList:
    case Verb::kBatchGet: {
      Reply reply(response);
      return done(Read(request, &reply));
    }
    case Verb::kCreate:
    case Verb::kUpdate:
    case Verb::kDelete:
    case Verb::kUndelete:
      return WriteOne(method, request, response, std::move(done), deadline);
    case Verb::kApplyChanges:
      return ApplyChanges(request, response, std::move(done), deadline);
  }
}

absl::Status StandardMethods::Read(const Message& request, Reply* reply) const {
  const Method& method = methods_.at(request.GetDescriptor());
  switch (method.verb) {
    case Verb::kGet:
      return Get(method, request, reply->message());
    case Verb::kList:
      return List(method, request, reply);
    case Verb::kBatchGet:
      return BatchGet(method, request, reply);
    default:
      return absl::InternalError("a write is no read");
  }
}

bool WantsFull(const Message& request, bool full_by_default) {
  switch (fields::GetInt(request, "view")) {
    case type::v1::RESOURCE_VIEW_BASIC:
      return false;
    case type::v1::RESOURCE_VIEW_FULL:
      return true;
    default:
      return full_by_default;
  }
}

}  // namespace entente::resource
