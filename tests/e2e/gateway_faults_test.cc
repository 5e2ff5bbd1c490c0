// SPDX-License-Identifier: Apache-2.0
//
// Every method of the gateway while any one, any two or all of the data services go wrong in any of
// the ways in which a server can: each call ends within its deadline, and is right, or marked
// partial, or refused for want of the service that holds the very thing asked for. (For processes
// that are killed or stopped see gateway_chaos_test.)
//
// A few calls of each method are made for each combination; ENTENTE_SOAK_ROUNDS says how many.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "common/testing/matchers.h"
#include "common/testing/test_servers.h"
#include "services/entente/record/load.h"
#include "services/gateway/server.h"
#include "tests/e2e/fault_proxy.h"
#include "tests/e2e/process.h"

namespace entente::e2e {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;
using test::MessagePtr;
using test::Service;

// ENTENTE_SOAK_ROUNDS; 0 if it is not set.
int SoakRounds() {
  static const int rounds = [] {
    const char* text = std::getenv("ENTENTE_SOAK_ROUNDS");
    int number = 0;
    return text != nullptr && absl::SimpleAtoi(text, &number) ? std::max(number, 0) : 0;
  }();
  return rounds;
}

int CallsPerMethod() { return SoakRounds() > 0 ? SoakRounds() : 2; }

// Where other tests run as well, or all is checked by sanitizers, 200 ms would be a measurement of
// the machine.
absl::Duration Deadline() {
  return SoakRounds() > 0 ? absl::Milliseconds(200) : absl::Milliseconds(kSanitized ? 2000 : 800);
}
// What the test itself may need to notice that a call has ended.
absl::Duration Slack() { return Deadline() / 4; }
// More would wait for the processors of the machine that the test runs on.
constexpr int kAtOnce = 4;

// It is never known how far a service is, so that no answer is given again: what is tested is how
// they are composed.
class NeverCertain final : public gateway::Newest {
 public:
  std::optional<int64_t> Get() const override { return std::nullopt; }
};

struct Question {
  std::string method;
  std::string request;
};

const std::vector<Question>& Questions() {
  static const auto* const questions = new std::vector<Question>{
      {"GetDossier", "name: 'initiatives/usaid-southeast-asia-smart-power-program'"},
      {"GetOverview", "name: 'partnerships/us-asean-csp' as_of: '2023-09-05'"},
      {"GetOrganisationProfile", "name: 'organisations/usaid' as_of: '2023-09-05'"},
      {"GetCountryProfile", "name: 'places/indonesia' as_of: '2023-09-05'"},
      {"ComposeFactSheet", "name: 'partnerships/us-asean-csp' as_of: '2023-09-05'"},
      {"RenderFactSheet",
       "name: 'partnerships/us-asean-csp' as_of: '2023-09-05' format: FACT_SHEET_FORMAT_HTML"},
      {"CompareOverTime",
       "from_revisions { catalogue: 1 funding: 1 events: 1 } from_day: '2023-01-01' "
       "to_day: '2023-09-05'"},
      {"GetTimeline", "name: 'partnerships/us-asean-csp' as_of: '2023-09-05'"},
      {"Search", "query: 'energy'"},
      {"VerifyCitations", "name: 'documents/minutes'"},
      {"ListUncited", "name: 'documents/minutes'"},
  };
  return *questions;
}

std::vector<std::string> UnreachableIn(const Message& response) {
  if (response.GetDescriptor()->FindFieldByName("unreachable") == nullptr) return {};
  return fields::GetStrings(response, "unreachable");
}

// The first line in which they differ.
std::string DifferenceOf(const Message& expected, const Message& actual) {
  const std::vector<std::string> one = absl::StrSplit(expected.DebugString(), '\n');
  const std::vector<std::string> other = absl::StrSplit(actual.DebugString(), '\n');
  size_t line = 0;
  while (line < std::min(one.size(), other.size()) && one[line] == other[line]) ++line;
  const auto at = [&](const std::vector<std::string>& lines) {
    const size_t begin = line < 3 ? 0 : line - 3;
    const size_t end = std::min(lines.size(), line + 3);
    return absl::StrJoin(
        std::vector<std::string>(lines.begin() + static_cast<std::ptrdiff_t>(std::min(begin, end)),
                                 lines.begin() + static_cast<std::ptrdiff_t>(end)),
        "\n");
  };
  return absl::StrCat("expected\n", at(one), "\nand it is\n", at(other));
}

// How the calls of one combination ended.
struct Outcomes {
  int complete = 0;
  int partial = 0;
  int refused = 0;
  absl::Duration longest;
  std::map<std::string, int> faults;  // What must not be, and how often it was.
};

class GatewayFaultsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    servers_ = new test::TestServers();
    ASSERT_THAT(servers_->Start(), test::IsOk());
    const auto peers = gateway::RemotePeers(servers_->target(Service::kCatalogue),
                                            servers_->target(Service::kFunding),
                                            servers_->target(Service::kEvents));
    ASSERT_THAT(LoadRecord("data/us-asean-csp", "", type::v1::ChangeReason(),
                           {peers.catalogue.get(), peers.funding.get(), peers.events.get()},
                           test::kPatience),
                test::IsOk());
    // One more revision of each service, so that there is an older one that can be asked for; it
    // has what the questions are about.
    Do(servers_->catalogue(), "CreateDocument", R"pb(
      document_id: "minutes"
      document {
        title { text: "Minutes" }
        kind: DOCUMENT_KIND_PLAN
        partnerships: "partnerships/us-asean-csp"
        text: "They met. They spoke of energy, and of much else."
      })pb");
    Do(servers_->catalogue(), "CreateDocument", R"pb(
      document_id: "one-more"
      document {
        title { text: "One more" }
        kind: DOCUMENT_KIND_PLAN
        partnerships: "partnerships/us-asean-csp"
      })pb");
    Do(servers_->funding(), "CreateClaim", R"pb(
      claim_id: "one-more"
      claim {
        title { text: "One more" }
        partnerships: "partnerships/us-asean-csp"
        amount {
          currency_code: "USD"
          figure { value: "1" }
        }
        nature: CLAIM_NATURE_OWN_FUNDING
        stage: CLAIM_STAGE_PLANNED
        instrument: CLAIM_INSTRUMENT_GRANT
      })pb");
    Do(servers_->events(), "CreateEvent", R"pb(
      event_id: "one-more"
      event {
        title { text: "One more" }
        kind: EVENT_KIND_SUMMIT
        status: EVENT_STATUS_HELD
        partnerships: "partnerships/us-asean-csp"
      })pb");
    ASSERT_THAT(servers_->AwaitFollowers(), test::IsOk());
  }
  static void TearDownTestSuite() { delete servers_; }

  static void Do(const test::ServiceClient& client, const std::string& method,
                 const std::string& request) {
    ASSERT_THAT(client.Send(method, request), test::IsOk()) << method;
  }

  GatewayFaultsTest() {
    const auto proxy = [](const test::ServiceClient& client, Service service) {
      return std::make_unique<FaultProxy>(servers_->target(service), client.descriptor());
    };
    proxies_.push_back(proxy(servers_->catalogue(), Service::kCatalogue));
    proxies_.push_back(proxy(servers_->funding(), Service::kFunding));
    proxies_.push_back(proxy(servers_->events(), Service::kEvents));
    server::ServerOptions options;
    options.listen = "127.0.0.1:0";
    auto gateway = gateway::GatewayServer::Start(
        options,
        gateway::RemotePeers(proxies_[0]->target(), proxies_[1]->target(), proxies_[2]->target()),
        std::make_unique<gateway::Frontiers>(std::make_unique<NeverCertain>(),
                                             std::make_unique<NeverCertain>(),
                                             std::make_unique<NeverCertain>()),
        {}, &SystemClock::Get());
    EXPECT_THAT(gateway, test::IsOk());
    gateway_ = *std::move(gateway);
    peer_ = std::make_unique<client::RemotePeer>(
        client::MakeChannel(absl::StrCat("127.0.0.1:", gateway_->port())),
        servers_->gateway().descriptor());
  }

  // What a gateway without faults answers to `request` at the revisions that `response` was
  // composed at, or to the request as it is where the answer has none.
  std::string Right(const Message& request, const Message& response) {
    const MessagePtr again(request.New());
    again->CopyFrom(request);
    if (const Message* revisions = fields::GetMessage(response, "revisions")) {
      const auto* field = again->GetDescriptor()->FindFieldByName("revisions");
      again->GetReflection()->MutableMessage(again.get(), field)->CopyFrom(*revisions);
    } else if (const Message* to = fields::GetMessage(response, "to_revisions")) {
      const auto* field = again->GetDescriptor()->FindFieldByName("to_revisions");
      again->GetReflection()->MutableMessage(again.get(), field)->CopyFrom(*to);
    }
    const std::string key =
        absl::StrCat(std::string(request.GetDescriptor()->name()), " ", again->SerializeAsString());
    const auto found = right_.find(key);
    if (found != right_.end()) return found->second;
    const auto answer = servers_->gateway().Invoke(*again);
    EXPECT_THAT(answer, test::IsOk()) << again->ShortDebugString();
    return right_[key] = answer.ok() ? (*answer)->SerializeAsString() : "";
  }

  // Why an answer is not as it must be; empty if it is.
  std::string Judge(const Message& request, const Message& response, const absl::Status& status,
                    absl::Duration took, Outcomes* outcomes) {
    outcomes->longest = std::max(outcomes->longest, took);
    if (took > Deadline() + Slack() || absl::IsDeadlineExceeded(status)) return "late";
    if (!status.ok()) {
      if (errors::InfoOf(status).reason() != "PEER_UNREACHABLE") {
        return absl::StrCat("an error: ", status.ToString());
      }
      ++outcomes->refused;
      return "";
    }
    if (!UnreachableIn(response).empty()) {
      ++outcomes->partial;
      return "";
    }
    ++outcomes->complete;
    // A page says neither its revisions nor what it lacks but in its words.
    if (request.GetDescriptor()->name() == "RenderFactSheetRequest") return "";
    const MessagePtr expected(response.New());
    expected->ParseFromString(Right(request, response));
    // Not by bytes: maps have no order.
    if (google::protobuf::util::MessageDifferencer::Equals(*expected, response)) return "";
    return absl::StrCat("not what is right:\n", DifferenceOf(*expected, response));
  }

  // Calls every method while `faulty` services are as `fault` says.
  Outcomes Run(const std::vector<size_t>& faulty, Fault fault) {
    for (const size_t service : faulty) proxies_[service]->Set(fault, OldRevision(service));
    struct Call {
      MessagePtr request;
      MessagePtr response;
      absl::Time began;
      absl::Duration took;
      absl::Status status;
    };
    std::vector<std::unique_ptr<Call>> calls;
    std::mutex mutex;
    std::condition_variable changed;
    int under_way = 0;
    for (int i = 0; i < CallsPerMethod(); ++i) {
      for (const Question& question : Questions()) {
        auto call = std::make_unique<Call>();
        call->request = servers_->gateway().NewRequest(question.method);
        test::ParseText(question.request, call->request.get());
        const auto* method = servers_->gateway().descriptor()->FindMethodByName(question.method);
        call->response.reset(google::protobuf::MessageFactory::generated_factory()
                                 ->GetPrototype(method->output_type())
                                 ->New());
        {
          std::unique_lock<std::mutex> lock(mutex);
          changed.wait(lock, [&] { return under_way < kAtOnce; });
          ++under_way;
        }
        call->began = absl::Now();
        peer_->Call({.deadline = call->began + Deadline()}, *call->request, call->response.get(),
                    [&, call = call.get()](absl::Status status) {
                      call->took = absl::Now() - call->began;
                      call->status = std::move(status);
                      const std::lock_guard<std::mutex> lock(mutex);
                      --under_way;
                      changed.notify_all();
                    });
        calls.push_back(std::move(call));
      }
    }
    {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return under_way == 0; });
    }
    for (const auto& proxy : proxies_) proxy->Set(Fault::kNone);
    Outcomes outcomes;
    for (const auto& call : calls) {
      const std::string wrong =
          Judge(*call->request, *call->response, call->status, call->took, &outcomes);
      if (wrong.empty()) continue;
      ++outcomes
            .faults[absl::StrCat(std::string(call->request->GetDescriptor()->name()), ": ", wrong)];
    }
    return outcomes;
  }

  // The last revision but one of a service.
  static int64_t OldRevision(size_t service) {
    const test::ServiceClient* clients[] = {&servers_->catalogue(), &servers_->funding(),
                                            &servers_->events()};
    const MessagePtr request = clients[service]->NewRequest("ListRevisions");
    test::ParseText("page_size: 1", request.get());
    const auto revisions = clients[service]->Invoke(*request);
    EXPECT_THAT(revisions, test::IsOk());
    if (!revisions.ok()) return 0;
    const auto* field = (*revisions)->GetDescriptor()->FindFieldByName("revisions");
    const auto& newest = (*revisions)->GetReflection()->GetRepeatedMessage(**revisions, field, 0);
    return fields::GetInt(newest, "revision") - 1;
  }

  // Until the breakers let calls through again.
  void AwaitHealth() {
    const absl::Time until = absl::Now() + test::kPatience;
    while (absl::Now() < until) {
      const Outcomes outcomes = Once();
      if (outcomes.complete == static_cast<int>(Questions().size())) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << "not well again after the faults";
  }

  // Every method once, with all the time in the world.
  Outcomes Once() {
    Outcomes outcomes;
    for (const Question& question : Questions()) {
      const MessagePtr request = servers_->gateway().NewRequest(question.method);
      test::ParseText(question.request, request.get());
      const auto* method = servers_->gateway().descriptor()->FindMethodByName(question.method);
      const MessagePtr response(google::protobuf::MessageFactory::generated_factory()
                                    ->GetPrototype(method->output_type())
                                    ->New());
      std::mutex mutex;
      std::condition_variable changed;
      std::optional<absl::Status> ended;
      peer_->Call({.deadline = absl::Now() + test::kPatience}, *request, response.get(),
                  [&](absl::Status status) {
                    const std::lock_guard<std::mutex> lock(mutex);
                    ended = std::move(status);
                    changed.notify_all();
                  });
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return ended.has_value(); });
      if (ended->ok() && UnreachableIn(*response).empty()) ++outcomes.complete;
    }
    return outcomes;
  }

  static test::TestServers* servers_;
  std::vector<std::unique_ptr<FaultProxy>> proxies_;
  std::unique_ptr<gateway::GatewayServer> gateway_;
  std::unique_ptr<client::Peer> peer_;
  std::map<std::string, std::string> right_;
};

test::TestServers* GatewayFaultsTest::servers_ = nullptr;

TEST_F(GatewayFaultsTest, EachCallEndsInTimeRightOrMarkedPartial) {
  AwaitHealth();
  static const char* const kNames[] = {"catalogue", "funding", "events"};
  // Any one, any two, all.
  for (int bits = 1; bits < 8; ++bits) {
    std::vector<size_t> faulty;
    std::vector<std::string> names;
    for (size_t service = 0; service < 3; ++service) {
      if ((bits >> service & 1) == 0) continue;
      faulty.push_back(service);
      names.push_back(kNames[service]);
    }
    for (const Fault fault : kFaults) {
      const Outcomes outcomes = Run(faulty, fault);
      std::cout << absl::StrJoin(names, "+") << " " << fault << ": " << outcomes.complete
                << " complete, " << outcomes.partial << " partial, " << outcomes.refused
                << " refused, the longest " << outcomes.longest << std::endl;
      for (const auto& [what, times] : outcomes.faults) {
        ADD_FAILURE() << absl::StrJoin(names, "+") << " " << fault << ": " << times << " times "
                      << what;
      }
      AwaitHealth();
    }
  }
}

}  // namespace
}  // namespace entente::e2e
