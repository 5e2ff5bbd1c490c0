// SPDX-License-Identifier: Apache-2.0
#include "common/search/full_text_table.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace entente::search {
namespace {

// The tokenizer: words are parted by spaces.
using Fts5TokenFunction = int (*)(void* context, int flags, const char* token, int size, int begin,
                                  int end);

int MakeSplitter(void* /*context*/, const char** /*arguments*/, int /*count*/,
                 Fts5Tokenizer** tokenizer) {
  // It has no state; null would mean that there is no memory.
  static char nothing = 0;
  *tokenizer = reinterpret_cast<Fts5Tokenizer*>(&nothing);
  return SQLITE_OK;
}

void DeleteSplitter(Fts5Tokenizer* /*tokenizer*/) {}

int Split(Fts5Tokenizer* /*tokenizer*/, void* context, int /*flags*/, const char* text, int size,
          Fts5TokenFunction token) {
  int begin = 0;
  while (begin < size) {
    if (text[begin] == ' ') {
      ++begin;
      continue;
    }
    int end = begin;
    while (end < size && text[end] != ' ') ++end;
    if (const int result = token(context, 0, text + begin, end - begin, begin, end);
        result != SQLITE_OK) {
      return result;
    }
    begin = end;
  }
  return SQLITE_OK;
}

// Stands in the condition of the query, so that a row costs no step of its own: shows it, and is
// false.
void Visit(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result,
           int /*count*/, sqlite3_value** /*arguments*/) {
  const auto* visit = *static_cast<const absl::FunctionRef<void(const MatchedRow&)>* const*>(
      api->xUserData(context));
  (*visit)(MatchedRow(api, context));
  sqlite3_result_int(result, 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FullTextTable>> FullTextTable::Create(size_t columns) {
  auto table = std::unique_ptr<FullTextTable>(new FullTextTable(columns));
  RETURN_IF_ERROR(table->Open());
  return table;
}

FullTextTable::~FullTextTable() {
  insert_.reset();
  delete_.reset();
  match_.reset();
  sqlite3_close(db_);
}

absl::Status FullTextTable::Open() {
  if (const int result = sqlite3_open_v2(
          ":memory:", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
          nullptr);
      result != SQLITE_OK) {
    return Error(result);
  }
  fts5_api* api = nullptr;
  {
    Statement statement;
    RETURN_IF_ERROR(Prepare("SELECT fts5(?1)", &statement));
    sqlite3_bind_pointer(statement.get(), 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement.get());
  }
  if (api == nullptr) return absl::InternalError("this library of SQLite has no FTS5");
  fts5_tokenizer splitter = {&MakeSplitter, &DeleteSplitter, &Split};
  if (const int result = api->xCreateTokenizer(api, "split", nullptr, &splitter, nullptr);
      result != SQLITE_OK) {
    return Error(result);
  }
  if (const int result =
          api->xCreateFunction(api, "visit", static_cast<void*>(&visit_), &Visit, nullptr);
      result != SQLITE_OK) {
    return Error(result);
  }
  std::string names;
  std::string values;
  for (size_t i = 0; i < columns_; ++i) {
    absl::StrAppend(&names, "c", i, ", ");
    absl::StrAppend(&values, ", ?", i + 2);
  }
  // No copy of the texts, and no table of lengths: the caller knows both.
  RETURN_IF_ERROR(Run(absl::StrCat("CREATE VIRTUAL TABLE t USING fts5(", names,
                                   "content='', columnsize=0, tokenize='split')")
                          .c_str()));
  names.resize(names.size() - 2);
  RETURN_IF_ERROR(
      Prepare(absl::StrCat("INSERT INTO t(rowid, ", names, ") VALUES(?1", values, ")"), &insert_));
  RETURN_IF_ERROR(
      Prepare(absl::StrCat("INSERT INTO t(t, rowid, ", names, ") VALUES('delete', ?1", values, ")"),
              &delete_));
  return Prepare("SELECT 1 FROM t WHERE t MATCH ?1 AND visit(t)", &match_);
}

absl::Status FullTextTable::Error(int code) const {
  const std::string message =
      absl::StrCat("full-text table: ", db_ == nullptr ? "no memory" : sqlite3_errmsg(db_));
  return code == SQLITE_NOMEM || code == SQLITE_FULL ? absl::ResourceExhaustedError(message)
                                                     : absl::InternalError(message);
}

absl::Status FullTextTable::Prepare(const std::string& sql, Statement* statement) {
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  statement->reset(prepared);
  return result == SQLITE_OK ? absl::OkStatus() : Error(result);
}

absl::Status FullTextTable::Run(const char* sql) {
  const int result = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : Error(result);
}

absl::Status FullTextTable::Write(sqlite3_stmt* statement, int64_t id,
                                  absl::Span<const std::string> columns) {
  sqlite3_bind_int64(statement, 1, id);
  for (size_t i = 0; i < columns_; ++i) {
    sqlite3_bind_text64(statement, static_cast<int>(i) + 2, columns[i].data(), columns[i].size(),
                        SQLITE_STATIC, SQLITE_UTF8);
  }
  const int result = sqlite3_step(statement);
  const absl::Status status = result == SQLITE_DONE ? absl::OkStatus() : Error(result);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return status;
}

absl::Status FullTextTable::Insert(int64_t id, absl::Span<const std::string> columns) {
  return Write(insert_.get(), id, columns);
}

absl::Status FullTextTable::Delete(int64_t id, absl::Span<const std::string> columns) {
  return Write(delete_.get(), id, columns);
}

absl::Status FullTextTable::Match(absl::string_view expression,
                                  absl::FunctionRef<void(const MatchedRow& row)> visit) {
  visit_ = &visit;
  sqlite3_bind_text64(match_.get(), 1, expression.data(), expression.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  const int result = sqlite3_step(match_.get());
  const absl::Status status = result == SQLITE_DONE ? absl::OkStatus() : Error(result);
  sqlite3_reset(match_.get());
  sqlite3_clear_bindings(match_.get());
  visit_ = nullptr;
  return status;
}

int64_t FullTextTable::Bytes() const {
  int now = 0;
  int highest = 0;
  sqlite3_db_status(db_, SQLITE_DBSTATUS_CACHE_USED, &now, &highest, 0);
  return now;
}

}  // namespace entente::search
