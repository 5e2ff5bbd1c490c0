// SPDX-License-Identifier: Apache-2.0
//
// Text as a terminal shows it: how many columns it takes, cut or wrapped to a number of them. By
// grapheme clusters and the East Asian width of Unicode (UAX #29, UAX #11), ambiguous ones narrow.
//
//   DisplayWidth("Việt Nam")        // 8, composed or not
//   DisplayWidth("東京")             // 4
//   Shorten("Southeast Asia", 9)    // "Southeas…"
//
// Text is UTF-8; what is not shows as U+FFFD. Pure and thread-safe.
#ifndef ENTENTE_SERVICES_ENTENTE_TEXT_DISPLAY_WIDTH_H_
#define ENTENTE_SERVICES_ENTENTE_TEXT_DISPLAY_WIDTH_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::text {

// In columns, of one line of printable text.
int DisplayWidth(absl::string_view text);

// The text as one line that does nothing to a terminal: line breaks and tabs become spaces; other
// control characters, and those that turn the direction of what follows, become U+FFFD.
std::string Printable(absl::string_view text);

// The same of a text of several lines, whose line feeds stay.
std::string PrintableLines(absl::string_view text);

// At most `width` columns, at least 1, of printable text: what is too long ends in "…". No cluster
// is cut.
std::string Shorten(absl::string_view text, int width);

// With spaces to `width` columns, before it if `right`, else after it.
std::string Pad(absl::string_view text, int width, bool right);

// Printable text in lines of at most `width` columns, broken at spaces where there are any. At
// least one line.
std::vector<std::string> Wrap(absl::string_view text, int width);

}  // namespace entente::text

#endif  // ENTENTE_SERVICES_ENTENTE_TEXT_DISPLAY_WIDTH_H_
