// SPDX-License-Identifier: Apache-2.0
// Ten thousand watchers of one server, some of which take nothing for a while.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using catalogue::v1::CatalogueService;
using catalogue::v1::WatchRequest;
using catalogue::v1::WatchResponse;

constexpr int kWatchers = 10'000;
constexpr int kChannels = 20;
constexpr int kRevisions = 5;

// A watch whose messages are read one after the other, on the queue's thread.
struct Watcher {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReader<WatchResponse>> reader;
  WatchResponse response;
  bool started = false;
  bool slow = false;
  std::vector<int64_t> revisions;  // Those that it was told of.
  std::vector<std::string> names;
};

class ManyWatchersTest : public ConformanceTest {
 protected:
  ManyWatchersTest() {
    for (int i = 0; i < kWatchers; ++i) watchers_.push_back(std::make_unique<Watcher>());
  }
  ~ManyWatchersTest() override {
    for (const auto& watcher : watchers_) watcher->context.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  // Begins all watches, and returns when each has had its first message.
  void BeginAll() {
    for (int i = 0; i < kChannels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      channels_.push_back(grpc::CreateCustomChannel(servers().target(Service::kCatalogue),
                                                    grpc::InsecureChannelCredentials(), arguments));
      stubs_.push_back(CatalogueService::NewStub(channels_.back()));
    }
    for (int i = 0; i < kWatchers; ++i) {
      Watcher& watcher = *watchers_[static_cast<size_t>(i)];
      WatchRequest request;
      request.set_checkpoint_interval_ms(600'000);
      request.set_include_current(true);
      // Each third is about one place alone, each hundredth reads nothing for now.
      auto* selection = request.add_selections();
      selection->set_type("entente.dev/Place");
      if (i % 3 == 0) selection->set_filter("name = \"places/p1\"");
      watcher.slow = i % 100 == 7;
      watcher.reader = stubs_[static_cast<size_t>(i % kChannels)]->PrepareAsyncWatch(
          &watcher.context, request, &queue_);
      watcher.reader->StartCall(&watcher);
    }
    Run([this] { return begun_ == kWatchers; });
  }

  // Takes what comes until `done`.
  template <typename Fn>
  void Run(Fn done) {
    void* tag = nullptr;
    bool ok = false;
    while (!done()) {
      ASSERT_EQ(
          queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + std::chrono::seconds(100)),
          grpc::CompletionQueue::GOT_EVENT)
          << begun_ << " begun, " << messages_ << " messages";
      ASSERT_TRUE(ok);
      auto* watcher = static_cast<Watcher*>(tag);
      if (!watcher->started) {
        watcher->started = true;
        watcher->reader->Read(&watcher->response, watcher);
        continue;
      }
      if (watcher->response.kind() == type::v1::WATCH_MESSAGE_KIND_CURRENT) {
        ++begun_;
        if (watcher->slow) continue;  // It does not ask for more.
      } else {
        ++messages_;
        watcher->revisions.push_back(watcher->response.revision());
        for (const auto& resource : watcher->response.resources()) {
          watcher->names.push_back(resource.place().name());
        }
      }
      watcher->reader->Read(&watcher->response, watcher);
    }
  }

  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::unique_ptr<CatalogueService::Stub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  int begun_ = 0;
  int messages_ = 0;
};
INSTANTIATE_CONFORMANCE(ManyWatchersTest);

TEST_P(ManyWatchersTest, EachIsToldOfEveryRevisionThatIsItsOwn) {
  BeginAll();
  const int64_t first = RevisionOf(Of<Place>()) + 1;
  for (int i = 0; i < kRevisions; ++i) {
    ASSERT_THAT(Of<Place>().Create(absl::StrCat("p", i)), IsOk());
  }
  int quick = 0;
  int slow = 0;
  for (size_t i = 0; i < watchers_.size(); ++i) {
    (watchers_[i]->slow ? slow : quick) += i % 3 == 0 ? 1 : kRevisions;
  }
  // Those that take nothing hold up nobody.
  Run([&] { return messages_ == quick; });
  for (const auto& watcher : watchers_) {
    if (watcher->slow) watcher->reader->Read(&watcher->response, watcher.get());
  }
  Run([&] { return messages_ == quick + slow; });
  std::vector<int64_t> all;
  std::vector<std::string> all_names;
  for (int i = 0; i < kRevisions; ++i) {
    all.push_back(first + i);
    all_names.push_back(absl::StrCat("places/p", i));
  }
  for (size_t i = 0; i < watchers_.size(); ++i) {
    if (i % 3 == 0) {
      ASSERT_THAT(watchers_[i]->revisions, ElementsAre(first + 1));
      ASSERT_THAT(watchers_[i]->names, ElementsAre("places/p1"));
    } else {
      ASSERT_EQ(watchers_[i]->revisions, all);
      ASSERT_EQ(watchers_[i]->names, all_names);
    }
  }
}

}  // namespace
}  // namespace entente::conformance
