// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/parcels.h"

#include <utility>

#include "absl/status/status.h"
#include "common/status/macros.h"
#include "services/funding/claim_tree.h"

namespace entente::funding::query {

absl::StatusOr<Parcels> Parcels::Of(std::shared_ptr<const Snapshot> snapshot,
                                    const std::vector<Field>& fields) {
  Parcels parcels(std::move(snapshot));
  for (const Field& field : fields) {
    const auto [found, inserted] = parcels.bases_.try_emplace(field.base, parcels.columns_.size());
    if (!inserted) continue;
    parcels.columns_.push_back(field.column);
    parcels.names_.push_back(field.base);
  }
  const Snapshot& here = *parcels.snapshot_;
  std::map<Atom, std::vector<std::pair<BaseId, const Division*>>> divisions;
  // By the names of the bases: what is divided first makes a difference to the last unit, and what
  // a query happens to speak of first must make none.
  for (const auto& [name, base] : parcels.bases_) {
    const Divisions::View& all = parcels.columns_[base]->divisions;
    for (size_t i = 0; i < all.size(); ++i) {
      if (here.Has(all[i].atom)) divisions[all[i].atom].emplace_back(base, &all[i]);
    }
  }
  for (const auto& [atom, of_atom] : divisions) {
    // What is in no sum is not divided: as a whole it is left out.
    if (parcels.snapshot_->usable(atom)) RETURN_IF_ERROR(parcels.Divide(atom, of_atom));
  }
  return parcels;
}

absl::Status Parcels::Divide(Atom atom,
                             const std::vector<std::pair<BaseId, const Division*>>& divisions) {
  divided_.insert(atom);
  TreeId id;
  algebra::Tree* tree;
  algebra::NodeId node = 0;
  if (query::IsFlat(atom)) {
    const v1::Claim* claim = &snapshot_->claim(atom);
    ASSIGN_OR_RETURN(algebra::Tree single, BuildTree({claim}));
    id = static_cast<TreeId>(snapshot_->components() + divided_flat_.size());
    divided_flat_.push_back({atom, std::move(single)});
    tree = &divided_flat_.back().tree;
  } else {
    id = snapshot_->tree_of(atom);
    node = snapshot_->node_of(atom);
    const auto [own, inserted] = own_.try_emplace(id);
    if (inserted) own->second = snapshot_->tree(id).tree;
    tree = &own->second;
  }
  Share all;
  all.atom = atom;
  all.tree = id;
  all.node = node;
  for (const auto& column : columns_) all.codes.push_back(column->CodeOf(atom));
  // By each field in turn: places and sectors are taken to be independent of each other, as IATI
  // has it.
  std::vector<Share> shares = {std::move(all)};
  for (const auto& [base, division] : divisions) {
    std::vector<Share> finer;
    for (const Share& share : shares) {
      ASSIGN_OR_RETURN(const std::vector<algebra::NodeId> nodes,
                       tree->Divide(share.node, division->percents));
      if (nodes.size() != division->codes.size()) {
        return absl::InternalError("the shares of a claim are not those of its percentages");
      }
      for (size_t i = 0; i < nodes.size(); ++i) {
        Share part = share;
        part.node = nodes[i];
        part.codes[base] = division->codes[i];
        part.parts.push_back({base, division, i});
        origins_[{id, nodes[i]}] = {atom, static_cast<int>(i)};
        finer.push_back(std::move(part));
      }
    }
    shares = std::move(finer);
  }
  for (Share& share : shares) shares_.push_back(std::move(share));
  return absl::OkStatus();
}

const algebra::Tree& Parcels::tree(TreeId id) const {
  const auto of_snapshot = static_cast<TreeId>(snapshot_->components());
  if (id >= of_snapshot) return divided_flat_[static_cast<size_t>(id - of_snapshot)].tree;
  const auto own = own_.find(id);
  return own != own_.end() ? own->second : snapshot_->tree(id).tree;
}

Atom Parcels::TopOf(TreeId tree) const {
  const auto of_snapshot = static_cast<TreeId>(snapshot_->components());
  return tree >= of_snapshot ? divided_flat_[static_cast<size_t>(tree - of_snapshot)].atom
                             : snapshot_->tree(tree).top;
}

Parcels::Origin Parcels::OriginOf(TreeId tree, algebra::NodeId node) const {
  const auto found = origins_.find({tree, node});
  if (found != origins_.end()) return found->second;
  if (tree >= static_cast<TreeId>(snapshot_->components())) return {TopOf(tree)};
  return {snapshot_->tree(tree).atoms[static_cast<size_t>(node)]};
}

}  // namespace entente::funding::query
