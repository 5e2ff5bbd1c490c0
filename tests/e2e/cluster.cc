// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/client/peer.h"
#include "grpc/health/v1/health.pb.h"

namespace entente::e2e {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

bool IsServing(const std::string& address, const std::string& full_name) {
  client::RemotePeer health(NewChannel(address),
                            HealthCheckRequest::descriptor()->file()->service(0));
  HealthCheckRequest request;
  request.set_service(full_name);
  HealthCheckResponse response;
  std::promise<bool> answered;
  health.Call({absl::Now() + absl::Seconds(1), ""}, request, &response,
              [&](const absl::Status& status) { answered.set_value(status.ok()); });
  return answered.get_future().get() && response.status() == HealthCheckResponse::SERVING;
}

}  // namespace

std::string ShortName(Service service) {
  static constexpr const char* kNames[] = {"catalogue", "funding", "events", "gateway"};
  return kNames[static_cast<size_t>(service)];
}

std::string FullName(Service service) {
  std::string name = ShortName(service);
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return absl::StrCat("entente.", ShortName(service), ".v1.", name, "Service");
}

std::string Program(Service service) { return Binary("entente-" + ShortName(service)); }

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  // An argument of its own keeps it from sharing connections. (gRPC's local pool would too, but
  // in 1.51 it is not safe when a channel goes away while it connects.)
  static std::atomic<int> count{0};
  grpc::ChannelArguments arguments;
  arguments.SetInt("entente.e2e.channel", ++count);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

bool AwaitServing(const std::string& address, const std::string& full_name,
                  absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  while (!IsServing(address, full_name)) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

void Server::Start(const std::vector<std::string>& more_arguments) {
  std::vector<std::string> arguments = arguments_;
  arguments.push_back(absl::StrCat("--listen=", address()));
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  process_.reset();
  process_ = std::make_unique<Process>(Program(service_), arguments, *dir_);
}

bool Server::AwaitServing() const { return e2e::AwaitServing(address(), FullName(service_)); }

std::optional<Ending> Server::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait();
}

Cluster::Cluster() {
  const auto add = [&](Service service, std::vector<std::string> arguments) {
    servers_.push_back(std::make_unique<Server>(service, &dir_, std::move(arguments)));
  };
  const auto database = [&](Service service) {
    return absl::StrCat("--database=", dir_.File(ShortName(service) + ".db"));
  };
  add(Service::kCatalogue, {database(Service::kCatalogue)});
  const std::string catalogue = absl::StrCat("--catalogue=", server(Service::kCatalogue).address());
  add(Service::kFunding, {database(Service::kFunding), catalogue});
  add(Service::kEvents, {database(Service::kEvents), catalogue});
  add(Service::kGateway,
      {catalogue, absl::StrCat("--funding=", server(Service::kFunding).address()),
       absl::StrCat("--events=", server(Service::kEvents).address())});
}

void Cluster::StartAll() {
  // One after the other: who calls one that is not there yet does so again only after a while.
  for (const auto& server : servers_) {
    server->Start();
    ASSERT_TRUE(server->AwaitServing()) << FullName(server->service());
  }
}

std::vector<std::string> Cluster::Targets() {
  std::vector<std::string> targets;
  for (const Service service : kServices) {
    targets.push_back(absl::StrCat("--", ShortName(service), "=", server(service).address()));
  }
  return targets;
}

Finished Cluster::Command(std::vector<std::string> words) {
  for (std::string& target : Targets()) words.push_back(std::move(target));
  return RunToEnd(Binary("entente"), words, dir_);
}

}  // namespace entente::e2e
