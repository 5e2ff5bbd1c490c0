// SPDX-License-Identifier: Apache-2.0
//
// How long roll-ups take over generated claims (generated.h), query by query. One line of JSON each:
//
//   rollup --claims=10000000 --threads=1,2 --export=DIR
//
// Each query is asked twice: of the rows, without cubes (services/funding/query/cube.h), as "scan";
// and of the cubes, where they serve it, as "cubes". "ms" is the median of the time from a parsed
// request to its sums in columns, ordered and cut to the top ones if that is asked for: what other
// systems hand out as well (peers.py). "answer_ms" is to the messages that are sent. "sum", "count"
// and "hash" are those of peers.py.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "benchmarks/rollup/generated.h"
#include "benchmarks/rollup/queries.h"
#include "common/parallel/parallel.h"
#include "google/protobuf/text_format.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/plan.h"

ABSL_FLAG(int64_t, claims, 10'000'000, "how many claims to generate");
ABSL_FLAG(std::vector<std::string>, threads, (std::vector<std::string>{"1", "2"}),
          "on how many processors, one after the other");
ABSL_FLAG(int, repeat, 9, "of how many runs the median is taken");
ABSL_FLAG(std::string, mixes, "flat,mixed,currencies", "which claims: flat, mixed, currencies");
ABSL_FLAG(std::string, queries, "a,b,c,d,e,g", "which queries");
ABSL_FLAG(std::string, export, "", "a directory to write the flat claims to, for peers.py");

