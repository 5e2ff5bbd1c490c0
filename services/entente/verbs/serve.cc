// SPDX-License-Identifier: Apache-2.0
//
// entente serve, entente wait: the services themselves.
#include <algorithm>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/client/peer.h"
#include "common/server/flags.h"
#include "common/status/macros.h"
#include "grpc/health/v1/health.pb.h"
#include "services/entente/all_in_one.h"
#include "services/entente/call.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"
#include "services/funding/flags.h"
#include "services/gateway/flags.h"

namespace entente {
namespace {

absl::StatusOr<int> RunServe(const Invocation&) {
  AllInOneOptions options;
  options.data_dir = absl::GetFlag(FLAGS_data_dir);
  ASSIGN_OR_RETURN(options.catalogue,
                   server::OptionsFromFlags(absl::GetFlag(FLAGS_listen_catalogue)));
  ASSIGN_OR_RETURN(options.funding, server::OptionsFromFlags(absl::GetFlag(FLAGS_listen_funding)));
  ASSIGN_OR_RETURN(options.events, server::OptionsFromFlags(absl::GetFlag(FLAGS_listen_events)));
  ASSIGN_OR_RETURN(options.gateway, server::OptionsFromFlags(absl::GetFlag(FLAGS_listen_gateway)));
  ASSIGN_OR_RETURN(options.store, server::StoreOptionsFromFlags(""));
  options.state_files = !options.store.state_file.empty();
  ASSIGN_OR_RETURN(options.analytics, funding::AnalyticsFromFlags());
  ASSIGN_OR_RETURN(options.answers, gateway::AnswersFromFlags());
  server::BlockStopSignals();
  ASSIGN_OR_RETURN(auto services, AllInOne::Start(options));
  server::WaitForStopSignal();
  services->Stop();
  return 0;
}

absl::StatusOr<int> RunWait(const Invocation& invocation) {
  const std::string& target = invocation.operands[0];
  const std::string& service = invocation.operands[1];
  client::RemotePeer health(client::MakeChannel(target),
                            grpc::health::v1::HealthCheckRequest::descriptor()->file()->service(0));
  const absl::Time end = absl::Now() + Timeout();
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  while (true) {
    grpc::health::v1::HealthCheckResponse response;
    const absl::Status status =
        CallAndWait(&health, request, &response, std::min(absl::Seconds(1), end - absl::Now()));
    if (status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING) {
      return 0;
    }
    if (absl::Now() > end) {
      return absl::DeadlineExceededError(absl::StrCat(
          service, " at ", target, " is not healthy: ",
          status.ok() ? grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status())
                      : std::string(status.message())));
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
}

}  // namespace

Verb ServeVerb() {
  Verb verb;
  verb.name = "serve";
  verb.summary = "the four services in one process, until SIGTERM or SIGINT";
  verb.details = "  entente serve --data_dir=/var/lib/entente\n";
  // Like the servers of one service each.
  verb.codes = {.failure = server::kExitUnavailable, .usage = server::kExitUsage};
  verb.run = RunServe;
  return verb;
}

Verb WaitVerb() {
  Verb verb;
  verb.name = "wait";
  verb.operands = "HOST:PORT SERVICE";
  verb.summary = "until a service is healthy";
  verb.details = "  entente wait localhost:50050 entente.gateway.v1.GatewayService\n";
  verb.least_operands = 2;
  verb.most_operands = 2;
  verb.run = RunWait;
  return verb;
}

}  // namespace entente
