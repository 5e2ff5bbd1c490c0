// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/sentences.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

using catalogue::v1::Initiative;
using catalogue::v1::Quantity;
using events::v1::Event;
using funding::v1::Claim;

constexpr auto kDescription = v1::FACT_SHEET_STATEMENT_KIND_DESCRIPTION;
constexpr auto kParties = v1::FACT_SHEET_STATEMENT_KIND_PARTIES;
constexpr auto kStanding = v1::FACT_SHEET_STATEMENT_KIND_STANDING;
constexpr auto kMoney = v1::FACT_SHEET_STATEMENT_KIND_MONEY;
constexpr auto kQuantity = v1::FACT_SHEET_STATEMENT_KIND_QUANTITY;
constexpr auto kOutcome = v1::FACT_SHEET_STATEMENT_KIND_OUTCOME;
constexpr auto kSum = v1::FACT_SHEET_STATEMENT_KIND_SUM;
constexpr auto kNotStated = v1::FACT_SHEET_STATEMENT_KIND_NOT_STATED;
constexpr auto kNote = v1::FACT_SHEET_STATEMENT_KIND_NOTE;

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

std::string Element(absl::string_view field, int index) {
  return absl::StrCat(field, "[", index, "]");
}

// As the text of a statement: it ends like a sentence.
std::string Sentence(absl::string_view text) {
  std::string line = OneLine(text);
  if (line.empty()) return line;
  const char last = line.back();
  if (last != '.' && last != '!' && last != '?') line.push_back('.');
  return line;
}

// Names in quotation marks.
std::vector<std::string> AllQuoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(Quoted(OneLine(name)));
  return quoted;
}

absl::string_view StatusWords(catalogue::v1::InitiativeStatus status) {
  switch (status) {
    case catalogue::v1::INITIATIVE_STATUS_PLANNED:
      return "planned";
    case catalogue::v1::INITIATIVE_STATUS_ACTIVE:
      return "active";
    case catalogue::v1::INITIATIVE_STATUS_COMPLETED:
      return "completed";
    default:
      return "";
  }
}

absl::string_view StatusWords(events::v1::EventStatus status, bool is_past) {
  switch (status) {
    case events::v1::EVENT_STATUS_HELD:
      return is_past ? "held" : "held or under way";
    case events::v1::EVENT_STATUS_PLANNED:
      return "planned";
    case events::v1::EVENT_STATUS_IN_PREPARATION:
      return "in preparation";
    case events::v1::EVENT_STATUS_POSTPONED:
      return "put off";
    default:
      return "";
  }
}

absl::string_view RhythmWords(events::v1::SeriesRecurrence recurrence) {
  switch (recurrence) {
    case events::v1::SERIES_RECURRENCE_ANNUAL:
      return "once a year";
    case events::v1::SERIES_RECURRENCE_SEMI_ANNUAL:
      return "twice a year";
    case events::v1::SERIES_RECURRENCE_BIENNIAL:
      return "every second year";
    case events::v1::SERIES_RECURRENCE_TRIENNIAL:
      return "every third year";
    case events::v1::SERIES_RECURRENCE_QUARTERLY:
      return "four times a year";
    case events::v1::SERIES_RECURRENCE_MONTHLY:
      return "once a month";
    case events::v1::SERIES_RECURRENCE_AD_HOC:
      return "as need arises";
    case events::v1::SERIES_RECURRENCE_OTHER:
      return "in a rhythm of its own";
    default:
      return "";
  }
}

absl::string_view RelationWords(funding::v1::ClaimRelationKind kind) {
  switch (kind) {
    case funding::v1::CLAIM_RELATION_KIND_PASSED_ON_FROM:
      return "Passed on from";
    case funding::v1::CLAIM_RELATION_KIND_RESTATES:
      return "Tells the same money as";
    case funding::v1::CLAIM_RELATION_KIND_SUPERSEDES:
      return "Takes the place of";
    default:
      return "A later stage of";
  }
}

