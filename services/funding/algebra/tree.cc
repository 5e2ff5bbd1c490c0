// SPDX-License-Identifier: Apache-2.0
#include "services/funding/algebra/tree.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "services/funding/algebra/apportion.h"

namespace entente::funding::algebra {

using absl::int128;
using figure::Decimal;
using figure::Interval;

namespace {

int128 PowerOfTen(int exponent) {
  int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

int128 Magnitude(int128 value) { return value < 0 ? -value : value; }

// The ends of all figures of a tree add up to at most this. No expression in them that is formed
// here comes to more than 8 times as much (docs/claims.md), which 128 bits hold.
int128 MaxUnits() { return PowerOfTen(37); }

std::string NameOf(absl::Span<const Claim> claims, NodeId node) {
  return claims[node].name.empty() ? absl::StrCat("claim ", node) : std::string(claims[node].name);
}

absl::Status CheckFigure(const Figure& figure, bool is_whole_tree) {
  const Interval& bounds = figure.bounds;
  if (bounds.IsEmpty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no value is within its bounds ", ToString(bounds)));
  }
  // Up to the ends, be they open: "nearly 600" is less than the 600 that is written.
  if (figure.stated < bounds.low.value ||
      (bounds.high.has_value() && figure.stated > bounds.high->value)) {
    return absl::InvalidArgumentError(absl::StrCat("states ", figure.stated.ToString(),
                                                   " outside of its bounds ", ToString(bounds)));
  }
  const bool is_point = bounds.high.has_value() && bounds.high->value == bounds.low.value;
  if (bounds.low.value.is_negative() && !(is_whole_tree && is_point)) {
    return absl::InvalidArgumentError(
        absl::StrCat("can be below 0, ", ToString(bounds),
                     ": only an exact figure without parts or whole can be"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Tree> Tree::Build(absl::Span<const Claim> claims, int minor_digits) {
  if (claims.empty()) return absl::InvalidArgumentError("a tree of no claims");
  if (minor_digits < 0 || minor_digits > Decimal::kMaxScale) {
    return absl::InvalidArgumentError(absl::StrCat("a minor unit of ", minor_digits, " digits"));
  }
  for (size_t i = 0; i < claims.size(); ++i) {
    const NodeId id = static_cast<NodeId>(i);
    if (id == 0 ? claims[i].whole != kTop : claims[i].whole < 0 || claims[i].whole >= id) {
      return absl::InvalidArgumentError(absl::StrCat(
          NameOf(claims, id), ": expected the top first, and each whole before its parts"));
    }
    if (!claims[i].figure.has_value()) continue;
    if (const absl::Status status = CheckFigure(*claims[i].figure, claims.size() == 1);
        !status.ok()) {
      return absl::Status(status.code(), absl::StrCat(NameOf(claims, id), ": ", status.message()));
    }
  }

  Tree tree;
  tree.minor_digits_ = minor_digits;
  RETURN_IF_ERROR(tree.SetScale(claims));

  for (const Claim& claim : claims) {
    Node node;
    node.whole = claim.whole;
    node.has_figure = claim.figure.has_value();
    node.summed = node.has_figure || (node.whole != kTop && tree.nodes_[node.whole].summed);
    node.bounds = node.has_figure ? tree.RangeOf(claim.figure->bounds) : Range::Everything();
    node.atom = !node.summed                ? Range::Zero()
                : node.bounds.low.units < 0 ? node.bounds
                                            : Range::AtLeastZero();
    if (node.has_figure) node.stated = tree.UnitsOf(claim.figure->stated);
    tree.nodes_.push_back(node);
  }

  // From below. `stated` is that of the parts until a node's turn comes, then that of its atom.
  std::vector<int128> parts_stated(claims.size(), 0);
  for (NodeId id = tree.size() - 1; id >= 0; --id) {
    Node& node = tree.nodes_[id];
    const Range within = Within(node);
    if (IsEmpty(within)) {
      return absl::InvalidArgumentError(
          absl::StrCat(NameOf(claims, id), ": its parts come to ",
                       ToString(tree.IntervalOf(node.parts + node.atom)), ", and it states ",
                       ToString(claims[id].figure->bounds)));
    }
    const int128 stated = node.has_figure ? node.stated : parts_stated[id];
    node.stated = stated - parts_stated[id];
    if (node.whole == kTop) continue;
    tree.nodes_[node.whole].parts = tree.nodes_[node.whole].parts + within;
    parts_stated[node.whole] += stated;
  }
  return tree;
}

absl::StatusOr<std::vector<NodeId>> Tree::Divide(NodeId atom, absl::Span<const Decimal> percents) {
  RETURN_IF_ERROR(CheckAtom(atom));
  ASSIGN_OR_RETURN(const Weights weights, WeightsOf(percents));

  // What is apportioned is not the ends but the steps between them, so that they stay in order.
  Node divided = nodes_[atom];
  const Range own = Own(divided);
  const bool unbounded = own.high.unbounded > 0;
  const int128 stated = divided.has_figure ? divided.stated : own.low.units;
  const int128 low = own.low.units;
  const int128 high = unbounded ? std::max(low, stated) : own.high.units;
  const int128 middle = std::clamp(stated, low, high);
  const int128 grain = Grain({low, stated, high});
  const std::vector<int128> lows = Apportion(low / grain, weights);
  const std::vector<int128> to_middle = Apportion((middle - low) / grain, weights);
  const std::vector<int128> to_high = Apportion((high - middle) / grain, weights);
  const std::vector<int128> to_stated = Apportion((stated - middle) / grain, weights);

  divided.divided = true;
  divided.stated = 0;
  divided.atom = Range::Zero();
  std::vector<NodeId> ids;
  for (size_t i = 0; i < weights.parts.size(); ++i) {
    Node share;
    share.whole = atom;
    share.is_share = true;
    share.summed = divided.summed;
    share.has_figure = divided.has_figure;
    if (share.has_figure) share.stated = (lows[i] + to_middle[i] + to_stated[i]) * grain;
    const int128 from = lows[i] * grain;
    const int128 to = from + (to_middle[i] + to_high[i]) * grain;
    const bool endless = unbounded && weights.parts[i] > 0;
    const bool point = !endless && from == to;
    share.atom.low = {from, point ? 0 : own.low.open};
    share.atom.high = endless ? End{0, 0, 1} : End{to, point ? 0 : own.high.open};
    share.bounds = share.atom;
    divided.parts = divided.parts + share.atom;
    ids.push_back(size());
    nodes_.push_back(share);
  }
  divided.shares = static_cast<int32_t>(ids.size());
  nodes_[atom] = divided;
  return ids;
}

absl::StatusOr<RowSum> Tree::Sum(absl::Span<const NodeId> row) const {
  return Pass(row, [](NodeId, bool, const Ranges&, const Ranges&) {});
}

absl::StatusOr<Explanation> Tree::Explain(absl::Span<const NodeId> row) const {
  Explanation explanation;
  ASSIGN_OR_RETURN(explanation.sum, Pass(row, [&](NodeId id, bool selected, const Ranges& before,
                                                  const Ranges& after) {
                     Explanation::Step step;
                     step.node = id;
                     step.selected = selected;
                     step.before = SplitOf(before);
                     if (nodes_[id].has_figure) step.stated = IntervalOf(nodes_[id].bounds);
                     step.after = SplitOf(after);
                     explanation.steps.push_back(std::move(step));
                   }));
  std::vector<NodeId> sorted(row.begin(), row.end());
  std::sort(sorted.begin(), sorted.end());
  for (const NodeId id : sorted) {
    Explanation::Atom atom;
    atom.node = id;
    atom.stated = DecimalOf(nodes_[id].stated);
    atom.excess = DecimalOf(ExcessOf(id));
    atom.not_stated = !nodes_[id].has_figure;
    if (nodes_[id].summed) {
      ASSIGN_OR_RETURN(const RowSum alone, Sum({id}));
      atom.bounds = alone.bounds;
    }
    explanation.atoms.push_back(std::move(atom));
  }
  return explanation;
}

// The algebra. Ids grow from wholes to parts, so the greatest id that is left has all its parts
// behind it.
absl::StatusOr<RowSum> Tree::Pass(absl::Span<const NodeId> row, StepSink sink) const {
  struct Visit {
    bool selected = false;
    Ranges passed;          // the sums over the parts that have been passed
    int64_t uncovered = 0;  // atoms of the row in them that lack a figure, and in no stated value
    int32_t shares = 0;     // of the node's own atom that are in the row, all of each
  };
  std::map<NodeId, Visit, std::greater<>> ahead;
  for (const NodeId atom : row) {
    RETURN_IF_ERROR(CheckAtom(atom));
    if (ahead[atom].selected) {
      return absl::InvalidArgumentError(absl::StrCat("atom ", atom, " is in the row twice"));
    }
    ahead[atom].selected = true;
  }

  RowSum sum;
  int128 stated = 0;
  int128 excess = 0;
  while (!ahead.empty()) {
    const auto [id, visit] = *ahead.begin();
    ahead.erase(ahead.begin());
    const Node& node = nodes_[id];
    const Range selected = visit.selected ? node.atom : Range::Zero();
    const Range not_selected = visit.selected ? Range::Zero() : node.atom;
    // Of the parts that are not passed, and so not selected, it is enough to know the sum.
    const Ranges before = {
        visit.passed.row + selected,
        Without(node.parts, visit.passed.all) + visit.passed.rest + not_selected,
        node.parts + node.atom,
    };
    Ranges after;
    after.all = Intersection(before.all, node.bounds);
    after.row = Intersection(before.row, after.all - before.rest);
    after.rest = Intersection(before.rest, after.all - before.row);
    sink(id, visit.selected, before, after);

    // All of its own money is in the row: itself or, if it is divided, every share of it.
    const bool own = node.divided ? visit.shares == node.shares : visit.selected;
    int64_t uncovered = visit.uncovered;
    if (visit.selected) {
      stated += node.stated;
      excess += ExcessOf(id);
      if (node.summed) sum.claims = 1;
      if (!node.has_figure) ++uncovered;
    }
    if (node.has_figure) {
      // The figure includes what its parts do not state; so does its remainder, if in the row.
      if (!own) sum.not_stated += uncovered;
      uncovered = 0;
    }
    if (node.whole == kTop) {
      sum.bounds = IntervalOf(after.row);
      sum.not_stated += uncovered;
    } else {
      Visit& whole = ahead[node.whole];
      whole.passed.row = whole.passed.row + after.row;
      whole.passed.rest = whole.passed.rest + after.rest;
      whole.passed.all = whole.passed.all + after.all;
      whole.uncovered += uncovered;
      if (node.is_share && own) ++whole.shares;
    }
  }
  sum.stated = DecimalOf(stated);
  sum.excess = DecimalOf(excess);
  return sum;
}

Range Tree::Within(const Node& node) { return Intersection(node.parts + node.atom, node.bounds); }

Range Tree::Own(const Node& node) { return Intersection(node.atom, Within(node) - node.parts); }

int128 Tree::UnitsOf(const Decimal& decimal) const {
  return decimal.coefficient() * PowerOfTen(scale_ - decimal.scale());
}

Range Tree::RangeOf(const Interval& interval) const {
  Range range;
  range.low = {UnitsOf(interval.low.value), interval.low.open};
  if (interval.high.has_value()) {
    range.high = {UnitsOf(interval.high->value), interval.high->open};
  } else {
    range.high = {0, 0, 1};
  }
  return range;
}

Decimal Tree::DecimalOf(int128 units) const {
  return Decimal::FromUnits(units, scale_).value();  // MaxUnits() keeps it one
}

Interval Tree::IntervalOf(const Range& range) const {
  Interval interval;
  interval.low = {DecimalOf(range.low.units), range.low.open > 0};
  if (range.high.unbounded == 0) {
    interval.high = figure::Bound{DecimalOf(range.high.units), range.high.open > 0};
  }
  return interval;
}

Split Tree::SplitOf(const Ranges& ranges) const {
  return {IntervalOf(ranges.row), IntervalOf(ranges.rest), IntervalOf(ranges.all)};
}

absl::Status Tree::SetScale(absl::Span<const Claim> claims) {
  scale_ = minor_digits_;
  std::vector<Decimal> values;
  for (const Claim& claim : claims) {
    if (!claim.figure.has_value()) continue;
    const Interval& bounds = claim.figure->bounds;
    values.push_back(claim.figure->stated);
    values.push_back(bounds.low.value);
    if (bounds.high.has_value()) values.push_back(bounds.high->value);
  }
  for (const Decimal& value : values) scale_ = std::max(scale_, value.scale());
  int128 left = MaxUnits();
  for (const Decimal& value : values) {
    if (Magnitude(value.coefficient()) > left / PowerOfTen(scale_ - value.scale())) {
      return absl::OutOfRangeError(absl::StrCat("the figures of ", NameOf(claims, 0),
                                                " and its parts, written with ", scale_,
                                                " decimal places, come to more than 37 digits"));
    }
    left -= Magnitude(UnitsOf(value));
  }
  return absl::OkStatus();
}

absl::Status Tree::CheckAtom(NodeId atom) const {
  if (atom < 0 || atom >= size()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no atom ", atom));
  }
  if (nodes_[atom].divided) {
    return absl::InvalidArgumentError(
        absl::StrCat("atom ", atom, " is divided: its shares are the atoms"));
  }
  return absl::OkStatus();
}

// A stated value falls below its atom's interval only where stated parts exceed a stated whole
// (docs/claims.md).
int128 Tree::ExcessOf(NodeId atom) const {
  const Node& node = nodes_[atom];
  return node.has_figure ? std::max<int128>(0, Own(node).low.units - node.stated) : 0;
}

int128 Tree::Grain(absl::Span<const int128> values) const {
  int128 grain = PowerOfTen(scale_ - minor_digits_);
  for (const int128 value : values) {
    while (value % grain != 0) grain /= 10;
  }
  return grain;
}

}  // namespace entente::funding::algebra
