// SPDX-License-Identifier: Apache-2.0
//
// The figures that English words state, and whether they state a given one.
//
//   "over 95 courses"                    95, more than
//   "nearly $600 million"                600000000 USD, nearly
//   "one billion people"                 1000000000
//   "hundreds of delegates"              a figure that is spoken of and not given
//   "the 21st meeting", "first-ever"     an ordinal
//   "in 2022", "2023-2025"               years
//   "5-7", "between 10 and 20 percent"   a range
//
//   for (const FoundFigure& found : FindFigures(text, span)) { ... }
//   States("over 95 courses", figure, "");   // figure: 95, QUALIFIER_MORE_THAN -> true
//
// Numbers are written as in English: a comma groups thousands, a point begins decimals. What is
// read: digits, number words up to trillions, scales ("million", "bn"), "a hundred", "dozen".
// Fractions ("half"), Roman numerals and multiples ("twice") are not. "$" alone is the US dollar.
//
// A qualifier counts where it stands right before the figure ("more than", "up to", ...) or right
// after it ("or more"). "Over" before a length of time ("over three years") is read as "during",
// and "more than" is kept as another reading.
//
// Pure functions: thread-safe. Linear in the length of the passage.
#ifndef ENTENTE_COMMON_PASSAGE_FIGURES_H_
#define ENTENTE_COMMON_PASSAGE_FIGURES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "common/passage/text.h"
#include "entente/type/v1/figure.pb.h"

namespace entente::passage {

enum class FigureKind {
  kNumber,      // "6,200", "three", "$1.2 billion"
  kPercentage,  // "10 %", "ten percent": `value` is 10
  kRange,       // "5-7", "between 5 and 7": `value` and `upper`
  kYear,        // "2022": four digits from 1500 to 2199 and nothing that makes them a number
  kYearRange,   // "2023-2025", "2023-24": `value` and `upper`
  kOrdinal,     // "first", "21st"
  kVague,       // "hundreds", "tens of thousands": no value
  kEnumerator,  // "1)", "(2)", "3." at the start of a line: counts the items of a list
  kLabel,       // Of a name or an expression: "COVID-19", "1990s", "One Health", "net zero"
};

// "number", "year range", ...
absl::string_view FigureKindName(FigureKind kind);

struct FoundFigure {
  FigureKind kind = FigureKind::kNumber;
  // All of it: "over $8 billion".
  Span span;
  // The number with its scale: "8 billion".
  Span number;
  // Unset for kVague, and where the number is no Decimal.
  std::optional<figure::Decimal> value;
  // kRange, kYearRange: the other end.
  std::optional<figure::Decimal> upper;
  figure::Qualifier qualifier = figure::Qualifier::kExact;
  // Another way to read the qualifier.
  std::optional<figure::Qualifier> other_qualifier;
  // ISO 4217; empty if none is stated.
  std::string currency;
  // kYear: may as well be a count, since a plural in small letters follows ("2000 delegates").
  bool may_count = false;
};

// In order, none overlapping another. `within` must be held by the text.
std::vector<FoundFigure> FindFigures(const Text& text, const Span& within);

// Whether one of `found` is `figure` with its value, its qualifier and `currency` (ISO 4217, empty
// for what is not money). QUALIFIER_UNSPECIFIED is exact. Ordinals, ranges, enumerators and
// labels state no figure, and years only where they may count. For QUALIFIER_NOT_STATED: whether
// none of `found` is a figure with a value and that currency.
bool States(const std::vector<FoundFigure>& found, const type::v1::Figure& figure,
            absl::string_view currency);

// The same of words on their own. False if they are not UTF-8.
bool States(absl::string_view words, const type::v1::Figure& figure, absl::string_view currency);

// For people: "more than 8000000000 USD", "2023 to 2025 (year range)", "no value (vague)".
std::string ToString(const FoundFigure& found);

}  // namespace entente::passage

#endif  // ENTENTE_COMMON_PASSAGE_FIGURES_H_
