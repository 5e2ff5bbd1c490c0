// SPDX-License-Identifier: Apache-2.0
#include "common/passage/figures.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/passage/characters.h"
#include "common/passage/numbers.h"
#include "common/passage/tokens.h"

namespace entente::passage {
namespace {

using figure::Decimal;
using figure::Qualifier;

struct Phrase {
  absl::string_view words;
  Qualifier qualifier;
};

// Longer ones before those that they end with: "no more than" before "more than".
constexpr Phrase kBefore[] = {
    {"no more than", Qualifier::kUpTo},     {"not more than", Qualifier::kUpTo},
    {"no fewer than", Qualifier::kAtLeast}, {"not fewer than", Qualifier::kAtLeast},
    {"no less than", Qualifier::kAtLeast},  {"not less than", Qualifier::kAtLeast},
    {"a minimum of", Qualifier::kAtLeast},  {"a maximum of", Qualifier::kUpTo},
    {"as many as", Qualifier::kUpTo},       {"as much as", Qualifier::kUpTo},
    {"in excess of", Qualifier::kMoreThan}, {"upwards of", Qualifier::kMoreThan},
    {"more than", Qualifier::kMoreThan},    {"greater than", Qualifier::kMoreThan},
    {"just over", Qualifier::kMoreThan},    {"well over", Qualifier::kMoreThan},
    {"just under", Qualifier::kLessThan},   {"fewer than", Qualifier::kLessThan},
    {"less than", Qualifier::kLessThan},    {"at least", Qualifier::kAtLeast},
    {"at most", Qualifier::kUpTo},          {"up to", Qualifier::kUpTo},
    {"close to", Qualifier::kNearly},       {"an estimated", Qualifier::kAbout},
    {"exceeding", Qualifier::kMoreThan},    {"over", Qualifier::kMoreThan},
    {"above", Qualifier::kMoreThan},        {"under", Qualifier::kLessThan},
    {"below", Qualifier::kLessThan},        {"nearly", Qualifier::kNearly},
    {"almost", Qualifier::kNearly},         {"about", Qualifier::kAbout},
    {"approximately", Qualifier::kAbout},   {"around", Qualifier::kAbout},
    {"roughly", Qualifier::kAbout},         {"estimated", Qualifier::kAbout},
    {"circa", Qualifier::kAbout},           {"some", Qualifier::kAbout},
};

constexpr Phrase kAfter[] = {
    {"or more", Qualifier::kAtLeast},
    {"or less", Qualifier::kUpTo},
    {"or fewer", Qualifier::kUpTo},
    {"and more", Qualifier::kAtLeast},
};

constexpr absl::string_view kLengthsOfTime[] = {"day",    "days", "week",    "weeks",    "month",
                                                "months", "year", "years",   "decade",   "decades",
                                                "hours",  "hour", "quarter", "quarters", "minutes"};

constexpr absl::string_view kCurrencyCodes[] = {
    "AUD", "BND", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "HKD", "IDR", "INR",
    "JPY", "KHR", "KRW", "LAK", "MMK", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RUB",
    "SDR", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "VND", "XDR", "ZAR"};

bool IsOneOf(absl::string_view word, const absl::string_view* begin, const absl::string_view* end) {
  return std::find(begin, end, word) != end;
}

class Finder {
 public:
  Finder(const Text& text, const Span& within) : tokens_(Tokenise(text, within)) {}

  std::vector<FoundFigure> Find() {
    for (size_t at = 0; at < tokens_.size();) {
      const std::optional<Number> number = NumberAt(tokens_, at);
      if (number) floor_ = Read(at, *number);
      at = number ? floor_ : at + 1;
    }
    return std::move(found_);
  }

 private:
  bool IsWord(size_t at, absl::string_view word) const {
    return at < tokens_.size() && tokens_[at].kind == Token::kWord && tokens_[at].Is(word);
  }
  bool IsMark(size_t at, char32_t mark) const {
    return at < tokens_.size() && tokens_[at].IsMark(mark);
  }
  bool Adjacent(size_t at) const { return at < tokens_.size() && !tokens_[at].after_space; }

