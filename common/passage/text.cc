// SPDX-License-Identifier: Apache-2.0
#include "common/passage/text.h"

#include <openssl/sha.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/passage/characters.h"
#include "common/status/macros.h"

namespace entente::passage {
namespace {

// Of the sequence that starts with `lead`: its length and the range of its second byte, which
// alone keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
struct Sequence {
  size_t length;
  uint8_t low;
  uint8_t high;
};

Sequence SequenceOf(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// The length of the well-formed sequence at the front of `bytes`, 0 if there is none.
size_t SequenceAt(absl::string_view bytes) {
  const Sequence sequence = SequenceOf(static_cast<uint8_t>(bytes[0]));
  if (sequence.length == 0 || sequence.length > bytes.size()) return 0;
  for (size_t i = 1; i < sequence.length; ++i) {
    const uint8_t byte = static_cast<uint8_t>(bytes[i]);
    if (byte < (i == 1 ? sequence.low : 0x80) || byte > (i == 1 ? sequence.high : 0xBF)) return 0;
  }
  return sequence.length;
}

constexpr absl::string_view kAbbreviations[] = {
    "mr",  "mrs", "ms",  "dr",  "prof", "st",  "no",   "nos", "gen",  "gov", "sen", "rep", "amb",
    "sec", "jr",  "sr",  "inc", "ltd",  "co",  "corp", "vs",  "etc",  "cf",  "al",  "fig", "art",
    "jan", "feb", "mar", "apr", "jun",  "jul", "aug",  "sep", "sept", "oct", "nov", "dec"};

// Whether the full stop at `at` only ends an abbreviation.
bool EndsAbbreviation(const Text& text, int line_begin, int at) {
  int begin = at;
  while (begin > line_begin && (IsLetter(text.At(begin - 1)) || text.At(begin - 1) == U'.')) {
    --begin;
  }
  const std::string word = absl::AsciiStrToLower(text.Slice({begin, at}));
  if (word.empty()) return false;
  if (at - begin == 1 || word.find('.') != std::string::npos) return true;  // "J.", "U.S."
  return std::find(std::begin(kAbbreviations), std::end(kAbbreviations), word) !=
         std::end(kAbbreviations);
}

// Past the sentence end at `at` (a ".", "!" or "?") with what closes after it; `at` itself if the
// sentence goes on.
int PastEnd(const Text& text, const Span& line, int at) {
  const char32_t mark = text.At(at);
  if (mark != U'.' && mark != U'!' && mark != U'?') return at;
  int end = at + 1;
  while (end < line.end && IsClosing(text.At(end))) ++end;
  int next = end;
  while (next < line.end && IsSpace(text.At(next))) ++next;
  if (next == line.end) return end;
  if (next == end) return at;
  const char32_t follower = text.At(next);
  if (!IsUpper(follower) && !IsDigit(follower) && !IsOpening(follower)) return at;
  if (mark == U'.' && end == at + 1 && EndsAbbreviation(text, line.begin, at)) return at;
  return end;
}

}  // namespace

std::string Sha256Hex(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

absl::StatusOr<Text> Text::FromUtf8(std::string bytes) {
  if (bytes.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the text has ", bytes.size(), " bytes, more than ", kMaxBytes));
  }
  auto data = std::make_shared<Data>();
  data->bytes = std::move(bytes);
  data->line_begins = {0};
  size_t offset = 0;
  while (offset < data->bytes.size()) {
    const size_t length = SequenceAt(absl::string_view(data->bytes).substr(offset));
    if (length == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the text is not UTF-8 at byte ", offset,
                       " (from 0): no code point starts "
                       "with 0x",
                       absl::Hex(static_cast<uint8_t>(data->bytes[offset]), absl::kZeroPad2),
                       " and what follows it there"));
    }
    data->offsets.push_back(static_cast<uint32_t>(offset));
    if (data->bytes[offset] == '\n') {
      data->line_begins.push_back(static_cast<int>(data->offsets.size()));
    }
    offset += length;
  }
  data->offsets.push_back(static_cast<uint32_t>(offset));
  data->sha256 = Sha256Hex(data->bytes);
  Text text;
  text.data_ = std::move(data);
  return text;
}

absl::string_view Text::Slice(const Span& span) const {
  const uint32_t begin = data_->offsets[static_cast<size_t>(span.begin)];
  return bytes().substr(begin, data_->offsets[static_cast<size_t>(span.end)] - begin);
}

absl::StatusOr<absl::string_view> Text::Words(const Span& span) const {
  if (Holds(span)) return Slice(span);
  return absl::OutOfRangeError(absl::StrCat(
      "[", span.begin, ", ", span.end, ") is no span of a text of ", length(), " code points"));
}

absl::StatusOr<std::string> Text::Sha256(const Span& span) const {
  ASSIGN_OR_RETURN(const absl::string_view words, Words(span));
  return Sha256Hex(words);
}

char32_t Text::At(int at) const {
  const absl::string_view bytes = Slice({at, at + 1});
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<uint8_t>(bytes[i])); };
  switch (bytes.size()) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3:
      return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
             (byte(3) & 0x3F);
  }
}

Text::Position Text::PositionOf(int at) const {
  const auto& begins = data_->line_begins;
  const auto line = std::upper_bound(begins.begin(), begins.end(), at) - begins.begin();
  return {static_cast<int>(line), at - begins[static_cast<size_t>(line) - 1] + 1};
}

std::vector<Span> Text::Lines() const {
  std::vector<Span> lines;
  for (size_t i = 0; i < data_->line_begins.size(); ++i) {
    const bool last = i + 1 == data_->line_begins.size();
    Span line{data_->line_begins[i], last ? length() : data_->line_begins[i + 1] - 1};
    if (!last && line.size() > 0 && At(line.end - 1) == U'\r') --line.end;
    lines.push_back(line);
  }
  return lines;
}

std::vector<Span> Text::Sentences() const {
  std::vector<Span> sentences;
  for (Span line : Lines()) {
    while (line.size() > 0 && (IsSpace(At(line.begin)) || IsBullet(At(line.begin)))) ++line.begin;
    while (line.size() > 0 && IsSpace(At(line.end - 1))) --line.end;
    int begin = line.begin;
    for (int at = line.begin; at < line.end; ++at) {
      const int end = PastEnd(*this, line, at);
      if (end == at) continue;
      sentences.push_back({begin, end});
      begin = end;
      while (begin < line.end && IsSpace(At(begin))) ++begin;
      at = end - 1;
    }
    if (begin < line.end) sentences.push_back({begin, line.end});
  }
  return sentences;
}

}  // namespace entente::passage
