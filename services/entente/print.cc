// SPDX-License-Identifier: Apache-2.0
#include "services/entente/print.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace entente {
namespace {

using funding::v1::Claim;

// Wide enough for "[2023-09-07..2023-12-31]".
constexpr size_t kDateWidth = 24;

// "8,000,000,000" of a decimal.
std::string Grouped(const std::string& decimal) {
  const size_t point = std::min(decimal.find('.'), decimal.size());
  const size_t first = decimal[0] == '-' ? 1 : 0;
  std::string text;
  for (size_t i = 0; i < decimal.size(); ++i) {
    if (i > first && i < point && (point - i) % 3 == 0) text.push_back(',');
    text.push_back(decimal[i]);
  }
  return text;
}

absl::string_view Words(type::v1::Qualifier qualifier) {
  switch (qualifier) {
    case type::v1::QUALIFIER_MORE_THAN:
      return "more than ";
    case type::v1::QUALIFIER_AT_LEAST:
      return "at least ";
    case type::v1::QUALIFIER_LESS_THAN:
      return "less than ";
    case type::v1::QUALIFIER_NEARLY:
      return "nearly ";
    case type::v1::QUALIFIER_UP_TO:
      return "up to ";
    case type::v1::QUALIFIER_ABOUT:
      return "about ";
    default:
      return "";
  }
}

// "own funding" of CLAIM_NATURE_OWN_FUNDING.
std::string Plain(const std::string& enumerator, absl::string_view prefix) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(enumerator, prefix), {{"_", " "}}));
}

std::string NatureText(funding::v1::ClaimNature nature) {
  return Plain(funding::v1::ClaimNature_Name(nature), "CLAIM_NATURE_");
}

std::string StageText(funding::v1::ClaimStage stage) {
  switch (stage) {
    case funding::v1::CLAIM_STAGE_NOT_APPLICABLE:
      return "";
    case funding::v1::CLAIM_STAGE_NOT_STATED:
      return "stage not stated";
    default:
      return Plain(funding::v1::ClaimStage_Name(stage), "CLAIM_STAGE_");
  }
}

std::string KindText(funding::v1::ClaimNature nature, funding::v1::ClaimStage stage) {
  const std::string stage_text = StageText(stage);
  return absl::StrCat(NatureText(nature), stage_text.empty() ? "" : ", ", stage_text);
}

std::string RateText(const Claim& claim) {
  if (!claim.has_recurrence()) return "";
  const std::string unit =
      Plain(funding::v1::RecurrenceUnit_Name(claim.recurrence().unit()), "RECURRENCE_UNIT_");
  return claim.recurrence().every() == 1
             ? absl::StrCat(" each ", unit)
             : absl::StrCat(" every ", claim.recurrence().every(), " ", unit, "s");
}

std::string DateText(const type::v1::ImpreciseDate& date) {
  return date.edtf().empty() ? "undated" : date.edtf();
}

std::string ClaimLine(const Claim& claim, size_t indent, bool is_part) {
  std::string line =
      absl::StrCat(std::string(indent, ' '), is_part ? "of which " : "", MoneyText(claim.amount()),
                   RateText(claim), "  ", claim.title().text());
  const std::string instrument =
      Plain(funding::v1::ClaimInstrument_Name(claim.instrument()), "CLAIM_INSTRUMENT_");
  if (claim.instrument() != funding::v1::CLAIM_INSTRUMENT_NOT_STATED) {
    absl::StrAppend(&line, " (", instrument, ")");
  }
  if (claim.has_period()) absl::StrAppend(&line, " [", claim.period().edtf(), "]");
  return line + "\n";
}

// Claims in tree order, parts beneath their wholes.
template <typename Claims>
std::string ClaimLines(const Claims& claims, size_t indent) {
  std::map<std::string, size_t> depths;
  std::string text;
  for (const Claim& claim : claims) {
    const auto whole = depths.find(claim.part_of());
    const bool is_part = whole != depths.end();
    const size_t depth = is_part ? whole->second + 1 : 0;
    depths[claim.name()] = depth;
    absl::StrAppend(&text, ClaimLine(claim, indent + 2 * depth, is_part));
  }
  return text;
}

std::string EventLine(const events::v1::Event& event) {
  std::string date = DateText(event.date());
  while (date.size() < kDateWidth) date.push_back(' ');
  const std::string status = Plain(events::v1::EventStatus_Name(event.status()), "EVENT_STATUS_");
  return absl::StrCat("  ", date, " ", event.title().text(), " (", status, ")\n");
}

