// SPDX-License-Identifier: Apache-2.0
//
// entente search WORDS...
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "entente/type/v1/search.pb.h"
#include "services/entente/text/display_width.h"
#include "services/entente/text/nearest.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

using type::v1::SearchMatch;
using type::v1::SearchRequest;
using type::v1::SearchResponse;
using type::v1::SearchResult;

// Of a result, the places that are shown: the first say most.
constexpr int kMostMatches = 2;

struct Found {
  Server server;
  SearchResponse response;
};

// What is asked of each service that has any of --type.
absl::StatusOr<std::vector<std::pair<Server, SearchRequest>>> Requests(const std::string& query) {
  SearchRequest all;
  all.set_query(query);
  all.set_filter(absl::GetFlag(FLAGS_filter));
  const int limit = absl::GetFlag(FLAGS_limit);
  if (limit < 1) {
    return absl::InvalidArgumentError(absl::StrCat("--limit must be at least 1, not ", limit));
  }
  all.set_page_size(limit);
  std::map<Server, std::vector<std::string>> types;
  for (const std::string& id : absl::GetFlag(FLAGS_type)) {
    const Collection* collection = FindCollection(id);
    if (collection == nullptr) {
      const std::string near = text::Nearest(id, CollectionIds());
      return absl::InvalidArgumentError(
          absl::StrCat("--type: there is no collection \"", id, "\"",
                       near.empty() ? "" : absl::StrCat(": did you mean ", near, "?"),
                       "; there are ", absl::StrJoin(CollectionIds(), ", ")));
    }
    types[collection->server].push_back(collection->type->type);
  }
  std::vector<std::pair<Server, SearchRequest>> requests;
  for (const Server server : kDataServers) {
    SearchRequest request = all;
    const auto of_server = types.find(server);
    if (of_server != types.end()) {
      request.mutable_types()->Assign(of_server->second.begin(), of_server->second.end());
    }
    if (types.empty() || of_server != types.end()) requests.emplace_back(server, request);
  }
  return requests;
}

// Asks the services. Those that cannot be reached are named, as long as there is one that can.
absl::StatusOr<std::vector<Found>> Search(const Servers& servers, const std::string& query) {
  ASSIGN_OR_RETURN(const auto requests, Requests(query));
  std::vector<Found> found;
  std::vector<std::string> missing;
  std::optional<absl::Status> away;
  for (const auto& [server, request] : requests) {
    Found answer{server, {}};
    const absl::Status status = servers.Call(server, request, &answer.response);
    if (status.ok()) {
      found.push_back(std::move(answer));
    } else if (UnreachedIn(status).has_value()) {
      missing.push_back(NameOf(server));
      away = status;
    } else {
      return status;
    }
  }
  if (found.empty() && away.has_value()) return *away;
  if (!missing.empty()) {
    Note(absl::StrCat("MISSING, because it cannot be reached: ", absl::StrJoin(missing, ", ")));
  }
  return found;
}

// The byte at which the code point `index` begins.
size_t ByteOf(absl::string_view text, int index) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && index-- == 0) break;
  }
  return at;
}

// The text of a match, with what was found in it set off.
std::string Marked(const SearchMatch& match, const text::Style& style) {
  std::string marked;
  const absl::string_view snippet = match.snippet();
  size_t at = 0;
  for (const auto& span : match.highlights()) {
    const size_t begin = std::max(at, ByteOf(snippet, span.begin()));
    const size_t end = std::max(begin, ByteOf(snippet, span.end()));
    absl::StrAppend(&marked, text::Printable(snippet.substr(at, begin - at)),
                    style.Highlight(text::Printable(snippet.substr(begin, end - begin))));
    at = end;
  }
  return absl::StrCat(marked, text::Printable(snippet.substr(at)));
}

