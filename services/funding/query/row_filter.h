// SPDX-License-Identifier: Apache-2.0
//
// A selection's filter, asked of many rows at once.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ROW_FILTER_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ROW_FILTER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "services/funding/query/paths.h"
#include "services/funding/query/row_source.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// Immutable. Thread-safe.
class RowFilter {
 public:
  // What is made of rows on the way, by depth in the filter: each thread needs its own.
  using Scratch = std::vector<std::array<Bits, kChunk>>;

  // `selection` must outlive it.
  RowFilter(const Selection& selection, Pick wanted, const Paths& paths);

  // Without one everything is in, and nothing could be.
  bool has_filter() const { return selection_.filter().has_value(); }
  Scratch NewScratch() const { return Scratch(std::max<size_t>(1, depth_)); }
  // What the filter, which there is, makes of each row, into scratch[0].
  void Apply(const RowSource& source, const RowRange& rows, Scratch* scratch) const {
    Apply(*selection_.filter(), source, rows, 0, scratch);
  }

  // Whether it asks for few codes of one column and nothing else: then CollectFew does as well.
  bool asks_for_few() const { return few_ != nullptr; }
  // Which of the rows are in, into `selected`, which has room for eight more; how many they are.
  size_t CollectFew(const RowSource& source, const RowRange& rows, uint16_t* selected) const;

 private:
  // What a leaf asks of each row: a table by code or, where few codes hold and nothing else could,
  // these codes.
  struct Leaf {
    BaseId base = 0;
    const std::vector<Bits>* of_code = nullptr;
    std::vector<Code> holding;
    bool is_few = false;
  };

  static Leaf LeafOf(const Selection::Node& node);
  void MakeLeaves(const Selection::Node& node, size_t depth);
  void Apply(const Selection::Node& node, const RowSource& source, const RowRange& rows,
             size_t depth, Scratch* scratch) const;

  const Selection& selection_;
  std::map<const Selection::Node*, Leaf> leaves_;
  const Leaf* few_ = nullptr;  // all of the filter, if it is like that
  size_t depth_ = 0;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ROW_FILTER_H_
