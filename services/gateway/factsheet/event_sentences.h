// SPDX-License-Identifier: Apache-2.0
//
// What is said of events and of their series, sentence by sentence.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_EVENT_SENTENCES_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_EVENT_SENTENCES_H_

#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/speaker.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {

// `is_past`: whether the sheet has it among what lies before its day.
void TellOfEvent(const events::v1::Event& event, bool is_past, Speaker* speaker,
                 Statements* statements);
void TellOfSeries(const events::v1::EventSeries& series, Speaker* speaker, Statements* statements);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_EVENT_SENTENCES_H_
