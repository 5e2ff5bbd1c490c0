// SPDX-License-Identifier: Apache-2.0
//
// The cells of a grid, as a scan adds money up in them. Each worker has its own, and in the end one
// takes in those of the others.
//
// A cell is found by its place: in an array, what the sides of the grid add up to; in a table,
// where there are too many for an array, its number in the order in which cells were met.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CELLS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CELLS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/funding/query/grid.h"
#include "services/funding/query/kernels.h"
#include "services/funding/query/paths.h"
#include "services/funding/query/resources.h"
#include "services/funding/query/scan.h"

namespace entente::funding::query {

// Whether the cells of a grid are an array.
bool IsArray(const Grid& grid, const Paths& paths);

// Gives combinations of classes numbers, one after the other. As many sides at once as 64 bits can
// say; what comes out is combined with the next ones.
class Numbering {
 public:
  explicit Numbering(const Grid& grid);

  uint32_t Of(const Class* classes);
  size_t size() const { return count_; }
  const Class* ClassesOf(size_t number) const { return &classes_[number * sides_]; }
  size_t bytes_each() const { return 64 + sides_ * sizeof(Class); }

 private:
  struct Step {
    std::vector<std::pair<size_t, uint64_t>> sides;  // and how many classes they have
    absl::flat_hash_map<uint64_t, uint32_t> numbers;
  };

  const size_t sides_;
  std::vector<Step> steps_;
  size_t count_ = 0;
  std::vector<Class> classes_;  // by number
};

// The sums of those cells that trees are in: few, mostly. `Sum` as that of Cell.
template <typename Sum>
class BoundedCells {
 public:
  class Cell {
   public:
    explicit Cell(uint32_t place) : place_(place) {}

    void Add(const SmallSum& sum, uint32_t kinds) {
      AddNumbers(sum);
      ++claims_;
      bits_ |= kinds | BitsOf(sum);
    }
    void Add(const BoundedSum& sum, uint32_t kinds) {
      AddNumbers(sum);
      claims_ += sum.claims;
      bits_ |= kinds | BitsOf(sum);
    }
    void Add(const Cell& other) {
      low_ += other.low_;
      high_ += other.high_;
      stated_ += other.stated_;
      excess_ += other.excess_;
      claims_ += other.claims_;
      bits_ |= other.bits_;
    }

    uint32_t place() const { return place_; }
    uint32_t kinds() const { return bits_ % kUnboundedBit; }
    BoundedSum sum() const {
      return {low_,
              high_,
              stated_,
              excess_,
              claims_,
              (bits_ & kLowOpenBit) != 0,
              (bits_ & kHighOpenBit) != 0,
              (bits_ & kUnboundedBit) != 0};
    }

   private:
    static constexpr uint32_t kLowOpenBit = kUnboundedBit << 1;
    static constexpr uint32_t kHighOpenBit = kUnboundedBit << 2;

    template <typename SumOf>
    static uint32_t BitsOf(const SumOf& sum) {
      return (sum.unbounded ? kUnboundedBit : 0) | (sum.low_open ? kLowOpenBit : 0) |
             (sum.high_open ? kHighOpenBit : 0);
    }
    template <typename SumOf>
    void AddNumbers(const SumOf& sum) {
      low_ += static_cast<Sum>(sum.low);
      high_ += static_cast<Sum>(sum.high);
      stated_ += static_cast<Sum>(sum.stated);
      excess_ += static_cast<Sum>(sum.excess);
    }

    uint32_t place_;
    uint32_t bits_ = 0;
    Sum low_ = 0;
    Sum high_ = 0;
    Sum stated_ = 0;
    Sum excess_ = 0;
    int64_t claims_ = 0;
  };

