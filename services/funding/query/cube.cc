// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/cube.h"

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <utility>

#include "services/funding/query/code_parts.h"

namespace entente::funding::query {
namespace {

// Fewer rows are scanned in less time than all the rest takes.
constexpr size_t kLeastRows = kBlockRows;
// A cube has at most so many cells, and at least so many rows for each of them that could be.
constexpr uint64_t kMostCells = uint64_t{1} << 20;
constexpr uint64_t kRowsOfCell = 8;
// Rows that were added or have ended since a cube was made: more of them, as a part of all rows,
// and it is made anew.
constexpr size_t kLeastLate = kBlockRows;
constexpr size_t kLatePart = 128;

// What a filter says of the parts of a base.
bool AreAlike(const Selection::Node& node, BaseId base, const CodeParts& parts) {
  if (node.kind == Selection::Node::Kind::kLeaf) {
    return node.base != base || AreAlike(node.of_code, parts);
  }
  return std::all_of(node.operands.begin(), node.operands.end(),
                     [&](const Selection::Node& n) { return AreAlike(n, base, parts); });
}

// Whether the query tells nothing apart in any part of the base.
bool AreAlike(const CubeQuery& query, BaseId base, const CodeParts& parts) {
  if (parts.of_code.empty()) return true;
  for (const Grid::Side& side : query.grid.sides()) {
    if (side.of_lanes || side.base != base) continue;
    if (side.class_of.empty() || !AreAlike(side.class_of, parts)) return false;
  }
  const auto& filter = query.selection.filter();
  return !filter.has_value() || AreAlike(*filter, base, parts);
}

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

void SetBit(size_t i, std::vector<uint64_t>* bits) { (*bits)[i / 64] |= uint64_t{1} << (i % 64); }
bool HasBit(const std::vector<uint64_t>& bits, size_t i) {
  return (bits[i / 64] >> (i % 64) & 1) != 0;
}

// How many claims of a cell are open or unbounded, which the sum itself says only of all together.
struct Opens {
  int64_t low = 0;
  int64_t high = 0;
  int64_t unbounded = 0;

  void Add(const SmallSum& sum, int64_t times) {
    low += sum.low_open ? times : 0;
    high += sum.high_open ? times : 0;
    unbounded += sum.unbounded ? times : 0;
  }
};

}  // namespace

// Immutable.
class Cube {
 public:
  // By what the cells are, but for lanes.
  struct Base {
    const Column* column = nullptr;
    std::shared_ptr<const CodeParts> parts;
  };

  // Cells of flat rows, or of components.
  template <typename Sum>
  struct Cells {
    std::vector<uint32_t> numbers;  // by place; kNone where nothing has been
    std::vector<Sum> sums;
    Codes::View lanes;
    std::vector<Codes::View> codes;  // by base
    bool any_empty = false;

    void NoteEmpty() {
      any_empty =
          std::any_of(sums.begin(), sums.end(), [](const Sum& sum) { return sum.claims == 0; });
    }
  };

  // Null if the query cannot spare the memory.
  static std::shared_ptr<const Cube> Of(const CubeQuery& query, const std::vector<Base>& bases);

  int64_t revision() const { return revision_; }
  size_t flat_rows() const { return flat_rows_; }
  // How many rows were added or have ended since, of a snapshot that is not older.
  size_t LateRows(const Snapshot& snapshot) const {
    return snapshot.flat_rows() - flat_rows_ + (snapshot.flat_ended() - flat_ended_) +
           (snapshot.tree_rows() - tree_rows_) + (snapshot.trees_ended() - trees_ended_);
  }

  const Cells<Several>& flat() const { return flat_; }
  const Cells<BoundedSum>& trees() const { return trees_; }
  // Those that are in cells: a bit for each.
  const std::vector<uint64_t>& components() const { return components_; }

  // Calls `fn` for each flat row, and for each component, that is in cells and has ended since.
  template <typename Fn>
  void ForEachEnded(const Snapshot& snapshot, const Fn& fn) const;
  template <typename Fn>
  void ForEachEndedComponent(const Snapshot& snapshot, const Fn& fn) const;