// "over $8 billion to be mobilised (announced)", "$3 million (own funding, committed, grant)".
std::string ClaimWords(const Claim& claim) {
  std::string text = AmountWords(claim.amount());
  if (claim.has_recurrence()) absl::StrAppend(&text, " ", RecurrenceWords(claim.recurrence()));
  const std::string kind = MoneyKindWords(claim.nature(), claim.stage());
  const size_t comma = kind.find(", ");
  if (claim.nature() == funding::v1::CLAIM_NATURE_STATISTIC) {
    absl::StrAppend(&text, " (a ", kind, ", no money of the partnership");
  } else if (claim.nature() == funding::v1::CLAIM_NATURE_OWN_FUNDING ||
             comma == std::string::npos) {
    absl::StrAppend(&text, " (", kind);
  } else {
    absl::StrAppend(&text, " ", kind.substr(0, comma), " (", kind.substr(comma + 2));
  }
  const std::string instrument = InstrumentWords(claim.instrument());
  if (!instrument.empty()) absl::StrAppend(&text, ", ", instrument);
  if (claim.direction() == funding::v1::CLAIM_DIRECTION_INCOMING ||
      claim.direction() == funding::v1::CLAIM_DIRECTION_RETURNED) {
    absl::StrAppend(
        &text, ", ",
        EnumWords(funding::v1::ClaimDirection_Name(claim.direction()), "CLAIM_DIRECTION_"));
  }
  return absl::StrCat(text, ")");
}

}  // namespace

Sentences::Sentences(const Material& material, Writer* writer)
    : material_(material), writer_(writer) {
  for (const auto& place : material.places) places_[place.name()] = &place;
  std::set<std::string> superseded;
  for (const Claim& claim : material.claims) {
    for (const auto& relation : claim.relations()) {
      if (relation.kind() == funding::v1::CLAIM_RELATION_KIND_SUPERSEDES) {
        superseded.insert(relation.claim());
      }
    }
  }
  for (const Claim& claim : material.claims) {
    claims_[claim.name()] = &claim;
    if (claim.part_of().empty() || superseded.count(claim.name()) > 0) continue;
    parts_[claim.part_of()].push_back(&claim);
  }
}

template <typename Resource>
void Sentences::Say(const Resource& resource, v1::FactSheetStatementKind kind, std::string text,
                    std::vector<std::string> fields, std::vector<std::string> names,
                    Statements* statements) {
  writer_->Write({kind, std::move(text), {Of(resource, std::move(fields))}, std::move(names)},
                 statements);
}

std::string Sentences::QuotedTitle(const std::string& name) const {
  return Quoted(writer_->Title(name));
}

template <typename Resource>
void Sentences::Description(const Resource& resource, Statements* statements) {
  // What has no sort of its own is introduced by its description.
  std::vector<std::string> fields = {"description"};
  if constexpr (std::is_same_v<Resource, catalogue::v1::Partnership> ||
                std::is_same_v<Resource, events::v1::EventSeries>) {
    fields.emplace_back("title");
  }
  Say(resource, kDescription, Sentence(resource.description().text()), std::move(fields), {},
      statements);
}

template <typename Resource>
void Sentences::AlsoCalled(const Resource& resource, const std::vector<std::string>& acronyms,
                           const std::vector<std::string>& other_names, Statements* statements) {
  std::vector<std::string> fields;
  std::vector<std::string> all = acronyms;
  if (!acronyms.empty()) fields.emplace_back("acronyms");
  if (!other_names.empty()) fields.emplace_back("other_names");
  all.insert(all.end(), other_names.begin(), other_names.end());
  if (all.empty()) return;
  Say(resource, kStanding, absl::StrCat("Also called ", Listed(AllQuoted(all)), "."), fields, {},
      statements);
}

