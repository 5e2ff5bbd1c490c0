// SPDX-License-Identifier: Apache-2.0
//
// entente VERB ...: finds the verb (services/entente/verbs), runs it, and says what went wrong.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/server/command_line.h"
#include "common/server/flags.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/entente/text/nearest.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

// -o, as kubectl and others have it, is --format.
std::vector<std::string> WithoutShortFlags(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  for (std::string& word : words) {
    if (word == "--") break;
    if (word == "-o") word = "--format";
    if (absl::StartsWith(word, "-o=")) word = absl::StrCat("--format=", word.substr(3));
  }
  return words;
}

absl::StatusOr<server::CommandLine> ReadWords(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return server::ReadCommandLine(static_cast<int>(pointers.size()), pointers.data());
}

std::vector<std::string> VisibleVerbs() {
  std::vector<std::string> names;
  for (const Verb& verb : AllVerbs()) {
    if (!verb.hidden) names.push_back(verb.name);
  }
  return names;
}

absl::Status NoSuchVerb(const std::vector<std::string>& words) {
  if (words.empty()) return absl::InvalidArgumentError("no command given; see entente help");
  const std::string near = text::Nearest(words[0], VisibleVerbs());
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no command \"", absl::StrJoin(words, " "), "\"",
      near.empty() ? "" : absl::StrCat(": did you mean ", near, "?"), "; see entente help"));
}

// Whether the verb can be run with what was given.
absl::Status Check(const Verb& verb, const server::CommandLine& line) {
  const std::vector<std::string> operands = OperandsOf(verb, line.arguments);
  if (operands.size() < verb.least_operands || operands.size() > verb.most_operands) {
    const std::string wrong =
        operands.size() < verb.least_operands
            ? "an operand is missing"
            : absl::StrCat("\"", operands[verb.most_operands], "\" is an operand too many");
    return absl::InvalidArgumentError(absl::StrCat(wrong, ": usage is entente ", verb.name,
                                                   verb.operands.empty() ? "" : " ", verb.operands,
                                                   "; see entente help ", verb.name));
  }
  for (const std::string& flag : line.flags) {
    if (HasFlag(verb, flag)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, " says nothing to ", verb.name, "; see entente help ", verb.name));
  }
  const std::string format = absl::GetFlag(FLAGS_format);
  // ENTENTE_FORMAT is a wish of all verbs that can fulfil it.
  const bool asked = std::find(line.flags.begin(), line.flags.end(), "format") != line.flags.end();
  if (asked && std::find(verb.formats.begin(), verb.formats.end(), format) == verb.formats.end()) {
    return absl::InvalidArgumentError(absl::StrCat("-o ", format, ": ", verb.name, " can write ",
                                                   absl::StrJoin(verb.formats, ", ")));
  }
  return CheckFlagsOfAllVerbs();
}

std::string FormatOf(const Verb& verb) {
  const std::string format = absl::GetFlag(FLAGS_format);
  const auto& formats = verb.formats;
  if (std::find(formats.begin(), formats.end(), format) != formats.end()) return format;
  return formats.empty() ? "" : formats.front();
}

// What could have been meant, where a resource is not there.
void SuggestNames(const absl::Status& status) {
  const google::rpc::ErrorInfo info = errors::InfoOf(status);
  const auto name = info.metadata().find("name");
  if (info.reason() != "RESOURCE_NOT_FOUND" || name == info.metadata().end()) return;
  const std::vector<std::string> names = NamesLike(TargetsFromFlags(), name->second);
  if (!names.empty()) {
    WriteError(absl::StrCat("  did you mean ", absl::StrJoin(names, " or "), "?\n"));
  }
  const std::string collection = name->second.substr(0, name->second.rfind('/'));
  WriteError(absl::StrCat("  `entente list ", collection, "` lists those that there are\n"));
}

int Fail(const absl::Status& status, const ExitCodes& codes) {
  WriteError(ErrorText(status, StyleOf(STDERR_FILENO)));
  SuggestNames(status);
  return absl::IsInvalidArgument(status) ? codes.usage : codes.failure;
}

// The first word that is a verb, if the command line cannot be read.
const Verb* VerbAmong(const std::vector<std::string>& words) {
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (const Verb* verb = FindVerb({word, words.end()}); verb != nullptr) return verb;
  }
  return nullptr;
}

int Run(int argc, char** argv) {
  const std::vector<std::string> words = WithoutShortFlags(argc, argv);
  const auto line = ReadWords(words);
  const Verb* verb =
      line.ok() ? FindVerb(line->arguments) : VerbAmong({words.begin() + 1, words.end()});
  const ExitCodes codes = verb == nullptr ? ExitCodes() : verb->codes;
  if (!line.ok()) return Fail(line.status(), codes);
  if (line->help) {
    Write(verb == nullptr ? HelpText() : HelpOf(*verb));
    return 0;
  }
  if (verb == nullptr) return Fail(NoSuchVerb(line->arguments), codes);
  absl::Status status = Check(*verb, *line);
  if (status.ok()) status = server::StartLog();
  if (!status.ok()) return Fail(status, codes);
  const Servers servers(TargetsFromFlags(), Timeout());
  const absl::StatusOr<int> code = verb->run({.operands = OperandsOf(*verb, line->arguments),
                                              .servers = &servers,
                                              .style = StyleOf(STDOUT_FILENO),
                                              .format = FormatOf(*verb)});
  return code.ok() ? *code : Fail(code.status(), codes);
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) { return entente::Run(argc, argv); }
