// SPDX-License-Identifier: Apache-2.0
//
// entente search WORDS...
#include <algorithm>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "entente/gateway/v1/search.pb.h"
#include "services/entente/text/display_width.h"
#include "services/entente/text/nearest.h"
#include "services/entente/verbs/answer.h"
#include "services/entente/verbs/collections.h"
#include "services/entente/verbs/flags.h"
#include "services/entente/verbs/verb.h"

namespace entente {
namespace {

using gateway::v1::SearchRequest;
using gateway::v1::SearchResponse;
using type::v1::SearchMatch;
using type::v1::SearchResult;

// Of a result, the places that are shown: the first say most.
constexpr int kMostMatches = 2;

absl::StatusOr<SearchRequest> RequestFor(const std::string& query) {
  SearchRequest request;
  request.set_query(query);
  request.set_filter(absl::GetFlag(FLAGS_filter));
  if (const int limit = absl::GetFlag(FLAGS_limit); limit < 1) {
    return absl::InvalidArgumentError(absl::StrCat("--limit must be at least 1, not ", limit));
  }
  for (const std::string& id : absl::GetFlag(FLAGS_type)) {
    const Collection* collection = FindCollection(id);
    if (collection == nullptr) {
      const std::string near = text::Nearest(id, CollectionIds());
      return absl::InvalidArgumentError(
          absl::StrCat("--type: there is no collection \"", id, "\"",
                       near.empty() ? "" : absl::StrCat(": did you mean ", near, "?"),
                       "; there are ", absl::StrJoin(CollectionIds(), ", ")));
    }
    request.add_types(collection->type->type);
  }
  return request;
}

// As many results as --limit says; everything else as of the first page.
absl::StatusOr<SearchResponse> Search(const Servers& servers, const std::string& query) {
  ASSIGN_OR_RETURN(SearchRequest request, RequestFor(query));
  const int limit = absl::GetFlag(FLAGS_limit);
  SearchResponse all;
  do {
    SearchResponse page;
    request.set_page_size(limit - all.results_size());
    request.set_page_token(all.next_page_token());
    RETURN_IF_ERROR(servers.Call(Server::kGateway, request, &page));
    all.set_next_page_token(page.next_page_token());
    if (all.results().empty()) {
      all.Swap(&page);
    } else {
      all.mutable_results()->MergeFrom(page.results());
    }
  } while (!all.next_page_token().empty() && all.results_size() < limit);
  return all;
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

// What was looked for instead of words of the query.
std::string CorrectionsText(const SearchResponse& response) {
  std::string text;
  for (const auto& correction : response.corrections()) {
    const bool instead = correction.kind() == type::v1::SEARCH_CORRECTION_KIND_REPLACED;
    absl::StrAppend(&text, instead ? "showing results for \"" : "also showing results for \"",
                    correction.replacement(), instead ? "\" instead of \"" : "\" beside \"",
                    correction.word(), "\"\n");
  }
  return text;
}

std::string Text(const SearchResponse& response, const text::Style& style) {
  std::string out = CorrectionsText(response);
  if (response.results().empty()) return out;
  absl::StrAppend(&out, out.empty() ? "" : "\n",
                  style.Strong(absl::StrCat(response.total_size(),
                                            response.total_size() == 1 ? " result" : " results")),
                  "\n");
  for (const auto& result : response.results()) out += ResultText(result, style);
  const int64_t more = response.total_size() - response.results_size();
  if (more > 0) absl::StrAppend(&out, "  and ", more, " more: --limit=N shows so many\n");
  return out;
}

absl::StatusOr<int> Run(const Invocation& invocation) {
  const std::string query = absl::StrJoin(invocation.operands, " ");
  ASSIGN_OR_RETURN(const SearchResponse response, Search(*invocation.servers, query));
  if (!response.unreachable().empty()) {
    Note(absl::StrCat("MISSING, because it cannot be reached: ",
                      absl::StrJoin(response.unreachable(), ", ")));
  }
  if (invocation.format == "json") {
    Write(JsonText(response));
  } else if (invocation.format == "names") {
    for (const auto& result : response.results()) Write(absl::StrCat(result.resource(), "\n"));
  } else {
    Write(Text(response, invocation.style));
  }
  if (!response.results().empty()) return 0;
  Note(absl::StrCat("nothing speaks of ", query));
  return ExitCodes().failure;
}

}  // namespace

Verb SearchVerb() {
  Verb verb;
  verb.name = "search";
  verb.operands = "WORDS...";
  verb.summary = "what speaks of these words, of all services, the best first";
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
