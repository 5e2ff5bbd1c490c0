// SPDX-License-Identifier: Apache-2.0
//
// What amounts are counted in: a currency, per what if they come back, and the rate at which they
// are converted. Amounts of one denomination add up as they are.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_DENOMINATION_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_DENOMINATION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/conversions.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/plan.h"
#include "services/funding/rates/table.h"

namespace entente::funding::query {

// Per how long; {0, RECURRENCE_UNIT_UNSPECIFIED} for totals.
using Per = std::pair<int, v1::RecurrenceUnit>;
inline constexpr Per kTotal = {0, v1::RECURRENCE_UNIT_UNSPECIFIED};

struct Denomination {
  std::string currency;
  Per per = kTotal;
  // Where a conversion is asked for, either a rate and the day that it is for, or why there is
  // none.
  std::optional<rates::Rate> rate;
  std::optional<absl::CivilDay> day;  // none where the currency is the one asked for
  v1::LeftOutReason lack = v1::LEFT_OUT_REASON_UNSPECIFIED;
  std::string lack_message;
};

using DenominationId = uint32_t;

// Those of one query, each once: totals in each currency that there is, at each value date if money
// is converted, have ids by their places in that grid; what comes back has an id when it is met.
// Not thread-safe where it is not const.
class Denominations {
 public:
  // `table`: null if nothing is converted; else "value_date" must be a base of `parcels`. `plan`
  // and `parcels` must outlive it.
  Denominations(const Plan& plan, const Parcels& parcels,
                std::shared_ptr<const rates::RateTable> table);

  // `value_date`: EDTF, empty for none.
  DenominationId Of(const std::string& currency, const std::string& value_date, Per per);
  // The same if there is one already.
  std::optional<DenominationId> Find(const std::string& currency, const std::string& value_date,
                                     Per per) const;
  // Of totals in the currency of a lane, at the value date of this code; which makes no difference
  // unless money is converted.
  DenominationId OfLane(Code lane, Code date) const {
    const auto dates = static_cast<DenominationId>(dates_);
    return currency_of_lane_[lane] * dates + (conversions_ == nullptr ? 0 : date);
  }

  // All that is to be known of one. The rate is looked up, which takes a microsecond; what follows
  // does not.
  Denomination operator[](DenominationId id) const;

  const std::string& currency(DenominationId id) const {
    return id < totals_ ? currencies_[id / dates_] : others_[id - totals_].currency;
  }
  Per per(DenominationId id) const { return id < totals_ ? kTotal : others_[id - totals_].per; }
  bool is_converted(DenominationId id) const {
    return conversions_ != nullptr && lack(id) == v1::LEFT_OUT_REASON_UNSPECIFIED;
  }
  // Of what should be converted.
  v1::LeftOutReason lack(DenominationId id) const {
    return conversions_ == nullptr ? v1::LEFT_OUT_REASON_UNSPECIFIED : conversion(id).lack;
  }
  // Where a conversion is asked for.
  const Conversion& conversion(DenominationId id) const {
    return id < totals_ ? (*columns_[id / dates_])[id % dates_] : others_[id - totals_].conversion;
  }
  // The day of the rate of what is converted; none if nothing published is used.
  std::optional<absl::CivilDay> day(DenominationId id) const;

 private:
  using Key = std::tuple<std::string, std::string, Per>;

  struct Other {
    std::string currency;
    std::string value_date;
    Per per;
    Conversion conversion;
  };

  Key KeyOf(const std::string& currency, const std::string& value_date, Per per) const;
  // The id of totals.
  std::optional<DenominationId> FindTotal(const std::string& currency,
                                          const std::string& value_date) const;
  const std::string& ValueDateOf(DenominationId id) const;
  Denomination Make(const std::string& currency, const std::string& value_date, Per per) const;
  Conversion ConversionOf(const std::string& currency, const std::string& value_date) const;

  const Plan& plan_;
  const std::shared_ptr<const rates::RateTable> table_;
  std::shared_ptr<const Conversions> conversions_;       // null if nothing is converted
  std::vector<std::string> currencies_;                  // in order
  std::vector<uint32_t> currency_of_lane_;               // by code: its place
  std::vector<const std::vector<Conversion>*> columns_;  // by the place of the currency
  size_t dates_ = 1;
  size_t totals_ = 0;                  // how many
  std::map<Key, DenominationId> ids_;  // of others
  std::vector<Other> others_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_DENOMINATION_H_
