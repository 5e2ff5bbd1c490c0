// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/periods.h"

#include <optional>

#include "common/edtf/edtf.h"
#include "services/funding/calendar/recurrence.h"

namespace entente::funding::query {

int64_t Periods::Of(TreeId tree) const {
  if (!plan_.horizon.has_value()) return 1;
  const auto [found, inserted] = counted_.try_emplace(tree, 1);
  if (inserted) {
    found->second = Count(parcels_.snapshot().claim(parcels_.TopOf(tree)));
  }
  return found->second;
}

int64_t Periods::Count(const v1::Claim& top) const {
  if (!top.has_recurrence()) return 1;
  std::optional<edtf::Date> validity;
  // What a claim covers says for how long it comes back, where nothing else does.
  const type::v1::ImpreciseDate& covers =
      top.recurrence().has_validity() ? top.recurrence().validity() : top.period();
  if (const auto date = edtf::Parse(covers.edtf()); date.ok()) validity = *date;
  return calendar::WholePeriods(top.recurrence().every(), top.recurrence().unit(), *plan_.horizon,
                                validity);
}

}  // namespace entente::funding::query
