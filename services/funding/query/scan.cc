// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/scan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "common/status/macros.h"

namespace entente::funding::query {

void BoundedSum::Add(const SmallSum& sum) {
  low += sum.low;
  high += sum.high;
  stated += sum.stated;
  excess += sum.excess;
  ++claims;
  low_open = low_open || sum.low_open;
  high_open = high_open || sum.high_open;
  unbounded = unbounded || sum.unbounded;
}

void BoundedSum::Add(const BoundedSum& other) {
  low += other.low;
  high += other.high;
  stated += other.stated;
  excess += other.excess;
  claims += other.claims;
  low_open = low_open || other.low_open;
  high_open = high_open || other.high_open;
  unbounded = unbounded || other.unbounded;
}

KindIndex::KindIndex(const Snapshot& snapshot) {
  for (size_t lane = 0; lane < snapshot.lanes().size(); ++lane) {
    kinds.push_back(snapshot.lanes()[lane].kind);
  }
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  for (size_t lane = 0; lane < snapshot.lanes().size(); ++lane) {
    const auto found = std::lower_bound(kinds.begin(), kinds.end(), snapshot.lanes()[lane].kind);
    of_lane.push_back(static_cast<uint32_t>(found - kinds.begin()));
  }
}

namespace {

// Rows that are taken at once: what is made of them stays in the first cache.
constexpr size_t kChunk = 2048;
// Up to so many cells are an array. Beyond that looking them up in a hash table misses the caches
// less.
constexpr uint64_t kMostInArray = uint64_t{1} << 22;
// Up to so many cells there are several arrays, so that rows of one cell that follow each other do
// not wait for each other.
constexpr uint64_t kFewCells = 4096;
// Places of what is in no cell, in turn, for the same reason.
constexpr size_t kNowhere = 16;
// Rows of which more than one in so many is wanted are all looked at.
constexpr size_t kMany = 2;
constexpr size_t kCopies = 4;

// Whether the cells are an array, and in how many copies.
bool IsArray(const Grid& grid, const Paths& paths) {
  return paths.cells != Paths::Cells::kTable && grid.cells().has_value() &&
         *grid.cells() <= kMostInArray;
}
size_t CopiesOf(const Grid& grid, const Paths& paths) {
  return IsArray(grid, paths) && *grid.cells() <= kFewCells &&
                 paths.cells != Paths::Cells::kOneArray
             ? kCopies
             : 1;
}

// The sum of a cell and how many claims are in it. `Sum` is 64 bits wide where these are sure to be
// enough, else 128.
template <typename Sum>
struct Cell {
  Sum sum = 0;
  int64_t claims = 0;

  void Count(int64_t amount) {
    sum += amount;
    ++claims;
  }
  void Add(const Cell& other) {
    sum += other.sum;
    claims += other.claims;
  }
};
// Both numbers at once.
template <>
struct Cell<int64_t> {
  using Both [[gnu::vector_size(16)]] = int64_t;
  union {
    Both both = {0, 0};
    struct {
      int64_t sum;
      int64_t claims;
    };
  };

