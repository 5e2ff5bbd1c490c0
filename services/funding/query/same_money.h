// SPDX-License-Identifier: Apache-2.0
//
// The same money, told twice: which claims are left out of a sum because another one that is in it
// is the same money.
//
// - What restates another claim is left out where that is in the same sum, and so is what passes
//   money on that is in the same sum at its origin. Where a query selects one of the two only, that
//   one counts.
// - A later stage of money that is in the same sum at its earlier one (possible only where stages
//   are mixed) is left out: the earlier figure has it in it, and perhaps more.
// - What is superseded is in no sum at all (Snapshot::unusable).
// - A chain of these is the same money from end to end, also where what is in between is not
//   selected, or superseded.
//
// "In the same sum" is: both are selected, and the query does not group by the nature, stage or
// direction in which they differ. Whether they are in different rows otherwise makes no difference,
// so that rows add up to the total.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SAME_MONEY_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SAME_MONEY_H_

#include <vector>

#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/mixing.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/periods.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// A claim that is left out with all of its parts.
struct SameMoney {
  Atom atom = kNoAtom;
  v1::LeftOutReason reason = v1::LEFT_OUT_REASON_UNSPECIFIED;
  Atom as = kNoAtom;  // the claim that is counted instead
};

// Of the money that is `wanted`: what is in, or what could be in. The latter is left out for what
// is in as well.
std::vector<SameMoney> FindSameMoney(const Plan& plan, const Parcels& parcels,
                                     const Periods& periods, const Selection& selection,
                                     Pick wanted);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SAME_MONEY_H_