  // Takes a flat row, if it is in cells, out of sums. `columns`: those of the bases.
  void Subtract(size_t row, const Snapshot& snapshot, const std::vector<const Column*>& columns,
                std::vector<Several>* sums) const {
    if (row >= flat_rows_ || HasBit(left_out_, row)) return;
    Several& sum = (*sums)[flat_.numbers[PlaceOf(FlatAtom(row), snapshot, columns)]];
    sum.units -= snapshot.units(FlatAtom(row));
    --sum.claims;
  }
  // Likewise a component that is in cells. `opens` is by cell.
  void SubtractComponent(uint32_t component, const Snapshot& snapshot,
                         const std::vector<const Column*>& columns, std::vector<BoundedSum>* sums,
                         std::vector<Opens>* opens) const {
    const Component& of = snapshot.component(component);
    const uint32_t number = trees_.numbers[PlaceOf(TreeAtom(of.first), snapshot, columns)];
    BoundedSum& sum = (*sums)[number];
    sum.low -= of.sum.low;
    sum.high -= of.sum.high;
    sum.stated -= of.sum.stated;
    sum.excess -= of.sum.excess;
    --sum.claims;
    (*opens)[number].Add(of.sum, -1);
    sum.low_open = (*opens)[number].low > 0;
    sum.high_open = (*opens)[number].high > 0;
    sum.unbounded = (*opens)[number].unbounded > 0;
  }
  const std::vector<Opens>& opens() const { return opens_; }

 private:
  // What a column adds to the place of a cell.
  struct Side {
    std::vector<uint32_t> of_code;  // empty if a code adds so many strides
    uint32_t stride = 0;

    uint32_t Of(Code code) const { return of_code.empty() ? code * stride : of_code[code]; }
  };

  uint32_t PlaceOf(Atom atom, const Snapshot& snapshot,
                   const std::vector<const Column*>& columns) const {
    uint32_t place = snapshot.LaneOf(atom);
    for (size_t i = 0; i < columns.size(); ++i) place += sides_[i].Of(columns[i]->CodeOf(atom));
    return place;
  }

  void AddUpFlat(const CubeQuery& query, const std::vector<Base>& bases, size_t places);
  void AddUpComponents(const CubeQuery& query, const std::vector<Base>& bases,
                       const std::vector<const Column*>& columns, size_t places);
  // What the cells at `places` are of.
  template <typename Sum>
  static void NameCells(const std::vector<uint32_t>& places, size_t lanes,
                        const std::vector<Base>& bases, Cells<Sum>* cells);

  int64_t revision_ = 0;
  size_t flat_rows_ = 0;
  size_t flat_ended_ = 0;
  size_t tree_rows_ = 0;
  size_t trees_ended_ = 0;
  std::vector<Side> sides_;  // by base
  Cells<Several> flat_;
  // Flat rows that had ended, or whose money is divided: a bit for each.
  std::vector<uint64_t> left_out_;
  Cells<BoundedSum> trees_;
  std::vector<Opens> opens_;  // by cell of trees_
  std::vector<uint64_t> components_;
};

namespace {

// Calls `fn` with the rows below `rows` that have ended.
template <typename BitsOf, typename Fn>
void ForEachBit(size_t rows, const BitsOf& bits_of, const Fn& fn) {
  for (size_t block = 0; block * kBlockRows < rows; ++block) {
    const uint64_t* bits = bits_of(block);
    for (size_t word = 0; bits != nullptr && word < kBlockRows / 64; ++word) {
      for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
        const size_t row =
            block * kBlockRows + word * 64 + static_cast<size_t>(__builtin_ctzll(rest));
        if (row < rows) fn(row);
      }
    }
  }
}

}  // namespace

template <typename Fn>
void Cube::ForEachEnded(const Snapshot& snapshot, const Fn& fn) const {
  if (snapshot.flat_ended() == flat_ended_) return;
  ForEachBit(
      flat_rows_, [&](size_t block) { return snapshot.ended_flat(block); }, fn);
}

