// SPDX-License-Identifier: Apache-2.0
//
// What was certainly before what, where some things have days as they are written and others a
// moment.
//
//   a  2023-09-05            a is before c, and b before c, by days
//   b  2023-09-06T10:00Z     a moment: the 6th, or somewhere the 5th or the 7th, so that neither a
//   c  2023-09-08            nor anything of the 7th is certainly before or after it
//
// Days have no time zone: a day begins when it first begins anywhere (UTC+14) and ends when it has
// ended everywhere (UTC-12). Two days as they are written are compared as they are written, and two
// moments by the clock. All together this is a partial order, though no interval order: where two
// moments are in an order and two days next to them too, neither need say anything of the others.
#ifndef ENTENTE_SERVICES_GATEWAY_TIMELINE_ORDER_H_
#define ENTENTE_SERVICES_GATEWAY_TIMELINE_ORDER_H_

#include <optional>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/edtf/edtf.h"

namespace entente::gateway {

// The first and the last day of something, where it has them.
struct Extent {
  std::optional<absl::CivilDay> first, last;
  // Of a change of the record: the days above are those that the moment may have been on.
  std::optional<absl::Time> moment;
  // The days bound nothing.
  bool uncertain = false;

  static Extent Of(const edtf::Date& date);
  static Extent Of(absl::Time moment);
};

// Whether all of `a` certainly precedes all of `b`.
bool IsBefore(const Extent& a, const Extent& b);

// The transitive reduction: pairs of places in `items`, by first, then second. Takes the square of
// their number, and a 64th of the cube.
std::vector<std::pair<int, int>> Precedences(const std::vector<Extent>& items);

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_TIMELINE_ORDER_H_
