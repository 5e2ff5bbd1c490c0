// SPDX-License-Identifier: Apache-2.0
//
// What sort of character a code point is, as far as reading English documents with foreign names
// needs it: exact for ASCII and for the letters of Latin-1, Latin Extended-A and Latin Extended
// Additional (Vietnamese among them); of other scripts everything that is not known punctuation is
// a letter without case.
#ifndef ENTENTE_COMMON_PASSAGE_CHARACTERS_H_
#define ENTENTE_COMMON_PASSAGE_CHARACTERS_H_

namespace entente::passage {

inline bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }

inline bool IsSpace(char32_t c) {
  return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

inline bool IsUpper(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z';
  if (c < 0x100) return c >= 0xC0 && c <= 0xDE && c != 0xD7;
  if (c < 0x180) {
    const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x178 && c <= 0x17E);
    return c == 0x178 || (c != 0x138 && c != 0x149 && c != 0x17F && (c % 2 == 1) == odd_is_upper);
  }
  if (c == 0x1A0 || c == 0x1AF) return true;  // The horned O and U.
  return c >= 0x1E00 && c <= 0x1EFF && c % 2 == 0 && (c < 0x1E96 || c > 0x1E9F);
}

inline bool IsLetter(char32_t c) {
  if (c < 0x80) return IsUpper(c) || (c >= U'a' && c <= U'z');
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  return !IsSpace(c) && !(c >= 0x2000 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x3020) &&
         !(c >= 0xE000 && c <= 0xF8FF) && !(c >= 0xFE10 && c <= 0xFE6F) &&
         !(c >= 0xFF00 && c <= 0xFF20) && !(c >= 0xFFF0 && c <= 0xFFFF);
}

inline bool IsApostrophe(char32_t c) { return c == U'\'' || c == 0x2019; }
inline bool IsOpeningQuote(char32_t c) {
  return c == U'"' || c == U'\'' || c == 0x201C || c == 0x2018 || c == 0xAB;
}
inline bool IsOpening(char32_t c) { return IsOpeningQuote(c) || c == U'(' || c == U'['; }
inline bool IsClosing(char32_t c) {
  return c == U'"' || c == U'\'' || c == 0x201D || c == 0x2019 || c == 0xBB || c == U')' ||
         c == U']';
}
inline bool IsBullet(char32_t c) {
  return c == 0x2022 || c == 0x2023 || c == 0x2043 || c == 0xB7 || c == 0x25AA || c == 0x25CF ||
         c == 0x25E6 || c == 0x2219 || c == U'*' || c == U'-' || c == 0x2013 || c == 0x2014;
}
inline bool IsHyphen(char32_t c) { return c == U'-' || c == 0x2010 || c == 0x2011; }
// A hyphen, or the en dash that ranges are written with.
inline bool IsRangeDash(char32_t c) { return IsHyphen(c) || c == 0x2012 || c == 0x2013; }

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_CHARACTERS_H_
