// SPDX-License-Identifier: Apache-2.0
#include "services/entente/rates/rate_files.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/entente/rates/rate_collector.h"
#include "services/funding/rates/currency.h"
#include "services/funding/rates/value.h"

namespace entente {
namespace {

using funding::v1::RATE_KIND_ANNUAL_AVERAGE;
using funding::v1::RATE_KIND_DAILY_REFERENCE;

// The words that the licences ask for (data/rates/README.md).
constexpr char kEcbSource[] = "Source: ECB, euro foreign exchange reference rates";
constexpr char kImfSource[] =
    "Source: International Monetary Fund, annual average exchange rates per US dollar";

}  // namespace

std::string FoundSeries::Name() const {
  const std::string pair = absl::AsciiStrToLower(absl::StrCat(base, "-", quote));
  return kind == RATE_KIND_DAILY_REFERENCE ? absl::StrCat("rateSeries/ecb-", pair, "-", year)
                                           : absl::StrCat("rateSeries/imf-", pair);
}

funding::v1::RateSeries FoundSeries::WithoutRates() const {
  const bool daily = kind == RATE_KIND_DAILY_REFERENCE;
  funding::v1::RateSeries series;
  series.set_name(Name());
  series.mutable_title()->set_text(
      daily ? absl::StrCat(base, " in ", quote, ", daily reference rates of ", year)
            : absl::StrCat(base, " in ", quote, ", annual averages"));
  series.set_kind(kind);
  series.set_source(daily ? kEcbSource : kImfSource);
  series.set_base_currency_code(base);
  series.set_quote_currency_code(quote);
  return series;
}

std::string RateFile::Summary() const {
  const char* what = kind == RATE_KIND_DAILY_REFERENCE ? "daily reference rates of the ECB"
                                                       : "annual averages of the IMF";
  return absl::StrCat(path, ": ", rates, " ", what, ", ", currencies.size(), " currencies, ", first,
                      " to ", last);
}

RateFiles RateFiles::Read(const std::vector<std::string>& paths, std::vector<Fault>* faults) {
  RateFiles files;
  for (const std::string& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    RateCollector collector(path, &files, faults);
    if (!stream || !text) {
      collector.AddFault(0, 0, "cannot be read, or is empty");
      continue;
    }
    const std::string content = text.str();
    const bool xml = absl::StartsWith(
        absl::StripLeadingAsciiWhitespace(absl::StripPrefix(content, "\xEF\xBB\xBF")), "<");
    const size_t before = faults->size();
    xml ? ReadRateXml(content, &collector) : ReadRateCsv(content, &collector);
    if (faults->size() == before && files.files_.back().rates == 0) {
      collector.AddFault(0, 0, "holds no rate");
    }
  }
  return files;
}

std::vector<const FoundSeries*> RateFiles::series() const {
  std::vector<const FoundSeries*> all;
  for (const auto& [key, series] : series_) all.push_back(&series);
  return all;
}

Fault RateFiles::FaultAt(const FoundRate& rate, const std::string& text) const {
  return {files_[rate.file].path, rate.line, rate.column, text};
}

bool IsNoRate(absl::string_view text) { return text.empty() || text == "N/A"; }

RateCollector::RateCollector(const std::string& path, RateFiles* files, std::vector<Fault>* faults)
    : files_(files), faults_(faults) {
  files_->files_.emplace_back().path = path;
}

void RateCollector::AddFault(int line, int column, const std::string& text) {
  faults_->push_back({path(), line, column, text});
}

void RateCollector::AddDaily(absl::string_view quote, absl::CivilDay day, absl::string_view value,
                             int line, int column) {
  Add({RATE_KIND_DAILY_REFERENCE, std::string(kEcbBase), std::string(quote),
       static_cast<int>(day.year())},
      absl::FormatCivilTime(day), value, line, column);
}

void RateCollector::AddAnnual(absl::string_view quote, int year, absl::string_view value, int line,
                              int column) {
  Add({RATE_KIND_ANNUAL_AVERAGE, std::string(kImfBase), std::string(quote)}, absl::StrCat(year),
      value, line, column);
}

void RateCollector::Add(FoundSeries key, const std::string& date, absl::string_view value, int line,
                        int column) {
  const std::string what = absl::StrCat(key.quote, " of ", date, ": ");
  if (!funding::rates::IsCurrencyCode(key.quote) || key.quote == key.base) {
    return AddFault(line, column,
                    absl::StrCat(what, "\"", key.quote, "\" is no currency other than ", key.base));
  }
  const auto parsed = funding::rates::RateValue::Parse(value);
  if (!parsed.ok()) {
    return AddFault(line, column,
                    absl::StrCat(what, "\"", value, "\" ", std::string(parsed.status().message())));
  }
  const FoundRate rate{parsed->ToString(), files_->files_.size() - 1, line, column};
  FoundSeries& series =
      files_->series_.try_emplace({key.kind, key.base, key.quote, key.year}, key).first->second;
  const auto [other, added] = series.rates.try_emplace(date, rate);
  if (!added && other->second.value != rate.value) {
    const Fault there = files_->FaultAt(other->second, "");
    return AddFault(line, column,
                    absl::StrCat(what, rate.value, " contradicts ", there.file, ":", there.line,
                                 ", which has ", other->second.value));
  }
  file().kind = key.kind;
  ++file().rates;
  file().currencies.insert(key.quote);
  if (file().first.empty() || date < file().first) file().first = date;
  file().last = std::max(file().last, date);
}

}  // namespace entente
