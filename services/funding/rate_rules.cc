// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rate_rules.h"

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/currency.h"
#include "services/funding/rates/date.h"
#include "services/funding/rates/value.h"

namespace entente::funding {
namespace {

using rates::RateValue;
using resource::State;
using v1::RateSeries;

// The year of a date of either form.
std::optional<int> YearIn(const std::string& date) {
  if (const auto day = rates::DayOf(date); day.has_value()) return static_cast<int>(day->year());
  return rates::YearOf(date);
}

void CheckCurrencies(const RateSeries& series, const std::string& path, Violations* violations) {
  for (const auto& [field, code] :
       {std::pair("base_currency_code", series.base_currency_code()),
        std::pair("quote_currency_code", series.quote_currency_code())}) {
    if (!code.empty() && !rates::IsCurrencyCode(code)) {
      violations->Add(path + field, "must be an ISO 4217 code, for example \"USD\"");
    }
  }
  if (!series.base_currency_code().empty() &&
      series.base_currency_code() == series.quote_currency_code()) {
    violations->Add(path + "quote_currency_code", "must be another currency than the base");
  }
}

void CheckDates(const RateSeries& series, const std::string& path, Violations* violations) {
  const bool daily = series.kind() == v1::RATE_KIND_DAILY_REFERENCE;
  if (!daily && series.kind() != v1::RATE_KIND_ANNUAL_AVERAGE) return;  // Reported as required.
  std::string last;  // Of those that are dates; they compare as texts.
  for (int i = 0; i < series.rates_size(); ++i) {
    const std::string& date = series.rates(i).date();
    if (date.empty()) continue;  // Reported as required.
    const std::string field = absl::StrCat(path, "rates[", i, "].date");
    if (daily && !rates::DayOf(date).has_value()) {
      violations->Add(field, "must be a day, YYYY-MM-DD");
      continue;
    }
    if (!daily && !rates::YearOf(date).has_value()) {
      violations->Add(field, "must be a year, YYYY");
      continue;
    }
    if (daily && !last.empty() && date.substr(0, 4) != last.substr(0, 4)) {
      violations->Add(field, absl::StrCat("must be a day of ", last.substr(0, 4),
                                          ": a series has the daily rates of one year"));
      continue;
    }
    if (date <= last) {
      violations->Add(field, absl::StrCat("must come after ", last, ", the date before it"));
      continue;
    }
    last = date;
  }
}

// A pair of changed series is reported at one of them only, the later by name.
void CheckAgainst(const RateSeries& changed, const RateSeries& other, const std::string& path,
                  Violations* violations) {
  int j = 0;
  for (int i = 0; i < changed.rates_size(); ++i) {
    const v1::Rate& rate = changed.rates(i);
    while (j < other.rates_size() && other.rates(j).date() < rate.date()) ++j;
    if (j == other.rates_size()) return;
    if (other.rates(j).date() != rate.date() || other.rates(j).value() == rate.value()) continue;
    violations->Add(absl::StrCat(path, "rates[", i, "].value"),
                    absl::StrCat("contradicts ", other.name(), ", which has ",
                                 other.rates(j).value(), " for ", rate.date()));
  }
}

}  // namespace

void CompleteRates(RateSeries* series) {
  for (v1::Rate& rate : *series->mutable_rates()) {
    const auto value = RateValue::Parse(rate.value());
    if (value.ok()) rate.set_value(value->ToString());
  }
  series->clear_first_year();
  series->clear_last_year();
  if (series->rates().empty()) return;
  series->set_first_year(YearIn(series->rates(0).date()).value_or(0));
  series->set_last_year(YearIn(series->rates(series->rates_size() - 1).date()).value_or(0));
}

void CheckRates(const RateSeries& series, const std::string& path, Violations* violations) {
  CheckCurrencies(series, path, violations);
  if (series.rates_size() > kMaxRates) {
    violations->Add(path + "rates", absl::StrCat("has ", series.rates_size(), " rates; at most ",
                                                 kMaxRates, " are accepted"));
  }
  CheckDates(series, path, violations);
  for (int i = 0; i < series.rates_size(); ++i) {
    if (series.rates(i).value().empty()) continue;  // Reported as required.
    const auto value = RateValue::Parse(series.rates(i).value());
    if (!value.ok()) {
      violations->Add(absl::StrCat(path, "rates[", i, "].value"), value.status().message());
    }
  }
}

void CheckRatesTogether(const State& after, const std::map<std::string, std::string>& changed,
                        Violations* violations) {
  const auto key = [](const RateSeries& series) {
    return std::make_tuple(series.kind(), series.base_currency_code(),
                           series.quote_currency_code());
  };
  std::map<decltype(key(RateSeries())), std::vector<const RateSeries*>> alike;
  for (const auto& [name, path] : changed) {
    if (const auto* series = after.Get<RateSeries>(name); series != nullptr) alike[key(*series)];
  }
  if (alike.empty()) return;
  after.Scan(*after.registry().FindByDescriptor(RateSeries::descriptor()), "",
             [&](const resource::Entry& entry) {
               if (entry.deleted) return true;
               const auto found = alike.find(key(entry.As<RateSeries>()));
               if (found != alike.end()) found->second.push_back(&entry.As<RateSeries>());
               return true;
             });
  for (const auto& [name, path] : changed) {
    const auto* series = after.Get<RateSeries>(name);
    if (series == nullptr) continue;
    for (const RateSeries* other : alike[key(*series)]) {
      const bool reported_there = changed.count(other->name()) > 0 && other->name() > name;
      if (other == series || reported_there) continue;
      if (other->first_year() > series->last_year() || other->last_year() < series->first_year()) {
        continue;
      }
      CheckAgainst(*series, *other, path, violations);
    }
  }
}

}  // namespace entente::funding
