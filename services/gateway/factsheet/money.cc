// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/money.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "common/figure/interval.h"
#include "common/status/macros.h"
#include "services/funding/claim_tree.h"

namespace entente::gateway::factsheet {
namespace {

namespace algebra = funding::algebra;
using funding::v1::Claim;

// What never adds up with anything else.
using Kind = std::tuple<int, int, int, std::string>;

Kind KindOf(const Claim& claim) {
  return {claim.nature(), claim.stage(), claim.direction(), claim.amount().currency_code()};
}

bool AddsUp(const Claim& top) {
  return !top.has_recurrence() && top.nature() != funding::v1::CLAIM_NATURE_STATISTIC;
}

// A tree of claims as the record has it: the top first, each part after its whole.
using Family = std::vector<const Claim*>;

// Which claims are counted, and as what trees.
class Families {
 public:
  explicit Families(const Material& material) {
    std::map<std::string, const Claim*> by_name;
    for (const Claim& claim : material.claims) by_name[claim.name()] = &claim;
    for (const Claim& claim : material.claims) {
      for (const auto& relation : claim.relations()) {
        if (relation.kind() == funding::v1::CLAIM_RELATION_KIND_SUPERSEDES) {
          superseded_.insert(relation.claim());
        }
      }
    }
    // Wholes stand before their parts: a part goes where its whole went.
    std::map<std::string, Family*> of;
    for (const Claim& claim : material.claims) {
      if (superseded_.count(claim.name()) > 0) continue;
      const bool is_part = by_name.count(claim.part_of()) > 0;
      if (is_part && of.count(claim.part_of()) == 0) continue;
      Family* family = nullptr;
      if (is_part) {
        family = of[claim.part_of()];
      } else {
        const Claim* same = SameMoney(claim, by_name);
        auto& list = same == nullptr ? counted_[KindOf(claim)] : left_out_[KindOf(claim)];
        list.push_back(std::make_unique<Family>());
        family = list.back().get();
      }
      family->push_back(&claim);
      of[claim.name()] = family;
    }
  }

  using ByKind = std::map<Kind, std::vector<std::unique_ptr<Family>>>;
  const ByKind& counted() const { return counted_; }
  const ByKind& left_out() const { return left_out_; }

 private:
  using ByName = std::map<std::string, const Claim*>;

  // The claim of the same kind that tells of the same money already, however far back: one that is
  // counted itself, and has a figure. Of two that tell of each other the first by name is counted.
  const Claim* SameMoney(const Claim& claim, const ByName& by_name) const {
    for (const Claim* told : ToldBefore(claim, by_name)) {
      if (KindOf(*told) != KindOf(claim) || superseded_.count(told->name()) > 0 ||
          told->amount().figure().value().empty() || AddsUp(*told) != AddsUp(claim) ||
          TopOf(*told, by_name) == &claim) {
        continue;
      }
      const auto back = ToldBefore(*told, by_name);
      const bool is_circle = std::find(back.begin(), back.end(), &claim) != back.end();
      if (!is_circle || told->name() < claim.name()) return told;
    }
    return nullptr;
  }

  // What `claim` restates or passes on, and what that does, however far back.
  static std::vector<const Claim*> ToldBefore(const Claim& claim, const ByName& by_name) {
    std::set<std::string> seen = {claim.name()};
    std::vector<const Claim*> told;
    const Claim* next = &claim;
    for (size_t at = 0; next != nullptr; next = at < told.size() ? told[at++] : nullptr) {
      for (const auto& relation : next->relations()) {
        if (relation.kind() != funding::v1::CLAIM_RELATION_KIND_RESTATES &&
            relation.kind() != funding::v1::CLAIM_RELATION_KIND_PASSED_ON_FROM) {
          continue;
        }
        const auto found = by_name.find(relation.claim());
        if (found != by_name.end() && seen.insert(relation.claim()).second) {
          told.push_back(found->second);
        }
      }
    }
    return told;
  }

  static const Claim* TopOf(const Claim& claim, const ByName& by_name) {
    const Claim* top = &claim;
    for (auto found = by_name.find(top->part_of()); found != by_name.end();
         found = by_name.find(top->part_of())) {
      top = found->second;
    }
    return top;
  }

