// SPDX-License-Identifier: Apache-2.0
//
// For tests: the exact range of a sum of variables under linear inequalities, strict or not, by
// Fourier-Motzkin elimination. Slow, obvious, and without any notion of a tree: what the algebra
// is held against.
//
//   Inequalities system(2);
//   system.AtLeast(0b01, 0, false);  // x0 >= 0
//   system.AtLeast(0b10, 0, true);   // x1 > 0
//   system.AtMost(0b11, 5, false);   // x0 + x1 <= 5
//   system.RangeOf(0b01);            // x0 in [0, 5)
//
// The method: an inequality that bounds a variable from below and one that bounds it from above
// can both hold if, and only if, the lower bound is not more than the upper one, and is less where
// either is strict. Replacing all that mention the variable by all such pairs eliminates it.

#ifndef ENTENTE_SERVICES_FUNDING_ALGEBRA_FOURIER_MOTZKIN_H_
#define ENTENTE_SERVICES_FUNDING_ALGEBRA_FOURIER_MOTZKIN_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"
#include "common/figure/interval.h"

namespace entente::funding::algebra {

class Inequalities {
 public:
  static constexpr int kMaxVariables = 10;

  explicit Inequalities(int variables) : variables_(variables) {}

  // The sum over the variables of a bit mask is at least (or more than), at most (or less than).
  void AtLeast(uint32_t mask, int64_t value, bool strict) { Put(mask, -1, -value, strict); }
  void AtMost(uint32_t mask, int64_t value, bool strict) { Put(mask, 1, value, strict); }

  // The values that the sum over `mask`, which is not empty, can take; none if the inequalities
  // contradict each other.
  std::optional<figure::Interval> RangeOf(uint32_t mask) const {
    // One variable of the sum is expressed by the sum itself, which takes its place.
    int sum = 0;
    while ((mask >> sum & 1) == 0) ++sum;
    std::vector<Inequality> system;
    for (Inequality inequality : inequalities_) {
      for (int i = 0; i < variables_; ++i) {
        if (i != sum && (mask >> i & 1) != 0) {
          inequality.coefficients[i] -= inequality.coefficients[sum];
        }
      }
      Keep(inequality, &system);
    }
    for (uint32_t left = ((1u << variables_) - 1) & ~(1u << sum); left != 0;) {
      const int next = Cheapest(system, left);
      system = Eliminate(system, next);
      left &= ~(1u << next);
    }
    return OfOne(system, sum);
  }

 private:
  // The sum of coefficients times variables is at most (or, if strict, less than) the limit.
  struct Inequality {
    std::array<int64_t, kMaxVariables> coefficients = {};
    int64_t limit = 0;
    bool strict = false;
  };

  void Put(uint32_t mask, int sign, int64_t limit, bool strict) {
    Inequality inequality;
    for (int i = 0; i < variables_; ++i) {
      if ((mask >> i & 1) != 0) inequality.coefficients[i] = sign;
    }
    inequality.limit = limit;
    inequality.strict = strict;
    inequalities_.push_back(inequality);
  }

  // Adds an inequality; of two with the same coefficients only the tighter is kept.
  static void Keep(const Inequality& added, std::vector<Inequality>* system) {
    for (Inequality& old : *system) {
      if (old.coefficients != added.coefficients) continue;
      if (added.limit < old.limit || (added.limit == old.limit && added.strict)) old = added;
      return;
    }
    system->push_back(added);
  }

  // The variable of `left` whose elimination makes the fewest pairs.
  static int Cheapest(const std::vector<Inequality>& system, uint32_t left) {
    int best = -1;
    size_t fewest = std::numeric_limits<size_t>::max();
    for (int i = 0; i < kMaxVariables; ++i) {
      if ((left >> i & 1) == 0) continue;
      size_t above = 0;
      size_t below = 0;
      for (const Inequality& inequality : system) {
        above += inequality.coefficients[i] > 0;
        below += inequality.coefficients[i] < 0;
      }
      if (above * below < fewest) {
        fewest = above * below;
        best = i;
      }
    }
    return best;
  }

  static std::vector<Inequality> Eliminate(const std::vector<Inequality>& system, int variable) {
    std::vector<Inequality> rest;
    for (const Inequality& a : system) {
      if (a.coefficients[variable] == 0) Keep(a, &rest);
      if (a.coefficients[variable] <= 0) continue;
      for (const Inequality& b : system) {
        if (b.coefficients[variable] >= 0) continue;
        const int64_t of_a = -b.coefficients[variable];
        const int64_t of_b = a.coefficients[variable];
        Inequality both;
        both.limit = of_a * a.limit + of_b * b.limit;
        both.strict = a.strict || b.strict;
        int64_t common = both.limit;
        for (int i = 0; i < kMaxVariables; ++i) {
          both.coefficients[i] = of_a * a.coefficients[i] + of_b * b.coefficients[i];
          common = std::gcd(common, both.coefficients[i]);
        }
        if (common > 1) {
          both.limit /= common;
          for (int64_t& coefficient : both.coefficients) coefficient /= common;
        }
        Keep(both, &rest);
      }
    }
    return rest;
  }

  // The interval of the only variable that is left.
  static std::optional<figure::Interval> OfOne(const std::vector<Inequality>& system, int sum) {
    std::optional<Inequality> low;  // the tightest
    std::optional<Inequality> high;
    for (const Inequality& inequality : system) {
      const int64_t factor = inequality.coefficients[sum];
      if (factor == 0) {
        if (inequality.limit < 0 || (inequality.limit == 0 && inequality.strict)) {
          return std::nullopt;
        }
        continue;
      }
      std::optional<Inequality>& end = factor > 0 ? high : low;
      if (!end.has_value()) end = inequality;
      const int64_t of_new = inequality.limit * std::abs(end->coefficients[sum]);
      const int64_t of_old = end->limit * std::abs(factor);
      if (of_new < of_old || (of_new == of_old && inequality.strict)) end = inequality;
    }
    if (!low.has_value()) std::abort();  // no sum here is unbounded below
    figure::Interval interval{BoundOf(*low, sum), std::nullopt};
    if (high.has_value()) interval.high = BoundOf(*high, sum);
    if (interval.IsEmpty()) return std::nullopt;
    return interval;
  }

  static figure::Bound BoundOf(const Inequality& tightest, int sum) {
    const int64_t factor = tightest.coefficients[sum];
    // Nested sums with whole limits have whole least and greatest values.
    if (tightest.limit % factor != 0) std::abort();
    return {tightest.limit / factor, tightest.strict};
  }

  int variables_;
  std::vector<Inequality> inequalities_;
};

}  // namespace entente::funding::algebra

#endif  // ENTENTE_SERVICES_FUNDING_ALGEBRA_FOURIER_MOTZKIN_H_
