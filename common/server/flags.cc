// SPDX-License-Identifier: Apache-2.0
#include "common/server/flags.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/logging/logging.h"
#include "common/status/macros.h"

ABSL_FLAG(std::string, log_level, "info", "debug, info, warning, error or off");
ABSL_FLAG(int, max_calls_in_flight, 1000,
          "unary calls beyond this are answered with RESOURCE_EXHAUSTED at once");
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

namespace entente::server {
namespace {

constexpr absl::string_view kEnvironmentPrefix = "ENTENTE_";

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

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseFlags(int argc, char** argv,
                                                    absl::string_view description) {
  absl::SetProgramUsageMessage(description);
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string variable = absl::StrCat(kEnvironmentPrefix, absl::AsciiStrToUpper(name));
    const char* value = std::getenv(variable.c_str());
    std::string error;
    if (value != nullptr && !flag->ParseFrom(value, &error)) {
      return absl::InvalidArgumentError(absl::StrCat(variable, "=", value, " is not a value of --",
                                                     name, error.empty() ? "" : ": ", error));
    }
  }
  std::vector<std::string> arguments;
  for (char* argument : absl::ParseCommandLine(argc, argv)) arguments.emplace_back(argument);
  arguments.erase(arguments.begin());
  logging::Level level;
  if (!logging::ParseLevel(absl::GetFlag(FLAGS_log_level), &level)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--log_level must be debug, info, warning, error or off, not ",
                     absl::GetFlag(FLAGS_log_level)));
  }
  logging::SetLevel(level);
  return arguments;
}

absl::StatusOr<ServerOptions> OptionsFromFlags(const std::string& listen) {
  ServerOptions options;
  options.listen = listen;
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

absl::StatusOr<size_t> RetainedRevisionsFromFlags() {
  const int64_t retained = absl::GetFlag(FLAGS_retained_revisions);
  RETURN_IF_ERROR(CheckRange<int64_t>("retained_revisions", retained, 1, 10'000'000));
  return static_cast<size_t>(retained);
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
