// SPDX-License-Identifier: Apache-2.0
//
// The gateway while a data service is killed, stopped or restarted again and again: every call ends
// within its deadline, right and complete, or right and marked partial; UNAVAILABLE only where the
// catalogue, which holds what is asked for, is the one that is gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"
#include "entente/gateway/v1/gateway_service.grpc.pb.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

using gateway::v1::Dossier;
using gateway::v1::GatewayService;
using gateway::v1::Overview;
using SteadyClock = std::chrono::steady_clock;

constexpr char kPartnership[] = "partnerships/us-asean-csp";
constexpr char kAsOf[] = "2023-09-05";

constexpr int kScale = kSanitized ? 3 : 1;
constexpr int kCalls = kSanitized ? 800 : 2000;
constexpr std::chrono::microseconds kCallInterval{kSanitized ? 25'000 : 6'000};
constexpr int kMinDeadlineMs = 250 * kScale;
constexpr int kMaxDeadlineMs = 600 * kScale;
// What the test itself may need beyond a call's deadline to notice that the call has ended, on a
// machine with as many processes as this starts and two cores. A call that gRPC ends with
// DEADLINE_EXCEEDED is late whatever this says.
constexpr std::chrono::milliseconds kSlack{100 * kScale};
// After the fault all is well again within this: the longest wait between two attempts of the
// gateway to connect is a second.
constexpr absl::Duration kRecovery = absl::Seconds(5 * kScale);
constexpr absl::Duration kFaultOn = absl::Milliseconds(700 * kScale);
constexpr absl::Duration kFaultOff = absl::Milliseconds(600 * kScale);

// How many answers may lack the part of a service that nothing was done to. They are right and say
// so, but it is the machine that made it late: there is no more to it than that.
constexpr int kMaxSlowPeer = kCalls / 200;

enum class Fault { kKill, kStop, kRestart };

std::string NameOf(Fault fault) {
  static constexpr const char* kNames[] = {"Kill", "Stop", "Restart"};
  return kNames[static_cast<size_t>(fault)];
}

// One thing to ask: the dossier of an initiative, or the overview.
struct Question {
  std::string initiative;  // Empty for the overview.
};

// What may be answered, serialised, by what is unreachable: the names of the services, each with a
// space after it. A service may go before or after it was asked the first time.
using Expected = std::multimap<std::string, std::string>;

template <typename Answer>
std::string UnreachableIn(const Answer& answer) {
  std::string names;
  for (const std::string& service : answer.unreachable()) absl::StrAppend(&names, service, " ");
  return names;
}

template <typename Answer>
void Expect(const Answer& answer, Expected* expected) {
  expected->emplace(UnreachableIn(answer), answer.SerializeAsString());
}

gateway::v1::GetDossierRequest DossierRequest(const std::string& name) {
  gateway::v1::GetDossierRequest request;
  request.set_name(name);
  return request;
}

gateway::v1::GetOverviewRequest OverviewRequest() {
  gateway::v1::GetOverviewRequest request;
  request.set_name(kPartnership);
  request.set_as_of(kAsOf);
  return request;
}

// Asks with all the time in the world; the status is the caller's to judge.
grpc::Status Ask(GatewayService::Stub* stub, const std::string& name, Dossier* dossier) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  return stub->GetDossier(&context, DossierRequest(name), dossier);
}

grpc::Status Ask(GatewayService::Stub* stub, Overview* overview) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  return stub->GetOverview(&context, OverviewRequest(), overview);
}

template <typename List>
std::set<std::string> Serialised(const List& list) {
  std::set<std::string> all;
  for (const auto& message : list) all.insert(message.SerializeAsString());
  return all;
}

template <typename... Lists>
std::set<std::string> NamesIn(const Lists&... lists) {
  std::set<std::string> names;
  const auto add = [&](const auto& list) {
    for (const auto& resource : list) names.insert(resource.name());
  };
  (add(lists), ...);
  return names;
}

