// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/money_sentences.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

using funding::v1::Claim;

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

MoneySentences::MoneySentences(const Material& material, Speaker* speaker, Writer* writer)
    : speaker_(speaker), writer_(writer) {
  for (const auto* claims : {&material.claims, &material.other_claims}) {
    for (const Claim& claim : *claims) {
      for (const auto& relation : claim.relations()) {
        if (relation.kind() == funding::v1::CLAIM_RELATION_KIND_SUPERSEDES) {
          superseders_[relation.claim()].push_back(&claim);
        }
      }
    }
  }
  for (const Claim& claim : material.claims) {
    claims_[claim.name()] = &claim;
    if (claim.part_of().empty() || superseders_.count(claim.name()) > 0) continue;
    parts_[claim.part_of()].push_back(&claim);
  }
}

void MoneySentences::TellOfClaim(const Claim& claim, Statements* statements) {
  std::string text = absl::StrCat(speaker_->Title(claim.name()), ": ", ClaimWords(claim));
  std::vector<std::string> fields = {"title", "amount", "nature", "stage", "instrument"};
  if (claim.has_recurrence()) fields.emplace_back("recurrence");
  if (claim.direction() != funding::v1::CLAIM_DIRECTION_UNSPECIFIED) {
    fields.emplace_back("direction");
  }
  const auto whole = claims_.find(claim.part_of());
  if (whole != claims_.end()) fields.emplace_back("part_of");
  std::vector<Source> sources = {Of(claim, std::move(fields))};
  std::vector<std::string> names;
  if (whole != claims_.end()) {
    absl::StrAppend(&text, ", part of ", AmountWords(whole->second->amount()), " for ",
                    speaker_->QuotedTitle(claim.part_of()));
    sources.push_back(Of(*whole->second, {"title", "amount"}));
    names.push_back(claim.part_of());
  }
  if (const auto parts = parts_.find(claim.name()); parts != parts_.end()) {
    std::vector<std::string> of_which;
    for (const Claim* part : parts->second) {
      const std::string instrument = InstrumentWords(part->instrument());
      of_which.push_back(absl::StrCat(AmountWords(part->amount()),
                                      instrument.empty() ? "" : absl::StrCat(" (", instrument, ")"),
                                      " for ", speaker_->QuotedTitle(part->name())));
      sources.push_back(Of(*part, {"title", "amount", "instrument", "part_of"}));
      names.push_back(part->name());
    }
    absl::StrAppend(&text, ", of which ", Listed(of_which));
  }
  writer_->Write({v1::FACT_SHEET_STATEMENT_KIND_MONEY, absl::StrCat(text, "."), std::move(sources),
                  std::move(names)},
                 statements);
  speaker_->Description(claim, statements);
  speaker_->About(claim, statements);
  speaker_->Parties(claim, statements);
  speaker_->Where(claim, statements);
  speaker_->Period(claim, statements);
  if (claim.has_value_date()) {
    speaker_->Say(claim, kStanding,
                  absl::StrCat("Value date: ", DateWords(claim.value_date()), "."), {"value_date"},
                  {}, statements);
  }
  if (claim.recurrence().has_validity()) {
    speaker_->Say(claim, kStanding,
                  absl::StrCat("It recurs: ", SpanWords(claim.recurrence().validity()), "."),
                  {"recurrence.validity"}, {}, statements);
  }
  if (const auto found = superseders_.find(claim.name()); found != superseders_.end()) {
    TellOfSuperseders(claim, found->second, statements);
  }
  for (int i = 0; i < claim.relations_size(); ++i) {
    speaker_->Named(claim, std::string(RelationWords(claim.relations(i).kind())),
                    Element("relations", i), std::vector<std::string>{claim.relations(i).claim()},
                    statements);
  }
}

void MoneySentences::TellOfSuperseders(const Claim& claim,
                                       const std::vector<const Claim*>& superseders,
                                       Statements* statements) {
  Draft draft;
  draft.kind = kStanding;
  draft.sources.push_back(Of(claim, {"title"}));
  std::vector<std::string> titles;
  for (const Claim* superseder : superseders) {
    std::vector<std::string> fields;
    for (int i = 0; i < superseder->relations_size(); ++i) {
      if (superseder->relations(i).claim() == claim.name())
        fields.push_back(Element("relations", i));
    }
    titles.push_back(speaker_->QuotedTitle(superseder->name()));
    draft.sources.push_back(Of(*superseder, std::move(fields)));
    draft.names.push_back(superseder->name());
  }
  draft.text = absl::StrCat("Its place is taken by ", Listed(titles), "; it is in no sum.");
  writer_->Write(std::move(draft), statements);
}

void MoneySentences::TellOfContradiction(const Claim& claim, Statements* statements) {
  speaker_->Say(claim, v1::FACT_SHEET_STATEMENT_KIND_NOT_STATED,
                absl::StrCat(speaker_->QuotedTitle(claim.name()),
                             ": what is stated of it, of its parts and of what replaces them "
                             "contradicts itself; it is in no sum."),
                {"amount"}, {}, statements);
}

void MoneySentences::TellOfSum(Sum* sum) {
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
  draft.kind = v1::FACT_SHEET_STATEMENT_KIND_SUM;
  std::vector<std::string> pillars;
  for (const std::string& pillar : row.pillars()) {
    pillars.push_back(speaker_->QuotedTitle(pillar));
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
    titles.push_back(speaker_->QuotedTitle(claim->name()));
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
      out.push_back(speaker_->QuotedTitle(claim->name()));
      draft.names.push_back(claim->name());
      // A part is left out with its whole.
      draft.sources.push_back(Of(*claim, {claim->relations().empty() ? "part_of" : "relations"}));
    }
    absl::StrAppend(&draft.text, "; left out as told already: ", Listed(out));
  }
  absl::StrAppend(&draft.text, ".");
  writer_->Write(std::move(draft), row.mutable_statement());
}

}  // namespace entente::gateway::factsheet
