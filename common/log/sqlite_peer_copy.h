// SPDX-License-Identifier: Apache-2.0
//
// A peer's copy in the service's SQLite file, beside its log.
//
//   SqlitePeerCopy copy(store, "catalogue");

#ifndef ENTENTE_COMMON_LOG_SQLITE_PEER_COPY_H_
#define ENTENTE_COMMON_LOG_SQLITE_PEER_COPY_H_

#include <memory>
#include <string>

#include "common/log/peer_copy.h"
#include "common/log/sqlite_store.h"

namespace entente::log {

class SqlitePeerCopy final : public PeerCopy {
 public:
  // `peer` tells the copies in one file apart; any UTF-8 that stays the same.
  SqlitePeerCopy(std::shared_ptr<SqliteStore> store, std::string peer);

  absl::StatusOr<std::string> Load(
      absl::FunctionRef<absl::Status(std::string name, std::string body)> fn) override;
  absl::StatusOr<std::string> Token() override;
  absl::Status Apply(absl::Span<const Update> updates, absl::string_view token, Mode mode) override;

 private:
  const std::shared_ptr<SqliteStore> store_;
  const std::string peer_;
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_SQLITE_PEER_COPY_H_
