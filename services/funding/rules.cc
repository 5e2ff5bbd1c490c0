// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rules.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/figure/decimal.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "services/funding/rate_rules.h"

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

// Whether the parts of `whole` certainly add up to more than it. `field`: where that is reported.
void CheckSum(const State& state, const Claim& whole, const std::string& field,
              Violations* violations) {
  if (whole.amount().figure().interval().high().empty()) return;  // Unbounded or not stated.
  const std::vector<std::string> parts = state.Referrers(whole.name(), "part_of");
  if (parts.empty()) return;  // Then it may be negative, too.
  Decimal sum;
  bool open = whole.amount().figure().interval().high_open();
  for (const std::string& name : parts) {
    const auto& part = state.Get<Claim>(name)->amount().figure().interval();
    const auto next = figure::Add(sum, Stored(part.low()));
    if (!next.ok()) {
      violations->Add(field, next.status().message());
      return;
    }
    sum = *next;
    open = open || part.low_open();
  }
  const Decimal high = Stored(whole.amount().figure().interval().high());
  // With an open end on either side the sum must stay below the whole, not reach it.
  if (sum > high || (sum == high && open)) {
    violations->Add(field, absl::StrCat("the parts of ", whole.name(), " add up to at least ",
                                        sum.ToString(), ", more than its own ", high.ToString()));
  }
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
  std::set<std::string> summed;
  const auto check_sum = [&](const std::string& whole, const std::string& field) {
    if (summed.insert(whole).second) {
      CheckSum(after, *after.Get<Claim>(whole), field, violations);
    }
  };
  std::vector<std::string> names;
  for (const auto& [name, path] : changed) {
    if (after.Get<Claim>(name) != nullptr) names.push_back(name);
  }
  const std::set<std::string> leading_back = resource::LeadingBack(after, names, "part_of");
  for (const std::string& name : names) {
    const std::string& path = changed.at(name);
    const Claim& claim = *after.Get<Claim>(name);
    if (leading_back.count(name) > 0) {
      violations->Add(path + "part_of", absl::StrCat("leads back to ", name, " itself"));
      continue;
    }
    if (const Claim* whole = after.Get<Claim>(claim.part_of()); whole != nullptr) {
      CheckPart(claim, *whole, path, violations);
      check_sum(whole->name(), path + "part_of");
    }
    // A changed whole may no longer suit parts that did not change; those that did are met above.
    for (const std::string& part : after.Referrers(name, "part_of")) {
      if (changed.count(part) == 0) CheckPart(*after.Get<Claim>(part), claim, path, violations);
    }
    check_sum(name, path + "amount.figure");
  }
}

bool Rules::IsAbout(const Message& resource, const std::set<std::string>& initiatives) const {
  return initiatives.count(static_cast<const Claim&>(resource).initiative()) > 0;
}

}  // namespace entente::funding
