// SPDX-License-Identifier: Apache-2.0
//
// How servers stop, and what they write into their logs: calls in flight complete, watches end with
// UNAVAILABLE, the exit code is 0, and every call has its line.
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/grpc_status.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/events/v1/events_service.grpc.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "entente/gateway/v1/gateway_service.grpc.pb.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

using catalogue::v1::CatalogueService;
using google::protobuf::Struct;

constexpr char kPartnership[] = "partnerships/asean-canada";

std::unique_ptr<grpc::ClientContext> Context(absl::Duration patience = kPatience) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + patience));
  return context;
}

// The lines of a log; a line that is not a JSON object fails the test.
std::vector<Struct> ParseLog(const std::string& log) {
  std::vector<Struct> lines;
  for (const absl::string_view text : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    Struct line;
    const auto status = google::protobuf::util::JsonStringToMessage(std::string(text), &line);
    EXPECT_TRUE(status.ok()) << text << ": " << std::string(status.message());
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string Text(const Struct& line, const std::string& key) {
  const auto found = line.fields().find(key);
  return found == line.fields().end() ? "" : found->second.string_value();
}

// The calls in a log, by request id.
std::map<std::string, Struct> CallsById(const std::string& log) {
  std::map<std::string, Struct> calls;
  for (const Struct& line : ParseLog(log)) {
    if (Text(line, "event") != "call") continue;
    EXPECT_TRUE(calls.emplace(Text(line, "request_id"), line).second)
        << "two lines for " << Text(line, "request_id");
  }
  return calls;
}

void AwaitInLog(const Process& process, const std::string& text) {
  const absl::Time end = absl::Now() + kPatience;
  while (process.Errors().find(text) == std::string::npos) {
    ASSERT_LT(absl::Now(), end) << text;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

catalogue::v1::ApplyChangesRequest Places(const std::string& prefix, int count) {
  catalogue::v1::ApplyChangesRequest request;
  for (int i = 0; i < count; ++i) {
    auto* place = request.add_changes()->mutable_put()->mutable_place();
    place->set_name(absl::StrCat("places/", prefix, "-", i));
    place->mutable_title()->set_text("A city");
    place->set_kind(catalogue::v1::PLACE_KIND_CITY);
    place->add_partnerships(kPartnership);
  }
  return request;
}

class ShutdownTest : public testing::Test {
 protected:
  void StartCatalogue(const std::vector<std::string>& arguments = {}) {
    catalogue_.Start(arguments);
    ASSERT_TRUE(catalogue_.AwaitServing());
    stub_ = CatalogueService::NewStub(NewChannel(catalogue_.address()));
  }

  void PutPartnership() {
    catalogue::v1::ApplyChangesRequest request;
    auto* partnership = request.add_changes()->mutable_put()->mutable_partnership();
    partnership->set_name(kPartnership);
    partnership->mutable_title()->set_text("ASEAN-Canada");
    catalogue::v1::ApplyChangesResponse response;
    const auto status = stub_->ApplyChanges(Context().get(), request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  Cluster cluster_;
  Server& catalogue_ = cluster_.server(Service::kCatalogue);
  std::unique_ptr<CatalogueService::Stub> stub_;
};

TEST_F(ShutdownTest, EitherSignalStopsEveryServer) {
  for (const int signal : {SIGTERM, SIGINT}) {
    cluster_.StartAll();
    for (const Service service : kServices) {
      Process& process = cluster_.server(service).process();
      process.Signal(signal);
      EXPECT_EQ(process.Wait(), Exited(0)) << ShortName(service) << ", signal " << signal;
      EXPECT_EQ(Text(ParseLog(process.Errors()).back(), "event"), "stopped");
    }
  }
}

// Each probe of health lets go of its connection as soon as it has its answer.
TEST_F(ShutdownTest, APeerMayGoAsSoonAsItHasAnswered) {
  StartCatalogue();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(catalogue_.AwaitServing());
}

TEST_F(ShutdownTest, AllInOneStops) {
  const TempDir dir;
  Port ports[4];
  std::vector<std::string> arguments = {"serve", absl::StrCat("--data_dir=", dir.path())};
  for (size_t i = 0; i < kServices.size(); ++i) {
    arguments.push_back(
        absl::StrCat("--listen_", ShortName(kServices[i]), "=", ports[i].address()));
  }
  Process process(Binary("entente"), arguments, dir);
  for (size_t i = 0; i < kServices.size(); ++i) {
    ASSERT_TRUE(AwaitServing(ports[i].address(), FullName(kServices[i])));
  }
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), Exited(0));
  ParseLog(process.Errors());
}

TEST_F(ShutdownTest, ALargeWriteInFlightCompletes) {
  StartCatalogue();
  PutPartnership();
  const auto request = Places("large", 5000);
  catalogue::v1::ApplyChangesResponse response;
  grpc::Status status;
  std::thread writer([&] { status = stub_->ApplyChanges(Context().get(), request, &response); });
  // Long enough to be on its way, and not to be over: it takes some hundreds of milliseconds.
  absl::SleepFor(absl::Milliseconds(kSanitized ? 300 : 60));
  EXPECT_EQ(catalogue_.Stop(), Exited(0));
  writer.join();
  ASSERT_TRUE(status.ok()) << status.error_message();

  StartCatalogue();
  catalogue::v1::GetPlaceRequest get;
  get.set_name("places/large-4999");
  catalogue::v1::Place place;
  EXPECT_TRUE(stub_->GetPlace(Context().get(), get, &place).ok());
  EXPECT_EQ(place.revision(), response.revision());
}

TEST_F(ShutdownTest, OfManyWritesInFlightNoneIsLeftInDoubt) {
  StartCatalogue();
  PutPartnership();
  constexpr int kThreads = 8;
  std::mutex mutex;
  std::vector<std::string> written;
  std::map<std::string, grpc::Status> endings;  // By request id.
  std::vector<std::thread> writers;
  for (int thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&, thread] {
      for (int i = 0;; ++i) {
        const std::string prefix = absl::StrCat("t", thread, "-", i);
        catalogue::v1::ApplyChangesResponse response;
        const auto context = Context();
        context->AddMetadata("x-request-id", prefix);
        const auto status = stub_->ApplyChanges(context.get(), Places(prefix, 3), &response);
        std::lock_guard<std::mutex> lock(mutex);
        if (!status.ok()) {
          endings[prefix] = status;
          return;
        }
        written.push_back(absl::StrCat("places/", prefix, "-2"));
      }
    });
  }
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_EQ(catalogue_.Stop(), Exited(0));
  for (std::thread& writer : writers) writer.join();
  // Every call that the server took has a line in its log, and the caller has that answer. The
  // others never got to it: gRPC itself ends what comes while it shuts down, with UNAVAILABLE or
  // (https://github.com/grpc/grpc, src/core/lib/surface/server.cc, KillZombie) CANCELLED.
  const auto calls = CallsById(catalogue_.process().Errors());
  int logged = 0;
  for (const auto& [id, line] : calls) {
    if (Text(line, "code") == "OK") ++logged;
  }
  EXPECT_EQ(logged, static_cast<int>(written.size()) + 1);  // And the partnership.
  for (const auto& [id, ending] : endings) {
    const auto call = calls.find(id);
    if (call == calls.end()) {
      EXPECT_THAT(ending.error_code(),
                  testing::AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED))
          << ending.error_message();
    } else {
      EXPECT_EQ(Text(call->second, "code"), "UNAVAILABLE");
      EXPECT_EQ(ending.error_code(), grpc::StatusCode::UNAVAILABLE) << ending.error_message();
    }
  }

  StartCatalogue();
  catalogue::v1::LookupResourcesRequest lookup;
  for (const std::string& name : written) lookup.add_names(name);
  catalogue::v1::LookupResourcesResponse found;
  ASSERT_TRUE(stub_->LookupResources(Context().get(), lookup, &found).ok());
  EXPECT_THAT(found.not_found(), testing::IsEmpty());
}

// A call to the gateway that waits for a stopped peer is over when its peer's time is, whether the
// gateway stops meanwhile or not.
TEST_F(ShutdownTest, TheGatewayAnswersWhatIsInFlight) {
  cluster_.StartAll();
  stub_ = CatalogueService::NewStub(NewChannel(catalogue_.address()));
  PutPartnership();
  Server& gateway = cluster_.server(Service::kGateway);
  cluster_.server(Service::kFunding).process().Signal(SIGSTOP);
  const auto stub = gateway::v1::GatewayService::NewStub(NewChannel(gateway.address()));
  gateway::v1::GetOverviewRequest request;
  request.set_name(kPartnership);
  gateway::v1::Overview overview;
  grpc::Status status;
  std::thread caller(
      [&] { status = stub->GetOverview(Context(absl::Seconds(2)).get(), request, &overview); });
  // The catalogue has been asked: the call is on its way.
  AwaitInLog(catalogue_.process(), "GetPartnershipTree");
  EXPECT_EQ(gateway.Stop(), Exited(0));
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(overview.unreachable(), testing::ElementsAre(FullName(Service::kFunding)));
}

template <typename Service, typename Request, typename Response>
void ExpectWatchEndsUnavailable(Server* server) {
  const auto stub = Service::NewStub(NewChannel(server->address()));
  const auto context = Context();
  Request request;
  request.set_include_current(true);
  const auto reader = stub->Watch(context.get(), request);
  Response response;
  ASSERT_TRUE(reader->Read(&response));
  server->process().Signal(SIGTERM);
  while (reader->Read(&response)) {
  }
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_EQ(errors::InfoOf(FromGrpcStatus(status)).reason(), "SHUTTING_DOWN");
  EXPECT_EQ(server->process().Wait(), Exited(0));
}

TEST_F(ShutdownTest, WatchesEndWithUnavailable) {
  cluster_.StartAll();
  ExpectWatchEndsUnavailable<events::v1::EventsService, events::v1::WatchRequest,
                             events::v1::WatchResponse>(&cluster_.server(Service::kEvents));
  ExpectWatchEndsUnavailable<funding::v1::FundingService, funding::v1::WatchRequest,
                             funding::v1::WatchResponse>(&cluster_.server(Service::kFunding));
  ExpectWatchEndsUnavailable<CatalogueService, catalogue::v1::WatchRequest,
                             catalogue::v1::WatchResponse>(&catalogue_);
}

TEST_F(ShutdownTest, HealthSaysSoWhileTheServerDrains) {
  StartCatalogue({"--drain_delay=500ms"});
  catalogue_.process().Signal(SIGTERM);
  AwaitInLog(catalogue_.process(), "\"event\":\"stopping\"");
  EXPECT_FALSE(
      AwaitServing(catalogue_.address(), FullName(Service::kCatalogue), absl::ZeroDuration()));
  // New calls are still answered: clients have not noticed yet.
  catalogue::v1::ListPlacesResponse places;
  EXPECT_TRUE(stub_->ListPlaces(Context().get(), {}, &places).ok());
  EXPECT_EQ(catalogue_.process().Wait(), Exited(0));
}

TEST_F(ShutdownTest, ASecondSignalEndsItAtOnce) {
  for (const auto& [first, second] : {std::pair(SIGTERM, SIGTERM), std::pair(SIGINT, SIGINT)}) {
    StartCatalogue({"--drain_delay=1h"});
    catalogue_.process().Signal(first);
    AwaitInLog(catalogue_.process(), "\"event\":\"stopping\"");
    EXPECT_EQ(catalogue_.process().Wait(absl::Milliseconds(200)), std::nullopt);
    catalogue_.process().Signal(second);
    EXPECT_EQ(catalogue_.process().Wait(), Exited(128 + second));
  }
}

TEST_F(ShutdownTest, EveryCallHasOneLineInTheLog) {
  cluster_.StartAll();
  stub_ = CatalogueService::NewStub(NewChannel(catalogue_.address()));
  PutPartnership();
  Server& gateway = cluster_.server(Service::kGateway);
  const auto stub = gateway::v1::GatewayService::NewStub(NewChannel(gateway.address()));
  const auto overview = [&](const std::string& name, const std::string& id, int day = 1) {
    gateway::v1::GetOverviewRequest request;
    request.set_name(name);
    request.set_as_of(absl::StrFormat("2023-09-%02d", day));
    gateway::v1::Overview response;
    const auto context = Context();
    context->AddMetadata("x-request-id", id);
    return stub->GetOverview(context.get(), request, &response);
  };
  EXPECT_TRUE(overview(kPartnership, "call-1").ok());
  EXPECT_EQ(overview("partnerships/none", "call \"2\"").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(overview("\xE2\x80\x9Cquoted\xE2\x80\x9D \"\\\n", "call-3").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  // Of another day each, or the answers would be there already.
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(overview(kPartnership, absl::StrCat("more-", i), i + 2).ok());
  }
  for (const Service service : {Service::kGateway, Service::kEvents, Service::kFunding}) {
    EXPECT_EQ(cluster_.server(service).Stop(), Exited(0));
  }
  EXPECT_EQ(catalogue_.Stop(), Exited(0));

  auto calls = CallsById(gateway.process().Errors());
  EXPECT_EQ(calls.size(), 23U);
  for (const auto& [id, line] : calls) {
    EXPECT_THAT(Text(line, "method"), testing::EndsWith("GetOverview"));
    EXPECT_THAT(Text(line, "time"), testing::MatchesRegex("....-..-..T..:..:..\\.......Z"));
    EXPECT_THAT(Text(line, "level"), "info");
    EXPECT_THAT(Text(line, "peer"), testing::HasSubstr("127.0.0.1"));
    EXPECT_GT(line.fields().at("duration_us").number_value(), 0);
  }
  EXPECT_EQ(Text(calls["call-1"], "code"), "OK");
  EXPECT_EQ(Text(calls["call \"2\""], "code"), "NOT_FOUND");
  EXPECT_EQ(Text(calls["call-3"], "code"), "INVALID_ARGUMENT");
  // The id goes along to whoever is asked.
  for (const Service service : kDataServices) {
    const auto asked = CallsById(cluster_.server(service).process().Errors());
    EXPECT_EQ(asked.count("call-1"), 1U) << ShortName(service);
    EXPECT_EQ(asked.count("more-19"), 1U) << ShortName(service);
  }
}

// A caller's deadline holds for whom the gateway asks: with the catalogue stopped it has its answer
// before, and the catalogue does not work for nobody afterwards.
TEST_F(ShutdownTest, DeadlinesPropagate) {
  cluster_.StartAll();
  catalogue_.process().Signal(SIGSTOP);
  const auto stub = gateway::v1::GatewayService::NewStub(
      NewChannel(cluster_.server(Service::kGateway).address()));
  gateway::v1::GetOverviewRequest request;
  request.set_name(kPartnership);
  gateway::v1::Overview response;
  const absl::Time start = absl::Now();
  const auto status =
      stub->GetOverview(Context(absl::Seconds(kSanitized ? 4 : 1)).get(), request, &response);
  EXPECT_LT(absl::Now() - start, absl::Seconds(kSanitized ? 4 : 1));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_EQ(errors::InfoOf(FromGrpcStatus(status)).reason(), "PEER_UNREACHABLE");
  catalogue_.process().Signal(SIGCONT);
  EXPECT_EQ(stub->GetOverview(Context().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace entente::e2e
