// SPDX-License-Identifier: Apache-2.0
//
// How many times money that comes back counts.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_PERIODS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_PERIODS_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/plan.h"

namespace entente::funding::query {

// By tree: how many whole periods of it lie in the horizon of the plan and in its own validity; 1
// for what does not come back, and for everything without a horizon. Not thread-safe.
class Periods {
 public:
  // Both must outlive it.
  Periods(const Plan& plan, const Parcels& parcels) : plan_(plan), parcels_(parcels) {}

  int64_t Of(TreeId tree) const;

 private:
  int64_t Count(const v1::Claim& top) const;

  const Plan& plan_;
  const Parcels& parcels_;
  mutable absl::flat_hash_map<TreeId, int64_t> counted_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PERIODS_H_
