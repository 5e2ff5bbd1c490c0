// SPDX-License-Identifier: Apache-2.0
//
// The flags that every server has, and how a server's main runs.
//
//   int main(int argc, char** argv) {
//     return server::RunMain(argc, argv, "the catalogue of Entente", [] { return StartCatalogue();
//     });
//   }
//
// Each flag can also be given by the environment: --max_watches as ENTENTE_MAX_WATCHES. The
// command line wins.
#ifndef ENTENTE_COMMON_SERVER_FLAGS_H_
#define ENTENTE_COMMON_SERVER_FLAGS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/store.h"
#include "common/server/server.h"

namespace entente::server {

// Exit codes of servers, by sysexits.h.
inline constexpr int kExitUsage = 64;        // A flag or environment variable is wrong.
inline constexpr int kExitUnavailable = 69;  // A port or database cannot be had, or is unusable.

// Sets flags from the environment and the command line, and the level of the log. Returns the
// positional arguments. INVALID_ARGUMENT if a flag or variable is wrong. With --help it prints and
// ends the process.
absl::StatusOr<std::vector<std::string>> ParseFlags(int argc, char** argv,
                                                    absl::string_view description);

// Has the log begin at the level of --log_level, gRPC's own lines in it; part of ParseFlags.
// INVALID_ARGUMENT if that is no level.
absl::Status StartLog();

// What the flags say for a server that listens on `listen`. INVALID_ARGUMENT if a value is out of
// range.
absl::StatusOr<ServerOptions> OptionsFromFlags(const std::string& listen);

// The address of a peer, the value of `flag`. INVALID_ARGUMENT if it is empty.
absl::StatusOr<std::string> PeerFromFlag(absl::string_view flag, const std::string& target);

// --retained_revisions and --state_file, for the service whose database is this file.
// INVALID_ARGUMENT if one is out of range.
absl::StatusOr<resource::StoreOptions> StoreOptionsFromFlags(const std::string& database);

// Something that runs until it is stopped.
class Program {
 public:
  virtual ~Program() = default;
  // Graceful: returns when all is over.
  virtual void Stop() = 0;
};

// Keeps SIGTERM and SIGINT for WaitForStopSignal. To be called before any thread is started.
void BlockStopSignals();

// Waits for SIGTERM or SIGINT. A second one ends the process at once.
void WaitForStopSignal();

// Parses flags, starts the program, waits for a signal and stops it. Returns the exit code; errors
// are printed to standard error as "PROGRAM: MESSAGE".
int RunMain(int argc, char** argv, absl::string_view description,
            const std::function<absl::StatusOr<std::unique_ptr<Program>>()>& start);

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_FLAGS_H_
