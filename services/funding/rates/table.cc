// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/table.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "absl/strings/str_cat.h"
#include "services/funding/rates/date.h"

namespace entente::funding::rates {
namespace {

constexpr int32_t kNever = std::numeric_limits<int32_t>::min();
constexpr int32_t kAlways = std::numeric_limits<int32_t>::max();

// Far more than any rate is from now, and dates can be further: they are as good as the limit.
int32_t Clamp(int64_t number) {
  return static_cast<int32_t>(std::clamp<int64_t>(number, kNever + 1, kAlways - 1));
}

int32_t DaysOf(absl::CivilDay day) { return Clamp(day - absl::CivilDay(1970, 1, 1)); }

std::string TextOf(v1::RateKind kind, int32_t date) {
  return kind == v1::RATE_KIND_ANNUAL_AVERAGE
             ? absl::FormatCivilTime(absl::CivilYear(date))
             : absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + date);
}

const resource::ResourceType* SeriesType(const resource::State& state) {
  return state.registry().FindByDescriptor(v1::RateSeries::descriptor());
}

// The number of the first point after `date`.
template <typename Column>
size_t After(const Column& column, int32_t date) {
  const auto after = std::upper_bound(column.begin(), column.end(), date,
                                      [](int32_t a, const auto& point) { return a < point.date; });
  return static_cast<size_t>(after - column.begin());
}

// The last date of `column` that is not after `date`, or kNever; the base itself has a rate always.
template <typename Column>
int32_t LastOf(const Column* column, int32_t date) {
  if (column == nullptr) return kAlways;
  const size_t after = After(*column, date);
  return after == 0 ? kNever : (*column)[after - 1].date;
}

// The first date of `column` that is not before `date`, or kAlways; of the base itself, `date`.
template <typename Column>
int32_t FirstOf(const Column* column, int32_t date) {
  if (column == nullptr) return date;
  const size_t first = After(*column, date - 1);
  return first == column->size() ? kAlways : (*column)[first].date;
}

}  // namespace

std::string ToString(const Lack& lack) {
  if (const NoRate* none = std::get_if<NoRate>(&lack)) {
    const std::string what = absl::StrCat("there is no rate of ", none->currency, " for ",
                                          absl::FormatCivilTime(none->day));
    return none->nearest.empty() ? what : absl::StrCat(what, "; the nearest is of ", none->nearest);
  }
  const auto& old = std::get<RateTooOld>(lack);
  return absl::StrCat("the last rate of ", old.currency, " before ", absl::FormatCivilTime(old.day),
                      " is of ", old.date, ", ", old.age_days, " days earlier; at most ",
                      old.max_age_days, " are accepted");
}

struct RateTable::Legs {
  const std::string* base;
  absl::string_view from_code, to_code;
  const Column* from;
  const Column* to;

  // The last date, not after `date`, on which there are both rates; kNever for none.
  int32_t Last(int32_t date) const {
    while (date != kNever) {
      const int32_t last = std::min(LastOf(from, date), LastOf(to, date));
      if (last == kNever || std::min(LastOf(from, last), LastOf(to, last)) == last) return last;
      date = last;
    }
    return kNever;
  }
  // The first date, not before `date`, on which there are both rates; kAlways for none.
  int32_t First(int32_t date) const {
    while (date != kAlways) {
      const int32_t first = std::max(FirstOf(from, date), FirstOf(to, date));
      if (first == date) return first;
      date = first;
    }
    return kAlways;
  }
  // The currency whose rates up to `date` end first.
  std::string Lacking(int32_t date) const {
    return std::string(LastOf(to, date) < LastOf(from, date) ? to_code : from_code);
  }
};

struct RateTable::Choice {
  const Legs* legs = nullptr;
  int32_t date = kNever;
};

std::shared_ptr<const RateTable> RateTable::Of(const resource::State& state) {
  const auto table = std::shared_ptr<RateTable>(new RateTable());
  const resource::ResourceType* type = SeriesType(state);
  if (type == nullptr) return table;
  state.Scan(*type, "", [&](const resource::Entry& entry) {
    if (!entry.deleted) table->Add(entry.As<v1::RateSeries>());
    return true;
  });
  Settle(&table->daily_);
  Settle(&table->annual_);
  return table;
}

