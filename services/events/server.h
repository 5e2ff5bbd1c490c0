// SPDX-License-Identifier: Apache-2.0
//
// Events as a running server; see services/common/data_server.h.
#ifndef ENTENTE_SERVICES_EVENTS_SERVER_H_
#define ENTENTE_SERVICES_EVENTS_SERVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/common/data_server.h"

namespace entente::events {

// The port that it listens on unless told otherwise.
inline constexpr int kDefaultPort = 50053;

absl::StatusOr<std::unique_ptr<FollowerServer>> StartServer(
    const server::ServerOptions& options, std::shared_ptr<log::SqliteStore> database,
    std::unique_ptr<catalogue::CatalogueFeed> feed, resource::StoreOptions store);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_SERVER_H_
