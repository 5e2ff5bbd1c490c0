// SPDX-License-Identifier: Apache-2.0
//
// The claims of one revision, made ready for queries: atoms of money and the trees that they are
// in, and for each field that is asked for, a column.
//
//   const auto snapshot = Snapshot::Of(store.Current());
//   snapshot->claim(atom).title();
//   snapshot->ForEachAtom([&](Atom atom) { ... snapshot->Base("places")->CodeOf(atom) ... });
//
// A view of a ClaimTable. Immutable but for what is made when it is first asked for. Thread-safe.
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

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "common/resource/state.h"
#include "entente/funding/v1/claim.pb.h"
#include "services/funding/query/claim_table.h"

namespace entente::funding::query {

class Snapshot {
 public:
  // One claim's relation to another; both are in the snapshot.
  struct Relation {
    Atom from = kNoAtom;
    v1::ClaimRelationKind kind = v1::CLAIM_RELATION_KIND_UNSPECIFIED;
    Atom to = kNoAtom;
  };

  // Of all claims of `state` that are not deleted, from a table of its own.
  static std::shared_ptr<const Snapshot> Of(std::shared_ptr<const resource::State> state);

  const resource::State& state() const { return *state_; }

  // How many rows there are of both sorts, those that have ended as well.
  size_t flat_rows() const { return mark_.flat_rows; }
  size_t tree_rows() const { return mark_.tree_rows; }
  // Whether the row has not ended.
  bool alive(Atom atom) const;
  // Whether there is the row, and it has not ended.
  bool Has(Atom atom) const {
    return RowOf(atom) < (IsFlat(atom) ? flat_rows() : tree_rows()) && alive(atom);
  }
  // By block of kBlockRows: a bit for each row that has ended, null where none has.
  const uint64_t* ended_flat(size_t block) const { return BitsOf(ended_flat_, block); }
  const uint64_t* ended_trees(size_t block) const { return BitsOf(ended_trees_, block); }
  bool any_tree_ended() const { return any_tree_ended_; }
  // How many flat rows have ended.
  size_t flat_ended() const { return ended_flat_.count; }
  // Of the others.
  size_t trees_ended() const { return ended_trees_.count; }
  // All atoms: those that are flat, then the others.
  template <typename Fn>
  void ForEachAtom(const Fn& fn) const {
    for (size_t row = 0; row < flat_rows(); ++row) {
      if (alive(FlatAtom(row))) fn(FlatAtom(row));
    }
    for (size_t row = 0; row < tree_rows(); ++row) {
      if (alive(TreeAtom(row))) fn(TreeAtom(row));
    }
  }

  const v1::Claim& claim(Atom atom) const {
    return *(IsFlat(atom) ? flat_claims_ : tree_claims_)[RowOf(atom)];
  }
  std::optional<Atom> Find(absl::string_view name) const;

  // The claim that it is part of, kNoAtom for none; and the one at the top, perhaps itself.
  Atom whole(Atom atom) const { return IsFlat(atom) ? kNoAtom : wholes_[RowOf(atom)]; }
  Atom top(Atom atom) const;
  bool has_parts(Atom atom) const { return !IsFlat(atom) && has_parts_[RowOf(atom)] != 0; }
  // Whether `atom` is `ancestor` or part of it, at whatever depth.
  bool IsWithin(Atom atom, Atom ancestor) const;

  // Whether it can be in a sum at all; see unusable().
  bool usable(Atom atom) const { return IsFlat(atom) || tree_of_[RowOf(atom)] != kNoTree; }
  const std::vector<Unusable>& unusable() const;
  const std::vector<Relation>& relations() const;

  // Its nature, stage and direction.
  Kind kind(Atom atom) const { return lanes_[LaneOf(atom)].kind; }
  const Blocks<Lane, 256>::View& lanes() const { return lanes_; }
  Code LaneOf(Atom atom) const {
    return IsFlat(atom) ? flat_lanes_[RowOf(atom)] : tree_lanes_[RowOf(atom)];
  }
  const Codes::View& flat_lanes() const { return flat_lanes_; }
  const Codes::View& tree_lanes() const { return tree_lanes_; }

