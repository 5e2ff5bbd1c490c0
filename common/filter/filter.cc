// SPDX-License-Identifier: Apache-2.0
#include "common/filter/filter.h"

#include <optional>
#include <utility>

namespace entente::filter {

absl::StatusOr<Filter> Filter::Compile(absl::string_view text, const Schema& schema) {
  absl::StatusOr<std::optional<Condition>> condition = Condition::Compile(text, schema);
  if (!condition.ok()) return condition.status();
  Filter filter;
  if (condition->has_value()) {
    filter.condition_ = std::make_shared<const Condition>(**std::move(condition));
  }
  return filter;
}

}  // namespace entente::filter
