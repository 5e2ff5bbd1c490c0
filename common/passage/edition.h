// SPDX-License-Identifier: Apache-2.0
//
// A new edition of a text side by side with the one before: where the passages of the old one are
// in the new one, and what is new.
//
//   const Edition edition = Edition::Align(old_text, new_text);
//   const Image image = edition.Map({400, 569});
//   if (image.kind == ImageKind::kMoved) { ... the same words stand at *image.span ... }
//
// What is compared is words, numbers and marks (tokens). Whole lines, sentences and longer runs
// that stand once in each text are recognised wherever they went; what lies between is compared
// word by word. Words that are equal by chance, between larger edits, are not counted as the same:
// a passage is called moved only where there is reason to believe that it is that passage. So
// "15 million" is not the same if its sentence now says "20 million" and another one, which was
// there before or is new, says "15 million".
//
// No work is unbounded: texts of 100,000 words take some tenths of a second, whatever they have in
// common. In texts that have nearly nothing in common less is recognised than could be, and more is
// called changed or gone, never the reverse.
//
// Immutable, and the outcome depends on the two texts alone: concurrent reads are safe.
#ifndef ENTENTE_COMMON_PASSAGE_EDITION_H_
#define ENTENTE_COMMON_PASSAGE_EDITION_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/passage/align.h"
#include "common/passage/text.h"

namespace entente::passage {

enum class ImageKind {
  kSame,     // The same words, in the same span.
  kMoved,    // The same words, byte for byte, in another span.
  kChanged,  // Other words, or other white space between them.
  kGone,     // Nothing of it is left.
};

// "same", "moved", "changed", "gone".
absl::string_view ImageKindName(ImageKind kind);

// What has become of a passage.
struct Image {
  ImageKind kind = ImageKind::kGone;
  // Where it is in the new text; none for kGone. For kChanged from the first to the last of its
  // words that are left; where words at an end of it, or all of it, were replaced within a
  // sentence, with those that stand there instead.
  std::optional<Span> span;

  friend bool operator==(const Image&, const Image&) = default;
};

class Edition {
 public:
  static Edition Align(Text from, Text to);

  const Text& from() const { return from_.text; }
  const Text& to() const { return to_.text; }

  // A passage is kSame or kMoved if all its words have their counterparts, one after the other,
  // and nothing in between differs. If not, but it has at least kProvingWords words, the same words
  // are looked for where they are not the counterpart of another passage; of several places the
  // nearest to where the passage should be. The least unit is the word: "95" is not found in
  // "1995".
  //
  // kGone for a span that the old text does not hold.
  Image Map(const Span& span) const;

  // What has no counterpart in the old text: the longest runs of such words with the marks between
  // them, in order.
  std::vector<Span> Added() const;

 private:
  struct Side {
    Text text;
    std::vector<Span> tokens;
    TokenSequence sequence;
    // Of each token the number of its sentence. The marks before a sentence (bullets) count for it,
    // and are `outer`.
    std::vector<int> sentence;
    std::vector<bool> outer;
  };
  // Tokens [begin, end).
  using Run = TokenSequence::Piece;

  Edition(Side from, Side to, Counterparts counterparts);

  static Side MakeSide(Text text);
  Run RunOf(const Span& span) const;
  bool IsFree(int to) const;
  bool HasWord(const Run& run, const Side& side) const;
  std::optional<Span> Whole(const Span& span, const Run& run, int to) const;
  std::optional<Span> WhiteSpace(const Span& span, int next) const;
  std::optional<Span> Elsewhere(const Span& span, const Run& run) const;
  std::optional<Span> Altered(const Run& run) const;
  std::optional<Span> Replaced(const Run& run) const;
  Span SpanOf(const Run& run, const Side& side) const;

  Side from_;
  Side to_;
  Counterparts counterparts_;
  // The tokens of `to` with each number.
  std::vector<std::vector<int>> places_;
  // The nearest token of `from` that has a counterpart, at or before, and at or after each; -1 and
  // the number of tokens where there is none.
  std::vector<int> linked_before_;
  std::vector<int> linked_after_;
};

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_EDITION_H_
