// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/display_width.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace entente::text {
namespace {

constexpr absl::string_view kEllipsis = "…";
constexpr UChar32 kReplacement = 0xFFFD;
constexpr UChar32 kSoftHyphen = 0x00AD;
// What follows it is shown as a picture, which is wide.
constexpr UChar32 kEmojiSelector = 0xFE0F;
// Vowels and final consonants of Hangul, which join the consonant before them.
constexpr UChar32 kFirstJoiningJamo = 0x1160;
constexpr UChar32 kLastJoiningJamo = 0x11FF;

int WidthOf(UChar32 c) {
  const int8_t category = u_charType(c);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK) return 0;
  if (category == U_FORMAT_CHAR && c != kSoftHyphen) return 0;
  if (c >= kFirstJoiningJamo && c <= kLastJoiningJamo) return 0;
  const int32_t east_asian = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  const bool wide = east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH ||
                    u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION);
  return wide ? 2 : 1;
}

int WidthOf(const icu::UnicodeString& cluster) {
  int width = 0;
  for (int32_t i = 0; i < cluster.length(); i = cluster.moveIndex32(i, 1)) {
    const UChar32 c = cluster.char32At(i);
    width = std::max(width, c == kEmojiSelector ? 2 : WidthOf(c));
  }
  return width;
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Calls `fn` with each grapheme cluster and its width, until it says no.
void ForEachCluster(absl::string_view text,
                    absl::FunctionRef<bool(absl::string_view cluster, int width)> fn) {
  if (IsAscii(text)) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (!fn(text.substr(i, 1), 1)) return;
    }
    return;
  }
  thread_local const std::unique_ptr<icu::BreakIterator> divider = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::BreakIterator>(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
  }();
  const icu::UnicodeString all =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  divider->setText(all);
  int32_t begin = divider->first();
  for (int32_t end = divider->next(); end != icu::BreakIterator::DONE; end = divider->next()) {
    const icu::UnicodeString cluster = all.tempSubStringBetween(begin, end);
    std::string bytes;
    cluster.toUTF8String(bytes);
    if (!fn(bytes, WidthOf(cluster))) return;
    begin = end;
  }
}

bool TurnsDirection(UChar32 c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

int DisplayWidth(absl::string_view text) {
  int total = 0;
  ForEachCluster(text, [&](absl::string_view, int width) {
    total += width;
    return true;
  });
  return total;
}

std::string Printable(absl::string_view text) {
  const icu::UnicodeString all =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  icu::UnicodeString shown;
  for (int32_t i = 0; i < all.length(); i = all.moveIndex32(i, 1)) {
    const UChar32 c = all.char32At(i);
    if (c == '\n' || c == '\r' || c == '\t') {
      shown.append(static_cast<UChar32>(' '));
    } else {
      shown.append(u_charType(c) == U_CONTROL_CHAR || TurnsDirection(c) ? kReplacement : c);
    }
  }
  std::string bytes;
  shown.toUTF8String(bytes);
  return bytes;
}

std::string PrintableLines(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) lines.push_back(Printable(line));
  return absl::StrJoin(lines, "\n");
}

std::string Shorten(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string kept;
  int left = width - 1;
  ForEachCluster(text, [&](absl::string_view cluster, int columns) {
    if (columns > left) return false;
    left -= columns;
    kept.append(cluster.data(), cluster.size());
    return true;
  });
  return kept.append(kEllipsis.data(), kEllipsis.size());
}

std::string Pad(absl::string_view text, int width, bool right) {
  const std::string spaces(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return right ? spaces + std::string(text) : std::string(text) + spaces;
}

std::vector<std::string> Wrap(absl::string_view text, int width) {
  std::vector<std::string> lines(1);
  int used = 0;
  const auto begin_line = [&] {
    lines.emplace_back();
    used = 0;
  };
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const int columns = DisplayWidth(word);
    if (used > 0 && used + 1 + columns > width) begin_line();
    if (used > 0) {
      lines.back().push_back(' ');
      ++used;
    }
    // A word that is longer than a line goes on in the next.
    ForEachCluster(word, [&](absl::string_view cluster, int cluster_width) {
      if (used > 0 && used + cluster_width > width) begin_line();
      lines.back().append(cluster.data(), cluster.size());
      used += cluster_width;
      return true;
    });
  }
  return lines;
}

}  // namespace entente::text
