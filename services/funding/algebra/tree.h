// SPDX-License-Identifier: Apache-2.0
//
// A whole and its parts: what any selection of the money in a tree of claims comes to.
//
//   // "more than 500, including 100 for health and at least 15 for education"
//   ASSIGN_OR_RETURN(Tree tree, Tree::Build({{kTop, more_than_500, "claims/aid"},
//                                            {0, exactly_100, "claims/health"},
//                                            {0, at_least_15, "claims/education"}},
//                                           /*minor_digits=*/2));
//   tree.Sum({1});        // health: [100, 100], stated 100
//   tree.Sum({0, 2});     // all but health: (400, inf), stated 400
//   tree.Sum({0, 1, 2});  // everything: (500, inf), stated 500
//
// Money is divided into atoms, one for each claim: that of a claim without parts is its money, that
// of a claim with parts is its remainder, what the parts do not itemise. Atoms do not overlap, so
// the claim's id serves as the id of its atom, and a row of an answer is a set of atoms. Each is at
// least 0. What a claim states holds for the sum of all atoms in its subtree.
//
// The bounds of a row are the least and the greatest value that all statements of the tree allow
// together. This is a linear program; because the statements are nested, one pass over the tree
// from below solves it, with three intervals per node. docs/claims.md has the proof, the treatment
// of stated values, and worked examples.
//
// A claim that is not stated is between 0 and its whole. If no whole above it is stated either
// nothing is known of its atom, which is then in no sum: RowSum::not_stated counts it. Its parts
// are summed like trees of their own.
//
// Cost: Build takes a step per claim. Sum and Explain take a step per node that lies on a way from
// an atom of the row to the top, however many parts the nodes on the way have: at most
// k * (depth + 1) for k atoms, each of them constant but for a lookup among at most k.
//
// Thread-safety: as a plain value; concurrent calls of const members are safe.

#ifndef ENTENTE_SERVICES_FUNDING_ALGEBRA_TREE_H_
#define ENTENTE_SERVICES_FUNDING_ALGEBRA_TREE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "services/funding/algebra/range.h"
#include "services/funding/algebra/row_sum.h"

namespace entente::funding::algebra {

// A claim of a tree, by its place in the list that the tree was built from, or a share of one (see
// Divide). Also the id of its atom.
using NodeId = int32_t;
inline constexpr NodeId kTop = -1;  // instead of a whole: there is none

// A figure as written and what it says about the true value.
struct Figure {
  figure::Decimal stated;
  figure::Interval bounds;
};

struct Claim {
  NodeId whole = kTop;           // the claim that this one is part of
  std::optional<Figure> figure;  // none: not stated
  absl::string_view name;        // for error messages
};

// The sums over some atoms: over those of a row, over the rest, and over all of them. `all` is
// mostly tighter than row + rest.
struct Split {
  figure::Interval row;
  figure::Interval rest;
  figure::Interval all;

  friend bool operator==(const Split&, const Split&) = default;
};

// Why the bounds of a row are what they are.
struct Explanation {
  // An atom of the row.
  struct Atom {
    NodeId node = 0;
    figure::Decimal stated;  // 0 if not stated. These add up to the row's.
    figure::Decimal excess;  // So do these.
    bool not_stated = false;
    // The bounds of a row of this atom alone. None for money that is in no sum, see above. As
    // bounds of rows do, they contain the row's, and need not add up to them.
    std::optional<figure::Interval> bounds;

    friend bool operator==(const Atom&, const Atom&) = default;
  };
  // One node of the pass.
  struct Step {
    NodeId node = 0;
    bool selected = false;  // the node's own atom is in the row
    // As the parts and the node's own atom allow: the sums of their intervals. Each part that is
    // not in the list of steps has nothing in the row.
    Split before;
    std::optional<figure::Interval> stated;  // what the node itself states of `all`
    // What is left of `before`.
    Split after;

    // Whether this statement raised the row's low end, or lowered its high end.
    bool raised() const { return after.row.low != before.row.low; }
    bool capped() const { return after.row.high != before.row.high; }

    friend bool operator==(const Step&, const Step&) = default;
  };

