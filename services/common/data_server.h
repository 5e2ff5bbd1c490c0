// SPDX-License-Identifier: Apache-2.0
//
// A data service as a running server: its core, its gRPC binding and its listener, from the first
// health check to the last call. The catalogue is one; funding and events are one that follows the
// catalogue.
//
//   ASSIGN_OR_RETURN(auto server, DataServer::Start(options, std::move(core), name, bind));
//   server->Stop();
#ifndef ENTENTE_SERVICES_COMMON_DATA_SERVER_H_
#define ENTENTE_SERVICES_COMMON_DATA_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/log/sqlite_store.h"
#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "common/server/flags.h"
#include "common/server/server.h"
#include "services/catalogue/client/catalogue_view.h"

namespace entente {

class DataServer final : public server::Program {
 public:
  // Makes the gRPC service of a core. It goes before the core does, and after the last call.
  using Bind =
      std::function<std::unique_ptr<grpc::Service>(server::Calls*, resource::DataService*)>;

  // Listens, answers every call with UNAVAILABLE while it reads the log, then serves. Errors:
  // those of Server::Start and of Store::Load.
  static absl::StatusOr<std::unique_ptr<DataServer>> Start(
      const server::ServerOptions& options, std::unique_ptr<resource::DataService> core,
      const std::string& name, const Bind& bind);
  ~DataServer() override;

  void Stop() override;

  int port() const { return server_->port(); }
  resource::DataService* core() { return core_.get(); }

 private:
  DataServer(const std::string& name, const server::ServerOptions& options,
             std::unique_ptr<resource::DataService> core)
      : calls_(name, options.calls), core_(std::move(core)) {}

  server::Calls calls_;
  std::unique_ptr<resource::DataService> core_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<server::Server> server_;
};

// A data service that keeps a copy of the catalogue.
class FollowerServer final : public server::Program {
 public:
  // Makes the core that reads the copy `view`.
  using MakeCore = std::function<absl::StatusOr<std::unique_ptr<resource::DataService>>(
      const catalogue::CatalogueView* view, std::unique_ptr<log::Log> log)>;
  // Makes the gRPC service of a core, for methods that read the copy besides it.
  using Bind = std::function<std::unique_ptr<grpc::Service>(server::Calls*, resource::DataService*,
                                                            const catalogue::CatalogueView* view)>;

  // The copy is kept in `store`, beside the log. Errors: those of DataServer::Start, and DATA_LOSS
  // if the kept copy cannot be read.
  static absl::StatusOr<std::unique_ptr<FollowerServer>> Start(
      const server::ServerOptions& options, std::shared_ptr<log::SqliteStore> store,
      std::unique_ptr<catalogue::CatalogueFeed> feed, const MakeCore& make_core,
      const std::string& name, const Bind& bind);
  ~FollowerServer() override;

  void Stop() override;

  int port() const { return server_->port(); }
  resource::DataService* core() { return server_->core(); }

 private:
  FollowerServer() = default;

  catalogue::CatalogueView view_;
  std::unique_ptr<log::PeerCopy> copy_;
  std::unique_ptr<catalogue::CatalogueFeed> feed_;
  std::unique_ptr<DataServer> server_;
  std::unique_ptr<catalogue::CatalogueFollower> follower_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_COMMON_DATA_SERVER_H_