// A result: its title and name and, beneath, where else the words were found.
std::string ResultText(const SearchResult& result, const text::Style& style) {
  std::string title = text::Printable(result.title());
  std::string places;
  int shown = 0;
  for (const SearchMatch& match : result.matches()) {
    if (match.field() == "title.text" && match.snippet() == result.title()) {
      title = Marked(match, style);
    } else if (match.field() != "name" && shown++ < kMostMatches) {
      absl::StrAppend(&places, "      ", match.field(), ": ", match.snippet_begin() > 0 ? "… " : "",
                      Marked(match, style), match.continues() ? " …" : "", "\n");
    }
  }
  return absl::StrCat("  ", title, "  ", style.Faint(result.resource()), "\n", places);
}

// What was looked for instead of the words of the query, each once.
std::string CorrectionsText(const std::vector<Found>& found) {
  std::map<std::pair<std::string, std::string>, bool> replaced;
  for (const Found& answer : found) {
    for (const auto& correction : answer.response.corrections()) {
      replaced[{correction.word(), correction.replacement()}] |=
          correction.kind() == type::v1::SEARCH_CORRECTION_KIND_REPLACED;
    }
  }
  std::string text;
  for (const auto& [words, instead] : replaced) {
    absl::StrAppend(&text, instead ? "showing results for \"" : "also showing results for \"",
                    words.second, instead ? "\" instead of \"" : "\" beside \"", words.first,
                    "\"\n");
  }
  return text;
}

std::string Text(const std::vector<Found>& found, const text::Style& style) {
  std::string out = CorrectionsText(found);
  for (const Found& answer : found) {
    const SearchResponse& response = answer.response;
    if (response.results().empty()) continue;
    absl::StrAppend(&out, out.empty() ? "" : "\n",
                    style.Strong(absl::StrCat(NameOf(answer.server), ", ", response.total_size(),
                                              response.total_size() == 1 ? " result" : " results")),
                    "\n");
    for (const auto& result : response.results()) out += ResultText(result, style);
    const int64_t more = response.total_size() - response.results_size();
    if (more > 0) absl::StrAppend(&out, "  and ", more, " more: --limit=N shows so many\n");
  }
  return out;
}

// {"catalogue": {...}, "funding": {...}}
std::string Json(const std::vector<Found>& found) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const Found& answer : found) {
    members.emplace_back(NameOf(answer.server), JsonText(answer.response));
  }
  return JsonObject(members);
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  const std::string query = absl::StrJoin(invocation.operands, " ");
  ASSIGN_OR_RETURN(const std::vector<Found> found, Search(*invocation.servers, query));
  int results = 0;
  for (const Found& answer : found) results += answer.response.results_size();
  if (invocation.format == "json") {
    Write(Json(found));
  } else if (invocation.format == "names") {
    for (const Found& answer : found) {
      for (const auto& result : answer.response.results()) {
        Write(absl::StrCat(result.resource(), "\n"));
      }
    }
  } else {
    Write(Text(found, invocation.style));
  }
  if (results > 0) return 0;
  Note(absl::StrCat("nothing speaks of ", query));
  return ExitCodes().failure;
}

}  // namespace

Verb SearchVerb() {
  Verb verb;
  verb.name = "search";
  verb.operands = "WORDS...";
  verb.summary = "what speaks of these words, the best first, service by service";
  verb.details =
      "  entente search climate finance\n"
      "  entente search '\"clean energy\" OR solar' --type=initiatives,claims\n"
      "  entente search -- vaccine -covid\n\n"
      "All words must occur, misspelt ones are corrected; docs/search.md has the language. A word "
      "that\n"
      "begins with a dash goes after \"--\". Exit code 1 if nothing was found, as grep has it.\n";
  verb.least_operands = 1;
  verb.most_operands = Verb::kAnyNumber;
  verb.flags = {"filter", "limit", "type"};
  verb.formats = {"text", "json", "names"};
  verb.run = Run;
  return verb;
}

}  // namespace entente