void RateTable::Add(const v1::RateSeries& series) {
  const bool daily = series.kind() == v1::RATE_KIND_DAILY_REFERENCE;
  if (!daily && series.kind() != v1::RATE_KIND_ANNUAL_AVERAGE) return;
  Column& column =
      (daily ? daily_ : annual_)[series.base_currency_code()][series.quote_currency_code()];
  const auto number = static_cast<uint32_t>(series_.size());
  series_.push_back({series.name(), series.source()});
  for (const v1::Rate& rate : series.rates()) {
    const auto value = RateValue::Parse(rate.value());
    const auto day = daily ? DayOf(rate.date()) : std::nullopt;
    const auto year = daily ? std::nullopt : YearOf(rate.date());
    if (!value.ok() || (!day.has_value() && !year.has_value())) continue;
    column.push_back({daily ? DaysOf(*day) : *year, number, *value});
  }
}

void RateTable::Settle(Bases* bases) {
  for (auto& [base, quotes] : *bases) {
    for (auto& [quote, column] : quotes) {
      // Stable: of several, the one of the first series by name.
      std::stable_sort(column.begin(), column.end(),
                       [](const Point& a, const Point& b) { return a.date < b.date; });
      column.erase(std::unique(column.begin(), column.end(),
                               [](const Point& a, const Point& b) { return a.date == b.date; }),
                   column.end());
    }
  }
}

std::vector<RateTable::Legs> RateTable::LegsUnder(const Bases& bases, absl::string_view from,
                                                  absl::string_view to) {
  std::vector<Legs> all;
  for (const auto& [base, quotes] : bases) {
    const auto column = [&, &base = base, &quotes = quotes](absl::string_view code,
                                                            const Column** found) {
      *found = nullptr;
      if (code == base) return true;
      const auto quote = quotes.find(code);
      if (quote == quotes.end() || quote->second.empty()) return false;
      *found = &quote->second;
      return true;
    };
    Legs legs{&base, from, to, nullptr, nullptr};
    if (column(from, &legs.from) && column(to, &legs.to)) all.push_back(legs);
  }
  return all;
}

Rate RateTable::RateOf(v1::RateKind kind, const Legs& legs, int32_t date, int age_days) const {
  Rate rate{std::string(legs.from_code), std::string(legs.to_code), TextOf(kind, date), age_days};
  const auto use = [&](const Column* column, absl::string_view quote, bool divides) {
    if (column == nullptr) return;
    const Point& point = (*column)[After(*column, date) - 1];
    const Series& series = series_[point.series];
    rate.used.push_back({series.name, series.source, kind, *legs.base, std::string(quote),
                         rate.date, point.value, age_days, divides});
  };
  use(legs.from, legs.from_code, /*divides=*/true);
  use(legs.to, legs.to_code, /*divides=*/false);
  return rate;
}

RateTable::Choice RateTable::LastDaily(const std::vector<Legs>& all, int32_t asked) {
  Choice best;
  for (const Legs& legs : all) {
    if (const int32_t date = legs.Last(asked); date > best.date) best = {&legs, date};
  }
  return best;
}

RateTable::Choice RateTable::AnnualOf(const std::vector<Legs>& all, int32_t year) {
  for (const Legs& legs : all) {
    if (legs.Last(year) == year) return {&legs, year};
  }
  return {};
}

Found RateTable::FindDaily(absl::string_view from, absl::string_view to, absl::CivilDay day,
                           int max_age_days) const {
  const int32_t asked = DaysOf(day);
  const std::vector<Legs> all = LegsUnder(daily_, from, to);
  const auto [best, last] = LastDaily(all, asked);
  const Legs* next = nullptr;
  int32_t first = kAlways;
  for (const Legs& legs : all) {
    if (const int32_t date = legs.First(asked); date < first) {
      next = &legs;
      first = date;
    }
  }
  if (best != nullptr) {
    const int32_t age = Clamp(int64_t{asked} - last);
    if (age <= max_age_days) return RateOf(v1::RATE_KIND_DAILY_REFERENCE, *best, last, age);
    return Lack(RateTooOld{best->Lacking(asked), day, TextOf(v1::RATE_KIND_DAILY_REFERENCE, last),
                           age, max_age_days});
  }
  if (next != nullptr) {
    return Lack(NoRate{next->Lacking(asked), day, TextOf(v1::RATE_KIND_DAILY_REFERENCE, first)});
  }
  // Whichever of the two no base has, or else `from`: they have no base in common.
  const auto known = [&](absl::string_view code) {
    return std::any_of(daily_.begin(), daily_.end(), [&](const auto& base) {
      return base.first == code || base.second.find(code) != base.second.end();
    });
  };
  return Lack(NoRate{std::string(known(from) && !known(to) ? to : from), day, ""});
}

