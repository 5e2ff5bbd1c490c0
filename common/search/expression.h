// SPDX-License-Identifier: Apache-2.0
//
// A query as FTS5 is asked it, and what each of its phrases is worth.
#ifndef ENTENTE_COMMON_SEARCH_EXPRESSION_H_
#define ENTENTE_COMMON_SEARCH_EXPRESSION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/search/query.h"
#include "common/search/vocabulary.h"

namespace entente::search {

// The columns of the table: one for each field, c0 to c6, and one of marks, which no word is like,
// because words hold no "=".
inline constexpr size_t kMarkColumn = kFields;
inline constexpr size_t kColumns = kFields + 1;

// Every document has it.
inline constexpr char kMarkOfAll[] = "=all";
// Stands between two texts of a field, so that no phrase reaches across.
inline constexpr char kBoundary[] = "=";
// Titles, acronyms and names with more words have no mark of their own.
inline constexpr size_t kMaxWholeWords = 16;

std::string MarkOf(AttributeTest::Attribute attribute, const std::string& label);
// Of a title, an acronym or another name that consists of these very words.
std::string MarkOfWhole(const std::vector<std::string>& words);

struct Expression {
  struct Phrase {
    // As an expression of its own.
    std::string text;
    // What it counts for in a field of weight 1; 0 where it only decides whether a document is
    // found.
    double worth = 0;
    // The whole of a title or name is what was looked for.
    bool whole = false;
  };
  // How the phrases make up the expression.
  struct Part {
    enum class Kind { kPhrase, kAll, kAny, kWithout };
    Kind kind;
    size_t phrase = 0;           // Of kPhrase: into phrases.
    std::vector<Part> children;  // Of kWithout two: the first and not the second.
  };
  std::string text;
  // In the order of the text.
  std::vector<Phrase> phrases;
  Part root;

  // Whether FTS5 can be asked about every phrase of a row that matches. Where conditions are
  // nested it tells of some that they are there although the condition that they are part of is not
  // met, and of others that they are not there although they are: it has gone past them, or has
  // discarded where they stand (fts5ExprNodeZeroPoslist).
  bool TellsOfPhrases() const;
};

// What a word that `with` of `documents` have counts for in a field of weight 1.
double WorthOf(int64_t with, int64_t documents);

// `documents`: how many there are.
Expression Express(const Query& query, const Vocabulary& vocabulary, int64_t documents);

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_EXPRESSION_H_
