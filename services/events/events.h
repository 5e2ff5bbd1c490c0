// SPDX-License-Identifier: Apache-2.0
//
// The core of events: events and their series, without any transport. See
// services/catalogue/catalogue.h, which it mirrors.
#ifndef ENTENTE_SERVICES_EVENTS_EVENTS_H_
#define ENTENTE_SERVICES_EVENTS_EVENTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/log/log.h"
#include "common/resource/data_service.h"
#include "services/catalogue/client/catalogue_view.h"

namespace entente::events {

// `catalogue`, the copy that it follows, and `clock`, by which it knows what today is, must outlive
// it. Errors: those of DataService::Create.
absl::StatusOr<std::unique_ptr<resource::DataService>> MakeEvents(
    const catalogue::CatalogueView* catalogue, std::unique_ptr<log::Log> log,
    resource::StoreOptions options, const Clock* clock = &SystemClock::Get());

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_EVENTS_H_