  void Count(int64_t amount) { both += Both{amount, 1}; }
  void Add(const Cell& other) { both += other.both; }
};

struct BoundedCell {
  BoundedSum sum;
  uint32_t kinds = 0;
};

// Gives combinations of classes numbers, one after the other. As many sides at once as 64 bits can
// say; what comes out is combined with the next ones.
class Numbering {
 public:
  explicit Numbering(const Grid& grid) : sides_(grid.sides().size()) {
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

  uint32_t Of(const Class* classes) {
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

// What a leaf of the filter asks of each row: a table by code or, where few codes hold and nothing
// else could, these codes.
struct Leaf {
  BaseId base = 0;
  const std::vector<Bits>* of_code = nullptr;
  std::vector<Code> holding;
  bool is_few = false;
};
constexpr size_t kFewCodes = 6;

template <typename T>
void LookUp(const T* codes, size_t n, const Bits* of_code, Bits* bits) {
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) bits[i] = of_code[codes[i]];
}

// As LookUp, where `holding` holds, which is not empty, and everything else fails.
template <typename T>
void Compare(const T* codes, size_t n, const std::vector<Code>& holding, Bits* bits) {
  // A code that T cannot say is in no row; repeating another does no harm.
  std::array<T, kFewCodes> wanted;
  size_t count = 0;
  for (const Code code : holding) {
    if (static_cast<T>(code) == code) wanted[count++] = static_cast<T>(code);
  }
  if (count == 0) {
    std::memset(bits, kCouldFail, n);
    return;
  }
  constexpr Bits kYes = kHolds | kCouldHold;
  if (count == 1) {
    const T one = wanted[0];
    for (size_t i = 0; i < n; ++i) bits[i] = codes[i] == one ? kYes : kCouldFail;
    return;
  }
  for (size_t i = count; i < kFewCodes; ++i) wanted[i] = wanted[0];
  const T w0 = wanted[0], w1 = wanted[1], w2 = wanted[2], w3 = wanted[3], w4 = wanted[4],
          w5 = wanted[5];
  static_assert(kFewCodes == 6);
  for (size_t i = 0; i < n; ++i) {
    const T code = codes[i];
    const bool is_one =
        (code == w0) | (code == w1) | (code == w2) | (code == w3) | (code == w4) | (code == w5);
    bits[i] = is_one ? kYes : kCouldFail;
  }
}

// Of a number, the positions of its bits.
struct Positions {
  std::array<std::array<uint16_t, 8>, 256> of = {};

  static const Positions& Get() {
    static const auto* const positions = [] {
      auto* made = new Positions();
      for (size_t number = 0; number < 256; ++number) {
        size_t count = 0;
        for (uint16_t bit = 0; bit < 8; ++bit) {
          if ((number >> bit & 1) != 0) made->of[number][count++] = bit;
        }
      }
      return made;
    }();
    return *positions;
  }
};

// Calls `fn` with the codes from row `first` of a block on, as what they are.
template <typename Fn>
void WithCodes(const Codes::Block& block, size_t first, const Fn& fn) {
  if (block.width == 1) {
    fn(block.bytes.get() + first);
  } else if (block.width == 2) {
    fn(reinterpret_cast<const uint16_t*>(block.bytes.get()) + first);
  } else {
    fn(reinterpret_cast<const uint32_t*>(block.bytes.get()) + first);
  }
}

}  // namespace

// What one worker, or in the end all of them, has added up.
class ScanCells {
 public:
  virtual ~ScanCells() = default;
  virtual void ForEachCell(Scan::CellFn fn) const = 0;
  virtual void ForEachBounded(Scan::BoundedFn fn) const = 0;
  virtual void ForEachSplit(Scan::SplitFn fn) const = 0;
  virtual size_t used() const = 0;
};

namespace {

// The classes of the number of a cell.
void ClassesOf(const Grid& grid, uint64_t cell, Class* classes) {
  for (size_t side = 0; side < grid.sides().size(); ++side) {
    const uint64_t count = grid.sides()[side].classes;
    classes[side] = static_cast<Class>(cell % count);
    cell /= count;
  }
}

template <typename Sum>
class CellsOf final : public ScanCells {
 public:
  CellsOf(const Grid& grid, const Paths& paths, bool extremes, bool kinds)
      : grid_(grid),
        in_array_(IsArray(grid, paths)),
        copies_(CopiesOf(grid, paths)),
        has_extremes_(extremes),
        has_kinds_(kinds),
        numbering_(grid) {
    if (in_array_) {
      cells_.resize(apart() * copies_);
      if (extremes) extremes_.resize(apart());
      if (kinds) kinds_.resize(apart());
    }
  }

  static size_t BytesOf(const Grid& grid, const Paths& paths, bool extremes) {
    if (!IsArray(grid, paths)) return 0;
    return (*grid.cells() + kNowhere) *
           (sizeof(Cell<Sum>) + sizeof(uint32_t) + (extremes ? sizeof(Extremes) : 0));
  }

  bool in_array() const { return in_array_; }
  size_t copies() const { return copies_; }
  size_t count() const { return in_array_ ? *grid_.cells() : numbering_.size(); }
  // In an array, some more places: of what is in no cell. And how far apart copies are.
  uint32_t nowhere() const { return static_cast<uint32_t>(count()); }
  size_t apart() const { return count() + kNowhere; }
  Cell<Sum>* cells() { return cells_.data(); }
  Extremes* extremes() { return has_extremes_ ? extremes_.data() : nullptr; }
  uint32_t* kinds() { return has_kinds_ ? kinds_.data() : nullptr; }

  // The place of the cell with these classes.
  uint32_t PlaceOf(const Class* classes) {
    if (in_array_) {
      uint64_t place = 0;
      for (size_t side = 0; side < grid_.sides().size(); ++side) {
        place += classes[side] * grid_.stride(side);
      }
      return static_cast<uint32_t>(place);
    }
    const uint32_t place = numbering_.Of(classes);
    if (place == cells_.size()) {
      cells_.emplace_back();
      if (has_extremes_) extremes_.emplace_back();
      if (has_kinds_) kinds_.emplace_back();
    }
    return place;
  }
  size_t bytes_each() const {
    return numbering_.bytes_each() + sizeof(Cell<Sum>) + sizeof(uint32_t) +
           (has_extremes_ ? sizeof(Extremes) : 0);
  }

