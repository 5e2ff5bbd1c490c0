// SPDX-License-Identifier: Apache-2.0
//
// What every executable does with flags, variables, ports and databases that are wrong: one line
// that names the thing and says what to do, and an exit code that tells whose fault it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/server/flags.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

using server::kExitUnavailable;
using server::kExitUsage;
using testing::AllOf;
using testing::HasSubstr;

// An executable, and what makes it start with everything right.
struct Case {
  const char* name;  // "entente-catalogue", or "entente" for `entente serve`.
  bool has_database;
  bool has_peers;
};

constexpr Case kCases[] = {{"entente-catalogue", true, false},
                           {"entente-funding", true, true},
                           {"entente-events", true, true},
                           {"entente-gateway", false, true},
                           {"entente", true, false}};

class StartupTest : public testing::TestWithParam<Case> {
 protected:
  bool all_in_one() const { return GetParam().name == std::string("entente"); }

  // The name of the flag for the address of the (first) service.
  std::string ListenFlag() const { return all_in_one() ? "listen_catalogue" : "listen"; }

  // The database (of the catalogue).
  std::string DatabaseIn(const std::string& directory) const {
    return absl::StrCat(directory, "/catalogue.db");
  }
  std::string DatabaseFlag(const std::string& directory) const {
    return all_in_one() ? absl::StrCat("--data_dir=", directory)
                        : absl::StrCat("--database=", DatabaseIn(directory));
  }

  // The command line with everything right and these added, which win.
  std::vector<std::string> Arguments(const std::vector<std::string>& more) {
    std::vector<std::string> arguments;
    if (all_in_one()) {
      arguments.push_back("serve");
      for (size_t i = 0; i < kServices.size(); ++i) {
        arguments.push_back(
            absl::StrCat("--listen_", ShortName(kServices[i]), "=", ports_[i].address()));
      }
    } else {
      arguments.push_back(absl::StrCat("--listen=", ports_[0].address()));
    }
    if (GetParam().has_database) arguments.push_back(DatabaseFlag(dir_.path()));
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Finished RunWith(const std::vector<std::string>& more,
                   const std::vector<std::string>& environment = {}) {
    return RunToEnd(Binary(GetParam().name), Arguments(more), dir_, environment);
  }

  // It ended with `code` after one line, beside the log, that `matcher` likes.
  template <typename Matcher>
  void ExpectRefused(const Finished& finished, int code, const Matcher& matcher) {
    EXPECT_EQ(finished.ending, Exited(code)) << finished.err;
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(finished.err, '\n', absl::SkipEmpty())) {
      if (!absl::StartsWith(line, "{")) lines.emplace_back(line);
    }
    ASSERT_THAT(lines, testing::SizeIs(1)) << finished.err;
    EXPECT_THAT(lines[0], AllOf(HasSubstr(std::string(GetParam().name) + ": "), matcher));
  }

