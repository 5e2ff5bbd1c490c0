// SPDX-License-Identifier: Apache-2.0
//
// Stores that start from a state file are what stores that start from the log are, and whatever is
// doubtful about the file makes them start from the log.
#include "common/resource/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "common/log/sqlite_test_util.h"
#include "common/resource/store_test_util.h"
#include "entente/catalogue/v1/document.pb.h"

namespace entente::resource {
namespace {

using catalogue::v1::Document;
using log::ChangeKind;
using log::ReadFile;
using log::TempDirectory;
using log::WriteFile;
using testing::HasSubstr;

const Registry& Types() {
  static const auto* const registry = new Registry(
      Registry::Of({catalogue::v1::Partnership::descriptor(), catalogue::v1::Pillar::descriptor(),
                    catalogue::v1::Place::descriptor(), Document::descriptor()})
          .value());
  return *registry;
}

// All that can be read of a state.
std::string Dump(const State& state) {
  std::string text = absl::StrCat(state.revision(), " ", absl::ToUnixMicros(state.commit_time()),
                                  " ", state.size(), "\n");
  for (const auto& type : state.registry().types()) {
    state.Scan(*type, "", [&](const Entry& entry) {
      absl::StrAppend(&text, entry.name, " ", entry.revision, entry.deleted ? " deleted " : " ",
                      entry.message->ShortDebugString(), " | ", entry.stored->ShortDebugString(),
                      " | ", entry.wire->Of(true).size(), " ", entry.wire->Of(false).size(), "\n");
      EXPECT_EQ(state.Find(entry.name)->revision, entry.revision);
      return true;
    });
  }
  state.referrers().ScanPrefix(
      "", [&](absl::string_view key) { absl::StrAppend(&text, std::string(key), "\n"); });
  return text;
}

class StateFileTest : public testing::Test {
 protected:
  std::unique_ptr<Store> Make(const std::string& file, size_t retained = 5,
                              int64_t every = 1'000'000) {
    StoreOptions options;
    options.retained_revisions = retained;
    options.state_file = file;
    options.state_file_changes = every;
    return std::make_unique<Store>(std::make_unique<TestLog>(control_), &Types(), options);
  }
  std::unique_ptr<Store> Loaded(const std::string& file, size_t retained = 5) {
    auto store = Make(file, retained);
    EXPECT_TRUE(store->Load().ok());
    return store;
  }

  void Write(Store* store, std::vector<log::Change> changes) {
    const auto written = Apply(store, WriteOf(std::move(changes)));
    ASSERT_TRUE(written.ok()) << written.status();
  }

  // Random changes, deletions and documents with text among them.
  void WriteRandomly(Store* store, int revisions) {
    for (int i = 0; i < revisions; ++i) {
      std::vector<log::Change> changes;
      std::set<std::string> names;
      for (uint32_t n = 1 + random_() % 6; n > 0; --n) {
        const uint32_t id = random_() % 25;
        if (random_() % 4 == 0) {
          Document document;
          document.set_name(absl::StrCat("documents/d", id));
          document.mutable_title()->set_text(absl::StrCat("t", random_() % 100));
          document.set_text(absl::StrCat("The text number ", random_()));
          document.add_partnerships("partnerships/q");
          if (!names.insert(document.name()).second) continue;
          changes.push_back({document.name(), ChangeKind::kPut, document.SerializeAsString()});
          continue;
        }
        log::Change change =
            PutPlace(absl::StrCat("places/p", id), absl::StrCat("title ", random_() % 100),
                     random_() % 2 == 0 ? absl::StrCat("places/p", random_() % 25) : "",
                     {absl::StrCat("partnerships/q", random_() % 3)});
        if (random_() % 4 == 0) change.kind = ChangeKind::kDelete;
        if (names.insert(change.name).second) changes.push_back(std::move(change));
      }
      if (!changes.empty()) Write(store, std::move(changes));
    }
  }

