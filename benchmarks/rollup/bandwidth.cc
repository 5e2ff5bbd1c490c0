// SPDX-License-Identifier: Apache-2.0
//
// The limit of the roll-up benchmark: how long it takes to read what a query has to read, once, and
// to do nothing with it but add up 64-bit words. No engine that looks at all of its columns' bytes
// is faster.
//
//     g++ -std=c++20 -O3 -march=native -pthread benchmarks/rollup/bandwidth.cc -o bandwidth
//     ./bandwidth DIR [--repeat N] [--every-variant]
//
// DIR is the directory of column files that peers.py reads as well (see there for the queries):
//
//     a   year, amount                      d   initiative, amount
//     b   year, stage, country, amount
//     c   sector, and of funder and amount what is needed for the rows that are kept
//     e   country, and of amount the same
//
// The latter is measured in two ways: as the cache lines of 64 bytes that hold a row that is kept
// (which they are is known before the clock runs), and as whole columns, which is faster where
// nearly all of the lines are touched: what is contiguous is fetched ahead. The faster one is the
// limit, and is printed: a line of JSON per query and number of threads, like those of peers.py.
// What fits into a cache stays there from one reading to the next, as it does for an engine that is
// asked the same again.

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr size_t kLine = 64;
constexpr size_t kWordsOfLine = kLine / sizeof(uint64_t);
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kMaxThreads = 2;
// Other work on the machine slows it down for seconds, so each reading has its turn several times.
constexpr int kRounds = 5;

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "bandwidth: %s\n", message.c_str());
  std::exit(1);
}

// A column, padded with zeros to whole lines, in huge pages where the system has them: the walk of
// page tables is no part of the limit.
struct Column {
  size_t width = 0;
  size_t rows = 0;
  std::unique_ptr<char, void (*)(void*)> data{nullptr, std::free};

  size_t lines() const { return (rows * width + kLine - 1) / kLine; }

  template <typename T>
  const T* As() const {
    return reinterpret_cast<const T*>(data.get());
  }
};

Column Load(const std::string& directory, const std::string& name, size_t width) {
  const std::string path = directory + "/" + name + ".bin";
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) Die("cannot read " + path);
  const size_t size = static_cast<size_t>(file.tellg());
  if (size == 0 || size % width != 0) Die(path + " is no array of " + std::to_string(width));
  const size_t room = (size + kHugePage - 1) / kHugePage * kHugePage;
  Column column;
  column.width = width;
  column.rows = size / width;
  column.data.reset(static_cast<char*>(std::aligned_alloc(kHugePage, room)));
  if (column.data == nullptr) Die("no memory");
  madvise(column.data.get(), room, MADV_HUGEPAGE);
  std::memset(column.data.get(), 0, room);
  file.seekg(0);
  if (!file.read(column.data.get(), static_cast<std::streamsize>(size))) Die("cannot read " + path);
  return column;
}

// The numbers after `"key":` in `text`, one or a list of them; `otherwise` if there is no such key.
// (It reads {"e_country": 90, "c_sectors": [0, 1]} and no more of JSON than that.)
std::vector<int64_t> Numbers(const std::string& text, const std::string& key,
                             std::vector<int64_t> otherwise) {
  const size_t found = text.find('"' + key + '"');
  if (found == std::string::npos) return otherwise;
  std::vector<int64_t> numbers;
  size_t at = text.find_first_not_of(" \t\r\n:[", found + key.size() + 2);
  while (at != std::string::npos && text[at] >= '0' && text[at] <= '9') {
    char* end = nullptr;
    numbers.push_back(std::strtoll(text.c_str() + at, &end, 10));
    at = text.find_first_not_of(" \t\r\n,", static_cast<size_t>(end - text.c_str()));
  }
  return numbers;
}

// Consecutive lines.
struct Run {
  const uint64_t* words = nullptr;
  size_t lines = 0;
};

// What a query reads: for each thread, its share of the lines of each column.
struct Reading {
  std::vector<std::vector<Run>> shares;
  size_t lines = 0;
};

