// SPDX-License-Identifier: Apache-2.0
#include "common/search/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/search/analysis.h"

namespace entente::search {
namespace {

std::vector<uint32_t> Decode(absl::string_view text) {
  std::vector<uint32_t> letters;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xC0) == 0x80 && !letters.empty()) {
      letters.back() = (letters.back() << 6) | (byte & 0x3F);
    } else {
      letters.push_back(byte);  // Its first byte tells a character's length; it need not be right.
    }
  }
  return letters;
}

uint64_t LettersOf(absl::string_view word) {
  uint64_t letters = 0;
  for (const uint32_t letter : Decode(word)) letters |= uint64_t{1} << (letter % 64);
  return letters;
}

bool HasDigit(absl::string_view word) {
  return std::any_of(word.begin(), word.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

int Distance(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, int limit) {
  const auto rows = static_cast<int>(a.size());
  const auto columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > limit) return limit + 1;
  // The rows of the table before the one before, the one before, and this one.
  thread_local std::vector<int> older;
  thread_local std::vector<int> old;
  thread_local std::vector<int> now;
  const auto size = static_cast<size_t>(columns) + 1;
  older.assign(size, 0);
  old.resize(size);
  now.resize(size);
  for (size_t j = 0; j < size; ++j) old[j] = static_cast<int>(j);
  for (size_t i = 1; i <= static_cast<size_t>(rows); ++i) {
    now[0] = static_cast<int>(i);
    int least = now[0];
    for (size_t j = 1; j < size; ++j) {
      now[j] = std::min({old[j] + 1, now[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], older[j - 2] + 1);
      }
      least = std::min(least, now[j]);
    }
    // An exchange reaches back two rows: nothing beyond may be below the least of both.
    if (least > limit && *std::min_element(old.begin(), old.end()) > limit) return limit + 1;
    std::swap(older, old);
    std::swap(old, now);
  }
  return std::min(old.back(), limit + 1);
}

}  // namespace

int AllowedDistance(int length) {
  if (length < 3) return 0;
  return length < 6 ? 1 : 2;
}

int Distance(absl::string_view a, absl::string_view b, int limit) {
  return Distance(Decode(a), Decode(b), limit);
}

int64_t Vocabulary::Of(const Counts& counts, FieldSet fields) {
  if (fields == kAllFields) return counts.any;
  int64_t sum = 0;
  for (size_t i = 0; i < kFields; ++i) {
    if (Has(fields, static_cast<Field>(i))) sum += counts.fields[i];
  }
  return std::min<int64_t>(sum, counts.any);
}

void Vocabulary::Change(const std::string& word, FieldSet fields, int by) {
  auto [found, is_new] = words_.try_emplace(word);
  Counts& counts = found->second;
  if (is_new) {
    counts.letters = LettersOf(word);
    counts.length = CodePoints(word);
    in_order_.insert(found->first);
  }
  counts.any += by;
  for (size_t i = 0; i < kFields; ++i) {
    if (Has(fields, static_cast<Field>(i))) counts.fields[i] += by;
  }
  if (counts.any > 0) return;
  in_order_.erase(found->first);
  words_.erase(found);
}

int64_t Vocabulary::Documents(absl::string_view word, FieldSet fields) const {
  const auto found = words_.find(word);
  return found == words_.end() ? 0 : Of(found->second, fields);
}

int64_t Vocabulary::DocumentsWithPrefix(absl::string_view prefix, FieldSet fields) const {
  int64_t sum = 0;
  for (auto word = in_order_.lower_bound(prefix);
       word != in_order_.end() && absl::StartsWith(*word, prefix); ++word) {
    sum += Of(words_.find(*word)->second, fields);
  }
  return sum;
}

std::optional<Vocabulary::Candidate> Vocabulary::Nearest(absl::string_view word,
                                                         FieldSet fields) const {
  const int length = CodePoints(word);
  int limit = AllowedDistance(length);
  if (limit == 0 || HasDigit(word)) return std::nullopt;
  const uint64_t letters = LettersOf(word);
  const std::vector<uint32_t> decoded = Decode(word);
  std::optional<Candidate> best;
  const auto rank = [&](int distance, absl::string_view other, int64_t documents) {
    return std::make_tuple(distance, other[0] != word[0], -documents, other);
  };
  for (const auto& [other, counts] : words_) {
    // One step adds at most one letter and takes at most one away.
    if (std::abs(counts.length - length) > limit ||
        std::popcount(counts.letters & ~letters) > limit ||
        std::popcount(letters & ~counts.letters) > limit) {
      continue;
    }
    const int64_t documents = Of(counts, fields);
    if (documents == 0 || other == word || HasDigit(other)) continue;
    const int distance = Distance(decoded, Decode(other), limit);
    if (distance > limit) continue;
    if (!best.has_value() ||
        rank(distance, other, documents) < rank(best->distance, best->word, best->documents)) {
      best = Candidate{other, distance, documents};
      limit = distance;
    }
  }
  return best;
}

}  // namespace entente::search
