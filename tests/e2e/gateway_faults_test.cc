// SPDX-License-Identifier: Apache-2.0
//
// Every method of the gateway while any one, any two or all of the data services are killed,
// stopped, or go wrong in any of the ways in which a server can: each call ends within its
// deadline, and is right, or marked partial, or refused for want of the service that holds the very
// thing asked for; and nothing of it stays. (For services that come and go see gateway_chaos_test.)
//
// A few calls of each method are made for each combination; ENTENTE_SOAK_ROUNDS says how many, and
// ENTENTE_SOAK_ONLY for which: "funding+events old revision".
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/resource/fields.h"
#include "common/status/errors.h"
#include "common/testing/matchers.h"
#include "common/testing/service_client.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "entente/gateway/v1/gateway_service.pb.h"
#include "google/api/httpbody.pb.h"
#include "services/gateway/server.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/fault_proxy.h"

namespace entente::e2e {
namespace {

namespace fields = resource::fields;
using google::protobuf::Message;
using test::MessagePtr;
using test::ServiceClient;

// ENTENTE_SOAK_ROUNDS; 0 if it is not set.
int SoakRounds() {
  static const int rounds = [] {
    const char* text = std::getenv("ENTENTE_SOAK_ROUNDS");
    int number = 0;
    return text != nullptr && absl::SimpleAtoi(text, &number) ? std::max(number, 0) : 0;
  }();
  return rounds;
}

int CallsPerMethod() { return SoakRounds() > 0 ? SoakRounds() : kSanitized ? 1 : 2; }

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

// What is done to a service: by a proxy that stands before it, or by a signal to its process.
struct Trouble {
  std::string name;
  Fault fault = Fault::kNone;
  int signal = 0;
};

std::vector<Trouble> Troubles() {
  std::vector<Trouble> troubles = {{"killed", Fault::kNone, SIGKILL},
                                   {"stopped", Fault::kNone, SIGSTOP}};
  for (const Fault fault : kFaults) {
    std::ostringstream name;
    name << fault;
    troubles.push_back({name.str(), fault, 0});
  }
  return troubles;
}

// Connections and files of this process.
size_t OpenFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

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

const google::api::HttpBody* AsPage(const Message& response) {
  return google::protobuf::DynamicCastToGenerated<google::api::HttpBody>(&response);
}

// Those that a page says that it was composed at.
gateway::v1::RevisionVector RevisionsIn(const std::string& page) {
  gateway::v1::RevisionVector revisions;
  const size_t begin = page.find("Revisions: ");
  if (begin == std::string::npos) return revisions;
  int numbers[3] = {};
  std::sscanf(page.c_str() + begin, "Revisions: catalogue %d, funding %d, events %d", &numbers[0],
              &numbers[1], &numbers[2]);
  revisions.set_catalogue(numbers[0]);
  revisions.set_funding(numbers[1]);
  revisions.set_events(numbers[2]);
  return revisions;
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

// A gateway in this process, and a client that shares nothing with others.
struct OwnGateway {
  // Of the services at these addresses.
  explicit OwnGateway(const std::vector<std::string>& targets)
      : server(Start(targets)),
        client(test::MakeTestChannel(absl::StrCat("127.0.0.1:", server->port())), Descriptor()),
        peer(client::MakeChannel(absl::StrCat("127.0.0.1:", server->port())), Descriptor()) {}

  static const google::protobuf::ServiceDescriptor* Descriptor() {
    return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "entente.gateway.v1.GatewayService");
  }
  static std::unique_ptr<gateway::GatewayServer> Start(const std::vector<std::string>& targets) {
    server::ServerOptions options;
    options.listen = "127.0.0.1:0";
    auto started = gateway::GatewayServer::Start(
        options, gateway::RemotePeers(targets[0], targets[1], targets[2]),
        std::make_unique<gateway::Frontiers>(std::make_unique<NeverCertain>(),
                                             std::make_unique<NeverCertain>(),
                                             std::make_unique<NeverCertain>()),
        {}, &SystemClock::Get());
    EXPECT_THAT(started, test::IsOk());
    return *std::move(started);
  }

  std::unique_ptr<gateway::GatewayServer> server;
  ServiceClient client;
  client::RemotePeer peer;
};

class GatewayFaultsTest : public testing::Test {
 protected:
  void SetUp() override {
    // Of the gateways in this process.
    logging::SetLevel(logging::Level::kError);
    ASSERT_NO_FATAL_FAILURE(cluster_.StartAll());
    const Finished load = cluster_.Command({"load", Source("data/us-asean-csp")});
    ASSERT_EQ(load.ending, Exited(0)) << load.err;
    std::vector<std::string> targets;
    std::vector<std::string> proxied;
    const google::protobuf::FileDescriptor* const files[] = {
        catalogue::v1::ApplyChangesRequest::descriptor()->file(),
        funding::v1::ApplyChangesRequest::descriptor()->file(),
        events::v1::ApplyChangesRequest::descriptor()->file()};
    for (size_t i = 0; i < kDataServices.size(); ++i) {
      targets.push_back(cluster_.server(kDataServices[i]).address());
      clients_.push_back(
          std::make_unique<ServiceClient>(test::MakeTestChannel(targets[i]), files[i]->service(0)));
      proxies_.push_back(std::make_unique<FaultProxy>(targets[i], files[i]->service(0)));
      proxied.push_back(proxies_[i]->target());
    }
    ASSERT_NO_FATAL_FAILURE(AddOneMore());
    healthy_ = std::make_unique<OwnGateway>(targets);
    direct_ = std::make_unique<OwnGateway>(targets);
    behind_proxies_ = std::make_unique<OwnGateway>(proxied);
  }

