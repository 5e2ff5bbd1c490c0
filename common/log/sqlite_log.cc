// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace entente::log {
namespace {

using ::entente::log::sqlite::Database;
using ::entente::log::sqlite::Statement;
using ::entente::log::sqlite::Transaction;

// How much Read takes from the file at a time. Between two such pieces nothing is held open, so
// that a slow consumer does not keep the write-ahead log from being written back.
constexpr int64_t kPieceRevisions = 1000;
constexpr int64_t kPieceBytes = int64_t{4} << 20;

// Where the log ends.
struct Tail {
  int64_t number = 0;
  int64_t commit_micros = 0;
  int64_t last_change = 0;
};

absl::StatusOr<Tail> ReadTail(Database& db) {
  ASSIGN_OR_RETURN(
      Statement statement,
      db.Prepare(
          "SELECT number, commit_time, last_change FROM revision ORDER BY number DESC LIMIT 1"));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return Tail{};
  return Tail{statement.Int(0), statement.Int(1), statement.Int(2)};
}

absl::StatusOr<std::optional<RecordedRequest>> FindRequestIn(Database& db,
                                                             absl::string_view request_id) {
  ASSIGN_OR_RETURN(
      Statement statement,
      db.Prepare(
          "SELECT number, commit_time, request_fingerprint FROM revision WHERE request_id = ?1"));
  ASSIGN_OR_RETURN(const bool row, statement.BindText(1, request_id).Step());
  if (!row) return std::nullopt;
  return RecordedRequest{{statement.Int(0), absl::FromUnixMicros(statement.Int(1))},
                         statement.Bytes(2)};
}

// Writes proposals as the revisions after a tail, within a transaction of the caller's.
class Appender {
 public:
  Appender(Database& db, Tail tail) : db_(db), tail_(tail) {}

  absl::StatusOr<Committed> Add(const Proposal& proposal, absl::Time now) {
    if (!proposal.request_id.empty()) {
      ASSIGN_OR_RETURN(auto recorded, FindRequestIn(db_, proposal.request_id));
      if (recorded.has_value()) {
        return absl::AlreadyExistsError(absl::StrCat("the request id ", proposal.request_id,
                                                     " was used for revision ",
                                                     recorded->committed.number));
      }
    }
    ASSIGN_OR_RETURN(const int64_t micros, NextCommitMicros(now, tail_.commit_micros));
    ++tail_.number;
    tail_.commit_micros = micros;
    for (const Change& change : proposal.changes) {
      RETURN_IF_ERROR(AddChange(change));
    }
    RETURN_IF_ERROR(AddRevision(proposal));
    return Committed{tail_.number, absl::FromUnixMicros(micros)};
  }

  bool erased() const { return erased_; }

