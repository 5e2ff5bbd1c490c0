// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/row_filter.h"

#include "services/funding/query/kernels.h"

namespace entente::funding::query {

RowFilter::RowFilter(const Selection& selection, Pick wanted, const Paths& paths)
    : selection_(selection) {
  if (!has_filter()) return;
  MakeLeaves(*selection.filter(), 1);
  const auto only = leaves_.find(&*selection.filter());
  if (only != leaves_.end() && only->second.is_few && wanted == Pick::kIn &&
      kernels::kCollectsFew && paths.filters == Paths::Filters::kAny) {
    few_ = &only->second;
  }
}

RowFilter::Leaf RowFilter::LeafOf(const Selection::Node& node) {
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

void RowFilter::MakeLeaves(const Selection::Node& node, size_t depth) {
  depth_ = std::max(depth_, depth);
  if (node.kind == Selection::Node::Kind::kLeaf) {
    leaves_.emplace(&node, LeafOf(node));
    return;
  }
  for (size_t i = 0; i < node.operands.size(); ++i) {
    MakeLeaves(node.operands[i], depth + (i > 0 ? 1 : 0));
  }
}

void RowFilter::Apply(const Selection::Node& node, const RowSource& source, const RowRange& rows,
                      size_t depth, Scratch* scratch) const {
  Bits* bits = (*scratch)[depth].data();
  switch (node.kind) {
    case Selection::Node::Kind::kLeaf: {
      const Leaf& leaf = leaves_.at(&node);
      WithCodes(source.CodesOf(rows, leaf.base), rows.first, [&](const auto* codes) {
        if (leaf.is_few) {
          kernels::Compare(codes, rows.n, leaf.holding, bits);
        } else {
          kernels::LookUp(codes, rows.n, leaf.of_code->data(), bits);
        }
      });
      return;
    }
    case Selection::Node::Kind::kNot:
      Apply(node.operands[0], source, rows, depth, scratch);
      for (size_t i = 0; i < rows.n; ++i) bits[i] = Not(bits[i]);
      return;
    default:
      break;
  }
  Apply(node.operands[0], source, rows, depth, scratch);
  for (size_t operand = 1; operand < node.operands.size(); ++operand) {
    Apply(node.operands[operand], source, rows, depth + 1, scratch);
    const Bits* more = (*scratch)[depth + 1].data();
    // Two loops, so that the compiler sees one operation in each.
    if (node.kind == Selection::Node::Kind::kAnd) {
      for (size_t i = 0; i < rows.n; ++i) bits[i] = And(bits[i], more[i]);
    } else {
      for (size_t i = 0; i < rows.n; ++i) bits[i] = Or(bits[i], more[i]);
    }
  }
}

size_t RowFilter::CollectFew(const RowSource& source, const RowRange& rows,
                             uint16_t* selected) const {
  size_t count = 0;
  WithCodes(source.CodesOf(rows, few_->base), rows.first, [&](const auto* codes) {
    count = kernels::CollectFew(codes, rows.n, few_->holding, selected);
  });
  return count;
}

}  // namespace entente::funding::query
