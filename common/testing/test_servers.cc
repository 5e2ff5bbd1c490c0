// SPDX-License-Identifier: Apache-2.0
#include "common/testing/test_servers.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging/logging.h"
#include "common/status/macros.h"
#include "services/catalogue/server.h"
#include "services/events/server.h"
#include "services/funding/server.h"

namespace entente::test {
namespace {

constexpr const char* kNames[] = {"catalogue", "funding", "events", "gateway"};

size_t Index(Service service) { return static_cast<size_t>(service); }

}  // namespace

bool Eventually(const std::function<bool()>& done) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!done()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

TestServers::TestServers(TestServersOptions options) : options_(std::move(options)) {
  logging::SetLevel(logging::Level::kError);
}

TestServers::~TestServers() { Stop(); }

server::ServerOptions TestServers::OptionsOf(Service service) const {
  server::ServerOptions options = options_.server;
  options.listen = absl::StrCat("127.0.0.1:", ports_[Index(service)]);
  return options;
}

std::string TestServers::target(Service service) const {
  return absl::StrCat("127.0.0.1:", ports_[Index(service)]);
}

void TestServers::Connect(Service service) {
  std::unique_ptr<ServiceClient>& client = clients_[Index(service)];
  switch (service) {
    case Service::kCatalogue:
      client = ServiceClient::To<catalogue::v1::CatalogueService, catalogue::v1::WatchRequest>(
          target(service), catalogue::v1::ApplyChangesRequest::descriptor()->file()->service(0));
      break;
    case Service::kFunding:
      client = ServiceClient::To<funding::v1::FundingService, funding::v1::WatchRequest>(
          target(service), funding::v1::ApplyChangesRequest::descriptor()->file()->service(0));
      break;
    case Service::kEvents:
      client = ServiceClient::To<events::v1::EventsService, events::v1::WatchRequest>(
          target(service), events::v1::ApplyChangesRequest::descriptor()->file()->service(0));
      break;
    case Service::kGateway:
      client = std::make_unique<ServiceClient>(
          MakeTestChannel(target(service)),
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
              gateway::v1::GatewayService::service_full_name()));
      break;
  }
}

