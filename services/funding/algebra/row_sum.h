// SPDX-License-Identifier: Apache-2.0
//
// What a row of an answer says: three numbers, and what they stand on.
//
// Plain values and pure functions: thread-safe.

#ifndef ENTENTE_SERVICES_FUNDING_ALGEBRA_ROW_SUM_H_
#define ENTENTE_SERVICES_FUNDING_ALGEBRA_ROW_SUM_H_

#include <cstdint>
#include <ostream>

#include "absl/status/statusor.h"
#include "common/figure/decimal.h"
#include "common/figure/interval.h"

namespace entente::funding::algebra {

// The sum over some money of one currency, nature and stage. That of nothing is RowSum().
struct RowSum {
  // The lowest and the highest value that all stated intervals of the trees allow, open where the
  // value itself is not reached: the tightest there are.
  figure::Interval bounds = figure::Interval::Point(0);

  // The figures as written, a whole and its parts counted once. The stated values of the rows of
  // any partition add up to that of them all. It lies within the bounds, or on an open end of them,
  // unless the tree has an excess.
  figure::Decimal stated;

  // How far parts as written exceed their whole as written, where both can hold ("over 500,
  // including 600"; "100, including up to 80 and up to 80"). That much is deducted in `stated`, so
  // that the whole counts as written: stated + excess is the sum in which remainders are at least
  // 0. Adds up over rows, like `stated`.
  figure::Decimal excess;

  // How many top claims the summed money belongs to.
  int64_t claims = 0;

  // How much of the money is not stated: the number of atoms without a figure whose money no
  // stated value in this row includes. If any, `stated` is incomplete. Money that is part of a
  // stated whole is within the bounds all the same; money that is not, is in none of the numbers.
  int64_t not_stated = 0;

  bool incomplete() const { return not_stated > 0; }

  friend bool operator==(const RowSum&, const RowSum&) = default;
};

// The sum over the money of two rows that share no tree. Within one tree bounds do not add up:
// select the atoms of both. OUT_OF_RANGE if a number is not a Decimal.
absl::StatusOr<RowSum> Add(const RowSum& a, const RowSum& b);

// For test failures and logs: "(500, inf), stated 500".
std::ostream& operator<<(std::ostream& out, const RowSum& sum);

}  // namespace entente::funding::algebra

#endif  // ENTENTE_SERVICES_FUNDING_ALGEBRA_ROW_SUM_H_