  // Reads the figure around the number at `at`; returns the token after it.
  size_t Read(size_t at, const Number& number) {
    FoundFigure figure;
    size_t begin = at;
    size_t end = number.end;
    figure.value = number.value;
    figure.kind = KindOf(at, number);
    bool percent = false;
    if (figure.kind == FigureKind::kNumber || figure.kind == FigureKind::kYear) {
      ReadRange(number, &figure, &begin, &end);
      percent = ReadPercent(&end);
    }
    figure.number = {tokens_[at].span.begin, tokens_[end - 1].span.end};
    if (percent && figure.kind != FigureKind::kRange) figure.kind = FigureKind::kPercentage;
    const bool measures = figure.kind == FigureKind::kNumber || figure.kind == FigureKind::kRange ||
                          figure.kind == FigureKind::kYear || figure.kind == FigureKind::kVague;
    if (measures && !percent) ReadCurrency(&figure, &begin, &end);
    if (measures || percent) ReadQualifier(&figure, &begin, &end);
    // "(7)" counts; "(about 7)" and "($7)" state.
    if (figure.kind == FigureKind::kNumber && begin == at && IsEnumerator(at, end)) {
      figure.kind = FigureKind::kEnumerator;
    }
    const bool hedged = begin != at || figure.qualifier != Qualifier::kExact;
    if (figure.kind == FigureKind::kYear && hedged) figure.kind = FigureKind::kNumber;
    figure.may_count = figure.kind == FigureKind::kYear && IsSmallPlural(end);
    figure.span = {tokens_[begin].span.begin, tokens_[end - 1].span.end};
    found_.push_back(std::move(figure));
    return end;
  }

  FigureKind KindOf(size_t at, const Number& number) const {
    if (IsOfName(at, number)) return FigureKind::kLabel;
    switch (number.form) {
      case Number::kOrdinal:
        return FigureKind::kOrdinal;
      case Number::kVague:
        return FigureKind::kVague;
      case Number::kLabel:
        return FigureKind::kLabel;
      case Number::kPlain:
        break;
    }
    return IsYear(at, number) ? FigureKind::kYear : FigureKind::kNumber;
  }

  // "One Health", "Academy 2.0", "net zero". A number word at the start of a sentence is large for
  // that alone.
  bool IsOfName(size_t at, const Number& number) const {
    if (at == 0) return false;
    const Token& before = tokens_[at - 1];
    if (number.in_digits) {
      return number.scale == Decimal(1) && absl::EndsWith(tokens_[at].text, ".0") &&
             before.kind == Token::kWord && IsUpper(before.first);
    }
    if (tokens_[at].Is("zero")) return before.Is("net") || IsWord(at - 2, "net");
    const bool within = before.kind == Token::kWord || before.IsMark(U',');
    return within && IsUpper(tokens_[at].first) && number.end < tokens_.size() &&
           tokens_[number.end].kind == Token::kWord && IsUpper(tokens_[number.end].first);
  }

  bool IsYear(size_t at, const Number& number) const {
    return number.in_digits && tokens_[at].text.size() == 4 && number.value &&
           number.end == at + 1 && number.value->scale() == 0 && *number.value >= Decimal(1500) &&
           *number.value <= Decimal(2199);
  }

  // "5-7", "$5 to $7 million", "2023-24", "between 5 and 7".
  void ReadRange(const Number& first, FoundFigure* figure, size_t* begin, size_t* end) const {
    const size_t between = WordBefore(*begin) == "between" ? *begin - 1 : *begin;
    size_t next = *end;
    if (next < tokens_.size() && IsMark(next, U'%') && Adjacent(next)) ++next;
    const bool dash = next < tokens_.size() && tokens_[next].kind == Token::kMark &&
                      IsRangeDash(tokens_[next].first) && Adjacent(next) && Adjacent(next + 1);
    const bool joined = IsWord(next, "to") || (between != *begin && IsWord(next, "and"));
    if (!dash && !joined) return;
    ++next;
    if (IsMark(next, U'$') || IsMark(next, 0x20AC) || IsMark(next, 0xA3)) ++next;
    if (next >= tokens_.size()) return;
    const std::optional<Number> second = NumberAt(tokens_, next);
    if (!second || second->form != Number::kPlain || !second->value || !first.value) return;
    if (dash && !(first.in_digits && second->in_digits)) return;
    Decimal low = *first.value;
    Decimal high = *second->value;
    const bool years = figure->kind == FigureKind::kYear;
    if (years && high < Decimal(100) && tokens_[next].text.size() == 2) {
      const absl::int128 century = low.coefficient() / 100 * 100;
      const auto full = Decimal::FromUnits(century + high.coefficient(), 0);
      if (full.ok()) high = *full;
    } else if (years && !IsYear(next, *second)) {
      return;
    } else if (first.scale == Decimal(1) && second->scale > Decimal(1)) {
      const auto scaled = Mul(low, second->scale);
      if (scaled.ok()) low = *scaled;
    }
    if (high < low) return;
    figure->kind = years ? FigureKind::kYearRange : FigureKind::kRange;
    figure->value = low;
    figure->upper = high;
    *begin = between;
    *end = second->end;
  }

