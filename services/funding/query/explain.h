// SPDX-License-Identifier: Apache-2.0
//
// Why a row says what it says: the money in it, claim by claim and bound by bound, and the money
// that is not in it, with the reasons.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_EXPLAIN_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_EXPLAIN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/evaluation.h"

namespace entente::funding::query {

struct Explanation {
  v1::ExplainFundingResponse header;  // all but trees and exclusions
  std::vector<v1::ExplainedTree> trees;
  std::vector<v1::Exclusion> exclusions;
};

// INVALID_ARGUMENT if `request` names no row that could be; NOT_FOUND (ROW_NOT_FOUND) if the answer
// has no such row; those of Resources.
absl::StatusOr<Explanation> Explain(const Evaluation& evaluation,
                                    const v1::ExplainFundingRequest& request);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_EXPLAIN_H_
