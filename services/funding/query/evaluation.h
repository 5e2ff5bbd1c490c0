// SPDX-License-Identifier: Apache-2.0
//
// A plan, carried out on the claims of one revision: which money is in, and in which row.
//
//   ASSIGN_OR_RETURN(const auto evaluation, Evaluation::Of(plan, sources, cancelled));
//   evaluation->rows();    // a Tally: not added up yet
//
// The way through it, each step in a file of its own:
//
//   snapshot    facts       parcels      selection     mixing        same_money     axis, tally
//   claims  ->  columns ->  money    ->  what is in -> may it mix -> counted once -> in which row
//
// and from the rows on: sums, then rows.h (an answer) or explain.h.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_EVALUATION_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_EVALUATION_H_

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/state.h"
#include "services/funding/query/axis.h"
#include "services/funding/query/denomination.h"
#include "services/funding/query/kind.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/same_money.h"
#include "services/funding/query/snapshot.h"
#include "services/funding/query/tally.h"
#include "services/funding/rates/table.h"

namespace entente::funding::query {

// What a query is answered from: the claims of one revision, the rates of the same, and a copy of
// the catalogue.
struct Sources {
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const resource::State> catalogue;
  std::shared_ptr<const rates::RateTable> rates;
};

using Cancelled = std::function<bool()>;

// The code of any value, in the keys of totals and of the rest.
inline constexpr Code kAnyCode = std::numeric_limits<Code>::max();

// Immutable.
class Evaluation {
 public:
  // FAILED_PRECONDITION (MIXED_KINDS) if money would mix, CANCELLED if the caller has gone. `plan`
  // must outlive it.
  static absl::StatusOr<std::unique_ptr<const Evaluation>> Of(const Plan& plan, Sources sources,
                                                              const Cancelled& cancelled);

  const Plan& plan() const { return plan_; }
  const Sources& sources() const { return sources_; }
  const Parcels& parcels() const { return parcels_; }
  const std::vector<Axis>& axes() const { return axes_; }
  const std::vector<Pick>& picks() const { return picks_; }
  const Denominations& denominations() const { return denominations_; }
  // The kinds of money that is in.
  const std::bitset<kKinds>& kinds() const { return kinds_; }
  // By tree; empty without a horizon.
  const std::vector<int64_t>& periods() const { return periods_; }

  // The money that is in, by the values of the dimensions; and the group of each parcel, kNoGroup
  // if it is in none.
  const Tally& rows() const { return rows_; }
  const std::vector<Group>& group_of() const { return group_of_; }
  // The money that could be in, likewise, by kinds too.
  const Tally& could() const { return could_; }

  // Of the key of a row, the key of its total: only the kinds of money that are grouped by.
  std::vector<Code> TotalOf(const std::vector<Code>& key) const;

 private:
  Evaluation(const Plan& plan, Sources sources, Parcels parcels)
      : plan_(plan),
        sources_(std::move(sources)),
        parcels_(std::move(parcels)),
        denominations_(plan, plan.convert_to.empty() ? nullptr : sources_.rates) {}

  void CountPeriods();

  const Plan& plan_;
  const Sources sources_;
  const Parcels parcels_;
  Denominations denominations_;
  std::vector<Axis> axes_;
  std::vector<Pick> picks_;
  std::bitset<kKinds> kinds_;
  std::vector<int64_t> periods_;
  Tally rows_;
  std::vector<Group> group_of_;
  Tally could_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_EVALUATION_H_
