// SPDX-License-Identifier: Apache-2.0
//
// Sums of money in words: what is stated and what it can be, one kind of money at a time, and what
// is missing from it.
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_MONEY_TEXT_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_MONEY_TEXT_H_

#include <string>
#include <vector>

#include "entente/funding/v1/query.pb.h"
#include "services/entente/text/table.h"

namespace entente {

// The answer to a query whose first `kinds` dimensions are kinds of money: a table for each kind,
// or one of the kinds if there are no other dimensions.
std::string MoneyAnswerText(const funding::v1::QueryFundingRequest& request, int kinds,
                            const funding::v1::QueryFundingResponse& response,
                            const text::Style& style);

// Every sum of every row in a line of RFC 4180, figures without separators.
std::string MoneyCsv(const funding::v1::QueryFundingRequest& request, int kinds,
                     const funding::v1::QueryFundingResponse& response);

// A row and every claim that is in it, and why others are not.
std::string ExplanationText(int kinds, const funding::v1::ExplainFundingResponse& explanation,
                            const text::Style& style);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_MONEY_TEXT_H_
