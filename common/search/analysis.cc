// SPDX-License-Identifier: Apache-2.0
#include "common/search/analysis.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/strings/ascii.h"

namespace entente::search {
namespace {

constexpr UChar32 kZeroWidthSpace = 0x200B;
constexpr UChar32 kApostrophe = 0x2019;

bool IsWordCharacter(UChar32 c) {
  return c < 0x80 ? absl::ascii_isalnum(static_cast<unsigned char>(c))
                  : (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

// What belongs to the word that it stands in, and begins none.
bool ContinuesWord(UChar32 c) {
  return c >= 0x80 && c != kZeroWidthSpace &&
         ((U_GET_GC_MASK(c) & U_GC_M_MASK) != 0 ||
          u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT));
}

UScriptCode ScriptOf(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error);
}

// Whether words are written one after the other without spaces.
bool IsWithoutSpaces(UChar32 c) {
  if (c < 0x0E00) return false;
  switch (ScriptOf(c)) {
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      return true;
    default:
      return false;
  }
}

bool TakesDiacritics(UScriptCode script) {
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC ||
         script == USCRIPT_ARABIC || script == USCRIPT_HEBREW;
}

// Letters with a stroke or joined, which no decomposition takes apart.
const char* PlainLetters(UChar32 c) {
  switch (c) {
    case 0x0111:  // d with stroke, Vietnamese
    case 0x00F0:
      return "d";
    case 0x00F8:
      return "o";
    case 0x0142:
      return "l";
    case 0x0127:
      return "h";
    case 0x0131:
      return "i";
    case 0x00E6:
      return "ae";
    case 0x0153:
      return "oe";
    default:
      return nullptr;
  }
}

icu::UnicodeString Normalised(const icu::UnicodeString& text,
                              const icu::Normalizer2* (*instance)(UErrorCode&)) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normaliser = instance(error);
  icu::UnicodeString result;
  if (U_SUCCESS(error)) normaliser->normalize(text, result, error);
  return U_SUCCESS(error) ? result : text;
}

// A word as all its spellings are.
std::string FoldUnicode(absl::string_view word) {
  const auto text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(word.data(), static_cast<int>(word.size())));
  const icu::UnicodeString apart =
      Normalised(Normalised(text, &icu::Normalizer2::getNFKCCasefoldInstance),
                 &icu::Normalizer2::getNFDInstance);
  icu::UnicodeString plain;
  bool drops_marks = false;
  for (int i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    if ((U_GET_GC_MASK(c) & U_GC_M_MASK) != 0) {
      if (!drops_marks) plain.append(c);
      continue;
    }
    drops_marks = TakesDiacritics(ScriptOf(c));
    // Compatibility forms of some letters are several words.
    if (!IsWordCharacter(c)) continue;
    if (const char* letters = PlainLetters(c); letters != nullptr) {
      plain.append(icu::UnicodeString(letters, -1, US_INV));
    } else if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) {
      plain.append(static_cast<UChar32>('0' + u_charDigitValue(c)));
    } else {
      plain.append(c);
    }
  }
  std::string folded;
  Normalised(plain, &icu::Normalizer2::getNFCInstance).toUTF8String(folded);
  return folded;
}

std::string Fold(absl::string_view word) {
  std::string folded;
  if (std::all_of(word.begin(), word.end(), [](char c) { return (c & 0x80) == 0; })) {
    folded = absl::AsciiStrToLower(word);
  } else {
    folded = FoldUnicode(word);
  }
  if (folded.size() > kMaxWordBytes) {
    size_t end = kMaxWordBytes;
    while ((static_cast<uint8_t>(folded[end]) & 0xC0) == 0x80) --end;
    folded.resize(end);
  }
  return folded;
}

// Divides what is written without spaces; null if ICU's data lacks the rules. One for each thread:
// making one takes longer than most texts.
icu::BreakIterator* Divider() {
  thread_local const std::unique_ptr<icu::BreakIterator> divider = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
    return U_SUCCESS(error) ? std::move(made) : nullptr;
  }();
  return divider.get();
}

class Analysis {
 public:
  explicit Analysis(absl::string_view text) : text_(text) {}

  std::vector<Token> Run() && {
    while (at_ < text_.size()) {
      const UChar32 c = Peek(at_).c;
      if (!IsWordCharacter(c)) {
        Advance();
      } else if (IsWithoutSpaces(c)) {
        TakeDivided();
      } else if (!TakeAbbreviation()) {
        TakeWord();
      }
    }
    return std::move(tokens_);
  }

 private:
  struct Character {
    UChar32 c;  // Negative for what is not UTF-8, and at the end.
    size_t next;
  };
  struct Place {
    size_t byte;
    int code_point;
  };

