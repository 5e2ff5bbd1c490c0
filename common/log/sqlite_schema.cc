// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite_schema.h"

#include "absl/base/macros.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace entente::log {
namespace {

// kMigrations[v] leads from version v to version v + 1.
constexpr const char* kMigrations[] = {
    // Version 1: the log.
    //
    // Changes have one dense sequence of ids over all revisions, and each revision knows the last
    // of its own: a revision's changes are a range of the primary key. Reading the log is one scan
    // without a second index, and a missing change shows.
    R"sql(
      CREATE TABLE revision (
        number      INTEGER PRIMARY KEY,      -- 1, 2, 3 ... without gaps
        commit_time INTEGER NOT NULL UNIQUE,  -- microseconds since 1970, increasing
        last_change INTEGER NOT NULL,         -- the id of its last change
        request_id  TEXT                      -- NULL if there is none
      );
      CREATE UNIQUE INDEX revision_by_request ON revision (request_id)
        WHERE request_id IS NOT NULL;
      CREATE TABLE change (
        id       INTEGER PRIMARY KEY,  -- 1, 2, 3 ... without gaps
        revision INTEGER NOT NULL,
        name     TEXT NOT NULL,
        kind     INTEGER NOT NULL,     -- ChangeKind
        body     BLOB                  -- NULL if it was erased
      );
    )sql",
    // Version 2: fingerprints of requests, so that an id used for something else is noticed; the
    // index by which an erasure finds what it must forget; copies of peers.
    R"sql(
      ALTER TABLE revision ADD COLUMN request_fingerprint BLOB NOT NULL DEFAULT x'';
      CREATE INDEX change_by_name ON change (name);
      CREATE TABLE peer_token (
        peer  TEXT PRIMARY KEY,
        token BLOB NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE peer_item (
        peer TEXT NOT NULL,
        name TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (peer, name)
      );
    )sql",
    // Version 3: why revisions were made.
    R"sql(
      ALTER TABLE revision ADD COLUMN reason BLOB NOT NULL DEFAULT x'';
    )sql",
};
static_assert(ABSL_ARRAYSIZE(kMigrations) == kSqliteSchemaVersion);

}  // namespace

absl::StatusOr<int> IdentifySchema(sqlite::Database& db) {
  ASSIGN_OR_RETURN(const int64_t application, db.QueryInt("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t version, db.QueryInt("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t objects, db.QueryInt("SELECT count(*) FROM sqlite_schema"));

  if (application == 0 && version == 0 && objects == 0) return 0;
  if (application != kSqliteApplicationId) {
    return absl::FailedPreconditionError(
        "is the database of another application (its application_id is not Entente's): give "
        "another path, or move that file away to begin an empty one");
  }
  if (version > kSqliteSchemaVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("has schema version ", version, ", and this program knows versions up to ",
                     kSqliteSchemaVersion,
                     ": run a newer program, or restore a backup made "
                     "before the newer one ran"));
  }
  if (version < 1) {
    return absl::DataLossError(absl::StrCat("claims schema version ", version));
  }
  return static_cast<int>(version);
}

absl::Status MigrateSchema(sqlite::Database& db, int from) {
  for (int version = from; version < kSqliteSchemaVersion; ++version) {
    ASSIGN_OR_RETURN(sqlite::Transaction transaction,
                     sqlite::Transaction::Begin(db, sqlite::Transaction::Kind::kWrite));
    // Both marks are part of the transaction. Pragmas take no parameters; these are our numbers.
    const std::string marks = absl::StrCat("PRAGMA application_id = ", kSqliteApplicationId,
                                           "; PRAGMA user_version = ", version + 1);
    for (const std::string& sql : {std::string(kMigrations[version]), marks}) {
      RETURN_IF_ERROR(db.Execute(sql));
    }
    RETURN_IF_ERROR(transaction.Commit());
  }
  return absl::OkStatus();
}

}  // namespace entente::log