Found RateTable::FindAnnual(absl::string_view from, absl::string_view to,
                            absl::CivilDay day) const {
  const int32_t asked = Clamp(day.year());
  const std::vector<Legs> all = LegsUnder(annual_, from, to);
  if (const Choice choice = AnnualOf(all, asked); choice.legs != nullptr) {
    return RateOf(v1::RATE_KIND_ANNUAL_AVERAGE, *choice.legs, asked, 0);
  }
  int32_t nearest = kNever;
  const auto distance = [&](int32_t year) { return std::abs(int64_t{year} - asked); };
  for (const Legs& legs : all) {
    for (const int32_t year : {legs.Last(asked), legs.First(asked)}) {
      const bool there = year != kNever && year != kAlways;
      if (there && (nearest == kNever || distance(year) < distance(nearest))) nearest = year;
    }
  }
  return Lack(NoRate{all.empty() ? std::string(from) : all.front().Lacking(asked), day,
                     nearest == kNever ? "" : TextOf(v1::RATE_KIND_ANNUAL_AVERAGE, nearest)});
}

Found RateTable::Find(absl::string_view from, absl::string_view to, absl::CivilDay day,
                      int max_age_days) const {
  if (from == to) return Rate{std::string(from), std::string(to)};
  Found daily = FindDaily(from, to, day, max_age_days);
  if (std::holds_alternative<Rate>(daily)) return daily;
  Found annual = FindAnnual(from, to, day);
  if (Rate* rate = std::get_if<Rate>(&annual)) {
    rate->no_daily = std::get<Lack>(std::move(daily));
    return annual;
  }
  const bool only_averages =
      LegsUnder(daily_, from, to).empty() && !LegsUnder(annual_, from, to).empty();
  return only_averages ? annual : daily;
}

std::vector<std::optional<Factor>> RateTable::Factors(absl::string_view from, absl::string_view to,
                                                      absl::Span<const absl::CivilDay> days,
                                                      int max_age_days) const {
  if (from == to) return std::vector<std::optional<Factor>>(days.size(), Factor());
  const std::vector<Legs> daily = LegsUnder(daily_, from, to);
  const std::vector<Legs> annual = LegsUnder(annual_, from, to);
  const auto value = [](const Column* column, int32_t date) {
    return column == nullptr ? RateValue() : (*column)[After(*column, date) - 1].value;
  };
  std::vector<std::optional<Factor>> factors;
  factors.reserve(days.size());
  for (const absl::CivilDay day : days) {
    const int32_t asked = DaysOf(day);
    Choice choice = LastDaily(daily, asked);
    if (choice.legs == nullptr || Clamp(int64_t{asked} - choice.date) > max_age_days) {
      choice = AnnualOf(annual, Clamp(day.year()));
    }
    factors.emplace_back();
    if (choice.legs == nullptr) continue;
    factors.back() =
        Factor{value(choice.legs->to, choice.date), value(choice.legs->from, choice.date)};
  }
  return factors;
}

std::shared_ptr<const RateTable> RateTables::For(const resource::State& state) {
  Version version;
  if (const resource::ResourceType* type = SeriesType(state); type != nullptr) {
    state.Scan(*type, "", [&](const resource::Entry& entry) {
      version.changed = std::max(version.changed, entry.revision);
      if (!entry.deleted) ++version.series;
      return true;
    });
  }
  // Moves the table to the end.
  const auto find = [&]() -> std::shared_ptr<const RateTable> {
    for (size_t i = 0; i < tables_.size(); ++i) {
      if (tables_[i].first != version) continue;
      std::rotate(tables_.begin() + static_cast<ptrdiff_t>(i),
                  tables_.begin() + static_cast<ptrdiff_t>(i) + 1, tables_.end());
      return tables_.back().second;
    }
    return nullptr;
  };
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (auto table = find(); table != nullptr) return table;
  }
  // Without the lock, for it takes a while. Two threads may both do it: it is the same table.
  auto table = RateTable::Of(state);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (auto other = find(); other != nullptr) return other;
  if (tables_.size() == kKept) tables_.erase(tables_.begin());
  tables_.emplace_back(version, table);
  return table;
}

}  // namespace entente::funding::rates
