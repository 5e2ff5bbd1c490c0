// SPDX-License-Identifier: Apache-2.0
//
// How much a writer slows queries down: a store with a log in SQLite, a thread that writes claims at
// an even pace, each a revision of its own, and queries one after the other at the newest revision.
//
//   rollup_writer --claims=1000000 --pace=1000
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_format.h"
#include "benchmarks/rollup/generated.h"
#include "benchmarks/rollup/queries.h"
#include "common/clock/clock.h"
#include "common/log/sqlite_log.h"
#include "common/parallel/parallel.h"
#include "common/resource/store.h"
#include "google/protobuf/text_format.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/plan.h"
#include "services/funding/query/snapshots.h"

ABSL_FLAG(int64_t, claims, 1'000'000, "how many claims there are to begin with");
ABSL_FLAG(int, pace, 1000, "how many claims are written in a second");
ABSL_FLAG(int, rounds, 5, "how often each query is measured, without and with the writer in turn");
ABSL_FLAG(int, asked, 100, "how often a query is asked in a round");

namespace entente::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

// Writes until it is destroyed.
class Writer {
 public:
  Writer(resource::Store* store, FlatClaims* claims) {
    thread_ = std::thread([this, store, claims] {
      const auto begin = Clock::now();
      const auto between = std::chrono::nanoseconds(1'000'000'000 / absl::GetFlag(FLAGS_pace));
      while (!done_) {
        const log::Change change = claims->Next();
        store->Submit({.plan = [change](const resource::State&)
                           -> absl::StatusOr<std::vector<log::Change>> { return {{change}}; },
                       .done = [](const absl::StatusOr<resource::Written>&) {}});
        std::this_thread::sleep_until(begin + ++written_ * between);
      }
    });
  }
  ~Writer() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  int64_t written_ = 0;
  std::thread thread_;
};

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Run() {
  const auto directory = std::filesystem::temp_directory_path() / "entente-rollup-writer";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  auto log = log::SqliteLog::Open(directory / "log.db", {});
  if (!log.ok()) {
    std::cerr << log.status() << "\n";
    return 1;
  }
  resource::Store store(*std::move(log), &FundingTypes(), {});
  if (!store.Load().ok()) return 1;
  FlatClaims claims;
  const auto count = static_cast<size_t>(absl::GetFlag(FLAGS_claims));
  for (size_t made = 0; made < count;) {
    std::vector<log::Change> changes;
    for (; made < count && changes.size() < 50'000; ++made) changes.push_back(claims.Next());
    std::atomic<bool> done{false};
    store.Submit({.plan = [&](const resource::State&) -> absl::StatusOr<std::vector<log::Change>> {
                    return changes;
                  },
                  .done = [&](const absl::StatusOr<resource::Written>&) { done = true; }});
    while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto catalogue = Catalogue();
  funding::query::Snapshots snapshots(&store);
  Parallel parallel(0);
  for (const Query& query : kQueries) {
    if (query.converts) continue;
    funding::v1::QueryFundingRequest request;
    if (!google::protobuf::TextFormat::ParseFromString(query.text, &request)) return 1;
    const auto ask = [&] {
      const auto begin = Clock::now();
      const auto plan = funding::query::MakePlan(request, "");
      const auto state = store.Current();
      funding::query::Sources sources{snapshots.Of(state), catalogue, nullptr};
      const auto resources = std::make_shared<const funding::query::Resources>(
          &parallel, funding::query::kDefaultQueryMemory, nullptr);
      const auto evaluation = funding::query::Evaluation::Of(*plan, std::move(sources), resources);
      if (!evaluation.ok()) std::cerr << evaluation.status() << "\n";
      return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    };
    const auto round = [&] {
      std::vector<double> times;
      for (int i = 0; i < absl::GetFlag(FLAGS_asked); ++i) times.push_back(ask());
      return MedianOf(times);
    };
    round();
    std::vector<double> quiet;
    std::vector<double> written;
    std::vector<double> ratios;
    for (int i = 0; i < absl::GetFlag(FLAGS_rounds); ++i) {
      quiet.push_back(round());
      const Writer writer(&store, &claims);
      written.push_back(round());
      ratios.push_back(written.back() / quiet.back());
    }
    std::cout << absl::StrFormat(
                     R"({"benchmark": "writer", "query": "%s", "ms": %.3f, "written_ms": %.3f, )"
                     R"("ratio": %.3f})",
                     query.name, MedianOf(quiet), MedianOf(written), MedianOf(ratios))
              << std::endl;
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return entente::benchmarks::Run();
}
