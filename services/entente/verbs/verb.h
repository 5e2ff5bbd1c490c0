// SPDX-License-Identifier: Apache-2.0
//
// A verb of the command line: what it takes, what its help says, what it does. Usage, help,
// completion and the errors about a command line are all made from this.
//
//   Verb verb;
//   verb.name = "get";
//   verb.operands = "NAME...";
//   verb.run = [](const Invocation& invocation) -> absl::StatusOr<int> { ... };
#ifndef ENTENTE_SERVICES_ENTENTE_VERBS_VERB_H_
#define ENTENTE_SERVICES_ENTENTE_VERBS_VERB_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/entente/text/table.h"
#include "services/entente/verbs/servers.h"

namespace entente {

// What an operand or a flag is completed with.
enum class Completes {
  kNothing,
  kFiles,
  kDirectories,
  kVerbs,
  kShells,
  kCollections,
  kNames,         // of resources of any type
  kPartnerships,  // names of partnerships
  kInitiatives,   // names of initiatives
};

struct Invocation {
  std::vector<std::string> operands;
  const Servers* servers = nullptr;
  text::Style style;   // of standard output
  std::string format;  // one of the verb's
};

// How the process ends.
struct ExitCodes {
  int failure = 1;  // What was asked for is not there, or could not be done.
  int usage = 2;    // The command line, or what it asks for, is wrong.
};

struct Verb {
  static constexpr size_t kAnyNumber = std::numeric_limits<size_t>::max();

  std::string name;      // "get", "rates load"
  std::string operands;  // "NAME..."; empty for none
  std::string summary;   // One line.
  std::string details;   // Lines that follow the usage in the help.
  size_t least_operands = 0;
  size_t most_operands = 0;
  Completes completes = Completes::kNothing;
  // The flags that it looks at, beside those that all verbs have.
  std::vector<std::string> flags;
  // What --format can be, the default first; empty if there is no choice.
  std::vector<std::string> formats;
  ExitCodes codes;
  bool hidden = false;
  // Returns the exit code.
  std::function<absl::StatusOr<int>(const Invocation&)> run;
};

// All verbs, in the order of the help.
const std::vector<Verb>& AllVerbs();

// The verb that `words` begin with; null if there is none.
const Verb* FindVerb(const std::vector<std::string>& words);

// The words of `words` that are operands of `verb`.
std::vector<std::string> OperandsOf(const Verb& verb, const std::vector<std::string>& words);

// Whether `verb` looks at `flag`. `serve` has every flag that no other verb has.
bool HasFlag(const Verb& verb, const std::string& flag);

// Of every flag that `verb` looks at, its name; sorted.
std::vector<std::string> FlagsOf(const Verb& verb);

// "entente get NAME... [--at=TIME] ...", and all that there is to say.
std::string HelpOf(const Verb& verb);
// What `entente help` prints.
std::string HelpText();

// Each verb, in a file of its own.
Verb GetVerb();
Verb ListVerb();
Verb SearchVerb();
Verb MoneyVerb();
Verb EventsVerb();
Verb OverviewVerb();
Verb DossierVerb();
Verb FactSheetVerb();
Verb ServeVerb();
Verb WaitVerb();
Verb LoadVerb();
Verb CheckVerb();
Verb EditionVerb();
Verb RatesLoadVerb();
Verb CompletionVerb();
Verb CompleteVerb();  // What the scripts of `completion` call.
Verb HelpVerb();

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_VERBS_VERB_H_