absl::Status TestServers::StartOnce(Service service) {
  const server::ServerOptions options = OptionsOf(service);
  const size_t index = Index(service);
  if (service == Service::kGateway) {
    ASSIGN_OR_RETURN(
        auto server,
        gateway::GatewayServer::Start(
            options,
            gateway::RemotePeers(target(Service::kCatalogue), target(Service::kFunding),
                                 target(Service::kEvents)),
            gateway::RemoteFrontiers(target(Service::kCatalogue), target(Service::kFunding),
                                     target(Service::kEvents), &SystemClock::Get()),
            {}, &SystemClock::Get()));
    ports_[index] = server->port();
    programs_[index] = std::move(server);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(auto database,
                   log::SqliteStore::Open(directory_.File(absl::StrCat(kNames[index], ".db")), {}));
  if (service == Service::kCatalogue) {
    ASSIGN_OR_RETURN(auto server,
                     catalogue::StartServer(options, std::move(database), options_.store));
    ports_[index] = server->port();
    programs_[index] = std::move(server);
    return absl::OkStatus();
  }
  auto feed = std::make_unique<catalogue::RemoteCatalogueFeed>(
      client::MakeChannel(target(Service::kCatalogue)));
  ASSIGN_OR_RETURN(
      auto server,
      service == Service::kFunding
          ? funding::StartServer(options, std::move(database), std::move(feed), options_.store, {})
          : events::StartServer(options, std::move(database), std::move(feed), options_.store));
  ports_[index] = server->port();
  programs_[index] = std::move(server);
  return absl::OkStatus();
}

absl::Status TestServers::Start(Service service) {
  if (programs_[Index(service)] != nullptr) return absl::OkStatus();
  // Somebody else on this machine may hold the port for a moment, now that it is a given one.
  absl::Status status;
  Eventually([&] {
    status = StartOnce(service);
    return !absl::IsUnavailable(status);
  });
  RETURN_IF_ERROR(status);
  Connect(service);
  return absl::OkStatus();
}

absl::Status TestServers::StartAllInOne() {
  AllInOneOptions options;
  options.data_dir = directory_.path();
  options.catalogue = OptionsOf(Service::kCatalogue);
  options.funding = OptionsOf(Service::kFunding);
  options.events = OptionsOf(Service::kEvents);
  options.gateway = OptionsOf(Service::kGateway);
  options.store = options_.store;
  absl::Status status;
  Eventually([&] {
    auto started = AllInOne::Start(options);
    status = started.status();
    if (started.ok()) all_in_one_ = *std::move(started);
    return !absl::IsUnavailable(status);
  });
  RETURN_IF_ERROR(status);
  ports_[0] = all_in_one_->catalogue_port();
  ports_[1] = all_in_one_->funding_port();
  ports_[2] = all_in_one_->events_port();
  ports_[3] = all_in_one_->gateway_port();
  return absl::OkStatus();
}

absl::Status TestServers::Start() {
  if (options_.deployment == Deployment::kAllInOne) {
    if (all_in_one_ != nullptr) return absl::OkStatus();
    RETURN_IF_ERROR(StartAllInOne());
    for (size_t i = 0; i < kServices; ++i) Connect(static_cast<Service>(i));
    return absl::OkStatus();
  }
  for (size_t i = 0; i < kServices; ++i) RETURN_IF_ERROR(Start(static_cast<Service>(i)));
  return absl::OkStatus();
}

void TestServers::Stop(Service service) {
  std::unique_ptr<server::Program>& program = programs_[Index(service)];
  if (program != nullptr) program->Stop();
  program.reset();
}

void TestServers::Stop() {
  for (const Service service :
       {Service::kGateway, Service::kEvents, Service::kFunding, Service::kCatalogue}) {
    Stop(service);
  }
  if (all_in_one_ != nullptr) all_in_one_->Stop();
  all_in_one_.reset();
}

absl::Status TestServers::Restart() {
  Stop();
  return Start();
}

void TestServers::EraseDatabase(Service service) {
  const std::string file = directory_.File(absl::StrCat(kNames[Index(service)], ".db"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(file, suffix));
  }
}

absl::Status TestServers::AwaitFollowers() const {
  ASSIGN_OR_RETURN(const auto places, catalogue().Call<catalogue::v1::ListPlacesResponse>(
                                          "ListPlaces", "page_size: 1"));
  absl::Status status;
  const bool followed = Eventually([&] {
    const auto claims = funding().Call<funding::v1::ListClaimsResponse>("ListClaims", "");
    const auto listed = events().Call<events::v1::ListEventsResponse>("ListEvents", "");
    status.Update(claims.status());
    status.Update(listed.status());
    return !status.ok() || (claims->catalogue_revision() == places.revision() &&
                            listed->catalogue_revision() == places.revision());
  });
  if (!followed) {
    return absl::DeadlineExceededError("funding or events do not follow the catalogue");
  }
  return status;
}

std::unique_ptr<catalogue::v1::CatalogueService::Stub> TestServers::catalogue_stub() const {
  return catalogue::v1::CatalogueService::NewStub(MakeTestChannel(target(Service::kCatalogue)));
}

std::unique_ptr<funding::v1::FundingService::Stub> TestServers::funding_stub() const {
  return funding::v1::FundingService::NewStub(MakeTestChannel(target(Service::kFunding)));
}

std::unique_ptr<events::v1::EventsService::Stub> TestServers::events_stub() const {
  return events::v1::EventsService::NewStub(MakeTestChannel(target(Service::kEvents)));
}

std::unique_ptr<gateway::v1::GatewayService::Stub> TestServers::gateway_stub() const {
  return gateway::v1::GatewayService::NewStub(MakeTestChannel(target(Service::kGateway)));
}

}  // namespace entente::test
