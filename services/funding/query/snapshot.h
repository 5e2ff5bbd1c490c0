// SPDX-License-Identifier: Apache-2.0
//
// The claims of one revision, made ready for queries: atoms of money and the trees that they are
// in, and for each field that is asked for, a column.
//
//   const auto snapshot = Snapshot::Of(store.Current());
//   snapshot->claim(atom).title();
//   snapshot->Base("stage").codes[atom];
//
// Nearly all claims are *flat*: exact, a total, and neither whole nor part. They are numbers in an
// array. Every other claim is in a tree (algebra/tree.h), if only in one of its own.
//
// Immutable but for the columns, which are made when they are first asked for. Thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOT_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/resource/state.h"
#include "entente/funding/v1/claim.pb.h"
#include "services/funding/algebra/tree.h"
#include "services/funding/query/column.h"
#include "services/funding/query/kind.h"

namespace entente::funding::query {

class Snapshot {
 public:
  // A claim at the top with all of its parts, but for those that are superseded.
  struct TreeOfClaims {
    Atom top = kNoAtom;
    std::vector<Atom> atoms;  // by node
    algebra::Tree tree;
  };
  // One claim's relation to another; both are in the snapshot.
  struct Relation {
    Atom from = kNoAtom;
    v1::ClaimRelationKind kind = v1::CLAIM_RELATION_KIND_UNSPECIFIED;
    Atom to = kNoAtom;
  };
  // Claims that are in no sum, whatever is asked: one and all of its parts.
  struct Unusable {
    Atom atom = kNoAtom;
    Atom superseded_by = kNoAtom;  // none: its tree is contradictory
    std::string message;
  };

  // Of all claims of `state` that are not deleted.
  static std::shared_ptr<const Snapshot> Of(std::shared_ptr<const resource::State> state);

  const resource::State& state() const { return *state_; }
  Atom size() const { return static_cast<Atom>(claims_.size()); }

  // By name, in the order of names.
  const v1::Claim& claim(Atom atom) const { return *claims_[Index(atom)]; }
  std::optional<Atom> Find(absl::string_view name) const;

  // The claim that it is part of, kNoAtom for none; and the one at the top, perhaps itself.
  Atom whole(Atom atom) const { return wholes_[Index(atom)]; }
  Atom top(Atom atom) const;
  bool has_parts(Atom atom) const { return has_parts_[Index(atom)]; }
  // Whether `atom` is `ancestor` or part of it, at whatever depth.
  bool IsWithin(Atom atom, Atom ancestor) const;

  // Whether it can be in a sum at all; see unusable().
  bool usable(Atom atom) const { return usable_[Index(atom)] != 0; }
  const std::vector<Unusable>& unusable() const { return unusable_list_; }
  const std::vector<Relation>& relations() const { return relations_; }

  // Its nature, stage and direction.
  Kind kind(Atom atom) const { return lanes_[lane_of_[Index(atom)]].kind; }

  // A kind of money in one currency. Sums never run over several of them, unless they are asked to.
  struct Lane {
    Kind kind = 0;
    std::string currency;
  };
  const std::vector<Lane>& lanes() const { return lanes_; }
  // By atom: its place among the lanes.
  const std::vector<Code>& lane_of() const { return lane_of_; }

  // An exact total that is neither whole nor part: `units` of 10^-MinorDigits(currency).
  bool flat(Atom atom) const { return trees_of_[Index(atom)] == kFlat; }
  int64_t units(Atom atom) const { return units_[Index(atom)]; }
  // By atom, for those who look at all of them: kFlat, kNoTree or the tree.
  static constexpr int32_t kFlat = -1;
  static constexpr int32_t kNoTree = -2;
  const std::vector<int32_t>& trees_of() const { return trees_of_; }

  // Of an atom that is usable and not flat.
  int32_t tree_of(Atom atom) const { return trees_of_[Index(atom)]; }
  algebra::NodeId node_of(Atom atom) const { return nodes_of_[Index(atom)]; }
  const std::vector<TreeOfClaims>& trees() const { return trees_; }

  // The column of a field as claims state it (facts.h has the others), for "sectors" in a
  // vocabulary.
  std::shared_ptr<const Column> Base(absl::string_view field,
                                     absl::string_view vocabulary = "") const;

 private:
  explicit Snapshot(std::shared_ptr<const resource::State> state) : state_(std::move(state)) {}

  static size_t Index(Atom atom) { return static_cast<size_t>(atom); }
  void ReadClaims();
  void ReadLanes();
  void ReadRelations();
  bool TakeAsFlat(Atom atom);
  void BuildTrees();
  void BuildTree(Atom top, const std::vector<std::vector<Atom>>& parts_of_wholes,
                 const std::vector<int32_t>& place_of_whole);
  void MarkUnusable(Atom atom, Atom superseded_by, std::string message);

  const std::shared_ptr<const resource::State> state_;
  std::vector<const v1::Claim*> claims_;
  std::vector<Atom> wholes_;
  std::vector<bool> has_parts_;
  std::vector<uint8_t> usable_;
  std::vector<Lane> lanes_;
  std::vector<Code> lane_of_;
  std::vector<int64_t> units_;     // of flat ones
  std::vector<int32_t> trees_of_;  // kFlat, kNoTree, or in trees_
  std::vector<algebra::NodeId> nodes_of_;
  std::vector<TreeOfClaims> trees_;
  std::vector<Relation> relations_;
  std::vector<Unusable> unusable_list_;

  struct Slot {
    std::once_flag once;
    std::shared_ptr<const Column> column;
  };
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::string, std::string>, std::shared_ptr<Slot>> columns_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOT_H_
