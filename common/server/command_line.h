// SPDX-License-Identifier: Apache-2.0
//
// The command line and the environment of a program, for the flags that ABSL_FLAG defines. Unlike
// Abseil's own parser it reports what is wrong instead of ending the process, and has no flags of
// its own beside --help.
//
//   ASSIGN_OR_RETURN(CommandLine line, ReadCommandLine(argc, argv));
//   if (line.help) std::fputs(HelpText(description).c_str(), stdout);
#ifndef ENTENTE_COMMON_SERVER_COMMAND_LINE_H_
#define ENTENTE_COMMON_SERVER_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::server {

struct CommandLine {
  bool help = false;  // --help was given: no flag was looked at.
  std::vector<std::string> arguments;
  std::vector<std::string> flags;  // The names of those on the command line.
};

// Sets every flag that the environment names (--max_watches as ENTENTE_MAX_WATCHES), then those of
// the command line, which win: --name=value, --name value, --switch, --noswitch; one dash does as
// well, as do hyphens for underscores, and "--" ends the flags. INVALID_ARGUMENT names the variable
// or flag that is wrong.
absl::StatusOr<CommandLine> ReadCommandLine(int argc, char** argv);

// The description, and every flag with its default value.
std::string HelpText(absl::string_view description);

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_COMMAND_LINE_H_
