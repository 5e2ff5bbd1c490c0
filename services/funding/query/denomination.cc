// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/denomination.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "services/funding/claim_tree.h"

namespace entente::funding::query {

Denominations::Denominations(const Plan& plan, const Parcels& parcels,
                             std::shared_ptr<const rates::RateTable> table)
    : plan_(plan), table_(std::move(table)) {
  const auto& lanes = parcels.snapshot().lanes();
  for (size_t lane = 0; lane < lanes.size(); ++lane) currencies_.push_back(lanes[lane].currency);
  std::sort(currencies_.begin(), currencies_.end());
  currencies_.erase(std::unique(currencies_.begin(), currencies_.end()), currencies_.end());
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    const auto place =
        std::lower_bound(currencies_.begin(), currencies_.end(), lanes[lane].currency);
    currency_of_lane_.push_back(static_cast<uint32_t>(place - currencies_.begin()));
  }
  if (table_ != nullptr) {
    conversions_ = Conversions::Of(*parcels.columns()[parcels.BaseOf("value_date")], table_,
                                   plan_.convert_to, plan_.max_rate_age_days);
    dates_ = conversions_->dates();
    for (const std::string& currency : currencies_) columns_.push_back(&conversions_->In(currency));
  }
  totals_ = currencies_.size() * dates_;
}

Denominations::Key Denominations::KeyOf(const std::string& currency, const std::string& value_date,
                                        Per per) const {
  // Without a conversion the date makes no difference.
  return {currency, table_ == nullptr ? "" : value_date, per};
}

std::optional<DenominationId> Denominations::FindTotal(const std::string& currency,
                                                       const std::string& value_date) const {
  const auto found = std::lower_bound(currencies_.begin(), currencies_.end(), currency);
  if (found == currencies_.end() || *found != currency) return std::nullopt;
  const std::optional<Code> date =
      conversions_ == nullptr ? Code{0} : conversions_->CodeOf(value_date);
  if (!date.has_value()) return std::nullopt;
  return static_cast<DenominationId>(static_cast<size_t>(found - currencies_.begin()) * dates_ +
                                     *date);
}

DenominationId Denominations::Of(const std::string& currency, const std::string& value_date,
                                 Per per) {
  if (per == kTotal) {
    if (const auto total = FindTotal(currency, value_date); total.has_value()) return *total;
  }
  const auto [found, inserted] = ids_.try_emplace(
      KeyOf(currency, value_date, per), static_cast<DenominationId>(totals_ + others_.size()));
  if (inserted) {
    others_.push_back({currency, value_date, per, ConversionOf(currency, value_date)});
  }
  return found->second;
}

std::optional<DenominationId> Denominations::Find(const std::string& currency,
                                                  const std::string& value_date, Per per) const {
  if (per == kTotal) {
    if (const auto total = FindTotal(currency, value_date); total.has_value()) return total;
  }
  const auto found = ids_.find(KeyOf(currency, value_date, per));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const std::string& Denominations::ValueDateOf(DenominationId id) const {
  static const auto* const none = new std::string();
  if (id >= totals_) return others_[id - totals_].value_date;
  return conversions_ == nullptr ? *none : conversions_->value_date(static_cast<Code>(id % dates_));
}

std::optional<absl::CivilDay> Denominations::day(DenominationId id) const {
  if (conversions_ == nullptr || currency(id) == plan_.convert_to) return std::nullopt;
  return id < totals_ ? conversions_->day(static_cast<Code>(id % dates_)).day
                      : ConversionDay::Of(others_[id - totals_].value_date).day;
}

Denomination Denominations::operator[](DenominationId id) const {
  return Make(currency(id), ValueDateOf(id), per(id));
}

Conversion Denominations::ConversionOf(const std::string& currency,
                                       const std::string& value_date) const {
  if (table_ == nullptr) return {};
  if (const auto total = FindTotal(currency, value_date); total.has_value()) {
    return conversion(*total);
  }
  Conversion conversion;
  conversion.lack = Make(currency, value_date, kTotal).lack;
  return conversion;
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
  const ConversionDay on = ConversionDay::Of(value_date);
  made.day = on.day;
  made.lack = on.lack;
  if (on.lack == v1::LEFT_OUT_REASON_NO_DATE) {
    made.lack_message = "it has no value date to be converted at";
  } else if (on.lack == v1::LEFT_OUT_REASON_DATE_TOO_WIDE) {
    made.lack_message = absl::StrCat("its value date, ", value_date, ", is wider than a year");
  }
  if (!on.day.has_value()) return made;
  const rates::Found found =
      table_->Find(currency, plan_.convert_to, *on.day, plan_.max_rate_age_days);
  if (const auto* rate = std::get_if<rates::Rate>(&found)) {
    made.rate = *rate;
  } else {
    made.lack = v1::LEFT_OUT_REASON_NO_RATE;
    made.lack_message = rates::ToString(std::get<rates::Lack>(found));
  }
  return made;
}

}  // namespace entente::funding::query