 private:
  absl::Status AddRevision(const Proposal& proposal) {
    ASSIGN_OR_RETURN(
        Statement insert,
        db_.Prepare("INSERT INTO revision "
                    "(number, commit_time, last_change, request_id, request_fingerprint, reason) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    insert.BindInt(1, tail_.number).BindInt(2, tail_.commit_micros).BindInt(3, tail_.last_change);
    if (proposal.request_id.empty()) {
      insert.BindNull(4);
    } else {
      insert.BindText(4, proposal.request_id);
    }
    return insert.BindBlob(5, proposal.request_fingerprint).BindBlob(6, proposal.reason).Run();
  }

  absl::Status AddChange(const Change& change) {
    if (change.kind == ChangeKind::kErase) {
      RETURN_IF_ERROR(Forget(change.name));
    }
    ASSIGN_OR_RETURN(
        Statement insert,
        db_.Prepare(
            "INSERT INTO change (id, revision, name, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)"));
    insert.BindInt(1, ++tail_.last_change)
        .BindInt(2, tail_.number)
        .BindText(3, change.name)
        .BindInt(4, static_cast<int64_t>(change.kind));
    if (change.kind == ChangeKind::kErase) {
      insert.BindNull(5);
    } else {
      insert.BindBlob(5, change.body);
    }
    return insert.Run();
  }

  absl::Status Forget(const std::string& name) {
    ASSIGN_OR_RETURN(Statement update,
                     db_.Prepare("UPDATE change SET kind = ?2, body = NULL WHERE name = ?1"));
    erased_ = true;
    RETURN_IF_ERROR(
        update.BindText(1, name).BindInt(2, static_cast<int64_t>(ChangeKind::kErase)).Run());
    // The revision that erases is not there yet.
    ASSIGN_OR_RETURN(Statement reasons,
                     db_.Prepare("UPDATE revision SET reason = x'' WHERE number IN "
                                 "(SELECT revision FROM change WHERE name = ?1)"));
    return reasons.BindText(1, name).Run();
  }

  Database& db_;
  Tail tail_;
  bool erased_ = false;
};

absl::Status Damaged(int64_t number, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the log is damaged at revision ", number, ": ", what));
}

// Reads the changes of consecutive revisions, in step with them.
class ChangeScan {
 public:
  // `before` is the id of the last change that is not wanted.
  static absl::StatusOr<ChangeScan> After(Database& db, int64_t before) {
    ASSIGN_OR_RETURN(
        Statement statement,
        db.Prepare("SELECT id, revision, name, kind, body FROM change WHERE id > ?1 ORDER BY id"));
    statement.BindInt(1, before);
    return ChangeScan(std::move(statement), before);
  }

  // Adds the changes up to `last`, which must all be there and be the revision's. Returns about how
  // many bytes they have.
  absl::StatusOr<int64_t> Fill(int64_t last, Revision& revision) {
    if (last <= id_) return Damaged(revision.number, "it has no changes");
    int64_t bytes = 0;
    while (id_ < last) {
      ASSIGN_OR_RETURN(const bool row, statement_.Step());
      if (!row || statement_.Int(0) != ++id_ || statement_.Int(1) != revision.number) {
        return Damaged(revision.number, "a change is missing");
      }
      const int64_t kind = statement_.Int(3);
      if (kind < static_cast<int64_t>(ChangeKind::kPut) ||
          kind > static_cast<int64_t>(ChangeKind::kErase)) {
        return Damaged(revision.number, absl::StrCat("a change is of the unknown kind ", kind));
      }
      revision.changes.push_back(
          {statement_.Bytes(2), static_cast<ChangeKind>(kind), statement_.Bytes(4)});
      bytes += static_cast<int64_t>(revision.changes.back().name.size() +
                                    revision.changes.back().body.size());
    }
    return bytes;
  }

 private:
  ChangeScan(Statement statement, int64_t id) : statement_(std::move(statement)), id_(id) {}
  Statement statement_;
  int64_t id_;  // Of the last change read.
};

absl::StatusOr<int64_t> LastChangeOf(Database& db, int64_t number) {
  if (number == 0) return 0;
  ASSIGN_OR_RETURN(Statement statement,
                   db.Prepare("SELECT last_change FROM revision WHERE number = ?1"));
  ASSIGN_OR_RETURN(const bool row, statement.BindInt(1, number).Step());
  if (!row) return Damaged(number, "it is missing");
  return statement.Int(0);
}

// The revisions above `after` up to `to` (after < to <= head), but not more than a piece; at least
// one.
absl::StatusOr<std::vector<Revision>> ReadPiece(SqliteStore& store, int64_t after, int64_t to) {
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store.Read());
  Database& db = reader.db();
  // One view for both tables: an erasure may rewrite changes meanwhile.
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(db, Transaction::Kind::kRead));
  ASSIGN_OR_RETURN(const int64_t before, LastChangeOf(db, after));
  ASSIGN_OR_RETURN(ChangeScan changes, ChangeScan::After(db, before));
  ASSIGN_OR_RETURN(
      Statement revisions,
      db.Prepare("SELECT number, commit_time, last_change, request_id, request_fingerprint, reason "
                 "FROM revision WHERE number > ?1 ORDER BY number"));
  revisions.BindInt(1, after);

  const int64_t last = after + std::min(to - after, kPieceRevisions);
  std::vector<Revision> piece;
  int64_t bytes = 0;
  for (int64_t number = after + 1; number <= last && bytes < kPieceBytes; ++number) {
    ASSIGN_OR_RETURN(const bool row, revisions.Step());
    if (!row || revisions.Int(0) != number) return Damaged(number, "it is missing");
    Revision revision;
    revision.number = number;
    revision.commit_time = absl::FromUnixMicros(revisions.Int(1));
    revision.request_id = revisions.Bytes(3);
    revision.request_fingerprint = revisions.Bytes(4);
    revision.reason = revisions.Bytes(5);
    ASSIGN_OR_RETURN(const int64_t size, changes.Fill(revisions.Int(2), revision));
    bytes += size;
    piece.push_back(std::move(revision));
  }
  return piece;
}

}  // namespace

