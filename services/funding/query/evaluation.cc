// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/evaluation.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/mixing.h"
#include "services/funding/query/same_money.h"

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

absl::StatusOr<std::unique_ptr<const Evaluation>> Evaluation::Of(
    const Plan& plan, Sources sources, std::shared_ptr<const Resources> resources) {
  const std::vector<Field> fields = FieldsOf(plan, sources);
  RETURN_IF_ERROR(resources->Check());
  ASSIGN_OR_RETURN(Parcels parcels, Parcels::Of(sources.snapshot, fields));
  std::unique_ptr<Evaluation> evaluation(
      new Evaluation(plan, std::move(sources), std::move(parcels), std::move(resources)));
  Evaluation& e = *evaluation;
  for (const PlannedDimension& dimension : plan.dimensions) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) {
      return f.descriptor == dimension.field;
    });
    e.axes_.push_back(MakeAxis(dimension, *field, *e.sources_.catalogue, e.parcels_));
  }
  e.selection_.emplace(plan.filter, fields, e.parcels_);
  const auto count = [&](Pick wanted) -> absl::StatusOr<Counted> {
    RETURN_IF_ERROR(e.resources().Check());
    const std::vector<SameMoney> same_money =
        FindSameMoney(plan, e.parcels_, e.periods_, *e.selection_, wanted);
    const Sorting sorting{plan,       e.parcels_, e.axes_,      *e.selection_,
                          e.periods_, same_money, e.resources()};
    return Count(sorting, wanted, &e.denominations_);
  };
  ASSIGN_OR_RETURN(e.rows_, count(Pick::kIn));
  e.kinds_ = e.rows_->kinds;
  RETURN_IF_ERROR(CheckMixing(plan, e.kinds_));
  if (e.rows_->any_could) {
    ASSIGN_OR_RETURN(Counted could, count(Pick::kCould));
    e.could_ = std::move(could.tally);
  }
  return evaluation;
}

Group Evaluation::GroupOf(Parcel parcel) const {
  if (selection_->Of(parcel) != Pick::kIn || rows_->left_out.count(parcel) > 0) return kNoGroup;
  absl::InlinedVector<Code, 8> codes;
  for (const Axis& axis : axes_) codes.push_back(axis.CodeOf(parcels_.CodeOf(axis.base, parcel)));
  return rows_->groups.Find(codes);
}

std::vector<Code> Evaluation::TotalOf(Key key) const {
  std::vector<Code> total(key.begin(), key.end());
  for (size_t i = 0; i < total.size(); ++i) {
    if (!IsKind(*plan_.dimensions[i].field)) total[i] = kAnyCode;
  }
  return total;
}

}  // namespace entente::funding::query
