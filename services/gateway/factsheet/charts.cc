// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/charts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/edtf/edtf.h"
#include "common/figure/decimal.h"
#include "services/events/date_words.h"
#include "services/gateway/factsheet/words.h"

namespace entente::gateway::factsheet {
namespace {

using absl::int128;
using figure::Decimal;

// How many intervals a scale has at least.
constexpr int kMinSteps = 3;

// A place on the scale from 0 to `max`, for 0 <= value <= max. Both have at most 38 digits, so that
// digits which no drawing shows make room for the width.
int Place(int128 value, int128 max) {
  const int128 room = absl::Int128Max() / kWidth;
  while (max > room) {
    max /= 10;
    value /= 10;
  }
  if (max <= 0) return kLeft;
  return kLeft + static_cast<int>(value * (kRight - kLeft) / max);
}

// The largest of 1, 2, 5, 10, 20, ... of which `span` holds kMinSteps; at least 1.
int128 StepOf(int128 span) {
  int128 step = 1;
  for (int128 power = 1; power <= span / kMinSteps; power *= 10) {
    for (const int factor : {1, 2, 5}) {
      if (power * factor <= span / kMinSteps) step = power * factor;
    }
    if (power > span / 10) break;
  }
  return step;
}

Decimal Parsed(const std::string& text) { return Decimal::Parse(text).value_or(Decimal(0)); }

// In units of the smallest decimal place that money here is drawn to.
int128 WholeUnits(const Decimal& decimal) {
  int128 units = decimal.coefficient();
  for (int i = 0; i < decimal.scale(); ++i) units /= 10;
  return units;
}

std::string BarLabel(const v1::FactSheetMoneyRow& row,
                     const std::map<std::string, std::string>& headings) {
  std::vector<std::string> pillars;
  for (const std::string& pillar : row.pillars()) {
    const auto found = headings.find(pillar);
    pillars.push_back(found == headings.end() ? pillar : found->second);
  }
  return absl::StrCat(row.label(), " · ",
                      pillars.empty() ? "under no pillar" : absl::StrJoin(pillars, " + "));
}

struct Drawn {
  int128 low = 0;
  std::optional<int128> high;
  int128 stated = 0;
};

Drawn DrawnOf(const v1::FactSheetMoneyRow& row) {
  Drawn drawn;
  drawn.low = std::max<int128>(0, WholeUnits(Parsed(row.bounds().low())));
  if (!row.bounds().high().empty()) {
    drawn.high = std::max<int128>(0, WholeUnits(Parsed(row.bounds().high())));
  }
  drawn.stated = std::max<int128>(0, WholeUnits(Parsed(row.stated())));
  return drawn;
}

struct Days {
  absl::CivilDay first;
  absl::CivilDay last;
  bool is_exact = false;
  bool open_begin = false;
  bool open_end = false;
};

// The days that an event can be on; none where neither end is a day.
std::optional<Days> DaysOf(const v1::FactSheetEntry& event) {
  if (!event.has_date()) return std::nullopt;
  const auto date = edtf::Parse(event.date().edtf());
  if (!date.ok()) return std::nullopt;
  const edtf::Bound earliest = date->earliest();
  const edtf::Bound latest = date->latest();
  Days days;
  days.open_begin = earliest.kind != edtf::Bound::kDay;
  days.open_end = latest.kind != edtf::Bound::kDay;
  if (days.open_begin && days.open_end) return std::nullopt;
  days.first = days.open_begin ? latest.day : earliest.day;
  days.last = days.open_end ? earliest.day : latest.day;
  days.is_exact = events::ExactDays(*date).has_value();
  return days;
}

}  // namespace

std::vector<Chart> MoneyCharts(const v1::FactSheet& sheet) {
  std::map<std::string, std::string> headings;
  for (const auto& section : sheet.sections()) headings[section.pillar()] = section.heading();
  std::map<std::pair<int, std::string>, std::vector<const v1::FactSheetMoneyRow*>> kinds;
  for (const auto& row : sheet.money_by_pillar()) {
    if (row.has_bounds()) kinds[{row.nature(), row.currency_code()}].push_back(&row);
  }
  std::vector<Chart> charts;
  for (const auto& [kind, rows] : kinds) {
    const auto& [nature, currency] = kind;
    int128 max = 1;
    for (const auto* row : rows) {
      const Drawn drawn = DrawnOf(*row);
      max = std::max({max, drawn.low, drawn.high.value_or(0), drawn.stated});
    }
    Chart chart;
    chart.title = absl::StrCat(nature == funding::v1::CLAIM_NATURE_OWN_FUNDING
                                   ? "Own funding"
                                   : "Money of others, to be mobilised or mobilised",
                               ", ", currency);
    const int128 step = StepOf(max);
    for (int128 at = 0; at <= max; at += step) {
      const Decimal value = Decimal::FromUnits(at, 0).value_or(Decimal(0));
      chart.ticks.push_back({Place(at, max), MoneyWords(value.ToString(), currency)});
    }
    for (const auto* row : rows) {
      const Drawn drawn = DrawnOf(*row);
      Bar bar;
      bar.label = BarLabel(*row, headings);
      bar.words = BoundsWords(row->bounds(), currency);
      bar.row = static_cast<int>(chart.bars.size());
      bar.begin = kLeft;
      bar.solid_end = Place(drawn.low, max);
      bar.open_end = !drawn.high.has_value();
      bar.end = bar.open_end ? kWidth : Place(*drawn.high, max);
      bar.mark = Place(drawn.stated, max);
      chart.bars.push_back(std::move(bar));
    }
    charts.push_back(std::move(chart));
  }
  return charts;
}

std::optional<Chart> Timeline(const v1::FactSheet& sheet) {
  std::vector<std::pair<const v1::FactSheetEntry*, Days>> dated;
  for (const auto* list :
       {&sheet.past_events(), &sheet.coming_events(), &sheet.undetermined_events()}) {
    for (const auto& event : *list) {
      if (const auto days = DaysOf(event); days.has_value()) dated.emplace_back(&event, *days);
    }
  }
  if (dated.empty()) return std::nullopt;
  absl::CivilDay first = dated[0].second.first;
  absl::CivilDay last = dated[0].second.last;
  for (const auto& [event, days] : dated) {
    first = std::min(first, days.first);
    last = std::max(last, days.last);
  }
  // Whole years, so that each has its tick.
  const absl::CivilYear begin(first);
  const absl::CivilYear end = absl::CivilYear(last) + 1;
  const absl::CivilDay origin(begin);
  const int128 span = absl::CivilDay(end) - origin;
  const auto place = [&](absl::CivilDay day) { return Place(day - origin, span); };

  Chart chart;
  chart.title = "Events in time";
  const auto step = static_cast<int64_t>(StepOf(end - begin));
  for (absl::CivilYear year = begin; year <= end; year += step) {
    chart.ticks.push_back({place(absl::CivilDay(year)), absl::StrCat(year.year())});
  }
  absl::CivilDay as_of;
  if (absl::ParseCivilTime(sheet.as_of(), &as_of) && as_of >= origin &&
      as_of <= absl::CivilDay(end)) {
    chart.line = place(as_of);
  }
  for (const auto& [event, days] : dated) {
    Bar bar;
    bar.label = event->heading();
    bar.words = DateWords(event->date());
    bar.row = static_cast<int>(chart.bars.size());
    bar.open_begin = days.open_begin;
    bar.open_end = days.open_end;
    bar.begin = days.open_begin ? 0 : place(days.first);
    // A day is all of it.
    bar.end = days.open_end ? kWidth : std::max(place(days.last + 1), bar.begin + 1);
    bar.solid_end = days.is_exact ? bar.end : bar.begin;
    chart.bars.push_back(std::move(bar));
  }
  return chart;
}

}  // namespace entente::gateway::factsheet
