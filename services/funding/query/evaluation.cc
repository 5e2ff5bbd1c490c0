// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/evaluation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/edtf/edtf.h"
#include "common/status/macros.h"
#include "services/funding/calendar/recurrence.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/mixing.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {
namespace {

using google::protobuf::FieldDescriptor;

// All fields that the plan speaks of, and those that sums need, each once.
std::vector<Field> FieldsOf(const Plan& plan, const Sources& sources) {
  std::vector<const FieldDescriptor*> descriptors = query::FieldsOf(plan.filter);
  for (const PlannedDimension& dimension : plan.dimensions) descriptors.push_back(dimension.field);
  const auto need = [&](const char* name) {
    descriptors.push_back(v1::ClaimFacts::descriptor()->FindFieldByName(name));
  };
  need("currency_code");
  if (!plan.convert_to.empty()) need("value_date");
  std::vector<Field> fields;
  for (const FieldDescriptor* descriptor : descriptors) {
    const bool known = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
      return field.descriptor == descriptor;
    });
    if (known) continue;
    fields.push_back(
        FieldOf(*sources.snapshot, *sources.catalogue, descriptor, plan.sector_vocabulary));
  }
  return fields;
}

bool IsKind(const FieldDescriptor& field) {
  return field.name() == "nature" || field.name() == "stage" || field.name() == "direction";
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Evaluation>> Evaluation::Of(const Plan& plan, Sources sources,
                                                                 const Cancelled& cancelled) {
  const auto gone = [&] { return cancelled != nullptr && cancelled(); };
  const absl::Status has_gone = absl::CancelledError("the caller has gone");
  const std::vector<Field> fields = FieldsOf(plan, sources);
  if (gone()) return has_gone;
  ASSIGN_OR_RETURN(Parcels parcels, Parcels::Of(sources.snapshot, fields));
  std::unique_ptr<Evaluation> evaluation(
      new Evaluation(plan, std::move(sources), std::move(parcels)));
  Evaluation& e = *evaluation;
  for (const PlannedDimension& dimension : plan.dimensions) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) {
      return f.descriptor == dimension.field;
    });
    e.axes_.push_back(MakeAxis(dimension, *field, *e.sources_.catalogue, e.parcels_));
  }
  e.picks_ = Select(plan.filter, fields, e.parcels_);
  if (gone()) return has_gone;
  e.kinds_ = KindsIn(e.parcels_, e.picks_);
  RETURN_IF_ERROR(CheckMixing(plan, e.kinds_));
  e.CountPeriods();
  const std::vector<SameMoney> same_money =
      FindSameMoney(plan, e.parcels_, e.periods_, e.picks_, Pick::kIn);
  const std::vector<SameMoney> could_be_same =
      FindSameMoney(plan, e.parcels_, e.periods_, e.picks_, Pick::kCould);
  if (gone()) return has_gone;
  const Sorting sorting{plan, e.parcels_, e.axes_, e.picks_, same_money, e.periods_};
  e.rows_ = Count(sorting, Pick::kIn, &e.denominations_, &e.group_of_);
  if (gone()) return has_gone;
  const Sorting could{plan, e.parcels_, e.axes_, e.picks_, could_be_same, e.periods_};
  e.could_ = Count(could, Pick::kCould, &e.denominations_, nullptr);
  return evaluation;
}

void Evaluation::CountPeriods() {
  if (!plan_.horizon.has_value()) return;
  for (size_t tree = 0; tree < parcels_.trees(); ++tree) {
    const v1::Claim& top = sources_.snapshot->claim(parcels_.TopOf(static_cast<int32_t>(tree)));
    int64_t periods = 1;
    if (top.has_recurrence()) {
      std::optional<edtf::Date> validity;
      // What a claim covers says for how long it comes back, where nothing else does.
      const type::v1::ImpreciseDate& covers =
          top.recurrence().has_validity() ? top.recurrence().validity() : top.period();
      if (const auto date = edtf::Parse(covers.edtf()); date.ok()) validity = *date;
      periods = calendar::WholePeriods(top.recurrence().every(), top.recurrence().unit(),
                                       *plan_.horizon, validity);
    }
    periods_.push_back(periods);
  }
}

std::vector<Code> Evaluation::TotalOf(const std::vector<Code>& key) const {
  std::vector<Code> total = key;
  for (size_t i = 0; i < total.size(); ++i) {
    if (!IsKind(*plan_.dimensions[i].field)) total[i] = kAnyCode;
  }
  return total;
}

}  // namespace entente::funding::query