// One statement for each role, in the order in which the roles come up.
template <typename Resource>
void Sentences::Parties(const Resource& resource, Statements* statements) {
  std::vector<type::v1::PartyRole> roles;
  for (const auto& party : resource.parties()) {
    if (std::find(roles.begin(), roles.end(), party.role()) == roles.end()) {
      roles.push_back(party.role());
    }
  }
  for (const type::v1::PartyRole role : roles) {
    std::vector<std::string> who;
    std::vector<std::string> fields;
    std::vector<std::string> names;
    for (int i = 0; i < resource.parties_size(); ++i) {
      const auto& party = resource.parties(i);
      if (party.role() != role) continue;
      fields.push_back(Element("parties", i));
      // The person before the organisation, which is often only inferred from the office; in
      // brackets, or the next party would be read as one of the person's.
      std::string text;
      std::vector<std::string> more;
      for (const std::string& name : {party.person(), party.organisation()}) {
        if (name.empty()) continue;
        names.push_back(name);
        if (text.empty()) {
          text = writer_->Title(name);
        } else {
          more.push_back(writer_->Title(name));
        }
      }
      const std::string note = OneLine(party.note().text());
      if (!note.empty()) more.emplace_back(absl::StripSuffix(note, "."));
      if (!more.empty()) absl::StrAppend(&text, " (", absl::StrJoin(more, "; "), ")");
      who.push_back(std::move(text));
    }
    Say(resource, kParties, absl::StrCat(RoleWords(role, who.size() > 1), ": ", Listed(who), "."),
        std::move(fields), std::move(names), statements);
  }
}

// "Jakarta, Indonesia": a place with the country in which it lies.
std::string Sentences::PlaceWords(const std::string& name, std::vector<std::string>* names) const {
  std::string text = writer_->Title(name);
  names->push_back(name);
  const auto found = places_.find(name);
  if (found == places_.end() || found->second->parent().empty()) return text;
  const auto parent = places_.find(found->second->parent());
  if (parent != places_.end() && parent->second->kind() == catalogue::v1::PLACE_KIND_COUNTRY) {
    names->push_back(parent->first);
    absl::StrAppend(&text, ", ", writer_->Title(parent->first));
  }
  return text;
}

template <typename Resource>
void Sentences::Where(const Resource& resource, Statements* statements) {
  std::vector<std::string> where;
  std::vector<std::string> names;
  for (const auto& place : resource.places()) {
    if constexpr (std::is_same_v<std::decay_t<decltype(place)>, std::string>) {
      where.push_back(PlaceWords(place, &names));
    } else {
      where.push_back(PlaceWords(place.place(), &names));
      if (!place.percentage().empty()) {
        absl::StrAppend(&where.back(), " (", place.percentage(), " %)");
      }
    }
  }
  if (where.empty()) return;
  Say(resource, kStanding, absl::StrCat("Where: ", absl::StrJoin(where, "; "), "."), {"places"},
      std::move(names), statements);
}

template <typename Resource, typename Names>
void Sentences::Named(const Resource& resource, const std::string& label, const std::string& field,
                      const Names& names, Statements* statements) {
  std::vector<std::string> quoted;
  std::vector<std::string> all;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    quoted.push_back(QuotedTitle(name));
    all.push_back(name);
  }
  if (quoted.empty()) return;
  Say(resource, kStanding, absl::StrCat(label, ": ", Listed(quoted), "."), {field}, std::move(all),
      statements);
}

template <typename Resource>
void Sentences::About(const Resource& resource, Statements* statements) {
  Named(resource, "Initiative", "initiative", std::vector<std::string>{resource.initiative()},
        statements);
}

void Sentences::OfPartnership(Statements* statements) {
  const auto& partnership = material_.partnership;
  Description(partnership, statements);
  AlsoCalled(partnership, Strings(partnership.acronyms()), {}, statements);
  Parties(partnership, statements);
  if (partnership.has_established()) {
    Say(partnership, kStanding,
        absl::StrCat("Established: ", DateWords(partnership.established()), "."), {"established"},
        {}, statements);
  }
}

void Sentences::OfPillar(const catalogue::v1::Pillar& pillar, Statements* statements) {
  Description(pillar, statements);
  Say(pillar, kStanding, absl::StrCat("Pillar ", pillar.ordinal(), "."), {"title", "ordinal"}, {},
      statements);
}

