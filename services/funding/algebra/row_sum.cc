// SPDX-License-Identifier: Apache-2.0
#include "services/funding/algebra/row_sum.h"

#include "common/status/macros.h"

namespace entente::funding::algebra {

absl::StatusOr<RowSum> Add(const RowSum& a, const RowSum& b) {
  RowSum sum;
  ASSIGN_OR_RETURN(sum.bounds, figure::Add(a.bounds, b.bounds));
  ASSIGN_OR_RETURN(sum.stated, figure::Add(a.stated, b.stated));
  ASSIGN_OR_RETURN(sum.excess, figure::Add(a.excess, b.excess));
  sum.claims = a.claims + b.claims;
  sum.not_stated = a.not_stated + b.not_stated;
  return sum;
}

std::ostream& operator<<(std::ostream& out, const RowSum& sum) {
  out << sum.bounds << ", stated " << sum.stated;
  if (!sum.excess.is_zero()) out << ", excess " << sum.excess;
  if (sum.incomplete()) out << ", incomplete";
  return out;
}

}  // namespace entente::funding::algebra