  bool ReadPercent(size_t* end) const {
    if (IsMark(*end, U'%') || IsWord(*end, "percent") || IsWord(*end, "percentage")) {
      *end += 1;
      return true;
    }
    if (IsWord(*end, "per") && IsWord(*end + 1, "cent")) {
      *end += 2;
      return true;
    }
    return false;
  }

  void ReadCurrency(FoundFigure* figure, size_t* begin, size_t* end) const {
    static const auto& signs = *new std::map<char32_t, absl::string_view>{
        {U'$', "USD"},   {0x20AC, "EUR"}, {0xA3, "GBP"},   {0xA5, "JPY"},  {0x20AB, "VND"},
        {0x20B1, "PHP"}, {0x0E3F, "THB"}, {0x20A9, "KRW"}, {0x20B9, "INR"}};
    static const auto& dollars = *new std::map<absl::string_view, absl::string_view>{
        {"us", "USD"}, {"u.s.", "USD"}, {"a", "AUD"},  {"c", "CAD"}, {"s", "SGD"},
        {"nz", "NZD"}, {"hk", "HKD"},   {"nt", "TWD"}, {"au", "AUD"}};
    static const auto& names = *new std::map<absl::string_view, absl::string_view>{
        {"dollar", "USD"}, {"dollars", "USD"}, {"euro", "EUR"},   {"euros", "EUR"},
        {"yen", "JPY"},    {"baht", "THB"},    {"rupiah", "IDR"}, {"dong", "VND"}};
    if (*begin > floor_) {
      const Token& before = tokens_[*begin - 1];
      const auto sign = signs.find(before.first);
      if (before.kind == Token::kMark && sign != signs.end()) {
        figure->currency = std::string(sign->second);
        *begin -= 1;
        if (before.first == U'$' && *begin > floor_ && !before.after_space) {
          const auto dollar = dollars.find(tokens_[*begin - 1].lower);
          if (dollar != dollars.end()) {
            figure->currency = std::string(dollar->second);
            *begin -= 1;
          }
        }
        return;
      }
      if (IsOneOf(before.text, std::begin(kCurrencyCodes), std::end(kCurrencyCodes))) {
        figure->currency = std::string(before.text);
        *begin -= 1;
        return;
      }
    }
    size_t next = *end;
    if (IsWord(next, "us") || IsWord(next, "u.s.")) ++next;
    if (next >= tokens_.size() || tokens_[next].kind != Token::kWord) return;
    const auto name = names.find(tokens_[next].lower);
    const bool code = next == *end && IsOneOf(tokens_[next].text, std::begin(kCurrencyCodes),
                                              std::end(kCurrencyCodes));
    if (name == names.end() && !code) return;
    figure->currency = std::string(code ? tokens_[next].text : name->second);
    *end = next + 1;
  }

  void ReadQualifier(FoundFigure* figure, size_t* begin, size_t* end) const {
    for (const Phrase& phrase : kBefore) {
      const size_t words = PhraseBefore(phrase.words, *begin);
      if (words == 0) continue;
      figure->qualifier = phrase.qualifier;
      *begin -= words;
      if (phrase.words == "over" && *end < tokens_.size() &&
          IsOneOf(tokens_[*end].lower, std::begin(kLengthsOfTime), std::end(kLengthsOfTime))) {
        figure->other_qualifier = figure->qualifier;
        figure->qualifier = Qualifier::kExact;
      }
      return;
    }
    if (IsMark(*end, U'+') && Adjacent(*end)) {
      figure->qualifier = Qualifier::kAtLeast;
      *end += 1;
      return;
    }
    for (const Phrase& phrase : kAfter) {
      const std::vector<absl::string_view> words = absl::StrSplit(phrase.words, ' ');
      if (!IsWord(*end, words[0]) || !IsWord(*end + 1, words[1])) continue;
      if (IsWord(*end + 2, "than")) continue;  // "5, and more than 7": of the next figure.
      figure->qualifier = phrase.qualifier;
      *end += 2;
      return;
    }
  }

  // How many tokens before `at` are the words of `phrase`; 0 if they are not.
  size_t PhraseBefore(absl::string_view phrase, size_t at) const {
    const std::vector<absl::string_view> words = absl::StrSplit(phrase, ' ');
    if (at < floor_ + words.size()) return 0;
    for (size_t i = 0; i < words.size(); ++i) {
      if (!IsWord(at - words.size() + i, words[i])) return 0;
    }
    return words.size();
  }

