// SPDX-License-Identifier: Apache-2.0
//
// Answers of the gateway as text for people.
#ifndef ENTENTE_SERVICES_ENTENTE_PRINT_H_
#define ENTENTE_SERVICES_ENTENTE_PRINT_H_

#include <string>

#include "entente/gateway/v1/gateway_service.pb.h"
#include "entente/type/v1/figure.pb.h"

namespace entente {

// "over USD 8,000,000,000", "nearly USD 600,000,000", "USD, amount not stated".
std::string MoneyText(const type::v1::Amount& amount);

// "more than 6,200", "about 10 (±10 %)", "not stated".
std::string FigureText(const type::v1::Figure& figure);

// Several lines, each ended by a newline.
std::string OverviewText(const gateway::v1::Overview& overview);
std::string DossierText(const gateway::v1::Dossier& dossier);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_PRINT_H_