// Takes what only resources that are not in the dossier say out of its citations.
void DropForeignCitations(Dossier* dossier) {
  auto names =
      NamesIn(dossier->ancestors(), dossier->descendants(), dossier->claims(),
              dossier->quantities(), dossier->events(), dossier->organisations(), dossier->people(),
              dossier->places(), dossier->documents(), dossier->event_series());
  names.insert(dossier->name());
  google::protobuf::RepeatedPtrField<gateway::v1::CitedStatements> kept;
  for (const auto& cited : dossier->citations()) {
    gateway::v1::CitedStatements rest;
    *rest.mutable_citation() = cited.citation();
    for (const std::string& name : cited.resources()) {
      if (names.count(name) > 0) rest.add_resources(name);
    }
    if (!rest.resources().empty()) *kept.Add() = rest;
  }
  dossier->mutable_citations()->Swap(&kept);
}

// The dossier whose references could not be looked up, because the catalogue went in between.
Dossier WithoutLookUps(Dossier dossier) {
  dossier.clear_organisations();
  dossier.clear_people();
  dossier.clear_places();
  dossier.clear_documents();
  DropForeignCitations(&dossier);
  dossier.add_unreachable(FullName(Service::kCatalogue));
  return dossier;
}

// The dossier whose series could not be had, because events went in between.
Dossier WithoutSeries(Dossier dossier) {
  dossier.clear_event_series();
  DropForeignCitations(&dossier);
  dossier.add_unreachable(FullName(Service::kEvents));
  return dossier;
}

Overview Without(const std::vector<Service>& missing, Overview overview) {
  for (const Service service : missing) {
    if (service == Service::kFunding) {
      overview.clear_claim_groups();
      overview.mutable_revisions()->clear_funding();
      for (auto& pillar : *overview.mutable_pillars()) pillar.clear_claim_count();
    } else {
      overview.clear_past_events();
      overview.clear_coming_events();
      overview.clear_undetermined_events();
      overview.mutable_revisions()->clear_events();
      for (auto& pillar : *overview.mutable_pillars()) pillar.clear_event_count();
    }
    overview.add_unreachable(FullName(service));
  }
  return overview;
}

// `partial` must be `complete` without what is from the `missing` or referred to by that alone.
void CheckPartial(const std::vector<Service>& missing, const Dossier& complete,
                  const Dossier& partial) {
  Dossier expected = complete;
  for (const Service service : missing) {
    if (service == Service::kFunding) {
      expected.clear_claims();
      expected.mutable_revisions()->clear_funding();
    } else {
      expected.clear_events();
      expected.clear_event_series();
      expected.mutable_revisions()->clear_events();
    }
    expected.add_unreachable(FullName(service));
  }
  const auto compare = [&](auto* expected_list, const auto& partial_list) {
    EXPECT_THAT(Serialised(*expected_list), testing::IsSupersetOf(Serialised(partial_list)));
    *expected_list = partial_list;
  };
  compare(expected.mutable_organisations(), partial.organisations());
  compare(expected.mutable_people(), partial.people());
  compare(expected.mutable_places(), partial.places());
  compare(expected.mutable_documents(), partial.documents());
  DropForeignCitations(&expected);
  EXPECT_EQ(Serialised(expected.citations()), Serialised(partial.citations()));
  *expected.mutable_citations() = partial.citations();
  EXPECT_EQ(expected.SerializeAsString(), partial.SerializeAsString())
      << partial.ShortDebugString();
}

struct Outcomes {
  int complete = 0;
  int partial = 0;      // Right, and without the part of the service in question.
  int unavailable = 0;  // The catalogue is the service in question, and cannot be reached.
  int slow_peer = 0;    // The same, but for a service that was merely slow.
  int late = 0;
  int wrong = 0;
  std::chrono::microseconds longest_over{std::chrono::microseconds::min()};
  std::map<std::string, int> complaints;
};

// Calls the gateway at a steady pace, however long the calls take, and judges every answer.
class Caller {
 public:
  Caller(GatewayService::Stub* stub, const std::vector<Question>& questions,
         const std::vector<Expected>& expected, Service victim)
      : stub_(stub), questions_(questions), expected_(expected), victim_(victim), thread_([this] {
          Loop();
        }) {}
  ~Caller() { thread_.join(); }