namespace entente::benchmarks {
namespace {

using namespace funding::query;  // NOLINT: this program is about nothing else
namespace v1 = funding::v1;

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double MedianOf(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// A value as the number that it was generated from.
std::string NumberOf(const std::string& value) {
  if (absl::StartsWith(value, "CLAIM_STAGE_")) {
    for (const auto& [stage, number] :
         {std::pair("DISBURSED", 0), std::pair("COMMITTED", 1), std::pair("EXPENDED", 2),
          std::pair("PLANNED", 3), std::pair("PLEDGED", 4)}) {
      if (absl::EndsWith(value, stage)) return absl::StrCat(number);
    }
  }
  const size_t slash = value.find('/');
  return slash == std::string::npos ? value : value.substr(slash + 2);
}

std::string Int128(__int128 value) {
  std::string digits;
  const bool negative = value < 0;
  if (negative) value = -value;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  return negative ? "-" + digits : digits;
}

struct Checksum {
  size_t rows = 0;
  std::string sum;
  int64_t count = 0;
  std::string hash;
};

// Of an answer in which every sum is exact and in hundredths.
Checksum ChecksumOf(const Answer& answer) {
  std::vector<std::string> lines;
  __int128 total = 0;
  Checksum checksum;
  for (const auto& message : answer.messages) {
    for (const v1::FundingRow& row : message->rows()) {
    if (row.kind() != v1::FUNDING_ROW_KIND_GROUP) continue;
    std::vector<std::string> keys;
    for (const auto& value : row.values()) keys.push_back(NumberOf(value.value()));
    for (const v1::MoneySum& sum : row.sums()) {
      const auto stated = figure::Decimal::Parse(sum.stated());
      __int128 units = static_cast<__int128>(stated->coefficient());
      for (int scale = stated->scale(); scale < 2; ++scale) units *= 10;
      total += units;
      checksum.count += sum.claims();
      lines.push_back(
          absl::StrCat(absl::StrJoin(keys, ","), ":", Int128(units), ":", sum.claims(), "\n"));
    }
    }
  }
  std::sort(lines.begin(), lines.end());
  uint64_t hash = 0xcbf29ce484222325;
  for (const std::string& line : lines) {
    for (const char c : line) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  checksum.rows = lines.size();
  checksum.sum = Int128(total);
  checksum.hash = absl::StrFormat("%016x", hash);
  return checksum;
}

int Measure(const char* mix, const Generated& generated, const Query& query, size_t threads,
            Paths::Cubes cubes) {
  v1::QueryFundingRequest request;
  if (!google::protobuf::TextFormat::ParseFromString(query.text, &request)) return 1;
  Parallel parallel(threads);
  Taken taken;
  Paths paths;
  paths.cubes = cubes;
  paths.taken = &taken;
  const auto repeat = static_cast<size_t>(absl::GetFlag(FLAGS_repeat));
  double first = 0;
  std::vector<double> times;
  std::vector<double> answer_times;
  Checksum checksum;
  // The first runs make what is kept for later queries.
  constexpr size_t kWarm = 2;
  constexpr size_t kAnswers = 5;
  for (size_t i = 0; i < repeat + kWarm; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto plan = MakePlan(request, "");
    const auto resources =
        std::make_shared<const Resources>(&parallel, size_t{4} << 30, nullptr, paths);
    const auto evaluation = Evaluation::Of(*plan, generated.sources, resources);
    const auto summed = std::chrono::steady_clock::now();
    if (i == 0) first = Milliseconds(summed - begin);
    if (!evaluation.ok()) {
      std::cerr << query.name << ": " << evaluation.status() << "\n";
      return 1;
    }
    // Answers of many rows take so much longer that a few of them have to do.
    if (i >= kWarm + kAnswers && checksum.rows > 1000) {
      times.push_back(Milliseconds(summed - begin));
      continue;
    }
    auto answer = MakeAnswer(**evaluation, nullptr);
    if (!answer.ok()) {
      std::cerr << query.name << ": " << answer.status() << "\n";
      return 1;
    }
    const auto end = std::chrono::steady_clock::now();
    if (i == 0) checksum = ChecksumOf(*answer);
    if (i < kWarm) continue;
    times.push_back(Milliseconds((plan->top > 0 ? end : summed) - begin));
    answer_times.push_back(Milliseconds(end - begin));
  }
  // No cube serves it.
  if (cubes != Paths::Cubes::kNever && taken.cube == 0) return 0;
  std::cout << absl::StrFormat(
                   R"({"engine": "entente", "from": "%s", "mix": "%s", "threads": %d, )"
                   R"("query": "%s", "first_ms": %.3f, )"
                   R"("ms": %.3f, "min_ms": %.3f, "answer_ms": %.3f, "rows": %d, "sum": "%s", )"
                   R"("count": %d, "hash": "%s"})",
                   cubes == Paths::Cubes::kNever ? "scan" : "cubes", mix, threads, query.name,
                   first, MedianOf(times),
                   *std::min_element(times.begin(), times.end()), MedianOf(answer_times),
                   checksum.rows, checksum.sum, checksum.count, checksum.hash)
            << std::endl;
  return 0;
}

int Run() {
  const auto claims = static_cast<size_t>(absl::GetFlag(FLAGS_claims));
  const std::vector<std::string> wanted = absl::StrSplit(absl::GetFlag(FLAGS_queries), ',');
  for (const auto& [name, mix] : {std::pair("flat", Mix::kFlat), std::pair("mixed", Mix::kMixed),
                                  std::pair("currencies", Mix::kCurrencies)}) {
    const std::vector<std::string> mixes = absl::StrSplit(absl::GetFlag(FLAGS_mixes), ',');
    if (std::find(mixes.begin(), mixes.end(), name) == mixes.end()) continue;
    const auto begin = std::chrono::steady_clock::now();
    Generated generated = Generate(mix, claims);
    std::cerr << absl::StrFormat("%s: %d claims made in %.1f s, %.1f bytes each\n", name, claims,
                                 Milliseconds(std::chrono::steady_clock::now() - begin) / 1000,
                                 static_cast<double>(generated.bytes) / static_cast<double>(claims));
    if (const std::string directory = absl::GetFlag(FLAGS_export);
        mix == Mix::kFlat && !directory.empty()) {
      const absl::Status written = generated.arrays.WriteTo(directory);
      std::ofstream queries(directory + "/queries.json");
      queries << "{\"e_country\": " << kOneCountry << ", \"c_sectors\": [0, 1, 2, 3, 4]}\n";
      if (!written.ok() || !queries.good()) {
        std::cerr << written << "\n";
        return 1;
      }
    }
    generated.arrays = Arrays();
    for (const std::string& threads : absl::GetFlag(FLAGS_threads)) {
      for (const Query& query : kQueries) {
        if (std::find(wanted.begin(), wanted.end(), query.name) == wanted.end()) continue;
        // Only where there are currencies is there something to convert, or to keep apart.
        if ((mix == Mix::kCurrencies) != query.converts) continue;
        for (const Paths::Cubes cubes : {Paths::Cubes::kNever, Paths::Cubes::kAny}) {
          if (Measure(name, generated, query, std::stoul(threads), cubes) != 0) return 1;
        }
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return entente::benchmarks::Run();
}
