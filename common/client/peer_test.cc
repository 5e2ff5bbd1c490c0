// SPDX-License-Identifier: Apache-2.0
//
// Calls over gRPC, against a server that does as it is told.
#include "common/client/peer.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"

namespace entente::client {
namespace {

using catalogue::v1::ApplyChangesRequest;
using catalogue::v1::ApplyChangesResponse;
using catalogue::v1::GetInitiativeTreeRequest;
using catalogue::v1::InitiativeTree;
using test::IsOk;

constexpr absl::Duration kPatience = absl::Seconds(30);

// Answers every method: the first calls with an error, later ones with an empty message; or none,
// until they are cancelled.
class Service final : public grpc::CallbackGenericService {
 public:
  std::atomic<int> failures{0};
  std::atomic<grpc::StatusCode> failure{grpc::StatusCode::UNAVAILABLE};
  std::atomic<bool> silent{false};
  std::atomic<int> calls{0};
  std::atomic<int> cancelled{0};

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(Service* service) : service_(service) {
      ++service_->calls;
      if (service_->silent) return;
      if (--service_->failures >= 0) {
        Finish(grpc::Status(service_->failure, "as told"));
      } else {
        StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
      }
    }
    void OnCancel() override {
      ++service_->cancelled;
      if (service_->silent) Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

   private:
    Service* const service_;
    const grpc::Slice empty_;
    const grpc::ByteBuffer answer_{&empty_, 1};
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Reactor(this);
  }
};

class RemotePeerTest : public testing::Test {
 protected:
  RemotePeerTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
    const auto* descriptor = ApplyChangesRequest::descriptor()->file()->service(0);
    peer_.emplace(MakeChannel(absl::StrCat("127.0.0.1:", port), descriptor), descriptor);
  }
  ~RemotePeerTest() override {
    peer_.reset();
    server_->Shutdown(absl::ToChronoTime(absl::Now()));
  }

  // Calls and waits. `meanwhile` is called when the call is under way.
  absl::Status Call(const google::protobuf::Message& request, google::protobuf::Message* response,
                    std::shared_ptr<Cancellation> cancellation = nullptr,
                    const std::function<void()>& meanwhile = nullptr) {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<absl::Status> result;
    peer_->Call({absl::Now() + kPatience, "test", std::move(cancellation)}, request, response,
                [&](absl::Status status) {
                  const std::lock_guard<std::mutex> lock(mutex);
                  result = std::move(status);
                  ended.notify_one();
                });
    if (meanwhile != nullptr) meanwhile();
    std::unique_lock<std::mutex> lock(mutex);
    ended.wait(lock, [&] { return result.has_value(); });
    return *result;
  }

  absl::Status Read() {
    InitiativeTree tree;
    return Call(GetInitiativeTreeRequest(), &tree);
  }
  absl::Status Write() {
    ApplyChangesResponse response;
    return Call(ApplyChangesRequest(), &response);
  }

  Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::optional<RemotePeer> peer_;
};

TEST_F(RemotePeerTest, ReadsAreMadeAgainTwice) {
  service_.failures = 2;
  EXPECT_THAT(Read(), IsOk());
  EXPECT_EQ(service_.calls, 3);
  service_.failures = 3;
  EXPECT_TRUE(absl::IsUnavailable(Read()));
  EXPECT_EQ(service_.calls, 6);
}

TEST_F(RemotePeerTest, WritesAreNot) {
  service_.failures = 1;
  EXPECT_TRUE(absl::IsUnavailable(Write()));
  EXPECT_EQ(service_.calls, 1);
}

TEST_F(RemotePeerTest, NeitherIsWhatFailsForAnotherReason) {
  service_.failures = 1;
  service_.failure = grpc::StatusCode::RESOURCE_EXHAUSTED;
  EXPECT_TRUE(absl::IsResourceExhausted(Read()));
  EXPECT_EQ(service_.calls, 1);
}

// A server that fails every call is not asked three times as often for it.
TEST_F(RemotePeerTest, WhenAllFailFewAreMadeAgain) {
  service_.failures = 1'000'000;
  constexpr int kReads = 100;
  for (int i = 0; i < kReads; ++i) EXPECT_TRUE(absl::IsUnavailable(Read()));
  EXPECT_LT(service_.calls, kReads + 20);
}

TEST_F(RemotePeerTest, EndsWhenItIsCancelledAndTheServerHearsOfIt) {
  service_.silent = true;
  const auto cancellation = std::make_shared<Cancellation>();
  InitiativeTree tree;
  const absl::Status status = Call(GetInitiativeTreeRequest(), &tree, cancellation, [&] {
    while (service_.calls == 0) absl::SleepFor(absl::Milliseconds(1));
    cancellation->Cancel();
  });
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  const absl::Time patience = absl::Now() + kPatience;
  while (service_.cancelled == 0 && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(service_.cancelled, 1);
}

TEST_F(RemotePeerTest, IsNotBegunAfterThat) {
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  InitiativeTree tree;
  EXPECT_TRUE(absl::IsCancelled(Call(GetInitiativeTreeRequest(), &tree, cancellation)));
  EXPECT_EQ(service_.calls, 0);
}

}  // namespace
}  // namespace entente::client
