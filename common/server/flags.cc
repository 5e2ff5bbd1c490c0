// SPDX-License-Identifier: Apache-2.0
#include "common/server/flags.h"

#include <grpc/support/log.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/logging/logging.h"
#include "common/server/command_line.h"
#include "common/status/macros.h"

ABSL_FLAG(std::string, log_level, "info", "debug, info, warning, error or off");
ABSL_FLAG(int, max_calls_in_flight, 1000,
          "calls beyond this, watches aside, are answered with RESOURCE_EXHAUSTED at once");
ABSL_FLAG(int, max_watches, 20'000, "watches beyond this are answered with RESOURCE_EXHAUSTED");
ABSL_FLAG(int64_t, max_request_bytes, 16 << 20,
          "larger requests are answered with RESOURCE_EXHAUSTED");
ABSL_FLAG(int, max_metadata_bytes, 16 << 10, "larger request headers are refused");
ABSL_FLAG(absl::Duration, max_connection_age, absl::Minutes(5),
          "connections are asked to go away at this age (watches resume from their tokens)");
ABSL_FLAG(absl::Duration, max_connection_age_grace, absl::Minutes(1),
          "how long after that they are closed");
ABSL_FLAG(absl::Duration, drain_delay, absl::ZeroDuration(),
          "at shutdown, how long health says NOT_SERVING before new calls are refused");
ABSL_FLAG(absl::Duration, shutdown_grace, absl::Seconds(10),
          "at shutdown, how long calls in flight may take");
ABSL_FLAG(int64_t, retained_revisions, 1000,
          "of how many last revisions the state can be read (data services)");
ABSL_FLAG(bool, state_file, true,
          "keep the state in a file beside the database, for a fast start (data services)");

namespace entente::server {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

template <typename T>
absl::Status CheckRange(absl::string_view flag, T value, T low, T high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, " must be between ", low, " and ", high, ", not ", value));
}

absl::Status CheckDuration(absl::string_view flag, absl::Duration value, absl::Duration low) {
  if (value >= low && value <= absl::Hours(24 * 7)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " must be between ",
                                                 absl::FormatDuration(low), " and 168h, not ",
                                                 absl::FormatDuration(value)));
}

// What gRPC itself writes becomes part of the log. At the level of debugging, whatever gRPC's own:
// what an operator must know of it comes back as the status of a call or of a start.
void LogForGrpc(gpr_log_func_args* args) { logging::Debug("grpc").With("message", args->message); }

bool IsListenAddress(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return address.size() > 5;
  const size_t colon = address.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 && port <= 65535;
}

}  // namespace

absl::Status StartLog() {
  logging::Level level;
  if (!logging::ParseLevel(absl::GetFlag(FLAGS_log_level), &level)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--log_level must be debug, info, warning, error or off, not ",
                     absl::GetFlag(FLAGS_log_level)));
  }
  logging::SetLevel(level);
  gpr_set_log_function(&LogForGrpc);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ParseFlags(int argc, char** argv,
                                                    absl::string_view description) {
  ASSIGN_OR_RETURN(CommandLine line, ReadCommandLine(argc, argv));
  if (line.help) {
    std::fputs(HelpText(description).c_str(), stdout);
    std::exit(0);
  }
  RETURN_IF_ERROR(StartLog());
  return std::move(line.arguments);
}

absl::StatusOr<ServerOptions> OptionsFromFlags(const std::string& listen) {
  ServerOptions options;
  options.listen = listen;
  if (!IsListenAddress(listen)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", listen,
                     "\" is not an address to listen on: it must be HOST:PORT, for example "
                     "0.0.0.0:50051, or unix:PATH"));
  }
  options.calls.max_calls_in_flight = absl::GetFlag(FLAGS_max_calls_in_flight);
  options.calls.max_watches = absl::GetFlag(FLAGS_max_watches);
  const int64_t max_request_bytes = absl::GetFlag(FLAGS_max_request_bytes);
  options.calls.max_request_bytes = static_cast<uint64_t>(max_request_bytes);
  options.max_metadata_bytes = absl::GetFlag(FLAGS_max_metadata_bytes);
  options.max_connection_age = absl::GetFlag(FLAGS_max_connection_age);
  options.max_connection_age_grace = absl::GetFlag(FLAGS_max_connection_age_grace);
  options.drain_delay = absl::GetFlag(FLAGS_drain_delay);
  options.shutdown_grace = absl::GetFlag(FLAGS_shutdown_grace);
  RETURN_IF_ERROR(
      CheckRange("max_calls_in_flight", options.calls.max_calls_in_flight, 1, 1'000'000));
  RETURN_IF_ERROR(CheckRange("max_watches", options.calls.max_watches, 1, 1'000'000));
  RETURN_IF_ERROR(CheckRange<int64_t>("max_request_bytes", max_request_bytes, 1024, 256 << 20));
  RETURN_IF_ERROR(CheckRange("max_metadata_bytes", options.max_metadata_bytes, 1024, 1 << 20));
  RETURN_IF_ERROR(
      CheckDuration("max_connection_age", options.max_connection_age, absl::Seconds(1)));
  RETURN_IF_ERROR(CheckDuration("max_connection_age_grace", options.max_connection_age_grace,
                                absl::ZeroDuration()));
  RETURN_IF_ERROR(CheckDuration("drain_delay", options.drain_delay, absl::ZeroDuration()));
  RETURN_IF_ERROR(CheckDuration("shutdown_grace", options.shutdown_grace, absl::ZeroDuration()));
  return options;
}

absl::StatusOr<std::string> PeerFromFlag(absl::string_view flag, const std::string& target) {
  if (!target.empty()) return target;
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, " is empty: it must be the HOST:PORT of that service"));
}

absl::StatusOr<resource::StoreOptions> StoreOptionsFromFlags(const std::string& database) {
  const int64_t retained = absl::GetFlag(FLAGS_retained_revisions);
  RETURN_IF_ERROR(CheckRange<int64_t>("retained_revisions", retained, 1, 10'000'000));
  resource::StoreOptions options;
  options.retained_revisions = static_cast<size_t>(retained);
  if (absl::GetFlag(FLAGS_state_file)) options.state_file = database + ".state";
  return options;
}

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void WaitForStopSignal() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  logging::Info("stopping").With("signal", strsignal(signal));
  std::thread([signals] {
    int again = 0;
    sigwait(&signals, &again);
    std::_Exit(128 + again);
  }).detach();
}

int RunMain(int argc, char** argv, absl::string_view description,
            const std::function<absl::StatusOr<std::unique_ptr<Program>>()>& start) {
  const auto fail = [&](const absl::Status& status) {
    std::fprintf(stderr, "%s: %s\n", argv[0], std::string(status.message()).c_str());
    return absl::IsInvalidArgument(status) ? kExitUsage : kExitUnavailable;
  };
  const auto arguments = ParseFlags(argc, argv, description);
  if (!arguments.ok()) return fail(arguments.status());
  if (!arguments->empty()) {
    return fail(absl::InvalidArgumentError(
        absl::StrCat("\"", arguments->front(), "\" is not a flag; see --help")));
  }
  BlockStopSignals();
  auto program = start();
  if (!program.ok()) return fail(program.status());
  WaitForStopSignal();
  (*program)->Stop();
  logging::Info("stopped");
  return 0;
}

}  // namespace entente::server
