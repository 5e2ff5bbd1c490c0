// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/print.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/entente/text/words.h"

namespace entente {
namespace {

using text::DateText;
using text::EnumText;
using text::FigureText;
using text::KindText;
using text::MoneyText;
using text::RecurrenceText;

using funding::v1::Claim;

// Wide enough for "[2023-09-07..2023-12-31]".
constexpr size_t kDateWidth = 24;

std::string RateText(const Claim& claim) {
  return claim.has_recurrence() ? absl::StrCat(" ", RecurrenceText(claim.recurrence())) : "";
}

std::string ClaimLine(const Claim& claim, size_t indent, bool is_part) {
  std::string line =
      absl::StrCat(std::string(indent, ' '), is_part ? "of which " : "", MoneyText(claim.amount()),
                   RateText(claim), "  ", claim.title().text());
  const std::string instrument = EnumText(claim.instrument());
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
  const std::string status = EnumText(event.status());
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
  return absl::StrCat(std::string(indent, ' '), initiative.title().text(), " (",
                      EnumText(initiative.status()), ")\n");
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
    absl::StrAppend(&text, "  ", EnumText(party.role()), ": ", absl::StrJoin(names, ", "));
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
