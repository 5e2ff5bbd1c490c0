// SPDX-License-Identifier: Apache-2.0
//
// The query of `entente money`: what --by, --mix and the others ask of QueryFunding.
//
//   ASSIGN_OR_RETURN(MoneyQuery query, MakeMoneyQuery({.by = {"pillar", "value_date:year"}}));
//   // Rows by nature, stage, direction, pillars and year; query.kinds is 3.
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_MONEY_QUERY_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_MONEY_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entente/funding/v1/query.pb.h"

namespace entente {

struct MoneyOptions {
  // Fields of ClaimFacts, as "FIELD" or "FIELD:COARSENESS": "initiative:1" (depth), "sectors:3"
  // (characters), "value_date:quarter", "period:US" or "period:--10-01" (fiscal years; a year if
  // nothing is said). One thing of several may be named in the singular: "pillar", "country".
  std::vector<std::string> by;
  std::vector<std::string> mix;  // Of "nature", "stage" and "direction".
  std::string filter;
  std::string currency;
  std::string horizon;
  std::string sector_vocabulary;
  std::string order_by;
  int top = 0;
};

struct MoneyQuery {
  funding::v1::QueryFundingRequest request;
  // How many of `group_by`, the first, are kinds of money: all that are not mixed, whether asked
  // for or not, for kinds never add up together.
  int kinds = 0;
};

// INVALID_ARGUMENT says which word is wrong and what it could have been.
absl::StatusOr<MoneyQuery> MakeMoneyQuery(const MoneyOptions& options);

// The fields that --by can name, for completion.
std::vector<std::string> MoneyDimensions();

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_MONEY_QUERY_H_
