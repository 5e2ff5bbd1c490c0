// SPDX-License-Identifier: Apache-2.0
//
// Internal to the reading of rate files: takes what the readers of the various forms find in one
// file.
#ifndef ENTENTE_SERVICES_ENTENTE_RATES_RATE_COLLECTOR_H_
#define ENTENTE_SERVICES_ENTENTE_RATES_RATE_COLLECTOR_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/entente/rates/rate_files.h"

namespace entente {

inline constexpr absl::string_view kEcbBase = "EUR";
inline constexpr absl::string_view kImfBase = "USD";

// Whether a cell says that there is no rate.
bool IsNoRate(absl::string_view text);

class RateCollector {
 public:
  // Begins the file `path`; all must outlive it.
  RateCollector(const std::string& path, RateFiles* files, std::vector<Fault>* faults);

  const std::string& path() const { return file().path; }
  void AddFault(int line, int column, const std::string& text);
  void LeaveOut(const std::string& what) { file().left_out.push_back(what); }

  // A rate of the ECB. A day of another file, or further up, is a fault only if it differs.
  void AddDaily(absl::string_view quote, absl::CivilDay day, absl::string_view value, int line,
                int column);
  // A rate of the IMF.
  void AddAnnual(absl::string_view quote, int year, absl::string_view value, int line, int column);

 private:
  RateFile& file() const { return files_->files_.back(); }
  void Add(FoundSeries key, const std::string& date, absl::string_view value, int line, int column);

  RateFiles* const files_;
  std::vector<Fault>* const faults_;
};

// The readers of each form. `text` is the whole file.
void ReadRateCsv(absl::string_view text, RateCollector* collector);
void ReadRateXml(absl::string_view text, RateCollector* collector);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RATES_RATE_COLLECTOR_H_