template <typename Fn>
void Cube::ForEachEndedComponent(const Snapshot& snapshot, const Fn& fn) const {
  if (snapshot.trees_ended() == trees_ended_ || components_.empty()) return;
  ForEachBit(
      tree_rows_, [&](size_t block) { return snapshot.ended_trees(block); },
      [&](size_t row) {
        const uint32_t component = snapshot.component_of(TreeAtom(row));
        if (row == snapshot.component(component).first && HasBit(components_, component)) {
          fn(component);
        }
      });
}

std::shared_ptr<const Cube> Cube::Of(const CubeQuery& query, const std::vector<Base>& bases) {
  const Snapshot& snapshot = query.parcels.snapshot();
  auto cube = std::make_shared<Cube>();
  cube->revision_ = snapshot.state().revision();
  cube->flat_rows_ = snapshot.flat_rows();
  cube->flat_ended_ = snapshot.flat_ended();
  cube->tree_rows_ = snapshot.tree_rows();
  cube->trees_ended_ = snapshot.trees_ended();
  std::vector<const Column*> columns;
  size_t places = snapshot.lanes().size();
  for (const Base& base : bases) {
    Side side;
    side.stride = static_cast<uint32_t>(places);
    for (const uint32_t part : base.parts->of_code) side.of_code.push_back(part * side.stride);
    cube->sides_.push_back(std::move(side));
    columns.push_back(base.column);
    places *= base.parts->count;
  }
  const size_t bytes = places * (sizeof(Cell<int64_t>) * query.resources.workers() +
                                 sizeof(BoundedSum) + 2 * sizeof(uint32_t));
  if (!query.resources.Spare(bytes)) return nullptr;
  cube->AddUpFlat(query, bases, places);
  // Until now nothing is left out, and everything can be subtracted.
  const auto leave_out = [&](size_t row) {
    cube->Subtract(row, snapshot, columns, &cube->flat_.sums);
    SetBit(row, &cube->left_out_);
  };
  cube->left_out_.resize((cube->flat_rows_ + 63) / 64);
  ForEachBit(
      cube->flat_rows_, [&](size_t block) { return snapshot.ended_flat(block); }, leave_out);
  for (const Atom atom : query.parcels.divided()) {
    if (IsFlat(atom)) leave_out(RowOf(atom));
  }
  cube->flat_.NoteEmpty();
  cube->AddUpComponents(query, bases, columns, places);
  // What is left of it belongs to the table.
  query.resources.GiveBack(bytes);
  return cube;
}

// By place, what all rows come to.
void Cube::AddUpFlat(const CubeQuery& query, const std::vector<Base>& bases, size_t places) {
  const Snapshot& snapshot = query.parcels.snapshot();
  std::vector<std::vector<Cell<int64_t>>> of_worker(query.resources.workers());
  const size_t blocks = (flat_rows_ + kBlockRows - 1) / kBlockRows;
  query.resources.ForEach(blocks, [&](size_t worker, size_t block) {
    if (of_worker[worker].empty()) of_worker[worker].resize(places);
    std::array<uint32_t, kChunk> place;
    const size_t end = std::min(kBlockRows, flat_rows_ - block * kBlockRows);
    for (size_t first = 0; first < end; first += kChunk) {
      const size_t n = std::min(kChunk, end - first);
      using kernels::Every;
      using kernels::Placing;
      WithCodes(snapshot.flat_lanes().block(block), first,
                [&](const auto* codes) { std::copy_n(codes, n, place.begin()); });
      for (size_t i = 0; i < bases.size(); ++i) {
        const Side& side = sides_[i];
        WithCodes(bases[i].column->flat.block(block), first, [&](const auto* codes) {
          if (side.of_code.empty()) {
            kernels::Place<Placing::kAdd>(n, Every(), kernels::ByCode{codes, side.stride},
                                          place.data());
          } else {
            kernels::Place<Placing::kAdd>(n, Every(), kernels::ByTable{codes, side.of_code.data()},
                                          place.data());
          }
        });
      }
      kernels::AddUp(snapshot.units().block(block) + first, n, Every(),
                     kernels::Ready{place.data()}, kernels::NoKind(), of_worker[worker].data());
    }
  });
  std::vector<uint32_t> used;
  flat_.numbers.assign(places, kNone);
  for (uint32_t place = 0; place < places; ++place) {
    Cell<int64_t> cell;
    for (const auto& own : of_worker) {
      if (!own.empty()) cell.Add(own[place]);
    }
    if (cell.claims() == 0) continue;
    flat_.numbers[place] = static_cast<uint32_t>(used.size());
    flat_.sums.push_back({cell.sum(), cell.claims()});
    used.push_back(place);
  }
  NameCells(used, snapshot.lanes().size(), bases, &flat_);
}

