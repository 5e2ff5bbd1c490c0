// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/scan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "common/status/macros.h"
#include "services/funding/query/cells.h"
#include "services/funding/query/class_codes.h"
#include "services/funding/query/cube.h"
#include "services/funding/query/kernels.h"

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
// So few rows of a chunk that they hardly share lines of the cache.
constexpr size_t kFew = kChunk / 16;
// Components that are one piece of work.
constexpr size_t kComponents = 4096;

// What a leaf of the filter asks of each row: a table by code or, where few codes hold and nothing
// else could, these codes.
struct Leaf {
  BaseId base = 0;
  const std::vector<Bits>* of_code = nullptr;
  std::vector<Code> holding;
  bool is_few = false;
};

Leaf LeafOf(const Selection::Node& node) {
  Leaf leaf;
  leaf.base = node.base;
  leaf.of_code = &node.of_code;
  leaf.is_few = true;
  constexpr Bits kYes = kHolds | kCouldHold;
  for (Code code = 0; code < node.of_code.size() && leaf.is_few; ++code) {
    const Bits bits = node.of_code[code];
    if (bits == kYes) leaf.holding.push_back(code);
    leaf.is_few = (bits == kYes || bits == kCouldFail) && leaf.holding.size() <= kernels::kFewCodes;
  }
  leaf.is_few = leaf.is_few && !leaf.holding.empty();
  return leaf;
}

// Rows of claims: flat ones, and those of trees. Or the cells of a cube that several of either are
// in.
enum class Source : uint8_t { kFlat, kTrees, kCube, kCubeTrees };

// A side of the grid as what the codes of rows add to the place of a cell.
struct SideTable {
  size_t side = 0;
  bool of_lanes = false;
  BaseId base = 0;
  bool is_identity = false;  // a code adds so many strides
  uint32_t stride = 0;
  std::vector<uint32_t> of_code;  // unless is_identity
  // Of flat rows: their classes, each of which adds so many strides.
  std::optional<Codes::View> classes;

  bool AddsStrides(Source source) const {
    // Rows of trees stand for all lanes of a row of the answer.
    if (of_lanes && (source == Source::kTrees || source == Source::kCubeTrees)) return false;
    return is_identity || (source == Source::kFlat && classes.has_value());
  }
};

// Some of the rows of a block.
struct RowsOf {
  Source source = Source::kFlat;
  size_t block = 0;
  size_t first = 0;  // in the block
  size_t n = 0;      // at most kChunk
};

