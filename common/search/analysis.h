// SPDX-License-Identifier: Apache-2.0
//
// The words of a text, as the index has them and as queries are taken: without case, width and
// diacritics, in any script.
//
//   Analyse("The Agency's Bãi Đông, 1,000 U.S. grants")
//     -> the agency bai dong 1000 us grants
//
// A word is a run of letters, digits and marks. What is written without spaces between words (Thai,
// Lao, Khmer, Burmese, Chinese, Japanese) is divided by ICU's dictionaries. Each word is folded by
// NFKC_Casefold (https://www.unicode.org/reports/tr31/), and loses its diacritics where these are
// additions to a letter: in Latin, Greek, Cyrillic, Arabic and Hebrew. In Thai, Khmer or Burmese a
// mark is a vowel or a tone, and stays. Digits of any script are those of ASCII. "'s" at the end of
// a word is left away, dots within "U.S." and commas within "1,000" too. There is no stemming:
// "agencies" is another word than "agency", and `agenc*` finds both.
#ifndef ENTENTE_COMMON_SEARCH_ANALYSIS_H_
#define ENTENTE_COMMON_SEARCH_ANALYSIS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::search {

// Longer words are cut to this, in the index and in queries alike: no word of any language is.
inline constexpr size_t kMaxWordBytes = 96;

// A word of a text and where it stands there.
struct Token {
  // UTF-8, never empty; letters, digits and marks only.
  std::string word;
  // In code points, `end` one past the last.
  int begin;
  int end;
  // The same in bytes.
  size_t byte_begin;
  size_t byte_end;
};

// The words of `text` in order. Bytes that are not UTF-8 part words like punctuation does.
std::vector<Token> Analyse(absl::string_view text);

// How many code points `text` has: how many of its bytes continue none.
int CodePoints(absl::string_view text);

}  // namespace entente::search

#endif  // ENTENTE_COMMON_SEARCH_ANALYSIS_H_
