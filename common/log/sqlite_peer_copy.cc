// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite_peer_copy.h"

#include <utility>

#include "common/status/macros.h"

namespace entente::log {
namespace {

using ::entente::log::sqlite::Database;
using ::entente::log::sqlite::Statement;
using ::entente::log::sqlite::Transaction;

absl::Status Validate(absl::Span<const PeerCopy::Update> updates, absl::string_view token) {
  if (token.empty()) return absl::InvalidArgumentError("the token is empty");
  for (const PeerCopy::Update& update : updates) {
    if (update.name.empty()) return absl::InvalidArgumentError("an update needs a name");
    if (update.name.find('\0') != std::string::npos) {
      return absl::InvalidArgumentError("a name holds a NUL");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadToken(Database& db, const std::string& peer) {
  ASSIGN_OR_RETURN(Statement statement, db.Prepare("SELECT token FROM peer_token WHERE peer = ?1"));
  ASSIGN_OR_RETURN(const bool row, statement.BindText(1, peer).Step());
  return row ? statement.Bytes(0) : "";
}

absl::Status DropAll(Database& db, const std::string& peer) {
  ASSIGN_OR_RETURN(Statement statement, db.Prepare("DELETE FROM peer_item WHERE peer = ?1"));
  return statement.BindText(1, peer).Run();
}

absl::Status ApplyOne(Database& db, const std::string& peer, const PeerCopy::Update& update) {
  ASSIGN_OR_RETURN(
      Statement statement,
      db.Prepare(update.body.has_value()
                     ? "INSERT OR REPLACE INTO peer_item (peer, name, body) VALUES (?1, ?2, ?3)"
                     : "DELETE FROM peer_item WHERE peer = ?1 AND name = ?2"));
  statement.BindText(1, peer).BindText(2, update.name);
  if (update.body.has_value()) statement.BindBlob(3, *update.body);
  return statement.Run();
}

absl::Status WriteToken(Database& db, const std::string& peer, absl::string_view token) {
  ASSIGN_OR_RETURN(Statement statement,
                   db.Prepare("INSERT OR REPLACE INTO peer_token (peer, token) VALUES (?1, ?2)"));
  return statement.BindText(1, peer).BindBlob(2, token).Run();
}

}  // namespace

SqlitePeerCopy::SqlitePeerCopy(std::shared_ptr<SqliteStore> store, std::string peer)
    : store_(std::move(store)), peer_(std::move(peer)) {}

absl::StatusOr<std::string> SqlitePeerCopy::Load(
    absl::FunctionRef<absl::Status(std::string name, std::string body)> fn) {
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store_->Read());
  // One view: unlike the log, a copy changes under whoever reads it.
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(reader.db(), Transaction::Kind::kRead));
  ASSIGN_OR_RETURN(std::string token, ReadToken(reader.db(), peer_));
  ASSIGN_OR_RETURN(
      Statement items,
      reader.db().Prepare("SELECT name, body FROM peer_item WHERE peer = ?1 ORDER BY name"));
  items.BindText(1, peer_);
  absl::StatusOr<bool> row = items.Step();
  for (; row.ok() && *row; row = items.Step()) {
    RETURN_IF_ERROR(fn(items.Bytes(0), items.Bytes(1)));
  }
  if (!row.ok()) return row.status();
  return token;
}

absl::StatusOr<std::string> SqlitePeerCopy::Token() {
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store_->Read());
  return ReadToken(reader.db(), peer_);
}

absl::Status SqlitePeerCopy::Apply(absl::Span<const Update> updates, absl::string_view token,
                                   Mode mode) {
  RETURN_IF_ERROR(Validate(updates, token));

  const SqliteStore::Writer writer = store_->Write(SqliteStore::Durability::kProcess);
  Database& db = writer.db();
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(db, Transaction::Kind::kWrite));
  if (mode == Mode::kReplaceAll) {
    RETURN_IF_ERROR(DropAll(db, peer_));
  }
  for (const Update& update : updates) {
    RETURN_IF_ERROR(ApplyOne(db, peer_, update));
  }
  RETURN_IF_ERROR(WriteToken(db, peer_, token));
  return transaction.Commit();
}

}  // namespace entente::log
