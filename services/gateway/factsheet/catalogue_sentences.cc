// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/catalogue_sentences.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

// Names in quotation marks.
std::vector<std::string> AllQuoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(Quoted(OneLine(name)));
  return quoted;
}

absl::string_view InitiativeStatusWords(catalogue::v1::InitiativeStatus status) {
  switch (status) {
    case catalogue::v1::INITIATIVE_STATUS_PLANNED:
      return "planned, announced or being set up";
    case catalogue::v1::INITIATIVE_STATUS_ACTIVE:
      return "active";
    case catalogue::v1::INITIATIVE_STATUS_COMPLETED:
      return "completed";
    default:
      return "";
  }
}

template <typename Resource>
void AlsoCalled(const Resource& resource, const std::vector<std::string>& acronyms,
                const std::vector<std::string>& other_names, Speaker* speaker,
                Statements* statements) {
  std::vector<std::string> fields;
  std::vector<std::string> all = acronyms;
  if (!acronyms.empty()) fields.emplace_back("acronyms");
  if (!other_names.empty()) fields.emplace_back("other_names");
  all.insert(all.end(), other_names.begin(), other_names.end());
  if (all.empty()) return;
  speaker->Say(resource, kStanding, absl::StrCat("Also called ", Listed(AllQuoted(all)), "."),
               fields, {}, statements);
}

}  // namespace

void TellOfPartnership(const catalogue::v1::Partnership& partnership, Speaker* speaker,
                       Statements* statements) {
  speaker->Description(partnership, statements);
  AlsoCalled(partnership, Strings(partnership.acronyms()), {}, speaker, statements);
  speaker->Parties(partnership, statements);
  if (partnership.has_established()) {
    speaker->Say(partnership, kStanding,
                 absl::StrCat("Established: ", DateWords(partnership.established()), "."),
                 {"established"}, {}, statements);
  }
}

void TellOfPillar(const catalogue::v1::Pillar& pillar, Speaker* speaker, Statements* statements) {
  speaker->Description(pillar, statements);
  speaker->Say(pillar, kStanding, absl::StrCat("Pillar ", pillar.ordinal(), "."),
               {"title", "ordinal"}, {}, statements);
}

void TellOfInitiative(const catalogue::v1::Initiative& initiative, Speaker* speaker,
                      Statements* statements) {
  speaker->Description(initiative, statements);
  AlsoCalled(initiative, Strings(initiative.acronyms()), Strings(initiative.other_names()), speaker,
             statements);
  // A kind that is several things is said as all of them.
  std::string standing =
      initiative.kind() == catalogue::v1::INITIATIVE_KIND_AGREEMENT
          ? "agreement or work plan"
          : EnumWords(catalogue::v1::InitiativeKind_Name(initiative.kind()), "INITIATIVE_KIND_");
  std::vector<std::string> fields = {"title", "kind", "partnerships"};
  std::vector<std::string> names;
  if (const auto status = InitiativeStatusWords(initiative.status()); !status.empty()) {
    absl::StrAppend(&standing, ", ", status);
    fields.emplace_back("status");
  }
  if (!initiative.parent().empty()) {
    absl::StrAppend(&standing, "; part of ", speaker->QuotedTitle(initiative.parent()));
    fields.emplace_back("parent");
    names.push_back(initiative.parent());
  }
  // Where it is one, the section says so by its heading.
  if (!initiative.pillars().empty()) fields.emplace_back("pillars");
  if (initiative.pillars_size() > 1) {
    std::vector<std::string> pillars;
    for (const std::string& pillar : initiative.pillars()) {
      pillars.push_back(speaker->QuotedTitle(pillar));
      names.push_back(pillar);
    }
    absl::StrAppend(&standing, "; under ", Listed(pillars));
  }
  speaker->Say(initiative, kStanding, absl::StrCat(Capitalised(std::move(standing)), "."),
               std::move(fields), std::move(names), statements);
  speaker->Parties(initiative, statements);
  speaker->Where(initiative, statements);
  speaker->Period(initiative, statements);
  speaker->Named(initiative, "Documents", "documents", initiative.documents(), statements);
}

