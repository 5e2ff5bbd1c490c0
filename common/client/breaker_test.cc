// SPDX-License-Identifier: Apache-2.0
#include "common/client/breaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/testing/matchers.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"

namespace entente::client {
namespace {

using absl::Milliseconds;
using test::IsOk;
using testing::HasSubstr;
using Outcome = Breaker::Outcome;

constexpr BreakerOptions kOptions = {.failures = 3,
                                     .rest = Milliseconds(100),
                                     .max_rest = Milliseconds(400),
                                     .patience = Milliseconds(50)};

class BreakerTest : public testing::Test {
 protected:
  // A call that ends at once; false if it did not go through.
  bool Call(Outcome outcome) {
    const auto ticket = breaker_.Begin("catalogue");
    if (ticket.ok()) breaker_.End(*ticket, outcome);
    return ticket.ok();
  }

  void Fail(int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(Call(Outcome::kFailure));
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Breaker breaker_{kOptions, &clock_};
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  Fail(2);
  EXPECT_TRUE(Call(Outcome::kSuccess));
  Fail(2);
  EXPECT_TRUE(Call(Outcome::kUnknown));
  Fail(1);
  EXPECT_FALSE(Call(Outcome::kSuccess));
}

TEST_F(BreakerTest, SaysThatItIsOpenAndWhenToTryAgain) {
  Fail(3);
  clock_.Advance(Milliseconds(30));
  const absl::Status status = breaker_.Begin("entente.events.v1.EventsService").status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("entente.events.v1.EventsService"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("70ms"));
  const auto retry = status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  ASSERT_TRUE(retry.has_value());
}

TEST_F(BreakerTest, TriesOneCallAndCloses) {
  Fail(3);
  clock_.Advance(Milliseconds(99));
  EXPECT_FALSE(Call(Outcome::kSuccess));
  clock_.Advance(Milliseconds(1));
  const auto probe = breaker_.Begin("catalogue");
  ASSERT_THAT(probe, IsOk());
  EXPECT_FALSE(Call(Outcome::kSuccess)) << "one at a time";
  breaker_.End(*probe, Outcome::kSuccess);
  EXPECT_TRUE(Call(Outcome::kFailure)) << "closed";
  Fail(2);
  clock_.Advance(Milliseconds(100));
  EXPECT_TRUE(Call(Outcome::kSuccess)) << "the rest is as short as the first time";
}

TEST_F(BreakerTest, RestsLongerEachTimeTheTryFails) {
  Fail(3);
  for (const absl::Duration rest : {Milliseconds(100), Milliseconds(200), Milliseconds(400),
                                    Milliseconds(400), Milliseconds(400)}) {
    clock_.Advance(rest - Milliseconds(1));
    EXPECT_FALSE(Call(Outcome::kFailure));
    clock_.Advance(Milliseconds(1));
    EXPECT_TRUE(Call(Outcome::kFailure));
  }
}

TEST_F(BreakerTest, ATryThatSaidNothingIsFollowedByAnother) {
  Fail(3);
  clock_.Advance(Milliseconds(100));
  EXPECT_TRUE(Call(Outcome::kUnknown));
  EXPECT_TRUE(Call(Outcome::kSuccess));
}

TEST_F(BreakerTest, CallsFromBeforeSayNothing) {
  std::vector<Breaker::Ticket> old;
  for (int i = 0; i < 10; ++i) old.push_back(*breaker_.Begin("catalogue"));
  Fail(3);
  for (int i = 0; i < 5; ++i) breaker_.End(old[i], Outcome::kSuccess);
  EXPECT_FALSE(Call(Outcome::kSuccess));
  clock_.Advance(Milliseconds(100));
  EXPECT_TRUE(Call(Outcome::kSuccess));
  for (int i = 5; i < 10; ++i) breaker_.End(old[i], Outcome::kFailure);
  EXPECT_TRUE(Call(Outcome::kSuccess));
}

TEST_F(BreakerTest, AClockThatIsSetBackDoesNotKeepItOpen) {
  Fail(3);
  clock_.Advance(-absl::Hours(1));
  EXPECT_TRUE(Call(Outcome::kSuccess));
}

// However calls overlap: never two at once while it is half open, and it closes in the end.
TEST(BreakerConcurrentTest, OneTryAtATime) {
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  Breaker breaker(kOptions, &clock);
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < kOptions.failures; ++i) {
      breaker.End(*breaker.Begin("catalogue"), Outcome::kFailure);
    }
    clock.Advance(kOptions.max_rest);
    std::atomic<int> through{0};
    std::vector<std::thread> threads;
    std::vector<absl::StatusOr<Breaker::Ticket>> tickets(4, absl::UnknownError(""));
    for (auto& ticket : tickets) {
      threads.emplace_back([&] {
        ticket = breaker.Begin("catalogue");
        if (ticket.ok()) ++through;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(through, 1);
    for (const auto& ticket : tickets) {
      if (ticket.ok()) breaker.End(*ticket, Outcome::kSuccess);
    }
  }
}

// Answers with a status, counting.
class ScriptedPeer final : public Peer {
 public:
  std::string service() const override { return "entente.catalogue.v1.CatalogueService"; }
  void Call(const CallOptions&, const google::protobuf::Message&, google::protobuf::Message*,
            Done done) override {
    ++calls;
    done(status);
  }
  void CallUnparsed(const CallOptions&, const google::protobuf::Message&,
                    google::protobuf::Message*, std::string*, Done done) override {
    ++calls;
    done(status);
  }

  absl::Status status;
  int calls = 0;
};

class BreakerPeerTest : public testing::Test {
 protected:
  BreakerPeerTest() {
    auto scripted = std::make_unique<ScriptedPeer>();
    scripted_ = scripted.get();
    peer_ = std::make_unique<BreakerPeer>(std::move(scripted), kOptions, &clock_);
  }

  absl::Status Call(absl::Duration time) {
    catalogue::v1::GetInitiativeTreeRequest request;
    catalogue::v1::InitiativeTree response;
    absl::Status ended = absl::UnknownError("not ended");
    const auto done = [&](absl::Status status) { ended = std::move(status); };
    const CallOptions options = {.deadline = clock_.Now() + time};
    // In turn: to the breaker they are the same.
    if ((unparsed_ = !unparsed_)) {
      std::string resources;
      peer_->CallUnparsed(options, request, &response, &resources, done);
    } else {
      peer_->Call(options, request, &response, done);
    }
    return ended;
  }

  // How many of ten calls that end so reach the peer.
  int Reach(absl::Status status, absl::Duration time = absl::Seconds(1)) {
    scripted_->status = std::move(status);
    scripted_->calls = 0;
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(Call(time).ok());
    return scripted_->calls;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  ScriptedPeer* scripted_;
  bool unparsed_ = false;
  std::unique_ptr<BreakerPeer> peer_;
};

TEST_F(BreakerPeerTest, APeerThatIsGoneIsLeftInPeace) {
  EXPECT_EQ(Reach(absl::UnavailableError("gone")), 3);
  EXPECT_TRUE(absl::IsUnavailable(Call(absl::Seconds(1))));
}

TEST_F(BreakerPeerTest, APeerThatIsLateIsLeftInPeace) {
  EXPECT_EQ(Reach(absl::DeadlineExceededError("late")), 3);
}

TEST_F(BreakerPeerTest, APeerThatHadNoTimeIsNotJudged) {
  EXPECT_EQ(Reach(absl::DeadlineExceededError("late"), Milliseconds(49)), 10);
}

TEST_F(BreakerPeerTest, WhatIsTheCallersFaultIsNotJudged) {
  EXPECT_EQ(Reach(absl::NotFoundError("no such thing")), 10);
  EXPECT_EQ(Reach(absl::CancelledError("left")), 10);
  EXPECT_EQ(Reach(absl::ResourceExhaustedError("too much")), 10);
}

TEST_F(BreakerPeerTest, APeerThatComesBackIsAskedAgain) {
  Reach(absl::UnavailableError("gone"));
  scripted_->status = absl::OkStatus();
  EXPECT_FALSE(Call(absl::Seconds(1)).ok());
  clock_.Advance(Milliseconds(100));
  EXPECT_THAT(Call(absl::Seconds(1)), IsOk());
  EXPECT_THAT(Call(absl::Seconds(1)), IsOk());
}

}  // namespace
}  // namespace entente::client
