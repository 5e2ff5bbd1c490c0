// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "services/funding/query/sum_order.h"
#include "services/funding/query/tally.h"

namespace entente::funding::query {
namespace {

// Sums by group and denomination, in the order in which these were met: one after the other is the
// same mostly.
class MetSums {
 public:
  explicit MetSums(std::vector<Tally::Bounded>* sums) : sums_(*sums) {}

  // The place of the sum.
  uint32_t Of(Group group, DenominationId denomination) {
    if (last_ < sums_.size() && sums_[last_].group == group &&
        sums_[last_].denomination == denomination) {
      return last_;
    }
    const auto [found, inserted] =
        places_.try_emplace(std::pair(group, denomination), static_cast<uint32_t>(sums_.size()));
    if (inserted) sums_.push_back({group, denomination, {}});
    return last_ = found->second;
  }

 private:
  std::vector<Tally::Bounded>& sums_;
  absl::flat_hash_map<std::pair<Group, DenominationId>, uint32_t> places_;
  uint32_t last_ = 0;
};

// Puts together atoms of trees that were in different rows and may be in one again: each is then in
// it by itself, or with all of its tree, or is part of a piece of it.
class SplitRegrouping {
 public:
  using TargetsOf = std::vector<absl::InlinedVector<Group, 1>>;
  using Pieces = std::map<std::pair<Group, TreeId>, Tally::Piece>;

  SplitRegrouping(const Snapshot& snapshot, const Tally& tally, const TargetsOf& targets_of,
                  Tally* regrouped, Pieces* pieces)
      : snapshot_(snapshot),
        tally_(tally),
        targets_of_(targets_of),
        regrouped_(*regrouped),
        pieces_(*pieces),
        split_sums_(&regrouped->split_sums),
        bounded_(&bounded_sums_) {}

  void Run() {
    for (size_t begin = 0; begin < tally_.splits.size();) {
      tree_ = snapshot_.tree_of(tally_.splits[begin].atom);
      size_t end = begin;
      atoms_.clear();
      bool together = true;
      for (; end < tally_.splits.size() && snapshot_.tree_of(tally_.splits[end].atom) == tree_;
           ++end) {
        const Tally::Bounded& sum = tally_.split_sums[tally_.splits[end].sum];
        for (const Group target : targets_of_[sum.group]) {
          atoms_.push_back({target, sum.denomination, tally_.splits[end].atom});
          together = together && target == atoms_[0].group;
        }
      }
      begin = end;
      if (!together) {
        std::stable_sort(atoms_.begin(), atoms_.end(),
                         [](const auto& a, const auto& b) { return a.group < b.group; });
      }
      for (size_t one = 0; one < atoms_.size();) {
        size_t next = one + 1;
        while (next < atoms_.size() && atoms_[next].group == atoms_[one].group) ++next;
        Put(one, next);
        one = next;
      }
    }
    regrouped_.bounded.insert(regrouped_.bounded.end(), bounded_sums_.begin(), bounded_sums_.end());
    OrderSplitSums(&regrouped_);
  }

 private:
  struct Atoms {
    Group group = 0;
    DenominationId denomination = 0;
    Atom atom = kNoAtom;
  };

  // The atoms from `one` to `next`, all of one group.
  void Put(size_t one, size_t next) {
    const auto [group, denomination, atom] = atoms_[one];
    const Component& component = snapshot_.component(static_cast<size_t>(tree_));
    if (next - one == 1) {
      const uint32_t sum = split_sums_.Of(group, denomination);
      regrouped_.split_sums[sum].sum.Add(snapshot_.alone(atom));
      regrouped_.splits.push_back({sum, atom});
    } else if (next - one == component.rows) {
      bounded_sums_[bounded_.Of(group, denomination)].sum.Add(component.sum);
    } else {
      Tally::Piece& piece = pieces_[{group, tree_}];
      piece = {group, denomination, tree_, {}};
      for (size_t i = one; i < next; ++i) {
        piece.nodes.push_back(snapshot_.node_of(atoms_[i].atom));
      }
    }
  }

  const Snapshot& snapshot_;
  const Tally& tally_;
  const TargetsOf& targets_of_;
  Tally& regrouped_;
  Pieces& pieces_;
  MetSums split_sums_;
  std::vector<Tally::Bounded> bounded_sums_;
  MetSums bounded_;
  TreeId tree_ = kNoTree;
  absl::InlinedVector<Atoms, 8> atoms_;
};

}  // namespace

Tally Regroup(const Snapshot& snapshot, const Tally& tally, Keys keys,
              const std::function<absl::InlinedVector<Group, 1>(Group)>& targets) {
  Tally regrouped;
  regrouped.keys = std::move(keys);
  regrouped.kinds.resize(regrouped.keys.size());
  std::vector<absl::InlinedVector<Group, 1>> targets_of;
  targets_of.reserve(tally.size());
  for (Group group = 0; group < tally.size(); ++group) {
    targets_of.push_back(targets(group));
    for (const Group target : targets_of.back()) regrouped.kinds[target] |= tally.kinds[group];
  }
  const bool extremes = !tally.extremes.empty();
  for (size_t i = 0; i < tally.flats.size(); ++i) {
    const Tally::Flat& flat = tally.flats[i];
    for (const Group target : targets_of[flat.group]) {
      const bool same = !regrouped.flats.empty() && regrouped.flats.back().group == target &&
                        regrouped.flats.back().denomination == flat.denomination;
      if (!same) {
        regrouped.flats.push_back({target, flat.denomination, {}});
        if (extremes) regrouped.extremes.emplace_back();
      }
      regrouped.flats.back().sum.Add(flat.sum);
      if (extremes) regrouped.extremes.back().Add(tally.extremes[i]);
    }
  }
  AddUpSame(&regrouped.flats, extremes ? &regrouped.extremes : nullptr);
  for (const Tally::Bounded& sum : tally.bounded) {
    for (const Group target : targets_of[sum.group]) {
      regrouped.bounded.push_back({target, sum.denomination, sum.sum});
    }
  }
  SplitRegrouping::Pieces pieces;
  SplitRegrouping(snapshot, tally, targets_of, &regrouped, &pieces).Run();
  AddUpSame(&regrouped.bounded, nullptr);
  for (const Tally::Piece& piece : tally.pieces) {
    for (const Group target : targets_of[piece.group]) {
      const auto [found, inserted] = pieces.try_emplace({target, piece.tree});
      Tally::Piece& merged = found->second;
      if (inserted) merged = {target, piece.denomination, piece.tree, {}};
      merged.nodes.insert(merged.nodes.end(), piece.nodes.begin(), piece.nodes.end());
    }
  }
  for (auto& [key, piece] : pieces) regrouped.pieces.push_back(std::move(piece));
  for (const Tally::Left& left : tally.left) {
    for (const Group target : targets_of[left.group]) {
      regrouped.left.push_back(left);
      regrouped.left.back().group = target;
    }
  }
  std::sort(regrouped.left.begin(), regrouped.left.end());
  return regrouped;
}

}  // namespace entente::funding::query
