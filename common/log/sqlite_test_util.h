// SPDX-License-Identifier: Apache-2.0
//
// Files for the tests of the SQLite log: a place for them, files of older versions, and a SQL shell
// to look and tamper with.

#ifndef ENTENTE_COMMON_LOG_SQLITE_TEST_UTIL_H_
#define ENTENTE_COMMON_LOG_SQLITE_TEST_UTIL_H_

#include <string>

namespace entente::log {

// A directory of its own, removed with all that is in it.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Runs SQL on a file with plain SQLite, and returns the first column of the last row; fails the
// running test if it cannot.
std::string RunSql(const std::string& path, const std::string& sql);

// Makes a file as version 1 of the schema left it, with three revisions:
//   1 at kVersionOneMicros      "old-1"  puts initiatives/iuu "one" and places/id "Indonesia"
//   2 at kVersionOneMicros + 1  no id    deletes places/id
//   3 at kVersionOneMicros + 9  "old-3"  puts initiatives/iuu with an empty body
// It is written out here and not made by the migrations, which have to cope with it.
void CreateVersionOneFile(const std::string& path);
inline constexpr long long kVersionOneMicros = 1'693'785'600'000'000;  // 2023-09-04

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& content);

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_SQLITE_TEST_UTIL_H_
