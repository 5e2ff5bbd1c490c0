// SPDX-License-Identifier: Apache-2.0
//
// The language of searches. docs/search.md is the guide to it:
//
//   clean energy            both words, anywhere
//   usaid OR jica grant     (usaid or jica) and grant: OR binds tighter than what is side by side
//   "mekong river"          the words side by side, and never corrected
//   -fishery                resources without it
//   agricult*               words that begin like this
//   title:mekong            in one field: title, acronym, name, identifier, description, note,
//                           reference; also title:"..." and title:(a OR b)
//   type:person kind:agency partnership:us-asean-csp
//
// A mistake is an INVALID_ARGUMENT like those of filters, see common/filter/error.h:
//
//   column 1: unknown field "titel"; did you mean "title"? The fields are: title, acronym, ...
//
//   absl::StatusOr<Query> query = Parse("title:usaid -draft", labels);
#ifndef ENTENTE_COMMON_SEARCH_QUERY_H_
#define ENTENTE_COMMON_SEARCH_QUERY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/search/document.h"

namespace entente::search {

// So that no query is more than milliseconds of work by itself.
inline constexpr size_t kMaxQueryBytes = 1000;
inline constexpr size_t kMaxQueryWords = 32;
inline constexpr int kMaxQueryDepth = 16;
// What begins with a single letter is a large part of everything.
inline constexpr int kMinPrefixLength = 2;

// Words side by side, mostly one.
struct Term {
  struct Word {
    std::string word;  // As Analyse makes it.
    int begin;         // In the query, in code points.
    int end;
  };
  std::vector<Word> words;
  // The last word is only the beginning of one.
  bool prefix = false;
  // Stood in quotation marks.
  bool quoted = false;
  // Stands within a negation, so that it is not what was looked for.
  bool negated = false;
  FieldSet fields = kAllFields;
  // Another word to take for the only one; see Correct. Empty for none.
  std::string also;
};

struct AttributeTest {
  enum class Attribute { kType, kKind, kPartnership };
  Attribute attribute;
  std::string label;  // See LabelOfType and the like.
};

// A tree over the terms and the tests of a query.
struct Node {
  enum class Kind { kTerm, kAttribute, kAnd, kOr, kNot };
  Kind kind;
  size_t index = 0;            // Into Query::terms or Query::attributes.
  std::vector<Node> children;  // One for kNot, two and more for kAnd and kOr.
};

struct Query {
  Node root;
  std::vector<Term> terms;  // In the order of the query.
  std::vector<AttributeTest> attributes;
};

// The labels that there are, for tests of types and kinds; of partnerships there may be any.
struct Labels {
  std::vector<std::string> types;
  std::vector<std::string> kinds;
};

// INVALID_ARGUMENT with the column of the mistake, as filter::ErrorColumn has it.
absl::StatusOr<Query> Parse(absl::string_view text, const Labels& labels);

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_QUERY_H_
