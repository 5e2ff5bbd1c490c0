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
#include "services/funding/query/cell_places.h"
#include "services/funding/query/cells.h"
#include "services/funding/query/cube.h"
#include "services/funding/query/kernels.h"
#include "services/funding/query/row_filter.h"
#include "services/funding/query/row_source.h"

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

// So few rows of a chunk that they hardly share lines of the cache.
constexpr size_t kFew = kChunk / 16;
// Components that are one piece of work.
constexpr size_t kComponents = 4096;

// What one processor has for itself.
template <typename Sum>
struct Worker {
  std::shared_ptr<CellsOf<Sum>> cells;
  RowFilter::Scratch bits;
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
        cube_(CubeFor()),
        first_flat_(cube_.has_value() ? cube_->flat_rows() : 0),
        rows_(input.parcels, cube_),
        filter_(input.selection, input.wanted, paths_),
        places_(input.grid, input.parcels, rows_, input.resources,
                snapshot_.flat_rows() - std::min(first_flat_, snapshot_.flat_rows())) {
    for (Code lane = 0; lane < kind_index_.of_lane.size(); ++lane) {
      const uint32_t kind = kind_index_.of_lane[lane];
      uint32_t bits = kind < KindIndex::kMost ? uint32_t{1} << kind : 0;
      if (snapshot_.lanes()[lane].at_least) bits |= kUnboundedBit;
      lane_bits_.push_back(bits);
      tags_.push_back(KindTag::Of(bits));
    }
    if (paths_.components_at_once > 0) at_once_ = paths_.components_at_once;
    for (const Atom atom : input.flat_elsewhere) flat_elsewhere_.push_back(RowOf(atom));
    std::sort(flat_elsewhere_.begin(), flat_elsewhere_.end());
    // Sums of 64 bits are enough if all magnitudes together are.
    narrow_ = paths_.sums != Paths::Sums::kWide &&
              snapshot_.most_units_in_all() <= std::numeric_limits<int64_t>::max();
  }

  absl::StatusOr<Scan> Run() { return narrow_ ? RunAs<int64_t>() : RunAs<__int128>(); }

