// SPDX-License-Identifier: Apache-2.0
//
// Which tokens of one text are the counterparts of which of another; internal to this library.
//
// 1. Lines, then sentences of the lines that are left, then runs of eight tokens, are paired where
//    they stand once in each text and hold four words or more: such a run proves itself. Of these
//    pairs the heaviest chain that is in order in both texts is the main alignment; the others are
//    blocks that have moved. A block takes with it what is equal next to it in its line, and equal
//    lines around it, such as its heading.
// 2. What lies between two pairs that follow each other is compared word by word: E. W. Myers, "An
//    O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986), the greedy algorithm.
//    Where that takes too many edits or too long, only equal beginnings and ends are kept.
// 3. A run of equal tokens between two edits neither of which is shorter than it is dissolved: it
//    is equal by chance, as "the" is in two sentences that have nothing else in common.
//
// Pairing takes the expected time of a hash table. Comparing takes at most kMaxSteps steps
// altogether and O(kMaxEdits^2) memory, whatever the texts are.
#ifndef ENTENTE_COMMON_PASSAGE_ALIGN_H_
#define ENTENTE_COMMON_PASSAGE_ALIGN_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace entente::passage {

// A run that holds at least so many words proves by itself where it belongs.
inline constexpr int kProvingWords = 4;

inline constexpr int kMaxEdits = 1024;
inline constexpr int64_t kMaxSteps = int64_t{1} << 26;

// The tokens of a text.
struct TokenSequence {
  // [begin, end)
  struct Piece {
    int begin = 0;
    int end = 0;
  };

  std::vector<int> tokens;       // Equal numbers for equal tokens, in both texts.
  std::vector<bool> is_word;     // Or a number; not a mark.
  std::vector<Piece> lines;      // In order, none empty, none overlapping another.
  std::vector<Piece> sentences;  // Likewise, each in a line.
};

// Of each token the number of its counterpart in the other text, -1 if it has none.
struct Counterparts {
  std::vector<int> of_from;
  std::vector<int> of_to;
  // Of each token of `from` that has a counterpart: 0 in the main alignment, else the number of
  // the block, from 1, with which it moved. In one block the counterparts are in order.
  std::vector<int> block;
};

Counterparts FindCounterparts(const TokenSequence& from, const TokenSequence& to);

// The pairs of positions of a longest common subsequence, in order. None if `a` and `b` are more
// than `max_edits` removals and insertions apart, or if more than `*steps` steps are needed; what
// was needed is taken off.
std::optional<std::vector<std::pair<int, int>>> LongestCommon(absl::Span<const int> a,
                                                              absl::Span<const int> b,
                                                              int max_edits, int64_t* steps);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_ALIGN_H_
