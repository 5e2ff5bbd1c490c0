// SPDX-License-Identifier: Apache-2.0
//
// What the dates of events say about which came first: a partial order, kept as it is and never
// made a whole one.
//
//   a  2022-05        columns 1..1        b and c may stand beside each other: their order is not
//   b  2022           columns 1..2        known. a is before d, and c before d follows from nothing
//   c  2022-11        columns 2..2        else, so that both are edges; a before d is not, since a
//   d  2023-01-02     columns 3..3        is before c.
//
// Dates with first and last days give an interval order: one is before another if its last day is
// before the other's first. Such an order has a smallest picture: every item spans columns, and one
// is before another if and only if it ends in a column before the one that the other begins in
// (Greenough, 1976). The edges are those of its transitive reduction.
#ifndef ENTENTE_SERVICES_EVENTS_PARTIAL_ORDER_H_
#define ENTENTE_SERVICES_EVENTS_PARTIAL_ORDER_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "common/edtf/edtf.h"

namespace entente::events {

// From the first to the last of some days, as day numbers (common/edtf/day_set.h); where there is
// no such day kBeginningOfTime and kEndOfTime.
struct DayReach {
  int64_t first;
  int64_t last;
};

// The days that `date` may reach, whether or not it is certain.
DayReach BoundsOf(const edtf::Date& date);
// The days outside of which it certainly is not: of what is uncertain or approximate, none.
DayReach ReachOf(const edtf::Date& date);

// Whether all of `a` certainly precedes all of `b`: edtf::Compare(...) == kBefore.
inline bool CertainlyBefore(const DayReach& a, const DayReach& b) { return a.last < b.first; }

struct PartialOrder {
  // From 1.
  struct Columns {
    int first;
    int last;
  };
  // Of each item, in the order given.
  std::vector<Columns> columns;
  int column_count = 0;
  // The transitive reduction: pairs of places in the order given, each of an item and one that it
  // is before with nothing between them. By first, then second.
  std::vector<std::pair<int, int>> before;
};

// Takes n log n and the number of edges, which is at most a quarter of the square of n.
PartialOrder OrderOf(const std::vector<DayReach>& items);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_PARTIAL_ORDER_H_