void Sentences::OfInitiative(const Initiative& initiative, Statements* statements) {
  Description(initiative, statements);
  AlsoCalled(initiative, Strings(initiative.acronyms()), Strings(initiative.other_names()),
             statements);
  std::string standing =
      EnumWords(catalogue::v1::InitiativeKind_Name(initiative.kind()), "INITIATIVE_KIND_");
  std::vector<std::string> fields = {"title", "kind", "partnerships"};
  std::vector<std::string> names;
  if (const auto status = StatusWords(initiative.status()); !status.empty()) {
    absl::StrAppend(&standing, ", ", status);
    fields.emplace_back("status");
  }
  if (!initiative.parent().empty()) {
    absl::StrAppend(&standing, "; part of ", QuotedTitle(initiative.parent()));
    fields.emplace_back("parent");
    names.push_back(initiative.parent());
  }
  // Where it is one, the section says so by its heading.
  if (!initiative.pillars().empty()) fields.emplace_back("pillars");
  if (initiative.pillars_size() > 1) {
    std::vector<std::string> pillars;
    for (const std::string& pillar : initiative.pillars()) {
      pillars.push_back(QuotedTitle(pillar));
      names.push_back(pillar);
    }
    absl::StrAppend(&standing, "; under ", Listed(pillars));
  }
  Say(initiative, kStanding, absl::StrCat(Capitalised(std::move(standing)), "."), std::move(fields),
      std::move(names), statements);
  Parties(initiative, statements);
  Where(initiative, statements);
  if (initiative.has_period()) {
    Say(initiative, kStanding, absl::StrCat("Period: ", SpanWords(initiative.period()), "."),
        {"period"}, {}, statements);
  }
  Named(initiative, "Documents", "documents", initiative.documents(), statements);
}

void Sentences::OfClaim(const Claim& claim, Statements* statements) {
  std::string text = absl::StrCat(writer_->Title(claim.name()), ": ", ClaimWords(claim));
  std::vector<Source> sources = {Of(claim, {"title", "amount", "nature", "stage", "instrument"})};
  auto& fields = sources[0].fields;
  if (claim.has_recurrence()) fields.emplace_back("recurrence");
  if (claim.direction() != funding::v1::CLAIM_DIRECTION_UNSPECIFIED) {
    fields.emplace_back("direction");
  }
  std::vector<std::string> names;
  if (const auto parts = parts_.find(claim.name()); parts != parts_.end()) {
    std::vector<std::string> of_which;
    for (const Claim* part : parts->second) {
      const std::string instrument = InstrumentWords(part->instrument());
      of_which.push_back(absl::StrCat(AmountWords(part->amount()),
                                      instrument.empty() ? "" : absl::StrCat(" (", instrument, ")"),
                                      " for ", QuotedTitle(part->name())));
      sources.push_back(Of(*part, {"title", "amount", "instrument", "part_of"}));
      names.push_back(part->name());
    }
    absl::StrAppend(&text, ", of which ", Listed(of_which));
  }
  if (const auto whole = claims_.find(claim.part_of()); whole != claims_.end()) {
    absl::StrAppend(&text, ", part of ", AmountWords(whole->second->amount()), " for ",
                    QuotedTitle(claim.part_of()));
    fields.emplace_back("part_of");
    sources.push_back(Of(*whole->second, {"title", "amount"}));
    names.push_back(claim.part_of());
  }
  writer_->Write({kMoney, absl::StrCat(text, "."), std::move(sources), std::move(names)},
                 statements);
  Description(claim, statements);
  About(claim, statements);
  Parties(claim, statements);
  Where(claim, statements);
  if (claim.has_period()) {
    Say(claim, kStanding, absl::StrCat("Period: ", SpanWords(claim.period()), "."), {"period"}, {},
        statements);
  }
  if (claim.has_value_date()) {
    Say(claim, kStanding, absl::StrCat("Value date: ", DateWords(claim.value_date()), "."),
        {"value_date"}, {}, statements);
  }
  if (claim.recurrence().has_validity()) {
    Say(claim, kStanding,
        absl::StrCat("It recurs: ", SpanWords(claim.recurrence().validity()), "."),
        {"recurrence.validity"}, {}, statements);
  }
  for (int i = 0; i < claim.relations_size(); ++i) {
    Named(claim, std::string(RelationWords(claim.relations(i).kind())), Element("relations", i),
          std::vector<std::string>{claim.relations(i).claim()}, statements);
  }
}

