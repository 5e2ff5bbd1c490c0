// SPDX-License-Identifier: Apache-2.0
//
// Answers and explanations in parts that fit into messages.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_MESSAGES_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_MESSAGES_H_

#include <vector>

#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/explain.h"

namespace entente::funding::query {

// At least one message, each of at most resource::kPageBytes, but where a single part is larger.
std::vector<v1::QueryFundingResponse> InMessages(Answer answer);
std::vector<v1::ExplainFundingResponse> InMessages(Explanation explanation);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_MESSAGES_H_
