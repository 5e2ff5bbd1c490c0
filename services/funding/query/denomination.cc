// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/denomination.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "services/funding/query/axis.h"

namespace entente::funding::query {

Denominations::Key Denominations::KeyOf(const std::string& currency, const std::string& value_date,
                                        Per per) const {
  // Without a conversion the date makes no difference.
  return {currency, table_ == nullptr ? "" : value_date, per};
}

DenominationId Denominations::Of(const std::string& currency, const std::string& value_date,
                                 Per per) {
  const auto [found, inserted] = ids_.try_emplace(
      KeyOf(currency, value_date, per), static_cast<DenominationId>(denominations_.size()));
  if (inserted) denominations_.push_back(Make(currency, value_date, per));
  return found->second;
}

std::optional<DenominationId> Denominations::Find(const std::string& currency,
                                                  const std::string& value_date, Per per) const {
  const auto found = ids_.find(KeyOf(currency, value_date, per));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

Denomination Denominations::Make(const std::string& currency, const std::string& value_date,
                                 Per per) const {
  Denomination made;
  made.currency = currency;
  made.per = per;
  if (table_ == nullptr) return made;
  if (currency == plan_.convert_to) {
    // What is in this currency needs no date to be in it.
    made.rate.emplace();
    made.rate->from = made.rate->to = currency;
    return made;
  }
  const Days days = value_date.empty() ? Days{} : DaysOf(value_date);
  if (value_date.empty()) {
    made.lack = v1::LEFT_OUT_REASON_NO_DATE;
    made.lack_message = "it has no value date to be converted at";
    return made;
  }
  if (!days.first.has_value() || !days.last.has_value() ||
      absl::CivilDay(days.first->year() + 1, days.first->month(), days.first->day()) <=
          *days.last) {
    made.lack = v1::LEFT_OUT_REASON_DATE_TOO_WIDE;
    made.lack_message = absl::StrCat("its value date, ", value_date, ", is wider than a year");
    return made;
  }
  made.day = *days.last;
  const rates::Found found =
      table_->Find(currency, plan_.convert_to, *days.last, plan_.max_rate_age_days);
  if (const auto* rate = std::get_if<rates::Rate>(&found)) {
    made.rate = *rate;
  } else {
    made.lack = v1::LEFT_OUT_REASON_NO_RATE;
    made.lack_message = rates::ToString(std::get<rates::Lack>(found));
  }
  return made;
}

}  // namespace entente::funding::query
