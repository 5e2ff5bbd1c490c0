// SPDX-License-Identifier: Apache-2.0
#include "common/filter/error.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entente::filter {
namespace {

// A private note on a status, not a message of the API: hence no type.googleapis.com address.
constexpr char kColumnPayload[] = "entente.filter/column";

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Levenshtein's distance. Both texts are names, so short; the longer one is cut all the same.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  a = a.substr(0, kMaxQuotedBytes);
  b = b.substr(0, kMaxQuotedBytes);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<int> ErrorColumn(const absl::Status& status) {
  // absl::optional is not std::optional where Abseil is built for C++14.
  const auto payload = status.GetPayload(kColumnPayload);
  int column = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &column)) {
    return std::nullopt;
  }
  return column;
}

absl::Status ErrorAt(absl::string_view source, size_t offset, absl::string_view message) {
  const absl::string_view before = source.substr(0, std::min(offset, source.size()));
  const auto column =
      1 + std::count_if(before.begin(), before.end(), [](char c) { return !IsContinuation(c); });
  absl::Status status = absl::InvalidArgumentError(absl::StrCat("column ", column, ": ", message));
  status.SetPayload(kColumnPayload, absl::Cord(absl::StrCat(column)));
  return status;
}

std::string Quoted(absl::string_view text) {
  absl::string_view kept = text;
  if (kept.size() > kMaxQuotedBytes) {
    size_t end = kMaxQuotedBytes;
    while (end > 0 && IsContinuation(kept[end])) --end;
    kept = kept.substr(0, end);
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(kept),
                      kept.size() < text.size() ? "...\"" : "\"");
}

std::optional<size_t> FindInvalidUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<uint8_t>(text[i]);
    size_t extra = 0;
    uint32_t lowest = 0;
    uint32_t code = lead;
    if (lead >= 0x80) {
      if ((lead & 0xE0) == 0xC0) {
        extra = 1, lowest = 0x80, code = lead & 0x1F;
      } else if ((lead & 0xF0) == 0xE0) {
        extra = 2, lowest = 0x800, code = lead & 0x0F;
      } else if ((lead & 0xF8) == 0xF0) {
        extra = 3, lowest = 0x10000, code = lead & 0x07;
      } else {
        return i;
      }
    }
    if (extra >= text.size() - i) return i;
    for (size_t k = 1; k <= extra; ++k) {
      if (!IsContinuation(text[i + k])) return i;
      code = (code << 6) | (static_cast<uint8_t>(text[i + k]) & 0x3F);
    }
    if (code < lowest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return i;
    i += extra + 1;
  }
  return std::nullopt;
}

std::string Alternatives(absl::string_view unknown, absl::string_view plural,
                         const std::vector<std::string>& candidates) {
  if (candidates.empty()) return absl::StrCat(" there are no ", plural);
  const auto distance = [&](const std::string& name) { return EditDistance(unknown, name); };
  const auto nearest =
      std::min_element(candidates.begin(), candidates.end(),
                       [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  std::string result;
  // Two slips of the finger, but not a word so short that anything would be near it.
  if (distance(*nearest) <= std::min<size_t>(2, unknown.size() / 2)) {
    absl::StrAppend(&result, " did you mean ", Quoted(*nearest), "? The ", plural, " are: ");
  } else {
    absl::StrAppend(&result, " the ", plural, " are: ");
  }
  const size_t listed = std::min(candidates.size(), kMaxSuggestions);
  absl::StrAppend(&result, absl::StrJoin(candidates.begin(), candidates.begin() + listed, ", "));
  if (listed < candidates.size()) absl::StrAppend(&result, ", ...");
  return result;
}

}  // namespace entente::filter
