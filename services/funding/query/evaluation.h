// SPDX-License-Identifier: Apache-2.0
//
// A plan, carried out on the claims of one revision: which money is in, and in which row.
//
//   ASSIGN_OR_RETURN(const auto evaluation, Evaluation::Of(plan, sources, resources));
//   evaluation->rows();    // a Tally: columns of sums, and trees that are not added up yet
//
// The way through it, each step in a file of its own:
//
//   claim_table, snapshot    facts      parcels    selection     same_money      axis, grid   scan
//   claims in rows       ->  columns -> money  ->  what is in -> counted once -> which cell -> sums
//
//   tally, mixing
//   in which row, may it mix
//
// and from the rows on: sums, then rows.h (an answer) or explain.h.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_EVALUATION_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_EVALUATION_H_

#include <bitset>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/state.h"
#include "services/funding/query/axis.h"
#include "services/funding/query/denomination.h"
#include "services/funding/query/kind.h"
#include "services/funding/query/parcels.h"
#include "services/funding/query/periods.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/resources.h"
#include "services/funding/query/selection.h"
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

// Immutable.
class Evaluation {
 public:
  // FAILED_PRECONDITION (MIXED_KINDS) if money would mix; the errors of Resources. `plan` must
  // outlive it.
  static absl::StatusOr<std::unique_ptr<const Evaluation>> Of(
      const Plan& plan, Sources sources, std::shared_ptr<const Resources> resources);

  const Plan& plan() const { return plan_; }
  const Sources& sources() const { return sources_; }
  const Parcels& parcels() const { return parcels_; }
  const std::vector<Axis>& axes() const { return axes_; }
  const Selection& selection() const { return *selection_; }
  const Denominations& denominations() const { return denominations_; }
  const Resources& resources() const { return *resources_; }
  // The kinds of money that is in.
  const std::bitset<kKinds>& kinds() const { return kinds_; }
  const Periods& periods() const { return periods_; }

  // The money that is in, by the values of the dimensions.
  const Tally& rows() const { return rows_->tally; }
  // The row that a parcel is in, kNoGroup if it is in none.
  Group GroupOf(Parcel parcel) const;
  // The money that could be in, likewise, by kinds too.
  const Tally& could() const { return could_; }

  // Of the key of a row, the key of its total: only the kinds of money that are grouped by.
  std::vector<Code> TotalOf(Key key) const;

 private:
  Evaluation(const Plan& plan, Sources sources, Parcels parcels,
             std::shared_ptr<const Resources> resources)
      : plan_(plan),
        sources_(std::move(sources)),
        resources_(std::move(resources)),
        parcels_(std::move(parcels)),
        periods_(plan, parcels_),
        denominations_(plan, parcels_, plan.convert_to.empty() ? nullptr : sources_.rates) {}

  const Plan& plan_;
  const Sources sources_;
  const std::shared_ptr<const Resources> resources_;
  const Parcels parcels_;
  const Periods periods_;
  Denominations denominations_;
  std::vector<Axis> axes_;
  std::optional<Selection> selection_;
  std::bitset<kKinds> kinds_;
  std::optional<Counted> rows_;
  Tally could_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_EVALUATION_H_