  RowSum sum;
  std::vector<Atom> atoms;  // by node
  // From below: parts come before their whole, and the last is the top, whose `after.row` is the
  // row's bounds. Empty for an empty row.
  std::vector<Step> steps;
};

class Tree {
 public:
  // The first claim is the top; each other is part of one that stands before it. `minor_digits` are
  // the decimal places of the currency's minor unit (ISO 4217), to which Divide apportions: 0 to
  // Decimal::kMaxScale.
  // Errors, naming the claim:
  //   INVALID_ARGUMENT  no claims; a whole that does not stand before its part; bounds that are
  //                     empty, below 0 (but for one value, as the whole tree), or without the
  //                     stated value (which may be their open end); parts whose least possible sum
  //                     is more than their whole can be
  //   OUT_OF_RANGE      the ends of all figures, written with as many decimal places as any of
  //                     them has, add up to more than 10^37 units in the last place
  static absl::StatusOr<Tree> Build(absl::Span<const Claim> claims, int minor_digits);

  // Divides an atom into shares by percentages, and returns their ids, in the order given; a last
  // one is for what is unallocated if they add up to less than 100. The atom is its shares from
  // then on: it cannot be selected any more. Shares can be divided again, by another dimension.
  // Wholes are not affected, nor are the sums of other rows.
  //
  // A share is an atom like any other, with an interval of its own: the low end of the divided
  // atom's, and the steps up from there to its stated value and to its high end, each apportioned
  // to the minor unit or, if the atom has finer values, to the last place of these. So the shares'
  // intervals add up to the atom's, with open ends, and their stated values to its stated value.
  // The atom's interval is what the claims in its own subtree leave for it.
  //
  // Trees are shared between queries and queries differ in what they divide by: divide a copy.
  // Errors: INVALID_ARGUMENT for an atom that is divided or does not exist; those of WeightsOf
  // (apportion.h).
  absl::StatusOr<std::vector<NodeId>> Divide(NodeId atom,
                                             absl::Span<const figure::Decimal> percents);

  // What a row of these atoms comes to, in whatever order.
  // INVALID_ARGUMENT for an atom that is divided, does not exist, or is there twice.
  absl::StatusOr<RowSum> Sum(absl::Span<const NodeId> row) const;

  // The same with its derivation. Takes a pass more for each atom.
  absl::StatusOr<Explanation> Explain(absl::Span<const NodeId> row) const;

  // How many nodes there are: claims, and shares after them.
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }

 private:
  struct Node {
    NodeId whole = kTop;
    bool summed = false;  // it or a whole above it is stated
    bool has_figure = false;
    bool divided = false;
    bool is_share = false;
    int32_t shares = 0;       // how many it is divided into
    absl::int128 stated = 0;  // of the atom; 0 without a figure
    Range atom;               // what can be the atom's without any statement
    Range parts;              // the sum of the parts' Within()
    Range bounds;             // what is stated of the sum of both
  };
  // The sums over the atoms of a row, over the rest, and over all.
  struct Ranges {
    Range row;
    Range rest;
    Range all;
  };

  // What all statements in a node's subtree leave of the sum over it, and of its own atom.
  static Range Within(const Node& node);
  static Range Own(const Node& node);

  absl::int128 UnitsOf(const figure::Decimal& decimal) const;
  Range RangeOf(const figure::Interval& interval) const;
  figure::Decimal DecimalOf(absl::int128 units) const;
  figure::Interval IntervalOf(const Range& range) const;
  Split SplitOf(const Ranges& ranges) const;

  absl::Status SetScale(absl::Span<const Claim> claims);
  absl::Status CheckAtom(NodeId atom) const;
  absl::int128 ExcessOf(NodeId atom) const;
  // The smallest amount to apportion to: the minor unit, or the last place of the values.
  absl::int128 Grain(absl::Span<const absl::int128> values) const;

  using StepSink =
      absl::FunctionRef<void(NodeId, bool selected, const Ranges& before, const Ranges& after)>;
  absl::StatusOr<RowSum> Pass(absl::Span<const NodeId> row, StepSink sink) const;

  int scale_ = 0;  // units are 10^-scale_
  int minor_digits_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace entente::funding::algebra

#endif  // ENTENTE_SERVICES_FUNDING_ALGEBRA_TREE_H_
