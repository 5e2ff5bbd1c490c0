// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/mixing.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/status/errors.h"

namespace entente::funding::query {

Kind Separated(const Plan& plan, Kind kind) {
  Kind mask = 0;
  if (plan.DimensionOf("nature").has_value()) mask |= kNatureBits;
  if (plan.DimensionOf("stage").has_value()) mask |= kStageBits;
  if (plan.DimensionOf("direction").has_value()) mask |= kDirectionBits;
  return kind & mask;
}

absl::Status CheckMixing(const Plan& plan, const std::bitset<kKinds>& kinds) {
  // For each class that the grouping keeps apart, what is in it.
  struct Classes {
    std::set<v1::ClaimNature> natures;
    std::set<v1::ClaimStage> stages;
    std::set<v1::ClaimDirection> directions;
  };
  std::map<Kind, Classes> sums;
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    if (!kinds[kind]) continue;
    Classes& sum = sums[Separated(plan, static_cast<Kind>(kind))];
    sum.natures.insert(NatureOf(static_cast<Kind>(kind)));
    sum.stages.insert(StageOf(static_cast<Kind>(kind)));
    sum.directions.insert(DirectionOf(static_cast<Kind>(kind)));
  }
  std::map<std::string, std::set<std::string>> mixed;
  for (const auto& [separated, sum] : sums) {
    const bool statistics = sum.natures.count(v1::CLAIM_NATURE_STATISTIC) > 0;
    if (sum.natures.size() > 1 && (statistics || plan.mix.count(v1::MONEY_KIND_NATURE) == 0)) {
      for (const auto nature : sum.natures) {
        mixed["nature"].insert(v1::ClaimNature_Name(nature));
      }
    }
    if (sum.stages.size() > 1 && plan.mix.count(v1::MONEY_KIND_STAGE) == 0) {
      for (const auto stage : sum.stages) mixed["stage"].insert(v1::ClaimStage_Name(stage));
    }
    if (sum.directions.size() > 1 && plan.mix.count(v1::MONEY_KIND_DIRECTION) == 0) {
      for (const auto direction : sum.directions) {
        mixed["direction"].insert(v1::ClaimDirection_Name(direction));
      }
    }
  }
  if (mixed.empty()) return absl::OkStatus();
  std::map<std::string, std::vector<std::string>> classes;
  for (const auto& [way, names] : mixed) classes[way] = {names.begin(), names.end()};
  return errors::MixedKinds(classes);
}

}  // namespace entente::funding::query
