// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/unselected.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "entente/type/v1/text.pb.h"
#include "services/funding/query/selection.h"

namespace entente::funding::query {

using filter::Condition;
using google::protobuf::FieldDescriptor;

Unselected::Unselected(const Evaluation& evaluation) : evaluation_(evaluation) {
  const Plan& plan = evaluation.plan();
  for (const FieldDescriptor* descriptor : FieldsOf(plan.filter)) {
    fields_.push_back(FieldOf(evaluation.parcels().snapshot(), *evaluation.sources().catalogue,
                              descriptor, plan.sector_vocabulary));
  }
  if (plan.filter.condition() != nullptr) Add(*plan.filter.condition());
}

void Unselected::Add(const Condition& condition) {
  if (condition.kind == Condition::Kind::kAnd) {
    for (const Condition& operand : condition.operands) Add(operand);
    return;
  }
  Conjunct conjunct{&condition, {}};
  for (const FieldDescriptor* descriptor : FieldsOf(condition)) {
    const auto field = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const Field& f) { return f.descriptor == descriptor; });
    conjunct.fields.push_back(static_cast<size_t>(field - fields_.begin()));
  }
  conjuncts_.push_back(std::move(conjunct));
}

const std::string& Unselected::Describe(Parcel parcel) {
  const Parcels& parcels = evaluation_.parcels();
  std::vector<Code> codes;
  for (const Field& field : fields_) {
    const BaseId base = parcels.BaseOf(field.base);
    codes.push_back(parcels.CodeOf(base, parcel));
    // A share is told of with all of its claim.
    codes.push_back(field.column->CodeOf(parcels.AtomOf(parcel)));
  }
  const auto [made, inserted] = made_.try_emplace(std::move(codes));
  if (inserted) made->second = Make(parcel);
  return made->second;
}

std::string Unselected::Make(Parcel parcel) const {
  const Parcels& parcels = evaluation_.parcels();
  v1::ClaimFacts facts;
  for (const Field& field : fields_) {
    const Code code = parcels.CodeOf(parcels.BaseOf(field.base), parcel);
    Fill(field.descriptor, field.ForFilter(field.column->values[code]), &facts);
  }
  std::vector<std::string> failing;
  for (const Conjunct& conjunct : conjuncts_) {
    if (conjunct.condition->Matches(facts)) continue;
    std::vector<std::string> fields;
    for (const size_t field : conjunct.fields) {
      fields.push_back(DescribeField(fields_[field], parcels.AtomOf(parcel)));
    }
    failing.push_back(absl::StrJoin(fields, " and "));
  }
  return absl::StrJoin(failing, "; ");
}

std::string Unselected::DescribeField(const Field& field, Atom atom) const {
  const std::string its = absl::StrCat("its ", std::string(field.descriptor->name()),
                                       field.descriptor->is_repeated() ? " are " : " is ");
  // Texts are long, and the claim has them.
  if (field.descriptor->message_type() == type::v1::LocalisedText::descriptor()) {
    return its + "another";
  }
  const Value value = field.Derive(field.column->values[field.column->CodeOf(atom)]);
  if (value.members.empty()) return its + "not stated";
  return absl::StrCat(its, value.kind == ValueKind::kWider ? "wider, " : "",
                      absl::StrJoin(value.members, " + "));
}

}  // namespace entente::funding::query
