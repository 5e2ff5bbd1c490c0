// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/figure/decimal.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "services/funding/claim_tree.h"
#include "services/funding/rate_rules.h"
#include "services/funding/relation_rules.h"

namespace entente::funding {
namespace {

using figure::Decimal;
using google::protobuf::Message;
using resource::State;
using v1::Claim;

// A decimal of a claim that is in the store, hence canonical; empty reads as 0.
Decimal Stored(const std::string& text) {
  return text.empty() ? Decimal() : Decimal::Parse(text).value_or(Decimal());
}

bool SameRecurrence(const Claim& a, const Claim& b) {
  return a.has_recurrence() == b.has_recurrence() &&
         a.recurrence().every() == b.recurrence().every() &&
         a.recurrence().unit() == b.recurrence().unit();
}

std::string RecurrenceText(const Claim& claim) {
  if (!claim.has_recurrence()) return "a total";
  return absl::StrCat("every ", claim.recurrence().every(), " ",
                      v1::RecurrenceUnit_Name(claim.recurrence().unit()));
}

// `path`: of whichever of the two was changed.
void CheckPart(const Claim& part, const Claim& whole, const std::string& path,
               Violations* violations) {
  const auto differ = [&](absl::string_view field, absl::string_view what, absl::string_view its,
                          absl::string_view wholes) {
    violations->Add(absl::StrCat(path, field),
                    absl::StrCat("must be the same for ", part.name(), " (", its,
                                 ") and the claim that it is part of, ", whole.name(), " (", wholes,
                                 "): ", what));
  };
  if (part.amount().currency_code() != whole.amount().currency_code()) {
    differ("amount.currency_code", "a whole and its parts are in one currency",
           part.amount().currency_code(), whole.amount().currency_code());
  }
  if (part.nature() != whole.nature()) {
    differ("nature", "natures never add up", v1::ClaimNature_Name(part.nature()),
           v1::ClaimNature_Name(whole.nature()));
  }
  if (part.stage() != whole.stage()) {
    differ("stage", "stages never add up", v1::ClaimStage_Name(part.stage()),
           v1::ClaimStage_Name(whole.stage()));
  }
  if (!SameRecurrence(part, whole)) {
    differ("recurrence", "rates and totals never add up", RecurrenceText(part),
           RecurrenceText(whole));
  }
  for (const Claim* claim : {&part, &whole}) {
    if (Stored(claim->amount().figure().value()).is_negative()) {
      violations->Add(path + "part_of",
                      absl::StrCat(claim->name(),
                                   " is negative; only figures of 0 or more can be "
                                   "wholes or parts"));
    }
  }
}

// The top of the tree that `claim` is in; null if the way up leads back to where it has been.
// `tops`: those that are known already, so that each claim is looked at once.
using Tops = std::map<std::string, const Claim*>;
const Claim* TopOf(const State& state, const Claim* claim, Tops* tops) {
  std::vector<const Claim**> way;
  const Claim* top = nullptr;
  while (true) {
    const auto [known, is_new] = tops->emplace(claim->name(), nullptr);
    if (!is_new) {
      top = known->second;
      break;
    }
    way.push_back(&known->second);
    const Claim* whole = state.Get<Claim>(claim->part_of());
    if (whole == nullptr) {
      top = claim;
      break;
    }
    claim = whole;
  }
  for (const Claim** step : way) *step = top;
  return top;
}

// Whether the figures of a tree can all be true. `some`: a claim of it that changed.
void CheckFigures(const State& state, const Claim& top, const std::string& some,
                  const std::map<std::string, std::string>& changed, Violations* violations) {
  const std::vector<const Claim*> claims = ClaimsOf(state, top);
  const absl::Status status = BuildTree(claims).status();
  if (status.ok()) return;
  // The message begins with the claim that cannot hold what is beneath it, if it is about one.
  const absl::string_view name = status.message().substr(0, status.message().find(": "));
  const auto named = std::find_if(claims.begin(), claims.end(),
                                  [&](const Claim* claim) { return claim->name() == name; });
  const Claim& at_fault = named == claims.end() ? top : **named;
  // It is reported there if that changed, else at the nearest change beneath. There is one, unless
  // the tree was faulty before.
  const bool too_long = absl::IsOutOfRange(status);
  const auto field = [&](const std::string& changed_name, const Claim& whole) {
    const bool its_figure = too_long || changed_name == whole.name();
    return changed.at(changed_name) + (its_figure ? "amount.figure" : "part_of");
  };
  std::string where = field(some, top);
  for (const Claim* claim : ClaimsOf(state, at_fault)) {
    if (changed.count(claim->name()) == 0) continue;
    where = field(claim->name(), at_fault);
    break;
  }
  violations->Add(where, absl::StrCat(status.message(),
                                      too_long ? "; state them with fewer digits"
                                               : "; not all of this can be true: correct a figure, "
                                                 "a qualifier, or what is part of what"));
}

void CheckClaim(const Claim& claim, const std::string& path, Violations* violations) {
  if ((claim.nature() == v1::CLAIM_NATURE_STATISTIC) !=
      (claim.stage() == v1::CLAIM_STAGE_NOT_APPLICABLE)) {
    violations->Add(path + "stage",
                    "must be CLAIM_STAGE_NOT_APPLICABLE if and only if the nature is "
                    "CLAIM_NATURE_STATISTIC");
  }
  if (claim.has_recurrence() && claim.recurrence().every() < 0) {
    violations->Add(path + "recurrence.every", "must be at least 1");
  }
  // Shares of one thing would be several amounts for it.
  std::set<std::string> places;
  for (int i = 0; i < claim.places_size(); ++i) {
    if (!places.insert(claim.places(i).place()).second) {
      violations->Add(absl::StrCat(path, "places[", i, "].place"),
                      "must not be there twice: add the percentages up");
    }
  }
  std::set<std::pair<std::string, std::string>> sectors;
  for (int i = 0; i < claim.sectors_size(); ++i) {
    if (!sectors.insert({claim.sectors(i).vocabulary(), claim.sectors(i).code()}).second) {
      violations->Add(absl::StrCat(path, "sectors[", i, "].code"),
                      "must not be there twice in one vocabulary: add the percentages up");
    }
  }
  for (int i = 0; i < claim.relations_size(); ++i) {
    if (claim.relations(i).claim() == claim.name()) {
      violations->Add(absl::StrCat(path, "relations[", i, "].claim"),
                      "must be another claim than this one");
    }
  }
}

}  // namespace

void Rules::Complete(Message* resource) const {
  if (resource->GetDescriptor() == v1::RateSeries::descriptor()) {
    CompleteRates(static_cast<v1::RateSeries*>(resource));
  }
}

void Rules::Check(const Message& resource, const std::string& path, Violations* violations) const {
  if (resource.GetDescriptor() == v1::RateSeries::descriptor()) {
    CheckRates(static_cast<const v1::RateSeries&>(resource), path, violations);
  } else {
    CheckClaim(static_cast<const Claim&>(resource), path, violations);
  }
}

void Rules::CheckTogether(const State& after, const std::map<std::string, std::string>& changed,
                          Violations* violations) const {
  CheckRatesTogether(after, changed, violations);
  CheckRelationsTogether(after, changed, violations);
  std::vector<std::string> names;
  for (const auto& [name, path] : changed) {
    if (after.Get<Claim>(name) != nullptr) names.push_back(name);
  }
  const std::set<std::string> leading_back = resource::LeadingBack(after, names, "part_of");
  struct Changed {
    const std::string* some = nullptr;  // a claim that changed in the tree
    bool faulty = false;                // which is reported already
  };
  std::map<std::string, Changed> trees;  // by the names of their tops
  Tops tops;
  for (const std::string& name : names) {
    const std::string& path = changed.at(name);
    const Claim& claim = *after.Get<Claim>(name);
    if (leading_back.count(name) > 0) {
      violations->Add(path + "part_of", absl::StrCat("leads back to ", name, " itself"));
      continue;
    }
    const size_t faults = violations->all().size();
    if (const Claim* whole = after.Get<Claim>(claim.part_of()); whole != nullptr) {
      CheckPart(claim, *whole, path, violations);
    }
    // A changed whole may no longer suit parts that did not change; those that did are met above.
    for (const std::string& part : after.Referrers(name, "part_of")) {
      if (changed.count(part) == 0) CheckPart(*after.Get<Claim>(part), claim, path, violations);
    }
    const Claim* top = TopOf(after, &claim, &tops);
    if (top == nullptr) continue;  // Part of what leads back to itself.
    Changed& tree = trees[top->name()];
    tree.some = &name;
    tree.faulty = tree.faulty || violations->all().size() > faults;
  }
  for (const auto& [top, tree] : trees) {
    if (!tree.faulty) CheckFigures(after, *after.Get<Claim>(top), *tree.some, changed, violations);
  }
}

bool Rules::IsAbout(const Message& resource, const std::set<std::string>& initiatives) const {
  return initiatives.count(static_cast<const Claim&>(resource).initiative()) > 0;
}

}  // namespace entente::funding
