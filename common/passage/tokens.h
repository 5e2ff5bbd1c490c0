// SPDX-License-Identifier: Apache-2.0
//
// The words, numbers and marks of a passage; internal to this library.
//
// A word is letters with digits after them, apostrophes within ("women's") and the full stops of
// initials ("U.S."). A number is digits with thousands separated by commas and decimals after a
// point, as English writes them. Everything else but white space is a mark of one code point.
// Hyphens are marks: "U.S.-ASEAN" is three tokens.
#ifndef ENTENTE_COMMON_PASSAGE_TOKENS_H_
#define ENTENTE_COMMON_PASSAGE_TOKENS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/passage/text.h"

namespace entente::passage {

struct Token {
  enum Kind { kWord, kNumber, kMark };

  Kind kind = kMark;
  Span span;
  absl::string_view text;
  std::string lower;         // ASCII letters lowered.
  char32_t first = 0;        // Its first code point.
  bool after_space = false;  // Or first in the passage.
  bool starts_line = false;  // Nothing but space and bullets before it in its line.

  bool Is(absl::string_view word) const { return lower == word; }
  bool IsMark(char32_t mark) const { return kind == kMark && first == mark; }
};

// `within` must be held by the text, or be empty.
std::vector<Token> Tokenise(const Text& text, const Span& within);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_TOKENS_H_