  BoundedCell* BoundedAt(uint32_t place) {
    if (place >= bounded_places_.size()) {
      bounded_places_.resize(in_array_ ? *grid_.cells() : std::max<size_t>(place + 1, 2 * place),
                             kNoPlace);
    }
    uint32_t& bounded = bounded_places_[place];
    if (bounded == kNoPlace) {
      bounded = static_cast<uint32_t>(bounded_.size());
      bounded_.emplace_back(place, BoundedCell());
    }
    return &bounded_[bounded].second;
  }

  // An atom that has the cell at `place` to itself, of its component.
  void Split(uint32_t place, Atom atom) { split_.emplace_back(place, atom); }

  // Several copies of an array become one.
  void Fold() {
    const size_t cells = count();
    for (size_t copy = 1; copy < copies_; ++copy) {
      for (size_t i = 0; i < cells; ++i) cells_[i].Add(cells_[copy * apart() + i]);
    }
  }

  // Both folded.
  void Merge(const CellsOf& other) {
    std::array<Class, 64> classes;
    const auto place_of = [&](size_t place) {
      if (in_array_) return static_cast<uint32_t>(place);
      std::copy_n(other.numbering_.ClassesOf(place), grid_.sides().size(), classes.data());
      return PlaceOf(classes.data());
    };
    for (size_t i = 0; i < other.count(); ++i) {
      if (other.cells_[i].claims == 0) continue;
      const uint32_t place = place_of(i);
      cells_[place].Add(other.cells_[i]);
      if (has_extremes_) extremes_[place].Add(other.extremes_[i]);
      if (has_kinds_) kinds_[place] |= other.kinds_[i];
    }
    for (const auto& [place, cell] : other.bounded_) {
      BoundedCell* into = BoundedAt(place_of(place));
      into->sum.Add(cell.sum);
      into->kinds |= cell.kinds;
    }
    for (const auto& [place, atom] : other.split_) split_.emplace_back(place_of(place), atom);
  }

  void NoteMerge(const CellsOf& other, Taken* taken) const {
    if (used() > 0 && other.used() > 0) ++taken->merged;
    if (!bounded_.empty() && !other.bounded_.empty()) ++taken->merged_bounded;
  }

  void ForEachCell(Scan::CellFn fn) const override {
    // Classes are counted on from one cell to the next: dividing takes longer than all the rest.
    std::array<Class, 64> classes = {};
    const size_t sides = grid_.sides().size();
    for (size_t i = 0; i < count(); ++i) {
      if (cells_[i].claims > 0) {
        fn(in_array_ ? classes.data() : numbering_.ClassesOf(i), {cells_[i].sum, cells_[i].claims},
           has_extremes_ ? extremes_[i] : Extremes(), has_kinds_ ? kinds_[i] : 0);
      }
      for (size_t side = 0; in_array_ && side < sides; ++side) {
        if (++classes[side] < grid_.sides()[side].classes) break;
        classes[side] = 0;
      }
    }
  }

  void ForEachBounded(Scan::BoundedFn fn) const override {
    std::array<Class, 64> classes;
    for (const auto& [place, cell] : bounded_) {
      fn(Classes(place, classes.data()), cell.sum, cell.kinds);
    }
  }

  size_t used() const override {
    size_t used = 0;
    for (size_t i = 0; i < count(); ++i) used += cells_[i].claims > 0 ? 1 : 0;
    return used;
  }

  void ForEachSplit(Scan::SplitFn fn) const override {
    std::array<Class, 64> classes;
    for (const auto& [place, atom] : split_) fn(Classes(place, classes.data()), atom);
  }

 private:
  static constexpr uint32_t kNoPlace = std::numeric_limits<uint32_t>::max();

  const Class* Classes(size_t place, Class* room) const {
    if (!in_array_) return numbering_.ClassesOf(place);
    ClassesOf(grid_, place, room);
    return room;
  }