// What one processor has for itself.
template <typename Sum>
struct Worker {
  std::shared_ptr<CellsOf<Sum>> cells;
  std::vector<std::array<Bits, kChunk>> bits;  // by depth in the filter
  // Of the chunk at hand and of the one before, and what Collect writes beyond them.
  std::array<std::array<uint16_t, kChunk + 8>, 2> selected;
  std::array<uint32_t, kChunk> places;
  std::array<uint8_t, kChunk> in;
  std::vector<uint32_t> components;
  size_t charged = 0;  // bytes
  bool any_could = false;
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
    for (Code lane = 0; lane < kind_index_.of_lane.size(); ++lane) {
      const uint32_t kind = kind_index_.of_lane[lane];
      uint32_t bits = kind < KindIndex::kMost ? uint32_t{1} << kind : 0;
      if (snapshot_.lanes()[lane].at_least) bits |= kUnboundedBit;
      lane_bits_.push_back(bits);
      tags_.push_back(KindTag::Of(bits));
    }
    if (paths_.components_at_once > 0) at_once_ = paths_.components_at_once;
    MakeTables();
    if (const auto& filter = input.selection.filter(); filter.has_value()) {
      MakeLeaves(*filter);
      const auto only = leaves_.find(&*filter);
      if (only != leaves_.end() && only->second.is_few && input.wanted == Pick::kIn &&
          kernels::kCollectsFew && paths_.filters == Paths::Filters::kAny) {
        few_ = &only->second;
      }
    }
    for (const Atom atom : input.flat_elsewhere) flat_elsewhere_.push_back(RowOf(atom));
    std::sort(flat_elsewhere_.begin(), flat_elsewhere_.end());
    // Sums of 64 bits are enough if all magnitudes together are.
    narrow_ = paths_.sums != Paths::Sums::kWide &&
              snapshot_.most_units_in_all() <= std::numeric_limits<int64_t>::max();
    if (!input.extremes) {
      cube_ =
          CubeView::For({input.parcels, input.selection, input.grid, input.resources,
                         input.flat_elsewhere, input.components_elsewhere, AreComponentsSummed()});
    }
    if (cube_.has_value()) first_flat_ = cube_->flat_rows();
  }

  absl::StatusOr<Scan> Run() { return narrow_ ? RunAs<int64_t>() : RunAs<__int128>(); }

 private:
  template <typename Sum>
  std::shared_ptr<CellsOf<Sum>> NewCells() const {
    return std::make_shared<CellsOf<Sum>>(input_.grid, paths_, input_.extremes);
  }

  template <typename Sum>
  absl::StatusOr<Scan> RunAs() {
    const Resources& resources = input_.resources;
    const size_t workers = resources.workers();
    RETURN_IF_ERROR(resources.Check());
    RETURN_IF_ERROR(
        resources.Charge(CellsOf<Sum>::BytesOf(input_.grid, paths_, input_.extremes) * workers));
    // Made where they are used: whose are the pages is decided by who writes first.
    std::vector<std::unique_ptr<Worker<Sum>>> all(workers);
    const auto blocks = [](size_t rows) { return (rows + kBlockRows - 1) / kBlockRows; };
    const size_t cube_blocks = cube_.has_value() ? blocks(cube_->flat().size()) : 0;
    const size_t cube_trees = cube_.has_value() ? blocks(cube_->trees().size()) : 0;
    const size_t first_block = first_flat_ / kBlockRows;
    const size_t flat_blocks =
        first_flat_ < snapshot_.flat_rows() ? blocks(snapshot_.flat_rows()) - first_block : 0;
    const size_t tree_pieces = (snapshot_.components() + at_once_ - 1) / at_once_;
    const size_t pieces = cube_blocks + cube_trees + flat_blocks + tree_pieces;
    resources.ForEach(pieces, [&](size_t number, size_t i) {
      if (!resources.Check().ok()) return;
      if (all[number] == nullptr) {
        all[number] = std::make_unique<Worker<Sum>>();
        all[number]->cells = NewCells<Sum>();
        all[number]->bits.resize(std::max<size_t>(1, filter_depth_));
      }
      Worker<Sum>* worker = all[number].get();
      if (i < cube_blocks) {
        ScanRows(Source::kCube, i, worker);
      } else if ((i -= cube_blocks) < cube_trees) {
        ScanRows(Source::kCubeTrees, i, worker);
      } else if ((i -= cube_trees) < flat_blocks) {
        ScanRows(Source::kFlat, first_block + i, worker);
      } else {
        ScanComponents((i - flat_blocks) * at_once_, worker);
      }
      Charge(worker);
    });
    RETURN_IF_ERROR(resources.Check());
    Scan scan;
    std::shared_ptr<CellsOf<Sum>> sum;
    for (auto& worker : all) {
      if (worker == nullptr) continue;
      if (sum == nullptr) {
        sum = std::move(worker->cells);
      } else {
        if (paths_.taken != nullptr) sum->NoteMerge(*worker->cells, paths_.taken);
        sum->Merge(*worker->cells, resources);
      }
      scan.any_could_ = scan.any_could_ || worker->any_could;
      scan.components_.insert(scan.components_.end(), worker->components.begin(),
                              worker->components.end());
    }
    if (sum == nullptr) sum = NewCells<Sum>();
    scan.cells_ = std::move(sum);
    std::sort(scan.components_.begin(), scan.components_.end());
    if (paths_.taken != nullptr) {
      ++(narrow_ ? paths_.taken->narrow : paths_.taken->wide);
      ++(in_array_ ? paths_.taken->array : paths_.taken->table);
      if (cube_.has_value()) ++paths_.taken->cube;
      paths_.taken->exact += static_cast<int64_t>(scan.components_.size());
    }
    return scan;
  }

  // Check says so to everyone, before the next piece of work.
  template <typename Sum>
  void Charge(Worker<Sum>* worker) const {
    const CellsOf<Sum>& cells = *worker->cells;
    size_t bytes =
        cells.splits().size() * sizeof(Scan::Split) + worker->components.size() * sizeof(uint32_t);
    if (!in_array_) bytes += cells.count() * cells.bytes_each();
    if (bytes > worker->charged) (void)input_.resources.Charge(bytes - worker->charged);
    worker->charged = std::max(worker->charged, bytes);
  }

  void MakeTables() {
    const Grid& grid = input_.grid;
    for (size_t i = 0; i < grid.sides().size(); ++i) {
      const Grid::Side& side = grid.sides()[i];
      SideTable table;
      table.side = i;
      table.of_lanes = side.of_lanes;
      table.base = side.base;
      table.is_identity = IsIdentity(side.class_of);
      table.stride = in_array_ ? static_cast<uint32_t>(grid.stride(i)) : 1;
      for (const Class of : side.class_of) table.of_code.push_back(of * table.stride);
      if (side.of_lanes) {
        for (const Class of : grid.row_class_of_lane()) {
          tree_lanes_.push_back(of * table.stride);
        }
      }
      // A side of one class adds nothing.
      if (side.classes == 1 && in_array_) continue;
      if (!table.is_identity && !table.of_lanes) table.classes = ClassesOf(side);
      tables_.push_back(std::move(table));
    }
    for (const SideTable& table : tables_) {
      if (grid.date_side() == table.side) dates_ = &table;
    }
    plain_are_flat_ = grid.row_class_of_lane() == grid.sides()[0].class_of;
    // What is looked up in tables is fused with the adding; three of them, at most.
    fused_ = paths_.loops == Paths::Loops::kAny && in_array_ && !input_.extremes &&
             tables_.size() <= 3 &&
             (tables_.size() <= 1 ||
              std::none_of(tables_.begin(), tables_.end(), [](const SideTable& table) {
                return table.AddsStrides(Source::kFlat);
              }));
  }

  static bool IsIdentity(const std::vector<Class>& class_of) {
    for (Code code = 0; code < class_of.size(); ++code) {
      if (class_of[code] != code) return false;
    }
    return true;
  }

  // Of a side that is not of lanes, the classes of flat rows; none where they are not worth it.
  std::optional<Codes::View> ClassesOf(const Grid::Side& side) const {
    const bool wanted =
        paths_.classes == Paths::Classes::kAlways ||
        (paths_.classes == Paths::Classes::kAny && snapshot_.flat_rows() >= kBlockRows);
    if (!wanted || side.classes > ClassCodes::kMostClasses) return std::nullopt;
    const Column& column = *input_.parcels.columns()[side.base];
    const auto classes = column.derived->Of<ClassCodes>("classes")->Of(side.class_of, column.flat);
    if (classes.has_value() && paths_.taken != nullptr) ++paths_.taken->classes;
    return classes;
  }

  void MakeLeaves(const Selection::Node& node, size_t depth = 1) {
    filter_depth_ = std::max(filter_depth_, depth);
    if (node.kind == Selection::Node::Kind::kLeaf) {
      leaves_.emplace(&node, LeafOf(node));
      return;
    }
    for (size_t i = 0; i < node.operands.size(); ++i) {
      MakeLeaves(node.operands[i], depth + (i > 0 ? 1 : 0));
    }
  }

  const Codes::View& LanesOf(Source source) const {
    switch (source) {
      case Source::kFlat:
        return snapshot_.flat_lanes();
      case Source::kTrees:
        return snapshot_.tree_lanes();
      case Source::kCube:
        return *cube_->flat().lanes;
      case Source::kCubeTrees:
        return *cube_->trees().lanes;
    }
    return snapshot_.flat_lanes();
  }
  const Codes::Block& LanesOf(const RowsOf& rows) const {
    return LanesOf(rows.source).block(rows.block);
  }
  const Codes::Block& CodesOf(const RowsOf& rows, BaseId base) const {
    const Column& column = *input_.parcels.columns()[base];
    switch (rows.source) {
      case Source::kFlat:
        return column.flat.block(rows.block);
      case Source::kTrees:
        return column.trees.block(rows.block);
      case Source::kCube:
        return cube_->flat().codes[base]->block(rows.block);
      case Source::kCubeTrees:
        return cube_->trees().codes[base]->block(rows.block);
    }
    return column.flat.block(rows.block);
  }
  const Codes::Block& CodesOf(const RowsOf& rows, const SideTable& table) const {
    if (table.of_lanes) return LanesOf(rows);
    if (rows.source == Source::kFlat && table.classes.has_value()) {
      return table.classes->block(rows.block);
    }
    return CodesOf(rows, table.base);
  }

  // What the filter makes of rows, into bits[depth].
  template <typename Sum>
  void Filter(const Selection::Node& node, const RowsOf& rows, size_t depth,
              Worker<Sum>* worker) const {
    Bits* bits = worker->bits[depth].data();
    switch (node.kind) {
      case Selection::Node::Kind::kLeaf: {
        const Leaf& leaf = leaves_.at(&node);
        WithCodes(CodesOf(rows, leaf.base), rows.first, [&](const auto* codes) {
          if (leaf.is_few) {
            kernels::Compare(codes, rows.n, leaf.holding, bits);
          } else {
            kernels::LookUp(codes, rows.n, leaf.of_code->data(), bits);
          }
        });
        return;
      }
      case Selection::Node::Kind::kNot:
        Filter(node.operands[0], rows, depth, worker);
        for (size_t i = 0; i < rows.n; ++i) bits[i] = Not(bits[i]);
        return;
      default:
        break;
    }
    Filter(node.operands[0], rows, depth, worker);
    for (size_t operand = 1; operand < node.operands.size(); ++operand) {
      Filter(node.operands[operand], rows, depth + 1, worker);
      const Bits* more = worker->bits[depth + 1].data();
      // Two loops, so that the compiler sees one operation in each.
      if (node.kind == Selection::Node::Kind::kAnd) {
        for (size_t i = 0; i < rows.n; ++i) bits[i] = And(bits[i], more[i]);
      } else {
        for (size_t i = 0; i < rows.n; ++i) bits[i] = Or(bits[i], more[i]);
      }
    }
  }

  // Whether no claims are left in some of the cells of a cube; as ClearElsewhere.
  template <typename Sum, typename CubeSum>
  bool ClearEmpty(const RowsOf& rows, const CubeView::Cells<CubeSum>& cells,
                  Worker<Sum>* worker) const {
    if (!cells.any_empty) return false;
    Bits* bits = worker->bits[0].data();
    if (!input_.selection.filter().has_value()) std::memset(bits, kHolds, rows.n);
    const CubeSum* sums = cells.sums->data() + rows.block * kBlockRows + rows.first;
    for (size_t i = 0; i < rows.n; ++i) bits[i] = sums[i].claims == 0 ? 0 : bits[i];
    return true;
  }

  // Flat rows that have ended or are looked at elsewhere.
  bool AnyEnded(const RowsOf& rows) const {
    const uint64_t* ended = snapshot_.ended_flat(rows.block);
    if (ended == nullptr) return false;
    for (size_t word = rows.first / 64; word * 64 < rows.first + rows.n; ++word) {
      if (ended[word] != 0) return true;
    }
    return false;
  }
  std::vector<size_t>::const_iterator FirstElsewhere(const RowsOf& rows) const {
    return std::lower_bound(flat_elsewhere_.begin(), flat_elsewhere_.end(),
                            rows.block * kBlockRows + rows.first);
  }
  bool AnyElsewhere(const RowsOf& rows) const {
    const auto first = FirstElsewhere(rows);
    const size_t end = rows.block * kBlockRows + rows.first + rows.n;
    return AnyEnded(rows) || (first != flat_elsewhere_.end() && *first < end);
  }

  // Whether there are such; then nothing holds of them in bits[0]. Of the others all does, unless
  // there is a filter that has said so already.
  template <typename Sum>
  bool ClearElsewhere(const RowsOf& rows, Worker<Sum>* worker) const {
    if (!AnyElsewhere(rows)) return false;
    const size_t row = rows.block * kBlockRows + rows.first;
    auto elsewhere = FirstElsewhere(rows);
    const uint64_t* ended = snapshot_.ended_flat(rows.block);
    const bool any_ended = ended != nullptr;
    Bits* bits = worker->bits[0].data();
    if (!input_.selection.filter().has_value()) std::memset(bits, kHolds, rows.n);
    if (any_ended) {
      for (size_t i = 0; i < rows.n; ++i) {
        const bool has_ended = (ended[(rows.first + i) / 64] >> ((rows.first + i) % 64) & 1) != 0;
        bits[i] = has_ended ? 0 : bits[i];
      }
    }
    for (; elsewhere != flat_elsewhere_.end() && *elsewhere < row + rows.n; ++elsewhere) {
      bits[*elsewhere - row] = 0;
    }
    return true;
  }

  // A block of flat rows, but for those that are in a cube; or of the cells of that.
  template <typename Sum>
  void ScanRows(Source source, size_t block, Worker<Sum>* worker) const {
    const auto& filter = input_.selection.filter();
    // Without a filter everything is in, and nothing could be.
    if (!filter.has_value() && input_.wanted != Pick::kIn) return;
    const size_t before = block * kBlockRows;
    const size_t end = std::min(kBlockRows, LanesOf(source).size() - before);
    size_t first = source == Source::kFlat && first_flat_ > before ? first_flat_ - before : 0;
    // Few rows of a chunk are far apart. They are asked of the memory at once, and added up after
    // the next chunk has been looked at.
    RowsOf late;
    size_t late_count = 0;
    size_t turn = 0;
    const auto add_late = [&] {
      if (late_count > 0) {
        AddUp(late, late_count, kernels::Listed{worker->selected[1 - turn].data()}, worker);
      }
      late_count = 0;
    };
    for (; first < end; first += kChunk) {
      const RowsOf rows{source, block, first, std::min(kChunk, end - first)};
      uint16_t* const selected = worker->selected[turn].data();
      const kernels::Listed listed{selected};
      size_t count = 0;
      if (source == Source::kFlat && few_ != nullptr && !AnyElsewhere(rows)) {
        WithCodes(CodesOf(rows, few_->base), first, [&](const auto* codes) {
          count = kernels::CollectFew(codes, rows.n, few_->holding, selected);
        });
      } else {
        if (filter.has_value()) Filter(*filter, rows, 0, worker);
        const bool cleared = source == Source::kFlat   ? ClearElsewhere(rows, worker)
                             : source == Source::kCube ? ClearEmpty(rows, cube_->flat(), worker)
                                                       : ClearEmpty(rows, cube_->trees(), worker);
        if (!filter.has_value() && !cleared) {
          if (paths_.taken != nullptr) ++paths_.taken->all;
          AddUp(rows, rows.n, kernels::Every(), worker);
          continue;
        }
        count = kernels::Collect(worker->bits[0].data(), rows.n, input_.wanted, selected,
                                 &worker->any_could);
      }
      add_late();
      if (count == 0) continue;
      if (paths_.taken != nullptr) ++paths_.taken->some;
      if (source != Source::kFlat || count > kFew) {
        AddUp(rows, count, listed, worker);
        continue;
      }
      Prefetch(rows, count, listed);
      late = rows;
      late_count = count;
      turn = 1 - turn;
    }
    add_late();
  }

  // All that AddUp will read of flat rows.
  void Prefetch(const RowsOf& rows, size_t n, const kernels::Listed& row_of) const {
    kernels::Prefetch(snapshot_.units().block(rows.block) + rows.first, n, row_of);
    const auto codes = [&](const Codes::Block& block) {
      WithCodes(block, rows.first, [&](const auto* of) { kernels::Prefetch(of, n, row_of); });
    };
    if (!input_.grid.has_plain_cells()) codes(LanesOf(rows));
    for (const SideTable& table : tables_) codes(CodesOf(rows, table));
  }

  // Adds up `n` of the rows.
  template <typename Sum, typename RowOf>
  void AddUp(const RowsOf& rows, size_t n, const RowOf& row_of, Worker<Sum>* worker) const {
    if (rows.source == Source::kCubeTrees) {
      AddUpTrees(rows, n, row_of, worker);
      return;
    }
    if (input_.grid.has_plain_cells()) {
      AddUp(rows, n, row_of, kernels::NoKind(), worker);
      return;
    }
    WithCodes(LanesOf(rows), rows.first, [&](const auto* lanes) {
      AddUp(rows, n, row_of, kernels::KindOf<std::decay_t<decltype(*lanes)>>{lanes, tags_.data()},
            worker);
    });
  }

  template <typename Sum, typename RowOf>
  void AddUpTrees(const RowsOf& rows, size_t n, const RowOf& row_of, Worker<Sum>* worker) const {
    Place(rows, n, row_of, worker);
    const BoundedSum* sums = cube_->trees().sums->data() + rows.block * kBlockRows + rows.first;
    const Codes::Block& lanes = LanesOf(rows);
    for (size_t i = 0; i < n; ++i) {
      const size_t row = row_of(i);
      worker->cells->AddBounded(worker->places[i], sums[row], lane_bits_[lanes[rows.first + row]]);
    }
  }

  template <typename Sum, typename RowOf, typename KindOf>
  void AddUp(const RowsOf& rows, size_t n, const RowOf& row_of, const KindOf& kind_of,
             Worker<Sum>* worker) const {
    if (rows.source == Source::kCube) {
      Place(rows, n, row_of, worker);
      kernels::AddUp(cube_->flat().sums->data() + rows.block * kBlockRows + rows.first, n, row_of,
                     kernels::Ready{worker->places.data()}, kind_of, worker->cells->cells());
      return;
    }
    const int64_t* units = snapshot_.units().block(rows.block) + rows.first;
    Cell<Sum>* cells = worker->cells->cells();
    // Wide sums are rare enough to do without loops of their own.
    if constexpr (sizeof(Sum) == sizeof(int64_t)) {
      if (fused_) {
        if (paths_.taken != nullptr) ++paths_.taken->fused;
        WithPlaceOf(rows, [&](const auto& place_of) {
          kernels::AddUp(units, n, row_of, place_of, kind_of, cells);
        });
        return;
      }
    }
    Place(rows, n, row_of, worker);
    // A table of cells may have grown, and moved.
    cells = worker->cells->cells();
    const kernels::Ready ready{worker->places.data()};
    kernels::AddUp(units, n, row_of, ready, kind_of, cells);
    if (Extremes* extremes = worker->cells->extremes(); extremes != nullptr) {
      const Codes::Block& lanes = LanesOf(rows);
      for (size_t i = 0; i < n; ++i) {
        const size_t row = row_of(i);
        if ((lane_bits_[lanes[rows.first + row]] & kUnboundedBit) != 0) continue;
        extremes[worker->places[i]].Add(Extremes::Of(units[row]));
      }
    }
  }

  // Calls `fn` with what the tables, which are fused_, make of a row: the place of its cell.
  template <typename Fn>
  void WithPlaceOf(const RowsOf& rows, const Fn& fn) const {
    if (tables_.empty()) {
      fn(kernels::OneCell());
      return;
    }
    if (tables_[0].AddsStrides(rows.source)) {
      WithCodes(CodesOf(rows, tables_[0]), rows.first, [&](const auto* codes) {
        fn(kernels::ByCode{codes, tables_[0].stride});
      });
      return;
    }
    WithTable(rows, 0, [&](const auto& one) {
      if (tables_.size() == 1) {
        fn(one);
        return;
      }
      WithTable(rows, 1, [&](const auto& two) {
        if (tables_.size() == 2) {
          fn(kernels::Together{one, two});
          return;
        }
        WithTable(rows, 2, [&](const auto& three) {
          fn(kernels::Together{kernels::Together{one, two}, three});
        });
      });
    });
  }

  // Of a table that is not an identity.
  template <typename Fn>
  void WithTable(const RowsOf& rows, size_t t, const Fn& fn) const {
    const SideTable& table = tables_[t];
    WithCodes(CodesOf(rows, table), rows.first, [&](const auto* codes) {
      fn(kernels::ByTable{codes, table.of_code.data()});
    });
  }

  // The places of the cells of `n` of the rows.
  template <typename Sum, typename RowOf>
  void Place(const RowsOf& rows, size_t n, const RowOf& row_of, Worker<Sum>* worker) const {
    if (!in_array_) {
      PlaceInTable(rows, n, row_of, worker);
      return;
    }
    uint32_t* places = worker->places.data();
    if (tables_.empty()) std::fill_n(places, n, 0);
    for (const SideTable& table : tables_) {
      WithCodes(CodesOf(rows, table), rows.first, [&](const auto* codes) {
        const auto place = [&](const auto& place_of) {
          if (&table == tables_.data()) {
            kernels::Place<kernels::Placing::kSet>(n, row_of, place_of, places);
          } else {
            kernels::Place<kernels::Placing::kAdd>(n, row_of, place_of, places);
          }
        };
        if (table.AddsStrides(rows.source)) {
          place(kernels::ByCode{codes, table.stride});
        } else {
          place(kernels::ByTable{codes, TableOf(rows, table)});
        }
      });
    }
  }

  const uint32_t* TableOf(const RowsOf& rows, const SideTable& table) const {
    const bool of_trees = rows.source == Source::kTrees || rows.source == Source::kCubeTrees;
    return table.of_lanes && of_trees ? tree_lanes_.data() : table.of_code.data();
  }

  template <typename Sum, typename RowOf>
  void PlaceInTable(const RowsOf& rows, size_t n, const RowOf& row_of, Worker<Sum>* worker) const {
    std::array<Class, kMostSides> classes;
    for (size_t i = 0; i < n; ++i) {
      for (const SideTable& table : tables_) {
        const Code code = CodesOf(rows, table)[rows.first + row_of(i)];
        classes[table.side] = table.AddsStrides(rows.source) ? code : TableOf(rows, table)[code];
      }
      worker->places[i] = worker->cells->PlaceOf(classes.data());
    }
  }

  // Whether all components from `begin` to `end` are in the cells of a cube.
  bool AreInCube(size_t begin, size_t end) const {
    return cube_.has_value() &&
           cube_->HasAll(static_cast<uint32_t>(begin), static_cast<uint32_t>(end));
  }

  // Whether any component is summed up here.
  bool AreComponentsSummed() const {
    return !input_.extremes && paths_.components != Paths::Components::kExact &&
           kind_index_.kinds.size() <= KindIndex::kMost;
  }

  // Whether the component is looked at elsewhere in any case.
  bool IsElsewhere(uint32_t place, const Component& component) const {
    return !AreComponentsSummed() || !component.simple || component.rows > kChunk ||
           (!input_.components_elsewhere.empty() && input_.components_elsewhere.count(place) > 0);
  }

  template <typename Sum>
  void ScanComponents(size_t begin, Worker<Sum>* worker) const {
    const auto& filter = input_.selection.filter();
    if (!filter.has_value() && input_.wanted != Pick::kIn) return;
    const size_t end = std::min(begin + at_once_, snapshot_.components());
    if (AreInCube(begin, end)) return;
    for (size_t i = begin; i < end;) {
      // As many as fit into a chunk, and lie in one block of rows.
      const size_t first = snapshot_.component(i).first;
      const size_t block_end = (first / kBlockRows + 1) * kBlockRows;
      size_t next = i;
      size_t n = 0;
      while (next < end) {
        const Component& component = snapshot_.component(next);
        if (n + component.rows > kChunk || component.first + component.rows > block_end) break;
        n += component.rows;
        ++next;
      }
      if (next == i) {
        if (!HasEnded(snapshot_.component(i)) && !AreInCube(i, i + 1)) {
          worker->components.push_back(static_cast<uint32_t>(i));
        }
        ++i;
        continue;
      }
      const RowsOf rows{Source::kTrees, first / kBlockRows, first % kBlockRows, n};
      ScanComponents(i, next, rows, worker);
      i = next;
    }
  }

  bool HasEnded(const Component& component) const {
    return snapshot_.any_tree_ended() && !snapshot_.alive(TreeAtom(component.first));
  }

  // Those from `begin` to `end`, which `rows` are of.
  template <typename Sum>
  void ScanComponents(size_t begin, size_t end, const RowsOf& rows, Worker<Sum>* worker) const {
    if (AreInCube(begin, end)) return;
    const auto& filter = input_.selection.filter();
    uint8_t* in = worker->in.data();
    size_t count = rows.n;
    if (filter.has_value()) {
      Filter(*filter, rows, 0, worker);
      count = kernels::Collect(worker->bits[0].data(), rows.n, input_.wanted,
                               worker->selected[0].data(), &worker->any_could);
      if (count == 0) return;
      std::memset(in, 0, rows.n);
      for (size_t i = 0; i < count; ++i) in[worker->selected[0][i]] = 1;
    } else {
      std::memset(in, 1, rows.n);
    }
    Place(rows, rows.n, kernels::Every(), worker);
    const size_t first_row = rows.block * kBlockRows + rows.first;
    WithCodes(LanesOf(rows), rows.first, [&](const auto* lanes) {
      const auto take = [&](size_t i) {
        const Component& component = snapshot_.component(i);
        if (HasEnded(component) || AreInCube(i, i + 1)) return;
        const size_t row = component.first - first_row;
        const size_t last = row + component.rows;
        if (IsElsewhere(static_cast<uint32_t>(i), component) || !IsOfOneDate(rows, row, last)) {
          worker->components.push_back(static_cast<uint32_t>(i));
          return;
        }
        TakeComponent(static_cast<uint32_t>(i), component, row, last, lanes, worker);
      };
      if (count == rows.n || count > kFew) {
        for (size_t i = begin; i < end; ++i) take(i);
        return;
      }
      // Those that the few rows are of; nothing of the others is in.
      for (size_t i = 0, next = begin; i < count; ++i) {
        const size_t row = first_row + worker->selected[0][i];
        const size_t component = snapshot_.component_of(TreeAtom(row));
        if (component < next) continue;
        take(component);
        next = component + 1;
      }
    });
  }

  // A simple component, whose rows are those from `row` to `last` of the chunk.
  template <typename Sum, typename Lane>
  void TakeComponent(uint32_t number, const Component& component, size_t row, size_t last,
                     const Lane* lanes, Worker<Sum>* worker) const {
    const uint8_t* in = worker->in.data();
    const uint32_t* places = worker->places.data();
    size_t wanted = 0;
    bool together = true;
    for (size_t r = row; r < last; ++r) {
      wanted += in[r];
      together = together && places[r] == places[row];
    }
    if (wanted == 0) return;
    if (together && wanted == component.rows) {
      uint32_t kinds = 0;
      for (size_t r = row; r < last; ++r) kinds |= lane_bits_[lanes[r]];
      if (component.plain && plain_are_flat_) {
        worker->cells->AddPlain(places[row], component.sum, kinds);
        if (paths_.taken != nullptr) ++paths_.taken->plain;
      } else {
        worker->cells->AddBounded(places[row], component.sum, kinds);
        if (paths_.taken != nullptr) ++paths_.taken->whole;
      }
    } else if (paths_.components != Paths::Components::kNeverSplit &&
               AreApart(in, places, row, last)) {
      for (size_t r = row; r < last; ++r) {
        if (in[r] == 0) continue;
        const Atom atom = TreeAtom(component.first + (r - row));
        worker->cells->AddSplit(places[r], snapshot_.alone(atom), lane_bits_[lanes[r]], atom);
      }
      if (paths_.taken != nullptr) ++paths_.taken->split;
    } else {
      worker->components.push_back(number);
    }
  }

  // Where sums are by date: whether the rows from `row` to `last` have the same one. All of a tree
  // counts at the date of its top.
  bool IsOfOneDate(const RowsOf& rows, size_t row, size_t last) const {
    if (dates_ == nullptr) return true;
    const Codes::Block& codes = CodesOf(rows, *dates_);
    for (size_t r = row + 1; r < last; ++r) {
      if (codes[rows.first + r] != codes[rows.first + row]) return false;
    }
    return true;
  }

  // Whether no two rows that are in, from `row` to `last`, have the same place. Most claims have
  // few parts.
  static bool AreApart(const uint8_t* in, const uint32_t* places, size_t row, size_t last) {
    constexpr size_t kMost = 16;
    if (last - row > kMost) return false;
    for (size_t r = row; r < last; ++r) {
      if (in[r] == 0) continue;
      for (size_t other = r + 1; other < last; ++other) {
        if (in[other] != 0 && places[other] == places[r]) return false;
      }
    }
    return true;
  }

  const ScanInput& input_;
  const Snapshot& snapshot_;
  const Paths& paths_;
  const KindIndex kind_index_;
  const bool in_array_;
  std::vector<uint32_t> lane_bits_;  // of its kind and bound, by lane
  std::vector<KindTag> tags_;        // by lane
  std::vector<SideTable> tables_;
  const SideTable* dates_ = nullptr;  // one of tables_; null if sums are of all dates
  std::vector<uint32_t> tree_lanes_;  // as of_code of the side of lanes, for rows of trees
  // Whether components that are plain have the cells that flat rows like them have.
  bool plain_are_flat_ = false;
  bool fused_ = false;
  std::map<const Selection::Node*, Leaf> leaves_;
  const Leaf* few_ = nullptr;  // all of the filter, if it asks for few codes and nothing else
  size_t filter_depth_ = 0;
  std::vector<size_t> flat_elsewhere_;
  size_t at_once_ = kComponents;
  bool narrow_ = true;
  std::optional<CubeView> cube_;
  size_t first_flat_ = 0;  // row that is scanned
};

absl::StatusOr<Scan> Scan::Of(const ScanInput& input) { return Scanning(input).Run(); }

size_t Scan::places() const { return cells_->places(); }
void Scan::ForEachCell(size_t begin, size_t end, CellFn fn) const {
  cells_->ForEachCell(begin, end, fn);
}
size_t Scan::cells(size_t begin, size_t end) const { return cells_->used(begin, end); }
void Scan::ForEachBounded(BoundedFn fn) const { cells_->ForEachBounded(fn); }
void Scan::ForEachSplitSum(BoundedFn fn) const { cells_->ForEachSplitSum(fn); }
const std::vector<Scan::Split>& Scan::splits() const { return cells_->splits(); }

}  // namespace entente::funding::query
