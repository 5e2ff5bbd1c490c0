// SPDX-License-Identifier: Apache-2.0
//
// entente serve | load DIR | check DIR | edition DIR | rates load FILE... | overview NAME |
//   dossier NAME | wait HOST:PORT SERVICE
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/client/peer.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "grpc/health/v1/health.pb.h"
#include "services/entente/all_in_one.h"
#include "services/entente/call.h"
#include "services/entente/edition.h"
#include "services/entente/load.h"
#include "services/entente/print.h"
#include "services/entente/rates.h"
#include "services/entente/source_check.h"
#include "services/funding/flags.h"

ABSL_FLAG(std::string, catalogue, "localhost:50051", "the catalogue, HOST:PORT (load)");
ABSL_FLAG(std::string, funding, "localhost:50052", "funding, HOST:PORT (load, rates load)");
ABSL_FLAG(std::string, events, "localhost:50053", "events, HOST:PORT (load)");
ABSL_FLAG(std::string, gateway, "localhost:50050", "the gateway, HOST:PORT (overview, dossier)");
ABSL_FLAG(std::string, as_of, "", "the day, YYYY-MM-DD, that parts past from coming (overview)");
ABSL_FLAG(std::string, author, "", "who makes the change, kept with its revision (load)");
ABSL_FLAG(std::string, note, "", "why the change is made, kept with its revision (load)");
ABSL_FLAG(std::string, source, "", "the text that the record cites, a file in UTF-8 (load, check)");
ABSL_FLAG(std::string, from, "", "the text that the record cites, a file in UTF-8 (edition)");
ABSL_FLAG(std::string, to, "", "the new edition of that text, a file in UTF-8 (edition)");
ABSL_FLAG(std::string, document, "", "whose text it is, where that is ambiguous (edition)");
ABSL_FLAG(bool, write, false, "change the files of the record (edition)");
ABSL_FLAG(int, timeout_s, 30, "how long to wait for an answer, in seconds (all but serve)");
ABSL_FLAG(std::string, data_dir, ".", "where the databases are kept (serve)");
ABSL_FLAG(std::string, listen_gateway, "0.0.0.0:50050", "HOST:PORT (serve)");
ABSL_FLAG(std::string, listen_catalogue, "0.0.0.0:50051", "HOST:PORT (serve)");
ABSL_FLAG(std::string, listen_funding, "0.0.0.0:50052", "HOST:PORT (serve)");
ABSL_FLAG(std::string, listen_events, "0.0.0.0:50053", "HOST:PORT (serve)");

