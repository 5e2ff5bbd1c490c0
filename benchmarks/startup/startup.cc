// SPDX-License-Identifier: Apache-2.0
//
// How long funding takes from nothing to its first answer, over a log of generated claims. One line
// of JSON for each way to start:
//
//   startup --claims=1000000 --runs=3
//
//   log        from the log alone
//   file       from the state file
//   damaged    from the log, once the state file has turned out to be damaged in its last block
//
// "load_ms" is to a state that can be read, "ms" to the table that the first query needs. Every
// start has a process of its own; the log and the file are in the memory of the system.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/rollup/generated.h"
#include "common/log/sqlite_log.h"
#include "common/logging/logging.h"
#include "common/resource/store.h"
#include "entente/funding/v1/claim.pb.h"
#include "services/funding/query/claim_table.h"

ABSL_FLAG(int64_t, claims, 1'000'000, "how many claims there are");
ABSL_FLAG(int64_t, changes, 10'000, "how many of them one revision brings");
ABSL_FLAG(int, runs, 3, "how often each start is measured");
ABSL_FLAG(std::string, directory, "", "where the log is, or is made; a temporary one if empty");
ABSL_FLAG(std::string, only, "", "measure this start alone");

namespace entente::benchmarks {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// A claim of the roll-up benchmark with what a service requires besides.
log::Change NextClaim(FlatClaims* claims) {
  log::Change change = claims->Next();
  funding::v1::Claim claim;
  claim.ParseFromString(change.body);
  claim.mutable_title()->set_language_code("en");
  claim.mutable_title()->set_text(absl::StrCat("Payment of ", claim.value_date().edtf()));
  claim.add_partnerships("partnerships/us-asean-csp");
  claim.clear_name();
  change.body = claim.SerializeAsString();
  return change;
}

absl::Status Generate(const std::string& path) {
  auto log = log::SqliteLog::Open(path, {});
  if (!log.ok()) return log.status();
  FlatClaims claims;
  int64_t head = 0;
  for (int64_t made = 0; made < absl::GetFlag(FLAGS_claims);) {
    log::Proposal proposal;
    for (int64_t i = 0; i < absl::GetFlag(FLAGS_changes) && made < absl::GetFlag(FLAGS_claims);
         ++i, ++made) {
      proposal.changes.push_back(NextClaim(&claims));
    }
    const auto committed = (*log)->Append(head, {proposal});
    if (!committed.ok()) return committed.status();
    head = committed->back().number;
  }
  return absl::OkStatus();
}

// One start in this process; prints its line.
absl::Status Measure(const std::string& start, const std::string& path,
                     const std::string& state_file) {
  const int64_t before = ResidentBytes();
  const auto begin = Clock::now();
  auto log = log::SqliteLog::Open(path, {});
  if (!log.ok()) return log.status();
  const double open_ms = MsSince(begin);
  const auto load = Clock::now();
  // Not destroyed: that is no part of a start, and would write the file.
  auto& store = *new resource::Store(*std::move(log), &FundingTypes(), {.state_file = state_file});
  if (absl::Status status = store.Load(); !status.ok()) return status;
  if (store.loaded_from_file() != (start == "file")) return absl::InternalError("not from there");
  const double load_ms = MsSince(load);
  const int64_t state_bytes = ResidentBytes() - before;
  const auto table_begin = Clock::now();
  const auto table = funding::query::ClaimTable::Of(store.Current());
  const double table_ms = MsSince(table_begin);
  const auto claims = static_cast<double>(absl::GetFlag(FLAGS_claims));
  std::cout << absl::StrFormat(
                   R"({"benchmark": "startup", "start": "%s", "claims": %d, "open_ms": %.0f, )"
                   R"("load_ms": %.0f, "table_ms": %.0f, "ms": %.0f, "bytes_per_claim": %.0f, )"
                   R"("with_table_bytes_per_claim": %.0f})",
                   start, absl::GetFlag(FLAGS_claims), open_ms, load_ms, table_ms, MsSince(begin),
                   static_cast<double>(state_bytes) / claims,
                   static_cast<double>(ResidentBytes() - before) / claims)
            << std::endl;
  return absl::OkStatus();
}

// In a process of its own, so that each begins with nothing.
bool InChild(const std::function<absl::Status()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    const absl::Status status = work();
    if (!status.ok()) std::cerr << status << "\n";
    _exit(status.ok() ? 0 : 1);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

// Starts from the log and stops, which writes the file.
absl::Status WriteFile(const std::string& path, const std::string& state_file) {
  auto log = log::SqliteLog::Open(path, {});
  if (!log.ok()) return log.status();
  resource::Store store(*std::move(log), &FundingTypes(), {.state_file = state_file});
  return store.Load();
}

// A copy of the file in which a byte near the end of the blocks is another.
absl::Status WriteDamaged(const std::string& state_file, const std::string& damaged) {
  fs::copy_file(state_file, damaged, fs::copy_options::overwrite_existing);
  std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(fs::file_size(damaged) * 9 / 10));
  const int byte = file.peek();
  file.seekp(file.tellg());
  file.put(static_cast<char>(byte ^ 1));
  return file.good() ? absl::OkStatus() : absl::UnavailableError("cannot damage " + damaged);
}

int Run() {
  logging::SetLevel(logging::Level::kOff);
  const std::string only = absl::GetFlag(FLAGS_only);
  const std::string given = absl::GetFlag(FLAGS_directory);
  const fs::path directory = given.empty()
                                 ? fs::temp_directory_path() / absl::StrCat("startup-", getpid())
                                 : fs::path(given);
  fs::create_directories(directory);
  const std::string path = directory / "funding.db";
  bool ok = fs::exists(path) || InChild([&] { return Generate(path); });
  const std::string state_file = directory / "funding.db.state";
  const std::string damaged = directory / "funding.db.damaged";
  ok = ok && (fs::exists(state_file) || InChild([&] { return WriteFile(path, state_file); }));
  for (int i = 0; ok && i < absl::GetFlag(FLAGS_runs); ++i) {
    for (const auto& [start, file] : {std::pair<std::string, std::string>{"log", ""},
                                      {"file", state_file},
                                      {"damaged", damaged}}) {
      if (start == "damaged") ok = ok && InChild([&] { return WriteDamaged(state_file, damaged); });
      if (only.empty() || only == start) {
        ok = ok && InChild([&, &s = start, &f = file] { return Measure(s, path, f); });
      }
    }
  }
  if (given.empty()) fs::remove_all(directory);
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return entente::benchmarks::Run();
}