// Adds `lines` of `column`, which are sorted, an equal share of them for each thread.
void Add(const Column& column, const std::vector<uint32_t>& lines, Reading& reading) {
  const size_t threads = reading.shares.size();
  for (size_t thread = 0; thread < threads; ++thread) {
    size_t at = lines.size() * thread / threads;
    const size_t end = lines.size() * (thread + 1) / threads;
    while (at < end) {
      size_t after = at + 1;
      while (after < end && lines[after] == lines[after - 1] + 1) ++after;
      reading.shares[thread].push_back(
          {column.As<uint64_t>() + lines[at] * kWordsOfLine, after - at});
      at = after;
    }
  }
  reading.lines += lines.size();
}

std::vector<uint32_t> AllLines(const Column& column) {
  std::vector<uint32_t> lines(column.lines());
  for (size_t i = 0; i < lines.size(); ++i) lines[i] = static_cast<uint32_t>(i);
  return lines;
}

// The lines of `column` that hold one of `rows`, which are sorted.
std::vector<uint32_t> LinesOf(const Column& column, const std::vector<uint32_t>& rows) {
  std::vector<uint32_t> lines;
  for (const uint32_t row : rows) {
    const uint32_t line = static_cast<uint32_t>(row * column.width / kLine);
    if (lines.empty() || lines.back() != line) lines.push_back(line);
  }
  return lines;
}

template <typename T>
std::vector<uint32_t> RowsWith(const Column& column, const std::vector<int64_t>& values) {
  std::vector<uint32_t> rows;
  for (size_t row = 0; row < column.rows; ++row) {
    if (std::find(values.begin(), values.end(), column.As<T>()[row]) != values.end()) {
      rows.push_back(static_cast<uint32_t>(row));
    }
  }
  return rows;
}

uint64_t Sum(const std::vector<Run>& runs) {
  uint64_t sums[kWordsOfLine] = {};
  for (const Run& run : runs) {
    const uint64_t* const end = run.words + run.lines * kWordsOfLine;
    for (const uint64_t* words = run.words; words != end; words += kWordsOfLine) {
      for (size_t i = 0; i < kWordsOfLine; ++i) sums[i] += words[i];
    }
  }
  uint64_t sum = 0;
  for (const uint64_t each : sums) sum += each;
  return sum;
}

// What the threads found is stored here, so that they have to look for it.
struct alignas(2 * kLine) Sink {
  volatile uint64_t sum = 0;
};
Sink sinks[kMaxThreads];

// Appends the times in milliseconds of `repeat` readings, after one that does not count. The
// threads are there before the clock starts, and wait by spinning: to wake one up takes as long as
// to read a megabyte.
void Measure(const Reading& reading, int repeat, std::vector<double>& times) {
  const size_t threads = reading.shares.size();
  std::atomic<int> round{0};
  std::atomic<size_t> finished{0};
  std::vector<std::thread> others;
  for (size_t thread = 1; thread < threads; ++thread) {
    others.emplace_back([&, thread] {
      for (int next = 1; next <= repeat + 1; ++next) {
        while (round.load(std::memory_order_acquire) < next) {
        }
        sinks[thread].sum = Sum(reading.shares[thread]);
        finished.fetch_add(1, std::memory_order_release);
      }
    });
  }
  for (int next = 1; next <= repeat + 1; ++next) {
    finished.store(0, std::memory_order_relaxed);
    const auto start = std::chrono::steady_clock::now();
    round.store(next, std::memory_order_release);
    sinks[0].sum = Sum(reading.shares[0]);
    while (finished.load(std::memory_order_acquire) + 1 < threads) {
    }
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    if (next > 1) times.push_back(time.count());
  }
  for (std::thread& other : others) other.join();
}

// A column, and which of its lines are read.
using Part = std::pair<const Column*, std::vector<uint32_t>>;

struct Variant {
  const char* query;
  const char* name;
  std::vector<Part> parts;
};

