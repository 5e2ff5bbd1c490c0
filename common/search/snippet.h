// SPDX-License-Identifier: Apache-2.0
//
// Where a query was found in a document: the texts, or what shows most of them, and which of their
// characters.
#ifndef ENTENTE_COMMON_SEARCH_SNIPPET_H_
#define ENTENTE_COMMON_SEARCH_SNIPPET_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/search/document.h"
#include "common/search/query.h"

namespace entente::search {

inline constexpr size_t kMaxMatches = 10;
// In code points. What is as long as some lines can be read at a glance.
inline constexpr int kSnippetLength = 240;

// A part of a text, in code points.
struct Passage {
  int begin;
  int end;

  bool operator==(const Passage&) const = default;
};

struct Match {
  const Value* value;
  std::string snippet;
  int begin;       // Of the snippet in the text, in code points.
  bool continues;  // The text goes on behind it.
  // In the snippet, in order; neither touching nor overlapping.
  std::vector<Passage> highlights;
};

// The texts of `document` in which something of `query` stands, at most kMaxMatches, those in
// fields of most weight first. What is negated is not looked for.
std::vector<Match> FindMatches(const Document& document, const Query& query);

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_SNIPPET_H_
