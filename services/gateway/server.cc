// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/server.h"

#include "common/client/breaker.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "entente/events/v1/events_service.grpc.pb.h"
#include "entente/funding/v1/funding_service.grpc.pb.h"
#include "services/gateway/answers/watched.h"
#include "services/gateway/gateway_service.h"

namespace entente::gateway {

OwnedPeers RemotePeers(const std::string& catalogue, const std::string& funding,
                       const std::string& events) {
  const auto remote = [](const std::string& target, const google::protobuf::FileDescriptor* file) {
    const auto* service = file->service(0);
    return std::make_unique<client::RemotePeer>(client::MakeChannel(target, service), service);
  };
  return {remote(catalogue, catalogue::v1::ApplyChangesRequest::descriptor()->file()),
          remote(funding, funding::v1::ApplyChangesRequest::descriptor()->file()),
          remote(events, events::v1::ApplyChangesRequest::descriptor()->file())};
}

std::unique_ptr<Frontiers> RemoteFrontiers(const std::string& catalogue, const std::string& funding,
                                           const std::string& events, const Clock* clock) {
  const auto watched = [clock](ReadWatch read) {
    return std::make_unique<WatchedNewest>(std::move(read), clock);
  };
  return std::make_unique<Frontiers>(
      watched(WatchOf<catalogue::v1::CatalogueService, catalogue::v1::WatchRequest,
                      catalogue::v1::WatchResponse>(client::MakeChannel(catalogue))),
      watched(WatchOf<funding::v1::FundingService, funding::v1::WatchRequest,
                      funding::v1::WatchResponse>(client::MakeChannel(funding))),
      watched(
          WatchOf<events::v1::EventsService, events::v1::WatchRequest, events::v1::WatchResponse>(
              client::MakeChannel(events))));
}

namespace {

// Peers that are left in peace while they fail.
OwnedPeers BehindBreakers(OwnedPeers peers) {
  const auto guard = [](std::unique_ptr<client::Peer>* peer) {
    *peer = std::make_unique<client::BreakerPeer>(std::move(*peer), client::BreakerOptions(),
                                                  &SystemClock::Get());
  };
  guard(&peers.catalogue);
  guard(&peers.funding);
  guard(&peers.events);
  return peers;
}

}  // namespace

GatewayServer::GatewayServer(const server::ServerOptions& options, OwnedPeers peers,
                             std::unique_ptr<Frontiers> frontiers, Answers::Options answers,
                             const Clock* clock)
    : calls_(v1::GatewayService::service_full_name(), options.calls),
      peers_(BehindBreakers(std::move(peers))),
      frontiers_(std::move(frontiers)),
      answers_({peers_.catalogue.get(), peers_.funding.get(), peers_.events.get()},
               frontiers_.get(), clock, answers) {}

absl::StatusOr<std::unique_ptr<GatewayServer>> GatewayServer::Start(
    const server::ServerOptions& options, OwnedPeers peers, std::unique_ptr<Frontiers> frontiers,
    Answers::Options answers, const Clock* clock) {
  auto result = std::unique_ptr<GatewayServer>(
      new GatewayServer(options, std::move(peers), std::move(frontiers), answers, clock));
  result->service_ = std::make_unique<GatewayService>(&result->calls_, &result->answers_, clock);
  ASSIGN_OR_RETURN(result->server_,
                   server::Server::Start(options, {{v1::GatewayService::service_full_name(),
                                                    result->service_.get()}}));
  result->calls_.SetReady();
  result->server_->SetServing();
  return result;
}

GatewayServer::~GatewayServer() { Stop(); }

void GatewayServer::Stop() {
  if (server_ != nullptr) server_->Shutdown();
}

}  // namespace entente::gateway
