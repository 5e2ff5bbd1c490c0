// SPDX-License-Identifier: Apache-2.0
//
// Rows, written out.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ROWS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ROWS_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/sums.h"

namespace entente::funding::query {

// A tally with its sums.
class Summed {
 public:
  // `evaluation` must outlive it.
  Summed(const Evaluation& evaluation, Tally tally)
      : tally_(std::make_unique<const Tally>(std::move(tally))),
        sums_(std::make_unique<const Sums>(evaluation.plan(), evaluation.parcels(),
                                           evaluation.periods(), evaluation.denominations(),
                                           *tally_)) {}

  const Tally& tally() const { return *tally_; }
  size_t size() const { return tally_->size(); }
  const Sums& sums() const { return *sums_; }

 private:
  std::unique_ptr<const Tally> tally_;
  std::unique_ptr<const Sums> sums_;
};

// Writes rows of one evaluation. Not thread-safe.
class RowWriter {
 public:
  // `axes`: those of the evaluation, or with more values than these. Both must outlive it.
  RowWriter(const Evaluation& evaluation, const std::vector<Axis>& axes)
      : evaluation_(evaluation), axes_(axes), written_(axes.size()) {}

  // Row `group` of `rows`, whose money is `money`; shares are of `total`, null if it has none.
  v1::FundingRow Write(v1::FundingRowKind kind, const Summed& rows, Group group,
                       const std::vector<Money>& money, const std::vector<Money>* total) const;

  v1::MoneySum Write(const Money& money, const std::vector<Money>* total) const;
  const v1::DimensionValue& Write(size_t axis, Code code) const;

 private:
  v1::DimensionValue Make(size_t axis, Code code) const;
  void WriteLeft(const Tally& tally, Group group, v1::FundingRow* row) const;
  std::string TitleOf(const Value& value) const;

  const Evaluation& evaluation_;
  const std::vector<Axis>& axes_;
  // By axis and code: rows repeat them.
  mutable std::vector<std::map<Code, v1::DimensionValue>> written_;
};

// `sums` less `compared`, both of one row. OUT_OF_RANGE if a number is not a Decimal.
absl::StatusOr<std::vector<v1::MoneyChange>> ChangesOf(const std::vector<Money>& sums,
                                                       const std::vector<Money>& compared);

type::v1::Interval Written(const figure::Interval& interval);
// `day`: the one that the rate was asked for.
v1::AppliedRate Written(const rates::Rate& rate, absl::CivilDay day);
v1::Recurrence Written(Per per);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ROWS_H_
