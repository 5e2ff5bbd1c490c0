// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/verb.h"

#include <algorithm>
#include <set>

#include "absl/flags/reflection.h"
#include "absl/strings/str_split.h"
#include "services/entente/verbs/flags.h"

namespace entente {
namespace {

constexpr char kServe[] = "serve";

std::vector<std::string> WordsOf(const Verb& verb) { return absl::StrSplit(verb.name, ' '); }

// The flags that any verb but `serve` looks at, and those that all have.
const std::set<std::string>& FlagsOfOthers() {
  static const auto& flags = *new std::set<std::string>([] {
    std::set<std::string> named(FlagsOfAllVerbs().begin(), FlagsOfAllVerbs().end());
    named.insert("format");
    for (const Verb& verb : AllVerbs()) named.insert(verb.flags.begin(), verb.flags.end());
    return named;
  }());
  return flags;
}

}  // namespace

const std::vector<Verb>& AllVerbs() {
  static const auto& verbs = *new std::vector<Verb>{
      OverviewVerb(), DossierVerb(), FactSheetVerb(),  GetVerb(),   ListVerb(),    SearchVerb(),
      MoneyVerb(),    EventsVerb(),  LoadVerb(),       CheckVerb(), EditionVerb(), RatesLoadVerb(),
      ServeVerb(),    WaitVerb(),    CompletionVerb(), HelpVerb(),  CompleteVerb()};
  return verbs;
}

const Verb* FindVerb(const std::vector<std::string>& words) {
  for (const Verb& verb : AllVerbs()) {
    const std::vector<std::string> name = WordsOf(verb);
    if (words.size() >= name.size() && std::equal(name.begin(), name.end(), words.begin())) {
      return &verb;
    }
  }
  return nullptr;
}

std::vector<std::string> OperandsOf(const Verb& verb, const std::vector<std::string>& words) {
  return {words.begin() + static_cast<std::ptrdiff_t>(WordsOf(verb).size()), words.end()};
}

bool HasFlag(const Verb& verb, const std::string& flag) {
  const auto& all = FlagsOfAllVerbs();
  if (std::find(all.begin(), all.end(), flag) != all.end()) return true;
  if (flag == "format") return !verb.formats.empty();
  if (std::find(verb.flags.begin(), verb.flags.end(), flag) != verb.flags.end()) return true;
  return verb.name == kServe && FlagsOfOthers().count(flag) == 0;
}

std::vector<std::string> FlagsOf(const Verb& verb) {
  std::vector<std::string> flags;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (HasFlag(verb, std::string(name))) flags.emplace_back(name);
  }
  std::sort(flags.begin(), flags.end());
  return flags;
}

}  // namespace entente
