// SPDX-License-Identifier: Apache-2.0
//
// Adds up the money that is in, cell by cell: the one pass over all rows, on all processors.
//
// Flat atoms are numbers, and are added. Of the others a claim with all of its parts is a few
// numbers as well, if it is simple (claim_table.h) and all of it is in one row, or each part in
// another; what is not is listed, for the exact path (tally.h).
//
// Rows are taken in chunks that fit into the first cache, in loops (kernels.h): what is in, then
// the sums.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SCAN_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SCAN_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "services/funding/query/grid.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/resources.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// Amounts that are exact or at least so much, in units of 10^-MinorDigits(currency).
struct FlatSum {
  absl::int128 units = 0;
  int64_t claims = 0;
  bool unbounded = false;  // whether any is at least so much

  void Add(const FlatSum& other) {
    units += other.units;
    claims += other.claims;
    unbounded = unbounded || other.unbounded;
  }
};

// The least and the greatest of exact amounts, how many they are, and their sum.
struct Extremes {
  int64_t min = std::numeric_limits<int64_t>::max();
  int64_t max = std::numeric_limits<int64_t>::min();
  int64_t claims = 0;
  absl::int128 units = 0;

  static Extremes Of(int64_t amount) { return {amount, amount, 1, amount}; }

  void Add(const Extremes& other) {
    if (other.min < min) min = other.min;
    if (other.max > max) max = other.max;
    claims += other.claims;
    units += other.units;
  }
};

// Of money in trees, each in it with one number, in the same units.
struct BoundedSum {
  absl::int128 low = 0;
  absl::int128 high = 0;  // of what is bounded
  absl::int128 stated = 0;
  absl::int128 excess = 0;
  int64_t claims = 0;
  bool low_open = false;
  bool high_open = false;
  bool unbounded = false;

  void Add(const SmallSum& sum);
  void Add(const BoundedSum& other);
};

// What is to be scanned, and how. Everything must outlive the scan.
struct ScanInput {
  const Parcels& parcels;
  const Selection& selection;
  const Grid& grid;
  Pick wanted = Pick::kIn;
  // Whether the least and the greatest exact amount of each cell is wanted: then no component is
  // summed up here.
  bool extremes = false;
  // Atoms that are looked at elsewhere; and components, by their places.
  const absl::flat_hash_set<Atom>& flat_elsewhere;
  const absl::flat_hash_set<uint32_t>& components_elsewhere;
  const Resources& resources;
};

class Scan {
 public:
  // Errors: CANCELLED; RESOURCE_EXHAUSTED, reason QUERY_TOO_LARGE.
  static absl::StatusOr<Scan> Of(const ScanInput& input);

  // Calls `fn(classes, sum, extremes, kinds)` for each cell with flat atoms, or with components
  // that are as simple; `kinds` has a bit for each of KindIndex, unless what is in a cell is of one
  // kind.
  using CellFn = absl::FunctionRef<void(const Class* classes, const FlatSum& sum,
                                        const Extremes& extremes, uint32_t kinds)>;
  void ForEachCell(CellFn fn) const { ForEachCell(0, places(), fn); }
  // Cells are at places from 0 to places(), most of which have such: of those from `begin` to
  // `end`.
  size_t places() const;
  void ForEachCell(size_t begin, size_t end, CellFn fn) const;
  // How many have any.
  size_t cells(size_t begin, size_t end) const;
  // Likewise for each with other simple components.
  using BoundedFn =
      absl::FunctionRef<void(const Class* classes, const BoundedSum& sum, uint32_t kinds)>;
  void ForEachBounded(BoundedFn fn) const;

  // An atom of a simple component that is wanted and has a cell to itself, where the component has
  // several; `sum` is the place of the cell among those of ForEachSplitSum.
  struct Split {
    uint32_t sum = 0;
    Atom atom = kNoAtom;
  };
  // Those of one component one after the other.
  const std::vector<Split>& splits() const;
  // Likewise for each cell with such atoms, the sums of them.
  void ForEachSplitSum(BoundedFn fn) const;

  // The components, in order, that are in several cells or not simple, and not all out.
  const std::vector<uint32_t>& components() const { return components_; }
  // Whether anything that is not in could be.
  bool any_could() const { return any_could_; }

 private:
  friend class Scanning;

  std::shared_ptr<const class ScanCells> cells_;
  std::vector<uint32_t> components_;
  bool any_could_ = false;
};

// The kinds that lanes have, each once, in order; by lane, the place of its kind among them.
struct KindIndex {
  explicit KindIndex(const Snapshot& snapshot);

  // More than this cannot be said by the bits of a cell (kernels.h).
  static constexpr size_t kMost = 23;

  std::vector<Kind> kinds;
  std::vector<uint32_t> of_lane;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SCAN_H_