void Cube::AddUpComponents(const CubeQuery& query, const std::vector<Base>& bases,
                           const std::vector<const Column*>& columns, size_t places) {
  const Snapshot& snapshot = query.parcels.snapshot();
  const size_t count = query.components ? snapshot.components() : 0;
  // Where each is, with all of its rows; kNone if there is no such place.
  std::vector<uint32_t> place_of(count, kNone);
  constexpr size_t kAtOnce = 4096;
  query.resources.ForEach((count + kAtOnce - 1) / kAtOnce, [&](size_t, size_t piece) {
    const size_t end = std::min(count, (piece + 1) * kAtOnce);
    for (size_t i = piece * kAtOnce; i < end; ++i) {
      const Component& component = snapshot.component(i);
      if (!component.simple || !snapshot.alive(TreeAtom(component.first)) ||
          query.components_elsewhere.count(static_cast<uint32_t>(i)) > 0) {
        continue;
      }
      const uint32_t place = PlaceOf(TreeAtom(component.first), snapshot, columns);
      bool together = true;
      for (size_t row = component.first + 1; row < component.first + component.rows; ++row) {
        together = together && PlaceOf(TreeAtom(row), snapshot, columns) == place;
      }
      if (together) place_of[i] = place;
    }
  });
  components_.resize((count + 63) / 64);
  trees_.numbers.assign(places, kNone);
  std::vector<uint32_t> used;
  for (size_t i = 0; i < count; ++i) {
    if (place_of[i] == kNone) continue;
    uint32_t& number = trees_.numbers[place_of[i]];
    if (number == kNone) {
      number = static_cast<uint32_t>(used.size());
      used.push_back(place_of[i]);
      trees_.sums.emplace_back();
      opens_.emplace_back();
    }
    trees_.sums[number].Add(snapshot.component(i).sum);
    opens_[number].Add(snapshot.component(i).sum, 1);
    SetBit(i, &components_);
  }
  NameCells(used, snapshot.lanes().size(), bases, &trees_);
}

template <typename Sum>
void Cube::NameCells(const std::vector<uint32_t>& places, size_t lanes,
                     const std::vector<Base>& bases, Cells<Sum>* cells) {
  Codes of_lanes;
  std::vector<Codes> codes(bases.size());
  for (size_t rest : places) {
    of_lanes.Append(static_cast<Code>(rest % lanes));
    rest /= lanes;
    for (size_t i = 0; i < bases.size(); ++i) {
      const CodeParts& parts = *bases[i].parts;
      const auto part = static_cast<Code>(rest % parts.count);
      codes[i].Append(parts.sample.empty() ? part : parts.sample[part]);
      rest /= parts.count;
    }
  }
  cells->lanes = of_lanes.ViewOf(places.size());
  for (const Codes& of_base : codes) cells->codes.push_back(of_base.ViewOf(places.size()));
}

namespace {

// The cubes of a table.
class Cubes {
 public:
  struct Key {
    std::vector<const Derived*> columns;  // what is shared by all views of each
    Parted parted = Parted::kNot;
    bool components = true;

    friend bool operator==(const Key&, const Key&) = default;
  };

