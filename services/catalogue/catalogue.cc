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
using resource::State;
using resource::Store;

template <typename T>
void Add(const Entry& entry, bool full, google::protobuf::RepeatedPtrField<T>* list) {
  T* resource = list->Add();
  *resource = entry.As<T>();
  resource::ApplyView(resource, full);
}

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
                               v1::InitiativeTree* tree) {
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  ASSIGN_OR_RETURN(const Entry* entry, FindNamed<v1::Initiative>(*state, request.name()));
  const bool full = resource::WantsFull(request, true);
  *tree->mutable_initiative() = entry->As<v1::Initiative>();
  resource::ApplyView(tree->mutable_initiative(), full);
  for (const Entry* ancestor : AncestorsOf(*state, request.name())) {
    Add(*ancestor, full, tree->mutable_ancestors());
  }
  std::set<std::string> quantities;
  const auto collect = [&](const std::string& initiative) {
    for (std::string& name : state->Referrers(initiative, "initiative")) {
      quantities.insert(std::move(name));
    }
  };
  collect(request.name());
  for (const Entry* descendant : DescendantsOf(*state, request.name())) {
    Add(*descendant, full, tree->mutable_descendants());
    collect(std::string(descendant->name));
  }
  for (const std::string& name : quantities) {
    Add(*state->Find(name), full, tree->mutable_quantities());
  }
  tree->set_revision(state->revision());
  return absl::OkStatus();
}

absl::Status GetPartnershipTree(const Store& store, const v1::GetPartnershipTreeRequest& request,
                                v1::PartnershipTree* tree) {
  ASSIGN_OR_RETURN(const auto state, store.At(resource::AsOfRequest(request)));
  ASSIGN_OR_RETURN(const Entry* entry, FindNamed<v1::Partnership>(*state, request.name()));
  const bool full = resource::WantsFull(request, false);
  *tree->mutable_partnership() = entry->As<v1::Partnership>();
  resource::ApplyView(tree->mutable_partnership(), full);

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
  for (const Entry* pillar : pillars) Add(*pillar, full, tree->mutable_pillars());

  // A root here is an initiative whose parent does not belong to the partnership.
  const std::vector<std::string> names =
      ReferrersIn(*state, request.name(), "partnerships", "initiatives/");
  const std::set<std::string> members(names.begin(), names.end());
  for (const std::string& name : names) {
    const Entry& root = *state->Find(name);
    if (members.count(root.As<v1::Initiative>().parent()) > 0) continue;
    Add(root, full, tree->mutable_initiatives());
    for (const Entry* descendant : DescendantsOf(*state, name)) {
      if (members.count(std::string(descendant->name)) > 0) {
        Add(*descendant, full, tree->mutable_initiatives());
      }
    }
  }
  for (const std::string& name :
       ReferrersIn(*state, request.name(), "partnerships", "quantities/")) {
    Add(*state->Find(name), full, tree->mutable_quantities());
  }
  tree->set_revision(state->revision());
  return absl::OkStatus();
}

absl::Status LookupResources(const Store& store, const v1::LookupResourcesRequest& request,
                             v1::LookupResourcesResponse* response) {
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
    resource::ApplyView(resource::fields::SetOneof(response->add_resources(), *entry->message),
                        full);
  }
  response->set_revision(state->revision());
  return absl::OkStatus();
}

template <typename Request, typename Response>
void Handle(resource::DataService* service,
            absl::Status (*handler)(const Store&, const Request&, Response*)) {
  service->Handle(Request::descriptor(),
                  [service, handler](const Message& request, Message* response) {
                    return handler(service->store(), static_cast<const Request&>(request),
                                   static_cast<Response*>(response));
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
