// SPDX-License-Identifier: Apache-2.0
//
// The text of a document, and passages of it counted as citations count: in Unicode code points
// from 0, in the text exactly as stored. Nothing is normalised: line ends, typographic marks and a
// byte order mark are code points like any other.
//
//   ASSIGN_OR_RETURN(Text text, Text::FromUtf8(bytes));
//   ASSIGN_OR_RETURN(absl::string_view words, text.Words({10, 42}));
//   ASSIGN_OR_RETURN(std::string hash, text.Sha256({10, 42}));
//
// A line ends with a line feed. A sentence never spans lines: a fact sheet writes a paragraph, a
// bullet and a heading each as one line, so that a heading or a bullet without a full stop is a
// sentence of its own. In a text that is wrapped at a margin the pieces of a sentence are reported
// one by one; none is lost. Within a line a sentence ends with "." "!" or "?", with what closes
// quotes and brackets after it, before white space and a capital, a digit or an opening quote; but
// not after initials ("U.S.", "D.C.", "J.") and common abbreviations ("Mr.", "No.", "e.g."), so
// that two sentences stay one if the first ends with such. The marks before a bullet are no part
// of its sentence.
//
// Immutable: concurrent reads are safe. Views and spans of a text are of use as long as it lives.
#ifndef ENTENTE_COMMON_PASSAGE_TEXT_H_
#define ENTENTE_COMMON_PASSAGE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::passage {

// Code points [begin, end).
struct Span {
  int begin = 0;
  int end = 0;

  int size() const { return end - begin; }
  bool Contains(const Span& other) const { return begin <= other.begin && other.end <= end; }
  bool Overlaps(const Span& other) const { return begin < other.end && other.begin < end; }

  friend bool operator==(const Span&, const Span&) = default;
};

// The SHA-256 of `bytes` in 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

class Text {
 public:
  // The longest text, in bytes: far more than any document, and few enough to count in int32.
  static constexpr size_t kMaxBytes = size_t{1} << 28;

  // INVALID_ARGUMENT if `bytes` is not well-formed UTF-8 (Unicode 15, table 3-7), with the offset
  // of the first byte that is not, from 0; or if it is longer than kMaxBytes.
  static absl::StatusOr<Text> FromUtf8(std::string bytes);

  // In code points.
  int length() const { return static_cast<int>(data_->offsets.size()) - 1; }
  absl::string_view bytes() const { return data_->bytes; }
  // Of the whole.
  const std::string& sha256() const { return data_->sha256; }

  // Whether 0 <= begin < end <= length.
  bool Holds(const Span& span) const {
    return 0 <= span.begin && span.begin < span.end && span.end <= length();
  }

  // The UTF-8 bytes of a passage, and their SHA-256 in hexadecimal. OUT_OF_RANGE if the text does
  // not hold the span, with its length.
  absl::StatusOr<absl::string_view> Words(const Span& span) const;
  absl::StatusOr<std::string> Sha256(const Span& span) const;

  // The code point at `at`, 0 <= at < length.
  char32_t At(int at) const;
  // The bytes of a span that the text holds or that is empty, unchecked.
  absl::string_view Slice(const Span& span) const;

  // Where a code point stands, both from 1, the column in code points.
  struct Position {
    int line;
    int column;
  };
  Position PositionOf(int at) const;

  // Without their line feeds (and carriage returns before those); empty lines are empty spans.
  std::vector<Span> Lines() const;
  // In order, none empty, without white space and marks of bullets around them.
  std::vector<Span> Sentences() const;

 private:
  // Shared, so that a text moves without its views becoming invalid.
  struct Data {
    std::string bytes;
    std::vector<uint32_t> offsets;  // Of each code point, and of the end.
    std::vector<int> line_begins;   // In code points.
    std::string sha256;
  };

  Text() = default;

  std::shared_ptr<const Data> data_;
};

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_TEXT_H_
