// SPDX-License-Identifier: Apache-2.0
#include "services/funding/funding.h"

#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/types.h"
#include "services/funding/rules.h"
#include "services/funding/types.h"

namespace entente::funding {

absl::StatusOr<std::unique_ptr<resource::DataService>> MakeFunding(
    const catalogue::CatalogueView* catalogue, std::unique_ptr<log::Log> log,
    resource::StoreOptions options) {
  resource::DataServiceParts parts;
  parts.service =
      v1::ApplyChangesRequest::descriptor()->file()->FindServiceByName("FundingService");
  parts.registry = &Types();
  parts.foreign = {&entente::catalogue::Types()};
  parts.rules = std::make_shared<Rules>(catalogue);
  return resource::DataService::Create(parts, std::move(log), options);
}

}  // namespace entente::funding