SqliteLog::SqliteLog(std::shared_ptr<SqliteStore> store) : store_(std::move(store)) {}

absl::StatusOr<std::unique_ptr<SqliteLog>> SqliteLog::Open(const std::string& path,
                                                           const SqliteOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<SqliteStore> store, SqliteStore::Open(path, options));
  return std::make_unique<SqliteLog>(std::move(store));
}

absl::StatusOr<std::vector<Committed>> SqliteLog::Append(int64_t expected_head,
                                                         absl::Span<const Proposal> proposals) {
  RETURN_IF_ERROR(ValidateAppend(expected_head, proposals));

  const SqliteStore::Writer writer = store_->Write(SqliteStore::Durability::kDisk);
  store_->FinishErasures(writer);
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(writer.db(), Transaction::Kind::kWrite));
  ASSIGN_OR_RETURN(const Tail tail, ReadTail(writer.db()));
  if (tail.number != expected_head) {
    return absl::AbortedError(absl::StrCat("the log is at revision ", tail.number,
                                           ", not at the expected ", expected_head));
  }

  Appender appender(writer.db(), tail);
  const absl::Time now = store_->clock().Now();
  std::vector<Committed> committed;
  committed.reserve(proposals.size());
  for (const Proposal& proposal : proposals) {
    ASSIGN_OR_RETURN(const Committed added, appender.Add(proposal, now));
    committed.push_back(added);
  }
  RETURN_IF_ERROR(transaction.Commit());
  if (appender.erased()) store_->ErasureCommitted(writer);
  return committed;
}

absl::Status SqliteLog::Read(int64_t after, int64_t limit,
                             absl::FunctionRef<absl::Status(Revision)> fn) {
  if (after < 0) return absl::InvalidArgumentError("the revision to read after is negative");
  if (limit < 0) return absl::InvalidArgumentError("the limit is negative");
  ASSIGN_OR_RETURN(const int64_t head, Head());
  if (after >= head) return absl::OkStatus();
  const int64_t to = after + std::min(limit, head - after);
  while (after < to) {
    ASSIGN_OR_RETURN(std::vector<Revision> piece, ReadPiece(*store_, after, to));
    for (Revision& revision : piece) {
      after = revision.number;
      RETURN_IF_ERROR(fn(std::move(revision)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SqliteLog::Head() {
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store_->Read());
  return reader.db().QueryInt("SELECT max(number) FROM revision");
}

absl::StatusOr<std::optional<int64_t>> SqliteLog::RevisionAt(absl::Time time) {
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store_->Read());
  ASSIGN_OR_RETURN(
      Statement statement,
      reader.db().Prepare(
          "SELECT number FROM revision WHERE commit_time <= ?1 ORDER BY commit_time DESC LIMIT 1"));
  // Rounded down, which changes nothing: commit times are whole microseconds.
  ASSIGN_OR_RETURN(const bool row, statement.BindInt(1, absl::ToUnixMicros(time)).Step());
  if (!row) return std::nullopt;
  return std::optional<int64_t>(statement.Int(0));
}

absl::StatusOr<std::vector<int64_t>> SqliteLog::RevisionsOf(absl::string_view name, int64_t last,
                                                            int64_t limit) {
  RETURN_IF_ERROR(ValidateRevisionsOf(name, last, limit));
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store_->Read());
  // The index by name is in the order of the ids, and so of the revisions.
  ASSIGN_OR_RETURN(
      Statement statement,
      reader.db().Prepare("SELECT revision FROM change WHERE name = ?1 AND revision <= ?2 "
                          "ORDER BY id DESC"));
  statement.BindText(1, name).BindInt(2, last);
  std::vector<int64_t> numbers;
  while (static_cast<int64_t>(numbers.size()) < limit) {
    ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) break;
    // A name may change twice in one revision here.
    if (numbers.empty() || numbers.back() != statement.Int(0)) numbers.push_back(statement.Int(0));
  }
  return numbers;
}

absl::StatusOr<std::optional<RecordedRequest>> SqliteLog::FindRequest(
    absl::string_view request_id) {
  if (request_id.empty()) return absl::InvalidArgumentError("the request id is empty");
  ASSIGN_OR_RETURN(SqliteStore::Reader reader, store_->Read());
  return FindRequestIn(reader.db(), request_id);
}

}  // namespace entente::log
