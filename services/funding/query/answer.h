// SPDX-License-Identifier: Apache-2.0
//
// The answer to a query: rows in their order, totals, and what could have been included.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ANSWER_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ANSWER_H_

#include <cstddef>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/filling.h"

namespace entente::funding::query {

// More rows than anybody reads: who needs them groups more coarsely, or filters.
inline constexpr size_t kMaxRows = 1'000'000;

// An answer in the messages that are sent; of large ones each has some thousand rows.
struct Answer {
  v1::QueryFundingResponse* header;  // the first message, for the revisions
  Messages<v1::QueryFundingResponse> messages;
};

// `compared`: the other side of the comparison, null for none; of a plan that differs in nothing
// but the filter. Errors: MIXED_KINDS, if the two sides are of different kinds; MIXED_CURRENCIES,
// TOO_MANY_ROWS; those of Resources; OUT_OF_RANGE if a number is no Decimal.
absl::StatusOr<Answer> MakeAnswer(const Evaluation& evaluation, const Evaluation* compared);

// The rows of the plan by their keys, each with the groups of `tally`, whose keys are of `axes`,
// that are in it. Mostly that is one; rows that add up along the cumulative dimension have in them
// everything up to the end of their period.
std::map<std::vector<Code>, std::vector<Group>> GroupsOfRows(const Plan& plan,
                                                             const std::vector<Axis>& axes,
                                                             const Tally& tally);

// The groups of `rows`, a tally of `evaluation`, that `top` leaves over. Errors: MIXED_CURRENCIES.
absl::StatusOr<std::vector<Group>> RestOf(const Evaluation& evaluation, const Tally& rows);

// All rows together, one for each class of the kinds of money that are grouped by; one for nothing
// if there is none.
Tally Totals(const Evaluation& evaluation, const Tally& tally);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ANSWER_H_
