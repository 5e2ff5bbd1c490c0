// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/client/catalogue_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/logging/logging.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "services/catalogue/catalogue.h"
#include "services/catalogue/types.h"

namespace entente::catalogue {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

// A copy in memory.
class FakeCopy final : public log::PeerCopy {
 public:
  absl::StatusOr<std::string> Load(
      absl::FunctionRef<absl::Status(std::string, std::string)> fn) override {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [name, body] : bodies_) {
      if (absl::Status status = fn(name, body); !status.ok()) return status;
    }
    return token_;
  }
  absl::StatusOr<std::string> Token() override {
    std::lock_guard<std::mutex> lock(mutex_);
    return token_;
  }
  absl::Status Apply(absl::Span<const Update> updates, absl::string_view token,
                     Mode mode) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!status_.ok()) return status_;
    if (mode == Mode::kReplaceAll) bodies_.clear();
    for (const Update& update : updates) bodies_[update.name] = *update.body;
    token_ = std::string(token);
    return absl::OkStatus();
  }
  void FailWith(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    status_ = std::move(status);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> bodies_;
  std::string token_;
  absl::Status status_;
};

// A feed that a test plays by hand.
class FakeFeed final : public CatalogueFeed {
 public:
  absl::Status Follow(const v1::WatchRequest& request,
                      absl::FunctionRef<void(const v1::WatchResponse&)> fn) override {
    std::unique_lock<std::mutex> lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
    while (true) {
      changed_.wait(lock, [&] { return cancelled_ || !messages_.empty() || end_.has_value(); });
      if (cancelled_) return absl::CancelledError("");
      if (messages_.empty()) return *std::exchange(end_, std::nullopt);
      const v1::WatchResponse message = messages_.front();
      messages_.pop_front();
      lock.unlock();
      fn(message);
      lock.lock();
      ++handled_;
      changed_.notify_all();
    }
  }
  void Cancel() override {
    std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }

  // Sends, and waits until it has been handled.
  void Send(const v1::WatchResponse& message) {
    std::unique_lock<std::mutex> lock(mutex_);
    messages_.push_back(message);
    const size_t target = handled_ + messages_.size();
    changed_.notify_all();
    changed_.wait(lock, [&] { return handled_ >= target; });
  }
  // Ends the watch with this; returns the next one's request.
  v1::WatchRequest End(const absl::Status& status) {
    std::unique_lock<std::mutex> lock(mutex_);
    const size_t target = requests_.size() + 1;
    end_ = status;
    changed_.notify_all();
    changed_.wait(lock, [&] { return requests_.size() >= target; });
    return requests_.back();
  }
  v1::WatchRequest FirstRequest() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !requests_.empty(); });
    return requests_.front();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::WatchResponse> messages_;
  std::optional<absl::Status> end_;
  std::vector<v1::WatchRequest> requests_;
  size_t handled_ = 0;
  bool cancelled_ = false;
};

v1::WatchResponse Message(type::v1::WatchMessageKind kind, int64_t revision,
                          const std::string& token, const std::vector<std::string>& places) {
  v1::WatchResponse message;
  message.set_kind(kind);
  message.set_revision(revision);
  message.mutable_commit_time()->set_seconds(revision);
  message.set_resume_token(token);
  for (const std::string& place : places) {
    auto* resource = message.add_resources()->mutable_place();
    const bool deleted = place[0] == '-';
    resource->set_name("places/" + place.substr(deleted ? 1 : 0));
    resource->set_revision(revision);
    if (deleted) resource->mutable_delete_time()->set_seconds(revision);
  }
  return message;
}

constexpr auto kCurrent = type::v1::WATCH_MESSAGE_KIND_CURRENT;
constexpr auto kRevision = type::v1::WATCH_MESSAGE_KIND_REVISION;
constexpr auto kCheckpoint = type::v1::WATCH_MESSAGE_KIND_CHECKPOINT;

// What is there and not deleted, each with its revision.
std::map<std::string, int64_t> Contents(const CatalogueView& view) {
  std::map<std::string, int64_t> contents;
  const auto state = view.Current();
  state->Scan(*Types().FindByDescriptor(v1::Place::descriptor()), "",
              [&](const resource::Entry& entry) {
                if (!entry.deleted) contents[std::string(entry.name.substr(7))] = entry.revision;
                return true;
              });
  return contents;
}