  // The number of the cell at `place`, which is less than `places`.
  uint32_t NumberOf(uint32_t place, size_t places) {
    if (place >= numbers_.size()) numbers_.resize(places, kNone);
    uint32_t& number = numbers_[place];
    if (number == kNone) {
      number = static_cast<uint32_t>(cells_.size());
      cells_.emplace_back(place);
    }
    return number;
  }
  Cell& operator[](uint32_t number) { return cells_[number]; }
  // By their numbers.
  const std::vector<Cell>& cells() const { return cells_; }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  std::vector<uint32_t> numbers_;  // by place
  std::vector<Cell> cells_;
};

// What a scan has added up, whatever the width of its sums.
class ScanCells {
 public:
  virtual ~ScanCells() = default;
  // Of the cells at the places from `begin` to `end`.
  virtual void ForEachCell(size_t begin, size_t end, Scan::CellFn fn) const = 0;
  virtual void ForEachBounded(Scan::BoundedFn fn) const = 0;
  virtual void ForEachSplitSum(Scan::BoundedFn fn) const = 0;
  virtual size_t places() const = 0;
  virtual size_t used(size_t begin, size_t end) const = 0;

  const std::vector<Scan::Split>& splits() const { return splits_; }

 protected:
  std::vector<Scan::Split> splits_;
};

template <typename Sum>
class CellsOf final : public ScanCells {
 public:
  CellsOf(const Grid& grid, const Paths& paths, bool extremes)
      : grid_(grid), in_array_(IsArray(grid, paths)), has_extremes_(extremes), numbering_(grid) {
    if (!in_array_) return;
    cells_.resize(*grid.cells());
    if (extremes) extremes_.resize(*grid.cells());
  }

  static size_t BytesOf(const Grid& grid, const Paths& paths, bool extremes) {
    if (!IsArray(grid, paths)) return 0;
    return *grid.cells() * (sizeof(Cell<Sum>) + (extremes ? sizeof(Extremes) : 0));
  }
  // Of each cell that is not in an array.
  size_t bytes_each() const {
    return numbering_.bytes_each() + sizeof(Cell<Sum>) + (has_extremes_ ? sizeof(Extremes) : 0);
  }

  size_t count() const { return cells_.size(); }
  Cell<Sum>* cells() { return cells_.data(); }
  Extremes* extremes() { return has_extremes_ ? extremes_.data() : nullptr; }

  // The place of the cell with these classes in a table, made if there was none.
  uint32_t PlaceOf(const Class* classes) {
    const uint32_t place = numbering_.Of(classes);
    if (place == cells_.size()) {
      cells_.emplace_back();
      if (has_extremes_) extremes_.emplace_back();
    }
    return place;
  }

  // A claim with all of its parts, whose kinds are `kinds`, that is like an amount of a flat row.
  void AddLikeFlat(uint32_t place, const SmallSum& sum, uint32_t kinds) {
    cells_[place].Count(sum.stated, KindTag::Of(kinds | (sum.unbounded ? kUnboundedBit : 0)));
  }
  // Any other, or several in the same cell.
  template <typename BoundedOf>
  void AddBounded(uint32_t place, const BoundedOf& sum, uint32_t kinds) {
    Add(place, sum, kinds, &bounded_);
  }
  // An atom that is the only one of its tree in the cell.
  void AddSplit(uint32_t place, const SmallSum& sum, uint32_t kinds, Atom atom) {
    splits_.push_back({Add(place, sum, kinds, &split_sums_), atom});
  }

  void Merge(const CellsOf& other, const Resources& resources) {
    MergeFlat(other, resources);
    const auto take = [&](const BoundedCells<Sum>& from, BoundedCells<Sum>* into) {
      std::vector<uint32_t> numbers;
      numbers.reserve(from.cells().size());
      for (const auto& cell : from.cells()) {
        const uint32_t place = PlaceIn(other, cell.place());
        numbers.push_back(into->NumberOf(place, Places(place)));
        (*into)[numbers.back()].Add(cell);
      }
      return numbers;
    };
    take(other.bounded_, &bounded_);
    const std::vector<uint32_t> numbers = take(other.split_sums_, &split_sums_);
    splits_.reserve(splits_.size() + other.splits_.size());
    for (const Scan::Split& split : other.splits_) {
      splits_.push_back({numbers[split.sum], split.atom});
    }
  }

  void NoteMerge(const CellsOf& other, Taken* taken) const {
    if (used(0, count()) > 0 && other.used(0, other.count()) > 0) ++taken->merged;
    if (!bounded_.cells().empty() && !other.bounded_.cells().empty()) ++taken->merged_bounded;
  }

