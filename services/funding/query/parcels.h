// SPDX-License-Identifier: Apache-2.0
//
// The money that a query looks at, in parcels. A parcel is an atom or, where the query speaks of a
// field by which a claim divides its money (60 % for one place, 40 % for another), a share of one.
// A filter takes a parcel or leaves it, and a grouping puts it into one row.
//
//   ASSIGN_OR_RETURN(const Parcels parcels, Parcels::Of(snapshot, {countries, stage}));
//   parcels.ForEach([&](Parcel parcel) { parcels.CodeOf(base, parcel); });
//
// An atom is its own parcel unless it is divided: then its shares are.
//
// Immutable. Thread-safe.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_PARCELS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_PARCELS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "services/funding/algebra/tree.h"
#include "services/funding/query/column.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

// A base column by its place among those of the query.
using BaseId = size_t;

// An atom or, in one bit more, a share by its place among all shares.
using Parcel = uint32_t;
inline constexpr Parcel kShareBit = Parcel{1} << 31;

class Parcels {
 public:
  // A share of a divided atom.
  struct Share {
    Atom atom = kNoAtom;
    TreeId tree = 0;
    algebra::NodeId node = 0;
    std::vector<Code> codes;  // by BaseId
    // How it came about: which share of which division, by base.
    struct Part {
      BaseId base;
      const Division* division;  // of a column of the query
      size_t index;              // among Division::codes
    };
    std::vector<Part> parts;
  };

  // Of the bases of `fields`, each once. Errors: those of algebra::Tree::Divide.
  static absl::StatusOr<Parcels> Of(std::shared_ptr<const Snapshot> snapshot,
                                    const std::vector<Field>& fields);

  const Snapshot& snapshot() const { return *snapshot_; }
  const std::vector<std::shared_ptr<const Column>>& columns() const { return columns_; }
  BaseId BaseOf(const std::string& base) const { return bases_.at(base); }
  const std::string& NameOf(BaseId base) const { return names_[base]; }

  // All of them: flat atoms, the other atoms, shares.
  template <typename Fn>
  void ForEach(const Fn& fn) const {
    snapshot_->ForEachAtom([&](Atom atom) {
      if (!IsDivided(atom)) fn(static_cast<Parcel>(atom));
    });
    for (size_t i = 0; i < shares_.size(); ++i) fn(static_cast<Parcel>(i) | kShareBit);
  }

  static bool IsShare(Parcel parcel) { return (parcel & kShareBit) != 0; }
  const Share& share(Parcel parcel) const { return shares_[parcel & ~kShareBit]; }
  const std::vector<Share>& shares() const { return shares_; }
  Atom AtomOf(Parcel parcel) const {
    return IsShare(parcel) ? share(parcel).atom : static_cast<Atom>(parcel);
  }
  Code CodeOf(BaseId base, Parcel parcel) const {
    return IsShare(parcel) ? share(parcel).codes[base]
                           : columns_[base]->CodeOf(static_cast<Atom>(parcel));
  }
  // Whether an atom is no parcel, but its shares are.
  bool IsDivided(Atom atom) const { return divided_.count(atom) > 0; }
  const absl::flat_hash_set<Atom>& divided() const { return divided_; }

  // A number in an array (atom.h); everything else is in a tree.
  bool IsFlat(Parcel parcel) const {
    return !IsShare(parcel) && query::IsFlat(static_cast<Atom>(parcel));
  }
  TreeId TreeOf(Parcel parcel) const {
    return IsShare(parcel) ? share(parcel).tree : snapshot_->tree_of(static_cast<Atom>(parcel));
  }
  algebra::NodeId NodeOf(Parcel parcel) const {
    return IsShare(parcel) ? share(parcel).node : snapshot_->node_of(static_cast<Atom>(parcel));
  }
  const algebra::Tree& tree(TreeId id) const;
  // The claim at the top of it.
  Atom TopOf(TreeId tree) const;
  // Whose money a node of a tree is: an atom, or a share of one by its place in a division.
  struct Origin {
    Atom atom = kNoAtom;
    int share = -1;
  };
  Origin OriginOf(TreeId tree, algebra::NodeId node) const;

 private:
  explicit Parcels(std::shared_ptr<const Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}

  struct DividedFlat {
    Atom atom = kNoAtom;
    algebra::Tree tree;
  };

  absl::Status Divide(Atom atom, const std::vector<std::pair<BaseId, const Division*>>& divisions);

  std::shared_ptr<const Snapshot> snapshot_;
  std::map<std::string, BaseId> bases_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const Column>> columns_;
  absl::flat_hash_set<Atom> divided_;
  std::vector<Share> shares_;
  std::map<std::pair<TreeId, algebra::NodeId>, Origin> origins_;  // of nodes made by divisions
  std::map<TreeId, algebra::Tree> own_;    // copies of the snapshot's trees, with divisions
  std::vector<DividedFlat> divided_flat_;  // their ids follow those of the snapshot's
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PARCELS_H_
