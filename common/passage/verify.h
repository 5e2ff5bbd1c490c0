// SPDX-License-Identifier: Apache-2.0
//
// Whether the words of a citation are those that it was made from; and where they are now, if they
// have moved, as when a text comes in a new edition.
//
//   const Verdict verdict = Verify(text, citation);
//   if (verdict.outcome == Outcome::kHashMismatch && verdict.moved_to) { ... }
//
// Pure functions: thread-safe.
#ifndef ENTENTE_COMMON_PASSAGE_VERIFY_H_
#define ENTENTE_COMMON_PASSAGE_VERIFY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "common/passage/text.h"
#include "entente/type/v1/citation.pb.h"

namespace entente::passage {

enum class Outcome {
  kVerified,      // The words of the span have the hash.
  kNotLocated,    // The citation has no span: it is to the document as a whole.
  kOutOfRange,    // The text does not hold the span.
  kHashMismatch,  // Other words stand there.
};

struct Verdict {
  Outcome outcome = Outcome::kVerified;
  // kOutOfRange, kHashMismatch: where a passage of the same length has the hash; of several the
  // nearest to the span, the earlier of two as near.
  std::optional<Span> moved_to;
  // Whether the search for it was given up.
  bool search_cut = false;
};

// Looking for a moved passage hashes every window of its length, from the span outwards: up to
// text times span in bytes, 3 MB for 200 code points of a fact sheet. After this many bytes the
// search is given up. Where the old text is at hand, look for its words instead.
inline constexpr int64_t kMaxHashedBytes = int64_t{1} << 28;

// Does not look at citation.document(): that the text is that document's is the caller's to know.
Verdict Verify(const Text& text, const type::v1::Citation& citation,
               int64_t max_hashed_bytes = kMaxHashedBytes);

// "is verified", "is beyond the text, which has 17 code points; its words stand at [3, 9)".
std::string ToString(const Verdict& verdict, const Text& text);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_VERIFY_H_