  // A SQLite file in which `sql` was executed.
  void MakeDatabase(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  // Starts it, waits until it serves, and stops it again.
  void StartOnce() {
    Process process(Binary(GetParam().name), Arguments({}), dir_);
    const absl::Time end = absl::Now() + kPatience;
    while (!absl::StrContains(process.Errors(), "\"event\":\"serving\"") && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    process.Signal(SIGTERM);
    ASSERT_EQ(process.Wait(), Exited(0));
  }

  TempDir dir_;
  Port ports_[4];
};

INSTANTIATE_TEST_SUITE_P(Executables, StartupTest, testing::ValuesIn(kCases),
                         [](const auto& instance) {
                           std::string name = instance.param.name;
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name;
                         });

TEST_P(StartupTest, HelpListsTheFlags) {
  std::vector<std::string> ask = {"--help"};
  if (all_in_one()) ask = {"help", "flags"};
  const Finished finished = RunToEnd(Binary(GetParam().name), ask, dir_);
  EXPECT_EQ(finished.ending, Exited(0));
  EXPECT_THAT(finished.out, AllOf(HasSubstr("--" + ListenFlag()), HasSubstr("--max_watches=20000"),
                                  HasSubstr("ENTENTE_LOG_LEVEL")));
  EXPECT_EQ(finished.err, "");
}

TEST_P(StartupTest, AWrongFlagIsNamed) {
  ExpectRefused(RunWith({"--max_watchers=1"}), kExitUsage,
                AllOf(HasSubstr("--max_watchers"), HasSubstr("--help")));
  ExpectRefused(RunWith({"--max_watches=many"}), kExitUsage,
                AllOf(HasSubstr("\"many\""), HasSubstr("--max_watches"), HasSubstr("20000")));
  ExpectRefused(RunWith({"--shutdown_grace=10"}), kExitUsage,
                AllOf(HasSubstr("\"10\""), HasSubstr("--shutdown_grace"), HasSubstr("10s")));
  ExpectRefused(RunWith({"--max_watches"}), kExitUsage,
                AllOf(HasSubstr("--max_watches"), HasSubstr("value")));
  ExpectRefused(RunWith({"--log_level=loud"}), kExitUsage,
                AllOf(HasSubstr("--log_level"), HasSubstr("warning"), HasSubstr("loud")));
}

TEST_P(StartupTest, AValueOutOfRangeIsNamedWithTheRange) {
  for (const auto& [flag, range] :
       {std::pair("--max_watches=0", "between 1 and 1000000"),
        std::pair("--max_calls_in_flight=-1", "between 1 and 1000000"),
        std::pair("--max_request_bytes=1", "between 1024 and"),
        std::pair("--max_metadata_bytes=99999999", "between 1024 and 1048576"),
        std::pair("--max_connection_age=1ms", "between 1s and 168h"),
        std::pair("--drain_delay=-1s", "between 0 and 168h")}) {
    const std::string name = std::string(flag).substr(0, std::string(flag).find('='));
    ExpectRefused(RunWith({flag}), kExitUsage, AllOf(HasSubstr(name), HasSubstr(range)));
  }
  if (GetParam().has_database) {
    ExpectRefused(RunWith({"--retained_revisions=0"}), kExitUsage,
                  AllOf(HasSubstr("--retained_revisions"), HasSubstr("between 1 and")));
  }
  if (GetParam().has_peers) {
    ExpectRefused(RunWith({"--catalogue="}), kExitUsage,
                  AllOf(HasSubstr("--catalogue"), HasSubstr("HOST:PORT")));
  }
}

TEST_P(StartupTest, AWrongVariableIsNamed) {
  ExpectRefused(RunWith({}, {"ENTENTE_MAX_WATCHES=many"}), kExitUsage,
                AllOf(HasSubstr("ENTENTE_MAX_WATCHES"), HasSubstr("\"many\"")));
  ExpectRefused(RunWith({}, {"ENTENTE_MAX_CALLS_IN_FLIGHT=0"}), kExitUsage,
                AllOf(HasSubstr("max_calls_in_flight"), HasSubstr("between")));
}

TEST_P(StartupTest, AStrayArgumentIsNamed) {
  ExpectRefused(RunWith({"stray"}), kExitUsage, AllOf(HasSubstr("stray"), HasSubstr("help")));
}

TEST_P(StartupTest, AnAddressThatIsNoneIsNamed) {
  for (const char* address : {"50051", "localhost", "localhost:port", "localhost:70000", ""}) {
    ExpectRefused(RunWith({absl::StrCat("--", ListenFlag(), "=", address)}), kExitUsage,
                  AllOf(HasSubstr(absl::StrCat("\"", address, "\"")), HasSubstr("HOST:PORT")));
  }
  ExpectRefused(RunWith({absl::StrCat("--", ListenFlag(), "=host.invalid:50051")}),
                kExitUnavailable, HasSubstr("host.invalid:50051"));
}

TEST_P(StartupTest, ATakenPortIsNamed) {
  const TempDir other_dir;
  const Process other(Program(Service::kGateway), {absl::StrCat("--listen=", ports_[0].address())},
                      other_dir);
  ASSERT_TRUE(AwaitServing(ports_[0].address(), FullName(Service::kGateway)));
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(ports_[0].address()), HasSubstr("taken"), HasSubstr("--listen")));
}