  const Grid& grid_;
  const bool in_array_;
  const size_t copies_;
  const bool has_extremes_;
  const bool has_kinds_;
  Numbering numbering_;  // unless in_array_
  std::vector<Cell<Sum>> cells_;
  std::vector<Extremes> extremes_;
  std::vector<uint32_t> kinds_;
  std::vector<uint32_t> bounded_places_;  // by place, in bounded_
  std::vector<std::pair<uint32_t, BoundedCell>> bounded_;
  std::vector<std::pair<uint32_t, Atom>> split_;
};

// Which class each code has, as what it adds to the place of a cell.
struct SideTable {
  bool of_lanes = false;
  BaseId base = 0;
  bool is_identity = false;
  uint32_t stride = 0;
  std::vector<uint32_t> of_code;  // times the stride; unless is_identity
};

// The rows of a block that a column, a lane and so on is read of.
struct BlockOf {
  bool flat = true;
  size_t index = 0;
  size_t rows = 0;
  const uint64_t* ended = nullptr;
};

}  // namespace

class Scanning {
 public:
  explicit Scanning(const ScanInput& input)
      : input_(input),
        snapshot_(input.parcels.snapshot()),
        paths_(input.resources.paths()),
        kind_index_(snapshot_),
        in_array_(IsArray(input.grid, paths_)) {
    for (uint32_t place : kind_index_.of_lane) {
      kind_bits_.push_back(place < KindIndex::kMost ? uint32_t{1} << place : 0);
    }
    if (paths_.components_at_once > 0) at_once_ = paths_.components_at_once;
    MakeTables();
    if (input.selection.filter().has_value()) MakeLeaves(*input.selection.filter());
    for (const Atom atom : input.flat_elsewhere) flat_elsewhere_.push_back(RowOf(atom));
    std::sort(flat_elsewhere_.begin(), flat_elsewhere_.end());
    // Codes of 64 bits are enough if all magnitudes together are.
    absl::int128 most = 0;
    for (size_t block = 0; block * kBlockRows < snapshot_.flat_rows(); ++block) {
      most += absl::int128(snapshot_.most_units(block)) * kBlockRows;
    }
    narrow_ = paths_.sums != Paths::Sums::kWide && most <= std::numeric_limits<int64_t>::max();
  }

  absl::StatusOr<Scan> Run() { return narrow_ ? RunAs<int64_t>() : RunAs<__int128>(); }

 private:
  template <typename Sum>
  struct Worker {
    explicit Worker(std::shared_ptr<CellsOf<Sum>> own) : cells(std::move(own)) {}

    std::shared_ptr<CellsOf<Sum>> cells;
    std::vector<std::array<Bits, kChunk>> bits;  // by depth in the filter
    std::array<uint16_t, kChunk + 8> selected;   // and what Collect writes beyond them
    std::array<uint32_t, kChunk> places;
    std::array<uint32_t, kChunk> kinds;
    std::vector<uint32_t> components;
    size_t charged = 0;  // cells of a hash table
    bool any_could = false;
  };

  template <typename Sum>
  absl::StatusOr<Scan> RunAs() {
    const Resources& resources = input_.resources;
    const size_t workers = resources.workers();
    RETURN_IF_ERROR(resources.Check());
    RETURN_IF_ERROR(
        resources.Charge(CellsOf<Sum>::BytesOf(input_.grid, paths_, input_.extremes) * workers));
    // Made where they are used: whose are the pages is decided by who writes first.
    std::vector<std::unique_ptr<Worker<Sum>>> all(workers);
    const size_t flat_blocks = (snapshot_.flat_rows() + kBlockRows - 1) / kBlockRows;
    const size_t tree_pieces = (snapshot_.components() + at_once_ - 1) / at_once_;
    resources.ForEach(flat_blocks + tree_pieces, [&](size_t worker, size_t i) {
      if (all[worker] == nullptr) {
        all[worker] = std::make_unique<Worker<Sum>>(std::make_shared<CellsOf<Sum>>(
            input_.grid, paths_, input_.extremes, !input_.grid.by_kind()));
        all[worker]->bits.resize(filter_depth_);
      }
      if (!resources.Check().ok()) return;
      if (i < flat_blocks) {
        ScanFlat(i, all[worker].get());
      } else {
        ScanComponents((i - flat_blocks) * at_once_, all[worker].get());
      }
      ChargeCells(all[worker].get());
    });
    RETURN_IF_ERROR(resources.Check());
    Scan scan;
    std::shared_ptr<CellsOf<Sum>> sum;
    for (auto& worker : all) {
      if (worker == nullptr) continue;
      worker->cells->Fold();
      if (sum == nullptr) {
        sum = std::move(worker->cells);
      } else {
        if (paths_.taken != nullptr) sum->NoteMerge(*worker->cells, paths_.taken);
        sum->Merge(*worker->cells);
      }
      scan.any_could_ = scan.any_could_ || worker->any_could;
      scan.components_.insert(scan.components_.end(), worker->components.begin(),
                              worker->components.end());
    }
    if (sum == nullptr) {
      sum = std::make_shared<CellsOf<Sum>>(input_.grid, paths_, input_.extremes,
                                           !input_.grid.by_kind());
    }
    if (paths_.taken != nullptr) Note(*sum, paths_.taken);
    scan.cells_ = std::move(sum);
    std::sort(scan.components_.begin(), scan.components_.end());
    if (paths_.taken != nullptr)
      paths_.taken->exact += static_cast<int64_t>(scan.components_.size());
    return scan;
  }

  template <typename Sum>
  void Note(const CellsOf<Sum>& sum, Taken* taken) const {
    ++(narrow_ ? taken->narrow : taken->wide);
    ++(in_array_ ? taken->array : taken->table);
    if (sum.copies() > 1) ++taken->copies;
  }

