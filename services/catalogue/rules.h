// SPDX-License-Identifier: Apache-2.0
//
// What the catalogue demands of its resources beyond the annotations of its protos.
#ifndef ENTENTE_SERVICES_CATALOGUE_RULES_H_
#define ENTENTE_SERVICES_CATALOGUE_RULES_H_

#include "common/resource/rules.h"

namespace entente::catalogue {

// - Initiative, Organisation, Place: `parent` never leads back to the resource itself.
// - Organisation: `merged_into` never leads back to it, and no other organisation has an external
//   identifier of it, unless one was merged into the other or both into a third.
// - Initiative: each pillar is one of a partnership of the initiative.
// - Place: a country has a code of two capital letters (ISO 3166-1 alpha-2), and only a country.
// - Document: `text_sha256` is a SHA-256; with it a positive `text_length`, without it none. Both
//   are those of the `text`, if there is one, and filled in from it.
class Rules final : public resource::Rules {
 public:
  void Complete(google::protobuf::Message* resource) const override;
  void Check(const google::protobuf::Message& resource, const std::string& path,
             Violations* violations) const override;
  void CheckTogether(const resource::State& after,
                     const std::map<std::string, std::string>& changed,
                     Violations* violations) const override;
  std::vector<std::string> NamesOf(const resource::State& state,
                                   const std::string& name) const override;
};

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_RULES_H_
