// SPDX-License-Identifier: Apache-2.0
//
// Rows, written out.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ROWS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ROWS_H_

#include <bitset>
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
      : Summed(evaluation, std::make_shared<const Tally>(std::move(tally))) {}
  Summed(const Evaluation& evaluation, std::shared_ptr<const Tally> tally)
      : tally_(std::move(tally)),
        sums_(std::make_unique<const Sums>(evaluation.plan(), evaluation.parcels(),
                                           evaluation.periods(), evaluation.denominations(),
                                           *tally_)) {}

  const Tally& tally() const { return *tally_; }
  size_t size() const { return tally_->size(); }
  const Sums& sums() const { return *sums_; }

 private:
  std::shared_ptr<const Tally> tally_;
  std::unique_ptr<const Sums> sums_;
};

// Writes rows of one evaluation. Not thread-safe.
class RowWriter {
 public:
  // `axes`: those of the evaluation, or with more values than these. Both must outlive it.
  RowWriter(const Evaluation& evaluation, const std::vector<Axis>& axes)
      : evaluation_(evaluation), axes_(axes), written_(axes.size()) {}

  // Row `group` of `rows`, whose money is `money`; shares are of `total`, null if it has none.
  void Write(v1::FundingRowKind kind, const Summed& rows, Group group,
             const std::vector<Money>& money, const std::vector<Money>* total,
             v1::FundingRow* row) const;

  void Write(const Money& money, const std::vector<Money>* total, v1::MoneySum* sum) const;
  void Write(size_t axis, Code code, v1::DimensionValue* written) const;
  // Whether shares are written at all.
  bool wants_shares() const { return Wants(v1::MEASURE_SHARE); }

 private:
  // An axis with more values has as many rows, mostly, and each value once.
  static constexpr size_t kMostKept = 4096;

  bool Wants(v1::Measure measure) const { return evaluation_.plan().measures.count(measure) > 0; }
  void Make(size_t axis, Code code, v1::DimensionValue* written) const;
  void WriteKinds(const std::bitset<kKinds>& kinds, v1::FundingRow* row) const;
  void WriteLeft(const Tally& tally, Group group, v1::FundingRow* row) const;
  std::string TitleOf(const Value& value) const;

  const Evaluation& evaluation_;
  const std::vector<Axis>& axes_;
  // By axis and code, of axes with few values: rows repeat them.
  mutable std::vector<std::vector<std::unique_ptr<const v1::DimensionValue>>> written_;
  // A row with kinds of money, alone; the next one mostly has the same.
  mutable std::bitset<kKinds> last_kinds_;
  mutable v1::FundingRow of_last_kinds_;
};

// `sums` less `compared`, both of one row. OUT_OF_RANGE if a number is not a Decimal.
absl::StatusOr<std::vector<v1::MoneyChange>> ChangesOf(const std::vector<Money>& sums,
                                                       const std::vector<Money>& compared);

void Write(const figure::Interval& interval, type::v1::Interval* written);
type::v1::Interval Written(const figure::Interval& interval);
// `day`: the one that the rate was asked for.
v1::AppliedRate Written(const rates::Rate& rate, absl::CivilDay day);
v1::Recurrence Written(Per per);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ROWS_H_