  void Do(size_t service, const std::string& method, const std::string& request) {
    ASSERT_THAT(clients_[service]->Send(method, request), test::IsOk()) << method;
  }

  void AddOneMore() {
    // One more revision of each service, so that there is an older one that can be asked for; it
    // has what the questions are about.
    Do(0, "CreateDocument", R"pb(
      document_id: "minutes"
      document {
        title { text: "Minutes" }
        kind: DOCUMENT_KIND_PLAN
        partnerships: "partnerships/us-asean-csp"
        text: "They met. They spoke of energy, and of much else."
      })pb");
    Do(0, "CreateDocument", R"pb(
      document_id: "one-more"
      document {
        title { text: "One more" }
        kind: DOCUMENT_KIND_PLAN
        partnerships: "partnerships/us-asean-csp"
      })pb");
    Do(1, "CreateClaim", R"pb(
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
    Do(2, "CreateEvent", R"pb(
      event_id: "one-more"
      event {
        title { text: "One more" }
        kind: EVENT_KIND_SUMMIT
        status: EVENT_STATUS_HELD
        partnerships: "partnerships/us-asean-csp"
      })pb");
  }

  // What a gateway without faults answers to `request` at the revisions that `response` was
  // composed at, or to the request as it is where the answer has none.
  std::string Right(const Message& request, const Message& response) {
    const MessagePtr again(request.New());
    again->CopyFrom(request);
    if (const auto* page = AsPage(response)) {
      auto* render = google::protobuf::DynamicCastToGenerated<gateway::v1::RenderFactSheetRequest>(
          again.get());
      *render->mutable_revisions() = RevisionsIn(page->data());
    } else if (const Message* revisions = fields::GetMessage(response, "revisions")) {
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
    const auto answer = healthy_->client.Invoke(*again);
    EXPECT_THAT(answer, test::IsOk()) << again->ShortDebugString();
    return right_[key] = answer.ok() ? (*answer)->SerializeAsString() : "";
  }

  // Why an answer is not as it must be; empty if it is.
  // `faulty`: the names of the services that were.
  std::string Judge(const std::string& faulty, const Message& request, const Message& response,
                    const absl::Status& status, absl::Duration took, Outcomes* outcomes) {
    outcomes->longest = std::max(outcomes->longest, took);
    if (took > Deadline() + Slack() || absl::IsDeadlineExceeded(status)) return "late";
    if (!status.ok()) {
      const auto info = errors::InfoOf(status);
      if (info.reason() != "PEER_UNREACHABLE") {
        return absl::StrCat("an error: ", status.ToString());
      }
      // Several where it could be of any of them.
      for (const auto& service :
           std::vector<std::string>(absl::StrSplit(info.metadata().at("service"), ", "))) {
        if (!absl::StrContains(faulty, service)) {
          return absl::StrCat("refused for want of ", service, ", which is well");
        }
      }
      ++outcomes->refused;
      return "";
    }
    // A page says what it lacks in its words.
    const auto* page = AsPage(response);
    const bool is_partial = page == nullptr ? !UnreachableIn(response).empty()
                                            : absl::StrContains(page->data(), "Incomplete.");
    if (is_partial) {
      ++outcomes->partial;
      return "";
    }
    ++outcomes->complete;
    const std::string right = Right(request, response);
    if (response.SerializeAsString() == right) return "";
    // Not by bytes alone: maps have no order.
    const MessagePtr expected(response.New());
    expected->ParseFromString(right);
    if (google::protobuf::util::MessageDifferencer::Equals(*expected, response)) return "";
    return absl::StrCat("not what is right:\n", DifferenceOf(*expected, response));
  }

  void Break(const std::vector<size_t>& faulty, const Trouble& trouble) {
    for (const size_t service : faulty) {
      if (trouble.signal == 0) {
        proxies_[service]->Set(trouble.fault, OldRevision(service));
        continue;
      }
      Process& process = cluster_.server(kDataServices[service]).process();
      process.Signal(trouble.signal);
      if (trouble.signal == SIGKILL) {
        ASSERT_EQ(process.Wait(), KilledBy(SIGKILL));
      }
    }
  }

  void Mend(const std::vector<size_t>& faulty, const Trouble& trouble) {
    for (const size_t service : faulty) {
      proxies_[service]->Set(Fault::kNone);
      Server& server = cluster_.server(kDataServices[service]);
      if (trouble.signal == SIGSTOP) server.process().Signal(SIGCONT);
      if (trouble.signal == SIGKILL) server.Start();
      ASSERT_TRUE(server.AwaitServing());
    }
  }

  struct Call {
    explicit Call(const Question& question)
        : request(New(question.method, &google::protobuf::MethodDescriptor::input_type)),
          response(New(question.method, &google::protobuf::MethodDescriptor::output_type)) {
      test::ParseText(question.request, request.get());
    }
    static MessagePtr New(
        const std::string& method,
        const google::protobuf::Descriptor* (google::protobuf::MethodDescriptor::*type)() const) {
      const auto* found = OwnGateway::Descriptor()->FindMethodByName(method);
      return MessagePtr(google::protobuf::MessageFactory::generated_factory()
                            ->GetPrototype((found->*type)())
                            ->New());
    }

    MessagePtr request;
    MessagePtr response;
    absl::Time began;
    absl::Duration took;
    absl::Status status;
  };
  using Calls = std::vector<std::unique_ptr<Call>>;

  // Calls every method so many times, and waits until all have ended.
  static Calls CallAll(OwnGateway* gateway, int times, absl::Duration deadline) {
    Calls calls;
    std::mutex mutex;
    std::condition_variable changed;
    int under_way = 0;
    for (int i = 0; i < times; ++i) {
      for (const Question& question : Questions()) {
        auto call = std::make_unique<Call>(question);
        {
          std::unique_lock<std::mutex> lock(mutex);
          changed.wait(lock, [&] { return under_way < kAtOnce; });
          ++under_way;
        }
        call->began = absl::Now();
        gateway->peer.Call({.deadline = call->began + deadline}, *call->request,
                           call->response.get(), [&, call = call.get()](absl::Status status) {
                             call->took = absl::Now() - call->began;
                             call->status = std::move(status);
                             const std::lock_guard<std::mutex> lock(mutex);
                             --under_way;
                             changed.notify_all();
                           });
        calls.push_back(std::move(call));
      }
    }
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return under_way == 0; });
    return calls;
  }