  Character Peek(size_t at) const {
    if (at >= text_.size()) return {-1, at};
    const auto byte = static_cast<uint8_t>(text_[at]);
    if (byte < 0x80) return {byte, at + 1};
    UChar32 c = 0;
    auto next = static_cast<int64_t>(at);
    U8_NEXT(reinterpret_cast<const uint8_t*>(text_.data()), next,
            static_cast<int64_t>(text_.size()), c);
    return {c, static_cast<size_t>(next)};
  }
  // Counts what is not UTF-8 like CodePoints does.
  void Advance() {
    const Character character = Peek(at_);
    code_point_ += character.c >= 0 ? 1 : CodePoints(text_.substr(at_, character.next - at_));
    at_ = character.next;
  }
  void Add(std::string word, const Place& begin, const Place& end) {
    if (word.empty()) return;
    tokens_.push_back({std::move(word), begin.code_point, end.code_point, begin.byte, end.byte});
  }
  Place Here() const { return {at_, code_point_}; }
  // Of the byte `at`: whether an ASCII letter or digit, and no more than it, stands there.
  bool IsAlone(size_t at) const {
    const UChar32 after = Peek(at + 1).c;
    return at < text_.size() && absl::ascii_isalpha(static_cast<unsigned char>(text_[at])) &&
           !(after >= 0 && (IsWordCharacter(after) || ContinuesWord(after)));
  }

  // "U.S.A": letters with dots between them.
  bool TakeAbbreviation() {
    std::string letters;
    size_t at = at_;
    while (IsAlone(at)) {
      letters.push_back(absl::ascii_tolower(static_cast<unsigned char>(text_[at])));
      ++at;
      if (at >= text_.size() || text_[at] != '.' || !IsAlone(at + 1)) break;
      ++at;
    }
    if (letters.size() < 2) return false;
    const Place begin = Here();
    code_point_ += static_cast<int>(at - at_);
    at_ = at;
    Add(std::move(letters), begin, Here());
    return true;
  }

  // "1,000": whether the comma at `at_`, after digits, stands between thousands.
  bool IsBetweenThousands() const {
    for (size_t i = 1; i <= 3; ++i) {
      if (at_ + i >= text_.size() ||
          !absl::ascii_isdigit(static_cast<unsigned char>(text_[at_ + i]))) {
        return false;
      }
    }
    const UChar32 after = Peek(at_ + 4).c;
    return !(after >= 0 && IsWordCharacter(after));
  }

  void TakeWord() {
    const Place begin = Here();
    std::string word;
    bool digits = true;
    while (at_ < text_.size()) {
      const Character next = Peek(at_);
      if (next.c == ',' && digits && IsBetweenThousands()) {
        Advance();
        continue;
      }
      if (!ContinuesWord(next.c) && (!IsWordCharacter(next.c) || IsWithoutSpaces(next.c))) break;
      digits = digits && next.c < 0x80 && absl::ascii_isdigit(static_cast<unsigned char>(next.c));
      word.append(text_.data() + at_, next.next - at_);
      Advance();
    }
    Add(Fold(word), begin, Here());
    SkipPossessive();
  }

  void SkipPossessive() {
    const Character mark = Peek(at_);
    if (mark.c != '\'' && mark.c != kApostrophe) return;
    const Character letter = Peek(mark.next);
    if (letter.c != 's' && letter.c != 'S') return;
    const UChar32 after = Peek(letter.next).c;
    if (after >= 0 && (IsWordCharacter(after) || ContinuesWord(after))) return;
    Advance();
    Advance();
  }

  void TakeDivided() {
    const Place begin = Here();
    while (at_ < text_.size()) {
      const UChar32 c = Peek(at_).c;
      if (!ContinuesWord(c) && !IsWithoutSpaces(c)) break;
      Advance();
    }
    const absl::string_view run = text_.substr(begin.byte, at_ - begin.byte);
    icu::BreakIterator* divider = Divider();
    if (divider == nullptr) return Add(Fold(run), begin, Here());
    const auto units =
        icu::UnicodeString::fromUTF8(icu::StringPiece(run.data(), static_cast<int>(run.size())));
    divider->setText(units);
    Place from = begin;
    int unit = divider->first();
    for (int end = divider->next(); end != icu::BreakIterator::DONE; end = divider->next()) {
      Place to = from;
      for (; unit < end; unit = units.moveIndex32(unit, 1)) {
        to.byte += U8_LENGTH(units.char32At(unit));
        ++to.code_point;
      }
      Add(Fold(text_.substr(from.byte, to.byte - from.byte)), from, to);
      from = to;
    }
  }

  const absl::string_view text_;
  size_t at_ = 0;
  int code_point_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Analyse(absl::string_view text) { return Analysis(text).Run(); }

int CodePoints(absl::string_view text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace entente::search
