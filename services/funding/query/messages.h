// SPDX-License-Identifier: Apache-2.0
//
// Explanations in parts that fit into messages; answers are made like that (answer.h).
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_MESSAGES_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_MESSAGES_H_

#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/explain.h"
#include "services/funding/query/filling.h"

namespace entente::funding::query {

// At least one message, each of at most resource::kPageBytes, but where a single part is larger.
Messages<v1::ExplainFundingResponse> InMessages(Explanation explanation);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_MESSAGES_H_
