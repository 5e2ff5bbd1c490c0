// SPDX-License-Identifier: Apache-2.0
//
// Kinds of money never mix in one sum unasked.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_MIXING_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_MIXING_H_

#include <bitset>

#include "absl/status/status.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/kind.h"
#include "services/funding/query/plan.h"

namespace entente::funding::query {

// Of `kind`, only what the plan groups by: money with different ones is never in one sum.
Kind Separated(const Plan& plan, Kind kind);

// FAILED_PRECONDITION, naming what was found, if money of these kinds would mix and may not.
absl::Status CheckMixing(const Plan& plan, const std::bitset<kKinds>& kinds);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_MIXING_H_
