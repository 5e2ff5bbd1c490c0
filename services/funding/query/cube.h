// SPDX-License-Identifier: Apache-2.0
//
// Sums that are kept for what dashboards ask: few fields of few values. A cube has a cell for each
// combination of a lane and of the values, or parts of values, of the bases that a query speaks of:
// in it the sum of the flat rows that there were at some revision; and likewise the sum of those
// claims with parts that are simple (claim_table.h) and in one cell with all of their rows. To a
// scan its cells are rows like others, but that each stands for several claims.
//
//   const auto cube = CubeView::For(query);
//   if (cube.has_value()) ...   // of flat rows, those below cube->flat_rows() need not be scanned;
//                               // nor the components that cube->Has(...)
//
// Dates are in a cube by years, by months, or each by itself: by the longest of these in which the
// query tells nothing apart. A cube is made by the first query that it would serve, at about the
// cost of that query, and kept with the claims' table; what has ended since is subtracted, and what
// was added since is scanned. When that has become too much, the next query makes it anew.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CUBE_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CUBE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/funding/query/atom.h"
#include "services/funding/query/blocks.h"
#include "services/funding/query/grid.h"
#include "services/funding/query/kernels.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/resources.h"
#include "services/funding/query/scan.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// What is to be added up, and how. Everything must outlive the view.
struct CubeQuery {
  const Parcels& parcels;
  const Selection& selection;
  const Grid& grid;
  const Resources& resources;
  // Atoms that are looked at elsewhere; and components, by their places.
  const absl::flat_hash_set<Atom>& flat_elsewhere;
  const absl::flat_hash_set<uint32_t>& components_elsewhere;
  // Whether what components come to is of use at all.
  bool components = true;
};

// A cube as of a snapshot. Immutable.
class CubeView {
 public:
  // None where no cube serves the query: it speaks of too many values, or tells apart what a cube
  // does not; the snapshot is older than the cube; the claims are too few; or another query is
  // making it at the moment. Never an error: a scan answers as well.
  static std::optional<CubeView> For(const CubeQuery& query);

  // Cells of flat rows, or of components.
  template <typename Sum>
  struct Cells {
    // By cell: its lane; a code that stands for all those of its part, by base of the query; and
    // what it comes to, in units of 10^-MinorDigits(currency).
    const Codes::View* lanes = nullptr;
    std::vector<const Codes::View*> codes;
    const std::vector<Sum>* sums = nullptr;
    // Whether some are of no claims: all that were in them have ended or are looked at elsewhere.
    bool any_empty = false;
    // Unless the sums are those of the cube.
    std::unique_ptr<std::vector<Sum>> own;

    size_t size() const { return sums->size(); }
  };

  // The flat rows below are in cells, as far as they have not ended and are not looked at
  // elsewhere.
  size_t flat_rows() const;
  const Cells<Several>& flat() const { return flat_; }
  // Whether a component is in cells, or was until it ended.
  bool Has(uint32_t component) const {
    const size_t word = component / 64;
    return word < components_->size() && ((*components_)[word] >> (component % 64) & 1) != 0;
  }
  // Whether none of those from `begin` to `end` has to be looked at.
  bool HasAll(uint32_t begin, uint32_t end) const;
  const Cells<BoundedSum>& trees() const { return trees_; }

 private:
  // `bases`: of the query, in the order of the cube's.
  CubeView(std::shared_ptr<const class Cube> cube, const CubeQuery& query,
           const std::vector<BaseId>& bases);

  std::shared_ptr<const class Cube> cube_;
  Cells<Several> flat_;
  Cells<BoundedSum> trees_;
  const std::vector<uint64_t>* components_ = nullptr;  // a bit for each
  std::unique_ptr<std::vector<uint64_t>> own_components_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CUBE_H_
