// SPDX-License-Identifier: Apache-2.0
//
// How money is converted at the value dates that claims have: for each date of a column what is
// multiplied with, or why there is no rate. It is looked up once for all dates, and kept for later
// queries with the column.
//
//   const auto conversions = Conversions::Of(value_dates, rates, "EUR", /*max_age_days=*/7);
//   conversions->In("USD")[code].rate;
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CONVERSIONS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CONVERSIONS_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/column.h"
#include "services/funding/rates/fixed_sum.h"
#include "services/funding/rates/table.h"

namespace entente::funding::query {

// The day that money of a value date is converted at, unless it is none or too wide.
struct ConversionDay {
  std::optional<absl::CivilDay> day;
  v1::LeftOutReason lack = v1::LEFT_OUT_REASON_UNSPECIFIED;

  // `value_date`: EDTF, empty for none.
  static ConversionDay Of(const std::string& value_date);
};

// Of one currency and date.
struct Conversion {
  rates::FixedRate rate;
  v1::LeftOutReason lack = v1::LEFT_OUT_REASON_UNSPECIFIED;
  // Whether the rate is one for sums in fixed point; else only the exact rate is right.
  bool is_fixed = false;
};

// Immutable but for what is kept; thread-safe.
class Conversions {
 public:
  // `dates`: the column of value dates.
  static std::shared_ptr<const Conversions> Of(const Column& dates,
                                               std::shared_ptr<const rates::RateTable> table,
                                               const std::string& to, int max_age_days);

  size_t dates() const { return days_.size(); }
  // The code of a value date, if there is one that is written like that.
  std::optional<Code> CodeOf(const std::string& value_date) const;
  const std::string& value_date(Code code) const { return texts_[code]; }
  const ConversionDay& day(Code code) const { return days_[code]; }
  // By the code of the date.
  const std::vector<Conversion>& In(const std::string& currency) const;

 private:
  Conversions(const Values::View& dates, std::shared_ptr<const rates::RateTable> table,
              const std::string& to, int max_age_days);

  std::vector<Conversion> MakeIn(const std::string& currency) const;

  const std::shared_ptr<const rates::RateTable> table_;
  const std::string to_;
  const int max_age_days_;
  std::vector<std::string> texts_;  // by code; empty for what is not stated
  std::vector<ConversionDay> days_;
  absl::flat_hash_map<std::string, Code> codes_;

  mutable std::mutex mutex_;
  mutable std::map<std::string, std::vector<Conversion>> by_currency_;  // guarded by mutex_
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CONVERSIONS_H_
