// SPDX-License-Identifier: Apache-2.0
//
// `entente serve`: the four services in one process, each on its own port. Inside, they call each
// other directly, through the same interfaces as across processes.
#ifndef ENTENTE_SERVICES_ENTENTE_ALL_IN_ONE_H_
#define ENTENTE_SERVICES_ENTENTE_ALL_IN_ONE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/resource/store.h"
#include "common/server/flags.h"
#include "services/common/data_server.h"
#include "services/funding/query/analytics.h"
#include "services/gateway/answers/answers.h"
#include "services/gateway/server.h"

namespace entente {

struct AllInOneOptions {
  // Where the databases are kept: catalogue.db, funding.db, events.db. Must exist.
  std::string data_dir;
  server::ServerOptions catalogue;
  server::ServerOptions funding;
  server::ServerOptions events;
  server::ServerOptions gateway;
  // Of all three but for `state_file`, which is beside the database of each if there are to be any.
  resource::StoreOptions store;
  bool state_files = false;
  funding::query::AnalyticsOptions analytics;
  gateway::Answers::Options answers;
};

class AllInOne final : public server::Program {
 public:
  // Errors: those of the servers and of SqliteStore::Open.
  static absl::StatusOr<std::unique_ptr<AllInOne>> Start(const AllInOneOptions& options);
  ~AllInOne() override;

  void Stop() override;

  int catalogue_port() const { return catalogue_->port(); }
  int funding_port() const { return funding_->port(); }
  int events_port() const { return events_->port(); }
  int gateway_port() const { return gateway_->port(); }

 private:
  AllInOne() = default;

  std::unique_ptr<DataServer> catalogue_;
  std::unique_ptr<FollowerServer> funding_;
  std::unique_ptr<FollowerServer> events_;
  std::unique_ptr<gateway::GatewayServer> gateway_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_ALL_IN_ONE_H_