void Sentences::OfQuantity(const Quantity& quantity, Statements* statements) {
  std::string text = absl::StrCat(writer_->Title(quantity.name()), ": ",
                                  QuantityWords(quantity.figure(), quantity.unit()));
  std::vector<std::string> fields = {"title", "figure", "unit"};
  if (quantity.status() == catalogue::v1::QUANTITY_STATUS_TARGET) {
    absl::StrAppend(&text, " (aimed at)");
    fields.emplace_back("status");
  }
  Say(quantity, kQuantity, absl::StrCat(text, "."), std::move(fields), {}, statements);
  Description(quantity, statements);
  About(quantity, statements);
  Parties(quantity, statements);
  Where(quantity, statements);
  if (quantity.has_period()) {
    Say(quantity, kStanding, absl::StrCat("Period: ", SpanWords(quantity.period()), "."),
        {"period"}, {}, statements);
  }
}

void Sentences::OfEvent(const Event& event, bool is_past, Statements* statements) {
  Description(event, statements);
  std::string standing = EnumWords(events::v1::EventKind_Name(event.kind()), "EVENT_KIND_");
  std::vector<std::string> fields = {"title", "kind", "partnerships"};
  if (const auto status = StatusWords(event.status(), is_past); !status.empty()) {
    absl::StrAppend(&standing, ", ", status);
    fields.emplace_back("status");
  }
  Say(event, kStanding, absl::StrCat(Capitalised(std::move(standing)), "."), std::move(fields), {},
      statements);
  if (event.has_date()) {
    Say(event, kStanding, absl::StrCat("When: ", DateWords(event.date()), "."), {"date"}, {},
        statements);
  }
  Where(event, statements);
  Parties(event, statements);
  if (event.has_edition()) {
    std::string text = absl::StrCat("In the series ", QuotedTitle(event.edition().series()));
    std::vector<std::string> said = {"edition.series"};
    if (event.edition().inaugural()) {
      absl::StrAppend(&text, ", as its first edition");
      said.emplace_back("edition.inaugural");
    }
    if (event.edition().number() > 0) {
      absl::StrAppend(&text, ", as edition ", event.edition().number());
      said.emplace_back("edition.number");
    }
    if (event.edition().year() != 0) {
      absl::StrAppend(&text, ", as that of ", event.edition().year());
      said.emplace_back("edition.year");
    }
    Say(event, kStanding, absl::StrCat(text, "."), std::move(said), {event.edition().series()},
        statements);
  }
  Named(event, "Held alongside", "held_alongside", std::vector<std::string>{event.held_alongside()},
        statements);
  Named(event, "Belongs to", "initiatives", event.initiatives(), statements);
  Named(event, "About", "documents", event.documents(), statements);
  Outcomes(event, statements);
}

// Outcomes of one kind that name something in one statement; those in words as they are.
void Sentences::Outcomes(const Event& event, Statements* statements) {
  std::vector<events::v1::OutcomeKind> kinds;
  for (const auto& outcome : event.outcomes()) {
    if (std::find(kinds.begin(), kinds.end(), outcome.kind()) == kinds.end()) {
      kinds.push_back(outcome.kind());
    }
  }
  for (const events::v1::OutcomeKind kind : kinds) {
    const std::string label =
        Capitalised(EnumWords(events::v1::OutcomeKind_Name(kind), "OUTCOME_KIND_"));
    std::vector<std::string> quoted;
    std::vector<std::string> fields;
    std::vector<std::string> names;
    for (int i = 0; i < event.outcomes_size(); ++i) {
      const auto& outcome = event.outcomes(i);
      if (outcome.kind() != kind) continue;
      for (const std::string& name : {outcome.document(), outcome.initiative(), outcome.claim()}) {
        if (name.empty()) continue;
        quoted.push_back(QuotedTitle(name));
        names.push_back(name);
        fields.push_back(Element("outcomes", i));
      }
      const std::string words = Sentence(outcome.description().text());
      if (!words.empty()) {
        Say(event, kOutcome, absl::StrCat(label, ": ", words), {Element("outcomes", i)}, {},
            statements);
      }
    }
    if (!quoted.empty()) {
      Say(event, kOutcome, absl::StrCat(label, ": ", Listed(quoted), "."), std::move(fields),
          std::move(names), statements);
    }
  }
}

