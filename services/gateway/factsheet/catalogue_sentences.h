// SPDX-License-Identifier: Apache-2.0
//
// What is said of the things of the catalogue, sentence by sentence.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_CATALOGUE_SENTENCES_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_CATALOGUE_SENTENCES_H_

#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/speaker.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {

void TellOfPartnership(const catalogue::v1::Partnership& partnership, Speaker* speaker,
                       Statements* statements);
void TellOfPillar(const catalogue::v1::Pillar& pillar, Speaker* speaker, Statements* statements);
void TellOfInitiative(const catalogue::v1::Initiative& initiative, Speaker* speaker,
                      Statements* statements);
void TellOfQuantity(const catalogue::v1::Quantity& quantity, Speaker* speaker,
                    Statements* statements);
void TellOfOrganisation(const catalogue::v1::Organisation& organisation, Speaker* speaker,
                        Statements* statements);
void TellOfPerson(const catalogue::v1::Person& person, Speaker* speaker, Statements* statements);
void TellOfPlace(const catalogue::v1::Place& place, Speaker* speaker, Statements* statements);
void TellOfDocument(const catalogue::v1::Document& document, Speaker* speaker,
                    Statements* statements);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_CATALOGUE_SENTENCES_H_
