// SPDX-License-Identifier: Apache-2.0
#include "common/log/sqlite_peer_copy.h"

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/log/log_test_util.h"
#include "common/log/sqlite_log.h"
#include "common/log/sqlite_test_util.h"
#include "gmock/gmock.h"

namespace entente::log {
namespace {

using ::absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Mode = PeerCopy::Mode;
using Items = std::map<std::string, std::string>;

class SqlitePeerCopyTest : public testing::Test {
 protected:
  SqlitePeerCopyTest() { Reopen(); }

  void Reopen() {
    copy_.reset();
    store_.reset();
    auto store = SqliteStore::Open(directory_.File("events.db"), {});
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    copy_ = std::make_unique<SqlitePeerCopy>(store_, "catalogue");
  }

  void MustApply(absl::Span<const PeerCopy::Update> updates, absl::string_view token,
                 Mode mode = Mode::kMerge) {
    const absl::Status status = copy_->Apply(updates, token, mode);
    EXPECT_TRUE(status.ok()) << status;
  }

  static std::pair<std::string, Items> LoadAll(PeerCopy& copy) {
    Items items;
    std::string last;
    const auto token = copy.Load([&](std::string name, std::string body) {
      EXPECT_LT(last, name);
      last = name;
      items.emplace(std::move(name), std::move(body));
      return absl::OkStatus();
    });
    EXPECT_TRUE(token.ok()) << token.status();
    return {token.value_or("failed"), items};
  }

  TempDirectory directory_;
  std::shared_ptr<SqliteStore> store_;
  std::unique_ptr<PeerCopy> copy_;
};

TEST_F(SqlitePeerCopyTest, IsEmptyAtFirst) {
  EXPECT_THAT(LoadAll(*copy_), Pair("", IsEmpty()));
  EXPECT_EQ(copy_->Token().value_or("failed"), "");
}

TEST_F(SqlitePeerCopyTest, MergesAndSurvives) {
  const std::string bytes = Bytes(1, 5000);
  const std::string token("t\0ken", 5);
  MustApply({{"b", "1"}, {"a", bytes}, {"c", ""}, {"d", "4"}}, "first");
  MustApply({{"b", "2"}, {"d", std::nullopt}, {"never-was", std::nullopt}}, token);
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(LoadAll(*copy_),
                Pair(token, ElementsAre(Pair("a", bytes), Pair("b", "2"), Pair("c", ""))));
    EXPECT_EQ(copy_->Token().value_or("failed"), token);
    Reopen();
  }
}

TEST_F(SqlitePeerCopyTest, ReplacesAll) {
  MustApply({{"a", "1"}, {"b", "1"}}, "one");
  MustApply({{"b", "2"}, {"c", "2"}}, "two", Mode::kReplaceAll);
  EXPECT_THAT(LoadAll(*copy_), Pair("two", ElementsAre(Pair("b", "2"), Pair("c", "2"))));
  MustApply({}, "three");
  EXPECT_THAT(LoadAll(*copy_), Pair("three", ElementsAre(Pair("b", "2"), Pair("c", "2"))));
  MustApply({}, "four", Mode::kReplaceAll);
  EXPECT_THAT(LoadAll(*copy_), Pair("four", IsEmpty()));
}

TEST_F(SqlitePeerCopyTest, TheLastUpdateOfANameCounts) {
  MustApply(
      {{"a", "1"}, {"a", std::nullopt}, {"b", "1"}, {"b", "2"}, {"c", std::nullopt}, {"c", "3"}},
      "t");
  EXPECT_THAT(LoadAll(*copy_), Pair("t", ElementsAre(Pair("b", "2"), Pair("c", "3"))));
}

TEST_F(SqlitePeerCopyTest, RefusesAllOfABadCall) {
  MustApply({{"a", "1"}}, "one");
  const std::vector<PeerCopy::Update> bad[] = {{{"b", "2"}, {"", "2"}},
                                               {{"b", "2"}, {std::string("c\0", 2), "2"}}};
  for (const auto& updates : bad) {
    for (const Mode mode : {Mode::kMerge, Mode::kReplaceAll}) {
      EXPECT_EQ(copy_->Apply(updates, "two", mode).code(), StatusCode::kInvalidArgument);
    }
  }
  EXPECT_EQ(copy_->Apply({{"b", "2"}}, "", Mode::kMerge).code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(LoadAll(*copy_), Pair("one", ElementsAre(Pair("a", "1"))));
}

TEST_F(SqlitePeerCopyTest, StopsLoadingWhenToldTo) {
  MustApply({{"a", "1"}, {"b", "1"}}, "one");
  int calls = 0;
  const auto token = copy_->Load([&](std::string, std::string) {
    ++calls;
    return absl::CancelledError("enough");
  });
  EXPECT_EQ(token.status(), absl::CancelledError("enough"));
  EXPECT_EQ(calls, 1);
}

TEST_F(SqlitePeerCopyTest, PeersAndTheLogDoNotMeet) {
  SqlitePeerCopy other(store_, "funding");
  SqliteLog log(store_);
  MustApply({{"a", "catalogue"}}, "one");
  ASSERT_TRUE(other.Apply({{"a", "funding"}}, "eins", Mode::kReplaceAll).ok());
  ASSERT_TRUE(log.Append(0, {Writes("", {Put("a", "log")})}).ok());
  MustApply({{"b", "catalogue"}}, "two", Mode::kReplaceAll);
  EXPECT_THAT(LoadAll(*copy_), Pair("two", ElementsAre(Pair("b", "catalogue"))));
  EXPECT_THAT(LoadAll(other), Pair("eins", ElementsAre(Pair("a", "funding"))));
  EXPECT_THAT(ReadAll(log)[0].changes, ElementsAre(Put("a", "log")));
}

// What is loaded is one state, and the token is its token, while both change.
TEST_F(SqlitePeerCopyTest, LoadsOneStateWhileItChanges) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 1; i <= 200; ++i) {
      const std::string token = absl::StrCat(i);
      MustApply({{"a", token}, {"b", token}, {absl::StrCat("c", i), token}}, token,
                i % 2 == 0 ? Mode::kMerge : Mode::kReplaceAll);
    }
    done = true;
  });
  bool last = false;
  while (!last) {
    last = done;
    const auto [token, items] = LoadAll(*copy_);
    if (token.empty()) {
      EXPECT_THAT(items, IsEmpty());
      continue;
    }
    EXPECT_EQ(items.at("a"), token);
    EXPECT_EQ(items.at("b"), token);
    EXPECT_EQ(items.count("c" + token), 1u);
  }
  writer.join();
  EXPECT_EQ(copy_->Token().value_or(""), "200");
}

}  // namespace
}  // namespace entente::log
