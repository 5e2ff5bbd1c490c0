// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/conversions.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "services/funding/claim_tree.h"
#include "services/funding/query/axis.h"

namespace entente::funding::query {

ConversionDay ConversionDay::Of(const std::string& value_date) {
  if (value_date.empty()) return {std::nullopt, v1::LEFT_OUT_REASON_NO_DATE};
  const Days days = DaysOf(value_date);
  if (!days.first.has_value() || !days.last.has_value() ||
      absl::CivilDay(days.first->year() + 1, days.first->month(), days.first->day()) <=
          *days.last) {
    return {std::nullopt, v1::LEFT_OUT_REASON_DATE_TOO_WIDE};
  }
  return {days.last, v1::LEFT_OUT_REASON_UNSPECIFIED};
}

Conversions::Conversions(const Values::View& dates, std::shared_ptr<const rates::RateTable> table,
                         const std::string& to, int max_age_days)
    : table_(std::move(table)), to_(to), max_age_days_(max_age_days) {
  for (Code code = 0; code < dates.size(); ++code) {
    const Value& value = dates[code];
    texts_.push_back(value.members.empty() ? "" : value.members[0]);
    days_.push_back(ConversionDay::Of(texts_.back()));
    codes_.try_emplace(texts_.back(), code);
  }
}

std::shared_ptr<const Conversions> Conversions::Of(const Column& dates,
                                                   std::shared_ptr<const rates::RateTable> table,
                                                   const std::string& to, int max_age_days) {
  // What is kept keeps the table, so that its address is that of no other.
  const std::string key = absl::StrFormat("converted to %s %d %p", to, max_age_days, table.get());
  using Kept = std::shared_ptr<const Conversions>;
  return *dates.derived->Of<Kept>(key, dates.values.size(), [&] {
    return Kept(new Conversions(dates.values, std::move(table), to, max_age_days));
  });
}

std::optional<Code> Conversions::CodeOf(const std::string& value_date) const {
  const auto found = codes_.find(value_date);
  return found == codes_.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<Conversion>& Conversions::In(const std::string& currency) const {
  // Others who want the same wait for it.
  const std::lock_guard<std::mutex> lock(mutex_);
  auto found = by_currency_.find(currency);
  if (found == by_currency_.end()) {
    found = by_currency_.emplace(currency, MakeIn(currency)).first;
  }
  return found->second;
}

std::vector<Conversion> Conversions::MakeIn(const std::string& currency) const {
  const int from_digits = MinorDigits(currency);
  const int to_digits = MinorDigits(to_);
  std::vector<Conversion> made(days_.size());
  const auto set = [&](Conversion* conversion, const std::optional<rates::Factor>& factor) {
    if (!factor.has_value()) {
      conversion->lack = v1::LEFT_OUT_REASON_NO_RATE;
      return;
    }
    const auto rate = rates::FixedRate::Of(*factor, from_digits, to_digits);
    conversion->is_fixed = rate.has_value();
    if (rate.has_value()) conversion->rate = *rate;
  };
  // What is in this currency needs no date to be in it.
  if (currency == to_) {
    for (Conversion& conversion : made) set(&conversion, rates::Factor());
    return made;
  }
  std::vector<absl::CivilDay> days;
  std::vector<Code> codes;
  for (Code code = 0; code < days_.size(); ++code) {
    made[code].lack = days_[code].lack;
    if (!days_[code].day.has_value()) continue;
    days.push_back(*days_[code].day);
    codes.push_back(code);
  }
  const std::vector<std::optional<rates::Factor>> factors =
      table_->Factors(currency, to_, days, max_age_days_);
  for (size_t i = 0; i < codes.size(); ++i) set(&made[codes[i]], factors[i]);
  return made;
}

}  // namespace entente::funding::query
