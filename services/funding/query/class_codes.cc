// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/class_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace entente::funding::query {

ClassCodes::Kept& ClassCodes::KeptFor(const std::vector<uint32_t>& class_of) {
  // Dictionaries grow at their ends, and where one says less than the other, no row that it has met
  // is of what it does not say. What the catalogue says of a value may change, a place's region for
  // one: then this is another way.
  const auto says_the_same = [&](const std::unique_ptr<Kept>& kept) {
    const size_t both = std::min(kept->class_of.size(), class_of.size());
    return std::equal(class_of.begin(), class_of.begin() + static_cast<std::ptrdiff_t>(both),
                      kept->class_of.begin());
  };
  const auto found = std::find_if(kept_.begin(), kept_.end(), says_the_same);
  if (found != kept_.end()) {
    std::rotate(found, found + 1, kept_.end());
  } else {
    if (kept_.size() == kMostKept) kept_.erase(kept_.begin());
    kept_.push_back(std::make_unique<Kept>());
  }
  Kept& kept = *kept_.back();
  if (kept.class_of.size() < class_of.size()) kept.class_of = class_of;
  return kept;
}

std::optional<Codes::View> ClassCodes::Of(const std::vector<uint32_t>& class_of,
                                          const Codes::View& codes, const Resources& resources) {
  const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return std::nullopt;
  Codes& classes = KeptFor(class_of).classes;
  const size_t missing = codes.size() - std::min(codes.size(), classes.size());
  if (!resources.Spare(missing)) return std::nullopt;
  std::array<uint8_t, kChunk> made;
  while (classes.size() < codes.size() && resources.Check().ok()) {
    const size_t row = classes.size();
    const size_t first = row % kBlockRows;
    const size_t n = std::min({kChunk, codes.size() - row, kBlockRows - first});
    WithCodes(codes.block(row / kBlockRows), first, [&](const auto* of_rows) {
      for (size_t i = 0; i < n; ++i) made[i] = static_cast<uint8_t>(class_of[of_rows[i]]);
    });
    classes.Append(made.data(), n);
  }
  // They belong to the column.
  resources.GiveBack(missing);
  if (classes.size() < codes.size()) return std::nullopt;
  return classes.ViewOf(codes.size());
}

}  // namespace entente::funding::query
