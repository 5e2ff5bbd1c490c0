// SPDX-License-Identifier: Apache-2.0
//
// Streams that end in every way at once, under a stand-in for gRPC that keeps its contract: for
// ThreadSanitizer, which cannot see into the gRPC that the system comes with, and reports races all
// over it. stream_reactor_test.cc has the real one.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "common/logging/logging.h"
#include "common/server/stream_reactor.h"
#include "entente/funding/v1/query.pb.h"

namespace entente::server {
namespace {

using funding::v1::QueryFundingRequest;
using funding::v1::QueryFundingResponse;

using Answer = StreamReactor<QueryFundingResponse>::Answer;

constexpr int kRounds = 40;
constexpr int kStreams = 50;
constexpr int kMessages = 3;

// One call: what gRPC does between a reactor and the wire. Reactions come from the threads of
// `grpc`, which never refuse.
class Call final : public grpc::ServerCallbackWriter<QueryFundingResponse> {
 public:
  explicit Call(Workers* grpc) : grpc_(grpc) {}

  grpc::CallbackServerContext* context() { return &context_; }

  // What follows when the method of the service has returned its reactor.
  void Bind(grpc::ServerWriteReactor<QueryFundingResponse>* reactor) {
    reactor_ = reactor;
    BindReactor(reactor);
    bound_ = true;
    MaybeDone(true);
  }
  // What a reactor does before it is bound, gRPC keeps behind a lock of Abseil's, which
  // ThreadSanitizer does not see either.
  void AwaitBound() const {
    while (!bound_) std::this_thread::yield();
  }

  // The connection closes, before the end of the call or after it.
  void Close() {
    closed_ = true;
    if (!finished_) reactor_->OnCancel();
    MaybeDone(true);
  }

  // Waits until the reactor is gone; how the call was finished.
  grpc::StatusCode AwaitDone() {
    done_.get_future().wait();
    return code_;
  }
  int64_t written() const { return written_; }
  bool finished() const { return finished_; }

  void Write(const QueryFundingResponse* message, grpc::WriteOptions) override {
    EXPECT_FALSE(finished_) << "a write after the end";
    EXPECT_FALSE(writing_.exchange(true)) << "two writes at once";
    Ref();
    Later([this, message] {
      const bool ok = !closed_;
      if (ok) {
        EXPECT_EQ(message->revision(), ++written_);
      }
      writing_ = false;
      reactor_->OnWriteDone(ok);
      MaybeDone(true);
    });
  }

  void Finish(grpc::Status status) override {
    EXPECT_FALSE(writing_) << "an end during a write";
    EXPECT_FALSE(finished_.exchange(true)) << "two ends";
    code_ = status.error_code();
    Later([this] { MaybeDone(true); });
  }

  void SendInitialMetadata() override { ADD_FAILURE() << "is sent with the first message"; }
  void WriteAndFinish(const QueryFundingResponse*, grpc::WriteOptions, grpc::Status) override {
    ADD_FAILURE() << "is not used";
  }

 private:
  void Later(std::function<void()> reaction) {
    EXPECT_TRUE(
        grpc_->Submit([reaction = std::move(reaction)](const absl::Status&) { reaction(); }).ok());
  }

  grpc::internal::ServerReactor* reactor() override { return reactor_; }

  void CallOnDone() override {
    reactor_->OnDone();
    done_.set_value();
  }

  Workers* const grpc_;
  grpc::CallbackServerContext context_;
  grpc::ServerWriteReactor<QueryFundingResponse>* reactor_ = nullptr;
  std::atomic<bool> bound_ = false;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> writing_ = false;
  std::atomic<bool> finished_ = false;
  std::atomic<int64_t> written_ = 0;
  grpc::StatusCode code_ = grpc::StatusCode::DO_NOT_USE;
  std::promise<void> done_;
};

class StreamReactorRaceTest : public testing::Test {
 protected:
  StreamReactorRaceTest() {
    logging::SetLevel(logging::Level::kOff);
    calls_.SetReady();
  }
  ~StreamReactorRaceTest() override { logging::SetLevel(logging::Level::kInfo); }

  static Answer Messages() {
    std::vector<std::shared_ptr<const QueryFundingResponse>> messages;
    for (int i = 0; i < kMessages; ++i) {
      auto message = std::make_shared<QueryFundingResponse>();
      message->set_revision(i + 1);
      messages.push_back(std::move(message));
    }
    return messages;
  }

  Calls calls_{"Service", {.max_calls_in_flight = kStreams}};
  Workers grpc_{{.threads = 2, .max_waiting = 1'000'000}};
  const QueryFundingRequest request_;
};

TEST_F(StreamReactorRaceTest, ManyAtOnceAndTheirCallersGoAtAnyMoment) {
  Workers workers({.threads = 4, .max_waiting = kStreams});
  int cut_off = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::unique_ptr<Call>> calls;
    std::vector<std::thread> closers;
    for (int i = 0; i < kStreams; ++i) {
      calls.push_back(std::make_unique<Call>(&grpc_));
      Call* const call = calls.back().get();
      call->Bind(StartStream<QueryFundingResponse>(
          &calls_, &workers, call->context(), request_, [call, i](const Cancelled& cancelled) {
            call->AwaitBound();
            if (i % 5 == 0) {
              while (!cancelled()) std::this_thread::yield();
              return Answer(absl::CancelledError("nobody waits for this"));
            }
            return i % 5 == 1 ? Answer(absl::NotFoundError("no such row")) : Messages();
          }));
      closers.emplace_back([call] { call->Close(); });
    }
    for (std::thread& closer : closers) closer.join();
    for (int i = 0; i < kStreams; ++i) {
      const grpc::StatusCode code = calls[i]->AwaitDone();
      if (code == grpc::StatusCode::CANCELLED) {
        ++cut_off;
      } else {
        // What ended by itself is complete.
        EXPECT_NE(i % 5, 0);
        EXPECT_EQ(code, i % 5 == 1 ? grpc::StatusCode::NOT_FOUND : grpc::StatusCode::OK);
        EXPECT_EQ(calls[i]->written(), i % 5 == 1 ? 0 : kMessages);
      }
    }
  }
  EXPECT_GT(cut_off, 0);
}

TEST_F(StreamReactorRaceTest, WorkersEndBelowTheStreams) {
  for (int round = 0; round < kRounds; ++round) {
    auto workers =
        std::make_unique<Workers>(Workers::Options{.threads = 2, .max_waiting = kStreams});
    std::vector<std::unique_ptr<Call>> calls;
    for (int i = 0; i < kStreams; ++i) {
      calls.push_back(std::make_unique<Call>(&grpc_));
      Call* const call = calls.back().get();
      call->Bind(StartStream<QueryFundingResponse>(&calls_, workers.get(), call->context(),
                                                   request_, [call](const Cancelled&) {
                                                     call->AwaitBound();
                                                     return Messages();
                                                   }));
    }
    workers.reset();
    for (const auto& call : calls) {
      // The connection stays until the call is over.
      while (!call->finished()) std::this_thread::yield();
      call->Close();
      const grpc::StatusCode code = call->AwaitDone();
      if (code != grpc::StatusCode::UNAVAILABLE) {
        EXPECT_EQ(code, grpc::StatusCode::OK);
        EXPECT_EQ(call->written(), kMessages);
      }
    }
  }
}

}  // namespace
}  // namespace entente::server
