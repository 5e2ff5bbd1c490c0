// SPDX-License-Identifier: Apache-2.0
//
// The trees that `part_of` makes of the claims in the store, as the algebra wants them.
//
//   ASSIGN_OR_RETURN(const ClaimTree aid, BuildTree(state, *state.Get<v1::Claim>("claims/aid")));
//   aid.claims[1]->name();  // "claims/health", the first of its parts
//   aid.tree.Sum({1});      // what is for health
//
// Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_CLAIM_TREE_H_
#define ENTENTE_SERVICES_FUNDING_CLAIM_TREE_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/resource/state.h"
#include "entente/funding/v1/claim.pb.h"
#include "services/funding/algebra/tree.h"

namespace entente::funding {

// The figure of a claim as it is kept, with its interval; none if it is not stated. A figure that
// is no good, and so has no interval, is none either.
std::optional<algebra::Figure> FigureOf(const v1::Claim& claim);

// The decimal places to which amounts of a currency are apportioned: those of its minor unit, and
// 2 for what has none, such as an ounce of gold.
int MinorDigits(absl::string_view currency_code);

// Whether `claim` supersedes the claim of that name; whether any that is not deleted does.
bool Supersedes(const v1::Claim& claim, absl::string_view name);
bool IsSuperseded(const resource::State& state, absl::string_view name);

// `top` and all that is part of it, however deep, each whole before its parts; otherwise by depth,
// whole and name. What is superseded has no say any more, and is left out with its parts. They live
// as long as `state`. `top` itself comes once even if it is in a cycle.
std::vector<const v1::Claim*> ClaimsOf(const resource::State& state, const v1::Claim& top);

// The algebra of claims in such an order, at the places that they have in the list. Currency,
// nature and stage are taken to be those of the first, the top, of whatever it is a part itself.
// Errors: those of algebra::Tree::Build.
absl::StatusOr<algebra::Tree> BuildTree(absl::Span<const v1::Claim* const> claims);

struct ClaimTree {
  std::vector<const v1::Claim*> claims;  // by algebra::NodeId; they live as long as the state
  algebra::Tree tree;
};

// Both of the above. A step for each claim of the tree, but for the look-ups.
absl::StatusOr<ClaimTree> BuildTree(const resource::State& state, const v1::Claim& top);

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_CLAIM_TREE_H_
