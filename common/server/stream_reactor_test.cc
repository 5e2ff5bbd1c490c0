// SPDX-License-Identifier: Apache-2.0
//
// Answers in several messages over real connections, that go well and in every other way. The
// service is funding's; what it answers is each test's own. What ThreadSanitizer looks at is in
// stream_reactor_race_test.cc.
#include "common/server/stream_reactor.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/server/server.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"
#include "common/testing/matchers.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"

namespace entente::server {
namespace {

using absl::StatusCode;
using funding::v1::QueryFundingRequest;
using funding::v1::QueryFundingResponse;
using test::HasMetadata;
using test::HasReason;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Answer = StreamReactor<QueryFundingResponse>::Answer;

// A fault is a failure and never a hang.
constexpr absl::Duration kPatience = absl::Seconds(60);

// More than a connection takes unread.
constexpr size_t kBulk = 1 << 20;
constexpr int kManyBulks = 20;

// `count` messages with their numbers, each with `bytes` beside.
std::vector<std::shared_ptr<const QueryFundingResponse>> Messages(int count, size_t bytes = 0) {
  std::vector<std::shared_ptr<const QueryFundingResponse>> messages;
  for (int i = 0; i < count; ++i) {
    auto message = std::make_shared<QueryFundingResponse>();
    message->set_revision(i + 1);
    message->add_rows()->add_values()->set_value(std::string(bytes, 'x'));
    messages.push_back(std::move(message));
  }
  return messages;
}

class Service final : public funding::v1::FundingService::CallbackService {
 public:
  using Handler = std::function<Answer(const QueryFundingRequest&, const Cancelled&)>;

  Service(Calls* calls, Workers* workers, Handler handler)
      : calls_(calls), workers_(workers), handler_(std::move(handler)) {}

  grpc::ServerWriteReactor<QueryFundingResponse>* QueryFunding(
      grpc::CallbackServerContext* context, const QueryFundingRequest* request) override {
    auto* reactor = StartStream<QueryFundingResponse>(
        calls_, workers_, context, *request,
        [this, request](const Cancelled& cancelled) { return handler_(*request, cancelled); });
    ++begun_;
    return reactor;
  }

  // How many calls are with the workers, or have been, or have been refused.
  int begun() const { return begun_; }

 private:
  Calls* const calls_;
  Workers* const workers_;
  const Handler handler_;
  std::atomic<int> begun_ = 0;
};

// One call.
class Stream {
 public:
  Stream(funding::v1::FundingService::Stub* stub, const std::string& filter,
         absl::Duration patience = kPatience, const std::string& request_id = "") {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + patience));
    if (!request_id.empty()) context_.AddMetadata(kRequestIdHeader, request_id);
    QueryFundingRequest request;
    request.set_filter(filter);
    reader_ = stub->QueryFunding(&context_, request);
  }

  // The number of the next message; 0 if there is none.
  int64_t Next() {
    QueryFundingResponse message;
    return reader_->Read(&message) ? message.revision() : 0;
  }
  std::vector<int64_t> Rest() {
    std::vector<int64_t> numbers;
    while (const int64_t number = Next()) numbers.push_back(number);
    return numbers;
  }
  // After the last message.
  absl::Status Finish() { return FromGrpcStatus(reader_->Finish()); }
  absl::Status Status() {
    Rest();
    return Finish();
  }
  void Cancel() { context_.TryCancel(); }
  std::string RequestId() const {
    const auto& metadata = context_.GetServerInitialMetadata();
    const auto found = metadata.find(kRequestIdHeader);
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<QueryFundingResponse>> reader_;
};

struct Setting {
  Calls::Options calls;
  Workers::Options workers;
  absl::Duration shutdown_grace = absl::Seconds(10);
  bool ready = true;
};

class StreamReactorTest : public testing::Test {
 protected:
  StreamReactorTest() { logging::SetLevel(logging::Level::kOff); }
  ~StreamReactorTest() override {
    if (server_ != nullptr) server_->Shutdown();
    logging::SetLevel(logging::Level::kInfo);
  }

