// SPDX-License-Identifier: Apache-2.0
#include "common/server/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace entente::server {
namespace {

constexpr absl::string_view kEnvironmentPrefix = "ENTENTE_";

std::string VariableOf(absl::string_view flag) {
  return absl::StrCat(kEnvironmentPrefix, absl::AsciiStrToUpper(flag));
}

// Sets `flag`, which the caller wrote as `source`: "--max_watches" or "ENTENTE_MAX_WATCHES".
absl::Status Set(absl::CommandLineFlag* flag, const std::string& source, const std::string& value) {
  std::string error;
  if (flag->ParseFrom(value, &error)) return absl::OkStatus();
  // Of what Abseil says only the lines after its first are about the value.
  const size_t reason = error.find('\n');
  return absl::InvalidArgumentError(
      absl::StrCat("\"", value, "\" is not a value of ", source,
                   reason == std::string::npos ? "" : absl::StrCat(": ", error.substr(reason + 1)),
                   " (", flag->Help(), "; for example ", flag->DefaultValue(), ")"));
}

absl::Status ReadEnvironment() {
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string variable = VariableOf(name);
    const char* value = std::getenv(variable.c_str());
    if (value != nullptr) RETURN_IF_ERROR(Set(flag, variable, value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ReadCommandLine(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc && absl::string_view(argv[i]) != "--"; ++i) {
    const absl::string_view argument = argv[i];
    if (argument == "--help" || argument == "-help" || argument == "-h") {
      line.help = true;
    }
  }
  if (line.help) {
    std::copy_if(argv + 1, argv + argc, std::back_inserter(line.arguments),
                 [](absl::string_view argument) { return !absl::StartsWith(argument, "-"); });
    return line;
  }
  RETURN_IF_ERROR(ReadEnvironment());
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--") {
      line.arguments.insert(line.arguments.end(), argv + i + 1, argv + argc);
      break;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      line.arguments.emplace_back(argument);
      continue;
    }
    absl::ConsumePrefix(&argument, "-");
    absl::ConsumePrefix(&argument, "-");
    const size_t equals = argument.find('=');
    const std::string name = absl::StrReplaceAll(argument.substr(0, equals), {{"-", "_"}});
    std::optional<std::string> value;
    if (equals != absl::string_view::npos) value = std::string(argument.substr(equals + 1));
    absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    if (flag == nullptr && !value.has_value() && absl::StartsWith(name, "no")) {
      flag = absl::FindCommandLineFlag(name.substr(2));
      if (flag != nullptr && !flag->IsOfType<bool>()) flag = nullptr;
      value = "false";
    }
    if (flag == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no flag --", name, "; --help lists those that there are, and a word ",
          "that begins with a dash and is none goes after \"--\""));
    }
    if (!value.has_value() && flag->IsOfType<bool>()) value = "true";
    if (!value.has_value()) {
      if (i + 1 == argc) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value: ", flag->Help()));
      }
      value = argv[++i];
    }
    RETURN_IF_ERROR(Set(flag, absl::StrCat("--", flag->Name()), *value));
    line.flags.emplace_back(flag->Name());
  }
  return line;
}

std::string HelpText(absl::string_view description) {
  std::map<std::string, absl::CommandLineFlag*> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) flags[std::string(name)] = flag;
  std::string text = absl::StrCat(description,
                                  "\n\nFlags; each can also be given by the environment, "
                                  "--log_level as ENTENTE_LOG_LEVEL:\n\n");
  for (const auto& [name, flag] : flags) {
    absl::StrAppend(&text, "  --", name, "=",
                    flag->DefaultValue().empty() ? "\"\"" : flag->DefaultValue(), "\n      ",
                    flag->Help(), "\n");
  }
  return text;
}

}  // namespace entente::server