  bool done() {
    std::lock_guard<std::mutex> lock(mutex_);
    return finished_ == kCalls;
  }

  Outcomes outcomes() {
    std::lock_guard<std::mutex> lock(mutex_);
    return outcomes_;
  }

 private:
  template <typename Request, typename Response>
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
    SteadyClock::time_point start = SteadyClock::now();
    std::chrono::milliseconds allowed;
  };

  void Loop() {
    std::mt19937 random(20230905);
    std::uniform_int_distribution<int> deadline(kMinDeadlineMs, kMaxDeadlineMs);
    const auto begin = SteadyClock::now();
    // The overview, the last question, in turn with every dossier.
    const size_t overview = questions_.size() - 1;
    for (int i = 0; i < kCalls; ++i) {
      std::this_thread::sleep_until(begin + i * kCallInterval);
      const std::chrono::milliseconds allowed(deadline(random));
      if (i % 2 == 0) {
        const size_t question = static_cast<size_t>(i / 2) % overview;
        Send(question, DossierRequest(questions_[question].initiative), Dossier(), allowed,
             [this](auto&&... arguments) { stub_->async()->GetDossier(arguments...); });
      } else {
        Send(overview, OverviewRequest(), Overview(), allowed,
             [this](auto&&... arguments) { stub_->async()->GetOverview(arguments...); });
      }
    }
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return finished_ == kCalls; });
  }

  template <typename Request, typename Response, typename Method>
  void Send(size_t question, Request request, Response, std::chrono::milliseconds allowed,
            const Method& method) {
    auto call = std::make_shared<Call<Request, Response>>();
    call->request = std::move(request);
    call->allowed = allowed;
    call->context.set_deadline(std::chrono::system_clock::now() + allowed);
    method(&call->context, &call->request, &call->response,
           std::function<void(grpc::Status)>([this, call, question](const grpc::Status& status) {
             const auto over = SteadyClock::now() - call->start - call->allowed;
             Judge(question, status, UnreachableIn(call->response),
                   call->response.SerializeAsString(),
                   std::chrono::duration_cast<std::chrono::microseconds>(over));
           }));
  }

  void Judge(size_t question, const grpc::Status& status, const std::string& unreachable,
             const std::string& answer, std::chrono::microseconds over) {
    const std::string victim = FullName(victim_);
    const Expected& expected = expected_[question];
    const auto [first, last] = expected.equal_range(unreachable);
    const bool right =
        std::any_of(first, last, [&](const auto& one) { return one.second == answer; });
    std::lock_guard<std::mutex> lock(mutex_);
    outcomes_.longest_over = std::max(outcomes_.longest_over, over);
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED || over > kSlack) {
      ++outcomes_.late;
      ++outcomes_.complaints[absl::StrCat("late: ", status.error_message())];
    } else if (status.ok() && right) {
      ++(unreachable.empty()           ? outcomes_.complete
         : unreachable == victim + " " ? outcomes_.partial
                                       : outcomes_.slow_peer);
    } else if (IsCatalogueUnreachable(status)) {
      ++(victim_ == Service::kCatalogue ? outcomes_.unavailable : outcomes_.slow_peer);
    } else {
      ++outcomes_.wrong;
      ++outcomes_.complaints[absl::StrCat("wrong: ", questions_[question].initiative, " ",
                                          status.error_code(), " ", status.error_message(),
                                          ", unreachable: ", unreachable)];
    }
    ++finished_;
    changed_.notify_all();
  }

  static bool IsCatalogueUnreachable(const grpc::Status& status) {
    const auto info = errors::InfoOf(FromGrpcStatus(status));
    return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
           info.domain() == errors::kDomain && info.reason() == "PEER_UNREACHABLE" &&
           info.metadata().at("service") == FullName(Service::kCatalogue);
  }

  GatewayService::Stub* const stub_;
  const std::vector<Question>& questions_;
  const std::vector<Expected>& expected_;
  const Service victim_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Outcomes outcomes_;  // Guarded by mutex_.
  int finished_ = 0;   // Guarded by mutex_.
  std::thread thread_;
};

