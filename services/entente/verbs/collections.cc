// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/collections.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "entente/type/v1/standard.pb.h"
#include "google/api/resource.pb.h"
#include "services/entente/text/nearest.h"
#include "services/entente/verbs/flags.h"

namespace entente {
namespace {

namespace fields = resource::fields;
using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// The largest page that a service gives.
constexpr size_t kPageSize = 1000;

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// The List method whose answer has resources of `type`.
const MethodDescriptor* ListOf(const ServiceDescriptor* service, const Descriptor* type) {
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    if (!absl::StartsWith(method->name(), "List")) continue;
    const Descriptor* answer = method->output_type();
    if (answer->field_count() > 0 && answer->field(0)->message_type() == type) return method;
  }
  return nullptr;
}

// For the life of the process, like the descriptors.
struct Known {
  std::vector<resource::Registry> registries;  // One for each collection, which is of its type.
  std::vector<Collection> collections;
};

Known Describe() {
  Known known;
  for (const Server server : kDataServers) {
    const ServiceDescriptor* service = ServiceOf(server);
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* get = service->method(i);
      const Descriptor* type = get->output_type();
      if (get->name() != absl::StrCat("Get", std::string(type->name()))) continue;
      if (!type->options().HasExtension(google::api::resource)) continue;
      const MethodDescriptor* list = ListOf(service, type);
      auto registry = resource::Registry::Of({type});
      if (list == nullptr || !registry.ok()) continue;
      known.collections.push_back({server, registry->types()[0].get(), get->input_type(),
                                   list->input_type(), list->output_type()});
      known.registries.push_back(*std::move(registry));
    }
  }
  return known;
}

}  // namespace

std::unique_ptr<Message> Collection::NewGetRequest() const { return New(get_request); }
std::unique_ptr<Message> Collection::NewListRequest() const { return New(list_request); }
std::unique_ptr<Message> Collection::NewListResponse() const { return New(list_response); }

const std::vector<Collection>& Collections() {
  static const auto& known = *new Known(Describe());
  return known.collections;
}

std::vector<std::string> CollectionIds() {
  std::vector<std::string> ids;
  for (const Collection& collection : Collections()) ids.push_back(collection.id());
  return ids;
}

const Collection* FindCollection(absl::string_view id) {
  for (const Collection& collection : Collections()) {
    if (collection.id() == id) return &collection;
  }
  return nullptr;
}

absl::StatusOr<const Collection*> CollectionOfName(const std::string& name) {
  for (const Collection& collection : Collections()) {
    if (collection.type->pattern.Matches(name)) return &collection;
  }
  // Which it should have been like: "partnerships/p/pillars/q" by "pillars".
  const std::vector<std::string> segments = absl::StrSplit(name, '/');
  const std::string& word = segments[segments.size() >= 3 ? segments.size() - 2 : 0];
  const Collection* meant = FindCollection(word);
  if (meant == nullptr) meant = FindCollection(text::Nearest(word, CollectionIds()));
  if (segments.size() > 1 && meant != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is not a name: it must be like ",
                                                   meant->type->pattern.text(), ", ids matching ",
                                                   names::kIdPattern));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is not a name: it must be like initiatives/{initiative}; the ",
                   "collections are ", absl::StrJoin(CollectionIds(), ", "), "; `entente search ",
                   name, "` finds names by words"));
}

absl::StatusOr<std::unique_ptr<Message>> ListAll(const Servers& servers,
                                                 const Collection& collection,
                                                 const ListOptions& options) {
  const std::unique_ptr<Message> request = collection.NewListRequest();
  RETURN_IF_ERROR(SetReading(request.get()));
  if (collection.type->pattern.has_parent()) {
    fields::SetString(request.get(), "parent", options.parent);
  }
  fields::SetString(request.get(), "filter", options.filter);
  fields::SetString(request.get(), "order_by", options.order_by);
  if (options.deleted) {
    request->GetReflection()->SetBool(
        request.get(), collection.list_request->FindFieldByName("show_deleted"), true);
  }
  if (options.full) fields::SetInt(request.get(), "view", type::v1::RESOURCE_VIEW_FULL);
  std::unique_ptr<Message> all = collection.NewListResponse();
  while (true) {
    const size_t left =
        options.limit == 0 ? kPageSize : options.limit - ResourcesIn(collection, *all).size();
    fields::SetInt(request.get(), "page_size", static_cast<int64_t>(std::min(left, kPageSize)));
    const std::unique_ptr<Message> page = collection.NewListResponse();
    RETURN_IF_ERROR(servers.Call(collection.server, *request, page.get()));
    fields::Clear(all.get(), "next_page_token");
    all->MergeFrom(*page);
    const std::string next = fields::GetString(*page, "next_page_token");
    const size_t count = ResourcesIn(collection, *all).size();
    if (next.empty() || (options.limit != 0 && count >= options.limit)) return all;
    fields::SetString(request.get(), "page_token", next);
  }
}

std::vector<const Message*> ResourcesIn(const Collection& collection, const Message& response) {
  std::vector<const Message*> resources;
  const auto* field = collection.list_response->field(0);
  const auto* reflection = response.GetReflection();
  for (int i = 0; i < reflection->FieldSize(response, field); ++i) {
    resources.push_back(&reflection->GetRepeatedMessage(response, field, i));
  }
  return resources;
}

}  // namespace entente
