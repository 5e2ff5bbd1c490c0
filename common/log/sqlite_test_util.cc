// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite_test_util.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace entente::log {

TempDirectory::TempDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "entente-log-XXXXXX").string();
  EXPECT_NE(mkdtemp(pattern.data()), nullptr) << pattern;
  path_ = pattern;
}

TempDirectory::~TempDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  EXPECT_FALSE(error) << path_ << ": " << error.message();
}

std::string RunSql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK) << path;
  // What tests prepare or tamper with need not survive a power cut.
  EXPECT_EQ(sqlite3_exec(db, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr), SQLITE_OK);
  std::string last;
  const auto keep = [](void* out, int columns, char** values, char**) {
    if (columns > 0) *static_cast<std::string*>(out) = values[0] != nullptr ? values[0] : "";
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), keep, &last, nullptr), SQLITE_OK)
      << path << ": " << sqlite3_errmsg(db) << " in: " << sql;
  EXPECT_EQ(sqlite3_close(db), SQLITE_OK);
  return last;
}

void CreateVersionOneFile(const std::string& path) {
  RunSql(path, R"sql(
    PRAGMA journal_mode = WAL;
    BEGIN;
    CREATE TABLE revision (
      number      INTEGER PRIMARY KEY,
      commit_time INTEGER NOT NULL UNIQUE,
      last_change INTEGER NOT NULL,
      request_id  TEXT
    );
    CREATE UNIQUE INDEX revision_by_request ON revision (request_id) WHERE request_id IS NOT NULL;
    CREATE TABLE change (
      id       INTEGER PRIMARY KEY,
      revision INTEGER NOT NULL,
      name     TEXT NOT NULL,
      kind     INTEGER NOT NULL,
      body     BLOB
    );
    INSERT INTO change VALUES (1, 1, 'initiatives/iuu', 1, CAST('one' AS BLOB)),
                              (2, 1, 'places/id', 1, CAST('Indonesia' AS BLOB)),
                              (3, 2, 'places/id', 2, NULL),
                              (4, 3, 'initiatives/iuu', 1, x'');
    INSERT INTO revision VALUES (1, 1693785600000000, 2, 'old-1'),
                                (2, 1693785600000001, 3, NULL),
                                (3, 1693785600000009, 4, 'old-3');
    PRAGMA application_id = 1164866661;
    PRAGMA user_version = 1;
    COMMIT;
  )sql");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  EXPECT_TRUE(file.good()) << path;
}

}  // namespace entente::log