  void Serve(Service::Handler handler, Setting setting = {}) {
    const std::string name = funding::v1::FundingService::service_full_name();
    calls_ = std::make_unique<Calls>(name, setting.calls);
    workers_ = std::make_unique<Workers>(setting.workers);
    service_ = std::make_unique<Service>(calls_.get(), workers_.get(), std::move(handler));
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.shutdown_grace = setting.shutdown_grace;
    server_ = Server::Start(options, {{name, service_.get()}}).value();
    if (setting.ready) calls_->SetReady();
    stub_ = Stub();
  }

  std::unique_ptr<funding::v1::FundingService::Stub> Stub() const {
    return funding::v1::FundingService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }
  Stream Call(const std::string& filter, absl::Duration patience = kPatience) {
    return Stream(stub_.get(), filter, patience);
  }

  // Waits for what only happens in its own time.
  static bool Eventually(const std::function<bool()>& done) {
    const absl::Time end = absl::Now() + kPatience;
    while (!done()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return true;
  }
  static void WorkUntilCancelled(const Cancelled& cancelled) {
    EXPECT_TRUE(Eventually([&] { return cancelled(); }));
  }

  std::unique_ptr<Calls> calls_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<funding::v1::FundingService::Stub> stub_;
};

TEST_F(StreamReactorTest, EveryMessageInOrder) {
  Serve([](const QueryFundingRequest& request, const Cancelled& cancelled) {
    EXPECT_EQ(request.filter(), "mine");
    EXPECT_FALSE(cancelled());
    return Answer(Messages(5));
  });
  Stream stream = Call("mine");
  EXPECT_THAT(stream.Rest(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(stream.Finish(), IsOk());
  EXPECT_THAT(stream.RequestId(), testing::MatchesRegex("[0-9a-f]+"));
}

TEST_F(StreamReactorTest, AnAnswerOfNoMessages) {
  Serve([](const auto&, const auto&) { return Answer(Messages(0)); });
  Stream stream = Call("");
  EXPECT_THAT(stream.Rest(), IsEmpty());
  EXPECT_THAT(stream.Finish(), IsOk());
}

TEST_F(StreamReactorTest, AnErrorComesWithItsDetailsAndTheRequestId) {
  Serve([](const auto&, const auto&) { return Answer(errors::TooManyRows(7)); });
  Stream stream(stub_.get(), "", kPatience, "mine-1");
  const absl::Status status = stream.Status();
  EXPECT_THAT(status, AllOf(StatusIs(StatusCode::kResourceExhausted), HasReason("TOO_MANY_ROWS"),
                            HasMetadata("limit", "7")));
  EXPECT_EQ(stream.RequestId(), "mine-1");
  google::rpc::RequestInfo info;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RequestInfo");
  ASSERT_TRUE(payload.has_value());
  ASSERT_TRUE(info.ParseFromString(std::string(*payload)));
  EXPECT_EQ(info.request_id(), "mine-1");
}

TEST_F(StreamReactorTest, NothingIsDoneBeforeTheServiceIsReady) {
  Serve([](const auto&, const auto&) { return Answer(Messages(1)); }, {.ready = false});
  EXPECT_THAT(Call("").Status(), AllOf(StatusIs(StatusCode::kUnavailable), HasReason("STARTING")));
  calls_->SetReady();
  EXPECT_THAT(Call("").Status(), IsOk());
}

TEST_F(StreamReactorTest, ARequestThatIsTooLargeIsRefused) {
  Serve([](const auto&, const auto&) { return Answer(Messages(1)); },
        {.calls = {.max_request_bytes = 1000}});
  EXPECT_THAT(Call(std::string(2000, 'x')).Status(),
              AllOf(StatusIs(StatusCode::kResourceExhausted), HasReason("REQUEST_TOO_LARGE")));
}

TEST_F(StreamReactorTest, CountsAsACallAndNotAsAWatch) {
  std::promise<void> release;
  Serve(
      [&](const auto&, const auto&) {
        release.get_future().wait();
        return Answer(Messages(1));
      },
      {.calls = {.max_calls_in_flight = 1, .max_watches = 0}});
  Stream first = Call("");
  ASSERT_TRUE(Eventually([&] { return service_->begun() == 1; }));
  EXPECT_THAT(Call("").Status(),
              AllOf(StatusIs(StatusCode::kResourceExhausted), HasReason("TOO_MANY_CALLS_IN_FLIGHT"),
                    HasMetadata("limit", "1")));
  release.set_value();
  EXPECT_THAT(first.Status(), IsOk());
}

TEST_F(StreamReactorTest, ThereIsRoomAgainWhenTheCallerHearsOfTheEnd) {
  Serve([](const auto&, const auto&) { return Answer(Messages(1)); },
        {.calls = {.max_calls_in_flight = 1}, .workers = {.threads = 2, .max_waiting = 1}});
  for (int i = 0; i < 100; ++i) ASSERT_THAT(Call("").Status(), IsOk());
}

TEST_F(StreamReactorTest, WhatWouldWaitTooLongForAThreadIsRefused) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  Serve(
      [released](const auto&, const auto&) {
        released.wait();
        return Answer(Messages(2));
      },
      {.workers = {.threads = 1, .max_waiting = 1}});
  Stream working = Call("");
  Stream waiting = Call("");
  ASSERT_TRUE(Eventually([&] { return service_->begun() == 2; }));
  EXPECT_THAT(Call("").Status(),
              AllOf(StatusIs(StatusCode::kResourceExhausted), HasReason("TOO_MANY_CALLS_IN_FLIGHT"),
                    HasMetadata("limit", "2")));
  release.set_value();
  EXPECT_THAT(working.Rest(), ElementsAre(1, 2));
  EXPECT_THAT(waiting.Rest(), ElementsAre(1, 2));
  EXPECT_THAT(working.Finish(), IsOk());
  EXPECT_THAT(waiting.Finish(), IsOk());
}

TEST_F(StreamReactorTest, OneWhoDoesNotReadHoldsNobodyUp) {
  Serve(
      [](const QueryFundingRequest& request, const auto&) {
        return Answer(request.filter() == "bulk" ? Messages(kManyBulks, kBulk) : Messages(1));
      },
      {.workers = {.threads = 1, .max_waiting = 1}});
  Stream slow = Call("bulk");
  EXPECT_EQ(slow.Next(), 1);
  const auto other = Stub();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Stream(other.get(), "").Status(), IsOk());
  EXPECT_THAT(slow.Rest(), SizeIs(kManyBulks - 1));
  EXPECT_THAT(slow.Finish(), IsOk());
}

TEST_F(StreamReactorTest, OneWhoGoesAmidTheMessagesIsLetGo) {
  Serve(
      [](const QueryFundingRequest& request, const auto&) {
        return Answer(request.filter() == "bulk" ? Messages(kManyBulks, kBulk) : Messages(1));
      },
      {.calls = {.max_calls_in_flight = 1}});
  for (int i = 0; i < 5; ++i) {
    Stream stream = Call("bulk");
    EXPECT_EQ(stream.Next(), 1);
    stream.Cancel();
    EXPECT_THAT(stream.Status(), StatusIs(StatusCode::kCancelled));
    EXPECT_TRUE(Eventually([&] { return Call("").Status().ok(); }));
  }
}

TEST_F(StreamReactorTest, WorkHearsThatTheCallerHasGone) {
  std::promise<void> begun;
  std::promise<void> heard;
  Serve([&](const auto&, const Cancelled& cancelled) {
    begun.set_value();
    WorkUntilCancelled(cancelled);
    heard.set_value();
    return Answer(absl::CancelledError("nobody waits for this"));
  });
  Stream stream = Call("");
  begun.get_future().wait();
  stream.Cancel();
  EXPECT_THAT(stream.Status(), StatusIs(StatusCode::kCancelled));
  heard.get_future().wait();
}

TEST_F(StreamReactorTest, AnAnswerThatComesTooLateIsNotWritten) {
  std::promise<void> begun;
  Serve(
      [&](const QueryFundingRequest& request, const Cancelled& cancelled) {
        if (request.filter().empty()) return Answer(Messages(1));
        begun.set_value();
        WorkUntilCancelled(cancelled);
        return Answer(Messages(kManyBulks, kBulk));
      },
      {.calls = {.max_calls_in_flight = 1}});
  Stream stream = Call("long");
  begun.get_future().wait();
  stream.Cancel();
  EXPECT_THAT(stream.Rest(), IsEmpty());
  EXPECT_THAT(stream.Finish(), StatusIs(StatusCode::kCancelled));
  EXPECT_TRUE(Eventually([&] { return Call("").Status().ok(); }));
}

TEST_F(StreamReactorTest, WorkHearsThatTheDeadlineHasPassed) {
  std::promise<void> heard;
  Serve([&](const auto&, const Cancelled& cancelled) {
    WorkUntilCancelled(cancelled);
    heard.set_value();
    return Answer(absl::CancelledError("nobody waits for this"));
  });
  Stream stream = Call("", absl::Milliseconds(200));
  EXPECT_THAT(stream.Status(), StatusIs(StatusCode::kDeadlineExceeded));
  heard.get_future().wait();
}

TEST_F(StreamReactorTest, WhatHasWaitedBeyondItsDeadlineIsNotBegun) {
  std::promise<void> release;
  std::atomic<int> late = 0;
  Serve(
      [&](const QueryFundingRequest& request, const auto&) {
        if (request.filter() == "late") {
          ++late;
        } else {
          release.get_future().wait();
        }
        return Answer(Messages(1));
      },
      {.workers = {.threads = 1, .max_waiting = 10}});
  Stream first = Call("");
  ASSERT_TRUE(Eventually([&] { return service_->begun() == 1; }));
  constexpr absl::Duration kTime = absl::Milliseconds(200);
  std::vector<std::unique_ptr<Stream>> others;
  for (int i = 0; i < 5; ++i)
    others.push_back(std::make_unique<Stream>(stub_.get(), "late", kTime));
  for (const auto& other : others) {
    EXPECT_THAT(other->Status(), StatusIs(StatusCode::kDeadlineExceeded));
  }
  // The server counts from when it hears of a call, and in coarser units.
  absl::SleepFor(2 * kTime);
  release.set_value();
  EXPECT_THAT(first.Status(), IsOk());
  server_->Shutdown();  // When all calls are over.
  EXPECT_EQ(late, 0);
}

TEST_F(StreamReactorTest, AHundredAtOnceEndInEveryWay) {
  constexpr int kStreams = 100;
  constexpr int kRounds = 4;
  Serve(
      [](const QueryFundingRequest& request, const Cancelled& cancelled) {
        if (request.filter() == "error") return Answer(errors::TooManyRows(1));
        if (request.filter() == "long") {
          WorkUntilCancelled(cancelled);
          return Answer(absl::CancelledError("nobody waits for this"));
        }
        return Answer(Messages(3, 100'000));
      },
      {.workers = {.threads = 4, .max_waiting = kStreams * kRounds}});
  std::vector<std::thread> callers;
  for (int c = 0; c < kStreams; ++c) {
    callers.emplace_back([&, c] {
      for (int round = 0; round < kRounds; ++round) {
        switch ((c + round) % 5) {
          case 0: {
            Stream stream = Call("");
            EXPECT_THAT(stream.Rest(), ElementsAre(1, 2, 3));
            EXPECT_THAT(stream.Finish(), IsOk());
            break;
          }
          case 1:
            EXPECT_THAT(Call("error").Status(), HasReason("TOO_MANY_ROWS"));
            break;
          case 2: {
            Stream stream = Call("");
            EXPECT_EQ(stream.Next(), 1);
            stream.Cancel();
            // It may have come to its end before that.
            EXPECT_THAT(stream.Status(), AnyOf(IsOk(), StatusIs(StatusCode::kCancelled)));
            break;
          }
          case 3: {
            Stream stream = Call("long");
            stream.Cancel();
            EXPECT_THAT(stream.Status(), StatusIs(StatusCode::kCancelled));
            break;
          }
          case 4:
            EXPECT_THAT(Call("long", absl::Milliseconds(20)).Status(),
                        StatusIs(StatusCode::kDeadlineExceeded));
            break;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  server_->Shutdown();  // Whatever is left unfinished hangs here.
}

TEST_F(StreamReactorTest, AStopLetsWorkAndMessagesComplete) {
  std::promise<void> begun;
  std::promise<void> release;
  Serve(
      [&](const auto&, const Cancelled& cancelled) {
        begun.set_value();
        release.get_future().wait();
        EXPECT_FALSE(cancelled());
        return Answer(Messages(3));
      },
      {.shutdown_grace = kPatience});
  Stream stream = Call("");
  begun.get_future().wait();
  std::promise<void> stopping;
  std::thread stop([&] { server_->Shutdown([&] { stopping.set_value(); }); });
  stopping.get_future().wait();
  release.set_value();
  EXPECT_THAT(stream.Rest(), ElementsAre(1, 2, 3));
  EXPECT_THAT(stream.Finish(), IsOk());
  stop.join();
}

TEST_F(StreamReactorTest, AfterTheGraceAStopCutsWorkAndMessagesOff) {
  std::promise<void> begun;
  Serve(
      [&](const QueryFundingRequest& request, const Cancelled& cancelled) {
        if (request.filter() == "bulk") return Answer(Messages(kManyBulks, kBulk));
        begun.set_value();
        WorkUntilCancelled(cancelled);
        return Answer(absl::CancelledError("nobody waits for this"));
      },
      {.workers = {.threads = 2}, .shutdown_grace = absl::ZeroDuration()});
  Stream unread = Call("bulk");
  EXPECT_EQ(unread.Next(), 1);
  Stream working = Call("long");
  begun.get_future().wait();
  server_->Shutdown();
  EXPECT_THAT(working.Status(), StatusIs(StatusCode::kUnavailable));
  EXPECT_THAT(unread.Status(), StatusIs(StatusCode::kUnavailable));
}

TEST_F(StreamReactorTest, WorkersThatEndTellThoseWhoWait) {
  std::promise<void> begun;
  std::promise<void> release;
  Serve(
      [&](const QueryFundingRequest& request, const auto&) {
        EXPECT_EQ(request.filter(), "first");
        begun.set_value();
        release.get_future().wait();
        return Answer(Messages(1));
      },
      {.workers = {.threads = 1, .max_waiting = 10}});
  Stream first = Call("first");
  begun.get_future().wait();
  std::vector<std::unique_ptr<Stream>> others;
  for (int i = 0; i < 5; ++i) others.push_back(std::make_unique<Stream>(stub_.get(), "other"));
  ASSERT_TRUE(Eventually([&] { return service_->begun() == 6; }));
  std::thread end([&] { workers_.reset(); });
  for (const auto& other : others) {
    EXPECT_THAT(other->Status(),
                AllOf(StatusIs(StatusCode::kUnavailable), HasReason("SHUTTING_DOWN")));
  }
  release.set_value();
  EXPECT_THAT(first.Status(), IsOk());
  end.join();
}

}  // namespace
}  // namespace entente::server
