// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/catalogue.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "services/catalogue/citations.h"
#include "services/catalogue/resolve.h"
#include "services/catalogue/rules.h"
#include "services/catalogue/tree.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using google::protobuf::Message;
using resource::Entry;
using resource::Reply;
using resource::State;
using resource::Store;

// The entry of `name`, deleted or not; INVALID_ARGUMENT or NOT_FOUND.
template <typename T>
absl::StatusOr<const Entry*> FindNamed(const State& state, const std::string& name) {
  const resource::ResourceType& type = *Types().FindByDescriptor(T::descriptor());
  if (!type.pattern.Matches(name)) {
    Violations violations;
    violations.Add("name", absl::StrCat("must be a name like ", type.pattern.text()));
    return violations.ToStatus();
  }
  const Entry* entry = state.Find(name);
  if (entry == nullptr) return errors::ResourceNotFound(type.type, name);
  return entry;
}

// The names of the resources of `collection` that refer to `target` through `field`.
std::vector<std::string> ReferrersIn(const State& state, absl::string_view target,
                                     absl::string_view field, absl::string_view collection) {
  std::vector<std::string> names = state.Referrers(target, field);
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const std::string& name) {
                               return absl::string_view(name).substr(0, collection.size()) !=
                                      collection;
                             }),
              names.end());
  return names;
}

absl::Status GetInitiativeTree(const Store& store, const v1::GetInitiativeTreeRequest& request,
                               Reply* tree) {
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  ASSIGN_OR_RETURN(const Entry* entry, FindNamed<v1::Initiative>(*state, request.name()));
  const bool full = resource::WantsFull(request, true);
  tree->Add("initiative", *entry, full);
  for (const Entry* ancestor : AncestorsOf(*state, request.name())) {
    tree->Add("ancestors", *ancestor, full);
  }
  std::set<std::string> quantities;
  const auto collect = [&](const std::string& initiative) {
    for (std::string& name : state->Referrers(initiative, "initiative")) {
      quantities.insert(std::move(name));
    }
  };
  collect(request.name());
  for (const Entry* descendant : DescendantsOf(*state, request.name())) {
    tree->Add("descendants", *descendant, full);
    collect(std::string(descendant->name));
  }
  for (const std::string& name : quantities) {
    tree->Add("quantities", *state->Find(name), full);
  }
  tree->As<v1::InitiativeTree>()->set_revision(state->revision());
  return absl::OkStatus();
}

absl::Status GetPartnershipTree(const Store& store, const v1::GetPartnershipTreeRequest& request,
                                Reply* tree) {
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  ASSIGN_OR_RETURN(const Entry* entry, FindNamed<v1::Partnership>(*state, request.name()));
  const bool full = resource::WantsFull(request, false);
  tree->Add("partnership", *entry, full);

  const resource::ResourceType& pillar_type = *Types().FindByDescriptor(v1::Pillar::descriptor());
  const std::string prefix = pillar_type.pattern.Make(request.name(), "");
  std::vector<const Entry*> pillars;
  state->Scan(pillar_type, prefix, [&](const Entry& pillar) {
    if (pillar.name.compare(0, prefix.size(), prefix) != 0) return false;
    if (!pillar.deleted) pillars.push_back(&pillar);
    return true;
  });
  std::stable_sort(pillars.begin(), pillars.end(), [](const Entry* a, const Entry* b) {
    return a->As<v1::Pillar>().ordinal() < b->As<v1::Pillar>().ordinal();
  });
  for (const Entry* pillar : pillars) tree->Add("pillars", *pillar, full);

  // A root here is an initiative whose parent does not belong to the partnership.
  const std::vector<std::string> names =
      ReferrersIn(*state, request.name(), "partnerships", "initiatives/");
  const std::set<std::string> members(names.begin(), names.end());
  for (const std::string& name : names) {
    const Entry& root = *state->Find(name);
    if (members.count(root.As<v1::Initiative>().parent()) > 0) continue;
    tree->Add("initiatives", root, full);
    for (const Entry* descendant : DescendantsOf(*state, name)) {
      if (members.count(std::string(descendant->name)) > 0) {
        tree->Add("initiatives", *descendant, full);
      }
    }
  }
  for (const std::string& name :
       ReferrersIn(*state, request.name(), "partnerships", "quantities/")) {
    tree->Add("quantities", *state->Find(name), full);
  }
  tree->As<v1::PartnershipTree>()->set_revision(state->revision());
  return absl::OkStatus();
}

absl::Status LookupResources(const Store& store, const v1::LookupResourcesRequest& request,
                             Reply* reply) {
  auto* const response = reply->As<v1::LookupResourcesResponse>();
  Violations violations;
  if (request.names_size() > kMaxLookup) {
    violations.Add("names", absl::StrCat("has ", request.names_size(), " names; at most ",
                                         kMaxLookup, " are accepted: ask in parts"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.names_size(); ++i) {
    const std::string path = absl::StrCat("names[", i, "]");
    if (Types().FindByName(request.names(i)) == nullptr) {
      violations.Add(path, "must be the name of a resource of this service");
    } else if (!seen.insert(request.names(i)).second) {
      violations.Add(path, "stands in the list twice");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  const bool full = resource::WantsFull(request, true);
  for (const std::string& name : request.names()) {
    const Entry* entry = state->Find(name);
    if (entry == nullptr) {
      response->add_not_found(name);
      continue;
    }
    reply->Add("resources", *entry, full);
  }
  response->set_revision(state->revision());
  return absl::OkStatus();
}

// A method that answers with resources.
template <typename Request>
void Handle(resource::DataService* service,
            absl::Status (*handler)(const Store&, const Request&, Reply*)) {
  service->Handle(Request::descriptor(), [service, handler](const Message& request, Reply* reply) {
    return handler(service->store(), static_cast<const Request&>(request), reply);
  });
}

template <typename Request, typename Response>
void Handle(resource::DataService* service,
            absl::Status (*handler)(const Store&, const Request&, Response*)) {
  service->Handle(Request::descriptor(), [service, handler](const Message& request, Reply* reply) {
    return handler(service->store(), static_cast<const Request&>(request), reply->As<Response>());
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<resource::DataService>> MakeCatalogue(
    std::unique_ptr<log::Log> log, resource::StoreOptions options) {
  resource::DataServiceParts parts;
  parts.service =
      v1::ApplyChangesRequest::descriptor()->file()->FindServiceByName("CatalogueService");
  parts.registry = &Types();
  parts.rules = std::make_shared<Rules>();
  ASSIGN_OR_RETURN(auto service, resource::DataService::Create(parts, std::move(log), options));
  Handle(service.get(), &GetInitiativeTree);
  Handle(service.get(), &GetPartnershipTree);
  Handle(service.get(), &LookupResources);
  Handle(service.get(), &ResolveOrganisations);
  Handle(service.get(), &VerifyCitations);
  Handle(service.get(), &FindUncited);
  return service;
}

}  // namespace entente::catalogue
