// SPDX-License-Identifier: Apache-2.0
//
// A fact sheet from what was fetched for it: which statements stand where, and in which order.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_STATEMENTS_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_STATEMENTS_H_

#include "absl/status/status.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "services/gateway/factsheet/material.h"

namespace entente::gateway::factsheet {

// Fills the sections, rows, events and footnotes of `sheet`. What is known of the footnotes'
// passages is not part of the material, and is left to the caller. Pure.
// Errors: those of SumMoney.
absl::Status Compose(const Material& material, v1::FactSheet* sheet);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_STATEMENTS_H_
