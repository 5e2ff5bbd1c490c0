// SPDX-License-Identifier: Apache-2.0
//
// The documents of a service by their words, in memory: FTS5 keeps which words stand where
// (docs/adr/0012-search-on-fts5.md), and this keeps what is needed to order and count what it
// finds.
//
//   auto index = Index::Create();
//   absl::Status changed = (*index)->Apply({{.before = nullptr, .after = &document}});
//   auto query = Parse("usiad", labels);
//   auto corrections = Correct((*index)->vocabulary(), &*query);
//   auto found = (*index)->Find({.query = &*query, .limit = 50});
#ifndef ENTENTE_COMMON_SEARCH_INDEX_H_
#define ENTENTE_COMMON_SEARCH_INDEX_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/search/document.h"
#include "common/search/full_text_table.h"
#include "common/search/query.h"
#include "common/search/vocabulary.h"

namespace entente::search {

// A document that was found. The better ones first, equal ones in the order of names.
struct Hit {
  double score;
  std::string name;

  bool IsBefore(const Hit& other) const {
    return score != other.score ? score > other.score : name < other.name;
  }
};

struct Search {
  const Query* query = nullptr;
  // Which attributes results may have; all if null. Asked once for each combination that there is.
  std::function<bool(const Attributes&)> accepts;
  // How many hits, at least 1,
  size_t limit = 1;
  // and behind which.
  std::optional<Hit> after;
};

struct Found {
  std::vector<Hit> hits;
  // Whether there are more behind them.
  bool more = false;
  // All that match, before and behind these.
  int64_t total = 0;
  // The attributes of all that match, and how many have each.
  std::vector<std::pair<const Attributes*, int64_t>> attributes;
};

// Used by one thread at a time.
class Index {
 public:
  struct Change {
    const Document* before;  // As it was given; null if the name is new.
    const Document* after;   // Null if it is to be gone.
  };

  static absl::StatusOr<std::unique_ptr<Index>> Create();

  // All of it or, with an error, nothing of it. FAILED_PRECONDITION if `before` is not what the
  // index has of the name; RESOURCE_EXHAUSTED. After any error the index is of no use any more.
  absl::Status Apply(absl::Span<const Change> changes);

  // Errors as those of FullTextTable. What it points to is valid until the next change.
  absl::StatusOr<Found> Find(const Search& search);

  const Vocabulary& vocabulary() const { return vocabulary_; }
  int64_t documents() const { return documents_; }
  // How much memory FTS5 takes for it, in bytes.
  int64_t TableBytes() const { return table_->Bytes(); }

 private:
  // A document as it goes into the table.
  struct Prepared;
  // A place in the table, which documents take one after the other.
  struct Row {
    std::string name;
    uint32_t attributes = 0;                  // Into attributes_.
    std::array<uint32_t, kFields> lengths{};  // In words.
    size_t hash = 0;                          // Of all that went into the table.
  };
  class Collector;

  Index() = default;

  static Prepared Prepare(const Document& document);
  absl::Status Remove(const Document& document);
  absl::Status Add(const Document& document);
  void Count(const Prepared& prepared, const std::array<uint32_t, kFields>& lengths, int by);
  uint32_t AttributesOf(const Attributes& attributes);

  std::unique_ptr<FullTextTable> table_;
  Vocabulary vocabulary_;
  std::deque<Row> rows_;  // By the id in the table, from 0.
  std::vector<uint32_t> free_;
  absl::flat_hash_map<absl::string_view, uint32_t> ids_;  // Views of the names of rows_.
  std::deque<Attributes> attributes_;
  absl::flat_hash_map<std::string, uint32_t> attribute_ids_;
  int64_t documents_ = 0;
  // Of each field: how many words it has in all, and how many documents have any.
  std::array<int64_t, kFields> words_{};
  std::array<int64_t, kFields> with_words_{};
};

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_INDEX_H_