  // Of a flat atom: units of 10^-MinorDigits(currency), at most kMostUnits. Whether there may be
  // more than these is a matter of its lane.
  int64_t units(Atom atom) const { return units_[RowOf(atom)]; }
  const Blocks<int64_t>::View& units() const { return units_; }
  // By block of flat rows: no magnitude in it is greater.
  int64_t most_units(size_t block) const { return most_units_[block]; }
  // No sum of flat rows, of components and of atoms in them by themselves is of a greater
  // magnitude, however they are put together: each counts once for all of its numbers.
  absl::int128 most_units_in_all() const;

  // Of an atom that is usable and not flat.
  TreeId tree_of(Atom atom) const { return tree_of_[RowOf(atom)]; }
  algebra::NodeId node_of(Atom atom) const { return node_of_[RowOf(atom)]; }
  // Of an atom that is not flat: its place among the components.
  uint32_t component_of(Atom atom) const { return component_of_[RowOf(atom)]; }
  // Those that have ended as well.
  size_t components() const { return components_.size(); }
  const Component& component(size_t i) const { return components_[i]; }
  // Of an atom in a simple component, the sum of its money by itself.
  const SmallSum& alone(Atom atom) const { return alone_[RowOf(atom)]; }
  // By TreeId, which is the place of the component.
  const TreeOfClaims& tree(TreeId tree) const { return *trees_[static_cast<size_t>(tree)]; }

  // The column of a field as claims state it (facts.h has the others), for "sectors" in a
  // vocabulary.
  std::shared_ptr<const Column> Base(absl::string_view field,
                                     absl::string_view vocabulary = "") const;

  // What was made of the table's rows.
  Derived& derived() const { return table_->derived_; }

 private:
  friend class ClaimTable;

  Snapshot() = default;

  static const uint64_t* BitsOf(const ClaimTable::Ended& ended, size_t block) {
    return block < ended.blocks.size() && ended.blocks[block] != nullptr
               ? ended.blocks[block]->data()
               : nullptr;
  }

  std::shared_ptr<const resource::State> state_;
  std::shared_ptr<ClaimTable> table_;
  ClaimTable::Mark mark_;
  Blocks<ClaimTable::ClaimPtr>::View flat_claims_;
  Blocks<ClaimTable::ClaimPtr>::View tree_claims_;
  Codes::View flat_lanes_;
  Codes::View tree_lanes_;
  Blocks<int64_t>::View units_;
  std::vector<int64_t> most_units_;
  absl::int128 most_of_trees_ = 0;
  Blocks<Atom>::View wholes_;
  Blocks<uint8_t>::View has_parts_;
  Blocks<TreeId>::View tree_of_;
  Blocks<algebra::NodeId>::View node_of_;
  Blocks<uint32_t>::View component_of_;
  Blocks<SmallSum>::View alone_;
  Blocks<Component, 4096>::View components_;
  Blocks<std::shared_ptr<const TreeOfClaims>, 4096>::View trees_;
  Blocks<Lane, 256>::View lanes_;
  Blocks<Unusable, 256>::View all_unusable_;
  Blocks<Atom, 4096>::View related_;
  ClaimTable::Ended ended_flat_;
  ClaimTable::Ended ended_trees_;
  bool any_tree_ended_ = false;

  mutable std::once_flag unusable_once_;
  mutable std::vector<Unusable> unusable_;
  mutable std::once_flag relations_once_;
  mutable std::vector<Relation> relations_;

  struct Slot {
    std::once_flag once;
    std::shared_ptr<const Column> column;
  };
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::string, std::string>, std::shared_ptr<Slot>> columns_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SNAPSHOT_H_
