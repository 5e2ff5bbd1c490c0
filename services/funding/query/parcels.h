// SPDX-License-Identifier: Apache-2.0
//
// The money that a query looks at, in parcels. A parcel is an atom or, where the query speaks of a
// field by which a claim divides its money (60 % for one place, 40 % for another), a share of one.
// A filter takes a parcel or leaves it, and a grouping puts it into one row.
//
//   ASSIGN_OR_RETURN(const Parcels parcels, Parcels::Of(snapshot, {countries, stage}));
//   for (size_t i = 0; i < parcels.size(); ++i) parcels.CodeOf(base, i);
//
// The first parcels are the atoms, at their own places. Those that are divided are there too, so
// that places are not shifted, but are not active: their shares, which come after, are.
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

#include "absl/status/statusor.h"
#include "services/funding/algebra/tree.h"
#include "services/funding/query/column.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

// A base column by its place among those of the query.
using BaseId = size_t;

class Parcels {
 public:
  // A share of a divided atom.
  struct Share {
    Atom atom = kNoAtom;
    int32_t tree = 0;
    algebra::NodeId node = 0;
    std::vector<Code> codes;  // by BaseId
    // How it came about: which share of which division, by base.
    struct Part {
      BaseId base;
      size_t index;  // among Division::codes
    };
    std::vector<Part> parts;
  };

  // Of the bases of `fields`, each once. Errors: those of algebra::Tree::Divide.
  static absl::StatusOr<Parcels> Of(std::shared_ptr<const Snapshot> snapshot,
                                    const std::vector<Field>& fields);

  const Snapshot& snapshot() const { return *snapshot_; }
  size_t size() const { return static_cast<size_t>(snapshot_->size()) + shares_.size(); }
  size_t atoms() const { return static_cast<size_t>(snapshot_->size()); }

  const std::vector<std::shared_ptr<const Column>>& columns() const { return columns_; }
  BaseId BaseOf(const std::string& base) const { return bases_.at(base); }
  const std::string& NameOf(BaseId base) const { return names_[base]; }

  bool is_share(size_t parcel) const { return parcel >= atoms(); }
  const Share& share(size_t parcel) const { return shares_[parcel - atoms()]; }
  const std::vector<Share>& shares() const { return shares_; }
  Atom AtomOf(size_t parcel) const {
    return is_share(parcel) ? share(parcel).atom : static_cast<Atom>(parcel);
  }
  Code CodeOf(BaseId base, size_t parcel) const {
    return is_share(parcel) ? share(parcel).codes[base] : columns_[base]->codes[parcel];
  }
  // Whether the parcel is money: not an atom that is divided.
  bool active(size_t parcel) const { return is_share(parcel) || !divided_[parcel]; }
  const std::vector<bool>& divided() const { return divided_; }

  // An exact number, see Snapshot::flat; everything else is in a tree.
  bool flat(size_t parcel) const {
    return !is_share(parcel) && snapshot_->flat(static_cast<Atom>(parcel));
  }
  int32_t TreeOf(size_t parcel) const {
    return is_share(parcel) ? share(parcel).tree : snapshot_->tree_of(static_cast<Atom>(parcel));
  }
  algebra::NodeId NodeOf(size_t parcel) const {
    return is_share(parcel) ? share(parcel).node : snapshot_->node_of(static_cast<Atom>(parcel));
  }
  const algebra::Tree& tree(int32_t id) const;
  // The claim at the top of it.
  Atom TopOf(int32_t tree) const;
  size_t trees() const { return snapshot_->trees().size() + divided_flat_.size(); }
  // Whose money a node of a tree is: an atom, or a share of one by its place in a division.
  struct Origin {
    Atom atom = kNoAtom;
    int share = -1;
  };
  Origin OriginOf(int32_t tree, algebra::NodeId node) const;

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
  std::vector<bool> divided_;  // by atom
  std::vector<Share> shares_;
  std::map<std::pair<int32_t, algebra::NodeId>, Origin> origins_;  // of nodes made by divisions
  std::map<int32_t, algebra::Tree> own_;   // copies of the snapshot's trees, with divisions
  std::vector<DividedFlat> divided_flat_;  // their ids follow those of the snapshot's
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PARCELS_H_
