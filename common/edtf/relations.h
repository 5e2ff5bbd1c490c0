// SPDX-License-Identifier: Apache-2.0
//
// What can be known about two EDTF dates: whether something takes place in a window of time, and
// which of two things came first.
//
//   event              window or other
//   2023-08/2023-10    2023-09       CertainlyWithin: it starts in August and ends in October
//   2023               2023-09       PossiblyWithin, not CertainlyWithin
//   2022               2023-01-05    Compare: kBefore
//   2022               2022-05       Compare: kUnknown, one day of 2022 and one of May 2022
//
// A date leaves open on which days something really takes place. Each way to settle it is a
// *reading*, and gives a set of days:
//
//   a date, one of a set    one day of those that it covers
//   an interval             all days from a start to an end, each one day of those its end
//                           covers, and the start not after the end. An open end (`..`) is
//                           infinitely far away; an unknown one is any day, or infinitely far.
//   all of a set            one day of each of its members
//
// "Possibly" is: in some reading. "Certainly" is: in every reading, and nothing that is uncertain
// or approximate (`?`, `~`, `%`) is ever certain, though it stays possible just where it would be
// without its qualification. So what is certain is possible, always.
//
// A *window* is read differently, as the question that it is: all the days that its expression
// can mean. `2023-08` is the 31 days of August, `2022/2023` the 730 days of both years,
// `[2021,2023]` the days of either. An unknown end of a window counts as unbounded for what is
// possible; a window with an unknown end, or a qualified one, makes nothing certain.
//
// Pure functions: thread-safe, no errors.

#ifndef ENTENTE_COMMON_EDTF_RELATIONS_H_
#define ENTENTE_COMMON_EDTF_RELATIONS_H_

#include "common/edtf/edtf.h"

namespace entente::edtf {

// In some reading of `date`, at least one of its days is in `window`.
bool PossiblyWithin(const Date& date, const Date& window);

// In every reading of `date`, at least one of its days is in `window`.
bool CertainlyWithin(const Date& date, const Date& window);

enum class Order {
  kBefore,    // in every reading, all of a's days precede all of b's
  kAfter,     // the reverse
  kOverlaps,  // in every reading, they share a day
  kUnknown,   // none of these is certain: never to be shown as an order
};

// Compare(b, a) is the mirror image. A date compared with itself need not overlap: two things of
// `2022` may be months apart. Days as written are compared, not times or offsets. An overlap that
// only several members of an all-of set make certain between them may be given as kUnknown; all
// other answers are exact.
Order Compare(const Date& a, const Date& b);

}  // namespace entente::edtf

#endif  // ENTENTE_COMMON_EDTF_RELATIONS_H_
