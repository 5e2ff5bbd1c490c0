// SPDX-License-Identifier: Apache-2.0
//
// The algebra against oracles that know nothing of it: a solver of linear inequalities, and the
// enumeration of all whole values.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/testing/slowness.h"
#include "gtest/gtest.h"
#include "services/funding/algebra/fourier_motzkin.h"
#include "services/funding/algebra/random_claims.h"
#include "services/funding/algebra/tree.h"

namespace entente::funding::algebra {
namespace {

using figure::Decimal;
using figure::Interval;

// A tree in units of 10^-scale, with what the oracles need to know of it: what is stated of which
// atoms, as inequalities, and where the shares of divided atoms are.
class Model {
 public:
  Model(std::vector<Sketch> sketches, int minor_grain)
      : sketches_(std::move(sketches)), minor_grain_(minor_grain), claims_(Size()) {
    divided_.resize(sketches_.size(), false);
    for (const Sketch& sketch : sketches_) atom_stated_.push_back(sketch.stated);
    std::vector<int64_t> parts(sketches_.size(), 0);
    for (int i = Size() - 1; i >= 0; --i) {
      const int64_t stated = sketches_[i].has_figure ? sketches_[i].stated : parts[i];
      atom_stated_[i] = stated - parts[i];
      if (i > 0) parts[sketches_[i].whole] += stated;
    }
  }

  int Size() const { return static_cast<int>(sketches_.size()); }
  bool IsAtom(int node) const { return !divided_[node]; }
  int64_t Stated(int node) const { return atom_stated_[node]; }
  bool HasFigure(int node) const { return sketches_[node].has_figure; }

  // Whether the node, or what it is part of, is stated.
  bool IsSummed(int node) const {
    for (; node != kTop; node = sketches_[node].whole) {
      if (sketches_[node].has_figure) return true;
    }
    return false;
  }

  bool IsUnder(int node, int whole) const {
    while (node != kTop && node != whole) node = sketches_[node].whole;
    return node == whole;
  }

  // What is stated in the subtree of `top`.
  Inequalities StatedUnder(int top) const {
    Inequalities system(Size());
    for (int i = 0; i < Size(); ++i) {
      uint32_t mask = 0;
      for (int j = 0; j < Size(); ++j) {
        if (IsAtom(j) && IsUnder(j, i)) mask |= 1u << j;
      }
      system.AtLeast(1u << i, 0, false);
      if (!IsAtom(i) || !IsSummed(i)) system.AtMost(1u << i, 0, false);
      // A share has its interval whether it is stated or not.
      if ((!sketches_[i].has_figure && i < claims_) || !IsUnder(i, top)) continue;
      system.AtLeast(mask, sketches_[i].low, sketches_[i].low_open);
      if (sketches_[i].high.has_value()) {
        system.AtMost(mask, *sketches_[i].high, sketches_[i].high_open);
      }
    }
    return system;
  }

  // Divides an atom as Tree::Divide promises, in a slow way.
  void Divide(int atom, const std::vector<int>& percents) {
    const Interval own = StatedUnder(atom).RangeOf(1u << atom).value();
    const int64_t low = static_cast<int64_t>(own.low.value.coefficient());
    const std::optional<int64_t> high =
        own.high.has_value()
            ? std::optional<int64_t>(static_cast<int64_t>(own.high->value.coefficient()))
            : std::nullopt;
    const bool has_figure = sketches_[atom].has_figure;
    const int64_t stated = has_figure ? atom_stated_[atom] : low;
    const int64_t top = high.value_or(std::max(low, stated));
    const int64_t middle = std::min(std::max(low, stated), top);
    int64_t grain = minor_grain_;
    while (low % grain != 0 || stated % grain != 0 || top % grain != 0) grain /= 10;
    const auto lows = LargestRemainder(low / grain, percents);
    const auto rise = LargestRemainder((middle - low) / grain, percents);
    const auto rest = LargestRemainder((top - middle) / grain, percents);
    const auto more = LargestRemainder((stated - middle) / grain, percents);
    for (size_t i = 0; i < lows.size(); ++i) {
      Sketch share;
      share.whole = atom;
      share.has_figure = has_figure;
      share.low = lows[i] * grain;
      share.high = (lows[i] + rise[i] + rest[i]) * grain;
      if (!high.has_value() && (i == percents.size() || percents[i] > 0)) share.high.reset();
      if (share.high != share.low) {
        share.low_open = own.low.open;
        share.high_open = share.high.has_value() && own.high->open;
      }
      share.stated = (lows[i] + rise[i] + more[i]) * grain;
      sketches_.push_back(share);
      divided_.push_back(false);
      atom_stated_.push_back(has_figure ? share.stated : 0);
    }
    divided_[atom] = true;
  }

  // What all statements leave of a row.
  std::optional<Interval> RangeOf(uint32_t row) const { return StatedUnder(0).RangeOf(row); }