class FollowerTest : public testing::Test {
 protected:
  FollowerTest() { logging::SetLevel(logging::Level::kOff); }
  ~FollowerTest() override { logging::SetLevel(logging::Level::kInfo); }

  FakeFeed feed_;
  FakeCopy copy_;
  CatalogueView view_;
};

TEST_F(FollowerTest, BeginsWithTheWholeStateAndFollowsIt) {
  CatalogueFollower follower(&feed_, &copy_, &view_, "");
  EXPECT_TRUE(feed_.FirstRequest().include_current());
  EXPECT_EQ(feed_.FirstRequest().resume_token(), "");
  feed_.Send(Message(kCurrent, 5, "", {"a", "b"}));
  EXPECT_THAT(Contents(view_), IsEmpty()) << "half a state is none";
  feed_.Send(Message(kCurrent, 5, "t5", {"c"}));
  EXPECT_EQ(view_.Current()->revision(), 5);
  EXPECT_THAT(Contents(view_), UnorderedElementsAre(Pair("a", 5), Pair("b", 5), Pair("c", 5)));
  feed_.Send(Message(kRevision, 6, "", {"d"}));
  EXPECT_EQ(view_.Current()->revision(), 5) << "half a revision is none";
  feed_.Send(Message(kRevision, 6, "t6", {"-a"}));
  EXPECT_EQ(view_.Current()->revision(), 6);
  EXPECT_THAT(Contents(view_), UnorderedElementsAre(Pair("b", 5), Pair("c", 5), Pair("d", 6)));
  EXPECT_EQ(view_.Current()->commit_time(), absl::FromUnixSeconds(6));
}

TEST_F(FollowerTest, ResumesFromTheLastWholeMessage) {
  CatalogueFollower follower(&feed_, &copy_, &view_, "");
  feed_.FirstRequest();
  feed_.Send(Message(kCurrent, 5, "t5", {"a"}));
  feed_.Send(Message(kRevision, 6, "", {"half"}));
  const v1::WatchRequest again = feed_.End(absl::UnavailableError("gone"));
  EXPECT_EQ(again.resume_token(), "t5");
  EXPECT_FALSE(again.include_current());
  // The revision comes again as a whole, perhaps cut otherwise.
  feed_.Send(Message(kRevision, 6, "t6", {"b"}));
  EXPECT_THAT(Contents(view_), UnorderedElementsAre(Pair("a", 5), Pair("b", 6)));
  feed_.Send(Message(kCheckpoint, 6, "t6-later", {}));
  EXPECT_EQ(feed_.End(absl::UnavailableError("gone")).resume_token(), "t6-later");
}

TEST_F(FollowerTest, BeginsAgainWhereTheCatalogueIsAnother) {
  CatalogueFollower follower(&feed_, &copy_, &view_, "");
  feed_.FirstRequest();
  feed_.Send(Message(kCurrent, 5, "t5", {"old"}));
  const v1::WatchRequest again = feed_.End(absl::OutOfRangeError("another database"));
  EXPECT_EQ(again.resume_token(), "");
  EXPECT_TRUE(again.include_current());
  EXPECT_THAT(Contents(view_), UnorderedElementsAre(Pair("old", 5))) << "until then";
  feed_.Send(Message(kCurrent, 2, "t2", {"new"}));
  EXPECT_THAT(Contents(view_), UnorderedElementsAre(Pair("new", 2)));
  EXPECT_EQ(view_.Current()->revision(), 2);
}

TEST_F(FollowerTest, TheKeptCopyIsWhatWasHeard) {
  {
    CatalogueFollower follower(&feed_, &copy_, &view_, "");
    feed_.FirstRequest();
    feed_.Send(Message(kCurrent, 5, "t5", {"a", "b"}));
    feed_.Send(Message(kRevision, 6, "t6", {"-a", "c"}));
    feed_.Send(Message(kRevision, 7, "", {"half"}));
  }
  CatalogueView restarted;
  const auto token = restarted.Load(&copy_);
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(*token, "t6");
  EXPECT_EQ(Contents(restarted), Contents(view_));
  EXPECT_EQ(restarted.Current()->revision(), 6);
  EXPECT_EQ(restarted.Current()->commit_time(), absl::FromUnixSeconds(6));
  EXPECT_TRUE(restarted.Current()->Find("places/a")->deleted);
}