  // That `store` reads like one that read all of the log, at each revision that can be read.
  void ExpectLikeLog(const Store& store, size_t retained) {
    const auto from_log = Loaded("", retained);
    const int64_t head = from_log->Current()->revision();
    ASSERT_EQ(store.Current()->revision(), head);
    EXPECT_EQ(Dump(*store.Current()), Dump(*from_log->Current()));
    // In an order that makes states from above and between.
    std::vector<int64_t> revisions;
    for (int64_t revision = 1; revision <= head; ++revision) revisions.push_back(revision);
    std::shuffle(revisions.begin(), revisions.end(), random_);
    for (const int64_t revision : revisions) {
      const auto state = store.At(revision);
      const auto expected = from_log->At(revision);
      ASSERT_EQ(state.status().code(), expected.status().code()) << revision;
      EXPECT_EQ(state.status().message(), expected.status().message());
      if (state.ok()) {
        EXPECT_EQ(Dump(**state), Dump(**expected)) << revision;
      }
    }
    for (int64_t after = 0; after < head; ++after) {
      const auto next = store.Next(after);
      ASSERT_TRUE(next.ok() && *next != nullptr) << after;
      EXPECT_EQ((*next)->revision, after + 1);
    }
  }

  TempDirectory dir_;
  const std::string path_ = dir_.File("catalogue.db.state");
  FakeClock clock_{absl::FromUnixSeconds(1'704'067'200)};
  std::shared_ptr<LogControl> control_ = std::make_shared<LogControl>(&clock_);
  std::mt19937 random_{20230905};
};

TEST_F(StateFileTest, AStartFromTheFileReadsLikeOneFromTheLog) {
  for (int start = 0; start < 8; ++start) {
    SCOPED_TRACE(start);
    const size_t retained = start % 2 == 0 ? 12 : 5;
    {
      const auto store = Loaded(path_, retained);
      // A file of those who retain less does not do for those who retain more.
      EXPECT_EQ(store->loaded_from_file(), start % 2 == 1);
      if (HasFailure()) return;
      ExpectLikeLog(*store, retained);
      WriteRandomly(store.get(), start == 3 ? 1 : 7);
    }
    ASSERT_TRUE(std::filesystem::exists(path_));
    const auto store = Loaded(path_, retained);
    EXPECT_TRUE(store->loaded_from_file());
    ExpectLikeLog(*store, retained);
    if (HasFailure()) return;
  }
}

TEST_F(StateFileTest, WhatTheLogHasMoreIsReadFromIt) {
  WriteRandomly(Loaded(path_).get(), 9);
  WriteRandomly(Loaded("").get(), 3);
  const auto store = Loaded(path_);
  EXPECT_TRUE(store->loaded_from_file());
  ExpectLikeLog(*store, 5);
  WriteRandomly(store.get(), 9);
  ExpectLikeLog(*store, 5);
}

TEST_F(StateFileTest, WithoutTheFileTheLogIsRead) {
  WriteRandomly(Loaded(path_).get(), 9);
  std::filesystem::remove(path_);
  const auto store = Loaded(path_);
  EXPECT_FALSE(store->loaded_from_file());
  ExpectLikeLog(*store, 5);
}

TEST_F(StateFileTest, AnEmptyLogHasNoFile) {
  Loaded(path_).reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(StateFileTest, AFileWithAnyByteChangedIsRefused) {
  WriteRandomly(Loaded(path_).get(), 4);
  const std::string good = ReadFile(path_);
  const std::string expected = Dump(*Loaded("")->Current());
  Parallel parallel(2);
  TestLog log(control_);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    WriteFile(path_, bad);
    const auto history = ReadStateFile(path_, &Types(), &log, 5, &parallel);
    ASSERT_FALSE(history.ok()) << "byte " << i;
    EXPECT_NE(history.status().message(), "");
    if (i % 97 != 0) continue;
    // It is written again at the end, so that what is read next is what was made of the log.
    testing::internal::CaptureStderr();
    {
      const auto store = Loaded(path_);
      EXPECT_FALSE(store->loaded_from_file());
      EXPECT_EQ(Dump(*store->Current()), expected);
    }
    const std::string lines = testing::internal::GetCapturedStderr();
    EXPECT_THAT(lines, HasSubstr("\"level\":\"warning\",\"event\":\"state file not used\""));
    EXPECT_THAT(lines, HasSubstr("\"reason\":\""));
    EXPECT_EQ(ReadFile(path_), good);
  }
}

TEST_F(StateFileTest, AFileThatIsCutShortIsRefused) {
  WriteRandomly(Loaded(path_).get(), 4);
  const std::string good = ReadFile(path_);
  Parallel parallel(2);
  TestLog log(control_);
  for (size_t length = 0; length < good.size(); ++length) {
    WriteFile(path_, good.substr(0, length));
    ASSERT_FALSE(ReadStateFile(path_, &Types(), &log, 5, &parallel).ok()) << length;
  }
  WriteFile(path_, good);
  EXPECT_TRUE(ReadStateFile(path_, &Types(), &log, 5, &parallel).ok());
}

TEST_F(StateFileTest, AFileOfAnotherLogOrOfOtherTypesOrOfTheFutureIsRefused) {
  WriteRandomly(Loaded(path_).get(), 4);
  Parallel parallel(1);
  const auto reason = [&](LogControl* control, const Registry& types) {
    TestLog log(std::shared_ptr<LogControl>(std::shared_ptr<void>(), control));
    return std::string(ReadStateFile(path_, &types, &log, 5, &parallel).status().message());
  };
  EXPECT_EQ(reason(control_.get(), Types()), "");
  EXPECT_THAT(reason(control_.get(), TestTypes()), HasSubstr("other types"));
  LogControl empty(&clock_);
  EXPECT_THAT(reason(&empty, Types()), HasSubstr("newer than the log"));
  // As many revisions, at the same times, of something else.
  LogControl other(&clock_);
  for (int64_t head = 0; head < 4; ++head) {
    ASSERT_TRUE(other.record()->Append(head, {{"", "", {PutPlace("places/x", "x")}}}).ok());
  }
  EXPECT_THAT(reason(&other, Types()), HasSubstr("another log"));
}

TEST_F(StateFileTest, WhatIsErasedIsInNoFile) {
  const std::string secret = "Jane Doe of Springfield";
  {
    const auto store = Loaded(path_, 100);
    Write(store.get(), {PutPlace("places/a", secret), PutPlace("places/b", "b")});
    Write(store.get(), {PutPlace("places/a", secret + " again")});
  }
  EXPECT_THAT(ReadFile(path_), HasSubstr(secret));
  {
    const auto store = Loaded(path_, 100);
    ASSERT_TRUE(store->loaded_from_file());
    Write(store.get(), {{"places/a", ChangeKind::kErase, ""}});
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
  EXPECT_THAT(ReadFile(path_), testing::Not(HasSubstr(secret)));
  const auto store = Loaded(path_, 100);
  EXPECT_TRUE(store->loaded_from_file());
  ExpectLikeLog(*store, 100);
}

TEST_F(StateFileTest, AFileFromBeforeAnErasureIsRemoved) {
  Write(Loaded(path_).get(), {PutPlace("places/a", "Jane Doe")});
  Write(Loaded("").get(), {{"places/a", ChangeKind::kErase, ""}, PutPlace("places/b", "b")});
  {
    const auto store = Loaded(path_);
    EXPECT_FALSE(store->loaded_from_file());
    ExpectLikeLog(*store, 5);
  }
  EXPECT_THAT(ReadFile(path_), testing::Not(HasSubstr("Jane Doe")));
}

TEST_F(StateFileTest, IsWrittenWhileWritesGoOn) {
  auto store = Make(path_, 5, /*every=*/40);
  ASSERT_TRUE(store->Load().ok());
  // A file comes by itself, sooner or later; whatever its revision, a start from it is right.
  while (!std::filesystem::exists(path_)) WriteRandomly(store.get(), 5);
  ExpectLikeLog(*store, 5);
  ExpectLikeLog(*Loaded(path_), 5);
}

TEST_F(StateFileTest, WhereItCannotBeWrittenNothingElseIsTheMatter) {
  const std::string nowhere = dir_.File("missing/catalogue.db.state");
  WriteRandomly(Loaded(nowhere).get(), 5);
  ExpectLikeLog(*Loaded(nowhere), 5);
}

}  // namespace
}  // namespace entente::resource
