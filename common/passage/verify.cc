// SPDX-License-Identifier: Apache-2.0
#include "common/passage/verify.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace entente::passage {
namespace {

void FindMoved(const Text& text, const Span& span, const std::string& sha256, int64_t budget,
               Verdict* verdict) {
  // In 64 bits: the ends of a citation may be anything.
  const int64_t size = int64_t{span.end} - span.begin;
  const int64_t last = text.length() - size;
  if (size <= 0 || last < 0) return;
  const int64_t from = std::clamp<int64_t>(span.begin, 0, last);
  const auto has_hash = [&](int64_t begin) {
    const Span window{static_cast<int>(begin), static_cast<int>(begin + size)};
    const absl::string_view words = text.Slice(window);
    budget -= static_cast<int64_t>(words.size());
    if (Sha256Hex(words) != sha256) return false;
    verdict->moved_to = window;
    return true;
  };
  for (int64_t distance = 0; distance <= std::max(from, last - from); ++distance) {
    if (budget <= 0) {
      verdict->search_cut = true;
      return;
    }
    if (from - distance >= 0 && has_hash(from - distance)) return;
    if (distance > 0 && from + distance <= last && has_hash(from + distance)) return;
  }
}

}  // namespace

Verdict Verify(const Text& text, const type::v1::Citation& citation, int64_t max_hashed_bytes) {
  if (!citation.has_span()) return {Outcome::kNotLocated, std::nullopt, false};
  const Span span{citation.span().begin(), citation.span().end()};
  Verdict verdict;
  if (!text.Holds(span)) {
    verdict.outcome = Outcome::kOutOfRange;
  } else if (Sha256Hex(text.Slice(span)) == citation.span_sha256()) {
    return verdict;
  } else {
    verdict.outcome = Outcome::kHashMismatch;
  }
  FindMoved(text, span, citation.span_sha256(), max_hashed_bytes, &verdict);
  return verdict;
}

std::string ToString(const Verdict& verdict, const Text& text) {
  std::string result;
  switch (verdict.outcome) {
    case Outcome::kVerified:
      return "is verified";
    case Outcome::kNotLocated:
      return "has no span";
    case Outcome::kOutOfRange:
      result = absl::StrCat("is beyond the text, which has ", text.length(), " code points");
      break;
    case Outcome::kHashMismatch:
      result = "has other words than those of the hash";
      break;
  }
  if (verdict.moved_to) {
    absl::StrAppend(&result, "; its words stand at [", verdict.moved_to->begin, ", ",
                    verdict.moved_to->end, ")");
  } else if (verdict.search_cut) {
    absl::StrAppend(&result, "; its words were not looked for everywhere");
  } else {
    absl::StrAppend(&result, "; its words stand nowhere in the text");
  }
  return result;
}

}  // namespace entente::passage