void Sentences::OfSeries(const events::v1::EventSeries& series, Statements* statements) {
  Description(series, statements);
  if (const auto words = RhythmWords(series.recurrence()); !words.empty()) {
    const std::string own = OneLine(series.recurrence_text().text());
    std::vector<std::string> fields = {"recurrence"};
    if (!own.empty()) fields.emplace_back("recurrence_text");
    Say(series, kStanding,
        absl::StrCat("Held ", words, own.empty() ? "" : absl::StrCat(" (", Quoted(own), ")"), "."),
        std::move(fields), {}, statements);
  }
  Parties(series, statements);
  Named(series, "Belongs to", "initiatives", series.initiatives(), statements);
}

void Sentences::OfOrganisation(const catalogue::v1::Organisation& organisation,
                               Statements* statements) {
  Description(organisation, statements);
  Say(organisation, kStanding,
      absl::StrCat(Capitalised(EnumWords(catalogue::v1::OrganisationKind_Name(organisation.kind()),
                                         "ORGANISATION_KIND_")),
                   "."),
      {"title", "kind"}, {}, statements);
  AlsoCalled(organisation, Strings(organisation.acronyms()), Strings(organisation.other_names()),
             statements);
  Named(organisation, "Part of", "parent", std::vector<std::string>{organisation.parent()},
        statements);
  if (!organisation.place().empty()) {
    std::vector<std::string> names;
    const std::string where = PlaceWords(organisation.place(), &names);
    Say(organisation, kStanding, absl::StrCat("Seat: ", where, "."), {"place"}, std::move(names),
        statements);
  }
  Named(organisation, "Is now", "merged_into", std::vector<std::string>{organisation.merged_into()},
        statements);
}

void Sentences::OfPerson(const catalogue::v1::Person& person, Statements* statements) {
  for (int i = 0; i < person.offices_size(); ++i) {
    const auto& office = person.offices(i);
    std::string text = absl::StrCat("Office: ", OneLine(office.title().text()));
    std::vector<std::string> names;
    if (!office.organisation().empty()) {
      absl::StrAppend(&text, "; ", writer_->Title(office.organisation()));
      names.push_back(office.organisation());
    }
    if (office.has_period()) absl::StrAppend(&text, "; ", SpanWords(office.period()));
    Say(person, kStanding, absl::StrCat(text, "."), {"title", Element("offices", i)},
        std::move(names), statements);
  }
  if (person.offices().empty()) {
    Say(person, kStanding, Sentence(person.title().text()), {"title"}, {}, statements);
  }
}

void Sentences::OfPlace(const catalogue::v1::Place& place, Statements* statements) {
  Say(place, kStanding,
      absl::StrCat(
          Capitalised(EnumWords(catalogue::v1::PlaceKind_Name(place.kind()), "PLACE_KIND_")), "."),
      {"title", "kind"}, {}, statements);
  if (!place.country_code().empty()) {
    Say(place, kStanding, absl::StrCat("ISO 3166-1 code: ", place.country_code(), "."),
        {"country_code"}, {}, statements);
  }
  AlsoCalled(place, {}, Strings(place.other_names()), statements);
  Named(place, "Lies in", "parent", std::vector<std::string>{place.parent()}, statements);
}

