// SPDX-License-Identifier: Apache-2.0
//
// What funding demands of claims beyond the annotations of their protos; of rate series see
// rate_rules.h, of relations relation_rules.h.
#ifndef ENTENTE_SERVICES_FUNDING_RULES_H_
#define ENTENTE_SERVICES_FUNDING_RULES_H_

#include "services/catalogue/client/catalogue_rules.h"

namespace entente::funding {

// One claim:
// - The stage is "not applicable" if and only if the nature is a statistic.
// - A recurrence comes back every 1 or more units.
// - A claim is not related to itself.
// - No place, and no sector of a vocabulary, is there twice.
// Claims together, for every tree that `part_of` makes:
// - `part_of` never leads back to the claim itself.
// - A part has the currency, nature and stage of its whole, and is a rate with the same
//   recurrence if and only if the whole is one.
// - No figure in a tree is negative.
// - The parts of a whole do not certainly exceed it, at any depth: there are values that all
//   figures of the tree allow together (algebra::Tree::Build, which also limits their digits).
// Trees are checked as the algebra of queries will read them, once each for all that changed in
// them, and only if they are not at fault in the other ways. A tree that loses a claim is not
// checked: that contradicts nothing.
class Rules final : public catalogue::CatalogueRules {
 public:
  using CatalogueRules::CatalogueRules;

  void Complete(google::protobuf::Message* resource) const override;
  void Check(const google::protobuf::Message& resource, const std::string& path,
             Violations* violations) const override;
  void CheckTogether(const resource::State& after,
                     const std::map<std::string, std::string>& changed,
                     Violations* violations) const override;

 protected:
  bool IsAbout(const google::protobuf::Message& resource,
               const std::set<std::string>& initiatives) const override;
};

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_RULES_H_