TEST_F(FollowerTest, NewsThatCannotBeKeptIsNewsNevertheless) {
  CatalogueFollower follower(&feed_, &copy_, &view_, "");
  feed_.FirstRequest();
  feed_.Send(Message(kCurrent, 5, "t5", {"a"}));
  copy_.FailWith(absl::ResourceExhaustedError("the disk is full"));
  feed_.Send(Message(kRevision, 6, "t6", {"b"}));
  EXPECT_THAT(Contents(view_), UnorderedElementsAre(Pair("a", 5), Pair("b", 6)));
}

// A copy that missed a revision must not go on with the next one: after a restart the missed one
// would never be heard of again.
TEST_F(FollowerTest, ACopyThatMissedARevisionIsMadeWholeAgain) {
  {
    CatalogueFollower follower(&feed_, &copy_, &view_, "");
    feed_.FirstRequest();
    feed_.Send(Message(kCurrent, 5, "t5", {"a"}));
    copy_.FailWith(absl::ResourceExhaustedError("the disk is full"));
    feed_.Send(Message(kRevision, 6, "t6", {"b"}));
    copy_.FailWith(absl::OkStatus());
    feed_.Send(Message(kRevision, 7, "t7", {"c"}));
  }
  CatalogueView restarted;
  ASSERT_EQ(*restarted.Load(&copy_), "t7");
  EXPECT_EQ(Contents(restarted), Contents(view_));
}

TEST_F(FollowerTest, ACopyThatCannotBeReadIsRefused) {
  ASSERT_TRUE(copy_.Apply({{"planets/x", std::string()}}, "t", log::PeerCopy::Mode::kMerge).ok());
  EXPECT_EQ(view_.Load(&copy_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(FollowerTest, NoCopyIsAnEmptyView) {
  EXPECT_EQ(*view_.Load(&copy_), "");
  EXPECT_EQ(view_.Current()->revision(), 0);
}

// The same process: a real catalogue, written to while it is followed, readers beside it.
TEST_F(FollowerTest, ADirectFeedBringsEveryRevision) {
  auto catalogue = MakeCatalogue(std::make_unique<log::MemoryLog>(&SystemClock::Get()), {}).value();
  ASSERT_TRUE(catalogue->Load().ok());
  const auto write = [&](const v1::ApplyChangesRequest& request) {
    std::promise<absl::Status> answered;
    v1::ApplyChangesResponse response;
    catalogue->Call(request, &response,
                    [&](absl::Status status) { answered.set_value(std::move(status)); });
    const absl::Status status = answered.get_future().get();
    ASSERT_TRUE(status.ok()) << status;
  };
  v1::ApplyChangesRequest partnership;
  auto* put = partnership.add_changes()->mutable_put()->mutable_partnership();
  put->set_name("partnerships/p");
  put->mutable_title()->set_text("P");
  write(partnership);
  for (int round = 0; round < 3; ++round) {
    DirectCatalogueFeed feed(catalogue.get());
    CatalogueFollower follower(&feed, &copy_, &view_, "");
    std::atomic<bool> done = false;
    std::thread reader([&] {
      int64_t last = 0;
      while (!done) {
        const int64_t revision = view_.Current()->revision();
        EXPECT_GE(revision, last);
        last = revision;
      }
    });
    for (int i = 0; i < 50; ++i) {
      v1::ApplyChangesRequest request;
      auto* place = request.add_changes()->mutable_put()->mutable_place();
      place->set_name(absl::StrCat("places/p", i % 7));
      place->mutable_title()->set_text(absl::StrCat(round, " ", i));
      place->set_kind(v1::PLACE_KIND_CITY);
      place->add_partnerships("partnerships/p");
      write(request);
    }
    while (view_.Current()->revision() < catalogue->store().Current()->revision()) {
      std::this_thread::yield();
    }
    done = true;
    reader.join();
    for (int i = 0; i < 7; ++i) {
      const std::string name = absl::StrCat("places/p", i);
      EXPECT_EQ(view_.Current()->Find(name)->message->SerializeAsString(),
                catalogue->store().Current()->Find(name)->message->SerializeAsString());
    }
  }
}

}  // namespace
}  // namespace entente::catalogue