  void ForEachCell(size_t begin, size_t end, Scan::CellFn fn) const override {
    // Classes are counted on from one cell to the next: dividing takes longer than all the rest.
    std::array<Class, kMostSides> classes = {};
    const size_t sides = grid_.sides().size();
    // Of no claims there may be no classes either.
    if (in_array_ && begin < end) ClassesAt(begin, classes.data());
    for (size_t i = begin; i < end; ++i) {
      if (const Cell<Sum>& cell = cells_[i]; cell.claims() > 0) {
        const uint32_t bits = cell.kinds();
        fn(in_array_ ? classes.data() : numbering_.ClassesOf(i),
           {cell.sum(), cell.claims(), (bits & kUnboundedBit) != 0},
           has_extremes_ ? extremes_[i] : Extremes(), bits & ~kUnboundedBit);
      }
      for (size_t side = 0; in_array_ && side < sides; ++side) {
        if (++classes[side] < grid_.sides()[side].classes) break;
        classes[side] = 0;
      }
    }
  }
  void ForEachBounded(Scan::BoundedFn fn) const override { ForEach(bounded_, fn); }
  void ForEachSplitSum(Scan::BoundedFn fn) const override { ForEach(split_sums_, fn); }

  size_t places() const override { return count(); }
  size_t used(size_t begin, size_t end) const override {
    size_t used = 0;
    for (size_t i = begin; i < end; ++i) used += cells_[i].claims() > 0 ? 1 : 0;
    return used;
  }

 private:
  template <typename BoundedOf>
  uint32_t Add(uint32_t place, const BoundedOf& sum, uint32_t kinds, BoundedCells<Sum>* into) {
    const uint32_t number = into->NumberOf(place, Places(place));
    (*into)[number].Add(sum, kinds);
    return number;
  }

  // For how many places room is to be made at once.
  size_t Places(uint32_t place) const {
    return in_array_ ? count() : 2 * static_cast<size_t>(place) + 1;
  }

  // The place here of a cell of `other`.
  uint32_t PlaceIn(const CellsOf& other, size_t place) {
    return in_array_ ? static_cast<uint32_t>(place) : PlaceOf(other.numbering_.ClassesOf(place));
  }

  void MergeFlat(const CellsOf& other, const Resources& resources) {
    const auto take = [&](uint32_t place, size_t i) {
      cells_[place].Add(other.cells_[i]);
      if (has_extremes_) extremes_[place].Add(other.extremes_[i]);
    };
    if (!in_array_) {
      for (size_t i = 0; i < other.count(); ++i) {
        if (other.cells_[i].claims() > 0) take(PlaceIn(other, i), i);
      }
      return;
    }
    constexpr size_t kAtOnce = size_t{1} << 14;
    resources.ForEach((count() + kAtOnce - 1) / kAtOnce, [&](size_t, size_t part) {
      const size_t end = std::min(count(), (part + 1) * kAtOnce);
      for (size_t i = part * kAtOnce; i < end; ++i) take(static_cast<uint32_t>(i), i);
    });
  }

  void ForEach(const BoundedCells<Sum>& cells, Scan::BoundedFn fn) const {
    std::array<Class, kMostSides> classes;
    for (const auto& cell : cells.cells()) {
      if (in_array_) ClassesAt(cell.place(), classes.data());
      fn(in_array_ ? classes.data() : numbering_.ClassesOf(cell.place()), cell.sum(), cell.kinds());
    }
  }

  // Of a place in an array.
  void ClassesAt(uint64_t place, Class* classes) const {
    for (size_t side = 0; side < grid_.sides().size(); ++side) {
      const uint64_t count = grid_.sides()[side].classes;
      classes[side] = static_cast<Class>(place % count);
      place /= count;
    }
  }

  const Grid& grid_;
  const bool in_array_;
  const bool has_extremes_;
  Numbering numbering_;  // unless in_array_
  std::vector<Cell<Sum>> cells_;
  std::vector<Extremes> extremes_;
  BoundedCells<Sum> bounded_;
  BoundedCells<Sum> split_sums_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CELLS_H_
