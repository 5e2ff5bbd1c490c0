// SPDX-License-Identifier: Apache-2.0
//
// The sums of a fact sheet: the money of a partnership by nature, stage, direction and currency,
// which never mix, and the same by pillar.
//
// They are funding's own (services/funding/query), asked of the claims and the pillars that the
// sheet tells of: of a sheet at an old revision too they are by what its readers see.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "services/gateway/factsheet/material.h"

namespace entente::gateway::factsheet {

// A row without its words, and the claims that it counts, each part after its whole.
struct Sum {
  v1::FactSheetMoneyRow row;
  std::vector<const funding::v1::Claim*> claims;
  // What tells of money that is counted, here or in another row of this nature, stage and
  // direction.
  std::vector<const funding::v1::Claim*> left_out;
};

struct Sums {
  // By nature, stage, direction and currency in that order; rates and statistics one by one, behind
  // the totals of their kind. What is superseded is in none.
  std::vector<Sum> money;
  // The same by pillar, in the order of the pillars, what is for none last; without statistics and
  // rates.
  std::vector<Sum> by_pillar;
  // What is in no sum since it and its parts contradict each other: funding would not have it, but
  // for what claims of another partnership say of them that is not at hand.
  std::vector<const funding::v1::Claim*> contradictory;
};

// Pure. `material` must outlive the result. OUT_OF_RANGE if a sum is no Decimal.
absl::StatusOr<Sums> SumMoney(const Material& material);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_H_
