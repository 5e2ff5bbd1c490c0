// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/same_money.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace entente::funding::query {
namespace {

using Relation = Snapshot::Relation;

v1::LeftOutReason ReasonOf(v1::ClaimRelationKind kind) {
  switch (kind) {
    case v1::CLAIM_RELATION_KIND_RESTATES:
      return v1::LEFT_OUT_REASON_RESTATED;
    case v1::CLAIM_RELATION_KIND_PASSED_ON_FROM:
      return v1::LEFT_OUT_REASON_PASSED_ON;
    case v1::CLAIM_RELATION_KIND_REALISES:
      return v1::LEFT_OUT_REASON_REALISED;
    default:
      return v1::LEFT_OUT_REASON_UNSPECIFIED;
  }
}

// In which sums each of some claims has money, parts included; a sum by its kind of money.
class Sums {
 public:
  // `claims`: those that are asked about later.
  Sums(const Plan& plan, const Parcels& parcels, const Periods& periods, const Selection& selection,
       Pick wanted, const std::set<Atom>& claims) {
    const Snapshot& snapshot = parcels.snapshot();
    const auto add = [&](Parcel parcel) {
      const Atom atom = parcels.AtomOf(parcel);
      // What is in no sum has nothing in it that could be counted instead.
      if (!snapshot.usable(atom)) return;
      const Pick pick = selection.Of(parcel);
      if (pick != Pick::kIn && pick != wanted) return;
      if (!parcels.IsFlat(parcel) && periods.Of(parcels.TreeOf(parcel)) == 0) return;
      // What could be included is always kept apart by kinds.
      Kind kind = snapshot.kind(atom);
      if (wanted == Pick::kIn) kind = Separated(plan, kind);
      for (Atom a = atom; a != kNoAtom; a = snapshot.whole(a)) {
        if (claims.count(a) == 0) continue;
        counted_[a].insert(kind);
        if (pick == wanted) wanted_[a].insert(kind);
      }
    };
    // All that is in one tree with them.
    std::set<uint32_t> components;
    for (const Atom atom : claims) {
      if (!IsFlat(atom)) {
        components.insert(snapshot.component_of(atom));
      } else if (!parcels.IsDivided(atom)) {
        add(static_cast<Parcel>(atom));
      }
    }
    for (const uint32_t place : components) {
      const Component& component = snapshot.component(place);
      for (size_t row = component.first; row < component.first + component.rows; ++row) {
        if (!parcels.IsDivided(TreeAtom(row))) add(static_cast<Parcel>(TreeAtom(row)));
      }
    }
    for (size_t i = 0; i < parcels.shares().size(); ++i) {
      const Atom atom = parcels.shares()[i].atom;
      const bool near =
          IsFlat(atom) ? claims.count(atom) > 0 : components.count(snapshot.component_of(atom)) > 0;
      if (near) add(static_cast<Parcel>(i) | kShareBit);
    }
  }

  bool IsWanted(Atom atom) const { return wanted_.count(atom) > 0; }
  // Whether money of `atom` would be in one sum with money of `other`.
  bool Share(Atom atom, Atom other) const {
    const auto of_other = counted_.find(other);
    if (of_other == counted_.end()) return false;
    const std::set<Kind>& kinds = wanted_.at(atom);
    return std::any_of(kinds.begin(), kinds.end(),
                       [&](Kind kind) { return of_other->second.count(kind) > 0; });
  }

 private:
  std::map<Atom, std::set<Kind>> wanted_;
  std::map<Atom, std::set<Kind>> counted_;
};

bool HasFigure(const v1::Claim& claim) { return claim.amount().figure().has_interval(); }

// Calls `visit` for all that `start` leads to, itself first and what is nearer before what is
// farther, until it returns true. `next_of` gives what a claim leads to at once.
template <typename NextOf, typename Visit>
void Walk(Atom start, const NextOf& next_of, const Visit& visit) {
  std::set<Atom> met = {start};
  std::vector<Atom> open = {start};
  for (size_t i = 0; i < open.size(); ++i) {
    if (visit(open[i])) return;
    for (const Atom next : next_of(open[i])) {
      if (met.insert(next).second) open.push_back(next);
    }
  }
}

}  // namespace

std::vector<SameMoney> FindSameMoney(const Plan& plan, const Parcels& parcels,
                                     const Periods& periods, const Selection& selection,
                                     Pick wanted) {
  const Snapshot& snapshot = parcels.snapshot();
  if (snapshot.relations().empty()) return {};
  // What each claim is the same money as, or part of the same: a step of a chain.
  std::map<Atom, std::vector<Atom>> steps;
  std::set<Atom> claims;
  for (const Relation& relation : snapshot.relations()) {
    claims.insert({relation.from, relation.to});
    if (ReasonOf(relation.kind) != v1::LEFT_OUT_REASON_UNSPECIFIED) {
      steps[relation.from].push_back(relation.to);
    } else if (relation.kind == v1::CLAIM_RELATION_KIND_SUPERSEDES) {
      steps[relation.to].push_back(relation.from);
    }
  }
  const Sums sums(plan, parcels, periods, selection, wanted, claims);
  // As which claims those that are left out are counted; also by the wholes that they are in.
  std::map<Atom, std::vector<Atom>> left_out_for;
  std::map<Atom, std::vector<Atom>> left_out_within;
  const auto next_of = [](const std::map<Atom, std::vector<Atom>>& all) {
    return [&all](Atom atom) {
      const auto found = all.find(atom);
      return found == all.end() ? std::vector<Atom>() : found->second;
    };
  };
  // Where the money of a claim is counted, as far as it is left out with something that it is in,
  // by itself, or in part.
  const auto counted_as = [&](Atom atom) {
    std::vector<Atom> as = next_of(left_out_within)(atom);
    for (Atom a = snapshot.whole(atom); a != kNoAtom; a = snapshot.whole(a)) {
      const std::vector<Atom> more = next_of(left_out_for)(a);
      as.insert(as.end(), more.begin(), more.end());
    }
    return as;
  };
  std::vector<SameMoney> found;
  for (const Relation& relation : snapshot.relations()) {
    const Atom from = relation.from;
    const v1::LeftOutReason reason = ReasonOf(relation.kind);
    if (reason == v1::LEFT_OUT_REASON_UNSPECIFIED) continue;
    if (!snapshot.usable(from) || !sums.IsWanted(from)) continue;
    Walk(relation.to, next_of(steps), [&](Atom to) {
      if (!snapshot.usable(to) || !sums.Share(from, to)) return false;
      // Money without a figure has no other money in it.
      if (!HasFigure(snapshot.claim(to))) return false;
      // A whole and its parts count once as it is.
      if (snapshot.IsWithin(to, from) || snapshot.IsWithin(from, to)) return false;
      // Relations of different kinds, or of a whole and of a part, could lead in a circle, and all
      // of the money would be left out: what closes a circle is not followed.
      bool circle = false;
      Walk(to, counted_as, [&](Atom atom) {
        return circle = snapshot.IsWithin(atom, from) || snapshot.IsWithin(from, atom);
      });
      if (circle) return false;
      left_out_for[from].push_back(to);
      for (Atom a = from; a != kNoAtom; a = snapshot.whole(a)) left_out_within[a].push_back(to);
      found.push_back({from, reason, to});
      return true;
    });
  }
  return found;
}

}  // namespace entente::funding::query