  template <typename Sum>
  void ChargeCells(Worker<Sum>* worker) const {
    if (worker->cells->in_array()) return;
    const size_t more = worker->cells->count() - worker->charged;
    worker->charged += more;
    // Check says so to everyone, before the next block.
    (void)input_.resources.Charge(more * worker->cells->bytes_each());
  }

  void MakeTables() {
    const Grid& grid = input_.grid;
    for (size_t i = 0; i < grid.sides().size(); ++i) {
      const Grid::Side& side = grid.sides()[i];
      SideTable table;
      table.of_lanes = side.of_lanes;
      table.base = side.base;
      table.is_identity = side.class_of.empty();
      table.stride = in_array_ ? static_cast<uint32_t>(grid.stride(i)) : 1;
      for (const Class of : side.class_of) table.of_code.push_back(of * table.stride);
      // A side of one class adds nothing.
      if (side.classes != 1 || !in_array_) tables_.push_back(std::move(table));
    }
  }

  void MakeLeaves(const Selection::Node& node, size_t depth = 1) {
    filter_depth_ = std::max(filter_depth_, depth);
    if (node.kind != Selection::Node::Kind::kLeaf) {
      for (size_t i = 0; i < node.operands.size(); ++i) {
        MakeLeaves(node.operands[i], depth + (i > 0 ? 1 : 0));
      }
      return;
    }
    Leaf leaf;
    leaf.base = node.base;
    leaf.of_code = &node.of_code;
    leaf.is_few = true;
    constexpr Bits kYes = kHolds | kCouldHold;
    for (Code code = 0; code < node.of_code.size() && leaf.is_few; ++code) {
      const Bits bits = node.of_code[code];
      if (bits == kYes) leaf.holding.push_back(code);
      leaf.is_few = (bits == kYes || bits == kCouldFail) && leaf.holding.size() <= kFewCodes;
    }
    leaf.is_few = leaf.is_few && !leaf.holding.empty();
    leaves_.emplace(&node, std::move(leaf));
  }

  const Codes::Block& CodesOf(const BlockOf& block, bool of_lanes, BaseId base) const {
    if (of_lanes) {
      return (block.flat ? snapshot_.flat_lanes() : snapshot_.tree_lanes()).block(block.index);
    }
    const Column& column = *input_.parcels.columns()[base];
    return (block.flat ? column.flat : column.trees).block(block.index);
  }

  // What the filter makes of `n` rows from `first` on, into bits[depth].
  template <typename Sum>
  void Filter(const Selection::Node& node, const BlockOf& block, size_t first, size_t n,
              size_t depth, Worker<Sum>* worker) const {
    Bits* bits = worker->bits[depth].data();
    switch (node.kind) {
      case Selection::Node::Kind::kLeaf: {
        const Leaf& leaf = leaves_.at(&node);
        WithCodes(CodesOf(block, false, leaf.base), first, [&](const auto* codes) {
          if (leaf.is_few) {
            Compare(codes, n, leaf.holding, bits);
          } else {
            LookUp(codes, n, leaf.of_code->data(), bits);
          }
        });
        return;
      }
      case Selection::Node::Kind::kNot:
        Filter(node.operands[0], block, first, n, depth, worker);
        for (size_t i = 0; i < n; ++i) bits[i] = Not(bits[i]);
        return;
      default:
        break;
    }
    Filter(node.operands[0], block, first, n, depth, worker);
    for (size_t operand = 1; operand < node.operands.size(); ++operand) {
      Filter(node.operands[operand], block, first, n, depth + 1, worker);
      const Bits* more = worker->bits[depth + 1].data();
      // Two loops, so that the compiler sees one operation in each.
      if (node.kind == Selection::Node::Kind::kAnd) {
        for (size_t i = 0; i < n; ++i) bits[i] = And(bits[i], more[i]);
      } else {
        for (size_t i = 0; i < n; ++i) bits[i] = Or(bits[i], more[i]);
      }
    }
  }

  // From bits to 1 for what is wanted; notes whether there is what could be.
  template <typename Sum>
  void KeepWanted(size_t n, Worker<Sum>* worker) const {
    Bits* bits = worker->bits[0].data();
    Bits could = 0;
    if (input_.wanted == Pick::kIn) {
      for (size_t i = 0; i < n; ++i) {
        could |= static_cast<Bits>((bits[i] >> 1) & ~bits[i] & 1);
        bits[i] &= kHolds;
      }
    } else {
      for (size_t i = 0; i < n; ++i) {
        bits[i] = static_cast<Bits>((bits[i] >> 1) & ~bits[i] & 1);
        could |= bits[i];
      }
    }
    worker->any_could = worker->any_could || could != 0;
  }