 private:
  std::optional<CubeView> CubeFor() const {
    if (input_.extremes) return std::nullopt;
    return CubeView::For({input_.parcels, input_.selection, input_.grid, input_.resources,
                          input_.flat_elsewhere, input_.components_elsewhere,
                          AreComponentsSummed()});
  }

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
        all[number]->bits = filter_.NewScratch();
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
      ++(places_.in_array() ? paths_.taken->array : paths_.taken->table);
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
    if (!places_.in_array()) bytes += cells.count() * cells.bytes_each();
    if (bytes > worker->charged) (void)input_.resources.Charge(bytes - worker->charged);
    worker->charged = std::max(worker->charged, bytes);
  }

  // Whether no claims are left in some of the cells of a cube; as ClearElsewhere.
  template <typename Sum, typename CubeSum>
  bool ClearEmpty(const RowRange& rows, const CubeView::Cells<CubeSum>& cells,
                  Worker<Sum>* worker) const {
    if (!cells.any_empty) return false;
    Bits* bits = worker->bits[0].data();
    if (!filter_.has_filter()) std::memset(bits, kHolds, rows.n);
    const CubeSum* sums = cells.sums->data() + rows.block * kBlockRows + rows.first;
    for (size_t i = 0; i < rows.n; ++i) bits[i] = sums[i].claims == 0 ? 0 : bits[i];
    return true;
  }

  // Flat rows that have ended or are looked at elsewhere.
  bool AnyEnded(const RowRange& rows) const {
    const uint64_t* ended = snapshot_.ended_flat(rows.block);
    if (ended == nullptr) return false;
    for (size_t word = rows.first / 64; word * 64 < rows.first + rows.n; ++word) {
      if (ended[word] != 0) return true;
    }
    return false;
  }
  std::vector<size_t>::const_iterator FirstElsewhere(const RowRange& rows) const {
    return std::lower_bound(flat_elsewhere_.begin(), flat_elsewhere_.end(),
                            rows.block * kBlockRows + rows.first);
  }
  bool AnyElsewhere(const RowRange& rows) const {
    const auto first = FirstElsewhere(rows);
    const size_t end = rows.block * kBlockRows + rows.first + rows.n;
    return AnyEnded(rows) || (first != flat_elsewhere_.end() && *first < end);
  }

  // Whether there are such; then nothing holds of them in bits[0]. Of the others all does, unless
  // there is a filter that has said so already.
  template <typename Sum>
  bool ClearElsewhere(const RowRange& rows, Worker<Sum>* worker) const {
    if (!AnyElsewhere(rows)) return false;
    const size_t row = rows.block * kBlockRows + rows.first;
    auto elsewhere = FirstElsewhere(rows);
    const uint64_t* ended = snapshot_.ended_flat(rows.block);
    const bool any_ended = ended != nullptr;
    Bits* bits = worker->bits[0].data();
    if (!filter_.has_filter()) std::memset(bits, kHolds, rows.n);
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
    // Without a filter everything is in, and nothing could be.
    if (!filter_.has_filter() && input_.wanted != Pick::kIn) return;
    const size_t before = block * kBlockRows;
    const size_t end = std::min(kBlockRows, rows_.LanesOf(source).size() - before);
    size_t first = source == Source::kFlat && first_flat_ > before ? first_flat_ - before : 0;
    // Few rows of a chunk are far apart. They are asked of the memory at once, and added up after
    // the next chunk has been looked at.
    RowRange late;
    size_t late_count = 0;
    size_t turn = 0;
    const auto add_late = [&] {
      if (late_count > 0) {
        AddUp(late, late_count, kernels::Listed{worker->selected[1 - turn].data()}, worker);
      }
      late_count = 0;
    };
    for (; first < end; first += kChunk) {
      const RowRange rows{source, block, first, std::min(kChunk, end - first)};
      uint16_t* const selected = worker->selected[turn].data();
      const kernels::Listed listed{selected};
      size_t count = 0;
      if (source == Source::kFlat && filter_.asks_for_few() && !AnyElsewhere(rows)) {
        count = filter_.CollectFew(rows_, rows, selected);
      } else {
        if (filter_.has_filter()) filter_.Apply(rows_, rows, &worker->bits);
        const bool cleared = source == Source::kFlat   ? ClearElsewhere(rows, worker)
                             : source == Source::kCube ? ClearEmpty(rows, cube_->flat(), worker)
                                                       : ClearEmpty(rows, cube_->trees(), worker);
        if (!filter_.has_filter() && !cleared) {
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
  void Prefetch(const RowRange& rows, size_t n, const kernels::Listed& row_of) const {
    kernels::Prefetch(snapshot_.units().block(rows.block) + rows.first, n, row_of);
    const auto codes = [&](const Codes::Block& block) {
      WithCodes(block, rows.first, [&](const auto* of) { kernels::Prefetch(of, n, row_of); });
    };
    if (!input_.grid.places_say_all()) codes(rows_.LanesOf(rows));
    places_.ForEachCodes(rows, codes);
  }

  // Adds up `n` of the rows.
  template <typename Sum, typename RowOf>
  void AddUp(const RowRange& rows, size_t n, const RowOf& row_of, Worker<Sum>* worker) const {
    if (rows.source == Source::kCubeTrees) {
      AddUpTrees(rows, n, row_of, worker);
      return;
    }
    if (input_.grid.places_say_all()) {
      AddUp(rows, n, row_of, kernels::NoKind(), worker);
      return;
    }
    WithCodes(rows_.LanesOf(rows), rows.first, [&](const auto* lanes) {
      AddUp(rows, n, row_of, kernels::KindOf<std::decay_t<decltype(*lanes)>>{lanes, tags_.data()},
            worker);
    });
  }

  template <typename Sum, typename RowOf>
  void AddUpTrees(const RowRange& rows, size_t n, const RowOf& row_of, Worker<Sum>* worker) const {
    places_.Place(rows, n, row_of, worker->cells.get(), worker->places.data());
    const BoundedSum* sums = cube_->trees().sums->data() + rows.block * kBlockRows + rows.first;
    const Codes::Block& lanes = rows_.LanesOf(rows);
    for (size_t i = 0; i < n; ++i) {
      const size_t row = row_of(i);
      worker->cells->AddBounded(worker->places[i], sums[row], lane_bits_[lanes[rows.first + row]]);
    }
  }

  template <typename Sum, typename RowOf, typename KindOf>
  void AddUp(const RowRange& rows, size_t n, const RowOf& row_of, const KindOf& kind_of,
             Worker<Sum>* worker) const {
    if (rows.source == Source::kCube) {
      places_.Place(rows, n, row_of, worker->cells.get(), worker->places.data());
      kernels::AddUp(cube_->flat().sums->data() + rows.block * kBlockRows + rows.first, n, row_of,
                     kernels::Ready{worker->places.data()}, kind_of, worker->cells->cells());
      return;
    }
    const int64_t* units = snapshot_.units().block(rows.block) + rows.first;
    Cell<Sum>* cells = worker->cells->cells();
    // Wide sums are rare enough to do without loops of their own.
    if constexpr (sizeof(Sum) == sizeof(int64_t)) {
      if (places_.fused() && !input_.extremes) {
        if (paths_.taken != nullptr) ++paths_.taken->fused;
        places_.WithPlaceOf(rows, [&](const auto& place_of) {
          kernels::AddUp(units, n, row_of, place_of, kind_of, cells);
        });
        return;
      }
    }
    places_.Place(rows, n, row_of, worker->cells.get(), worker->places.data());
    // A table of cells may have grown, and moved.
    cells = worker->cells->cells();
    const kernels::Ready ready{worker->places.data()};
    kernels::AddUp(units, n, row_of, ready, kind_of, cells);
    if (Extremes* extremes = worker->cells->extremes(); extremes != nullptr) {
      const Codes::Block& lanes = rows_.LanesOf(rows);
      for (size_t i = 0; i < n; ++i) {
        const size_t row = row_of(i);
        if ((lane_bits_[lanes[rows.first + row]] & kUnboundedBit) != 0) continue;
        extremes[worker->places[i]].Add(Extremes::Of(units[row]));
      }
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
    if (!filter_.has_filter() && input_.wanted != Pick::kIn) return;
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
      const RowRange rows{Source::kTrees, first / kBlockRows, first % kBlockRows, n};
      ScanComponents(i, next, rows, worker);
      i = next;
    }
  }

  bool HasEnded(const Component& component) const {
    return snapshot_.any_tree_ended() && !snapshot_.alive(TreeAtom(component.first));
  }

  // Those from `begin` to `end`, which `rows` are of.
  template <typename Sum>
  void ScanComponents(size_t begin, size_t end, const RowRange& rows, Worker<Sum>* worker) const {
    if (AreInCube(begin, end)) return;
    uint8_t* in = worker->in.data();
    size_t count = rows.n;
    if (filter_.has_filter()) {
      filter_.Apply(rows_, rows, &worker->bits);
      count = kernels::Collect(worker->bits[0].data(), rows.n, input_.wanted,
                               worker->selected[0].data(), &worker->any_could);
      if (count == 0) return;
      std::memset(in, 0, rows.n);
      for (size_t i = 0; i < count; ++i) in[worker->selected[0][i]] = 1;
    } else {
      std::memset(in, 1, rows.n);
    }
    places_.Place(rows, rows.n, kernels::Every(), worker->cells.get(), worker->places.data());
    const size_t first_row = rows.block * kBlockRows + rows.first;
    WithCodes(rows_.LanesOf(rows), rows.first, [&](const auto* lanes) {
      const auto take = [&](size_t i) {
        const Component& component = snapshot_.component(i);
        if (HasEnded(component) || AreInCube(i, i + 1)) return;
        const size_t row = component.first - first_row;
        const size_t last = row + component.rows;
        if (IsElsewhere(static_cast<uint32_t>(i), component) ||
            !places_.AreOfOneDate(rows, row, last)) {
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
      if (component.like_flat && places_.shares_cells()) {
        worker->cells->AddLikeFlat(places[row], component.sum, kinds);
        if (paths_.taken != nullptr) ++paths_.taken->like_flat;
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
  const std::optional<CubeView> cube_;
  const size_t first_flat_;  // row that is scanned
  const RowSource rows_;
  const RowFilter filter_;
  const CellPlaces places_;
  std::vector<uint32_t> lane_bits_;  // of its kind and bound, by lane
  std::vector<KindTag> tags_;        // by lane
  std::vector<size_t> flat_elsewhere_;
  size_t at_once_ = kComponents;
  bool narrow_ = true;
};

absl::StatusOr<Scan> Scan::Of(const ScanInput& input) {
  RETURN_IF_ERROR(input.resources.Check());
  return Scanning(input).Run();
}

size_t Scan::places() const { return cells_->places(); }
void Scan::ForEachCell(size_t begin, size_t end, CellFn fn) const {
  cells_->ForEachCell(begin, end, fn);
}
size_t Scan::cells(size_t begin, size_t end) const { return cells_->used(begin, end); }
void Scan::ForEachBounded(BoundedFn fn) const { cells_->ForEachBounded(fn); }
void Scan::ForEachSplitSum(BoundedFn fn) const { cells_->ForEachSplitSum(fn); }
const std::vector<Scan::Split>& Scan::splits() const { return cells_->splits(); }

}  // namespace entente::funding::query