  Outcomes Run(const std::vector<size_t>& faulty, const Trouble& trouble) {
    Break(faulty, trouble);
    const Calls calls = CallAll(trouble.signal == 0 ? behind_proxies_.get() : direct_.get(),
                                CallsPerMethod(), Deadline());
    Mend(faulty, trouble);
    AwaitHealth();
    std::string names;
    for (const size_t service : faulty) {
      absl::StrAppend(&names, FullName(kDataServices[service]), " ");
    }
    Outcomes outcomes;
    for (const auto& call : calls) {
      const std::string wrong =
          Judge(names, *call->request, *call->response, call->status, call->took, &outcomes);
      if (wrong.empty()) continue;
      ++outcomes
            .faults[absl::StrCat(std::string(call->request->GetDescriptor()->name()), ": ", wrong)];
    }
    return outcomes;
  }

  // The last revision but one of a service.
  int64_t OldRevision(size_t service) {
    const MessagePtr request = clients_[service]->NewRequest("ListRevisions");
    test::ParseText("page_size: 1", request.get());
    const auto revisions = clients_[service]->Invoke(*request);
    EXPECT_THAT(revisions, test::IsOk());
    if (!revisions.ok()) return 0;
    const auto* field = (*revisions)->GetDescriptor()->FindFieldByName("revisions");
    const auto& newest = (*revisions)->GetReflection()->GetRepeatedMessage(**revisions, field, 0);
    return fields::GetInt(newest, "revision") - 1;
  }

