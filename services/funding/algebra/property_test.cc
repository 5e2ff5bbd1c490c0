// SPDX-License-Identifier: Apache-2.0
//
// Laws that hold for all trees and rows, over random trees too large for an oracle.

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "common/testing/slowness.h"
#include "gtest/gtest.h"
#include "services/funding/algebra/random_claims.h"
#include "services/funding/algebra/tree.h"

namespace entente::funding::algebra {
namespace {

using figure::Decimal;
using figure::Interval;

constexpr int kRounds = kSanitized ? 300 : 5'000;

const std::vector<std::vector<Decimal>>& Divisions() {
  static const auto* const divisions = new std::vector<std::vector<Decimal>>{
      {60, 40},
      {50, 30},
      {Decimal::FromUnits(333, 1).value(), Decimal::FromUnits(667, 1).value()},
      {43, 43, 14},
      {0, 7}};
  return *divisions;
}

// A random tree, some of its atoms divided.
struct Sample {
  explicit Sample(std::mt19937& rng) {
    Shape shape;
    shape.claims = Uniform(rng, 1, 60);
    shape.max_atom = Uniform(rng, 0, 1) == 0 ? 5 : 1'000;
    scale = Uniform(rng, 0, 3);
    claims = Drawn(RandomSketches(rng, shape), scale);
    tree = Tree::Build(claims, Uniform(rng, 0, 3)).value();
    divided.resize(shape.claims, false);
  }

  void Divide(std::mt19937& rng) {
    for (int times = Uniform(rng, 0, 6); times > 0; --times) {
      const NodeId atom = Uniform(rng, 0, tree.size() - 1);
      if (divided[atom]) continue;
      const auto& percents = Divisions()[Uniform(rng, 0, 4)];
      ASSERT_TRUE(tree.Divide(atom, percents).ok());
      divided[atom] = true;
      divided.resize(tree.size(), false);
    }
  }

  std::vector<NodeId> Atoms() const {
    std::vector<NodeId> atoms;
    for (NodeId i = 0; i < tree.size(); ++i) {
      if (!divided[i]) atoms.push_back(i);
    }
    return atoms;
  }

  RowSum Sum(const std::vector<NodeId>& row) const {
    const absl::StatusOr<RowSum> sum = tree.Sum(row);
    EXPECT_TRUE(sum.ok()) << sum.status();
    return *sum;
  }

  std::vector<Claim> claims;
  int scale = 0;
  Tree tree = Tree::Build({{kTop, std::nullopt, ""}}, 0).value();
  std::vector<bool> divided;
};

std::vector<NodeId> RandomRow(std::mt19937& rng, const std::vector<NodeId>& atoms) {
  std::vector<NodeId> row;
  const int percent = Uniform(rng, 5, 95);
  for (const NodeId atom : atoms) {
    if (Uniform(rng, 1, 100) <= percent) row.push_back(atom);
  }
  return row;
}

// Whether every value of `inner` is one of `outer`.
bool Contains(const Interval& outer, const Interval& inner) {
  return Intersection(outer, inner) == inner;
}

Interval Closed(Interval interval) {
  interval.low.open = false;
  if (interval.high.has_value()) interval.high->open = false;
  return interval;
}

TEST(PropertyTest, RowsOfAnyPartitionAddUp) {
  std::mt19937 rng(1);
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(rng);
    const RowSum undivided = sample.Sum(sample.Atoms());
    sample.Divide(rng);
    const RowSum total = sample.Sum(sample.Atoms());
    std::vector<std::vector<NodeId>> rows(Uniform(rng, 1, 8));
    for (const NodeId atom : sample.Atoms()) {
      rows[Uniform(rng, 0, static_cast<int>(rows.size()) - 1)].push_back(atom);
    }
    RowSum sum;
    for (const std::vector<NodeId>& row : rows) sum = Add(sum, sample.Sum(row)).value();
    ASSERT_EQ(sum.stated, total.stated);
    ASSERT_EQ(sum.excess, total.excess);
    ASSERT_TRUE(Contains(sum.bounds, total.bounds)) << sum << " " << total;
    // Dividing changes nothing; the whole's stated value wins.
    ASSERT_EQ(total.bounds, undivided.bounds);
    ASSERT_EQ(total.stated, undivided.stated);
    ASSERT_EQ(total.excess, undivided.excess);
    if (sample.claims[0].figure.has_value()) {
      ASSERT_EQ(total.stated, sample.claims[0].figure->stated);
      ASSERT_EQ(undivided.not_stated, 0);
    }
  }
}

TEST(PropertyTest, MoreAtomsAreNotLessMoney) {
  std::mt19937 rng(2);
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(rng);
    sample.Divide(rng);
    const std::vector<NodeId> row = RandomRow(rng, sample.Atoms());
    const Interval more = sample.Sum(row).bounds;
    const Interval less = sample.Sum(RandomRow(rng, row)).bounds;
    // Neither end of `less` is above that of `more`: adding what can be anything up from 0 to
    // `less` covers `more`, and the other way round with the high ends.
    const Interval up{less.low, std::nullopt};
    ASSERT_TRUE(Contains(up, more)) << less << " " << more;
    const Interval down{{0, false}, more.high};
    ASSERT_TRUE(Contains(down, less)) << less << " " << more;
  }
}