void Sentences::OfDocument(const catalogue::v1::Document& document, Statements* statements) {
  Description(document, statements);
  Say(document, kStanding,
      absl::StrCat(Capitalised(EnumWords(catalogue::v1::DocumentKind_Name(document.kind()),
                                         "DOCUMENT_KIND_")),
                   "."),
      {"title", "kind"}, {}, statements);
  if (document.has_issued()) {
    Say(document, kStanding, absl::StrCat("Issued: ", DateWords(document.issued()), "."),
        {"issued"}, {}, statements);
  }
  if (document.has_period()) {
    Say(document, kStanding, absl::StrCat("Period: ", SpanWords(document.period()), "."),
        {"period"}, {}, statements);
  }
  Parties(document, statements);
  if (!document.text_sha256().empty()) {
    Say(document, kStanding,
        absl::StrCat("Text that is cited: ", NumberWords(absl::StrCat(document.text_length())),
                     " characters with the SHA-256 ", document.text_sha256(), "."),
        {"text_length", "text_sha256"}, {}, statements);
  }
}

void Sentences::OfSum(Sum* sum) {
  v1::FactSheetMoneyRow& row = sum->row;
  std::string label = MoneyKindWords(row.nature(), row.stage());
  std::vector<std::string> fields = {"amount", "nature", "stage"};
  if (row.direction() == funding::v1::CLAIM_DIRECTION_INCOMING ||
      row.direction() == funding::v1::CLAIM_DIRECTION_RETURNED) {
    absl::StrAppend(
        &label, ", ",
        EnumWords(funding::v1::ClaimDirection_Name(row.direction()), "CLAIM_DIRECTION_"));
    fields.emplace_back("direction");
  }
  if (row.has_recurrence()) {
    absl::StrAppend(&label, ", ", RecurrenceWords(row.recurrence()));
    fields.emplace_back("recurrence");
  }
  row.set_label(Capitalised(std::move(label)));

  Draft draft;
  draft.kind = kSum;
  std::vector<std::string> pillars;
  for (const std::string& pillar : row.pillars()) {
    pillars.push_back(QuotedTitle(pillar));
    draft.names.push_back(pillar);
  }
  draft.text = row.label();
  if (!pillars.empty()) absl::StrAppend(&draft.text, ", for ", Listed(pillars));
  std::vector<std::string> titles;
  std::set<std::string> summed;
  for (const Claim* claim : sum->claims) summed.insert(claim->name());
  for (const Claim* claim : sum->claims) {
    std::vector<std::string> said = fields;
    if (!claim->part_of().empty()) said.emplace_back("part_of");
    draft.sources.push_back(Of(*claim, std::move(said)));
    if (summed.count(claim->part_of()) > 0) continue;
    titles.push_back(QuotedTitle(claim->name()));
    draft.names.push_back(claim->name());
  }
  // A pillar may have no more than a share of a claim.
  const std::string& figure = sum->claims[0]->amount().figure().value();
  if (titles.size() == 1 && (row.stated().empty() || row.stated() == figure)) {
    absl::StrAppend(&draft.text, ": ", AmountWords(sum->claims[0]->amount()), " for ", titles[0]);
  } else {
    absl::StrAppend(&draft.text, ": ",
                    row.stated().empty()
                        ? "no amount stated"
                        : absl::StrCat(MoneyWords(row.stated(), row.currency_code()),
                                       titles.size() == 1 ? ", a share," : ", a sum,"),
                    " for ", Listed(titles));
  }
  if (row.has_bounds()) {
    absl::StrAppend(&draft.text,
                    "; bounds by what is stated: ", BoundsWords(row.bounds(), row.currency_code()));
  }
  if (row.not_stated() > 0 && row.has_bounds()) {
    absl::StrAppend(&draft.text, "; without what is not stated (", row.not_stated(), ")");
  }
  if (!sum->left_out.empty()) {
    std::vector<std::string> out;
    for (const Claim* claim : sum->left_out) {
      out.push_back(QuotedTitle(claim->name()));
      draft.names.push_back(claim->name());
      draft.sources.push_back(Of(*claim, {"relations"}));
    }
    absl::StrAppend(&draft.text, "; left out as told already: ", Listed(out));
  }
  absl::StrAppend(&draft.text, ".");
  writer_->Write(std::move(draft), row.mutable_statement());
}

