// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/cells.h"

#include <algorithm>

namespace entente::funding::query {
namespace {

// Up to so many cells are an array. Beyond that looking them up in a hash table misses the caches
// less.
constexpr uint64_t kMostInArray = uint64_t{1} << 22;

}  // namespace

bool IsArray(const Grid& grid, const Paths& paths) {
  return paths.cells != Paths::Cells::kTable && grid.cells().has_value() &&
         *grid.cells() <= kMostInArray;
}

Numbering::Numbering(const Grid& grid) : sides_(grid.sides().size()) {
  uint64_t product = uint64_t{1} << 32;  // the number of the sides before
  steps_.emplace_back();
  for (size_t side = 0; side < sides_; ++side) {
    const uint64_t classes = std::max<uint64_t>(1, grid.sides()[side].classes);
    if (product > (uint64_t{1} << 63) / classes) {
      product = uint64_t{1} << 32;
      steps_.emplace_back();
    }
    product *= classes;
    steps_.back().sides.emplace_back(side, classes);
  }
}

uint32_t Numbering::Of(const Class* classes) {
  uint64_t number = 0;
  for (Step& step : steps_) {
    uint64_t key = number;
    for (const auto& [side, count] : step.sides) key = key * count + classes[side];
    number =
        step.numbers.try_emplace(key, static_cast<uint32_t>(step.numbers.size())).first->second;
  }
  if (number == count_) {
    ++count_;
    classes_.insert(classes_.end(), classes, classes + sides_);
  }
  return static_cast<uint32_t>(number);
}

}  // namespace entente::funding::query
