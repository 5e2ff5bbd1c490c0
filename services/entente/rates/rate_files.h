// SPDX-License-Identifier: Apache-2.0
//
// Exchange rates as their publishers distribute them:
//
// - The European Central Bank's euro reference rates, daily: eurofxref.csv, eurofxref-hist.csv (a
//   column per currency, a row per day) and their XML form.
// - The International Monetary Fund's annual averages per US dollar, as CSV with the columns Date,
//   Rate, Currency, Frequency, Source, Country code, Country. Files of rates at the end of periods
//   have the same form and are told apart by "_ENDE_" in their names.
//
//   std::vector<Fault> faults;
//   const RateFiles files = RateFiles::Read({"eurofxref-hist.csv"}, &faults);
#ifndef ENTENTE_SERVICES_ENTENTE_RATES_RATE_FILES_H_
#define ENTENTE_SERVICES_ENTENTE_RATES_RATE_FILES_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "entente/funding/v1/rate_series.pb.h"
#include "services/entente/record/record.h"

namespace entente {

// A rate and where it stands.
struct FoundRate {
  std::string value;  // Canonical.
  size_t file = 0;    // In RateFiles::files.
  int line = 0;
  int column = 0;
};

// What the files hold of one rate series.
struct FoundSeries {
  funding::v1::RateKind kind;
  std::string base, quote;
  int year = 0;  // Of daily rates.
  // By date as in funding::v1::Rate.
  std::map<std::string, FoundRate> rates;

  // "rateSeries/ecb-eur-usd-2023", "rateSeries/imf-usd-vnd".
  std::string Name() const;
  // The resource, all but the rates.
  funding::v1::RateSeries WithoutRates() const;
};

// What was read from one file.
struct RateFile {
  std::string path;
  funding::v1::RateKind kind = funding::v1::RATE_KIND_UNSPECIFIED;
  int rates = 0;
  std::set<std::string> currencies;
  std::string first, last;  // Dates.
  // What of it was left out, and why; for people.
  std::vector<std::string> left_out;

  // "FILE: 1785 daily reference rates of 7 currencies, 2023-01-02 to 2023-12-29".
  std::string Summary() const;
};

// Of the currencies in an IMF file that rows of several countries give, the rows of the country or
// area that issues the currency are taken: the one that the currency's code begins with (ISO 4217),
// or the monetary union's. If it has none, a year is taken if all countries agree on it, and is
// otherwise left out.
class RateFiles {
 public:
  // Notes every fault with its place and goes on behind it. The same rate may stand in several
  // files; two that differ are a fault.
  static RateFiles Read(const std::vector<std::string>& paths, std::vector<Fault>* faults);

  const std::vector<RateFile>& files() const { return files_; }
  // In the order of kinds, bases, quotes and years.
  std::vector<const FoundSeries*> series() const;

  // A fault at the place of a rate.
  Fault FaultAt(const FoundRate& rate, const std::string& text) const;

 private:
  friend class RateCollector;  // rate_collector.h

  std::vector<RateFile> files_;
  // By kind, base, quote and year.
  std::map<std::tuple<int, std::string, std::string, int>, FoundSeries> series_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RATES_RATE_FILES_H_
