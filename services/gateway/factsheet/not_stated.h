// SPDX-License-Identifier: Apache-2.0
//
// What the record leaves open, and its notes: the section that says what the rest of a sheet
// cannot.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_NOT_STATED_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_NOT_STATED_H_

#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/speaker.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {

// Of each resource in turn: what is not stated of it that could be, and then its notes.
void TellNotStated(const Material& material, Speaker* speaker, Statements* statements);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_NOT_STATED_H_
