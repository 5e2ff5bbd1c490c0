// SPDX-License-Identifier: Apache-2.0
//
// What is in the file: its marks, its schema, and how an older schema becomes the present one.
//
// The file says whose it is in SQLite's application_id, and which schema it has in user_version.
// Each migration leads from one version to the next in one transaction, so that a file is always of
// exactly one version. A released migration is never changed: a new one is added.

#ifndef ENTENTE_COMMON_LOG_SQLITE_SCHEMA_H_
#define ENTENTE_COMMON_LOG_SQLITE_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/log/sqlite.h"

namespace entente::log {

inline constexpr int32_t kSqliteApplicationId = 0x456e7465;  // "Ente"
inline constexpr int kSqliteSchemaVersion = 3;

// The schema version of an open file; 0 for a new, empty one. Writes nothing.
//
//   FAILED_PRECONDITION another application's database, or one of a newer version of ours
//   DATA_LOSS           damaged
absl::StatusOr<int> IdentifySchema(sqlite::Database& db);

// Brings a file of version `from` to kSqliteSchemaVersion.
absl::Status MigrateSchema(sqlite::Database& db, int from);

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_SQLITE_SCHEMA_H_
