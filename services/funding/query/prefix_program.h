// SPDX-License-Identifier: Apache-2.0
//
// For tests: a linear program solved in a way that knows of no hexagons (algebra/). Money in a row
// is a sum of differences of prefix sums, every statement bounds one such difference, and so the
// program is the dual of a flow of least cost.
//
//   PrefixProgram program(3);             // three numbers
//   program.AtMost(0, 2, 10, false);      // the first two are at most 10 together
//   program.RangeOf({true, false, true});
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_PREFIX_PROGRAM_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_PREFIX_PROGRAM_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

namespace entente::funding::query {

// The range of sums of numbers in a row, of which some consecutive ones are stated to add up to at
// least or at most something. An end is open if it is not attained.
class PrefixProgram {
 public:
  struct Range {
    int64_t low = 0;
    bool low_open = false;
    std::optional<int64_t> high;  // none: unbounded
    bool high_open = false;

    friend bool operator==(const Range&, const Range&) = default;
  };

  explicit PrefixProgram(int numbers) : prefixes_(numbers + 1) {}

  // Of the numbers from `begin` to before `end`.
  void AtLeast(int begin, int end, int64_t value, bool strict);
  void AtMost(int begin, int end, int64_t value, bool strict);
  void Within(int begin, int end, const Range& range);

  // Whether all statements can hold together.
  bool Possible() const;
  // What the numbers of `row` can add up to. Only if it is Possible(), and no number can be below
  // all bounds.
  Range RangeOf(const std::vector<bool>& row) const;

 private:
  // A bound on a difference; `strict` counts how many times less than any number it is tightened.
  struct Cost {
    int64_t value = 0;
    int64_t strict = 0;

    friend auto operator<=>(const Cost&, const Cost&) = default;
  };
  // The prefix sum `to` is at most `cost` above the one `from`.
  struct Edge {
    int from = 0;
    int to = 0;
    Cost cost;
  };

  // The greatest sum of weights times prefix sums; none if it is unbounded.
  std::optional<Cost> Greatest(std::vector<int> weights) const;

  int prefixes_;
  std::vector<Edge> edges_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_PREFIX_PROGRAM_H_