  // The rows, from 0 to n, whose bits are set. Eight at once: which of them, as a number, says
  // where they are.
  template <typename Sum>
  static size_t Collect(size_t n, Worker<Sum>* worker) {
    static const Positions& positions = Positions::Get();
    const Bits* bits = worker->bits[0].data();
    uint16_t* selected = worker->selected.data();
    size_t count = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
      uint64_t eight;
      std::memcpy(&eight, bits + i, sizeof(eight));
      if (eight == 0) continue;
      const size_t which = eight * 0x0102040810204080 >> 56;
      const auto first = static_cast<uint16_t>(i);
      for (size_t j = 0; j < 8; ++j) {
        selected[count + j] = static_cast<uint16_t>(first + positions.of[which][j]);
      }
      count += eight * 0x0101010101010101 >> 56;  // how many of them
    }
    for (; i < n; ++i) {
      selected[count] = static_cast<uint16_t>(i);
      count += bits[i];
    }
    return count;
  }

  // Clears the bits of rows that have ended or are looked at elsewhere; whether there are any.
  template <typename Sum>
  bool ClearElsewhere(const BlockOf& block, size_t first, size_t n, bool filtered,
                      Worker<Sum>* worker) const {
    const size_t row = block.index * kBlockRows + first;
    auto elsewhere = block.flat
                         ? std::lower_bound(flat_elsewhere_.begin(), flat_elsewhere_.end(), row)
                         : flat_elsewhere_.end();
    const bool any_elsewhere = elsewhere != flat_elsewhere_.end() && *elsewhere < row + n;
    bool any_ended = false;
    if (block.ended != nullptr) {
      for (size_t word = first / 64; word * 64 < first + n; ++word) {
        any_ended = any_ended || block.ended[word] != 0;
      }
    }
    if (!any_elsewhere && !any_ended) return false;
    if (worker->bits.empty()) worker->bits.resize(1);
    Bits* bits = worker->bits[0].data();
    if (!filtered) std::memset(bits, 1, n);
    if (any_ended) {
      for (size_t i = 0; i < n; ++i) {
        bits[i] &= static_cast<Bits>(~(block.ended[(first + i) / 64] >> ((first + i) % 64)) & 1);
      }
    }
    for (; elsewhere != flat_elsewhere_.end() && *elsewhere < row + n; ++elsewhere) {
      bits[*elsewhere - row] = 0;
    }
    return true;
  }

  template <typename Sum>
  void ScanFlat(size_t index, Worker<Sum>* worker) const {
    BlockOf block;
    block.index = index;
    block.rows = std::min(kBlockRows, snapshot_.flat_rows() - index * kBlockRows);
    block.ended = snapshot_.ended_flat(index);
    const auto& filter = input_.selection.filter();
    for (size_t first = 0; first < block.rows; first += kChunk) {
      const size_t n = std::min(kChunk, block.rows - first);
      // Without a filter everything is in, and nothing could be.
      if (!filter.has_value() && input_.wanted != Pick::kIn) return;
      if (filter.has_value()) {
        Filter(*filter, block, first, n, 0, worker);
        KeepWanted(n, worker);
      }
      const bool cleared = ClearElsewhere(block, first, n, filter.has_value(), worker);
      if (!filter.has_value() && !cleared) {
        if (paths_.taken != nullptr) ++paths_.taken->all;
        Place<false>(block, first, n, worker);
        AddUp<false>(block, first, n, worker);
        continue;
      }
      const size_t count = Collect(n, worker);
      if (count == 0) continue;
      // Of rows that are nearly all there, it is faster to take all, one after the other, and to
      // add some of them nowhere.
      if (IsDense(count, n)) {
        Place<false>(block, first, n, worker);
        const Bits* bits = worker->bits[0].data();
        uint32_t* places = worker->places.data();
        const uint32_t nowhere = worker->cells->nowhere();
        for (size_t i = 0; i < n; ++i) {
          places[i] = bits[i] != 0 ? places[i] : nowhere + static_cast<uint32_t>(i % kNowhere);
        }
        AddUp<false>(block, first, n, worker);
      } else {
        Place<true>(block, first, count, worker);
        AddUp<true>(block, first, count, worker);
      }
    }
  }

  bool IsDense(size_t count, size_t n) const {
    const bool dense = in_array_ && paths_.dense != Paths::Dense::kNever &&
                       (count > n / kMany || paths_.dense == Paths::Dense::kAlways);
    if (paths_.taken != nullptr) ++(dense ? paths_.taken->dense : paths_.taken->sparse);
    return dense;
  }

