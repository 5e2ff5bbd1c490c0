// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/selection.h"

#include <algorithm>
#include <utility>

namespace entente::funding::query {
namespace {

using filter::Condition;
using google::protobuf::FieldDescriptor;
using Node = Selection::Node;

class Compiler {
 public:
  Compiler(const std::vector<Field>& fields, const Parcels& parcels)
      : fields_(fields), parcels_(parcels) {}

  Node Of(const Condition& condition) const {
    Node node;
    switch (condition.kind) {
      case Condition::Kind::kField:
        return OfField(condition);
      case Condition::Kind::kMessage:
        // No function of FactsSchema looks at a whole message: there is none to look at, and
        // whatever the base says, it fails.
        if (!parcels_.columns().empty()) {
          node.of_code.assign(parcels_.columns()[0]->values.size(), kCouldFail);
        }
        return node;
      case Condition::Kind::kNot: {
        Node operand = Of(condition.operands[0]);
        if (operand.kind == Node::Kind::kLeaf) {
          for (Bits& bits : operand.of_code) bits = Not(bits);
          return operand;
        }
        node.kind = Node::Kind::kNot;
        node.operands.push_back(std::move(operand));
        return node;
      }
      case Condition::Kind::kAnd:
        node.kind = Node::Kind::kAnd;
        break;
      case Condition::Kind::kOr:
        node.kind = Node::Kind::kOr;
        break;
    }
    for (const Condition& operand : condition.operands) Add(Of(operand), &node);
    return node.operands.size() == 1 ? std::move(node.operands[0]) : std::move(node);
  }

 private:
  // Adds an operand to a conjunction or disjunction: what is of one base becomes one leaf.
  static void Add(Node operand, Node* node) {
    if (operand.kind == node->kind) {
      for (Node& inner : operand.operands) Add(std::move(inner), node);
      return;
    }
    const auto same =
        std::find_if(node->operands.begin(), node->operands.end(), [&](const Node& n) {
          return n.kind == Node::Kind::kLeaf && operand.kind == Node::Kind::kLeaf &&
                 n.base == operand.base;
        });
    if (same == node->operands.end()) {
      node->operands.push_back(std::move(operand));
      return;
    }
    for (size_t code = 0; code < operand.of_code.size(); ++code) {
      Bits& bits = same->of_code[code];
      bits = node->kind == Node::Kind::kAnd ? And(bits, operand.of_code[code])
                                            : Or(bits, operand.of_code[code]);
    }
  }

  Node OfField(const Condition& condition) const {
    const Field& field = *std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) {
      return f.descriptor == condition.field;
    });
    v1::ClaimFacts facts;
    const auto holds = [&](const Value& value) {
      facts.Clear();
      Fill(field.descriptor, field.ForFilter(value), &facts);
      return condition.test(facts);
    };
    Node leaf;
    leaf.base = parcels_.BaseOf(field.base);
    const Values::View& values = field.column->values;
    leaf.of_code.reserve(values.size());
    for (size_t code = 0; code < values.size(); ++code) {
      const Value& value = values[code];
      const bool as_stated = holds(value);
      Bits bits = as_stated ? kHolds | kCouldHold : kCouldFail;
      if (field.narrower != nullptr && !value.members.empty()) {
        for (const Value& narrower : field.narrower(value)) {
          bits |= holds(narrower) ? kCouldHold : kCouldFail;
        }
      }
      leaf.of_code.push_back(bits);
    }
    return leaf;
  }

  const std::vector<Field>& fields_;
  const Parcels& parcels_;
};

Bits BitsOf(const Node& node, const Parcels& parcels, Parcel parcel) {
  switch (node.kind) {
    case Node::Kind::kLeaf:
      return node.of_code[parcels.CodeOf(node.base, parcel)];
    case Node::Kind::kNot:
      return Not(BitsOf(node.operands[0], parcels, parcel));
    default:
      break;
  }
  Bits bits = BitsOf(node.operands[0], parcels, parcel);
  for (size_t i = 1; i < node.operands.size(); ++i) {
    const Bits more = BitsOf(node.operands[i], parcels, parcel);
    bits = node.kind == Node::Kind::kAnd ? And(bits, more) : Or(bits, more);
  }
  return bits;
}

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

Selection::Selection(const filter::Filter& filter, const std::vector<Field>& fields,
                     const Parcels& parcels)
    : parcels_(parcels) {
  if (filter.condition() != nullptr) {
    filter_ = Compiler(fields, parcels).Of(*filter.condition());
  }
}

Pick Selection::Of(Parcel parcel) const {
  if (!filter_.has_value()) return Pick::kIn;
  return PickOf(BitsOf(*filter_, parcels_, parcel));
}

}  // namespace entente::funding::query