TEST(PropertyTest, WithoutAnExcessStatedValuesAreWithinTheirBounds) {
  std::mt19937 rng(3);
  int without = 0;
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(rng);
    sample.Divide(rng);
    if (!sample.Sum(sample.Atoms()).excess.is_zero()) continue;
    ++without;
    const RowSum sum = sample.Sum(RandomRow(rng, sample.Atoms()));
    ASSERT_TRUE(Closed(sum.bounds).Contains(sum.stated)) << sum;
  }
  EXPECT_GT(without, kRounds / 10);
}

TEST(PropertyTest, OrderDoesNotMatter) {
  std::mt19937 rng(4);
  for (int round = 0; round < kRounds; ++round) {
    const Sample sample(rng);
    const int size = static_cast<int>(sample.claims.size());
    // Any order that has wholes before their parts: by keys that grow from wholes to parts.
    std::vector<int> keys(size);
    for (int i = 0; i < size; ++i) {
      keys[i] = Uniform(rng, 0, 1'000) + (i == 0 ? 0 : keys[sample.claims[i].whole] + 1);
    }
    std::vector<NodeId> order(size);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](NodeId a, NodeId b) { return keys[a] != keys[b] ? keys[a] < keys[b] : a < b; });
    order.erase(std::find(order.begin(), order.end(), 0));
    order.insert(order.begin(), 0);
    std::vector<NodeId> place(size);
    for (int i = 0; i < size; ++i) place[order[i]] = i;
    std::vector<Claim> claims;
    for (const NodeId id : order) {
      claims.push_back(sample.claims[id]);
      if (id != 0) claims.back().whole = place[claims.back().whole];
    }
    const Tree tree = Tree::Build(claims, 2).value();
    const std::vector<NodeId> row = RandomRow(rng, sample.Atoms());
    std::vector<NodeId> moved;
    for (const NodeId id : row) moved.push_back(place[id]);
    std::shuffle(moved.begin(), moved.end(), rng);
    ASSERT_EQ(*tree.Sum(moved), sample.Sum(row));
  }
}

TEST(PropertyTest, DividingChangesNoOtherRow) {
  std::mt19937 rng(5);
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(rng);
    sample.Divide(rng);
    const std::vector<NodeId> atoms = sample.Atoms();
    std::vector<NodeId> row = RandomRow(rng, atoms);
    const RowSum before = sample.Sum(row);
    const NodeId atom = atoms[Uniform(rng, 0, static_cast<int>(atoms.size()) - 1)];
    const std::vector<NodeId> shares =
        sample.tree.Divide(atom, Divisions()[Uniform(rng, 0, 4)]).value();
    const auto found = std::find(row.begin(), row.end(), atom);
    if (found != row.end()) {
      row.erase(found);
      row.insert(row.end(), shares.begin(), shares.end());
    }
    const RowSum after = sample.Sum(row);
    ASSERT_EQ(after.bounds, before.bounds);
    ASSERT_EQ(after.stated, before.stated);
    ASSERT_EQ(after.excess, before.excess);
    ASSERT_EQ(after.claims, before.claims);
  }
}

TEST(PropertyTest, ExplanationsAddUp) {
  std::mt19937 rng(6);
  for (int round = 0; round < kRounds; ++round) {
    Sample sample(rng);
    sample.Divide(rng);
    const std::vector<NodeId> row = RandomRow(rng, sample.Atoms());
    const Explanation explanation = sample.tree.Explain(row).value();
    ASSERT_EQ(explanation.sum, sample.Sum(row));
    ASSERT_EQ(explanation.atoms.size(), row.size());
    Decimal stated;
    Decimal excess;
    Interval alone = Interval::Point(0);
    for (const Explanation::Atom& atom : explanation.atoms) {
      stated = Add(stated, atom.stated).value();
      excess = Add(excess, atom.excess).value();
      if (atom.bounds.has_value()) alone = Add(alone, *atom.bounds).value();
    }
    ASSERT_EQ(stated, explanation.sum.stated);
    ASSERT_EQ(excess, explanation.sum.excess);
    ASSERT_TRUE(Contains(alone, explanation.sum.bounds));
    if (row.empty()) continue;
    ASSERT_EQ(explanation.steps.back().node, 0);
    ASSERT_EQ(explanation.steps.back().after.row, explanation.sum.bounds);
    for (const Explanation::Step& step : explanation.steps) {
      // Each line follows from the one before it, by the arithmetic of figures alone.
      ASSERT_EQ(step.after.all, step.stated.has_value()
                                    ? *Intersection(step.before.all, *step.stated)
                                    : step.before.all);
      ASSERT_TRUE(Contains(step.before.row, step.after.row));
      ASSERT_TRUE(Contains(step.before.rest, step.after.rest));
      ASSERT_TRUE(Contains(Add(step.after.row, step.after.rest).value(), step.after.all));
    }
  }
}

}  // namespace
}  // namespace entente::funding::algebra
