// SPDX-License-Identifier: Apache-2.0
//
// The change log in a SQLite file: durable, embedded, nothing to install.
//
//   auto log = SqliteLog::Open("/var/lib/entente/catalogue.db", {});
//
// An Append is one SQLite transaction, synced once: a thousand small revisions in one call cost
// about what one does. Reads use connections of their own and do not wait for appends.
//
// Only one process at a time has the file open (see SqliteStore::Open for what else can keep it
// from being opened); several replicas share a record through PostgreSQL instead.

#ifndef ENTENTE_COMMON_LOG_SQLITE_LOG_H_
#define ENTENTE_COMMON_LOG_SQLITE_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/log/sqlite_store.h"

namespace entente::log {

class SqliteLog final : public Log {
 public:
  // The log in a store that is shared with others. A store has one log: several objects are views
  // of the same.
  explicit SqliteLog(std::shared_ptr<SqliteStore> store);

  // The log in a file of which nothing else is needed. Errors: those of SqliteStore::Open.
  static absl::StatusOr<std::unique_ptr<SqliteLog>> Open(const std::string& path,
                                                         const SqliteOptions& options);

  absl::StatusOr<std::vector<Committed>> Append(int64_t expected_head,
                                                absl::Span<const Proposal> proposals) override;
  absl::Status Read(int64_t after, int64_t limit,
                    absl::FunctionRef<absl::Status(Revision)> fn) override;
  absl::StatusOr<int64_t> Head() override;
  absl::StatusOr<std::optional<int64_t>> RevisionAt(absl::Time time) override;
  absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                   int64_t limit) override;
  absl::StatusOr<std::optional<RecordedRequest>> FindRequest(absl::string_view request_id) override;

 private:
  const std::shared_ptr<SqliteStore> store_;
};

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_SQLITE_LOG_H_
