// SPDX-License-Identifier: Apache-2.0
//
// A table of SQLite's FTS5 (https://www.sqlite.org/fts5.html) in memory, of words that are ready:
// it keeps which words stand where, and not the texts. Words are parted by spaces and taken as they
// are. What a row is worth is for the caller to say.
//
//   auto table = FullTextTable::Create(2);
//   absl::Status added = (*table)->Insert(1, {"clean energy", "about rivers"});
//   absl::Status found = (*table)->Match(R"("clean" AND c1 : "rivers")", [](const MatchedRow& row)
//   {
//     row.ForEachHit(0, [&](int column) {...});   // "clean"
//   });
#ifndef ENTENTE_COMMON_SEARCH_FULL_TEXT_TABLE_H_
#define ENTENTE_COMMON_SEARCH_FULL_TEXT_TABLE_H_

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace entente::search {

// A row that matches, during the call that it is given to.
class MatchedRow {
 public:
  MatchedRow(const Fts5ExtensionApi* api, Fts5Context* context) : api_(api), context_(context) {}

  int64_t id() const { return api_->xRowid(context_); }

  // Calls `fn(column)` for each place in which the phrase of this number, counted from 0 in the
  // order of the expression, stands in the row.
  template <typename Fn>
  void ForEachHit(int phrase, Fn fn) const {
    Fts5PhraseIter place;
    int column = -1;
    int offset = -1;
    if (api_->xPhraseFirst(context_, phrase, &place, &column, &offset) != SQLITE_OK) return;
    for (; column >= 0; api_->xPhraseNext(context_, &place, &column, &offset)) fn(column);
  }

 private:
  const Fts5ExtensionApi* const api_;
  Fts5Context* const context_;
};

// Used by one thread at a time. Errors: RESOURCE_EXHAUSTED where there is no memory; else INTERNAL:
// an expression that is none, a library without FTS5.
class FullTextTable {
 public:
  // With `columns` columns, which expressions call c0, c1 and so on.
  static absl::StatusOr<std::unique_ptr<FullTextTable>> Create(size_t columns);
  ~FullTextTable();

  FullTextTable(const FullTextTable&) = delete;
  FullTextTable& operator=(const FullTextTable&) = delete;

  // What lies between is done as one, or not at all.
  absl::Status Begin() { return Run("BEGIN"); }
  absl::Status Commit() { return Run("COMMIT"); }
  void Rollback() { Run("ROLLBACK").IgnoreError(); }

  absl::Status Insert(int64_t id, absl::Span<const std::string> columns);
  // The columns must be those that were inserted: the table does not know them. Otherwise it is of
  // no use any more.
  absl::Status Delete(int64_t id, absl::Span<const std::string> columns);

  // Calls `visit` with each row that matches an expression of FTS5.
  absl::Status Match(absl::string_view expression,
                     absl::FunctionRef<void(const MatchedRow& row)> visit);

  // How much memory the table takes, in bytes.
  int64_t Bytes() const;

 private:
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalise>;

  explicit FullTextTable(size_t columns) : columns_(columns) {}

  absl::Status Open();
  absl::Status Prepare(const std::string& sql, Statement* statement);
  absl::Status Run(const char* sql);
  absl::Status Write(sqlite3_stmt* statement, int64_t id, absl::Span<const std::string> columns);
  absl::Status Error(int code) const;

  const size_t columns_;
  sqlite3* db_ = nullptr;
  Statement insert_;
  Statement delete_;
  Statement match_;
  // Of the call of Match that is under way.
  const absl::FunctionRef<void(const MatchedRow& row)>* visit_ = nullptr;
};

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_FULL_TEXT_TABLE_H_