  // The places of the cells of `n` rows: those that are selected, or all from `first` on.
  template <bool kSelected, typename Sum>
  void Place(const BlockOf& block, size_t first, size_t n, Worker<Sum>* worker) const {
    if (!in_array_) {
      PlaceInTable<kSelected>(block, first, n, worker);
      return;
    }
    uint32_t* places = worker->places.data();
    const uint16_t* selected = worker->selected.data();
    if (tables_.empty()) std::fill_n(places, n, 0);
    const auto row_of = [&](size_t i) { return kSelected ? selected[i] : i; };
    size_t t = 0;
    // Two tables at once, to begin with: what is not stored is not loaded again either.
    if (tables_.size() >= 2 && !tables_[0].is_identity && !tables_[1].is_identity) {
      const uint32_t* one = tables_[0].of_code.data();
      const uint32_t* two = tables_[1].of_code.data();
      WithCodes(CodesOf(block, tables_[0].of_lanes, tables_[0].base), first, [&](const auto* a) {
        WithCodes(CodesOf(block, tables_[1].of_lanes, tables_[1].base), first, [&](const auto* b) {
#pragma GCC unroll 8
          for (size_t i = 0; i < n; ++i) places[i] = one[a[row_of(i)]] + two[b[row_of(i)]];
        });
      });
      t = 2;
    }
    for (; t < tables_.size(); ++t) {
      const SideTable& table = tables_[t];
      const uint32_t* of_code = table.of_code.data();
      const uint32_t stride = table.stride;
      WithCodes(CodesOf(block, table.of_lanes, table.base), first, [&](const auto* codes) {
        const auto put = [&](const auto& of) {
          if (t == 0) {
#pragma GCC unroll 8
            for (size_t i = 0; i < n; ++i) places[i] = of(i);
          } else {
#pragma GCC unroll 8
            for (size_t i = 0; i < n; ++i) places[i] += of(i);
          }
        };
        if (table.is_identity && stride == 1) {
          put([&](size_t i) -> uint32_t { return codes[row_of(i)]; });
        } else if (table.is_identity) {
          put([&](size_t i) -> uint32_t { return codes[row_of(i)] * stride; });
        } else {
          put([&](size_t i) -> uint32_t { return of_code[codes[row_of(i)]]; });
        }
      });
    }
  }

  template <bool kSelected, typename Sum>
  void PlaceInTable(const BlockOf& block, size_t first, size_t n, Worker<Sum>* worker) const {
    std::array<Class, 64> classes;
    for (size_t i = 0; i < n; ++i) {
      const size_t row = first + (kSelected ? worker->selected[i] : i);
      for (size_t t = 0; t < tables_.size(); ++t) {
        const SideTable& table = tables_[t];
        const Code code = CodesOf(block, table.of_lanes, table.base)[row];
        classes[t] = table.is_identity ? code : table.of_code[code];
      }
      worker->places[i] = worker->cells->PlaceOf(classes.data());
    }
  }

  template <bool kSelected, typename Sum>
  void AddUp(const BlockOf& block, size_t first, size_t n, Worker<Sum>* worker) const {
    const int64_t* units = snapshot_.units().block(block.index) + first;
    const uint32_t* places = worker->places.data();
    const uint16_t* selected = worker->selected.data();
    Cell<Sum>* cells = worker->cells->cells();
    const size_t apart = worker->cells->copies() == 1 ? 0 : worker->cells->apart();
    size_t row = 0;
    const auto amount_of = [&](size_t i) { return units[kSelected ? selected[i] : i]; };
    for (; row + kCopies <= n; row += kCopies) {
      for (size_t copy = 0; copy < kCopies; ++copy) {
        cells[copy * apart + places[row + copy]].Count(amount_of(row + copy));
      }
    }
    for (; row < n; ++row) cells[places[row]].Count(amount_of(row));
    if (uint32_t* kinds = worker->cells->kinds(); kinds != nullptr) {
      const uint32_t* bits = kind_bits_.data();
      WithCodes(CodesOf(block, true, 0), first, [&](const auto* lanes) {
#pragma GCC unroll 8
        for (size_t i = 0; i < n; ++i) kinds[places[i]] |= bits[lanes[kSelected ? selected[i] : i]];
      });
    }
    if (Extremes* extremes = worker->cells->extremes(); extremes != nullptr) {
      for (size_t i = 0; i < n; ++i) {
        const int64_t amount = units[kSelected ? selected[i] : i];
        extremes[places[i]].Add({amount, amount});
      }
    }
  }

  // Components that are taken at once.
  static constexpr size_t kComponents = 4096;

  // Whether the component is looked at elsewhere in any case.
  bool IsElsewhere(uint32_t place, const Component& component) const {
    return input_.extremes || paths_.components == Paths::Components::kExact || !component.simple ||
           component.rows > kChunk || input_.components_elsewhere.count(place) > 0;
  }

