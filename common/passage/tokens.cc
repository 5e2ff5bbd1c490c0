// SPDX-License-Identifier: Apache-2.0
#include "common/passage/tokens.h"

#include "absl/strings/ascii.h"
#include "common/passage/characters.h"

namespace entente::passage {
namespace {

class Scanner {
 public:
  Scanner(const Text& text, int end) : text_(text), end_(end) {}

  int PastWord(int at) const {
    bool initials = false;  // So far it is letters, each with a full stop.
    int letters = 0;        // Since the last full stop.
    while (at < end_) {
      const char32_t c = text_.At(at);
      if (IsLetter(c) || (IsDigit(c) && letters > 0)) {
        ++letters;
        ++at;
      } else if (IsApostrophe(c) && letters > 0 && IsLetter(Peek(at + 1))) {
        letters = 2;  // No initial any more.
        ++at;
      } else if (c == U'.' && letters == 1 && (initials || IsLetter(Peek(at + 1)))) {
        initials = true;
        letters = 0;
        ++at;
      } else {
        break;
      }
    }
    return at;
  }

  int PastNumber(int at) const {
    int digits = 0;
    while (IsDigit(Peek(at))) ++at, ++digits;
    if (digits <= 3) {
      while (Peek(at) == U',' && IsDigit(Peek(at + 1)) && IsDigit(Peek(at + 2)) &&
             IsDigit(Peek(at + 3)) && !IsDigit(Peek(at + 4))) {
        at += 4;
      }
    }
    if (Peek(at) == U'.' && IsDigit(Peek(at + 1))) {
      ++at;
      while (IsDigit(Peek(at))) ++at;
    }
    return at;
  }

  // 0 beyond the end.
  char32_t Peek(int at) const { return at < end_ ? text_.At(at) : 0; }

 private:
  const Text& text_;
  const int end_;
};

}  // namespace

std::vector<Token> Tokenise(const Text& text, const Span& within) {
  const Scanner scanner(text, within.end);
  std::vector<Token> tokens;
  bool after_space = true;
  bool starts_line = within.begin == 0 || text.At(within.begin - 1) == U'\n';
  int at = within.begin;
  while (at < within.end) {
    const char32_t c = text.At(at);
    if (IsSpace(c)) {
      starts_line = starts_line || c == U'\n';
      after_space = true;
      ++at;
      continue;
    }
    Token token;
    token.first = c;
    int end = at + 1;
    if (IsLetter(c)) {
      token.kind = Token::kWord;
      end = scanner.PastWord(at);
    } else if (IsDigit(c)) {
      token.kind = Token::kNumber;
      end = scanner.PastNumber(at);
    }
    token.span = {at, end};
    token.text = text.Slice(token.span);
    token.lower = absl::AsciiStrToLower(token.text);
    token.after_space = after_space;
    token.starts_line = starts_line;
    starts_line = starts_line && token.kind == Token::kMark && IsBullet(c);
    after_space = false;
    tokens.push_back(std::move(token));
    at = end;
  }
  return tokens;
}

}  // namespace entente::passage
