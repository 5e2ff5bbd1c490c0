// SPDX-License-Identifier: Apache-2.0
//
// The four services as four processes, each on a port of its own that it keeps when it is
// restarted.
//
//   Cluster cluster;
//   cluster.StartAll();
//   cluster.Load(Source("data/us-asean-csp"));
//   cluster.server(Service::kFunding).process().Signal(SIGKILL);
//   cluster.server(Service::kFunding).Start();
#ifndef ENTENTE_TESTS_E2E_CLUSTER_H_
#define ENTENTE_TESTS_E2E_CLUSTER_H_

#include <grpcpp/grpcpp.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/process.h"

namespace entente::e2e {

enum class Service { kCatalogue, kFunding, kEvents, kGateway };
inline constexpr std::array<Service, 3> kDataServices = {Service::kCatalogue, Service::kFunding,
                                                         Service::kEvents};
inline constexpr std::array<Service, 4> kServices = {Service::kCatalogue, Service::kFunding,
                                                     Service::kEvents, Service::kGateway};

std::string ShortName(Service service);  // "catalogue"
std::string FullName(Service service);   // "entente.catalogue.v1.CatalogueService"
std::string Program(Service service);    // The path of "entente-catalogue".

// A new channel that shares no connection with others and retries soon.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);

// Whether the service says that it is SERVING, within `patience`.
bool AwaitServing(const std::string& address, const std::string& full_name,
                  absl::Duration patience = kPatience);

// One server process, restartable.
class Server {
 public:
  Server(Service service, const TempDir* dir, std::vector<std::string> arguments)
      : service_(service), dir_(dir), arguments_(std::move(arguments)) {}

  // Starts it (again) and returns at once; the one before must have ended.
  void Start(const std::vector<std::string>& more_arguments = {});
  bool AwaitServing() const;
  // SIGTERM, and how it ended.
  std::optional<Ending> Stop();

  Process& process() { return *process_; }
  std::string address() const { return port_.address(); }
  int port() const { return port_.number(); }
  Service service() const { return service_; }

 private:
  const Service service_;
  const TempDir* const dir_;
  const std::vector<std::string> arguments_;
  Port port_;
  std::unique_ptr<Process> process_;
};

class Cluster {
 public:
  Cluster();

  // Starts all, each when those before it are SERVING. Fails the test if one does not come to it.
  void StartAll();

  Server& server(Service service) { return *servers_.at(static_cast<size_t>(service)); }
  const TempDir& dir() const { return dir_; }

  // "--catalogue=127.0.0.1:...": where the services are, for `entente`.
  std::vector<std::string> Targets();

  // `entente COMMAND OPERAND`.
  Finished Command(std::vector<std::string> words);

 private:
  TempDir dir_;
  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace entente::e2e

#endif  // ENTENTE_TESTS_E2E_CLUSTER_H_
