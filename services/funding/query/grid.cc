// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/grid.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace entente::funding::query {
namespace {

// Gives codes that are alike in everything that `traits_of` says one class.
template <typename TraitsOf>
void MakeClasses(size_t codes, const TraitsOf& traits_of, Grid::Side* side) {
  absl::flat_hash_map<std::vector<uint32_t>, Class> classes;
  side->class_of.reserve(codes);
  for (Code code = 0; code < codes; ++code) {
    const auto [found, inserted] =
        classes.try_emplace(traits_of(code), static_cast<Class>(side->sample.size()));
    if (inserted) side->sample.push_back(code);
    side->class_of.push_back(found->second);
  }
  side->classes = side->sample.size();
}

}  // namespace

Grid::Grid(const std::vector<Axis>& axes, const Parcels& parcels, Kinds kinds, bool by_date)
    : axes_(axes) {
  const auto of_lanes = [&](size_t axis) { return parcels.columns()[axes[axis].base]->of_lanes; };
  sides_.emplace_back();
  sides_[0].of_lanes = true;
  if (by_date) {
    date_side_ = sides_.size();
    sides_.emplace_back();
    sides_.back().base = parcels.BaseOf("value_date");
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    auto side = std::find_if(sides_.begin(), sides_.end(), [&](const Side& s) {
      return of_lanes(i) ? s.of_lanes : !s.of_lanes && s.base == axes[i].base;
    });
    if (side == sides_.end()) {
      sides_.emplace_back();
      sides_.back().base = axes[i].base;
      side = sides_.end() - 1;
    }
    side->axes.push_back(i);
  }
  const auto traits_of = [&](const Side& side, Code code) {
    std::vector<uint32_t> traits;
    for (const size_t axis : side.axes) traits.push_back(axes[axis].CodeOf(code));
    return traits;
  };
  const auto& lanes = parcels.snapshot().lanes();
  absl::flat_hash_map<std::string, uint32_t> currencies;
  const auto row_of = [&](Code lane) {
    std::vector<uint32_t> traits = traits_of(sides_[0], lane);
    traits.push_back(
        currencies.try_emplace(lanes[lane].currency, static_cast<uint32_t>(currencies.size()))
            .first->second);
    if (kinds == Kinds::kInRowsOfTheirOwn) traits.push_back(lanes[lane].kind);
    return traits;
  };
  MakeClasses(
      lanes.size(),
      [&](Code lane) {
        std::vector<uint32_t> traits = row_of(lane);
        if (kinds == Kinds::kApart) traits.push_back(lanes[lane].kind);
        return traits;
      },
      &sides_[0]);
  // All other sides are told apart by the codes of their axes.
  std::set<std::vector<uint32_t>> different;
  for (const Code lane : sides_[0].sample) different.insert(traits_of(sides_[0], lane));
  row_for_each_ = !by_date && different.size() == sides_[0].sample.size();
  by_kind_ = exact_ = true;
  for (Code lane = 0; lane < lanes.size(); ++lane) {
    const Lane& sample = lanes[sides_[0].SampleOf(sides_[0].ClassOf(lane))];
    by_kind_ = by_kind_ && lanes[lane].kind == sample.kind;
    exact_ = exact_ && !lanes[lane].at_least;
  }
  absl::flat_hash_map<std::vector<uint32_t>, Class> rows;
  for (Code lane = 0; lane < lanes.size(); ++lane) {
    row_class_of_lane_.push_back(
        rows.try_emplace(row_of(lane), sides_[0].ClassOf(lane)).first->second);
  }
  for (size_t i = 1; i < sides_.size(); ++i) {
    Side& side = sides_[i];
    const size_t codes = parcels.columns()[side.base]->values.size();
    const bool itself = (date_side_.has_value() && *date_side_ == i) ||
                        (side.axes.size() == 1 && axes[side.axes[0]].scale->code_of.empty());
    if (itself) {
      side.classes = codes;
    } else if (side.axes.size() == 1) {
      side.class_of = axes[side.axes[0]].scale->code_of;
      side.classes = axes[side.axes[0]].size();
      side.sample.resize(side.classes);
      for (Code code = 0; code < codes; ++code) side.sample[side.class_of[code]] = code;
    } else {
      MakeClasses(
          codes, [&](Code code) { return traits_of(side, code); }, &side);
    }
  }
  cells_ = 1;
  for (const Side& side : sides_) {
    strides_.push_back(cells_.value_or(0));
    if (!cells_.has_value()) continue;
    if (side.classes > 0 && *cells_ > std::numeric_limits<uint64_t>::max() / side.classes) {
      cells_.reset();
    } else {
      *cells_ *= side.classes;
    }
  }
}

void Grid::CodesOf(const Class* classes, Code* codes) const {
  for (size_t i = 0; i < sides_.size(); ++i) {
    const Code sample = sides_[i].SampleOf(classes[i]);
    for (const size_t axis : sides_[i].axes) codes[axis] = axes_[axis].CodeOf(sample);
  }
}

}  // namespace entente::funding::query
