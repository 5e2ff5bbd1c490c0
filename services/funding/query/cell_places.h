// SPDX-License-Identifier: Apache-2.0
//
// Where the cells of rows are: what the sides of a grid make of their codes.
//
// In an array a place is the sum of what each side adds, and the loops that look that up are here
// (kernels.h); in a table of cells it is the number that the cell was given.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CELL_PLACES_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CELL_PLACES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "services/funding/query/cells.h"
#include "services/funding/query/grid.h"
#include "services/funding/query/kernels.h"
#include "services/funding/query/resources.h"
#include "services/funding/query/row_source.h"

namespace entente::funding::query {

// Immutable. Thread-safe.
class CellPlaces {
 public:
  // All must outlive it. `flat_rows`: how many there are to be scanned.
  CellPlaces(const Grid& grid, const Parcels& parcels, const RowSource& source,
             const Resources& resources, size_t flat_rows);

  bool in_array() const { return in_array_; }
  // Whether the places of flat rows are best looked up in the loop that uses them (WithPlaceOf).
  bool fused() const { return fused_; }
  // Whether the cells of components that are like flat rows are those that such rows have.
  bool shares_cells() const { return shares_cells_; }

  // Calls `fn` with each block of codes that the places of flat rows depend on.
  template <typename Fn>
  void ForEachCodes(const RowRange& rows, const Fn& fn) const {
    for (const Side& side : sides_) fn(CodesOf(rows, side));
  }

  // If fused(): calls `fn` with what makes the place of its cell of a flat row.
  template <typename Fn>
  void WithPlaceOf(const RowRange& rows, const Fn& fn) const {
    if (sides_.empty()) {
      fn(kernels::OneCell());
      return;
    }
    if (sides_[0].AddsStrides(rows.source)) {
      WithCodes(CodesOf(rows, sides_[0]), rows.first, [&](const auto* codes) {
        fn(kernels::ByCode{codes, sides_[0].stride});
      });
      return;
    }
    WithTable(rows, 0, [&](const auto& one) {
      if (sides_.size() == 1) {
        fn(one);
        return;
      }
      WithTable(rows, 1, [&](const auto& two) {
        if (sides_.size() == 2) {
          fn(kernels::Together{one, two});
          return;
        }
        WithTable(rows, 2, [&](const auto& three) {
          fn(kernels::Together{kernels::Together{one, two}, three});
        });
      });
    });
  }

  // The places of the cells of `n` of the rows.
  template <typename Sum, typename RowOf>
  void Place(const RowRange& rows, size_t n, const RowOf& row_of, CellsOf<Sum>* cells,
             uint32_t* places) const {
    if (!in_array_) {
      PlaceInTable(rows, n, row_of, cells, places);
      return;
    }
    if (sides_.empty()) std::fill_n(places, n, 0);
    for (const Side& side : sides_) {
      WithCodes(CodesOf(rows, side), rows.first, [&](const auto* codes) {
        const auto place = [&](const auto& place_of) {
          if (&side == sides_.data()) {
            kernels::Place<kernels::Placing::kSet>(n, row_of, place_of, places);
          } else {
            kernels::Place<kernels::Placing::kAdd>(n, row_of, place_of, places);
          }
        };
        if (side.AddsStrides(rows.source)) {
          place(kernels::ByCode{codes, side.stride});
        } else {
          place(kernels::ByTable{codes, TableOf(rows, side)});
        }
      });
    }
  }

  // Where sums are by date: whether the rows from `row` to `last` have the same one. All of a tree
  // counts at the date of its top.
  bool AreOfOneDate(const RowRange& rows, size_t row, size_t last) const {
    if (dates_ == nullptr) return true;
    const Codes::Block& codes = CodesOf(rows, *dates_);
    for (size_t r = row + 1; r < last; ++r) {
      if (codes[rows.first + r] != codes[rows.first + row]) return false;
    }
    return true;
  }

 private:
  // A side of the grid as what the codes of rows add to the place of a cell.
  struct Side {
    size_t number = 0;  // among those of the grid
    bool of_lanes = false;
    BaseId base = 0;
    bool is_identity = false;  // a code adds so many strides
    uint32_t stride = 0;
    std::vector<uint32_t> of_code;  // unless is_identity
    // Of flat rows: their classes, each of which adds so many strides.
    std::optional<Codes::View> classes;

    bool AddsStrides(Source source) const {
      // Rows of trees stand for all lanes of a row of the answer.
      if (of_lanes && IsOfTrees(source)) return false;
      return is_identity || (source == Source::kFlat && classes.has_value());
    }
  };

  static bool IsOfTrees(Source source) {
    return source == Source::kTrees || source == Source::kCubeTrees;
  }

  const Codes::Block& CodesOf(const RowRange& rows, const Side& side) const {
    if (side.of_lanes) return source_.LanesOf(rows);
    if (rows.source == Source::kFlat && side.classes.has_value()) {
      return side.classes->block(rows.block);
    }
    return source_.CodesOf(rows, side.base);
  }

  // Of a side that is looked up in a table.
  template <typename Fn>
  void WithTable(const RowRange& rows, size_t i, const Fn& fn) const {
    const Side& side = sides_[i];
    WithCodes(CodesOf(rows, side), rows.first, [&](const auto* codes) {
      fn(kernels::ByTable{codes, side.of_code.data()});
    });
  }

  const uint32_t* TableOf(const RowRange& rows, const Side& side) const {
    return side.of_lanes && IsOfTrees(rows.source) ? tree_lanes_.data() : side.of_code.data();
  }

  template <typename Sum, typename RowOf>
  void PlaceInTable(const RowRange& rows, size_t n, const RowOf& row_of, CellsOf<Sum>* cells,
                    uint32_t* places) const {
    std::array<Class, kMostSides> classes;
    for (size_t i = 0; i < n; ++i) {
      for (const Side& side : sides_) {
        const Code code = CodesOf(rows, side)[rows.first + row_of(i)];
        classes[side.number] = side.AddsStrides(rows.source) ? code : TableOf(rows, side)[code];
      }
      places[i] = cells->PlaceOf(classes.data());
    }
  }

  const RowSource& source_;
  const bool in_array_;
  std::vector<Side> sides_;
  const Side* dates_ = nullptr;       // one of sides_; null if sums are of all dates
  std::vector<uint32_t> tree_lanes_;  // as of_code of the side of lanes, for rows of trees
  bool shares_cells_ = false;
  bool fused_ = false;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CELL_PLACES_H_
