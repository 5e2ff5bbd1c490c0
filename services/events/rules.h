// SPDX-License-Identifier: Apache-2.0
//
// What the events service demands of events beyond the annotations of their protos.
#ifndef ENTENTE_SERVICES_EVENTS_RULES_H_
#define ENTENTE_SERVICES_EVENTS_RULES_H_

#include "services/catalogue/client/catalogue_rules.h"

namespace entente::events {

// - `held_alongside` never leads back to the event itself.
class Rules final : public catalogue::CatalogueRules {
 public:
  using CatalogueRules::CatalogueRules;

  void CheckTogether(const resource::State& after,
                     const std::map<std::string, std::string>& changed,
                     Violations* violations) const override;

 protected:
  bool IsAbout(const google::protobuf::Message& resource,
               const std::set<std::string>& initiatives) const override;
};

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_RULES_H_
