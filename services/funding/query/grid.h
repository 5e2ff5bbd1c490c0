// SPDX-License-Identifier: Apache-2.0
//
// The cells that money is added up in: one for each combination of the values of the axes, of
// currencies and, where sums are converted, of dates.
//
// An atom's cell follows from its codes. All that is asked of the codes of one base, or of the
// lane, makes them into classes, which are a *side* of the grid; a cell is a class on each side.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_GRID_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_GRID_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "services/funding/query/axis.h"
#include "services/funding/query/blocks.h"
#include "services/funding/query/parcels.h"

namespace entente::funding::query {

// A class of codes, by its place on a side of a grid.
using Class = uint32_t;

// A grid has fewer: one for each field that a query groups by, and two.
inline constexpr size_t kMostSides = 64;

// Immutable. Thread-safe.
class Grid {
 public:
  struct Side {
    bool of_lanes = false;
    BaseId base = 0;              // unless of_lanes
    std::vector<size_t> axes;     // that are of it
    std::vector<Class> class_of;  // by code; empty if each code is a class
    std::vector<Code> sample;     // by class: a code that is of it; likewise
    size_t classes = 0;

    Class ClassOf(Code code) const { return class_of.empty() ? code : class_of[code]; }
    Code SampleOf(Class of) const { return sample.empty() ? of : sample[of]; }
  };

  // Money of different kinds: in the same cell; in different cells, which may be of one row; or in
  // different rows.
  enum class Kinds { kTogether, kApart, kInRowsOfTheirOwn };

  // `by_date`: what has different value dates is in different cells; "value_date" must be a base
  // then. `axes` and `parcels` must outlive it.
  Grid(const std::vector<Axis>& axes, const Parcels& parcels, Kinds kinds, bool by_date);

  // Whether different cells are of different rows.
  bool has_a_row_for_each() const { return row_for_each_; }
  // Whether what is in one cell is of one kind: that of its lane.
  bool by_kind() const { return by_kind_; }
  // Whether all amounts are exact as well, so that the place of a cell says all but its sum.
  bool places_say_all() const { return by_kind_ && exact_; }
  // The first is that of the lanes.
  const std::vector<Side>& sides() const { return sides_; }
  // How many cells there are; none if 64 bits cannot say.
  std::optional<uint64_t> cells() const { return cells_; }
  // With the cells numbered so that those that differ by one class of a side are as far apart.
  uint64_t stride(size_t side) const { return strides_[side]; }
  // The side of value dates, if sums are by date.
  std::optional<size_t> date_side() const { return date_side_; }
  // By lane: the class that stands for all those of the first side that are of the same row and
  // currency.
  const std::vector<Class>& row_class_of_lane() const { return row_class_of_lane_; }

  // Of the classes of a cell, by side: the code of each axis.
  void CodesOf(const Class* classes, Code* codes) const;
  // And the lane, or one of the same currency (and kind, with `by_kind`); and the value date's
  // code.
  Code LaneOf(const Class* classes) const { return sides_[0].SampleOf(classes[0]); }
  Code DateOf(const Class* classes) const {
    return sides_[*date_side_].SampleOf(classes[*date_side_]);
  }

 private:
  const std::vector<Axis>& axes_;
  bool row_for_each_ = false;
  bool by_kind_ = false;
  bool exact_ = false;
  std::vector<Side> sides_;
  std::vector<Class> row_class_of_lane_;
  std::optional<size_t> date_side_;  // with `by_date`
  std::vector<uint64_t> strides_;
  std::optional<uint64_t> cells_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_GRID_H_
