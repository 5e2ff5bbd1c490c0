// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/client/catalogue_rules.h"

#include "absl/strings/str_cat.h"
#include "common/resource/fields.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "services/catalogue/identity.h"
#include "services/catalogue/tree.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {

using google::protobuf::Message;
using resource::Entry;

bool CatalogueRules::IsKnownElsewhere(absl::string_view name) const {
  const auto catalogue = view_->Current();
  const Entry* entry = catalogue->Find(name);
  return entry != nullptr && !entry->deleted;
}

std::vector<std::string> CatalogueRules::NamesOf(const resource::State&,
                                                 const std::string& name) const {
  return catalogue::NamesOf(*view_->Current(), name);
}

absl::StatusOr<std::function<bool(const Entry&)>> CatalogueRules::Narrow(
    const Message& list_request, Message* list_response) const {
  // Resources that have nothing to do with initiatives are listed without the catalogue.
  if (list_response->GetDescriptor()->FindFieldByName("catalogue_revision") == nullptr) {
    return std::function<bool(const Entry&)>();
  }
  const auto catalogue = view_->Current();
  resource::fields::SetInt(list_response, "catalogue_revision", catalogue->revision());
  const std::string root = resource::fields::GetString(list_request, "initiative_tree");
  if (root.empty()) return std::function<bool(const Entry&)>();
  const auto& type = *Types().FindByDescriptor(v1::Initiative::descriptor());
  if (!type.pattern.Matches(root)) {
    Violations violations;
    violations.Add("initiative_tree", absl::StrCat("must be a name like ", type.pattern.text()));
    return violations.ToStatus();
  }
  if (catalogue->Find(root) == nullptr) return errors::ResourceNotFound(type.type, root);
  std::set<std::string> initiatives = {root};
  for (const Entry* descendant : DescendantsOf(*catalogue, root)) {
    initiatives.emplace(descendant->name);
  }
  return std::function<bool(const Entry&)>(
      [this, initiatives = std::move(initiatives)](const Entry& entry) {
        return IsAbout(*entry.message, initiatives);
      });
}

}  // namespace entente::catalogue
