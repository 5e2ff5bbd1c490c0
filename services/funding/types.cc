// SPDX-License-Identifier: Apache-2.0
#include "services/funding/types.h"

#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/rate_series.pb.h"

namespace entente::funding {

const resource::Registry& Types() {
  static const auto* const types = new resource::Registry(
      resource::Registry::Of({v1::Claim::descriptor(), v1::RateSeries::descriptor()}).value());
  return *types;
}

}  // namespace entente::funding
