// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/edtf.h"

namespace entente::edtf {

Bound Date::earliest() const {
  if (start_unknown_) return {Bound::kUnknown, {}};
  const int64_t first = start_.first();
  if (first == kBeginningOfTime) return {Bound::kUnbounded, {}};
  return {Bound::kDay, DayOf(first)};
}

Bound Date::latest() const {
  if (end_unknown_) return {Bound::kUnknown, {}};
  const int64_t last = is_interval() ? end_.last() : start_.last();
  if (last == kEndOfTime) return {Bound::kUnbounded, {}};
  return {Bound::kDay, DayOf(last)};
}

}  // namespace entente::edtf
