// SPDX-License-Identifier: Apache-2.0
//
// Misspelt words of a query, by the words that there are.
#ifndef ENTENTE_COMMON_SEARCH_CORRECT_H_
#define ENTENTE_COMMON_SEARCH_CORRECT_H_

#include <string>
#include <vector>

#include "common/search/query.h"
#include "common/search/vocabulary.h"

namespace entente::search {

struct Correction {
  int begin;  // In the query, in code points.
  int end;
  std::string word;
  std::string replacement;
  bool as_well;  // The word itself is looked for too.
};

// A word that so few documents have, at most, may be a slip,
inline constexpr int64_t kFewDocuments = 2;
// if a word at a distance of one is in so many times as many.
inline constexpr int64_t kManyTimes = 10;

// Replaces each word that no document has in the fields that are asked for by the one that is
// nearest, and puts beside a word that few have a much more frequent one at a distance of one.
// What stands in quotation marks, is negated or ends in "*" stays as it is. In the order of the
// query.
std::vector<Correction> Correct(const Vocabulary& vocabulary, Query* query);

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_CORRECT_H_
