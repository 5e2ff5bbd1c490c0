// SPDX-License-Identifier: Apache-2.0
//
// Money sorted into rows, not added up yet: for each row the exact amounts by denomination, and of
// each tree the nodes that are in it.
//
//   Tally tally = Count(...);                       // the rows of the query
//   Tally totals = Regroup(tally, to_totals, n);    // rows put together: a tree that was in
//                                                   // several rows is one again
//
// Totals, the rest of a top N and cumulative rows are regroupings of the same tally. That is why
// nothing is added up earlier: the bounds of two rows together are not the sums of their bounds.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_TALLY_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_TALLY_H_

#include <bitset>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "services/funding/query/axis.h"
#include "services/funding/query/denomination.h"
#include "services/funding/query/kind.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/same_money.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

// A row by its place in a tally.
using Group = uint32_t;
inline constexpr Group kNoGroup = std::numeric_limits<Group>::max();

// Exact amounts, in units of 10^-MinorDigits(currency).
struct ExactSum {
  absl::int128 units = 0;
  int64_t claims = 0;
  int64_t min = std::numeric_limits<int64_t>::max();
  int64_t max = std::numeric_limits<int64_t>::min();

  void Add(int64_t amount) {
    units += amount;
    ++claims;
    if (amount < min) min = amount;
    if (amount > max) max = amount;
  }
  void Add(const ExactSum& other);
};

struct Tally {
  struct Flat {
    Group group = 0;
    DenominationId denomination = 0;
    ExactSum sum;
  };
  struct Piece {
    Group group = 0;
    DenominationId denomination = 0;
    int32_t tree = 0;
    std::vector<algebra::NodeId> nodes;
  };
  // Money that is not in its row's sum, or not in the one that it was meant for.
  struct Left {
    Group group = 0;
    v1::LeftOutReason reason = v1::LEFT_OUT_REASON_UNSPECIFIED;
    Atom atom = kNoAtom;
    std::string message;  // with what it depends on

    friend bool operator<(const Left& a, const Left& b) {
      return std::tie(a.group, a.reason, a.atom) < std::tie(b.group, b.reason, b.atom);
    }
  };

  std::vector<std::vector<Code>> keys;     // by group: its codes on the axes
  std::vector<std::bitset<kKinds>> kinds;  // by group: the kinds of money in it
  std::vector<Flat> flats;                 // by group and denomination, each once
  std::vector<Piece> pieces;               // by group and tree, each once
  std::vector<Left> left;                  // in order, each once

  size_t size() const { return keys.size(); }
};

// What a query has come to when money is to be sorted into rows.
struct Sorting {
  const Plan& plan;
  const Parcels& parcels;
  const std::vector<Axis>& axes;
  const std::vector<Pick>& picks;
  const std::vector<SameMoney>& same_money;
  // By tree: how many periods of a figure that comes back lie in the horizon; 1 for totals. Empty
  // without a horizon.
  const std::vector<int64_t>& periods;
};

// Sorts the money that is `wanted` (in, or could be in) by the axes, and what could be in by kinds
// as well. `group_of`, if it is not null, becomes the group of each parcel, kNoGroup for those that
// are in no row; what is left out has a group all the same.
Tally Count(const Sorting& sorting, Pick wanted, Denominations* denominations,
            std::vector<Group>* group_of);

// The groups of `tally` put together into `keys.size()` new ones; `targets` gives those of one,
// which may be none or several.
Tally Regroup(const Tally& tally, std::vector<std::vector<Code>> keys,
              const std::function<std::vector<Group>(Group)>& targets);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_TALLY_H_
