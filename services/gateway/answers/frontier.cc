// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/frontier.h"

namespace entente::gateway {

std::optional<Frontier> Frontiers::Now() const {
  const auto catalogue = catalogue_->Get();
  const auto funding = funding_->Get();
  const auto events = events_->Get();
  if (!catalogue || !funding || !events) return std::nullopt;
  return Frontier{*catalogue, *funding, *events};
}

}  // namespace entente::gateway