TEST_P(StartupTest, ADirectoryThatIsMissingIsNamed) {
  if (!GetParam().has_database) return;
  const std::string missing = dir_.File("missing");
  ExpectRefused(RunWith({DatabaseFlag(missing)}), kExitUnavailable,
                AllOf(HasSubstr(DatabaseIn(missing)), HasSubstr("No such file or directory"),
                      HasSubstr("make it")));
}

TEST_P(StartupTest, AFileThatIsNoDatabaseIsNamedAndLeftAlone) {
  if (!GetParam().has_database) return;
  const std::string content = "Minutes of a meeting, and no database at all.\n";
  WriteFile(DatabaseIn(dir_.path()), content);
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(DatabaseIn(dir_.path())), HasSubstr("not a SQLite database"),
                      HasSubstr("another path")));
  EXPECT_EQ(ReadFile(DatabaseIn(dir_.path())), content);
}

TEST_P(StartupTest, ADirectoryInPlaceOfTheFileIsNamed) {
  if (!GetParam().has_database) return;
  std::filesystem::create_directory(DatabaseIn(dir_.path()));
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(DatabaseIn(dir_.path())), HasSubstr("not a file")));
}

TEST_P(StartupTest, ADatabaseOfAnotherApplicationIsNamedAndLeftAlone) {
  if (!GetParam().has_database) return;
  MakeDatabase(DatabaseIn(dir_.path()), "CREATE TABLE recipe (title TEXT)");
  const std::string before = ReadFile(DatabaseIn(dir_.path()));
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(DatabaseIn(dir_.path())), HasSubstr("another application"),
                      HasSubstr("another path")));
  EXPECT_EQ(ReadFile(DatabaseIn(dir_.path())), before);
}

TEST_P(StartupTest, ANewerSchemaIsNamedAndLeftAlone) {
  if (!GetParam().has_database) return;
  StartOnce();
  MakeDatabase(DatabaseIn(dir_.path()),
               "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(DatabaseIn(dir_.path())), HasSubstr("schema version 99"),
                      HasSubstr("newer program")));
}

TEST_P(StartupTest, ADamagedDatabaseIsNamed) {
  if (!GetParam().has_database) return;
  StartOnce();
  const std::string path = DatabaseIn(dir_.path());
  std::string content = ReadFile(path);
  ASSERT_GT(content.size(), 8192U);
  // Everything after the first page, which holds the schema.
  std::fill(content.begin() + 4096, content.end(), '\x5a');
  WriteFile(path, content);
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(path), HasSubstr("damaged"), HasSubstr("backup")));
}

TEST_P(StartupTest, ADatabaseInUseIsNamedWithItsUser) {
  if (!GetParam().has_database) return;
  const Port port;
  const Process other(Program(Service::kCatalogue),
                      {absl::StrCat("--database=", DatabaseIn(dir_.path())),
                       absl::StrCat("--listen=", port.address())},
                      dir_);
  ASSERT_TRUE(AwaitServing(port.address(), FullName(Service::kCatalogue)));
  ExpectRefused(RunWith({}), kExitUnavailable,
                AllOf(HasSubstr(DatabaseIn(dir_.path())), HasSubstr("in use"),
                      HasSubstr(absl::StrCat("process ", other.pid())), HasSubstr("another path")));
}

TEST_P(StartupTest, VariablesAreFlagsAndTheCommandLineWins) {
  if (all_in_one()) return;
  const Port& port = ports_[1];
  std::vector<std::string> environment = {absl::StrCat("ENTENTE_LISTEN=", port.address()),
                                          absl::StrCat("ENTENTE_DATABASE=", dir_.File("other.db")),
                                          "ENTENTE_LOG_LEVEL=off"};
  Process process(Binary(GetParam().name), {"--log_level", "info"}, dir_, environment);
  const absl::Time end = absl::Now() + kPatience;
  while (!absl::StrContains(process.Errors(), "\"event\":\"serving\"") && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_THAT(process.Errors(), HasSubstr(absl::StrCat("\"port\":", port.number())));
  EXPECT_EQ(std::filesystem::exists(dir_.File("other.db")), GetParam().has_database);
  process.Signal(SIGINT);
  EXPECT_EQ(process.Wait(), Exited(0));
}

}  // namespace
}  // namespace entente::e2e
