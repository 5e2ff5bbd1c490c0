// SPDX-License-Identifier: Apache-2.0
//
// The sums of a fact sheet: the money of a partnership by nature, stage, direction and currency,
// which never mix, and the same by pillar. A whole and its parts are counted once, by the algebra
// of funding; what tells of money that is counted already is left out.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "services/gateway/factsheet/material.h"

namespace entente::gateway::factsheet {

// A row without its words, and the claims that it counts, each part after its whole.
struct Sum {
  v1::FactSheetMoneyRow row;
  std::vector<const funding::v1::Claim*> claims;
  std::vector<const funding::v1::Claim*> left_out;
};

// By nature, stage, direction and currency in that order; rates and statistics one by one, behind
// the totals of their kind. What is superseded is in none. Pure.
// Errors: those of algebra::Tree::Build, for a record that funding would not take.
absl::StatusOr<std::vector<Sum>> SumMoney(const Material& material);

// The same by pillar, in the order of the pillars, what is for none last; without statistics and
// rates.
absl::StatusOr<std::vector<Sum>> SumMoneyByPillar(const Material& material);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_H_
