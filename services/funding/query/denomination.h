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

// Those of one query, each once. Not thread-safe.
class Denominations {
 public:
  // `table`: null if nothing is converted.
  Denominations(const Plan& plan, std::shared_ptr<const rates::RateTable> table)
      : plan_(plan), table_(std::move(table)) {}

  // `value_date`: EDTF, empty for none.
  DenominationId Of(const std::string& currency, const std::string& value_date, Per per);
  // The same if there is one already.
  std::optional<DenominationId> Find(const std::string& currency, const std::string& value_date,
                                     Per per) const;
  const Denomination& operator[](DenominationId id) const { return denominations_[id]; }

 private:
  using Key = std::tuple<std::string, std::string, Per>;

  Key KeyOf(const std::string& currency, const std::string& value_date, Per per) const;
  Denomination Make(const std::string& currency, const std::string& value_date, Per per) const;

  const Plan& plan_;
  const std::shared_ptr<const rates::RateTable> table_;
  std::map<Key, DenominationId> ids_;
  std::vector<Denomination> denominations_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_DENOMINATION_H_
