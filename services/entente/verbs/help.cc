// SPDX-License-Identifier: Apache-2.0
//
// entente help [VERB]
#include <algorithm>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/server/command_line.h"
#include "services/entente/text/display_width.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

constexpr char kFlagsTopic[] = "flags";

std::string UsageOf(const Verb& verb) {
  return absl::StrCat("entente ", verb.name, verb.operands.empty() ? "" : " ", verb.operands);
}

std::string FlagLines(const Verb& verb, bool of_all_verbs) {
  const auto& all = FlagsOfAllVerbs();
  std::string text;
  for (const std::string& name : FlagsOf(verb)) {
    const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    if ((std::find(all.begin(), all.end(), name) != all.end()) != of_all_verbs) continue;
    absl::StrAppend(&text, "  --", name, flag->IsOfType<bool>() ? "" : "=...", "\n      ",
                    flag->Help());
    if (name == "format") {
      absl::StrAppend(&text, ": ", absl::StrJoin(verb.formats, ", "));
    } else if (!flag->IsOfType<bool>() && !flag->DefaultValue().empty()) {
      absl::StrAppend(&text, " (", flag->DefaultValue(), ")");
    }
    text += "\n";
  }
  return text;
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  if (invocation.operands.empty()) {
    Write(HelpText());
  } else if (invocation.operands == std::vector<std::string>{kFlagsTopic}) {
    Write(server::HelpText("All flags of entente; `entente help VERB` has those of a verb."));
  } else if (const Verb* verb = FindVerb(invocation.operands); verb != nullptr) {
    Write(HelpOf(*verb));
  } else {
    return absl::InvalidArgumentError(absl::StrCat("there is no help about \"",
                                                   absl::StrJoin(invocation.operands, " "),
                                                   "\"; see entente help"));
  }
  return 0;
}

}  // namespace

std::string HelpOf(const Verb& verb) {
  std::string text = absl::StrCat(UsageOf(verb), ": ", verb.summary, "\n\n", verb.details);
  const std::string own = FlagLines(verb, false);
  if (!own.empty()) absl::StrAppend(&text, "\nFlags:\n\n", own);
  return absl::StrCat(text, "\nFlags of all verbs:\n\n", FlagLines(verb, true), "\n",
                      "Each flag can also be given by the environment: --timeout_s as "
                      "ENTENTE_TIMEOUT_S.\n");
}

std::string HelpText() {
  int width = 0;
  for (const Verb& verb : AllVerbs()) {
    if (!verb.hidden) width = std::max(width, text::DisplayWidth(UsageOf(verb)));
  }
  std::string text = "entente: the record of a partnership, over gRPC.\n\n";
  for (const Verb& verb : AllVerbs()) {
    if (verb.hidden) continue;
    absl::StrAppend(&text, "  ", text::Pad(UsageOf(verb), width, false), "  ", verb.summary, "\n");
  }
  return absl::StrCat(
      text,
      "\n`entente help VERB` tells more of one, `entente help flags` lists all flags. The servers\n"
      "are where --gateway, --catalogue, --funding and --events say. Exit codes: 0 done; 1 not\n"
      "there, not found or failed; 2 the command line, or what it asks for, is wrong.\n");
}

Verb HelpVerb() {
  Verb verb;
  verb.name = "help";
  verb.operands = "[VERB]";
  verb.summary = "this, or all about a verb";
  verb.most_operands = 2;
  verb.completes = Completes::kVerbs;
  verb.run = Run;
  return verb;
}

}  // namespace entente
