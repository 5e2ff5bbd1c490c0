// SPDX-License-Identifier: Apache-2.0
//
// The four real servers in the process of a test: over loopback, on free ports, with SQLite files
// in a directory of their own. Either as separate servers that find each other over gRPC, or all
// in one as `entente serve` runs them.
//
//   TestServers servers({.deployment = Deployment::kSeparate});
//   ASSERT_THAT(servers.Start(), IsOk());
//   servers.catalogue().Send("CreatePartnership", ...);
//   ASSERT_THAT(servers.AwaitFollowers(), IsOk());
//   servers.Restart();                                  // the same files and ports
#ifndef ENTENTE_COMMON_TESTING_TEST_SERVERS_H_
#define ENTENTE_COMMON_TESTING_TEST_SERVERS_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "common/log/sqlite_test_util.h"
#include "common/resource/store.h"
#include "common/server/server.h"
#include "common/testing/service_client.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/events/v1/events_service.grpc.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "entente/gateway/v1/gateway_service.grpc.pb.h"
#include "services/common/data_server.h"
#include "services/entente/all_in_one.h"
#include "services/gateway/server.h"

namespace entente::test {

enum class Deployment { kSeparate, kAllInOne };
inline void PrintTo(Deployment deployment, std::ostream* out) {
  *out << (deployment == Deployment::kSeparate ? "separate servers" : "all in one");
}

enum class Service { kCatalogue, kFunding, kEvents, kGateway };

struct TestServersOptions {
  Deployment deployment = Deployment::kSeparate;
  // Of every server; `listen` is of no account.
  server::ServerOptions server;
  resource::StoreOptions store;
};

// Not thread-safe; the clients are.
class TestServers {
 public:
  explicit TestServers(TestServersOptions options = {});
  ~TestServers();

  // Starts what does not run. Errors: those of the servers.
  absl::Status Start();
  // Graceful, of all.
  void Stop();
  // Stop and Start: the same databases and ports, fresh clients.
  absl::Status Restart();

  // One server, where they are separate.
  absl::Status Start(Service service);
  void Stop(Service service);
  // Removes the database of a server that does not run.
  void EraseDatabase(Service service);

  // Waits until funding and events state the catalogue's current revision. DEADLINE_EXCEEDED if
  // they do not within kPatience; errors of the services.
  absl::Status AwaitFollowers() const;

  const ServiceClient& catalogue() const { return *clients_[0]; }
  const ServiceClient& funding() const { return *clients_[1]; }
  const ServiceClient& events() const { return *clients_[2]; }
  const ServiceClient& gateway() const { return *clients_[3]; }
  const ServiceClient& client(Service service) const {
    return *clients_[static_cast<size_t>(service)];
  }

  // HOST:PORT of a server.
  std::string target(Service service) const;
  std::unique_ptr<catalogue::v1::CatalogueService::Stub> catalogue_stub() const;
  std::unique_ptr<funding::v1::FundingService::Stub> funding_stub() const;
  std::unique_ptr<events::v1::EventsService::Stub> events_stub() const;
  std::unique_ptr<gateway::v1::GatewayService::Stub> gateway_stub() const;

 private:
  static constexpr size_t kServices = 4;

  absl::Status StartOnce(Service service);
  absl::Status StartAllInOne();
  // Options for a service: on its port, if it has had one.
  server::ServerOptions OptionsOf(Service service) const;
  void Connect(Service service);

  const TestServersOptions options_;
  log::TempDirectory directory_;
  int ports_[kServices] = {};
  std::unique_ptr<server::Program> programs_[kServices];
  std::unique_ptr<AllInOne> all_in_one_;
  std::unique_ptr<ServiceClient> clients_[kServices];
};

// Asks `done` again and again, with short breaks, until it says yes: for what a test can only see
// from outside. False if it has not within kPatience.
bool Eventually(const std::function<bool()>& done);

}  // namespace entente::test

#endif  // ENTENTE_COMMON_TESTING_TEST_SERVERS_H_
