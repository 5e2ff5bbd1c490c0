// SPDX-License-Identifier: Apache-2.0
#include "services/common/data_server.h"

#include "common/log/sqlite_log.h"
#include "common/log/sqlite_peer_copy.h"
#include "common/status/macros.h"

namespace entente {

absl::StatusOr<std::unique_ptr<DataServer>> DataServer::Start(
    const server::ServerOptions& options, std::unique_ptr<resource::DataService> core,
    const std::string& name, const Bind& bind) {
  auto result = std::unique_ptr<DataServer>(new DataServer(name, options, std::move(core)));
  result->service_ = bind(&result->calls_, result->core_.get());
  ASSIGN_OR_RETURN(result->server_,
                   server::Server::Start(options, {{name, result->service_.get()}}));
  RETURN_IF_ERROR(result->core_->Load());
  result->calls_.SetReady();
  result->server_->SetServing();
  return result;
}

DataServer::~DataServer() { Stop(); }

void DataServer::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown([this] {
    core_->hub().Shutdown();
    core_->searcher().Stop();
  });
}

absl::StatusOr<std::unique_ptr<FollowerServer>> FollowerServer::Start(
    const server::ServerOptions& options, std::shared_ptr<log::SqliteStore> store,
    std::unique_ptr<catalogue::CatalogueFeed> feed, const MakeCore& make_core,
    const std::string& name, const Bind& bind) {
  auto result = std::unique_ptr<FollowerServer>(new FollowerServer());
  result->copy_ = std::make_unique<log::SqlitePeerCopy>(store, "catalogue");
  result->feed_ = std::move(feed);
  ASSIGN_OR_RETURN(std::string token, result->view_.Load(result->copy_.get()));
  ASSIGN_OR_RETURN(auto core, make_core(&result->view_, std::make_unique<log::SqliteLog>(store)));
  ASSIGN_OR_RETURN(result->server_,
                   DataServer::Start(options, std::move(core), name,
                                     [&](server::Calls* calls, resource::DataService* bound) {
                                       return bind(calls, bound, &result->view_);
                                     }));
  result->follower_ = std::make_unique<catalogue::CatalogueFollower>(
      result->feed_.get(), result->copy_.get(), &result->view_, std::move(token));
  return result;
}

FollowerServer::~FollowerServer() { Stop(); }

void FollowerServer::Stop() {
  if (server_ != nullptr) server_->Stop();
  follower_.reset();
}

}  // namespace entente
