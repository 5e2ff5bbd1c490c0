// SPDX-License-Identifier: Apache-2.0
#include "common/filter/filter.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace entente::filter {
namespace {

// Whatever the order of the operands, the result is the same: what is cheap can spare what is not.
void PutCheapFirst(Condition* condition) {
  for (Condition& operand : condition->operands) PutCheapFirst(&operand);
  std::stable_sort(condition->operands.begin(), condition->operands.end(),
                   [](const Condition& a, const Condition& b) { return a.cost < b.cost; });
}

}  // namespace

absl::StatusOr<Filter> Filter::Compile(absl::string_view text, const Schema& schema,
                                       const Synonyms& synonyms) {
  absl::StatusOr<std::optional<Condition>> condition = Condition::Compile(text, schema, synonyms);
  if (!condition.ok()) return condition.status();
  Filter filter;
  if (condition->has_value()) {
    PutCheapFirst(&**condition);
    filter.condition_ = std::make_shared<const Condition>(**std::move(condition));
  }
  return filter;
}

}  // namespace entente::filter
