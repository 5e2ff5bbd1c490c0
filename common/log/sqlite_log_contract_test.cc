// SPDX-License-Identifier: Apache-2.0
#include "common/log/log_contract_test.h"
#include "common/log/sqlite_log.h"
#include "common/log/sqlite_test_util.h"

namespace entente::log {
namespace {

class SqlitePlace final : public LogPlace {
 public:
  static std::unique_ptr<LogPlace> Fresh() { return std::make_unique<SqlitePlace>(); }

  static std::unique_ptr<LogPlace> FromVersionOne() {
    auto place = std::make_unique<SqlitePlace>();
    CreateVersionOneFile(place->path());
    return place;
  }

  std::string path() const { return directory_.File("log.db"); }

  absl::StatusOr<std::unique_ptr<Log>> Open(const Clock& clock) override {
    return SqliteLog::Open(path(), {.clock = &clock});
  }

 private:
  TempDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(SqliteFresh, LogContractTest, testing::Values(SqlitePlace::Fresh));
INSTANTIATE_TEST_SUITE_P(SqliteFromVersionOne, LogContractTest,
                         testing::Values(SqlitePlace::FromVersionOne));

}  // namespace
}  // namespace entente::log
