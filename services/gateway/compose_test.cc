// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/gateway/fake_peer.h"

namespace entente::gateway {
namespace {

using funding::v1::ListClaimsRequest;
using funding::v1::ListClaimsResponse;
using testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class BudgetTest : public testing::TestWithParam<absl::Duration> {};

TEST_P(BudgetTest, EveryStageEndsLaterThanTheOneBeforeAndTheLastBeforeTheCallersDeadline) {
  for (int stages = 1; stages <= 4; ++stages) {
    const Budget budget(kNow, kNow + GetParam(), stages);
    absl::Time last = kNow;
    for (int stage = 1; stage <= stages; ++stage) {
      EXPECT_GT(budget.StageDeadline(stage), last) << stage << " of " << stages;
      last = budget.StageDeadline(stage);
    }
    EXPECT_LT(last, kNow + GetParam());
    EXPECT_LT(last, kNow + kDefaultBudget);
    // At least half of the time is for the parts.
    EXPECT_GE(last - kNow, std::min(GetParam(), kDefaultBudget) / 2);
    // Stages have equal shares, but for the last nanosecond.
    EXPECT_LE(absl::AbsDuration((budget.StageDeadline(1) - kNow) * stages - (last - kNow)),
              absl::Microseconds(1));
  }
}

INSTANTIATE_TEST_SUITE_P(Deadlines, BudgetTest,
                         testing::Values(absl::InfiniteDuration(), absl::Hours(1), absl::Seconds(5),
                                         absl::Seconds(1), absl::Milliseconds(200),
                                         absl::Milliseconds(40), absl::Milliseconds(20),
                                         absl::Milliseconds(5), absl::Milliseconds(1),
                                         absl::Microseconds(1)));

TEST(BudgetTest, NothingIsLeftAfterTheDeadline) {
  EXPECT_EQ(Budget(kNow, kNow, 2).StageDeadline(2), kNow);
  EXPECT_LE(Budget(kNow, kNow - absl::Seconds(1), 2).StageDeadline(2), kNow);
}

TEST(IsUnreachableTest, IsWhatTheServiceAndNotTheRequestIsToBlameFor) {
  std::set<absl::StatusCode> unreachable;
  for (int code = 1; code <= 16; ++code) {
    const auto status = absl::Status(static_cast<absl::StatusCode>(code), "x");
    if (IsUnreachable(status)) unreachable.insert(status.code());
  }
  using absl::StatusCode;
  EXPECT_EQ(unreachable,
            (std::set<StatusCode>{StatusCode::kUnavailable, StatusCode::kDeadlineExceeded,
                                  StatusCode::kCancelled, StatusCode::kResourceExhausted,
                                  StatusCode::kInternal, StatusCode::kUnknown,
                                  StatusCode::kUnimplemented, StatusCode::kDataLoss}));
  EXPECT_FALSE(IsUnreachable(absl::OkStatus()));
}

TEST(JoinTest, CallsWhenTheLastHasArrivedAndOnce) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> arrived = 0;
    std::atomic<int> called = 0;
    const auto join = Join::Of(4, [&] {
      EXPECT_EQ(arrived, 4);
      ++called;
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, join] {
        ++arrived;
        join->Arrive();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(called, 1);
  }
}

TEST(JoinTest, IsCutOnceAndThenNobodyIsWaitedFor) {
  int called = 0;
  const auto join = Join::Of(3, [&] { ++called; });
  join->Arrive();
  EXPECT_EQ(called, 0);
  join->Cut();
  EXPECT_EQ(called, 1);
  join->Arrive();
  join->Cut();
  EXPECT_EQ(called, 1);

  const auto done = Join::Of(1, [&] { ++called; });
  done->Arrive();
  done->Cut();
  EXPECT_EQ(called, 2);
}

// A service whose claims are `count` in number, titled with the revision that they are read at.
// Each call that is not pinned finds a later revision.
class PagedClaims {
 public:
  explicit PagedClaims(int count) : count_(count) {}

  absl::Status operator()(const ListClaimsRequest& request, ListClaimsResponse* response) {
    const int64_t revision = request.revision() == 0 ? ++revision_ : request.revision();
    int from = 0;
    if (!request.page_token().empty()) {
      const std::string bound = absl::StrCat("at ", request.revision(), " from ");
      EXPECT_EQ(request.page_token().substr(0, bound.size()), bound)
          << "a token is bound to the revision of its request";
      EXPECT_TRUE(absl::SimpleAtoi(request.page_token().substr(bound.size()), &from));
    }
    const int end = std::min(count_, from + request.page_size());
    for (int i = from; i < end; ++i) {
      auto* claim = response->add_claims();
      claim->set_name(absl::StrCat("claims/c", i));
      claim->mutable_title()->set_text(absl::StrCat(revision));
    }
    if (end < count_) {
      response->set_next_page_token(absl::StrCat("at ", request.revision(), " from ", end));
    }
    response->set_revision(revision);
    response->set_catalogue_revision(++catalogue_revision_);
    return absl::OkStatus();
  }

