// SPDX-License-Identifier: Apache-2.0
//
// The ways that there are through a query, each of which leads to the same answer. Tests force them
// one by one; all others leave the choice to the engine.
//
//   Taken taken;
//   Paths paths;
//   paths.sums = Paths::Sums::kWide;
//   paths.taken = &taken;
//   Resources resources(&parallel, memory, cancelled, paths);
//
// A path that is not there (an array of more cells than 32 bits can say) cannot be forced.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_PATHS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_PATHS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace entente::funding::query {

// How often a path was taken, by however many queries.
struct Taken {
  using Count = std::atomic<int64_t>;

  // Scans, by how wide their sums are, and by where their cells are.
  Count narrow{0};
  Count wide{0};
  Count array{0};
  Count table{0};
  // Cells of one worker that were added to those of another: of flat atoms, and of components.
  Count merged{0};
  Count merged_bounded{0};
  // Chunks of flat rows: all of them are in, or some.
  Count all{0};
  Count some{0};
  // Of these, looked up and added in one loop.
  Count fused{0};
  // Columns of classes that took the place of a table by code.
  Count classes{0};
  // Scans that had the flat rows of some revision from a cube.
  Count cube{0};
  Count cubes_made{0};
  // Components: summed up by the scan with all of their parts, like amounts of flat rows or not, or
  // part by part; and those that are left to the exact path.
  Count like_flat{0};
  Count whole{0};
  Count split{0};
  Count exact{0};
};

struct Paths {
  enum class Sums : uint8_t { kAny, kWide };
  enum class Cells : uint8_t { kAny, kTable };
  // kApart: the cells of all rows are looked up before anything is added.
  enum class Loops : uint8_t { kAny, kApart };
  // kByBits: what a filter asks is noted for each row, however simple it is.
  enum class Filters : uint8_t { kAny, kByBits };
  // kAlways: wherever there can be such a column, however few rows have one.
  enum class Classes : uint8_t { kAny, kNever, kAlways };
  // kExact: none is summed up by the scan. kNeverSplit: none is part by part.
  enum class Components : uint8_t { kAny, kExact, kNeverSplit };

  // kAlways: wherever there can be one, however few claims it serves.
  enum class Cubes : uint8_t { kAny, kNever, kAlways };

  Sums sums = Sums::kAny;
  Cells cells = Cells::kAny;
  Loops loops = Loops::kAny;
  Filters filters = Filters::kAny;
  Classes classes = Classes::kAny;
  Components components = Components::kAny;
  Cubes cubes = Cubes::kAny;
  // How many components are one piece of work; 0 for any number.
  size_t components_at_once = 0;
  // With how many rows that were added or have ended since a cube still serves; 0 for any number.
  size_t late_rows = 0;
  // So many workers take the pieces of work in turn, all on the caller's thread; 0 for those of
  // Parallel, which take what comes.
  size_t workers = 0;
  // Counts if it is not null, and must outlive the query then.
  Taken* taken = nullptr;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PATHS_H_