  // The one of `key`, made if there is none or if more rows than `most_late` are late for it. Null
  // if the snapshot is older than it, if another makes it at the moment, or if it cannot be made.
  template <typename Make>
  std::shared_ptr<const Cube> Of(const Key& key, const Snapshot& snapshot, size_t most_late,
                                 const Make& make) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      auto kept = Find(key);
      if (kept != kept_.end() && kept->cube != nullptr) {
        if (kept->cube->revision() > snapshot.state().revision()) return nullptr;
        if (kept->cube->LateRows(snapshot) <= most_late) {
          std::rotate(kept, kept + 1, kept_.end());
          return kept_.back().cube;
        }
      }
      if (kept == kept_.end()) {
        if (kept_.size() == kMost) kept_.erase(kept_.begin());
        kept_.push_back({key, nullptr, false});
        kept = kept_.end() - 1;
      }
      if (kept->making) return nullptr;
      kept->making = true;
    }
    std::shared_ptr<const Cube> made = make();
    std::lock_guard<std::mutex> lock(mutex_);
    // Others may have crowded it out.
    if (const auto kept = Find(key); kept != kept_.end()) {
      kept->making = false;
      if (made != nullptr) kept->cube = made;
    }
    return made;
  }

 private:
  static constexpr size_t kMost = 8;

  struct Kept {
    Key key;
    std::shared_ptr<const Cube> cube;
    bool making = false;
  };

  std::vector<Kept>::iterator Find(const Key& key) {
    return std::find_if(kept_.begin(), kept_.end(),
                        [&](const Kept& kept) { return kept.key == key; });
  }

  std::mutex mutex_;
  std::vector<Kept> kept_;  // guarded by mutex_; the latest used is the last
};

size_t MostLate(const CubeQuery& query) {
  if (query.resources.paths().late_rows > 0) return query.resources.paths().late_rows;
  return std::max(kLeastLate, query.parcels.snapshot().flat_rows() / kLatePart);
}

// Whether there are few enough cells.
bool IsSmall(const Snapshot& snapshot, const std::vector<Cube::Base>& bases, bool whatever_gain) {
  const uint64_t most = whatever_gain
                            ? kMostCells
                            : std::min<uint64_t>(kMostCells, snapshot.flat_rows() / kRowsOfCell);
  uint64_t cells = snapshot.lanes().size();
  for (const Cube::Base& base : bases) {
    if (cells > most) return false;
    cells *= base.parts->count;
  }
  return cells <= most;
}

}  // namespace

std::optional<CubeView> CubeView::For(const CubeQuery& query) {
  const Snapshot& snapshot = query.parcels.snapshot();
  const Paths::Cubes paths = query.resources.paths().cubes;
  const bool always = paths == Paths::Cubes::kAlways;
  if (paths == Paths::Cubes::kNever || snapshot.flat_rows() < (always ? 1 : kLeastRows)) {
    return std::nullopt;
  }
  // Sums are of 64 bits.
  if (snapshot.most_units_in_all() > std::numeric_limits<int64_t>::max()) return std::nullopt;
  // In an order that does not depend on the query.
  std::vector<BaseId> ids;
  bool any_date = false;
  for (BaseId id = 0; id < query.parcels.columns().size(); ++id) {
    if (query.parcels.columns()[id]->of_lanes) continue;
    ids.push_back(id);
    any_date = any_date || IsDate(query.parcels.NameOf(id));
  }
  std::sort(ids.begin(), ids.end(),
            [&](BaseId a, BaseId b) { return query.parcels.NameOf(a) < query.parcels.NameOf(b); });
  for (const Parted parted : {Parted::kByYear, Parted::kByMonth, Parted::kNot}) {
    if (!any_date && parted != Parted::kNot) continue;
    Cubes::Key key{{}, parted, query.components};
    std::vector<Cube::Base> bases;
    bool alike = true;
    for (const BaseId id : ids) {
      const Column& column = *query.parcels.columns()[id];
      const bool by_parts = IsDate(query.parcels.NameOf(id));
      key.columns.push_back(column.derived.get());
      bases.push_back({&column, PartsOf(column, by_parts ? parted : Parted::kNot)});
      alike = alike && AreAlike(query, id, *bases.back().parts);
    }
    if (!alike) continue;
    if (!IsSmall(snapshot, bases, always)) return std::nullopt;
    const auto cubes = snapshot.derived().Of<Cubes>("cubes");
    const auto cube = cubes->Of(key, snapshot, MostLate(query), [&] {
      if (Taken* taken = query.resources.paths().taken; taken != nullptr) ++taken->cubes_made;
      return Cube::Of(query, bases);
    });
    if (cube == nullptr) return std::nullopt;
    return CubeView(cube, query, ids);
  }
  return std::nullopt;
}

