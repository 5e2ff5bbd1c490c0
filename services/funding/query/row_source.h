// SPDX-License-Identifier: Apache-2.0
//
// The rows that a scan goes through, wherever they are.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ROW_SOURCE_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ROW_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "services/funding/query/blocks.h"
#include "services/funding/query/cube.h"
#include "services/funding/query/parcels.h"

namespace entente::funding::query {

// Rows of claims: flat ones, and those of trees. Or the cells of a cube that several of either are
// in.
enum class Source : uint8_t { kFlat, kTrees, kCube, kCubeTrees };

// Some of the rows of a block.
struct RowRange {
  Source source = Source::kFlat;
  size_t block = 0;
  size_t first = 0;  // in the block
  size_t n = 0;      // at most kChunk
};

// Thread-safe.
class RowSource {
 public:
  // Both must outlive it; of the cube, which may be made later, what it is at the time.
  RowSource(const Parcels& parcels, const std::optional<CubeView>& cube)
      : parcels_(parcels), snapshot_(parcels.snapshot()), cube_(cube) {}

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
  const Codes::Block& LanesOf(const RowRange& rows) const {
    return LanesOf(rows.source).block(rows.block);
  }
  const Codes::Block& CodesOf(const RowRange& rows, BaseId base) const {
    const Column& column = *parcels_.columns()[base];
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

 private:
  const Parcels& parcels_;
  const Snapshot& snapshot_;
  const std::optional<CubeView>& cube_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ROW_SOURCE_H_