  // Until the breakers let calls through again, and the copies of the catalogue are as it is.
  void AwaitHealth() {
    const absl::Time until = absl::Now() + test::kPatience;
    while (absl::Now() < until) {
      if (AreCopiesThere() && IsWell(healthy_.get()) && IsWell(direct_.get()) &&
          IsWell(behind_proxies_.get())) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    FAIL() << "not well again after the faults";
  }

  bool AreCopiesThere() {
    const auto places = clients_[0]->Call<catalogue::v1::ListPlacesResponse>("ListPlaces", "");
    const auto claims = clients_[1]->Call<funding::v1::ListClaimsResponse>("ListClaims", "");
    const auto events = clients_[2]->Call<events::v1::ListEventsResponse>("ListEvents", "");
    return places.ok() && claims.ok() && events.ok() &&
           claims->catalogue_revision() == places->revision() &&
           events->catalogue_revision() == places->revision();
  }

  // Whether every method, with all the time in the world, answers in full.
  static bool IsWell(OwnGateway* gateway) {
    const Calls calls = CallAll(gateway, 1, test::kPatience);
    return std::all_of(calls.begin(), calls.end(), [](const auto& call) {
      return call->status.ok() && UnreachableIn(*call->response).empty();
    });
  }

  Cluster cluster_;
  std::vector<std::unique_ptr<ServiceClient>> clients_;  // of the data services
  std::vector<std::unique_ptr<FaultProxy>> proxies_;     // before them
  std::unique_ptr<OwnGateway> healthy_;                  // is asked when all is well, what is right
  std::unique_ptr<OwnGateway> direct_;                   // is asked while processes are gone
  std::unique_ptr<OwnGateway> behind_proxies_;           // is asked while proxies do what they do
  std::map<std::string, std::string> right_;
};

TEST_F(GatewayFaultsTest, EachCallEndsInTimeRightOrMarkedPartial) {
  AwaitHealth();
  const size_t open_files = OpenFiles();
  // Any one, any two, all.
  for (int bits = 1; bits < 8; ++bits) {
    std::vector<size_t> faulty;
    std::vector<std::string> names;
    for (size_t service = 0; service < kDataServices.size(); ++service) {
      if ((bits >> service & 1) == 0) continue;
      faulty.push_back(service);
      names.push_back(ShortName(kDataServices[service]));
    }
    for (const Trouble& trouble : Troubles()) {
      const std::string what = absl::StrCat(absl::StrJoin(names, "+"), " ", trouble.name);
      if (const char* only = std::getenv("ENTENTE_SOAK_ONLY"); only != nullptr && what != only) {
        continue;
      }
      const Outcomes outcomes = Run(faulty, trouble);
      if (HasFatalFailure()) return;
      std::cout << what << ": " << outcomes.complete << " complete, " << outcomes.partial
                << " partial, " << outcomes.refused << " refused, the longest " << outcomes.longest
                << ", " << OpenFiles() << " open files" << std::endl;
      for (const auto& [fault, times] : outcomes.faults) {
        ADD_FAILURE() << what << ": " << times << " times " << fault;
      }
      EXPECT_EQ(outcomes.complete + outcomes.partial + outcomes.refused,
                static_cast<int>(Questions().size()) * CallsPerMethod());
    }
    // Connections that broke were made again, and none was left behind.
    EXPECT_LE(OpenFiles(), open_files + kDataServices.size());
  }
}

}  // namespace
}  // namespace entente::e2e