 private:
  const int count_;
  int64_t revision_ = 40;
  int64_t catalogue_revision_ = 0;
};

// Whether resources stay bytes.
class ListAllTest : public testing::TestWithParam<bool> {
 protected:
  // Lists all, and makes a message of it in any case.
  static void All(client::Peer* peer, const client::CallOptions& options,
                  ListClaimsRequest* request, ListClaimsResponse* all, client::Done done) {
    if (!GetParam()) return ListAll(peer, options, request, all, std::move(done));
    const auto pages = std::make_shared<std::deque<std::string>>();
    ListAllUnparsed(peer, options, request, all, pages.get(),
                    [pages, all, done = std::move(done)](const absl::Status& status) {
                      EXPECT_EQ(all->claims_size(), 0);
                      for (const std::string& page : *pages) {
                        EXPECT_TRUE(all->MergeFromString(page));
                      }
                      done(status);
                    });
  }

  static size_t ListClaims(int count, int64_t revision, ListClaimsResponse* all);
};

// Lists all of `count` claims and returns how many calls that took.
size_t ListAllTest::ListClaims(int count, int64_t revision, ListClaimsResponse* all) {
  auto service = std::make_shared<PagedClaims>(count);
  FakePeer peer("funding", AnswerTo<ListClaimsRequest, ListClaimsResponse>(
                               [service](const auto& request, auto* response) {
                                 return (*service)(request, response);
                               }));
  ListClaimsRequest request;
  request.set_page_size(1000);
  request.set_revision(revision);
  int answers = 0;
  All(&peer, {kNow, "id"}, &request, all, [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    ++answers;
  });
  EXPECT_EQ(answers, 1);
  for (const auto& call : peer.calls()) {
    EXPECT_EQ(call.deadline, kNow);
    EXPECT_EQ(call.request_id, "id");
  }
  for (int i = 0; i < all->claims_size(); ++i) {
    EXPECT_EQ(all->claims(i).name(), absl::StrCat("claims/c", i));
    EXPECT_EQ(all->claims(i).title().text(), absl::StrCat(all->revision()));
  }
  EXPECT_EQ(all->claims_size(), count);
  EXPECT_EQ(all->next_page_token(), "");
  return peer.calls().size();
}

TEST_P(ListAllTest, ManyPagesAreAllReadAtOneRevision) {
  ListClaimsResponse all;
  // The first page is read again once its revision is known.
  EXPECT_EQ(ListClaims(2500, 0, &all), 4u);
  EXPECT_EQ(all.revision(), 41);
  EXPECT_EQ(all.catalogue_revision(), 2) << "as of the first page of those";
}

TEST_P(ListAllTest, AGivenRevisionNeedsNoSecondFirstPage) {
  ListClaimsResponse all;
  EXPECT_EQ(ListClaims(2500, 17, &all), 3u);
  EXPECT_EQ(all.revision(), 17);
  EXPECT_EQ(all.catalogue_revision(), 1);
}

TEST_P(ListAllTest, OnePageIsOneCall) {
  for (const int count : {0, 1, 999, 1000}) {
    ListClaimsResponse all;
    EXPECT_EQ(ListClaims(count, 0, &all), 1u);
    EXPECT_EQ(all.revision(), 41);
  }
}

TEST_P(ListAllTest, AnErrorOnTheWayIsTheAnswer) {
  int calls = 0;
  FakePeer peer("funding", AnswerTo<ListClaimsRequest, ListClaimsResponse>(
                               [&](const auto& request, auto* response) -> absl::Status {
                                 if (++calls == 3) return absl::UnavailableError("gone");
                                 response->set_revision(1);
                                 response->set_next_page_token("more");
                                 return absl::OkStatus();
                               }));
  ListClaimsRequest request;
  ListClaimsResponse all;
  std::vector<absl::Status> answers;
  All(&peer, {}, &request, &all, [&](absl::Status status) { answers.push_back(status); });
  EXPECT_THAT(answers, ElementsAre(absl::UnavailableError("gone")));
  EXPECT_EQ(calls, 3);
}

TEST_P(ListAllTest, WhenNobodyWaitsNoFurtherPageIsAskedFor) {
  const auto of_caller = std::make_shared<Cancellation>();
  const Wanted wanted(client::CallOptions{kNow, "id", of_caller});
  int calls = 0;
  FakePeer peer("funding", AnswerTo<ListClaimsRequest, ListClaimsResponse>(
                               [&](const auto& request, auto* response) -> absl::Status {
                                 if (++calls == 2) of_caller->Cancel();
                                 response->set_revision(1);
                                 response->set_next_page_token("more");
                                 return absl::OkStatus();
                               }));
  ListClaimsRequest request;
  ListClaimsResponse all;
  std::vector<absl::StatusCode> answers;
  All(&peer, wanted.Until(kNow), &request, &all,
      [&](const absl::Status& status) { answers.push_back(status.code()); });
  EXPECT_THAT(answers, ElementsAre(absl::StatusCode::kCancelled));
  EXPECT_EQ(calls, 2);
}

INSTANTIATE_TEST_SUITE_P(ParsedAndNot, ListAllTest, testing::Bool());

TEST(WantedTest, GivingUpIsNotTheCallersEnd) {
  const auto of_caller = std::make_shared<Cancellation>();
  const Wanted wanted(client::CallOptions{kNow, "id", of_caller});
  const client::CallOptions options = wanted.Until(kNow);
  EXPECT_EQ(options.request_id, "id");
  wanted.GiveUp();
  EXPECT_TRUE(options.cancellation->IsCancelled());
  EXPECT_FALSE(of_caller->IsCancelled());
}

}  // namespace
}  // namespace entente::gateway
