// SPDX-License-Identifier: Apache-2.0
//
// The flags of funding beyond those that all services have.
#ifndef ENTENTE_SERVICES_FUNDING_FLAGS_H_
#define ENTENTE_SERVICES_FUNDING_FLAGS_H_

#include "absl/status/statusor.h"
#include "services/funding/query/analytics.h"

namespace entente::funding {

// --query_threads and --query_memory_bytes. INVALID_ARGUMENT if one is out of range.
absl::StatusOr<query::AnalyticsOptions> AnalyticsFromFlags();

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_FLAGS_H_
