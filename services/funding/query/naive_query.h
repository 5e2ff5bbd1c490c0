// SPDX-License-Identifier: Apache-2.0
//
// For tests: what a query should answer, found the slow way, claim by claim and with nothing of the
// engine's: no columns, no trees of the algebra, no tallies. What queries are held against.
//
//   World world;
//   world.claims = ...;
//   NaiveAnswer(world, question);   // what the engine should say to question.request
//
// The bounds of a row come from a solver of the linear program (PrefixProgram) that knows of no
// hexagons: money in a row is a sum of differences of prefix sums, every statement bounds one such
// difference, and so the program is the dual of a flow of least cost.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_QUERY_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_QUERY_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "entente/funding/v1/rate_series.pb.h"

namespace entente::funding::query {

// All that answers are made of. Claims are as the service keeps them: with intervals and days.
struct World {
  std::vector<v1::Claim> claims;
  std::map<std::string, catalogue::v1::Place> places;
  std::map<std::string, catalogue::v1::Initiative> initiatives;
  std::vector<v1::RateSeries> rates;
};

// A filter as whoever wrote it thinks of it.
struct Wish {
  enum class Kind { kEverything, kCondition, kAnd, kOr, kNot };
  Kind kind = Kind::kEverything;
  std::string text;   // of a condition
  std::string field;  // that it speaks of; empty for a bare word
  std::vector<Wish> operands;
};

// In the language of filters.
std::string ToText(const Wish& wish);

// `request` has the texts of the filters.
struct Question {
  v1::QueryFundingRequest request;
  Wish filter;
  std::optional<Wish> compared;
};

// The answer in one message, without revisions. Lists whose order means nothing are in the order of
// Canonical().
absl::StatusOr<v1::QueryFundingResponse> NaiveAnswer(const World& world, const Question& question);

// The rates in the sums of `answer` without their notes and in an order of their own, and what
// could be included by its content.
v1::QueryFundingResponse Canonical(v1::QueryFundingResponse answer);

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

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_QUERY_H_