void TellOfQuantity(const catalogue::v1::Quantity& quantity, Speaker* speaker,
                    Statements* statements) {
  std::string text = absl::StrCat(speaker->Title(quantity.name()), ": ",
                                  QuantityWords(quantity.figure(), quantity.unit()));
  std::vector<std::string> fields = {"title", "figure", "unit"};
  if (quantity.status() == catalogue::v1::QUANTITY_STATUS_TARGET) {
    absl::StrAppend(&text, " (aimed at)");
    fields.emplace_back("status");
  }
  speaker->Say(quantity, v1::FACT_SHEET_STATEMENT_KIND_QUANTITY, absl::StrCat(text, "."),
               std::move(fields), {}, statements);
  speaker->Description(quantity, statements);
  speaker->About(quantity, statements);
  speaker->Parties(quantity, statements);
  speaker->Where(quantity, statements);
  speaker->Period(quantity, statements);
}

void TellOfOrganisation(const catalogue::v1::Organisation& organisation, Speaker* speaker,
                        Statements* statements) {
  speaker->Description(organisation, statements);
  speaker->Say(
      organisation, kStanding,
      absl::StrCat(Capitalised(EnumWords(catalogue::v1::OrganisationKind_Name(organisation.kind()),
                                         "ORGANISATION_KIND_")),
                   "."),
      {"title", "kind"}, {}, statements);
  AlsoCalled(organisation, Strings(organisation.acronyms()), Strings(organisation.other_names()),
             speaker, statements);
  speaker->Named(organisation, "Part of", "parent", std::vector<std::string>{organisation.parent()},
                 statements);
  if (!organisation.place().empty()) {
    std::vector<std::string> names;
    const std::string where = speaker->PlaceWords(organisation.place(), &names);
    speaker->Say(organisation, kStanding, absl::StrCat("Seat: ", where, "."), {"place"},
                 std::move(names), statements);
  }
  speaker->Named(organisation, "Is now", "merged_into",
                 std::vector<std::string>{organisation.merged_into()}, statements);
}

void TellOfPerson(const catalogue::v1::Person& person, Speaker* speaker, Statements* statements) {
  for (int i = 0; i < person.offices_size(); ++i) {
    const auto& office = person.offices(i);
    std::string text = absl::StrCat("Office: ", OneLine(office.title().text()));
    std::vector<std::string> names;
    if (!office.organisation().empty()) {
      absl::StrAppend(&text, "; ", speaker->Title(office.organisation()));
      names.push_back(office.organisation());
    }
    if (office.has_period()) absl::StrAppend(&text, "; ", SpanWords(office.period()));
    speaker->Say(person, kStanding, absl::StrCat(text, "."), {"title", Element("offices", i)},
                 std::move(names), statements);
  }
  if (person.offices().empty()) {
    speaker->Say(person, kStanding, Sentence(person.title().text()), {"title"}, {}, statements);
  }
}

void TellOfPlace(const catalogue::v1::Place& place, Speaker* speaker, Statements* statements) {
  speaker->Say(
      place, kStanding,
      absl::StrCat(
          Capitalised(EnumWords(catalogue::v1::PlaceKind_Name(place.kind()), "PLACE_KIND_")), "."),
      {"title", "kind"}, {}, statements);
  if (!place.country_code().empty()) {
    speaker->Say(place, kStanding, absl::StrCat("ISO 3166-1 code: ", place.country_code(), "."),
                 {"country_code"}, {}, statements);
  }
  AlsoCalled(place, {}, Strings(place.other_names()), speaker, statements);
  speaker->Named(place, "Lies in", "parent", std::vector<std::string>{place.parent()}, statements);
}

void TellOfDocument(const catalogue::v1::Document& document, Speaker* speaker,
                    Statements* statements) {
  speaker->Description(document, statements);
  speaker->Say(document, kStanding,
               absl::StrCat(Capitalised(EnumWords(catalogue::v1::DocumentKind_Name(document.kind()),
                                                  "DOCUMENT_KIND_")),
                            "."),
               {"title", "kind"}, {}, statements);
  if (document.has_issued()) {
    speaker->Say(document, kStanding, absl::StrCat("Issued: ", DateWords(document.issued()), "."),
                 {"issued"}, {}, statements);
  }
  speaker->Period(document, statements);
  speaker->Parties(document, statements);
  if (!document.text_sha256().empty()) {
    speaker->Say(
        document, kStanding,
        absl::StrCat("Text that is cited: ", NumberWords(absl::StrCat(document.text_length())),
                     " characters with the SHA-256 ", document.text_sha256(), "."),
        {"text_length", "text_sha256"}, {}, statements);
  }
}

}  // namespace entente::gateway::factsheet