template <typename Resource>
void Sentences::Missing(const Resource& resource, const std::vector<std::string>& what,
                        std::vector<std::string> fields, Statements* statements) {
  if (what.empty()) return;
  Say(resource, kNotStated,
      absl::StrCat(QuotedTitle(resource.name()), ": ", Listed(what),
                   what.size() == 1 ? " is" : " are", " not stated."),
      std::move(fields), {}, statements);
}

std::string Sentences::WithTitles(const std::string& note, std::vector<std::string>* names) const {
  std::string text;
  size_t at = 0;
  const auto in_name = [&](size_t i) {
    const auto c = static_cast<unsigned char>(note[i]);
    return absl::ascii_isalnum(c) || c == '/' || c == '-';
  };
  while (at < note.size()) {
    size_t end = at;
    while (end < note.size() && in_name(end)) ++end;
    if (end == at) {
      text.push_back(note[at++]);
      continue;
    }
    const std::string word = note.substr(at, end - at);
    const std::string title = writer_->Title(word);
    if (absl::StrContains(word, '/') && title != word) {
      absl::StrAppend(&text, Quoted(title));
      names->push_back(word);
    } else {
      absl::StrAppend(&text, word);
    }
    at = end;
  }
  return text;
}

template <typename Resource>
void Sentences::Notes(const Resource& resource, Statements* statements) {
  for (int i = 0; i < resource.notes_size(); ++i) {
    std::vector<std::string> names;
    const std::string note = WithTitles(Sentence(resource.notes(i).text()), &names);
    if (note.empty()) continue;
    Say(resource, kNote, absl::StrCat(QuotedTitle(resource.name()), ": ", note),
        {Element("notes", i)}, std::move(names), statements);
  }
}

void Sentences::NotStated(Statements* statements) {
  std::vector<std::string> what;
  std::vector<std::string> fields;
  const auto missing = [&](bool is, const char* words, const char* field) {
    if (!is) return;
    what.emplace_back(words);
    fields.emplace_back(field);
  };
  const auto end = [&](const auto& resource) {
    Missing(resource, what, fields, statements);
    what.clear();
    fields.clear();
    Notes(resource, statements);
  };
  end(material_.partnership);
  for (const auto& pillar : material_.pillars) end(pillar);
  for (const Initiative& initiative : material_.initiatives) {
    missing(initiative.status() == catalogue::v1::INITIATIVE_STATUS_NOT_STATED,
            "whether it is planned, active or completed", "status");
    end(initiative);
  }
  for (const Claim& claim : material_.claims) {
    const bool is_statistic = claim.nature() == funding::v1::CLAIM_NATURE_STATISTIC;
    missing(claim.amount().figure().value().empty(), "the amount", "amount.figure");
    missing(claim.stage() == funding::v1::CLAIM_STAGE_NOT_STATED, "how far the money has come",
            "stage");
    missing(!is_statistic && claim.instrument() == funding::v1::CLAIM_INSTRUMENT_NOT_STATED,
            "the instrument", "instrument");
    missing(!claim.has_value_date() && !claim.has_period(), "the time", "value_date");
    end(claim);
  }
  for (const Quantity& quantity : material_.quantities) {
    missing(quantity.figure().value().empty(), "the number", "figure");
    missing(quantity.status() == catalogue::v1::QUANTITY_STATUS_UNSPECIFIED,
            "whether it was counted or is aimed at", "status");
    end(quantity);
  }
  for (const auto* list :
       {&material_.past_events, &material_.coming_events, &material_.undetermined_events}) {
    for (const Event& event : *list) {
      missing(!event.has_date(), "the date", "date");
      missing(event.places().empty(), "the place", "places");
      missing(event.status() == events::v1::EVENT_STATUS_NOT_STATED, "whether it was held",
              "status");
      end(event);
    }
  }
  for (const auto& series : material_.event_series) {
    missing(series.recurrence() == events::v1::SERIES_RECURRENCE_NOT_STATED, "how often it is held",
            "recurrence");
    end(series);
  }
  for (const auto& organisation : material_.organisations) end(organisation);
  for (const auto& person : material_.people) end(person);
  for (const auto& place : material_.places) end(place);
  for (const auto& document : material_.documents) end(document);
}

}  // namespace entente::gateway::factsheet
