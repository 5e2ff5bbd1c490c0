// SPDX-License-Identifier: Apache-2.0
//
// What of a text no citation covers: the way to know that a record says all that its source does.
//
//   for (const Item& item : FindUncited(text, cited_spans)) { ... }
//
// What a text is made of here:
//
// * kSentence: every sentence (text.h). It is uncited if no citation touches a letter of it.
// * kClause: in a sentence that is cited in part, a run between citations with at least
//   kClauseWords words.
// * kFigure: every figure (figures.h): digits, number words, "hundreds", ordinals, percentages,
//   ranges; not the enumerators of a list, nor digits within names ("COVID-19").
// * kName: every run of capitalised words, with digits and small words of names between them
//   ("Department of the Interior") and across hyphens ("U.S.-ASEAN"). "and" parts two names, and a
//   possessive ends one. Small words that begin a sentence ("In", "The", "Additionally") are left
//   out, and so is any other single word there, unless it is an acronym or stands capitalised
//   within a sentence elsewhere in the text. Lines in capitals throughout are headings: sentences
//   without names.
// * kMonth, kYear: dates.h.
//
// The latter four are uncited if any part of them is outside of all citations.
//
// Pure functions: thread-safe. Linear in the text, but for sorting the spans.
#ifndef ENTENTE_COMMON_PASSAGE_UNCITED_H_
#define ENTENTE_COMMON_PASSAGE_UNCITED_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "common/passage/text.h"

namespace entente::passage {

inline constexpr int kClauseWords = 4;

enum class ItemKind { kSentence, kClause, kName, kFigure, kMonth, kYear };

// "sentence", "clause", ...
absl::string_view ItemKindName(ItemKind kind);

struct Item {
  ItemKind kind = ItemKind::kSentence;
  Span span;

  friend bool operator==(const Item&, const Item&) = default;
};

// Everything that a record of the text should cite, but clauses: by begin, the longer first.
std::vector<Item> FindItems(const Text& text);

// What of it `cited` does not cover, in the same order, with clauses. The spans may overlap and be
// in any order; those that the text does not hold cover nothing.
std::vector<Item> FindUncited(const Text& text, const std::vector<Span>& cited);

// The names alone.
std::vector<Span> FindNames(const Text& text);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_UNCITED_H_