template <typename Events>
std::string EventLines(const std::string& heading, const Events& events) {
  if (events.empty()) return "";
  std::string text = absl::StrCat(heading, "\n");
  for (const auto& event : events) absl::StrAppend(&text, EventLine(event));
  return text;
}

std::string InitiativeLine(const catalogue::v1::Initiative& initiative, size_t indent) {
  return absl::StrCat(
      std::string(indent, ' '), initiative.title().text(), " (",
      Plain(catalogue::v1::InitiativeStatus_Name(initiative.status()), "INITIATIVE_STATUS_"),
      ")\n");
}

// Initiatives in tree order, children beneath their parents.
template <typename Initiatives>
std::string InitiativeLines(const Initiatives& initiatives, size_t indent) {
  std::map<std::string, size_t> depths;
  std::string text;
  for (const auto& initiative : initiatives) {
    const auto parent = depths.find(initiative.parent());
    const size_t depth = parent == depths.end() ? 0 : parent->second + 1;
    depths[initiative.name()] = depth;
    absl::StrAppend(&text, InitiativeLine(initiative, indent + 2 * depth));
  }
  return text;
}

std::string QuantityLine(const catalogue::v1::Quantity& quantity) {
  return absl::StrCat("  ", FigureText(quantity.figure()), "  ", quantity.title().text(),
                      quantity.status() == catalogue::v1::QUANTITY_STATUS_TARGET ? " (target)" : "",
                      "\n");
}

std::string RevisionsText(const gateway::v1::RevisionVector& revisions) {
  const auto text = [](int64_t revision) {
    return revision == 0 ? std::string("none") : absl::StrCat(revision);
  };
  return absl::StrCat("revisions: catalogue ", text(revisions.catalogue()), ", funding ",
                      text(revisions.funding()), ", events ", text(revisions.events()), "\n");
}

template <typename Services>
std::string UnreachableText(const Services& unreachable) {
  return unreachable.empty() ? ""
                             : absl::StrCat("MISSING, because it cannot be reached: ",
                                            absl::StrJoin(unreachable, ", "), "\n");
}

std::string CountText(const gateway::v1::PillarOverview& pillar) {
  const auto count = [](bool known, int number, const char* one, const char* many) {
    return known ? absl::StrCat(number, " ", number == 1 ? one : many) : absl::StrCat("? ", many);
  };
  return absl::StrCat(count(true, pillar.initiatives_size(), "initiative", "initiatives"), ", ",
                      count(pillar.has_claim_count(), pillar.claim_count(), "claim", "claims"),
                      ", ",
                      count(pillar.has_event_count(), pillar.event_count(), "event", "events"),
                      ", ", count(true, pillar.quantity_count(), "quantity", "quantities"));
}

}  // namespace

std::string FigureText(const type::v1::Figure& figure) {
  if (figure.qualifier() == type::v1::QUALIFIER_NOT_STATED) return "not stated";
  std::string text = absl::StrCat(Words(figure.qualifier()), Grouped(figure.value()));
  if (figure.qualifier() == type::v1::QUALIFIER_ABOUT) {
    absl::StrAppend(&text, " (±", figure.tolerance_percent(), " % by convention)");
  }
  return text;
}

std::string MoneyText(const type::v1::Amount& amount) {
  const type::v1::Figure& figure = amount.figure();
  if (figure.qualifier() == type::v1::QUALIFIER_NOT_STATED) {
    return absl::StrCat(amount.currency_code(), ", amount not stated");
  }
  std::string text =
      absl::StrCat(Words(figure.qualifier()), amount.currency_code(), " ", Grouped(figure.value()));
  if (figure.qualifier() == type::v1::QUALIFIER_ABOUT) {
    absl::StrAppend(&text, " (±", figure.tolerance_percent(), " % by convention)");
  }
  return text;
}

