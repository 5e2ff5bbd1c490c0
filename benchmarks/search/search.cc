// SPDX-License-Identifier: Apache-2.0
//
// Searches over generated documents, by common/search (SQLite's FTS5) and by Xapian, each in a
// process of its own. One line of JSON for each engine and measure, in processor time:
//
//   search --documents=200000 --queries=1000
//
//   build          how long it takes to take all in, and how much memory
//   and, or        two words: the 50 best, with counts of all; from words of titles as they are
//                  drawn ("any"), and without the hundred most frequent ones ("content")
//   replace        one document is changed, and can be found
//
// and for common/search alone:
//
//   answer         an OR of "content" with its 50 snippets
//   prefix         the first three letters of a word of "content"
//   correct        a word that nothing has, with the nearest one that there is
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
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
#include "benchmarks/search/engine.h"
#include "benchmarks/search/generated.h"
#include "common/search/correct.h"
#include "common/search/index.h"
#include "common/search/snippet.h"

ABSL_FLAG(int, documents, 200'000, "how many documents there are");
ABSL_FLAG(int, queries, 1'000, "how many queries of each sort are asked");
ABSL_FLAG(std::string, only, "", "measure this engine alone: fts5, glass or inmemory");
ABSL_FLAG(std::string, directory, "/dev/shm", "where Xapian's glass keeps its files; a tmpfs");

namespace entente::benchmarks {
namespace {

// The time that this thread has had a processor, in milliseconds, its calls of the system included:
// what the work takes where nothing else wants to run. All of it is done on one thread.
double Now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << "\n";
    _exit(1);
  }
  return *std::move(result);
}
void Must(const absl::Status& status) {
  if (!status.ok()) Must(absl::StatusOr<int>(status));
}

// A document that does not change when the next one is made.
struct Kept {
  search::Document document;
  std::vector<std::string> texts;

  static std::unique_ptr<Kept> Of(const search::Document& document) {
    auto kept = std::make_unique<Kept>();
    kept->document = document;
    for (const search::Value& value : document.values) kept->texts.emplace_back(value.text);
    for (size_t i = 0; i < kept->texts.size(); ++i) {
      kept->document.values[i].text = kept->texts[i];
    }
    return kept;
  }
};

class Fts5Engine final : public Engine {
 public:
  void Add(const search::Document& document) override {
    added_.push_back(Kept::Of(document));
    // As a service does after a start.
    if (added_.size() == 10'000) Commit();
  }
  void Commit() override {
    std::vector<search::Index::Change> changes;
    for (const auto& kept : added_) changes.push_back({nullptr, &kept->document});
    Must(index_->Apply(changes));
    added_.clear();
  }
  void Replace(const search::Document& before, const search::Document& document) override {
    const search::Index::Change change{&before, &document};
    Must(index_->Apply({&change, 1}));
  }
  int64_t Find(const std::string& a, const std::string& b, bool both) override {
    return Find(absl::StrCat(a, both ? " " : " OR ", b)).total;
  }

  search::Found Find(const std::string& text) {
    query_ = Must(search::Parse(text, {}));
    corrections_ = search::Correct(index_->vocabulary(), &query_);
    search::Search search;
    search.query = &query_;
    search.limit = 50;
    return Must(index_->Find(search));
  }
  const search::Query& query() const { return query_; }
  size_t corrections() const { return corrections_.size(); }
  search::Index& index() { return *index_; }

 private:
  std::vector<std::unique_ptr<Kept>> added_;
  std::unique_ptr<search::Index> index_ = Must(search::Index::Create());
  search::Query query_;
  std::vector<search::Correction> corrections_;
};

class Measured {
 public:
  Measured(std::string engine, std::string measure)
      : engine_(std::move(engine)), measure_(std::move(measure)) {}

  void Time(const std::function<int64_t()>& work) {
    const auto begin = Now();
    found_ += work();
    times_.push_back((Now() - begin));
  }
  ~Measured() {
    std::sort(times_.begin(), times_.end());
    const auto at = [&](double share) {
      return times_[static_cast<size_t>(share * static_cast<double>(times_.size() - 1))];
    };
    std::cout << absl::StrFormat(
                     R"({"engine": "%s", "measure": "%s", "p50_ms": %.2f, "p90_ms": %.2f, )"
                     R"("p99_ms": %.2f, "max_ms": %.2f, "mean_found": %d})",
                     engine_, measure_, at(0.5), at(0.9), at(0.99), times_.back(),
                     found_ / static_cast<int64_t>(times_.size()))
              << std::endl;
  }

 private:
  const std::string engine_;
  const std::string measure_;
  std::vector<double> times_;
  int64_t found_ = 0;
};

constexpr size_t kKept = 1'000;

void MeasureCommonSearch(const std::string& name, Fts5Engine* engine, Texts* texts,
                         const std::vector<std::unique_ptr<Kept>>& kept) {
  const int queries = absl::GetFlag(FLAGS_queries);
  {
    Measured measured(name, "answer, or, content");
    for (int i = 0; i < queries; ++i) {
      const auto [a, b] = texts->TwoWords(Texts::kFunctionWords);
      measured.Time([&, &a = a, &b = b] {
        const search::Found found = engine->Find(absl::StrCat(a, " OR ", b));
        // As many texts as there are hits, whichever they are: their lengths are alike.
        size_t matches = 0;
        for (size_t k = 0; k < found.hits.size(); ++k) {
          matches += search::FindMatches(kept[k]->document, engine->query()).size();
        }
        return found.total + (matches > 10'000 ? 1 : 0);
      });
    }
  }
  {
    Measured measured(name, "prefix of three letters");
    for (int i = 0; i < std::min(queries, 200); ++i) {
      const std::string word = texts->TwoWords(Texts::kFunctionWords).first;
      measured.Time([&] { return engine->Find(absl::StrCat(word.substr(0, 3), "*")).total; });
    }
  }
  size_t corrected = 0;
  {
    Measured measured(name, "correct");
    for (int i = 0; i < std::min(queries, 200); ++i) {
      const std::string right = texts->TwoWords(Texts::kFunctionWords).first;
      const std::string word =
          absl::StrCat(right.substr(0, right.size() / 2), "x", right.substr(right.size() / 2));
      measured.Time([&] {
        const int64_t found = engine->Find(word).total;
        corrected += engine->corrections();
        return found;
      });
    }
  }
  std::cout << absl::StrFormat(R"({"engine": "%s", "words": %d, "corrected": %d, "table_mb": %d})",
                               name, engine->index().vocabulary().size(), corrected,
                               engine->index().TableBytes() / 1'000'000)
            << std::endl;
}

void Measure(const std::string& name, Engine* engine, Fts5Engine* fts5) {
  const int documents = absl::GetFlag(FLAGS_documents);
  const int queries = absl::GetFlag(FLAGS_queries);
  Texts texts(1);
  std::vector<std::unique_ptr<Kept>> kept;
  const int64_t before = ResidentBytes();
  const auto begin = Now();
  for (int i = 0; i < documents; ++i) {
    const search::Document& document = texts.Next();
    if (kept.size() < kKept) kept.push_back(Kept::Of(document));
    engine->Add(document);
  }
  engine->Commit();
  std::cout << absl::StrFormat(R"({"engine": "%s", "documents": %d, "build_s": %.1f, )"
                               R"("memory_mb": %d, "files_mb": %d})",
                               name, documents, (Now() - begin) / 1000,
                               (ResidentBytes() - before) / 1'000'000,
                               engine->FileBytes() / 1'000'000)
            << std::endl;
  for (const auto& [words, least] : {std::pair("content", Texts::kFunctionWords), {"any", 0}}) {
    for (const bool both : {true, false}) {
      std::vector<std::pair<std::string, std::string>> asked;
      for (int i = 0; i < queries; ++i) {
        asked.push_back(texts.TwoWords(least));
      }
      for (int i = 0; i < 10; ++i) engine->Find(asked[0].first, asked[0].second, both);
      Measured measured(name, absl::StrCat(both ? "and, " : "or, ", words));
      for (const auto& [a, b] : asked) {
        measured.Time([&, &a = a, &b = b] { return engine->Find(a, b, both); });
      }
    }
  }
  if (fts5 != nullptr) MeasureCommonSearch(name, fts5, &texts, kept);
  Measured measured(name, "replace");
  for (size_t i = 0; i + 1 < kept.size() && i < 500; ++i) {
    auto next = Kept::Of(kept[i + 1]->document);
    next->document.name = kept[i]->document.name;
    measured.Time([&] {
      engine->Replace(kept[i]->document, next->document);
      return 0;
    });
  }
}

bool InChild(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int Run() {
  const std::string only = absl::GetFlag(FLAGS_only);
  bool ok = true;
  const auto wanted = [&](const char* name) { return only.empty() || only == name; };
  if (wanted("fts5")) {
    ok = InChild([] {
           Fts5Engine engine;
           Measure("fts5", &engine, &engine);
         }) &&
         ok;
  }
  if (wanted("glass")) {
    const std::string directory =
        absl::StrCat(absl::GetFlag(FLAGS_directory), "/entente-search-", getpid());
    ok = InChild([&] { Measure("glass", MakeXapian(directory).get(), nullptr); }) && ok;
    std::filesystem::remove_all(directory);
  }
  if (wanted("inmemory")) {
    ok = InChild([] { Measure("inmemory", MakeXapian("").get(), nullptr); }) && ok;
  }
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return entente::benchmarks::Run();
}