namespace entente {
namespace {

constexpr char kUsage[] =
    "entente: the record of a partnership, over gRPC.\n\n"
    "  entente serve                      the four services in one process\n"
    "  entente load DIR                   validate a record and apply it to running services\n"
    "  entente load DIR --source FILE     and give the catalogue the text that it cites\n"
    "  entente check DIR                  validate a record\n"
    "  entente check DIR --source FILE    and hold it against the text that it cites\n"
    "  entente edition DIR --from OLD --to NEW [--document NAME] [--write]\n"
    "                                     bring a record to a new edition of the text\n"
    "  entente rates load FILE...         exchange rates of the ECB and the IMF into funding\n"
    "  entente overview partnerships/...  a partnership at a glance\n"
    "  entente dossier initiatives/...    everything about an initiative\n"
    "  entente wait HOST:PORT SERVICE     until a service is healthy";

// A day: whoever waits longer than that has other means.
constexpr int kMaxTimeoutSeconds = 24 * 60 * 60;

// Of `edition`, like that of diff: what changed or went is for people to judge.
constexpr int kExitChanged = 1;

absl::Duration Timeout() { return absl::Seconds(absl::GetFlag(FLAGS_timeout_s)); }

absl::Status CheckFlags() {
  const int timeout_s = absl::GetFlag(FLAGS_timeout_s);
  if (timeout_s < 1 || timeout_s > kMaxTimeoutSeconds) {
    return absl::InvalidArgumentError(absl::StrCat("--timeout_s must be between 1 and ",
                                                   kMaxTimeoutSeconds, ", not ", timeout_s));
  }
  for (const auto& [name, target] : {std::pair("catalogue", absl::GetFlag(FLAGS_catalogue)),
                                     std::pair("funding", absl::GetFlag(FLAGS_funding)),
                                     std::pair("events", absl::GetFlag(FLAGS_events)),
                                     std::pair("gateway", absl::GetFlag(FLAGS_gateway))}) {
    RETURN_IF_ERROR(server::PeerFromFlag(name, target).status());
  }
  return absl::OkStatus();
}

absl::Status Serve() {
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
  server::BlockStopSignals();
  ASSIGN_OR_RETURN(auto services, AllInOne::Start(options));
  server::WaitForStopSignal();
  services->Stop();
  return absl::OkStatus();
}

absl::Status Load(const std::string& directory) {
  const auto peers = gateway::RemotePeers(
      absl::GetFlag(FLAGS_catalogue), absl::GetFlag(FLAGS_funding), absl::GetFlag(FLAGS_events));
  type::v1::ChangeReason reason;
  reason.set_author(absl::GetFlag(FLAGS_author));
  reason.set_note(absl::GetFlag(FLAGS_note));
  return LoadRecord(directory, absl::GetFlag(FLAGS_source), reason,
                    {peers.catalogue.get(), peers.funding.get(), peers.events.get()}, Timeout());
}

absl::Status LoadRateFiles(const std::vector<std::string>& files) {
  client::RemotePeer funding(client::MakeChannel(absl::GetFlag(FLAGS_funding)),
                             funding::v1::ApplyChangesRequest::descriptor()->file()->service(0));
  return LoadRates(files, &funding, Timeout());
}

absl::Status CheckAgainst(const std::string& directory, const std::string& source) {
  ASSIGN_OR_RETURN(const SourceReport report, CheckSource(directory, source));
  for (const Fault& fault : report.faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  absl::PrintF("%s", ReportText(report, source));
  if (report.clean()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(directory, " has ", report.faults.size(), " faults, and leaves ",
                   report.unaccounted.size(), " passages of ", source, " unaccounted for"));
}

absl::Status Check(const std::string& directory) {
  const std::string source = absl::GetFlag(FLAGS_source);
  if (!source.empty()) return CheckAgainst(directory, source);
  const std::vector<Fault> faults = ValidateRecord(directory);
  for (const Fault& fault : faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  if (!faults.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " has ", faults.size(), " faults"));
  }
  absl::PrintF("%s: no faults\n", directory);
  return absl::OkStatus();
}

absl::StatusOr<int> MapEdition(const std::string& directory) {
  const EditionRequest request{directory, absl::GetFlag(FLAGS_from), absl::GetFlag(FLAGS_to),
                               absl::GetFlag(FLAGS_document)};
  if (request.from.empty() || request.to.empty()) {
    return absl::InvalidArgumentError("edition needs --from and --to; see entente --help");
  }
  ASSIGN_OR_RETURN(const EditionReport report, CompareEditions(request));
  for (const Fault& fault : report.faults) absl::FPrintF(stderr, "%s\n", fault.ToString());
  absl::PrintF("%s", EditionText(report));
  std::vector<WrittenFile> written;
  if (absl::GetFlag(FLAGS_write)) {
    ASSIGN_OR_RETURN(written, WriteEdition(report));
  }
  for (const WrittenFile& file : written) {
    absl::PrintF("%s: %d spans%s\n", file.path, file.spans,
                 file.has_document ? " and the document" : "");
  }
  return report.clean() ? 0 : kExitChanged;
}

std::unique_ptr<client::Peer> GatewayPeer() {
  return std::make_unique<client::RemotePeer>(
      client::MakeChannel(absl::GetFlag(FLAGS_gateway)),
      gateway::v1::Overview::descriptor()->file()->service(0));
}

absl::Status PrintOverview(const std::string& name) {
  gateway::v1::GetOverviewRequest request;
  request.set_name(name);
  request.set_as_of(absl::GetFlag(FLAGS_as_of));
  gateway::v1::Overview overview;
  RETURN_IF_ERROR(CallAndWait(GatewayPeer().get(), request, &overview, Timeout()));
  absl::PrintF("%s", OverviewText(overview));
  return absl::OkStatus();
}

absl::Status PrintDossier(const std::string& name) {
  gateway::v1::GetDossierRequest request;
  request.set_name(name);
  gateway::v1::Dossier dossier;
  RETURN_IF_ERROR(CallAndWait(GatewayPeer().get(), request, &dossier, Timeout()));
  absl::PrintF("%s", DossierText(dossier));
  return absl::OkStatus();
}

absl::Status WaitFor(const std::string& target, const std::string& service) {
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
      return absl::OkStatus();
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

absl::Status RunSimple(const std::vector<std::string>& arguments) {
  const std::string verb = arguments.empty() ? "" : arguments[0];
  const size_t operands = arguments.size() - (arguments.empty() ? 0 : 1);
  if (verb == "serve" && operands == 0) return Serve();
  if (verb == "load" && operands == 1) return Load(arguments[1]);
  if (verb == "check" && operands == 1) return Check(arguments[1]);
  if (verb == "rates" && operands >= 2 && arguments[1] == "load") {
    return LoadRateFiles({arguments.begin() + 2, arguments.end()});
  }
  if (verb == "overview" && operands == 1) return PrintOverview(arguments[1]);
  if (verb == "dossier" && operands == 1) return PrintDossier(arguments[1]);
  if (verb == "wait" && operands == 2) return WaitFor(arguments[1], arguments[2]);
  if (verb.empty()) return absl::InvalidArgumentError("no command given; see entente --help");
  return absl::InvalidArgumentError(
      absl::StrCat("there is no command \"", absl::StrJoin(arguments, " "),
                   "\", or it does not take these operands; see entente --help"));
}

// Returns the exit code.
absl::StatusOr<int> Run(const std::vector<std::string>& arguments) {
  RETURN_IF_ERROR(CheckFlags());
  if (arguments.size() == 2 && arguments[0] == "edition") return MapEdition(arguments[1]);
  RETURN_IF_ERROR(RunSimple(arguments));
  return 0;
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  const auto arguments = entente::server::ParseFlags(argc, argv, entente::kUsage);
  const absl::StatusOr<int> code = arguments.ok() ? entente::Run(*arguments) : arguments.status();
  if (code.ok()) return *code;
  absl::FPrintF(stderr, "entente: %s\n", code.status().message());
  return absl::IsInvalidArgument(code.status()) ? entente::server::kExitUsage
                                                : entente::server::kExitUnavailable;
}
