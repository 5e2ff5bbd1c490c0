// SPDX-License-Identifier: Apache-2.0
#include "services/entente/all_in_one.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"
#include "entente/events/v1/events_service.pb.h"
#include "entente/funding/v1/funding_service.pb.h"
#include "services/catalogue/server.h"
#include "services/events/server.h"
#include "services/funding/server.h"

namespace entente {
namespace {

// The core of a service as a peer of the others.
std::unique_ptr<client::Peer> Direct(resource::DataService* core,
                                     const google::protobuf::Descriptor* any_message) {
  return std::make_unique<client::DirectPeer>(
      [core](const google::protobuf::Message& request, google::protobuf::Message* response,
             client::Done done) { core->Call(request, response, std::move(done)); },
      [core](const google::protobuf::Message& request, google::protobuf::Message* rest,
             std::string* resources) {
        resource::Reply reply(rest, resources);
        return core->Read(request, &reply);
      },
      any_message->file()->service(0));
}

std::unique_ptr<gateway::Newest> Newest(const resource::DataService* core) {
  return std::make_unique<gateway::DirectNewest>(
      [core] { return core->store().Current()->revision(); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<AllInOne>> AllInOne::Start(const AllInOneOptions& options) {
  auto result = std::unique_ptr<AllInOne>(new AllInOne());
  const auto open = [&](const char* name) {
    return log::SqliteStore::Open(absl::StrCat(options.data_dir, "/", name, ".db"), {});
  };
  const auto store = [&](const char* name) {
    resource::StoreOptions of_service = options.store;
    of_service.state_file =
        options.state_files ? absl::StrCat(options.data_dir, "/", name, ".db.state") : "";
    return of_service;
  };
  ASSIGN_OR_RETURN(auto catalogue_db, open("catalogue"));
  ASSIGN_OR_RETURN(auto funding_db, open("funding"));
  ASSIGN_OR_RETURN(auto events_db, open("events"));
  ASSIGN_OR_RETURN(
      result->catalogue_,
      catalogue::StartServer(options.catalogue, std::move(catalogue_db), store("catalogue")));
  resource::DataService* catalogue = result->catalogue_->core();
  const auto feed = [&] { return std::make_unique<catalogue::DirectCatalogueFeed>(catalogue); };
  ASSIGN_OR_RETURN(result->funding_,
                   funding::StartServer(options.funding, std::move(funding_db), feed(),
                                        store("funding"), options.analytics));
  ASSIGN_OR_RETURN(result->events_, events::StartServer(options.events, std::move(events_db),
                                                        feed(), store("events")));
  gateway::OwnedPeers peers;
  peers.catalogue = Direct(catalogue, catalogue::v1::ApplyChangesRequest::descriptor());
  peers.funding = Direct(result->funding_->core(), funding::v1::ApplyChangesRequest::descriptor());
  peers.events = Direct(result->events_->core(), events::v1::ApplyChangesRequest::descriptor());
  ASSIGN_OR_RETURN(result->gateway_, gateway::GatewayServer::Start(
                                         options.gateway, std::move(peers),
                                         std::make_unique<gateway::Frontiers>(
                                             Newest(catalogue), Newest(result->funding_->core()),
                                             Newest(result->events_->core())),
                                         options.answers, &SystemClock::Get()));
  return result;
}

AllInOne::~AllInOne() { Stop(); }

// Those who call before those who are called.
void AllInOne::Stop() {
  if (gateway_ != nullptr) gateway_->Stop();
  if (events_ != nullptr) events_->Stop();
  if (funding_ != nullptr) funding_->Stop();
  if (catalogue_ != nullptr) catalogue_->Stop();
}

}  // namespace entente
