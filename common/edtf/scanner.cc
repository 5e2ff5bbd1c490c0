// SPDX-License-Identifier: Apache-2.0

#include "common/edtf/scanner.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace entente::edtf {

void Scanner::SkipSpaces() {
  while (Peek() == ' ') ++at_;
}

bool Scanner::Take(absl::string_view token) {
  if (Ahead(token.size()) != token) return false;
  at_ += token.size();
  return true;
}

absl::Status Scanner::Fail(size_t at, absl::string_view expected, absl::string_view mend) const {
  constexpr size_t kShown = 80;
  return absl::InvalidArgumentError(absl::StrCat(
      "EDTF \"", absl::CHexEscape(std::string(text_.substr(0, kShown))),
      text_.size() > kShown ? "..." : "", "\", column ", at + 1, ": ", expected, "; ", mend));
}

absl::Status Scanner::Trailing() const {
  switch (Peek()) {
    case ' ':
      return Fail(at_, "expected the end, found a space", "remove the space");
    case '?':
    case '~':
    case '%':
      return Fail(at_, "expected the end, found a second qualification",
                  "qualify once, at the end of the date: ?, ~, or % for both");
    case 'T':
      return Fail(at_, "expected the end, found a time of day",
                  "only a single day, unqualified, takes a time of day");
    case 'S':
    case 'E':
      return Fail(at_, "expected the end of the year",
                  "exponents and significant digits are not supported: write the year in full");
    case '-':
      return Fail(at_, "expected the end, found a further part",
                  "qualification stands at the end of a date, and seasons and years with Y take "
                  "no further part");
    case '.':
    case ',':
      return Fail(at_, "expected the end, found part of a set",
                  "write one of several dates as [a,b] or [a..b], all of them as {a,b}");
    default:
      return Fail(at_, "expected the end of the date", kHow);
  }
}

}  // namespace entente::edtf