  template <typename Sum>
  void ScanComponents(size_t begin, Worker<Sum>* worker) const {
    const size_t end = std::min(begin + at_once_, snapshot_.components());
    for (size_t i = begin; i < end;) {
      // As many as fit into a chunk, and lie in one block of rows.
      const size_t first = snapshot_.component(i).first;
      const size_t block_end = (first / kBlockRows + 1) * kBlockRows;
      size_t next = i;
      size_t rows = 0;
      while (next < end) {
        const Component& component = snapshot_.component(next);
        if (rows + component.rows > kChunk || component.first + component.rows > block_end) break;
        rows += component.rows;
        ++next;
      }
      if (next == i) {
        if (!HasEnded(snapshot_.component(i))) {
          worker->components.push_back(static_cast<uint32_t>(i));
        }
        ++i;
        continue;
      }
      ScanComponents(i, next, rows, worker);
      i = next;
    }
  }

  bool HasEnded(const Component& component) const {
    return snapshot_.any_tree_ended() && !snapshot_.alive(TreeAtom(component.first));
  }

  // Those from `begin` to `end`, whose rows, in one block, are `rows`.
  template <typename Sum>
  void ScanComponents(size_t begin, size_t end, size_t rows, Worker<Sum>* worker) const {
    const size_t first_row = snapshot_.component(begin).first;
    BlockOf block;
    block.flat = false;
    block.index = first_row / kBlockRows;
    const size_t first = first_row % kBlockRows;
    const auto& filter = input_.selection.filter();
    if (!filter.has_value() && input_.wanted != Pick::kIn) return;
    if (filter.has_value()) {
      Filter(*filter, block, first, rows, 0, worker);
      KeepWanted(rows, worker);
    }
    Place<false>(block, first, rows, worker);
    const Bits* in = filter.has_value() ? worker->bits[0].data() : nullptr;
    const uint32_t* places = worker->places.data();
    WithCodes(CodesOf(block, true, 0), first, [&](const auto* lanes) {
      for (size_t i = begin; i < end; ++i) {
        const Component& component = snapshot_.component(i);
        if (HasEnded(component)) continue;
        const size_t row = component.first - first_row;
        const size_t last = row + component.rows;
        // What is looked at elsewhere is so for its shares, too, which may be wanted by themselves.
        if (IsElsewhere(static_cast<uint32_t>(i), component)) {
          worker->components.push_back(static_cast<uint32_t>(i));
          continue;
        }
        size_t wanted = component.rows;
        bool together = true;
        for (size_t r = row; r < last; ++r) {
          if (in != nullptr && in[r] == 0) --wanted;
          together = together && places[r] == places[row];
        }
        if (wanted == 0) continue;
        if (together && wanted == component.rows) {
          BoundedCell* cell = worker->cells->BoundedAt(places[row]);
          cell->sum.Add(component.sum);
          for (size_t r = row; r < last; ++r) cell->kinds |= kind_bits_[lanes[r]];
          if (paths_.taken != nullptr) ++paths_.taken->whole;
        } else if (paths_.components != Paths::Components::kNeverSplit &&
                   AreApart(in, places, row, last)) {
          if (paths_.taken != nullptr) ++paths_.taken->split;
          for (size_t r = row; r < last; ++r) {
            if (in == nullptr || in[r] != 0) {
              worker->cells->Split(places[r], TreeAtom(first_row + r));
            }
          }
        } else {
          worker->components.push_back(static_cast<uint32_t>(i));
        }
      }
    });
  }

  // Whether no two rows that are in, from `row` to `last`, have the same place. Most claims have
  // few parts.
  static bool AreApart(const Bits* in, const uint32_t* places, size_t row, size_t last) {
    constexpr size_t kMost = 16;
    if (last - row > kMost) return false;
    for (size_t r = row; r < last; ++r) {
      if (in != nullptr && in[r] == 0) continue;
      for (size_t other = r + 1; other < last; ++other) {
        if ((in == nullptr || in[other] != 0) && places[other] == places[r]) return false;
      }
    }
    return true;
  }

  const ScanInput& input_;
  const Snapshot& snapshot_;
  const Paths& paths_;
  const KindIndex kind_index_;
  const bool in_array_;
  std::vector<uint32_t> kind_bits_;  // by lane
  std::vector<SideTable> tables_;
  std::map<const Selection::Node*, Leaf> leaves_;
  size_t filter_depth_ = 0;
  std::vector<size_t> flat_elsewhere_;
  size_t at_once_ = kComponents;
  bool narrow_ = true;
};

absl::StatusOr<Scan> Scan::Of(const ScanInput& input) { return Scanning(input).Run(); }

void Scan::ForEachCell(CellFn fn) const { cells_->ForEachCell(fn); }
void Scan::ForEachBounded(BoundedFn fn) const { cells_->ForEachBounded(fn); }
size_t Scan::cells() const { return cells_->used(); }
void Scan::ForEachSplit(SplitFn fn) const { cells_->ForEachSplit(fn); }

}  // namespace entente::funding::query
