// SPDX-License-Identifier: Apache-2.0
#include "services/funding/funding.h"

#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/funding/rules.h"

namespace entente::funding {

absl::StatusOr<std::unique_ptr<resource::DataService>> MakeFunding(
    const catalogue::CatalogueView* catalogue, std::unique_ptr<log::Log> log,
    resource::StoreOptions options) {
  static const auto* const types = new resource::Registry(
      resource::Registry::Of({v1::Claim::descriptor(), v1::RateSeries::descriptor()}).value());
  resource::DataServiceParts parts;
  parts.service =
      v1::ApplyChangesRequest::descriptor()->file()->FindServiceByName("FundingService");
  parts.registry = types;
  parts.foreign = {&entente::catalogue::Types()};
  parts.rules = std::make_shared<Rules>(catalogue);
  return resource::DataService::Create(parts, std::move(log), options);
}

}  // namespace entente::funding
