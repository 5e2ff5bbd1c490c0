// SPDX-License-Identifier: Apache-2.0
#include "common/resource/glance.h"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/type.h"
#include "common/resource/wire_fields.h"
#include "entente/type/v1/citation.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What there is to do about the fields of a message type, by their numbers. Made once for each
// type, and kept.
struct Plan {
  struct Step {
    const FieldDescriptor* field = nullptr;  // Null: nothing, it is skipped.
    const Plan* within = nullptr;            // Of a message, and null of anything else.
    bool is_reference = false;
    bool is_citation = false;
    bool is_name = false;
    bool is_delete_time = false;
  };

  const Step* Find(int number) const {
    const auto index = static_cast<size_t>(number);
    return index < steps.size() && steps[index].field != nullptr ? &steps[index] : nullptr;
  }

  std::vector<Step> steps;  // By number.
};

const Plan* MakePlan(const Descriptor* type, std::map<const Descriptor*, const Plan*>* known) {
  if (const auto found = known->find(type); found != known->end()) return found->second;
  auto* const plan = new Plan();  // As long as the descriptor: as long as the process.
  (*known)[type] = plan;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* const field = type->field(i);
    Plan::Step step;
    step.field = field;
    step.is_reference = IsReference(field);
    step.is_name = absl::string_view(field->name()) == "name";
    step.is_delete_time = absl::string_view(field->name()) == "delete_time";
    step.is_citation = field->message_type() == type::v1::Citation::descriptor();
    if (field->message_type() != nullptr) step.within = MakePlan(field->message_type(), known);
    if (!step.is_reference && !step.is_name && step.within == nullptr) continue;
    const auto number = static_cast<size_t>(field->number());
    if (plan->steps.size() <= number) plan->steps.resize(number + 1);
    plan->steps[number] = step;
  }
  return plan;
}

const Plan& PlanOf(const Descriptor* type) {
  static std::mutex mutex;
  static auto* const known = new std::map<const Descriptor*, const Plan*>();
  const std::lock_guard<std::mutex> lock(mutex);
  return *MakePlan(type, known);
}

// `top`: the field of the resource that these bytes are in; null if they are the resource.
bool Look(const Plan& plan, absl::string_view bytes, const FieldDescriptor* top, Glance* glance) {
  return ForEachField(bytes, [&](const WireField& field) {
    const Plan::Step* const step = plan.Find(field.number);
    if (step == nullptr || !field.is_length_delimited) return true;
    const FieldDescriptor* const under = top != nullptr ? top : step->field;
    if (step->within == nullptr) {
      if (step->is_reference) {
        if (!field.payload.empty()) glance->references.push_back({under, field.payload});
      } else if (top == nullptr && step->is_name) {
        glance->name = field.payload;
      }
      return true;
    }
    if (top == nullptr && step->is_delete_time) glance->is_deleted = true;
    if (top == nullptr && step->is_citation) glance->citations.push_back(field.payload);
    return Look(*step->within, field.payload, under, glance);
  });
}

}  // namespace

absl::string_view Glance::TargetOf(absl::string_view field) const {
  for (const Reference& reference : references) {
    if (absl::string_view(reference.field->name()) == field) return reference.target;
  }
  return "";
}

absl::StatusOr<Glance> GlanceAt(const Descriptor& type, absl::string_view bytes) {
  Glance glance;
  if (Look(PlanOf(&type), bytes, nullptr, &glance)) return glance;
  return absl::InternalError(absl::StrCat("this is no ", std::string(type.full_name())));
}

}  // namespace entente::resource
