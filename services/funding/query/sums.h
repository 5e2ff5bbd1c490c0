// SPDX-License-Identifier: Apache-2.0
//
// The sums of rows: a Tally, added up where it is looked at.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SUMS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SUMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "services/funding/algebra/row_sum.h"
#include "services/funding/query/denomination.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/periods.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/tally.h"

namespace entente::funding::query {

// An answer lists no more rates of a sum.
inline constexpr size_t kMostRates = 100;

// The money of a row that is written in one currency, per something or not.
struct Money {
  std::string currency;
  Per per = kTotal;
  bool converted = false;  // into the currency that the query names, even if it was in that already
  // To the minor unit if converted: bounds outwards, stated and excess half to even.
  figure::Interval bounds = figure::Interval::Point(0);
  figure::Decimal stated;
  figure::Decimal excess;
  int64_t claims = 0;
  int64_t not_stated = 0;
  // Of the exact amounts in it, if the plan asks for any of these; none where there are none.
  int64_t exact_amounts = 0;
  std::optional<figure::Decimal> min;
  std::optional<figure::Decimal> max;
  std::optional<figure::Decimal> mean;
  // Whether there is a sum: any figure at all, or no money.
  bool is_known() const { return claims > 0 || not_stated == 0; }
  // Denominations with a rate that are in it, the first kMostRates by currency and day: one of
  // those that have both in common.
  std::vector<DenominationId> rates;
};

// The sums of a tally, which are made row by row when they are asked for. Thread-safe if no tree is
// among the `pieces` of the tally.
class Sums {
 public:
  // All must outlive it.
  Sums(const Plan& plan, const Parcels& parcels, const Periods& periods,
       const Denominations& denominations, const Tally& tally);

  // The money of a row, what is converted first, then by currency, rates after totals. OUT_OF_RANGE
  // if a number is not a Decimal.
  absl::StatusOr<std::vector<Money>> MoneyOf(Group group) const;
  // How many different claims, each counted as the tree that it is part of.
  int64_t ClaimsOf(Group group) const;

 private:
  bool IsOneFlat(Group group) const;
  template <typename Summing>
  absl::Status AddAll(Group group, Summing* summing) const;

  const Plan& plan_;
  const Parcels& parcels_;
  const Periods& periods_;
  const Denominations& denominations_;
  const Tally& tally_;
};

// What a piece of a tree comes to, all periods of it.
absl::StatusOr<algebra::RowSum> SumOfPiece(const Parcels& parcels, const Periods& periods,
                                           const Tally::Piece& piece);

// `part` in percent of `whole`, to 4 decimals, half to even; none if `whole` is 0 or the result is
// no Decimal.
std::optional<figure::Decimal> PercentOf(const figure::Decimal& part, const figure::Decimal& whole);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SUMS_H_
