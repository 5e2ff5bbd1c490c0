// SPDX-License-Identifier: Apache-2.0
//
// Answers of the gateway as text for people.
#ifndef ENTENTE_SERVICES_ENTENTE_TEXT_PRINT_H_
#define ENTENTE_SERVICES_ENTENTE_TEXT_PRINT_H_

#include <string>

#include "entente/gateway/v1/dossier.pb.h"
#include "entente/gateway/v1/overview.pb.h"

namespace entente {

// Several lines, each ended by a newline.
std::string OverviewText(const gateway::v1::Overview& overview);
std::string DossierText(const gateway::v1::Dossier& dossier);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_TEXT_PRINT_H_