  // The atoms of a row without a figure, but for those whose nearest stated whole has its own atom
  // in the row.
  int64_t NotStated(uint32_t row) const {
    int64_t count = 0;
    for (int i = 0; i < Size(); ++i) {
      if ((row >> i & 1) == 0 || HasFigure(i)) continue;
      int whole = i;
      while (whole != kTop && !HasFigure(whole)) whole = sketches_[whole].whole;
      if (whole == kTop || !HasOwn(row, whole)) ++count;
    }
    return count;
  }

  // Whether all of a node's own money is in a row: its atom, or all shares of it.
  bool HasOwn(uint32_t row, int node) const {
    if (IsAtom(node)) return (row >> node & 1) != 0;
    for (int i = claims_; i < Size(); ++i) {
      if (sketches_[i].whole == node && !HasOwn(row, i)) return false;
    }
    return true;
  }

 private:
  static std::vector<int64_t> LargestRemainder(int64_t amount, const std::vector<int>& percents) {
    std::vector<int64_t> weights(percents.begin(), percents.end());
    int64_t unallocated = 100;
    for (const int64_t weight : weights) unallocated -= weight;
    if (unallocated > 0) weights.push_back(unallocated);
    const int64_t sign = amount < 0 ? -1 : 1;
    amount *= sign;
    std::vector<int64_t> shares;
    std::vector<int64_t> fractions;
    int64_t left = amount;
    for (const int64_t weight : weights) {
      shares.push_back(amount * weight / 100);
      fractions.push_back(amount * weight % 100);
      left -= shares.back();
    }
    for (; left > 0; --left) {
      const auto largest = std::max_element(fractions.begin(), fractions.end());  // the first one
      shares[largest - fractions.begin()] += 1;
      *largest = -1;
    }
    for (int64_t& share : shares) share *= sign;
    return shares;
  }

