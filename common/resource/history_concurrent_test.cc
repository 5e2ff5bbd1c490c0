// SPDX-License-Identifier: Apache-2.0
//
// Writers, readers of the past, comparisons and watches at once, over several lives of a store on a
// real database, against an oracle that replays its log when all is over: plain maps, and nothing
// of what the store is made of. What is erased later is forgotten by the oracle, and left out of
// account where it was seen before.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/log/sqlite_log.h"
#include "common/log/sqlite_test_util.h"
#include "common/resource/methods.h"
#include "common/resource/revisions.h"
#include "common/resource/store_test_util.h"
#include "common/resource/watch_test_util.h"

namespace entente::resource {
namespace {

using catalogue::v1::Place;
using log::ChangeKind;

constexpr size_t kRetained = 60;
constexpr int kLives = 3;
constexpr int kWriters = 3;
constexpr int kWrites = 70;  // Of each writer in a life.
constexpr int kPlaces = 25;
constexpr char kSelected[] = "red";

// What a resource says in a few words, with the revision that it was last changed in: "" if it is
// not there.
using Contents = std::map<std::string, std::string>;

std::string InShort(const std::string& title, const std::string& detail, int64_t revision) {
  return absl::StrCat(title, "/", detail, "@", revision);
}

struct OracleEntry {
  std::string title;
  std::string detail;
  int64_t revision = 0;
  bool deleted = false;
};

// Every revision of a log.
class Oracle {
 public:
  explicit Oracle(log::Log* log) {
    states_.emplace_back();
    reasons_.emplace_back();
    changed_.emplace_back();
    const absl::Status read =
        log->Read(0, log::kAllRevisions, [&](const log::Revision& revision) -> absl::Status {
          auto state = states_.back();
          changed_.emplace_back();
          for (const log::Change& change : revision.changes) {
            Place place;
            EXPECT_TRUE(place.ParseFromString(change.body));
            state[change.name] = {
                place.title().text(), place.title().language_code(), revision.number,
                change.kind == ChangeKind::kDelete || change.kind == ChangeKind::kErase};
            changed_.back().insert(change.name);
            if (change.kind == ChangeKind::kErase) erased_.insert(change.name);
          }
          states_.push_back(std::move(state));
          type::v1::ChangeReason reason;
          EXPECT_TRUE(reason.ParseFromString(revision.reason));
          reasons_.push_back(reason.note());
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
  }

  int64_t head() const { return static_cast<int64_t>(states_.size()) - 1; }
  bool IsErased(const std::string& name) const { return erased_.count(name) > 0; }
  const std::map<std::string, OracleEntry>& At(int64_t revision) const {
    return states_.at(static_cast<size_t>(revision));
  }
  const std::string& ReasonOf(int64_t revision) const {
    return reasons_.at(static_cast<size_t>(revision));
  }
  const std::set<std::string>& ChangedIn(int64_t revision) const {
    return changed_.at(static_cast<size_t>(revision));
  }

  // All that is not erased by now and is there at a revision; with `title`, of what has it.
  Contents ContentsAt(int64_t revision, const std::string& title = "") const {
    Contents contents;
    for (const auto& [name, entry] : At(revision)) {
      if (entry.deleted || IsErased(name) || (!title.empty() && entry.title != title)) continue;
      contents[name] = InShort(entry.title, entry.detail, entry.revision);
    }
    return contents;
  }
  Contents WithoutErased(Contents contents) const {
    for (const std::string& name : erased_) contents.erase(name);
    return contents;
  }

 private:
  std::vector<std::map<std::string, OracleEntry>> states_;  // By revision.
  std::vector<std::string> reasons_;
  std::vector<std::set<std::string>> changed_;
  std::set<std::string> erased_;
};

std::string InShort(const Entry& entry) {
  const auto& place = entry.As<Place>();
  return InShort(place.title().text(), place.title().language_code(), entry.revision);
}

const ResourceType& PlaceType() { return *TestTypes().FindByDescriptor(Place::descriptor()); }

Contents ContentsOf(const State& state) {
  Contents contents;
  state.Scan(PlaceType(), "", [&](const Entry& entry) {
    if (!entry.deleted) contents[std::string(entry.name)] = InShort(entry);
    return true;
  });
  return contents;
}

// What was seen while it went on.
struct Seen {
  std::mutex mutex;
  std::vector<std::pair<int64_t, Contents>> states;   // At a revision.
  std::vector<std::pair<absl::Time, int64_t>> times;  // As of a time.
  std::vector<type::v1::CompareRevisionsResponse> comparisons;
  std::vector<std::pair<std::string, std::vector<type::v1::Revision>>> lists;  // Of a resource.
  std::vector<std::pair<int64_t, Contents>> watched;   // All, after a revision.
  std::vector<std::pair<int64_t, Contents>> selected;  // What is selected.
};

Write RandomWrite(uint32_t seed) {
  Write write;
  type::v1::ChangeReason reason;
  reason.set_note(absl::StrCat("because ", seed));
  write.reason = reason.SerializeAsString();
  write.plan = [seed](const State& state) -> absl::StatusOr<std::vector<log::Change>> {
    std::mt19937 random(seed);
    std::map<std::string, log::Change> changes;
    for (uint32_t n = 1 + random() % 3; n > 0; --n) {
      const std::string name = absl::StrCat("places/p", random() % kPlaces);
      const Entry* entry = state.Find(name);
      const bool erased = entry != nullptr && IsErased(*entry);
      const uint32_t kind = random() % 20;
      if (entry != nullptr && kind == 0 && random() % 3 == 0) {
        changes[name] = {name, ChangeKind::kErase, ""};
      } else if (entry != nullptr && kind < 5) {
        if (erased || entry->deleted) continue;
        changes[name] = {name, ChangeKind::kDelete, entry->stored->SerializeAsString()};
      } else if (!erased) {
        static const char* const kTitles[] = {"red", "blue", "green"};
        Place place;
        place.set_name(name);
        place.mutable_title()->set_text(kTitles[random() % 3]);
        place.mutable_title()->set_language_code(absl::StrCat(random() % 1000));
        if (entry != nullptr) *place.mutable_create_time() = entry->As<Place>().create_time();
        changes[name] = {name, ChangeKind::kPut, place.SerializeAsString()};
      }
    }
    if (changes.empty()) changes["places/x"] = PutPlace("places/x", "green");
    std::vector<log::Change> list;
    for (const auto& [name, change] : changes) list.push_back(change);
    return list;
  };
  return write;
}

// A watch over several lives: what it has been told, and where it resumes.
struct Watcher {
  std::vector<Selection> selections;
  std::string token;
  Contents contents;
  int64_t revision = 0;
};

// Watches until `done` and everything is told.
void Watch(WatchHub* hub, const Store* store, const std::atomic<bool>* done, Watcher* watcher,
           std::vector<std::pair<int64_t, Contents>>* seen) {
  auto sink = std::make_shared<RecordingSink>();
  const auto id = hub->Start({.selections = watcher->selections,
                              .resume_token = watcher->token,
                              .include_current = watcher->token.empty(),
                              .checkpoint_interval = kMinCheckpointInterval},
                             sink);
  ASSERT_TRUE(id.ok()) << id.status();
  for (size_t n = 1;; ++n) {
    const bool last = *done;
    const int64_t head = store->Current()->revision();
    if (last && watcher->revision >= head) break;
    const auto step = sink->Await(n);
    ASSERT_TRUE(step.has_value()) << sink->AwaitClose();
    for (const Entry& entry : step->resources) {
      if (entry.deleted) {
        watcher->contents.erase(std::string(entry.name));
      } else {
        watcher->contents[std::string(entry.name)] = InShort(entry);
      }
    }
    for (const std::string& name : step->left) {
      EXPECT_FALSE(watcher->selections.empty());
      watcher->contents.erase(name);
    }
    if (!step->resume_token.empty()) {
      EXPECT_GE(step->revision, watcher->revision);
      watcher->token = step->resume_token;
      watcher->revision = step->revision;
      seen->emplace_back(step->revision, watcher->contents);
    }
    hub->Ready(*id);
  }
  hub->Cancel(*id);
}

void Read(const Store& store, const std::atomic<bool>& done, uint32_t seed, Seen* seen) {
  std::mt19937 random(seed);
  while (!done && !testing::Test::HasFailure()) {
    const int64_t head = store.Current()->revision();
    const int64_t revision =
        head == 0 ? 0 : std::max<int64_t>(1, head - static_cast<int64_t>(random() % 40));
    const auto state = store.At(revision);
    // Writers may have gone on.
    if (!state.ok()) {
      ASSERT_LT(revision, store.OldestReadable()) << state.status();
      continue;
    }
    const absl::Time time = (*state)->commit_time();
    const Contents contents = ContentsOf(**state);
    std::optional<int64_t> at_time;
    if ((*state)->revision() > 0) {
      const auto as_of = store.At(AsOf{0, time + absl::Nanoseconds(random() % 1000)});
      if (as_of.ok()) at_time = (*as_of)->revision();
    }
    type::v1::CompareRevisionsRequest compare;
    compare.set_from_revision(std::max<int64_t>(1, revision - static_cast<int64_t>(random() % 15)));
    compare.set_to_revision(revision);
    compare.set_page_size(1000);
    type::v1::CompareRevisionsResponse compared;
    const bool has_compared = revision > 0 && CompareRevisions(store, compare, &compared).ok();
    type::v1::ListRevisionsRequest list;
    list.set_resource(absl::StrCat("places/p", random() % kPlaces));
    list.set_page_size(1000);
    type::v1::ListRevisionsResponse listed;
    const bool has_listed = ListRevisions(store, list, &listed).ok();
    std::lock_guard<std::mutex> lock(seen->mutex);
    seen->states.emplace_back((*state)->revision(), contents);
    if (at_time.has_value()) seen->times.emplace_back(time, *at_time);
    if (has_compared) seen->comparisons.push_back(compared);
    if (has_listed) {
      seen->lists.emplace_back(
          list.resource(),
          std::vector<type::v1::Revision>(listed.revisions().begin(), listed.revisions().end()));
    }
  }
}

void CheckComparison(const Oracle& oracle, const type::v1::CompareRevisionsResponse& compared) {
  const auto before = oracle.ContentsAt(compared.from_revision());
  const auto after = oracle.ContentsAt(compared.to_revision());
  std::map<std::string, type::v1::DifferenceKind> expected;
  const auto& old_entries = oracle.At(compared.from_revision());
  for (const auto& [name, entry] : oracle.At(compared.to_revision())) {
    const bool was = before.count(name) > 0;
    const bool is = after.count(name) > 0;
    if (was && !is) expected[name] = type::v1::DIFFERENCE_KIND_REMOVED;
    if (!was && is) expected[name] = type::v1::DIFFERENCE_KIND_ADDED;
    if (was && is &&
        (old_entries.at(name).title != entry.title ||
         old_entries.at(name).detail != entry.detail)) {
      expected[name] = type::v1::DIFFERENCE_KIND_CHANGED;
    }
  }
  std::map<std::string, type::v1::DifferenceKind> found;
  for (const auto& difference : compared.differences()) {
    if (oracle.IsErased(difference.resource())) continue;
    found[difference.resource()] = difference.kind();
    if (difference.kind() != type::v1::DIFFERENCE_KIND_CHANGED) continue;
    const OracleEntry& old_entry = old_entries.at(difference.resource());
    const OracleEntry& new_entry = oracle.At(compared.to_revision()).at(difference.resource());
    std::map<std::string, std::pair<std::string, std::string>> fields;
    for (const auto& field : difference.fields()) {
      fields[field.path()] = {field.before().string_value(), field.after().string_value()};
    }
    std::map<std::string, std::pair<std::string, std::string>> expected_fields;
    if (old_entry.title != new_entry.title) {
      expected_fields["title.text"] = {old_entry.title, new_entry.title};
    }
    if (old_entry.detail != new_entry.detail) {
      expected_fields["title.language_code"] = {old_entry.detail, new_entry.detail};
    }
    EXPECT_EQ(fields, expected_fields) << difference.DebugString();
    EXPECT_EQ(difference.revision(), new_entry.revision);
  }
  EXPECT_EQ(found, expected) << compared.from_revision() << " to " << compared.to_revision();
}

void CheckList(const Oracle& oracle, const std::string& name,
               const std::vector<type::v1::Revision>& listed) {
  if (listed.empty()) return;
  std::vector<int64_t> expected;
  for (int64_t revision = listed.front().revision(); revision > 0; --revision) {
    if (oracle.ChangedIn(revision).count(name) > 0) expected.push_back(revision);
  }
  std::vector<int64_t> found;
  for (const auto& one : listed) {
    found.push_back(one.revision());
    // Reasons go with what was erased: also where something else of the revision was.
    const std::string& reason = oracle.ReasonOf(one.revision());
    if (!reason.empty()) {
      EXPECT_EQ(one.reason().note(), reason);
    }
  }
  EXPECT_EQ(found, expected) << name;
}

TEST(HistoryConcurrentTest, EverythingSeenIsWhatTheLogSays) {
  log::TempDirectory directory;
  const std::string path = directory.File("log.db");
  const auto schema = MakeSchema(Place::descriptor());
  ASSERT_TRUE(schema.ok());
  auto filter = filter::Filter::Compile(absl::StrCat("title.text = \"", kSelected, "\""), *schema);
  ASSERT_TRUE(filter.ok()) << filter.status();
  Seen seen;
  Watcher all;
  Watcher some;
  some.selections = {{&PlaceType(), std::make_shared<const filter::Filter>(*std::move(filter))}};
  for (int life = 0; life < kLives; ++life) {
    auto log = log::SqliteLog::Open(path, {});
    ASSERT_TRUE(log.ok()) << log.status();
    Store store(*std::move(log), &TestTypes(),
                {.retained_revisions = kRetained,
                 .state_file = life == 1 ? "" : directory.File("state"),
                 .state_file_changes = 50});
    ASSERT_TRUE(store.Load().ok());
    {
      WatchHub hub(&store, "test.Service");
      std::atomic<bool> done = false;
      std::vector<std::thread> others;
      others.emplace_back([&] { Watch(&hub, &store, &done, &all, &seen.watched); });
      others.emplace_back([&] { Watch(&hub, &store, &done, &some, &seen.selected); });
      for (uint32_t reader = 0; reader < 2; ++reader) {
        others.emplace_back(
            [&, reader] { Read(store, done, static_cast<uint32_t>(life) * 2 + reader, &seen); });
      }
      std::vector<std::thread> writers;
      for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
          for (int i = 0; i < kWrites; ++i) {
            const auto seed = static_cast<uint32_t>((life * kWriters + writer) * kWrites + i);
            const auto written = Apply(&store, RandomWrite(seed));
            ASSERT_TRUE(written.ok()) << written.status();
          }
        });
      }
      for (std::thread& writer : writers) writer.join();
      done = true;
      for (std::thread& other : others) other.join();
    }
    // Some is written between the lives, and told when the watch is resumed.
    for (uint32_t i = 0; i < 5; ++i) {
      ASSERT_TRUE(Apply(&store, RandomWrite(100'000 + static_cast<uint32_t>(life) * 5 + i)).ok());
    }
  }

  auto log = log::SqliteLog::Open(path, {});
  ASSERT_TRUE(log.ok()) << log.status();
  const Oracle oracle(log->get());
  ASSERT_EQ(oracle.head(), kLives * (kWriters * kWrites + 5));
  ASSERT_GT(seen.states.size(), 20);
  ASSERT_GT(seen.comparisons.size(), 20);
  for (const auto& [revision, contents] : seen.states) {
    EXPECT_EQ(oracle.WithoutErased(contents), oracle.ContentsAt(revision)) << "at " << revision;
  }
  for (const auto& [revision, contents] : seen.watched) {
    EXPECT_EQ(oracle.WithoutErased(contents), oracle.ContentsAt(revision)) << "at " << revision;
  }
  for (const auto& [revision, contents] : seen.selected) {
    EXPECT_EQ(oracle.WithoutErased(contents), oracle.ContentsAt(revision, kSelected))
        << "at " << revision;
  }
  EXPECT_EQ(all.revision, oracle.head() - 5);
  EXPECT_EQ(some.revision, oracle.head() - 5);
  for (const auto& [time, revision] : seen.times) {
    const auto expected = (*log)->RevisionAt(time);
    ASSERT_TRUE(expected.ok());
    EXPECT_EQ(revision, expected->value_or(0));
  }
  for (const auto& compared : seen.comparisons) CheckComparison(oracle, compared);
  for (const auto& [name, listed] : seen.lists) CheckList(oracle, name, listed);

  // And all of the past that is kept reads, after all of it, as the log says: erased or not.
  Store store(*std::move(log), &TestTypes(), {.retained_revisions = kRetained});
  ASSERT_TRUE(store.Load().ok());
  for (int64_t revision = store.OldestReadable(); revision <= oracle.head(); ++revision) {
    const auto state = store.At(revision);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(ContentsOf(**state), oracle.ContentsAt(revision));
  }
}

}  // namespace
}  // namespace entente::resource
