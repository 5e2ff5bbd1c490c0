// SPDX-License-Identifier: Apache-2.0
//
// What is said of each resource, sentence by sentence: each says some fields and names them.
//
// A description stands as the record has it. Everything else is a label and what it is filled with
// ("Co-chairs: U.S. Department of Defense and Thailand."): it says who and what, and leaves to the
// record whether that was, is or is to be. Pure but for the writer.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_SENTENCES_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_SENTENCES_H_

#include <map>
#include <string>
#include <vector>

#include "services/gateway/factsheet/material.h"
#include "services/gateway/factsheet/money.h"
#include "services/gateway/factsheet/writer.h"

namespace entente::gateway::factsheet {

class Sentences {
 public:
  // Both must outlive it.
  Sentences(const Material& material, Writer* writer);

  void OfPartnership(Statements* statements);
  void OfPillar(const catalogue::v1::Pillar& pillar, Statements* statements);
  void OfInitiative(const catalogue::v1::Initiative& initiative, Statements* statements);
  void OfClaim(const funding::v1::Claim& claim, Statements* statements);
  void OfQuantity(const catalogue::v1::Quantity& quantity, Statements* statements);
  // `is_past`: whether the sheet has it among what lies before its day.
  void OfEvent(const events::v1::Event& event, bool is_past, Statements* statements);
  void OfSeries(const events::v1::EventSeries& series, Statements* statements);
  void OfOrganisation(const catalogue::v1::Organisation& organisation, Statements* statements);
  void OfPerson(const catalogue::v1::Person& person, Statements* statements);
  void OfPlace(const catalogue::v1::Place& place, Statements* statements);
  void OfDocument(const catalogue::v1::Document& document, Statements* statements);

  // A row of the table of money: its label and its statement.
  void OfSum(Sum* sum);

  // What is not stated of anything, and the notes of everything.
  void NotStated(Statements* statements);

 private:
  // Statements that many sorts of resources share.
  template <typename Resource>
  void Description(const Resource& resource, Statements* statements);
  template <typename Resource>
  void Parties(const Resource& resource, Statements* statements);
  template <typename Resource>
  void AlsoCalled(const Resource& resource, const std::vector<std::string>& acronyms,
                  const std::vector<std::string>& other_names, Statements* statements);
  template <typename Resource>
  void About(const Resource& resource, Statements* statements);
  template <typename Resource>
  void Where(const Resource& resource, Statements* statements);
  // "LABEL: “A” and “B”." of resources that a field names.
  template <typename Resource, typename Names>
  void Named(const Resource& resource, const std::string& label, const std::string& field,
             const Names& names, Statements* statements);
  template <typename Resource>
  void Say(const Resource& resource, v1::FactSheetStatementKind kind, std::string text,
           std::vector<std::string> fields, std::vector<std::string> names, Statements* statements);
  template <typename Resource>
  void Missing(const Resource& resource, const std::vector<std::string>& what,
               std::vector<std::string> fields, Statements* statements);
  template <typename Resource>
  void Notes(const Resource& resource, Statements* statements);

  void Outcomes(const events::v1::Event& event, Statements* statements);
  std::string PlaceWords(const std::string& name, std::vector<std::string>* names) const;
  std::string QuotedTitle(const std::string& name) const;
  // A note with titles in the place of the names of resources.
  std::string WithTitles(const std::string& note, std::vector<std::string>* names) const;

  const Material& material_;
  Writer* const writer_;
  std::map<std::string, const catalogue::v1::Place*> places_;
  std::map<std::string, const funding::v1::Claim*> claims_;
  std::map<std::string, std::vector<const funding::v1::Claim*>> parts_;
};

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_SENTENCES_H_
