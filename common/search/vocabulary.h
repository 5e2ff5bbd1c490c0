// SPDX-License-Identifier: Apache-2.0
//
// The words that an index has, with the number of documents that have each: what words are worth,
// and which word a misspelt one was meant to be.
//
//   vocabulary.Change("usaid", SetOf(Field::kAcronym), 1);
//   vocabulary.Nearest("usiad", kAllFields)->word   // "usaid"
#ifndef ENTENTE_COMMON_SEARCH_VOCABULARY_H_
#define ENTENTE_COMMON_SEARCH_VOCABULARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/search/document.h"

namespace entente::search {

// How many letters may be wrong in a word of `length` code points: 0, 1 or 2. A letter too many,
// one too few, another one, or two neighbours exchanged, each is one.
int AllowedDistance(int length);

// How many such steps lead from `a` to `b`, `limit` + 1 if more than `limit`. In code points.
int Distance(absl::string_view a, absl::string_view b, int limit);

// Like any std container with regard to threads.
class Vocabulary {
 public:
  // A document more (`by` 1) or less (-1) has `word` in these fields. A word that no document has
  // is forgotten.
  void Change(const std::string& word, FieldSet fields, int by);

  // How many documents have `word` in one of `fields`; for several that are not all, at most so
  // many.
  int64_t Documents(absl::string_view word, FieldSet fields = kAllFields) const;
  // The same for all words that begin with `prefix`, each on its own: at most so many documents.
  int64_t DocumentsWithPrefix(absl::string_view prefix, FieldSet fields = kAllFields) const;

  struct Candidate {
    std::string word;
    int distance;
    int64_t documents;
  };
  // The word that is most like `word` and occurs in `fields`: at the least distance, beginning with
  // the same letter if any does, in the most documents, and then the first by its bytes. None for
  // short words, and for what has digits: another year is another thing.
  std::optional<Candidate> Nearest(absl::string_view word, FieldSet fields) const;

  size_t size() const { return words_.size(); }

 private:
  struct Counts {
    int32_t any = 0;
    std::array<int32_t, kFields> fields{};
    // Which letters it has, each a bit of 64, and how many: most words are told apart by these.
    uint64_t letters = 0;
    int length = 0;
  };
  static int64_t Of(const Counts& counts, FieldSet fields);

  absl::node_hash_map<std::string, Counts> words_;
  absl::btree_set<absl::string_view> in_order_;  // Views of the words.
};

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_VOCABULARY_H_