CubeView::CubeView(std::shared_ptr<const Cube> cube, const CubeQuery& query,
                   const std::vector<BaseId>& bases)
    : cube_(std::move(cube)) {
  const Snapshot& snapshot = query.parcels.snapshot();
  const auto& all = query.parcels.columns();
  std::vector<const Column*> columns;
  for (const BaseId base : bases) columns.push_back(all[base].get());
  const auto show = [&](const auto& cells, auto* shown) {
    shown->lanes = &cells.lanes;
    shown->sums = &cells.sums;
    shown->any_empty = cells.any_empty;
    shown->codes.assign(all.size(), &cells.lanes);  // what is not a base is of lanes
    for (size_t i = 0; i < bases.size(); ++i) shown->codes[bases[i]] = &cells.codes[i];
  };
  show(cube_->flat(), &flat_);
  show(cube_->trees(), &trees_);
  components_ = &cube_->components();
  // The sums to subtract from.
  const auto own = [](auto* shown) {
    if (shown->own == nullptr) {
      shown->own = std::make_unique<std::decay_t<decltype(*shown->own)>>(*shown->sums);
      shown->sums = shown->own.get();
    }
    return shown->own.get();
  };
  const auto subtract = [&](size_t row) { cube_->Subtract(row, snapshot, columns, own(&flat_)); };
  cube_->ForEachEnded(snapshot, subtract);
  // What has ended is out already.
  for (const Atom atom : query.flat_elsewhere) {
    if (snapshot.alive(atom)) subtract(RowOf(atom));
  }
  std::vector<Opens> opens;
  const auto subtract_component = [&](uint32_t component) {
    if (opens.empty()) opens = cube_->opens();
    cube_->SubtractComponent(component, snapshot, columns, own(&trees_), &opens);
  };
  cube_->ForEachEndedComponent(snapshot, subtract_component);
  for (const uint32_t component : query.components_elsewhere) {
    if (!Has(component)) continue;
    if (own_components_ == nullptr) {
      own_components_ = std::make_unique<std::vector<uint64_t>>(*components_);
      components_ = own_components_.get();
    }
    (*own_components_)[component / 64] &= ~(uint64_t{1} << (component % 64));
    if (snapshot.alive(TreeAtom(snapshot.component(component).first))) {
      subtract_component(component);
    }
  }
  const auto note_empty = [](auto* shown) {
    if (shown->own == nullptr) return;
    shown->any_empty = std::any_of(shown->own->begin(), shown->own->end(),
                                   [](const auto& sum) { return sum.claims == 0; });
  };
  note_empty(&flat_);
  note_empty(&trees_);
}

size_t CubeView::flat_rows() const { return cube_->flat_rows(); }

bool CubeView::HasAll(uint32_t begin, uint32_t end) const {
  if (end > components_->size() * 64) return false;
  for (uint32_t i = begin; i < end;) {
    const uint32_t next = std::min(end, (i / 64 + 1) * 64);
    const uint64_t wanted = (next - i == 64 ? ~uint64_t{0} : (uint64_t{1} << (next - i)) - 1)
                            << (i % 64);
    if (((*components_)[i / 64] & wanted) != wanted) return false;
    i = next;
  }
  return true;
}

}  // namespace entente::funding::query