// A variant with a number of threads.
struct Trial {
  const Variant* variant = nullptr;
  Reading reading;
  std::vector<double> times;

  double median() const { return times[times.size() / 2]; }
};

void Print(const Trial& trial) {
  const size_t bytes = trial.reading.lines * kLine;
  std::printf(
      "{\"peer\": \"bandwidth\", \"threads\": %zu, \"query\": \"%s\", \"ms\": %.3f, "
      "\"min_ms\": %.3f, \"bytes\": %zu, \"gb_per_s\": %.1f, \"variant\": \"%s\"}\n",
      trial.reading.shares.size(), trial.variant->query, trial.median(), trial.times.front(), bytes,
      static_cast<double>(bytes) / trial.median() / 1e6, trial.variant->name);
}

}  // namespace

int main(int argc, char** argv) {
  std::string directory;
  int repeat = 5;
  bool every_variant = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--every-variant") {
      every_variant = true;
    } else if (argument == "--repeat" && i + 1 < argc) {
      repeat = std::atoi(argv[++i]);
    } else {
      directory = argument;
    }
  }
  if (directory.empty() || directory[0] == '-' || repeat < 1) {
    Die("usage: bandwidth DIR [--repeat N] [--every-variant]");
  }

  const Column year = Load(directory, "year", 2);
  const Column stage = Load(directory, "stage", 1);
  const Column country = Load(directory, "country", 1);
  const Column sector = Load(directory, "sector", 2);
  const Column funder = Load(directory, "funder", 2);
  const Column initiative = Load(directory, "initiative", 4);
  const Column amount = Load(directory, "amount", 8);
  for (const Column* column : {&stage, &country, &sector, &funder, &initiative, &amount}) {
    if (column->rows != year.rows) Die("the columns have different numbers of rows");
  }
  std::ifstream file(directory + "/queries.json");
  const std::string queries{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::vector<uint32_t> in_sectors =
      RowsWith<uint16_t>(sector, Numbers(queries, "c_sectors", {0, 1, 2, 3, 4}));
  const std::vector<uint32_t> in_country =
      RowsWith<uint8_t>(country, Numbers(queries, "e_country", {90}));

  const auto all = [](const Column& column) { return Part{&column, AllLines(column)}; };
  const auto touched = [](const Column& column, const std::vector<uint32_t>& rows) {
    return Part{&column, LinesOf(column, rows)};
  };
  const char* const whole = "whole columns";
  const char* const lines = "touched lines";
  const std::vector<Variant> variants = {
      {"a", whole, {all(year), all(amount)}},
      {"b", whole, {all(year), all(stage), all(country), all(amount)}},
      {"c", whole, {all(sector), all(funder), all(amount)}},
      {"c", lines, {all(sector), touched(funder, in_sectors), touched(amount, in_sectors)}},
      {"d", whole, {all(initiative), all(amount)}},
      {"e", whole, {all(country), all(amount)}},
      {"e", lines, {all(country), touched(amount, in_country)}},
  };
  std::vector<Trial> trials;
  for (size_t threads = 1; threads <= kMaxThreads; ++threads) {
    for (const Variant& variant : variants) {
      Trial& trial = trials.emplace_back();
      trial.variant = &variant;
      trial.reading.shares.resize(threads);
      for (const auto& [column, which] : variant.parts) Add(*column, which, trial.reading);
    }
  }
  for (int round = 0; round < kRounds; ++round) {
    for (Trial& trial : trials) Measure(trial.reading, repeat, trial.times);
  }
  for (Trial& trial : trials) std::sort(trial.times.begin(), trial.times.end());
  for (const Trial& trial : trials) {
    const bool fastest = std::none_of(trials.begin(), trials.end(), [&](const Trial& other) {
      return std::string_view(other.variant->query) == trial.variant->query &&
             other.reading.shares.size() == trial.reading.shares.size() &&
             other.median() < trial.median();
    });
    if (fastest || every_variant) Print(trial);
  }
}
