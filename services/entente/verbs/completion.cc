// SPDX-License-Identifier: Apache-2.0
//
// entente completion bash|zsh: scripts that ask `entente __complete -- WORDS...` what a word could
// become.
#include <algorithm>
#include <set>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/names/names.h"
#include "common/resource/fields.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/money_query.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

// A prompt must not wait for a server that is slow or away.
constexpr absl::Duration kPatience = absl::Milliseconds(500);
constexpr size_t kMostNames = 200;

// What the scripts take for "complete with names of files" and "of directories".
constexpr char kFiles[] = ":files";
constexpr char kDirectories[] = ":directories";

constexpr char kBash[] = R"(# bash completion of entente: source <(entente completion bash)
_entente() {
  local IFS=$'\n' answer
  answer=($("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  case "${answer[0]:-}" in
    :files)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$2"))
      ;;
    :directories)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -d -- "$2"))
      ;;
    *)
      COMPREPLY=("${answer[@]}")
      if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[/=:] ]]; then
        compopt -o nospace 2>/dev/null
      fi
      ;;
  esac
}
complete -F _entente entente
)";

constexpr char kZsh[] = R"(#compdef entente
# zsh completion of entente: source <(entente completion zsh), after compinit
_entente() {
  local -a answer open closed
  local word found=1
  answer=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case "${answer[1]}" in
    :files) _files ;;
    :directories) _files -/ ;;
    *)
      for word in "${answer[@]}"; do
        case "$word" in
          '') ;;
          *[/=:]) open+=("$word") ;;
          *) closed+=("$word") ;;
        esac
      done
      (( ${#open} )) && compadd -Q -S '' -- "${open[@]}" && found=0
      (( ${#closed} )) && compadd -Q -- "${closed[@]}" && found=0
      return found
      ;;
  esac
}
if [[ "${funcstack[1]}" == _entente ]]; then
  _entente "$@"
elif (( $+functions[compdef] )); then
  compdef _entente entente
fi
)";

// The last of the words, and those before it. bash takes words apart at "=" and ":"; zsh does not.
struct Line {
  std::vector<std::string> before;
  std::string word;
  // How much of `word` the shell has for a word of its own, and wants no answer to.
  size_t given = 0;
};

Line Join(const std::vector<std::string>& words) {
  Line line;
  const auto joins = [](absl::string_view word) { return word == "=" || word == ":"; };
  std::vector<std::string> joined;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool follows = i > 0 && (joins(words[i]) || joins(words[i - 1]));
    if (follows && !joined.empty()) {
      joined.back() += words[i];
    } else {
      joined.push_back(words[i]);
    }
  }
  if (joined.empty()) return line;
  line.word = joined.back();
  joined.pop_back();
  line.before = std::move(joined);
  const std::string last = joins(words.back()) ? "" : words.back();
  line.given = line.word.size() - last.size();
  return line;
}

std::string FlagName(absl::string_view word) {
  absl::ConsumePrefix(&word, "-");
  absl::ConsumePrefix(&word, "-");
  const std::string name = absl::StrReplaceAll(word.substr(0, word.find('=')), {{"-", "_"}});
  return name == "o" ? "format" : name;
}

// The flag that takes the word after `word` for its value; null if it is none, or has one.
const absl::CommandLineFlag* FlagThatWaits(const std::string& word) {
  if (!absl::StartsWith(word, "-") || absl::StrContains(word, "=")) return nullptr;
  const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(FlagName(word));
  return flag == nullptr || flag->IsOfType<bool>() ? nullptr : flag;
}

// The words that are neither flags nor their values; sets the flags that say where servers are.
std::vector<std::string> Operands(const std::vector<std::string>& words) {
  std::vector<std::string> operands;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!absl::StartsWith(words[i], "-")) {
      operands.push_back(words[i]);
      continue;
    }
    const std::string name = FlagName(words[i]);
    const size_t equals = words[i].find('=');
    std::string value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
    if (FlagThatWaits(words[i]) != nullptr && i + 1 < words.size()) value = words[++i];
    std::string error;
    if (name == "catalogue" || name == "funding" || name == "events" || name == "gateway") {
      absl::FindCommandLineFlag(name)->ParseFrom(value, &error);
    }
  }
  return operands;
}

// Each of `values` after what stands before the last comma of `word`.
std::vector<std::string> AfterComma(absl::string_view word,
                                    const std::vector<std::string>& values) {
  const size_t comma = word.rfind(',');
  const absl::string_view head = comma == absl::string_view::npos ? "" : word.substr(0, comma + 1);
  std::vector<std::string> all;
  for (const std::string& value : values) all.push_back(absl::StrCat(head, value));
  return all;
}

std::vector<std::string> ValuesOf(const Verb* verb, const std::string& flag,
                                  const std::string& word) {
  if (flag == "format" && verb != nullptr) return verb->formats;
  if (flag == "by") return AfterComma(word, MoneyDimensions());
  if (flag == "mix") return AfterComma(word, ValuesOfFlag(flag));
  if (flag == "type") return AfterComma(word, CollectionIds());
  if (flag == "output" || flag == "source" || flag == "from" || flag == "to") return {kFiles};
  if (flag == "data_dir") return {kDirectories};
  return ValuesOfFlag(flag);
}

// "--limit=" and "--all"; with hyphens if the word has any.
std::vector<std::string> Flags(const Verb& verb, absl::string_view word) {
  std::vector<std::string> flags;
  const bool hyphens = absl::StrContains(absl::StripPrefix(word, "--"), "-");
  for (const std::string& name : FlagsOf(verb)) {
    const bool is_switch = absl::FindCommandLineFlag(name)->IsOfType<bool>();
    flags.push_back(absl::StrCat("--", hyphens ? absl::StrReplaceAll(name, {{"_", "-"}}) : name,
                                 is_switch ? "" : "="));
  }
  return flags;
}

// Names of resources that begin with `word`, or, where it has no collection yet, collections.
std::vector<std::string> Names(const std::vector<const Collection*>& among,
                               const std::string& word) {
  std::set<std::string> names;
  const Servers servers(TargetsFromFlags(), kPatience);
  for (const Collection* collection : among) {
    const std::string& pattern = collection->type->pattern.text();
    const std::string first = pattern.substr(0, pattern.find('/') + 1);
    if (!absl::StrContains(word, '/')) {
      names.insert(first);
      continue;
    }
    // The collection is the part before the last slash: "partnerships/p/pillars".
    const std::string head = word.substr(0, word.rfind('/'));
    const size_t slash = head.rfind('/');
    const std::string id = head.substr(slash == std::string::npos ? 0 : slash + 1);
    const std::string parent = slash == std::string::npos ? "" : head.substr(0, slash);
    if (collection->type->pattern.MatchesParent(head, false) && !head.empty()) {
      names.insert(absl::StrCat(head, "/", collection->id(), "/"));
    }
    if (collection->id() != id || !collection->type->pattern.MatchesParent(parent, false)) continue;
    // Names have no quotation marks: whoever types one has no name.
    if (word.find_first_of("\"\\*") != std::string::npos) continue;
    const auto listed = ListAll(
        servers, *collection,
        {.parent = parent, .filter = absl::StrCat("name = \"", word, "*\""), .limit = kMostNames});
    if (!listed.ok()) continue;
    for (const auto* resource : ResourcesIn(*collection, **listed)) {
      names.insert(resource::fields::GetString(*resource, "name"));
    }
  }
  return {names.begin(), names.end()};
}

std::vector<const Collection*> Every() {
  std::vector<const Collection*> all;
  for (const Collection& collection : Collections()) all.push_back(&collection);
  return all;
}

// The words that verbs begin with or, after the first of one with two, go on with.
std::vector<std::string> VerbWords(const std::vector<std::string>& operands) {
  std::set<std::string> words;
  for (const Verb& verb : AllVerbs()) {
    const std::vector<std::string> name = absl::StrSplit(verb.name, ' ');
    if (!verb.hidden && name.size() > operands.size() &&
        std::equal(operands.begin(), operands.end(), name.begin())) {
      words.insert(name[operands.size()]);
    }
  }
  return {words.begin(), words.end()};
}

std::vector<std::string> OperandsFor(const Verb& verb, const std::vector<std::string>& operands,
                                     const std::string& word) {
  if (OperandsOf(verb, operands).size() >= verb.most_operands) return {};
  switch (verb.completes) {
    case Completes::kNothing:
      return {};
    case Completes::kFiles:
      return {kFiles};
    case Completes::kDirectories:
      return {kDirectories};
    case Completes::kVerbs: {
      std::vector<std::string> words = VerbWords(OperandsOf(verb, operands));
      if (OperandsOf(verb, operands).empty()) words.emplace_back("flags");
      return words;
    }
    case Completes::kShells:
      return {"bash", "zsh"};
    case Completes::kCollections:
      return CollectionIds();
    case Completes::kNames:
      return Names(Every(), word);
    case Completes::kPartnerships:
      return Names({FindCollection("partnerships")}, word);
    case Completes::kInitiatives:
      return Names({FindCollection("initiatives")}, word);
  }
  return {};
}

std::vector<std::string> Candidates(const Line& line) {
  const std::vector<std::string> operands = Operands(line.before);
  const Verb* verb = FindVerb(operands);
  const absl::CommandLineFlag* waiting =
      line.before.empty() ? nullptr : FlagThatWaits(line.before.back());
  if (waiting != nullptr) return ValuesOf(verb, std::string(waiting->Name()), line.word);
  if (absl::StartsWith(line.word, "-")) {
    const size_t equals = line.word.find('=');
    if (equals == std::string::npos) {
      return verb == nullptr ? std::vector<std::string>{} : Flags(*verb, line.word);
    }
    std::vector<std::string> values =
        ValuesOf(verb, FlagName(line.word), line.word.substr(equals + 1));
    for (std::string& value : values) {
      if (value != kFiles && value != kDirectories) value.insert(0, line.word, 0, equals + 1);
    }
    return values;
  }
  return verb == nullptr ? VerbWords(operands) : OperandsFor(*verb, operands, line.word);
}

absl::StatusOr<int> RunComplete(const Invocation& invocation) {
  const Line line = Join(invocation.operands);
  for (const std::string& candidate : Candidates(line)) {
    if (candidate == kFiles || candidate == kDirectories) {
      Write(absl::StrCat(candidate, "\n"));
    } else if (absl::StartsWith(candidate, line.word)) {
      Write(absl::StrCat(candidate.substr(line.given), "\n"));
    }
  }
  return 0;
}

absl::StatusOr<int> RunCompletion(const Invocation& invocation) {
  const std::string& shell = invocation.operands[0];
  if (shell != "bash" && shell != "zsh") {
    return absl::InvalidArgumentError(
        absl::StrCat("there is completion for bash and zsh, not for \"", shell, "\""));
  }
  Write(shell == "bash" ? kBash : kZsh);
  return 0;
}

}  // namespace

Verb CompletionVerb() {
  Verb verb;
  verb.name = "completion";
  verb.operands = "SHELL";
  verb.summary = "a script with which bash or zsh completes all of this";
  verb.details =
      "  source <(entente completion bash)                  in ~/.bashrc\n"
      "  source <(entente completion zsh)                   in ~/.zshrc, after compinit\n\n"
      "Verbs, flags, what flags can be, collections, and names of resources, which the running\n"
      "services are asked for; where they are away or slow there are none.\n";
  verb.least_operands = 1;
  verb.most_operands = 1;
  verb.completes = Completes::kShells;
  verb.run = RunCompletion;
  return verb;
}

Verb CompleteVerb() {
  Verb verb;
  verb.name = "__complete";
  verb.operands = "-- WORD...";
  verb.summary = "what the last word could become, for the scripts of `completion`";
  verb.most_operands = Verb::kAnyNumber;
  verb.hidden = true;
  verb.run = RunComplete;
  return verb;
}

}  // namespace entente
