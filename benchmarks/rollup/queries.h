// SPDX-License-Identifier: Apache-2.0
//
// The queries that roll-ups are measured by: QueryFundingRequests as text.
#ifndef ENTENTE_BENCHMARKS_ROLLUP_QUERIES_H_
#define ENTENTE_BENCHMARKS_ROLLUP_QUERIES_H_

namespace entente::benchmarks {

struct Query {
  const char* name;
  const char* text;
  bool converts = false;
};

inline constexpr int kOneCountry = 90;

inline constexpr Query kQueries[] = {
    {"a", "mix: MONEY_KIND_STAGE group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR }"},
    {"b",
     "group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR } group_by { field: 'stage' } "
     "group_by { field: 'countries' }"},
    {"c",
     "mix: MONEY_KIND_STAGE sector_vocabulary: '1' "
     "filter: 'sectors:(10000 OR 10001 OR 10002 OR 10003 OR 10004)' "
     "group_by { field: 'funding' } order_by: 'stated desc' top: 10"},
    {"d", "mix: MONEY_KIND_STAGE group_by { field: 'initiative' }"},
    {"e", "mix: MONEY_KIND_STAGE filter: 'countries:\"places/c90\"'"},
    {"g",
     "mix: MONEY_KIND_STAGE convert_to: 'EUR' "
     "group_by { field: 'value_date' unit: PERIOD_UNIT_YEAR }",
     /*converts=*/true},
};

}  // namespace entente::benchmarks

#endif  // ENTENTE_BENCHMARKS_ROLLUP_QUERIES_H_
