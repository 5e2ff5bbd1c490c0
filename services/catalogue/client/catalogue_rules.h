// SPDX-License-Identifier: Apache-2.0
//
// What the services that follow the catalogue have in common: references into it are checked
// against their copy, and List can be narrowed to a tree of initiatives.
#ifndef ENTENTE_SERVICES_CATALOGUE_CLIENT_CATALOGUE_RULES_H_
#define ENTENTE_SERVICES_CATALOGUE_CLIENT_CATALOGUE_RULES_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "common/resource/rules.h"
#include "services/catalogue/client/catalogue_view.h"

namespace entente::catalogue {

// To be derived from; adds `initiative_tree` of List requests and `catalogue_revision` of their
// responses.
class CatalogueRules : public resource::Rules {
 public:
  // `view` must outlive it.
  explicit CatalogueRules(const CatalogueView* view) : view_(view) {}

  bool IsKnownElsewhere(absl::string_view name) const override;

  // By the copy as it is now, whatever the state that is asked about is as of.
  std::vector<std::string> NamesOf(const resource::State& state,
                                   const std::string& name) const override;

  // NOT_FOUND if the copy of the catalogue does not know the initiative; INVALID_ARGUMENT if it is
  // no name of one.
  absl::StatusOr<std::function<bool(const resource::Entry&)>> Narrow(
      const google::protobuf::Message& list_request,
      google::protobuf::Message* list_response) const override;

 protected:
  // The copy as it is now.
  std::shared_ptr<const resource::State> Catalogue() const { return view_->Current(); }

  // Whether `resource` is about one of `initiatives`.
  virtual bool IsAbout(const google::protobuf::Message& resource,
                       const std::set<std::string>& initiatives) const = 0;

 private:
  const CatalogueView* const view_;
};

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_CLIENT_CATALOGUE_RULES_H_