std::string OverviewText(const gateway::v1::Overview& overview) {
  std::string text = absl::StrCat(
      overview.partnership().title().text(), "\n", overview.name(), " as of ", overview.as_of(),
      "; ", RevisionsText(overview.revisions()), UnreachableText(overview.unreachable()));
  for (const auto& pillar : overview.pillars()) {
    absl::StrAppend(&text, "\n", absl::AsciiStrToUpper(pillar.pillar().title().text()), "\n  ",
                    CountText(pillar), "\n", InitiativeLines(pillar.initiatives(), 4));
  }
  if (!overview.other_initiatives().empty()) {
    absl::StrAppend(&text, "\nUNDER NO PILLAR\n", InitiativeLines(overview.other_initiatives(), 4));
  }
  if (!overview.claim_groups().empty()) {
    absl::StrAppend(&text, "\nMONEY (kinds of money never add up together)\n");
    for (const auto& group : overview.claim_groups()) {
      absl::StrAppend(&text, "  ", KindText(group.nature(), group.stage()), "\n",
                      ClaimLines(group.totals(), 4), ClaimLines(group.rates(), 4));
    }
  }
  if (!overview.quantities().empty()) {
    absl::StrAppend(&text, "\nOTHER FIGURES\n");
    for (const auto& quantity : overview.quantities()) {
      absl::StrAppend(&text, QuantityLine(quantity));
    }
  }
  absl::StrAppend(&text, "\n", EventLines("EVENTS UNTIL THEN", overview.past_events()),
                  EventLines("EVENTS TO COME", overview.coming_events()),
                  EventLines("EVENTS THAT COULD BE EITHER", overview.undetermined_events()));
  return text;
}

std::string DossierText(const gateway::v1::Dossier& dossier) {
  const auto& initiative = dossier.initiative();
  std::string text =
      absl::StrCat(initiative.title().text(), "\n", dossier.name(), "; ",
                   RevisionsText(dossier.revisions()), UnreachableText(dossier.unreachable()));
  if (!initiative.description().text().empty()) {
    absl::StrAppend(&text, "\n", initiative.description().text(), "\n");
  }
  std::map<std::string, std::string> titles;
  for (const auto& organisation : dossier.organisations()) {
    titles[organisation.name()] = organisation.title().text();
  }
  for (const auto& person : dossier.people()) titles[person.name()] = person.title().text();
  const auto title = [&](const std::string& name) {
    const auto found = titles.find(name);
    return found == titles.end() ? name : found->second;
  };
  if (!dossier.ancestors().empty()) {
    absl::StrAppend(&text, "\nPART OF\n", InitiativeLines(dossier.ancestors(), 2));
  }
  if (!dossier.descendants().empty()) {
    absl::StrAppend(&text, "\nCONSISTS OF\n", InitiativeLines(dossier.descendants(), 2));
  }
  if (!initiative.parties().empty()) absl::StrAppend(&text, "\nPARTIES\n");
  for (const auto& party : initiative.parties()) {
    // The person before the organisation: where the source names the person only, the organisation
    // is inferred, and must not stand alone.
    std::vector<std::string> names;
    if (!party.person().empty()) names.push_back(title(party.person()));
    if (!party.organisation().empty()) names.push_back(title(party.organisation()));
    absl::StrAppend(&text, "  ", Plain(type::v1::PartyRole_Name(party.role()), "PARTY_ROLE_"), ": ",
                    absl::StrJoin(names, ", "));
    if (!party.note().text().empty()) {
      absl::StrAppend(&text, " (", absl::StripSuffix(party.note().text(), "."), ")");
    }
    absl::StrAppend(&text, "\n");
  }
  if (!dossier.claims().empty()) absl::StrAppend(&text, "\nMONEY\n");
  std::map<std::pair<int, int>, std::vector<Claim>> kinds;
  for (const Claim& claim : dossier.claims()) {
    kinds[{claim.nature(), claim.stage()}].push_back(claim);
  }
  for (const auto& [kind, claims] : kinds) {
    absl::StrAppend(&text, "  ", KindText(claims.front().nature(), claims.front().stage()), "\n",
                    ClaimLines(claims, 4));
  }
  if (!dossier.quantities().empty()) absl::StrAppend(&text, "\nOTHER FIGURES\n");
  for (const auto& quantity : dossier.quantities()) absl::StrAppend(&text, QuantityLine(quantity));
  if (!dossier.events().empty()) {
    absl::StrAppend(&text, "\n", EventLines("EVENTS", dossier.events()));
  }
  if (!dossier.documents().empty()) absl::StrAppend(&text, "\nDOCUMENTS\n");
  for (const auto& document : dossier.documents()) {
    absl::StrAppend(&text, "  ", document.title().text(), "\n");
  }
  absl::StrAppend(&text, "\n", dossier.citations_size(), " citations");
  if (!dossier.unresolved().empty()) {
    absl::StrAppend(&text, "; nothing answers to ", absl::StrJoin(dossier.unresolved(), ", "));
  }
  return text + "\n";
}

}  // namespace entente
