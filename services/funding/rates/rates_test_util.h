// SPDX-License-Identifier: Apache-2.0
//
// A state of funding with rate series, for tests.
#ifndef ENTENTE_SERVICES_FUNDING_RATES_RATES_TEST_UTIL_H_
#define ENTENTE_SERVICES_FUNDING_RATES_RATES_TEST_UTIL_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/resource/state.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/rate_series.pb.h"
#include "services/funding/rates/table.h"

namespace entente::funding::rates {

using DatesAndValues = std::vector<std::pair<std::string, std::string>>;

inline constexpr v1::RateKind kDaily = v1::RATE_KIND_DAILY_REFERENCE;
inline constexpr v1::RateKind kAnnual = v1::RATE_KIND_ANNUAL_AVERAGE;

inline v1::RateSeries MakeSeries(const std::string& id, v1::RateKind kind, const std::string& base,
                                 const std::string& quote, const DatesAndValues& rates) {
  v1::RateSeries series;
  series.set_name("rateSeries/" + id);
  series.set_kind(kind);
  series.set_source("Source: " + id);
  series.set_base_currency_code(base);
  series.set_quote_currency_code(quote);
  for (const auto& [date, value] : rates) {
    v1::Rate* rate = series.add_rates();
    rate->set_date(date);
    rate->set_value(value);
  }
  return series;
}

class RateState {
 public:
  // One more revision with the resource, a RateSeries or a Claim, in it.
  void Put(const google::protobuf::Message& resource, const std::string& name) {
    Commit({name, log::ChangeKind::kPut, resource.SerializeAsString()});
  }
  void Put(const v1::RateSeries& series) { Put(series, series.name()); }
  void Put(const std::string& id, v1::RateKind kind, const std::string& base,
           const std::string& quote, const DatesAndValues& rates) {
    Put(MakeSeries(id, kind, base, quote, rates));
  }
  void Delete(const std::string& name) {
    Commit({name, log::ChangeKind::kDelete, state_->Find(name)->message->SerializeAsString()});
  }

  const resource::State& state() const { return *state_; }
  std::shared_ptr<const resource::State> shared() const { return state_; }
  std::shared_ptr<const RateTable> Table() const { return RateTable::Of(*state_); }

 private:
  static const resource::Registry& Types() {
    static const auto* const types = new resource::Registry(
        resource::Registry::Of({v1::Claim::descriptor(), v1::RateSeries::descriptor()}).value());
    return *types;
  }
  void Commit(log::Change change) {
    const log::Revision revision{
        state_->revision() + 1, absl::UnixEpoch(), "", "", {std::move(change)}};
    state_ = state_->With(resource::Materialise(Types(), revision).value());
  }

  std::shared_ptr<const resource::State> state_ = std::make_shared<resource::State>(&Types());
};

}  // namespace entente::funding::rates

#endif  // ENTENTE_SERVICES_FUNDING_RATES_RATES_TEST_UTIL_H_
