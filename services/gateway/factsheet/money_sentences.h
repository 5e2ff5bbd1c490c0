// SPDX-License-Identifier: Apache-2.0
//
// What is said of money: of each claim, with its parts and its whole, and of the sums of claims.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_SENTENCES_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_SENTENCES_H_

#include <map>
#include <string>
#include <vector>

#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/money.h"
#include "services/gateway/factsheet/speaker.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {

// Not thread-safe.
class MoneySentences {
 public:
  // All must outlive it. What is said of several claims at once goes to the writer itself.
  MoneySentences(const Material& material, Speaker* speaker, Writer* writer);

  void TellOfClaim(const funding::v1::Claim& claim, Statements* statements);
  // Of a claim that contradicts its parts, in no sum.
  void TellOfContradiction(const funding::v1::Claim& claim, Statements* statements);
  // A row of the table of money: its label and its statement.
  void TellOfSum(Sum* sum);

 private:
  void TellOfSuperseders(const funding::v1::Claim& claim,
                         const std::vector<const funding::v1::Claim*>& superseders,
                         Statements* statements);

  Speaker* const speaker_;
  Writer* const writer_;
  std::map<std::string, const funding::v1::Claim*> claims_;
  // By their whole; without what is superseded.
  std::map<std::string, std::vector<const funding::v1::Claim*>> parts_;
  // By the claim whose place they take.
  std::map<std::string, std::vector<const funding::v1::Claim*>> superseders_;
};

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_MONEY_SENTENCES_H_
