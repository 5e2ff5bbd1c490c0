// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/cell_places.h"

#include "services/funding/query/class_codes.h"

namespace entente::funding::query {
namespace {

bool IsIdentity(const std::vector<Class>& class_of) {
  for (Code code = 0; code < class_of.size(); ++code) {
    if (class_of[code] != code) return false;
  }
  return true;
}

// The classes of flat rows on a side; none where they are not worth it.
std::optional<Codes::View> ClassesOf(const Grid::Side& side, const Column& column,
                                     const Resources& resources, size_t flat_rows) {
  const Paths& paths = resources.paths();
  const bool wanted = paths.classes == Paths::Classes::kAlways ||
                      (paths.classes == Paths::Classes::kAny && flat_rows >= kBlockRows);
  if (!wanted || side.of_lanes || side.classes > ClassCodes::kMostClasses) return std::nullopt;
  const auto classes = column.classes->Of(side.class_of, column.flat, resources);
  if (classes.has_value() && paths.taken != nullptr) ++paths.taken->classes;
  return classes;
}

}  // namespace

CellPlaces::CellPlaces(const Grid& grid, const Parcels& parcels, const RowSource& source,
                       const Resources& resources, size_t flat_rows)
    : source_(source), in_array_(IsArray(grid, resources.paths())) {
  for (size_t i = 0; i < grid.sides().size(); ++i) {
    const Grid::Side& side = grid.sides()[i];
    Side made;
    made.number = i;
    made.of_lanes = side.of_lanes;
    made.base = side.base;
    made.is_identity = IsIdentity(side.class_of);
    made.stride = in_array_ ? static_cast<uint32_t>(grid.stride(i)) : 1;
    for (const Class of : side.class_of) made.of_code.push_back(of * made.stride);
    if (side.of_lanes) {
      for (const Class of : grid.row_class_of_lane()) {
        tree_lanes_.push_back(of * made.stride);
      }
    }
    // A side of one class adds nothing.
    if (side.classes == 1 && in_array_) continue;
    if (!made.is_identity) {
      made.classes = ClassesOf(side, *parcels.columns()[side.base], resources, flat_rows);
    }
    sides_.push_back(std::move(made));
  }
  for (const Side& made : sides_) {
    if (grid.date_side() == made.number) dates_ = &made;
  }
  shares_cells_ = grid.row_class_of_lane() == grid.sides()[0].class_of;
  // What is looked up in tables is fused with the adding; three of them, at most.
  fused_ = resources.paths().loops == Paths::Loops::kAny && in_array_ && sides_.size() <= 3 &&
           (sides_.size() <= 1 || std::none_of(sides_.begin(), sides_.end(), [](const Side& made) {
              return made.AddsStrides(Source::kFlat);
            }));
}

}  // namespace entente::funding::query
