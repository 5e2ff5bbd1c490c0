// SPDX-License-Identifier: Apache-2.0
#include "services/funding/claim_tree.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "common/status/macros.h"
#include "services/funding/rates/currency.h"

namespace entente::funding {

using figure::Decimal;
using resource::State;

std::optional<algebra::Figure> FigureOf(const v1::Claim& claim) {
  const auto& kept = claim.amount().figure();
  if (!kept.has_interval()) return std::nullopt;
  const auto value = Decimal::Parse(kept.value());
  const auto low = Decimal::Parse(kept.interval().low());
  if (!value.ok() || !low.ok()) return std::nullopt;
  algebra::Figure figure;
  figure.stated = *value;
  figure.bounds.low = {*low, kept.interval().low_open()};
  if (!kept.interval().high().empty()) {
    const auto high = Decimal::Parse(kept.interval().high());
    if (!high.ok()) return std::nullopt;
    figure.bounds.high = figure::Bound{*high, kept.interval().high_open()};
  }
  return figure;
}

int MinorDigits(absl::string_view currency_code) {
  return rates::MinorUnitDigits(currency_code).value_or(2);
}

bool IsSuperseded(const State& state, absl::string_view name) {
  const std::vector<std::string> referrers = state.Referrers(name, "relations");
  return std::any_of(referrers.begin(), referrers.end(), [&](const std::string& referrer) {
    const auto* claim = state.Get<v1::Claim>(referrer);
    return claim != nullptr && Supersedes(*claim, name);
  });
}

bool Supersedes(const v1::Claim& claim, absl::string_view name) {
  return std::any_of(claim.relations().begin(), claim.relations().end(), [&](const auto& relation) {
    return relation.kind() == v1::CLAIM_RELATION_KIND_SUPERSEDES && relation.claim() == name;
  });
}

std::vector<const v1::Claim*> ClaimsOf(const State& state, const v1::Claim& top) {
  std::vector<const v1::Claim*> claims = {&top};
  // A claim is part of at most one other: none but the top can come up twice.
  for (size_t i = 0; i < claims.size(); ++i) {
    for (const std::string& name : state.Referrers(claims[i]->name(), "part_of")) {
      const auto* part = state.Get<v1::Claim>(name);
      if (part == nullptr || name == top.name() || IsSuperseded(state, name)) continue;
      claims.push_back(part);
    }
  }
  return claims;
}

absl::StatusOr<algebra::Tree> BuildTree(absl::Span<const v1::Claim* const> claims) {
  std::vector<algebra::Claim> list;
  list.reserve(claims.size());
  absl::flat_hash_map<absl::string_view, algebra::NodeId> ids;
  for (const v1::Claim* claim : claims) {
    algebra::NodeId whole = algebra::kTop;
    if (!list.empty()) {
      const auto found = ids.find(claim->part_of());
      if (found != ids.end()) whole = found->second;
    }
    ids.emplace(claim->name(), static_cast<algebra::NodeId>(list.size()));
    list.push_back({whole, FigureOf(*claim), claim->name()});
  }
  return algebra::Tree::Build(
      list, claims.empty() ? 0 : MinorDigits(claims.front()->amount().currency_code()));
}

absl::StatusOr<ClaimTree> BuildTree(const State& state, const v1::Claim& top) {
  std::vector<const v1::Claim*> claims = ClaimsOf(state, top);
  ASSIGN_OR_RETURN(algebra::Tree tree, BuildTree(claims));
  return ClaimTree{std::move(claims), std::move(tree)};
}

}  // namespace entente::funding
