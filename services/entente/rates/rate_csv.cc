// SPDX-License-Identifier: Apache-2.0
//
// The CSV forms of rate files.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/entente/rates/rate_collector.h"
#include "services/entente/text/csv.h"
#include "services/funding/rates/currency.h"
#include "services/funding/rates/date.h"
#include "services/funding/rates/value.h"

namespace entente {
namespace {

using funding::rates::DayOf;
using funding::rates::YearOf;

// "2023-09-05" of the history, "05 September 2023" of the daily file.
std::optional<absl::CivilDay> EcbDay(absl::string_view text) {
  constexpr absl::string_view kMonths[] = {"January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December"};
  if (const auto day = DayOf(text); day.has_value()) return day;
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  if (words.size() != 3) return std::nullopt;
  const auto* month = std::find(std::begin(kMonths), std::end(kMonths), words[1]);
  if (month == std::end(kMonths)) return std::nullopt;
  const std::string number = absl::StrCat(month - kMonths + 1);
  const auto padded = [](const std::string& digits) {
    return digits.size() == 1 ? absl::StrCat("0", digits) : digits;
  };
  return DayOf(absl::StrCat(words[2], "-", padded(number), "-", padded(words[0])));
}

// Whether a row is like its header; notes it if not.
bool HasForm(const CsvRow& row, size_t columns, RateCollector* collector) {
  if (!row.fault.empty()) {
    collector->AddFault(row.fields.back().line, row.fields.back().column, row.fault);
  } else if (row.fields.size() != columns) {
    collector->AddFault(
        row.fields[0].line, row.fields[0].column,
        absl::StrCat("has ", row.fields.size(), " columns; the header has ", columns));
  } else {
    return true;
  }
  return false;
}

void ReadEcb(const CsvRow& header, CsvReader* reader, RateCollector* collector) {
  std::vector<std::string> quotes;  // Empty where the column is none.
  for (size_t i = 1; i < header.fields.size(); ++i) {
    const CsvField& field = header.fields[i];
    const bool code = funding::rates::IsCurrencyCode(field.text);
    // The rows of the history end with a comma.
    if (!code && !(field.text.empty() && i + 1 == header.fields.size())) {
      collector->AddFault(field.line, field.column,
                          absl::StrCat("\"", field.text, "\" is no currency code"));
    }
    quotes.push_back(code ? field.text : "");
  }
  CsvRow row;
  while (reader->Next(&row)) {
    if (!HasForm(row, header.fields.size(), collector)) continue;
    const CsvField& date = row.fields[0];
    const auto day = EcbDay(date.text);
    if (!day.has_value()) {
      collector->AddFault(date.line, date.column,
                          absl::StrCat("\"", date.text, "\" is no day, YYYY-MM-DD"));
      continue;
    }
    for (size_t i = 1; i < row.fields.size(); ++i) {
      const CsvField& field = row.fields[i];
      if (quotes[i - 1].empty() || IsNoRate(field.text)) continue;
      collector->AddDaily(quotes[i - 1], *day, field.text, field.line, field.column);
    }
  }
}

// The area whose central bank issues the currency, as the IMF calls it, or else the country whose
// code the currency's begins with (ISO 4217).
std::string IssuerOf(const std::string& currency) {
  static const auto* const areas = new std::map<std::string, std::string>{
      {"EUR", "U2"},  // Euro area.
      {"XAF", "5X"},  // Central African Economic and Monetary Community.
      {"XCD", "5Y"},  // Eastern Caribbean Currency Union.
      {"XOF", "7A"},  // West African Economic and Monetary Union.
  };
  const auto area = areas->find(currency);
  return area == areas->end() ? currency.substr(0, 2) : area->second;
}

// A file has no more than a row of column names to say what it holds.
class ImfReader {
 public:
  ImfReader(const CsvRow& header, RateCollector* collector)
      : columns_(header.fields.size()), collector_(collector) {
    for (const absl::string_view name : {"Date", "Rate", "Currency", "Frequency", "Country code"}) {
      const auto found = std::find_if(header.fields.begin(), header.fields.end(),
                                      [&](const CsvField& field) { return field.text == name; });
      if (found == header.fields.end()) {
        collector_->AddFault(1, 1, absl::StrCat("has no column ", name));
        complete_ = false;
      }
      places_.push_back(static_cast<size_t>(found - header.fields.begin()));
    }
  }

