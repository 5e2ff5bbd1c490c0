// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/resource/wire_fields.h"
#include "common/testing/matchers.h"
#include "entente/gateway/v1/gateway_service.pb.h"
#include "services/gateway/fake_peer.h"

namespace entente::gateway {
namespace {

using google::protobuf::Message;
using ::testing::ElementsAre;
using v1::GetDossierRequest;

constexpr absl::Duration kMinute = absl::Minutes(1);
// What each composition passes on.
constexpr char kPassedOn[] = "passed on";

grpc::ByteBuffer BytesOf(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

// One call, its answer and how it ended.
struct Asked {
  server::Call call;
  grpc::ByteBuffer bytes;
  std::optional<absl::Status> ended;

  // The name in the dossier that it was answered with.
  std::string name() const {
    std::vector<grpc::Slice> slices;
    std::string all;
    EXPECT_TRUE(bytes.Dump(&slices).ok());
    for (const auto& slice : slices) {
      all.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    v1::Dossier dossier;
    EXPECT_TRUE(dossier.ParseFromString(all));
    EXPECT_THAT(dossier.unresolved(), ElementsAre(kPassedOn));
    return dossier.name();
  }
};

class AnswersTest : public ::testing::Test {
 protected:
  AnswersTest() {
    // "NAME REVISION CALL": what was asked for, how far the catalogue was, and a number.
    question_.compose = [this](const Peers& peers, const client::CallOptions& options,
                               const Message& request, Message* response, std::string* passed_on,
                               client::Done done) {
      resource::AppendField(v1::Dossier::kUnresolvedFieldNumber, kPassedOn, passed_on);
      const int number = ++composed_;
      options_.push_back(options);
      static_cast<v1::Dossier*>(response)->set_name(
          absl::StrCat(static_cast<const GetDossierRequest&>(request).name(), " ", revision_.load(),
                       " ", number));
      // The part of funding says whether anything is lacking, or behind.
      auto part = std::make_shared<funding::v1::ListClaimsResponse>();
      peers.funding->Call(options, funding::v1::ListClaimsRequest(), part.get(),
                          [this, part, done = std::move(done)](const absl::Status&) {
                            if (held_) {
                              waiting_.push_back(done);
                            } else {
                              done(status_);
                            }
                          });
    };
    funding_.AnswerWith([this](const Message&, Message* response) {
      static_cast<funding::v1::ListClaimsResponse*>(response)->set_catalogue_revision(copy_);
      return funding_status_;
    });
  }

  static std::unique_ptr<Newest> NewestOf(std::function<int64_t()> revision) {
    return std::make_unique<DirectNewest>(std::move(revision));
  }

  std::shared_ptr<Asked> Ask(const GetDossierRequest& request,
                             absl::Duration time = absl::InfiniteDuration()) {
    auto asked = std::make_shared<Asked>();
    asked->call.peer = "ipv4:127.0.0.1:5";
    asked->call.deadline = absl::Now() + time;
    asked->call.cancellation = std::make_shared<Cancellation>();
    answers_.Answer(question_, asked->call, BytesOf(request), &asked->bytes,
                    [asked](absl::Status status) { asked->ended = std::move(status); });
    return asked;
  }
  std::shared_ptr<Asked> Ask(const std::string& name,
                             absl::Duration time = absl::InfiniteDuration()) {
    GetDossierRequest request;
    request.set_name(name);
    return Ask(request, time);
  }

  // Lets those end that were held.
  void Release() {
    held_ = false;
    for (const auto& done : std::exchange(waiting_, {})) done(status_);
  }

  class Uncertain final : public Newest {
   public:
    explicit Uncertain(AnswersTest* test) : test_(test) {}
    std::optional<int64_t> Get() const override {
      if (!test_->certain_) return std::nullopt;
      return 1;
    }

   private:
    AnswersTest* const test_;
  };

  std::atomic<int64_t> revision_ = 1;
  bool certain_ = true;
  int64_t copy_ = 0;
  absl::Status funding_status_;
  absl::Status status_;
  bool held_ = false;
  std::vector<client::Done> waiting_;
  int composed_ = 0;
  std::vector<client::CallOptions> options_;

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  FakePeer catalogue_{"catalogue"};
  FakePeer funding_{"funding"};
  FakePeer events_{"events"};
  Frontiers frontiers_{NewestOf([this] { return revision_.load(); }), NewestOf([] { return 3; }),
                       std::make_unique<Uncertain>(this)};
  Answers::Options limits_{.kept_bytes = 2000, .turns = {.at_once = 2, .waiting_per_caller = 1}};
  Answers answers_{{&catalogue_, &funding_, &events_}, &frontiers_, &clock_, limits_};
  Question question_{&GetDossierRequest::default_instance(), &v1::Dossier::default_instance(), {}};
};

TEST_F(AnswersTest, AnAnswerIsComposedOnceWhileNothingChanges) {
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  EXPECT_EQ(Ask("b")->name(), "b 1 2");
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
}

TEST_F(AnswersTest, ANewRevisionOfAnyServiceMakesAllAnew) {
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  revision_ = 2;
  EXPECT_EQ(Ask("a")->name(), "a 2 2");
  EXPECT_EQ(Ask("a")->name(), "a 2 2");
}

TEST_F(AnswersTest, ANewDayDoes) {
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Ask("a")->name(), "a 1 2");
}

TEST_F(AnswersTest, NothingIsGivenAgainWhileItIsNotCertainHowFarAServiceIs) {
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  certain_ = false;
  EXPECT_EQ(Ask("a")->name(), "a 1 2");
  EXPECT_EQ(Ask("a")->name(), "a 1 3");
  certain_ = true;
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
}

TEST_F(AnswersTest, WhatLacksAPartIsNotGivenAgain) {
  funding_status_ = absl::UnavailableError("gone");
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  EXPECT_EQ(Ask("a")->name(), "a 1 2");
  funding_status_ = absl::OkStatus();
  EXPECT_EQ(Ask("a")->name(), "a 1 3");
  EXPECT_EQ(Ask("a")->name(), "a 1 3");
}

TEST_F(AnswersTest, NorWhatAServiceAnsweredByAnOldCopyOfTheCatalogue) {
  revision_ = 5;
  copy_ = 4;
  EXPECT_EQ(Ask("a")->name(), "a 5 1");
  copy_ = 5;
  EXPECT_EQ(Ask("a")->name(), "a 5 2");
  EXPECT_EQ(Ask("a")->name(), "a 5 2");
}

TEST_F(AnswersTest, NorWhatIsAsOfATime) {
  GetDossierRequest request;
  request.set_name("a");
  request.mutable_read_time()->set_seconds(1'700'000'000);
  EXPECT_EQ(Ask(request)->name(), "a 1 1");
  EXPECT_EQ(Ask(request)->name(), "a 1 2");
}

TEST_F(AnswersTest, NorAnError) {
  status_ = absl::NotFoundError("no such");
  EXPECT_THAT(*Ask("a")->ended, test::StatusIs(absl::StatusCode::kNotFound));
  status_ = absl::OkStatus();
  EXPECT_EQ(Ask("a")->name(), "a 1 2");
}

TEST_F(AnswersTest, NorWhatWasComposedWhileARevisionCame) {
  held_ = true;
  const auto asked = Ask("a");
  revision_ = 2;
  Release();
  EXPECT_EQ(asked->name(), "a 1 1");
  EXPECT_EQ(Ask("a")->name(), "a 2 2");
}

TEST_F(AnswersTest, TheOnesNotAskedForTheLongestAreDroppedWhenThereAreTooMany) {
  for (const char* name : {"a", "b", "c"}) Ask(name);
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  Ask("d");
  EXPECT_EQ(Ask("a")->name(), "a 1 1");
  EXPECT_EQ(Ask("b")->name(), "b 1 5");
}

TEST_F(AnswersTest, BytesThatAreNoRequestAreSaidToBeNone) {
  const grpc::Slice slice(std::string("\xff"));
  const grpc::ByteBuffer bytes(&slice, 1);
  Asked asked;
  answers_.Answer(question_, asked.call, bytes, &asked.bytes,
                  [&](absl::Status status) { asked.ended = std::move(status); });
  EXPECT_THAT(*asked.ended, test::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(composed_, 0);
}

TEST_F(AnswersTest, WhatSeveralAskAtOnceIsComposedOnce) {
  held_ = true;
  const auto first = Ask("a");
  const auto second = Ask("a");
  const auto other = Ask("b");
  EXPECT_EQ(composed_, 2);
  Release();
  EXPECT_EQ(first->name(), "a 1 1");
  EXPECT_EQ(second->name(), "a 1 1");
  EXPECT_EQ(other->name(), "b 1 2");
}

TEST_F(AnswersTest, ButNobodyWaitsForOneThatMayTakeLonger) {
  held_ = true;
  Ask("a", 2 * kMinute);
  const auto hurried = Ask("a", kMinute);
  EXPECT_EQ(composed_, 2);
  Release();
  EXPECT_EQ(hurried->name(), "a 1 2");
}

TEST_F(AnswersTest, NorForOneThatBeganBeforeTheLastRevision) {
  held_ = true;
  Ask("a");
  revision_ = 2;
  const auto later = Ask("a");
  Release();
  EXPECT_EQ(later->name(), "a 2 2");
}

TEST_F(AnswersTest, OneWhoGoesLeavesTheOthersTheirAnswer) {
  held_ = true;
  const auto leader = Ask("a");
  const auto second = Ask("a");
  leader->call.cancellation->Cancel();
  EXPECT_THAT(*leader->ended, test::StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(options_[0].cancellation->IsCancelled());
  Release();
  EXPECT_EQ(second->name(), "a 1 1");
}

TEST_F(AnswersTest, WhenAllHaveGoneTheCompositionIsToldSo) {
  held_ = true;
  const auto leader = Ask("a");
  const auto second = Ask("a");
  second->call.cancellation->Cancel();
  leader->call.cancellation->Cancel();
  EXPECT_TRUE(options_[0].cancellation->IsCancelled());
  // Nobody joins what nobody waits for.
  const auto later = Ask("a");
  EXPECT_EQ(composed_, 2);
  Release();
  EXPECT_EQ(later->name(), "a 1 2");
}

TEST_F(AnswersTest, WhoHasTheTimeDoesNotTakeWhatLacksAPart) {
  held_ = true;
  funding_status_ = absl::UnavailableError("gone");
  const auto leader = Ask("a");
  const auto second = Ask("a");
  const auto late = Ask("a", absl::InfiniteDuration());
  funding_status_ = absl::OkStatus();
  Release();
  EXPECT_EQ(leader->name(), "a 1 1");
  EXPECT_EQ(second->name(), "a 1 2");
  EXPECT_EQ(late->name(), "a 1 3");
}

TEST_F(AnswersTest, WhoHasNoTimeTakesIt) {
  held_ = true;
  funding_status_ = absl::UnavailableError("gone");
  const auto leader = Ask("a", absl::Milliseconds(30));
  const auto second = Ask("a", absl::Milliseconds(40));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  Release();
  EXPECT_EQ(leader->name(), "a 1 1");
  EXPECT_EQ(second->name(), "a 1 1");
}

TEST_F(AnswersTest, TooManyCompositionsWaitForTheirTurn) {
  held_ = true;
  const auto first = Ask("a");
  const auto second = Ask("b");
  const auto third = Ask("c");
  const auto fourth = Ask("d");
  EXPECT_EQ(composed_, 2);
  EXPECT_THAT(*fourth->ended, test::StatusIs(absl::StatusCode::kResourceExhausted));
  Release();
  EXPECT_EQ(third->name(), "c 1 3");
}

// Each answer is at least as new as what the service had when it was asked for, whatever the others
// do at the same time.
TEST(AnswersAtOnce, NoAnswerIsOlderThanItsQuestion) {
  constexpr int kThreads = 4;
  constexpr int kEach = 3000;
  std::atomic<int64_t> revision = 1;
  const auto newest = [&] {
    return std::make_unique<DirectNewest>([&] { return revision.load(); });
  };
  const Frontiers frontiers(newest(), newest(), newest());
  FakePeer peer("any");
  const Question question{
      &GetDossierRequest::default_instance(), &v1::Dossier::default_instance(),
      [&](const Peers&, const client::CallOptions&, const Message&, Message* response, std::string*,
          const client::Done& done) {
        static_cast<v1::Dossier*>(response)->mutable_revisions()->set_catalogue(revision.load());
        done(absl::OkStatus());
      }};
  Answers answers({&peer, &peer, &peer}, &frontiers, &SystemClock::Get(), {});
  std::atomic<int> older = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        GetDossierRequest request;
        request.set_name(absl::StrCat(i % 3));
        server::Call call;
        call.peer = absl::StrCat("ipv4:127.0.0.", t, ":1");
        call.deadline = absl::InfiniteFuture();
        call.cancellation = std::make_shared<Cancellation>();
        grpc::ByteBuffer bytes;
        const int64_t before = revision.load();
        // In this composition all is over before Answer returns, or another thread answers.
        std::atomic<int> over = 0;
        answers.Answer(question, call, BytesOf(request), &bytes,
                       [&](const absl::Status& status) { over = status.ok() ? 1 : 2; });
        while (over == 0) std::this_thread::yield();
        grpc::Slice slice;
        v1::Dossier dossier;
        if (over != 1 || !bytes.DumpToSingleSlice(&slice).ok() ||
            !dossier.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
          ++wrong;
        } else if (dossier.revisions().catalogue() < before) {
          ++older;
        }
        if (t == 0 && i % 10 == 0) ++revision;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(older, 0);
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace entente::gateway