class GatewayChaosTest : public testing::TestWithParam<std::tuple<Service, Fault>> {
 protected:
  Service service() const { return std::get<0>(GetParam()); }
  Fault fault() const { return std::get<1>(GetParam()); }
  Server& victim() { return cluster_.server(service()); }

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(cluster_.StartAll());
    // Answers that are kept would hide a service that is stopped for less than two seconds.
    Server& gateway = cluster_.server(Service::kGateway);
    EXPECT_EQ(gateway.Stop(), Exited(0));
    ASSERT_NO_FATAL_FAILURE(gateway.Start({"--kept_answers_bytes=0"}));
    const Finished load = cluster_.Command({"load", Source("data/us-asean-csp")});
    ASSERT_EQ(load.ending, Exited(0)) << load.err;
    stub_ = GatewayService::NewStub(NewChannel(cluster_.server(Service::kGateway).address()));
    ASSERT_NO_FATAL_FAILURE(AskAll());
    for (const std::vector<Service>& missing : std::vector<std::vector<Service>>{
             {Service::kFunding}, {Service::kEvents}, {Service::kFunding, Service::kEvents}}) {
      ASSERT_NO_FATAL_FAILURE(AskAllWithout(missing));
    }
  }

  // The undisturbed answers.
  void AskAll() {
    ASSERT_TRUE(Ask(stub_.get(), &overview_).ok());
    ASSERT_THAT(overview_.unreachable(), testing::IsEmpty());
    std::set<std::string> initiatives = NamesIn(overview_.other_initiatives());
    for (const auto& pillar : overview_.pillars()) initiatives.merge(NamesIn(pillar.initiatives()));
    ASSERT_GT(initiatives.size(), 10U);
    for (const std::string& initiative : initiatives) {
      Dossier dossier;
      ASSERT_TRUE(Ask(stub_.get(), initiative, &dossier).ok()) << initiative;
      ASSERT_THAT(dossier.unreachable(), testing::IsEmpty());
      questions_.push_back({initiative});
      ExpectDossier(dossier, &expected_.emplace_back());
      dossiers_.push_back(std::move(dossier));
    }
    questions_.push_back({""});
    Expect(overview_, &expected_.emplace_back());
  }

  static void ExpectDossier(const Dossier& dossier, Expected* expected) {
    Expect(dossier, expected);
    Expect(WithoutLookUps(dossier), expected);
    if (dossier.event_series().empty()) return;
    Expect(WithoutSeries(dossier), expected);
    Expect(WithoutSeries(WithoutLookUps(dossier)), expected);
  }

  // The answers of a gateway for which these services are nowhere.
  void AskAllWithout(const std::vector<Service>& missing) {
    const Port nowhere;
    std::vector<std::string> arguments;
    for (const Service peer : kDataServices) {
      const bool gone = std::count(missing.begin(), missing.end(), peer) > 0;
      arguments.push_back(absl::StrCat("--", ShortName(peer), "=",
                                       gone ? nowhere.address() : cluster_.server(peer).address()));
    }
    Server gateway(Service::kGateway, &cluster_.dir(), arguments);
    gateway.Start();
    ASSERT_TRUE(gateway.AwaitServing());
    const auto stub = GatewayService::NewStub(NewChannel(gateway.address()));
    for (size_t i = 0; i < dossiers_.size(); ++i) {
      Dossier partial;
      ASSERT_TRUE(Ask(stub.get(), questions_[i].initiative, &partial).ok());
      CheckPartial(missing, dossiers_[i], partial);
      ExpectDossier(partial, &expected_[i]);
    }
    Overview partial;
    ASSERT_TRUE(Ask(stub.get(), &partial).ok());
    EXPECT_EQ(partial.SerializeAsString(), Without(missing, overview_).SerializeAsString());
    Expect(partial, &expected_.back());
  }

  void Break() {
    switch (fault()) {
      case Fault::kKill:
        victim().process().Signal(SIGKILL);
        ASSERT_EQ(victim().process().Wait(), KilledBy(SIGKILL));
        return absl::SleepFor(kFaultOn);
      case Fault::kStop:
        victim().process().Signal(SIGSTOP);
        return absl::SleepFor(kFaultOn);
      case Fault::kRestart:
        ASSERT_EQ(victim().Stop(), Exited(0));
    }
  }

  void Mend() {
    if (fault() == Fault::kStop) {
      victim().process().Signal(SIGCONT);
    } else {
      victim().Start();
    }
    ASSERT_TRUE(victim().AwaitServing());
  }

  // How long until every question is answered as it was before.
  absl::Duration Recover() {
    const absl::Time start = absl::Now();
    const auto until = [&](const auto& is_whole) {
      while (!is_whole() && absl::Now() - start < kRecovery) {
        absl::SleepFor(absl::Milliseconds(10));
      }
    };
    for (size_t i = 0; i < dossiers_.size(); ++i) {
      Dossier dossier;
      until([&] {
        return Ask(stub_.get(), questions_[i].initiative, &dossier).ok() &&
               dossier.SerializeAsString() == dossiers_[i].SerializeAsString();
      });
      EXPECT_EQ(dossier.DebugString(), dossiers_[i].DebugString());
    }
    Overview overview;
    until([&] {
      return Ask(stub_.get(), &overview).ok() &&
             overview.SerializeAsString() == overview_.SerializeAsString();
    });
    EXPECT_EQ(overview.DebugString(), overview_.DebugString());
    return absl::Now() - start;
  }

  Cluster cluster_;
  std::unique_ptr<GatewayService::Stub> stub_;
  std::vector<Question> questions_;  // The dossiers, then the overview.
  std::vector<Expected> expected_;   // For each question.
  std::vector<Dossier> dossiers_;
  Overview overview_;
};