  absl::string_view WordBefore(size_t at) const {
    return at == floor_ ? absl::string_view() : absl::string_view(tokens_[at - 1].lower);
  }

  bool IsEnumerator(size_t at, size_t end) const {
    if (tokens_[at].kind != Token::kNumber || end != at + 1 || tokens_[at].text.size() > 2) {
      return false;
    }
    if (IsMark(end, U')') && Adjacent(end)) return true;
    return tokens_[at].starts_line && IsMark(end, U'.') && Adjacent(end) &&
           (end + 1 == tokens_.size() || tokens_[end + 1].after_space);
  }

  bool IsSmallPlural(size_t at) const {
    return at < tokens_.size() && tokens_[at].kind == Token::kWord && !IsUpper(tokens_[at].first) &&
           tokens_[at].text.size() > 3 && absl::EndsWith(tokens_[at].lower, "s");
  }

  const std::vector<Token> tokens_;
  std::vector<FoundFigure> found_;
  size_t floor_ = 0;  // The token after the last figure: what is before it belongs to that one.
};

Qualifier QualifierOf(const type::v1::Figure& figure) {
  switch (figure.qualifier()) {
    case type::v1::QUALIFIER_MORE_THAN:
      return Qualifier::kMoreThan;
    case type::v1::QUALIFIER_AT_LEAST:
      return Qualifier::kAtLeast;
    case type::v1::QUALIFIER_LESS_THAN:
      return Qualifier::kLessThan;
    case type::v1::QUALIFIER_NEARLY:
      return Qualifier::kNearly;
    case type::v1::QUALIFIER_UP_TO:
      return Qualifier::kUpTo;
    case type::v1::QUALIFIER_ABOUT:
      return Qualifier::kAbout;
    case type::v1::QUALIFIER_NOT_STATED:
      return Qualifier::kNotStated;
    default:
      return Qualifier::kExact;
  }
}

// Whether it says how much or how many.
bool IsStatement(const FoundFigure& found) {
  return found.value && (found.kind == FigureKind::kNumber ||
                         found.kind == FigureKind::kPercentage || found.may_count);
}

}  // namespace

absl::string_view FigureKindName(FigureKind kind) {
  switch (kind) {
    case FigureKind::kNumber:
      return "number";
    case FigureKind::kPercentage:
      return "percentage";
    case FigureKind::kRange:
      return "range";
    case FigureKind::kYear:
      return "year";
    case FigureKind::kYearRange:
      return "year range";
    case FigureKind::kOrdinal:
      return "ordinal";
    case FigureKind::kVague:
      return "vague";
    case FigureKind::kEnumerator:
      return "enumerator";
    case FigureKind::kLabel:
      return "label";
  }
  return "";
}

std::vector<FoundFigure> FindFigures(const Text& text, const Span& within) {
  return Finder(text, within).Find();
}

bool States(const std::vector<FoundFigure>& found, const type::v1::Figure& figure,
            absl::string_view currency) {
  const Qualifier qualifier = QualifierOf(figure);
  if (qualifier == Qualifier::kNotStated) {
    return std::none_of(found.begin(), found.end(), [&](const FoundFigure& each) {
      return IsStatement(each) && each.currency == currency;
    });
  }
  const auto value = Decimal::Parse(figure.value());
  return value.ok() && std::any_of(found.begin(), found.end(), [&](const FoundFigure& each) {
           return IsStatement(each) && each.currency == currency && *each.value == *value &&
                  (each.qualifier == qualifier || each.other_qualifier == qualifier);
         });
}

bool States(absl::string_view words, const type::v1::Figure& figure, absl::string_view currency) {
  const auto text = Text::FromUtf8(std::string(words));
  return text.ok() && States(FindFigures(*text, {0, text->length()}), figure, currency);
}

std::string ToString(const FoundFigure& found) {
  std::string result;
  if (found.qualifier != Qualifier::kExact) {
    result = absl::StrCat(figure::QualifierName(found.qualifier), " ");
  }
  absl::StrAppend(&result, found.value ? found.value->ToString() : "no value");
  if (found.upper) absl::StrAppend(&result, " to ", found.upper->ToString());
  if (!found.currency.empty()) absl::StrAppend(&result, " ", found.currency);
  if (found.kind != FigureKind::kNumber) {
    absl::StrAppend(&result, " (", FigureKindName(found.kind), ")");
  }
  return result;
}

}  // namespace entente::passage