  void Read(CsvReader* reader) {
    CsvRow row;
    while (complete_ && reader->Next(&row)) ReadRow(row);
    for (const auto& [currency, years] : currencies_) Choose(currency, years);
    if (others_ > 0) {
      collector_->LeaveOut(absl::StrCat(
          others_, " rates that countries report of a currency that another one issues"));
    }
  }

 private:
  // In the order of places_.
  enum Column { kDate, kRate, kCurrency, kFrequency, kCountry };

  // A rate as a country reports it.
  struct Report {
    std::string country;
    CsvField rate;
    std::string canonical;  // Empty if it is none; the collector says so.
  };
  using Years = std::map<int, std::vector<Report>>;

  void ReadRow(const CsvRow& row) {
    if (!HasForm(row, columns_, collector_)) return;
    const auto field = [&](Column column) -> const CsvField& {
      return row.fields[places_[column]];
    };
    const auto fault = [&](Column column, const std::string& text) {
      collector_->AddFault(field(column).line, field(column).column, text);
    };
    const auto day = DayOf(field(kDate).text);
    const auto year = day.has_value() && day->month() == 12 && day->day() == 31
                          ? std::optional<int>(static_cast<int>(day->year()))
                          : YearOf(field(kDate).text);
    if (!year.has_value()) {
      return fault(kDate,
                   absl::StrCat("\"", field(kDate).text, "\" is no year, YYYY-12-31 or YYYY"));
    }
    if (field(kFrequency).text != "A") {
      return fault(kFrequency,
                   absl::StrCat("\"", field(kFrequency).text, "\" is not the frequency A, annual"));
    }
    const std::string& currency = field(kCurrency).text;
    const std::string& country = field(kCountry).text;
    if (IsNoRate(field(kRate).text)) return;
    if (!seen_.insert(absl::StrCat(currency, " ", country, " ", *year)).second) {
      return fault(kDate, absl::StrCat(currency, " of ", *year, " stands here for ", country,
                                       " a second time"));
    }
    const auto value = funding::rates::RateValue::Parse(field(kRate).text);
    currencies_[currency][*year].push_back(
        {country, field(kRate), value.ok() ? value->ToString() : ""});
  }

  // Adds the rates of one currency.
  void Choose(const std::string& currency, const Years& years) {
    const std::string issuer = IssuerOf(currency);
    bool issuer_reports = false;
    for (const auto& [year, reports] : years) {
      for (const Report& report : reports) issuer_reports |= report.country == issuer;
    }
    for (const auto& [year, reports] : years) {
      std::map<std::string, const Report*> values;
      for (const Report& report : reports) {
        if (!issuer_reports || report.country == issuer) {
          values.emplace(report.canonical, &report);
        } else {
          ++others_;
        }
      }
      // What the dollar costs in dollars is not kept.
      if (values.empty() || currency == kImfBase) continue;
      const Report& report = *values.begin()->second;
      if (values.size() == 1) {
        collector_->AddAnnual(currency, year, report.rate.text, report.rate.line,
                              report.rate.column);
        continue;
      }
      std::vector<std::string> said;
      for (const auto& [value, other] : values) {
        said.push_back(absl::StrCat(other->country, " ", value));
      }
      collector_->LeaveOut(absl::StrCat(
          currency, " of ", year, ", on which countries differ: ", absl::StrJoin(said, ", ")));
    }
  }

  const size_t columns_;
  RateCollector* const collector_;
  bool complete_ = true;
  std::vector<size_t> places_;
  std::map<std::string, Years> currencies_;
  std::set<std::string> seen_;  // "VND VN 2023"
  int others_ = 0;
};

}  // namespace

void ReadRateCsv(absl::string_view text, RateCollector* collector) {
  CsvReader reader(text);
  CsvRow header;
  if (!reader.Next(&header)) return;
  const auto is = [&](size_t i, absl::string_view name) {
    return header.fields.size() > i && header.fields[i].text == name;
  };
  if (is(0, "Date") && is(1, "Rate")) {
    if (!absl::StrContains(collector->path(), "_ENDE_")) {
      return ImfReader(header, collector).Read(&reader);
    }
    return collector->AddFault(1, 1,
                               "holds rates at the end of periods (ENDE), no averages (ENDA)");
  }
  if (is(0, "Date") && header.fields.size() > 1) return ReadEcb(header, &reader, collector);
  collector->AddFault(
      header.fields[0].line, header.fields[0].column,
      "is no file of rates that is known: neither the ECB's reference rates (Date, "
      "USD, ...; or XML) nor the IMF's annual averages (Date, Rate, Currency, ...)");
}

}  // namespace entente