  std::vector<Sketch> sketches_;
  int64_t minor_grain_;
  int claims_;  // before the shares
  std::vector<bool> divided_;
  std::vector<int64_t> atom_stated_;
};

Interval Scaled(const Interval& units, int scale) {
  const auto scaled = [&](const Decimal& value) {
    return Decimal::FromUnits(value.coefficient(), scale).value();
  };
  Interval interval{{scaled(units.low.value), units.low.open}, std::nullopt};
  if (units.high.has_value()) {
    interval.high = figure::Bound{scaled(units.high->value), units.high->open};
  }
  return interval;
}

std::vector<NodeId> NodesOf(uint32_t row) {
  std::vector<NodeId> nodes;
  for (NodeId i = 0; row >> i != 0; ++i) {
    if ((row >> i & 1) != 0) nodes.push_back(i);
  }
  return nodes;
}

std::string Show(const std::vector<Sketch>& sketches, uint32_t row) {
  std::string text;
  for (const Claim& claim : Drawn(sketches, 0)) {
    absl::StrAppend(&text, claim.whole, ":",
                    claim.figure.has_value() ? ToString(claim.figure->bounds) : "not stated", " ");
  }
  return absl::StrCat(text, "row ", row);
}

TEST(OracleTest, RowsAreWhatAllInequalitiesTogetherLeave) {
  std::mt19937 rng(20230906);
  const std::vector<std::vector<int>> divisions = {
      {60, 40}, {50, 30}, {33, 33, 34}, {43, 43, 14}, {100}, {0, 100}, {1}, {25, 0, 25}, {}};
  int contradictory = 0;
  int divided = 0;
  int open = 0;
  int unbounded = 0;
  for (int round = 0; round < 300'000 / kSlowness; ++round) {
    Shape shape;
    shape.claims = Uniform(rng, 1, 6);
    shape.max_atom = Uniform(rng, 1, 2) == 1 ? 4 : 40;
    shape.wrong_percent = Uniform(rng, 0, 3) == 0 ? 20 : 0;
    const std::vector<Sketch> sketches = RandomSketches(rng, shape);
    const int scale = Uniform(rng, 0, 2);
    const int minor_digits = Uniform(rng, 0, scale);
    Model model(sketches, scale - minor_digits == 2 ? 100 : scale - minor_digits == 1 ? 10 : 1);

    absl::StatusOr<Tree> tree = Tree::Build(Drawn(sketches, scale), minor_digits);
    if (!model.RangeOf(1).has_value()) {
      EXPECT_EQ(tree.status().code(), absl::StatusCode::kInvalidArgument) << Show(sketches, 0);
      ++contradictory;
      continue;
    }
    ASSERT_TRUE(tree.ok()) << tree.status() << " " << Show(sketches, 0);

    for (int times = Uniform(rng, 0, 2); times > 0 && shape.claims <= 5; --times) {
      const int atom = Uniform(rng, 0, model.Size() - 1);
      const auto& percents = divisions[Uniform(rng, 0, static_cast<int>(divisions.size()) - 1)];
      if (!model.IsAtom(atom) || model.Size() > 6) continue;
      model.Divide(atom, percents);
      ASSERT_TRUE(tree->Divide(atom, std::vector<Decimal>(percents.begin(), percents.end())).ok());
      ASSERT_EQ(tree->size(), model.Size());
      ++divided;
    }

    uint32_t row = 0;
    for (int i = 0; i < model.Size(); ++i) {
      if (model.IsAtom(i) && Uniform(rng, 0, 1) == 1) row |= 1u << i;
    }
    if (row == 0) continue;
    int64_t stated = 0;
    int64_t excess = 0;
    bool summed = false;
    for (const NodeId i : NodesOf(row)) {
      stated += model.Stated(i);
      excess += std::max<int64_t>(0, -model.Stated(i));
      summed = summed || model.IsSummed(i);
    }
    RowSum expected;
    expected.bounds = Scaled(model.RangeOf(row).value(), scale);
    expected.stated = Decimal::FromUnits(stated, scale).value();
    expected.excess = Decimal::FromUnits(excess, scale).value();
    expected.claims = summed ? 1 : 0;
    expected.not_stated = model.NotStated(row);
    const absl::StatusOr<RowSum> sum = tree->Sum(NodesOf(row));
    ASSERT_TRUE(sum.ok()) << sum.status();
    ASSERT_EQ(*sum, expected) << Show(sketches, row) << " of " << model.Size();
    ASSERT_EQ(sum->not_stated, expected.not_stated) << Show(sketches, row);
    open += sum->bounds.low.open;
    unbounded += !sum->bounds.high.has_value();
  }
  // The cases are there.
  EXPECT_GT(contradictory, 3'000 / kSlowness);
  EXPECT_GT(divided, 20'000 / kSlowness);
  EXPECT_GT(open, 5'000 / kSlowness);
  EXPECT_GT(unbounded, 20'000 / kSlowness);
}

// The least and the greatest sum over a row, over all whole values of the atoms.
class Enumeration {
 public:
  explicit Enumeration(const std::vector<Sketch>& sketches)
      : sketches_(sketches), sums_(sketches.size(), 0) {}

  std::optional<Interval> RangeOf(uint32_t row) {
    row_ = row;
    least_.reset();
    Try(static_cast<int>(sketches_.size()) - 1, 0);
    if (!least_.has_value()) return std::nullopt;
    return Interval{{*least_, false}, figure::Bound{greatest_, false}};
  }

 private:
  // Gives values to the atoms of `node` and of all before it. Parts come after their wholes, so
  // that the parts of `node` have their values.
  void Try(int node, int64_t in_row) {
    if (node < 0) {
      if (!least_.has_value()) least_ = greatest_ = in_row;
      least_ = std::min(*least_, in_row);
      greatest_ = std::max(greatest_, in_row);
      return;
    }
    const Sketch& sketch = sketches_[node];
    for (int64_t value = 0; sums_[node] + value <= Most(node); ++value) {
      const int64_t sum = sums_[node] + value;
      if (sketch.has_figure && sum < sketch.low) continue;
      if (node > 0) sums_[sketch.whole] += sum;
      Try(node - 1, in_row + ((row_ >> node & 1) != 0 ? value : 0));
      if (node > 0) sums_[sketch.whole] -= sum;
    }
  }

  // A claim that is not stated is at most its whole.
  int64_t Most(int node) const {
    while (!sketches_[node].has_figure) node = sketches_[node].whole;
    return *sketches_[node].high;
  }

  const std::vector<Sketch>& sketches_;
  std::vector<int64_t> sums_;  // of the parts that have their values
  uint32_t row_ = 0;
  std::optional<int64_t> least_;
  int64_t greatest_ = 0;
};

TEST(OracleTest, RowsAreWhatEnumerationFinds) {
  std::mt19937 rng(20230907);
  int found = 0;
  for (int round = 0; round < 100'000 / kSlowness; ++round) {
    Shape shape;
    shape.claims = Uniform(rng, 1, 5);
    shape.max_atom = 3;
    shape.bounded = true;
    shape.wrong_percent = 10;
    std::vector<Sketch> sketches = RandomSketches(rng, shape);
    if (!sketches[0].has_figure) continue;
    const uint32_t row = static_cast<uint32_t>(Uniform(rng, 1, (1 << shape.claims) - 1));
    const std::optional<Interval> expected = Enumeration(sketches).RangeOf(row);
    const absl::StatusOr<Tree> tree = Tree::Build(Drawn(sketches, 0), 0);
    ASSERT_EQ(tree.ok(), expected.has_value()) << Show(sketches, row);
    if (!tree.ok()) continue;
    const absl::StatusOr<RowSum> sum = tree->Sum(NodesOf(row));
    ASSERT_TRUE(sum.ok()) << sum.status();
    ASSERT_EQ(sum->bounds, *expected) << Show(sketches, row);
    ++found;
  }
  EXPECT_GT(found, 30'000 / kSlowness);
}

}  // namespace
}  // namespace entente::funding::algebra
