// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/selection.h"

#include <algorithm>

namespace entente::funding::query {
namespace {

using filter::Condition;
using google::protobuf::FieldDescriptor;

// What is known of a condition on a parcel.
using Bits = uint8_t;
constexpr Bits kHolds = 1;
constexpr Bits kCouldHold = 2;
constexpr Bits kCouldFail = 4;

constexpr Bits And(Bits a, Bits b) {
  return static_cast<Bits>((a & b & (kHolds | kCouldHold)) | ((a | b) & kCouldFail));
}
constexpr Bits Or(Bits a, Bits b) {
  return static_cast<Bits>(((a | b) & (kHolds | kCouldHold)) | (a & b & kCouldFail));
}
constexpr Bits Not(Bits a) {
  return static_cast<Bits>((~a & kHolds) | ((a & kCouldHold) << 1) | ((a & kCouldFail) >> 1));
}

class Evaluation {
 public:
  Evaluation(const std::vector<Field>& fields, const Parcels& parcels)
      : fields_(fields), parcels_(parcels) {}

  std::vector<Bits> Of(const Condition& condition) const {
    if (condition.kind == Condition::Kind::kField) return OfField(condition);
    // No function of FactsSchema looks at a whole message: there is none to look at.
    if (condition.kind == Condition::Kind::kMessage) {
      return std::vector<Bits>(parcels_.size(), kCouldFail);
    }
    std::vector<Bits> bits = Of(condition.operands[0]);
    if (condition.kind == Condition::Kind::kNot) {
      for (Bits& b : bits) b = Not(b);
      return bits;
    }
    for (size_t i = 1; i < condition.operands.size(); ++i) {
      const std::vector<Bits> more = Of(condition.operands[i]);
      // Two loops, so that the compiler sees one operation in each.
      if (condition.kind == Condition::Kind::kAnd) {
        for (size_t p = 0; p < bits.size(); ++p) bits[p] = And(bits[p], more[p]);
      } else {
        for (size_t p = 0; p < bits.size(); ++p) bits[p] = Or(bits[p], more[p]);
      }
    }
    return bits;
  }

 private:
  std::vector<Bits> OfField(const Condition& condition) const {
    const Field& field = *std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) {
      return f.descriptor == condition.field;
    });
    const auto holds = [&](const Value& value) {
      v1::ClaimFacts facts;
      Fill(field.descriptor, field.ForFilter(value), &facts);
      return condition.test(facts);
    };
    std::vector<Bits> of_code;
    of_code.reserve(field.column->values.size());
    for (const Value& value : field.column->values) {
      const bool as_stated = holds(value);
      Bits bits = as_stated ? kHolds | kCouldHold : kCouldFail;
      if (field.narrower != nullptr && !value.members.empty()) {
        for (const Value& narrower : field.narrower(value)) {
          bits |= holds(narrower) ? kCouldHold : kCouldFail;
        }
      }
      of_code.push_back(bits);
    }
    const BaseId base = parcels_.BaseOf(field.base);
    std::vector<Bits> bits(parcels_.size());
    const std::vector<Code>& codes = parcels_.columns()[base]->codes;
    for (size_t p = 0; p < codes.size(); ++p) bits[p] = of_code[codes[p]];
    for (size_t p = codes.size(); p < bits.size(); ++p) bits[p] = of_code[parcels_.CodeOf(base, p)];
    return bits;
  }

  const std::vector<Field>& fields_;
  const Parcels& parcels_;
};

void Collect(const Condition& condition, std::vector<const FieldDescriptor*>* fields) {
  if (condition.field != nullptr &&
      std::find(fields->begin(), fields->end(), condition.field) == fields->end()) {
    fields->push_back(condition.field);
  }
  for (const Condition& operand : condition.operands) Collect(operand, fields);
}

}  // namespace

std::vector<const FieldDescriptor*> FieldsOf(const Condition& condition) {
  std::vector<const FieldDescriptor*> fields;
  Collect(condition, &fields);
  return fields;
}

std::vector<const FieldDescriptor*> FieldsOf(const filter::Filter& filter) {
  if (filter.condition() == nullptr) return {};
  return FieldsOf(*filter.condition());
}

std::vector<Pick> Select(const filter::Filter& filter, const std::vector<Field>& fields,
                         const Parcels& parcels) {
  std::vector<Pick> picks(parcels.size(), Pick::kIn);
  if (filter.condition() != nullptr) {
    const std::vector<Bits> bits = Evaluation(fields, parcels).Of(*filter.condition());
    for (size_t p = 0; p < bits.size(); ++p) {
      picks[p] = (bits[p] & kHolds) != 0       ? Pick::kIn
                 : (bits[p] & kCouldHold) != 0 ? Pick::kCould
                                               : Pick::kOut;
    }
  }
  for (const Parcels::Share& share : parcels.shares()) {
    picks[static_cast<size_t>(share.atom)] = Pick::kOut;
  }
  return picks;
}

}  // namespace entente::funding::query