  std::set<std::string> superseded_;
  ByKind counted_;
  ByKind left_out_;
};

Sum Begin(const Claim& claim) {
  Sum sum;
  sum.row.set_nature(claim.nature());
  sum.row.set_stage(claim.stage());
  sum.row.set_direction(claim.direction());
  sum.row.set_currency_code(claim.amount().currency_code());
  return sum;
}

void SetNumbers(const algebra::RowSum& sum, v1::FactSheetMoneyRow* row) {
  row->set_not_stated(sum.not_stated);
  if (sum.claims == 0) return;  // no figure of it is stated
  row->set_stated(sum.stated.ToString());
  auto* bounds = row->mutable_bounds();
  bounds->set_low(sum.bounds.low.value.ToString());
  bounds->set_low_open(sum.bounds.low.open);
  bounds->set_high_open(true);
  if (sum.bounds.high.has_value()) {
    bounds->set_high(sum.bounds.high->value.ToString());
    bounds->set_high_open(sum.bounds.high->open);
  }
}

// Adds the part of a family for which `wanted` to a sum.
template <typename Wanted>
absl::Status AddFamily(const Family& family, Wanted wanted, algebra::RowSum* total, Sum* sum) {
  std::vector<algebra::NodeId> atoms;
  for (size_t i = 0; i < family.size(); ++i) {
    if (!wanted(*family[i])) continue;
    atoms.push_back(static_cast<algebra::NodeId>(i));
    sum->claims.push_back(family[i]);
  }
  ASSIGN_OR_RETURN(const algebra::Tree tree, funding::BuildTree(family));
  ASSIGN_OR_RETURN(const algebra::RowSum row, tree.Sum(atoms));
  ASSIGN_OR_RETURN(*total, algebra::Add(*total, row));
  return absl::OkStatus();
}

void NameClaims(Sum* sum) {
  for (const Claim* claim : sum->claims) sum->row.add_claims(claim->name());
  for (const Claim* claim : sum->left_out) sum->row.add_left_out(claim->name());
}

}  // namespace

absl::StatusOr<std::vector<Sum>> SumMoney(const Material& material) {
  const Families families(material);
  const auto all = [](const Claim&) { return true; };
  std::vector<Sum> sums;
  for (const auto& [kind, of_kind] : families.counted()) {
    std::vector<Sum> single;
    algebra::RowSum total;
    Sum sum = Begin(*of_kind.front()->front());
    for (const auto& family : of_kind) {
      const Claim& top = *family->front();
      if (AddsUp(top)) {
        RETURN_IF_ERROR(AddFamily(*family, all, &total, &sum));
        continue;
      }
      algebra::RowSum alone;
      Sum one = Begin(top);
      if (top.has_recurrence()) *one.row.mutable_recurrence() = top.recurrence();
      RETURN_IF_ERROR(AddFamily(*family, all, &alone, &one));
      SetNumbers(alone, &one.row);
      single.push_back(std::move(one));
    }
    if (!sum.claims.empty()) {
      SetNumbers(total, &sum.row);
      if (const auto out = families.left_out().find(kind); out != families.left_out().end()) {
        for (const auto& family : out->second) {
          sum.left_out.insert(sum.left_out.end(), family->begin(), family->end());
        }
      }
      sums.push_back(std::move(sum));
    }
    std::move(single.begin(), single.end(), std::back_inserter(sums));
  }
  for (Sum& sum : sums) NameClaims(&sum);
  return sums;
}

absl::StatusOr<std::vector<Sum>> SumMoneyByPillar(const Material& material) {
  const Families families(material);
  std::map<std::string, size_t> places;
  for (const auto& pillar : material.pillars) places.emplace(pillar.name(), places.size());
  // The places of a claim's pillars in their order; none is behind all.
  const auto pillars_of = [&](const Claim& claim, const Family& family) {
    // A part without an initiative of its own is for that of its whole.
    const Claim* holder = &claim;
    while (holder->initiative().empty() && !holder->part_of().empty()) {
      const auto whole = std::find_if(family.begin(), family.end(), [&](const Claim* other) {
        return other->name() == holder->part_of();
      });
      if (whole == family.end()) break;
      holder = *whole;
    }
    std::vector<size_t> of_claim;
    const auto found = material.pillars_of.find(holder->initiative());
    if (found != material.pillars_of.end()) {
      for (const std::string& name : found->second) {
        if (const auto place = places.find(name); place != places.end()) {
          of_claim.push_back(place->second);
        }
      }
    }
    std::sort(of_claim.begin(), of_claim.end());
    if (of_claim.empty()) of_claim.push_back(places.size());
    return of_claim;
  };
  std::vector<Sum> sums;
  for (const auto& [kind, of_kind] : families.counted()) {
    std::map<std::vector<size_t>, std::pair<algebra::RowSum, Sum>> by_pillars;
    for (const auto& family : of_kind) {
      if (!AddsUp(*family->front())) continue;
      std::set<std::vector<size_t>> present;
      for (const Claim* claim : *family) present.insert(pillars_of(*claim, *family));
      for (const auto& pillars : present) {
        auto [found, is_new] = by_pillars.try_emplace(pillars);
        auto& [total, sum] = found->second;
        if (is_new) sum = Begin(*family->front());
        const auto wanted = [&](const Claim& claim) {
          return pillars_of(claim, *family) == pillars;
        };
        RETURN_IF_ERROR(AddFamily(*family, wanted, &total, &sum));
      }
    }
    for (auto& [pillars, summed] : by_pillars) {
      for (const size_t place : pillars) {
        if (place < places.size()) {
          summed.second.row.add_pillars(material.pillars[static_cast<int>(place)].name());
        }
      }
      SetNumbers(summed.first, &summed.second.row);
      NameClaims(&summed.second);
      sums.push_back(std::move(summed.second));
    }
  }
  return sums;
}

}  // namespace entente::gateway::factsheet
