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

}  // namespace

CellPlaces::CellPlaces(const Grid& grid, const Parcels& parcels, const RowSource& source,
                       const Paths& paths)
    : source_(source), paths_(paths), in_array_(IsArray(grid, paths)) {
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
    if (!made.is_identity && !made.of_lanes) made.classes = ClassesOf(side, parcels);
    sides_.push_back(std::move(made));
  }
  for (const Side& made : sides_) {
    if (grid.date_side() == made.number) dates_ = &made;
  }
  plain_are_flat_ = grid.row_class_of_lane() == grid.sides()[0].class_of;
  // What is looked up in tables is fused with the adding; three of them, at most.
  fused_ = paths_.loops == Paths::Loops::kAny && in_array_ && sides_.size() <= 3 &&
           (sides_.size() <= 1 || std::none_of(sides_.begin(), sides_.end(), [](const Side& made) {
              return made.AddsStrides(Source::kFlat);
            }));
}

std::optional<Codes::View> CellPlaces::ClassesOf(const Grid::Side& side,
                                                 const Parcels& parcels) const {
  const bool wanted =
      paths_.classes == Paths::Classes::kAlways ||
      (paths_.classes == Paths::Classes::kAny && parcels.snapshot().flat_rows() >= kBlockRows);
  if (!wanted || side.classes > ClassCodes::kMostClasses) return std::nullopt;
  const Column& column = *parcels.columns()[side.base];
  const auto classes = column.derived->Of<ClassCodes>("classes")->Of(side.class_of, column.flat);
  if (classes.has_value() && paths_.taken != nullptr) ++paths_.taken->classes;
  return classes;
}

}  // namespace entente::funding::query