TEST_P(GatewayChaosTest, EveryCallEndsInTimeAndIsRightOrMarkedPartial) {
  Outcomes outcomes;
  int faults = 0;
  {
    Caller caller(stub_.get(), questions_, expected_, service());
    while (!caller.done() && !HasFatalFailure()) {
      Break();
      Mend();
      ++faults;
      absl::SleepFor(kFaultOff);
    }
    while (!caller.done()) absl::SleepFor(absl::Milliseconds(10));
    outcomes = caller.outcomes();
  }
  const absl::Duration recovery = Recover();
  std::cout << ShortName(service()) << " " << NameOf(fault()) << ": " << faults << " faults, "
            << kCalls << " calls: " << outcomes.complete << " complete, " << outcomes.partial
            << " partial, " << outcomes.unavailable << " unavailable, " << outcomes.slow_peer
            << " right without a peer that was slow, " << outcomes.late << " late, "
            << outcomes.wrong << " wrong; the last to end did so "
            << -outcomes.longest_over.count() / 1000
            << " ms before its deadline; whole again after " << recovery << "\n";
  EXPECT_EQ(outcomes.late, 0);
  EXPECT_EQ(outcomes.wrong, 0);
  for (const auto& [complaint, count] : outcomes.complaints) {
    ADD_FAILURE() << count << " x " << complaint;
  }
  EXPECT_LE(outcomes.slow_peer, kMaxSlowPeer);
  EXPECT_EQ(outcomes.complete + outcomes.partial + outcomes.unavailable + outcomes.slow_peer,
            kCalls);
  // The fault was felt, and was not all that there was.
  EXPECT_GE(faults, 2);
  EXPECT_GT(outcomes.complete, 0);
  if (fault() != Fault::kRestart) {
    EXPECT_GT(outcomes.partial + outcomes.unavailable, 0);
  }
  EXPECT_LT(recovery, kRecovery);
}

INSTANTIATE_TEST_SUITE_P(All, GatewayChaosTest,
                         testing::Combine(testing::ValuesIn(kDataServices),
                                          testing::Values(Fault::kKill, Fault::kStop,
                                                          Fault::kRestart)),
                         [](const auto& instance) {
                           return absl::StrCat(ShortName(std::get<0>(instance.param)),
                                               NameOf(std::get<1>(instance.param)));
                         });

}  // namespace
}  // namespace entente::e2e
