// SPDX-License-Identifier: Apache-2.0
#include "common/passage/numbers.h"

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/str_replace.h"
#include "common/passage/characters.h"

namespace entente::passage {
namespace {

using figure::Decimal;
using Lexicon = std::map<absl::string_view, int64_t>;

const Lexicon& Below20() {
  static const auto& words = *new Lexicon{
      {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
      {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
      {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
      {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}};
  return words;
}

const Lexicon& Tens() {
  static const auto& words =
      *new Lexicon{{"twenty", 20}, {"thirty", 30},  {"forty", 40},  {"fifty", 50},
                   {"sixty", 60},  {"seventy", 70}, {"eighty", 80}, {"ninety", 90}};
  return words;
}

const Lexicon& Ordinals() {
  static const auto& words =
      *new Lexicon{{"first", 1},        {"second", 2},      {"third", 3},       {"fourth", 4},
                   {"fifth", 5},        {"sixth", 6},       {"seventh", 7},     {"eighth", 8},
                   {"ninth", 9},        {"tenth", 10},      {"eleventh", 11},   {"twelfth", 12},
                   {"thirteenth", 13},  {"fourteenth", 14}, {"fifteenth", 15},  {"sixteenth", 16},
                   {"seventeenth", 17}, {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20},
                   {"thirtieth", 30},   {"fortieth", 40},   {"fiftieth", 50},   {"sixtieth", 60},
                   {"seventieth", 70},  {"eightieth", 80},  {"ninetieth", 90},  {"hundredth", 100}};
  return words;
}

// What multiplies the number before it.
const Lexicon& Scales() {
  static const auto& words =
      *new Lexicon{{"dozen", 12},        {"hundred", 100},        {"thousand", 1000},
                   {"million", 1000000}, {"billion", 1000000000}, {"trillion", 1000000000000}};
  return words;
}

// Of digits, right behind them or after a space.
const Lexicon& ShortScales() {
  static const auto& words =
      *new Lexicon{{"k", 1000},         {"m", 1000000},        {"mn", 1000000},
                   {"mln", 1000000},    {"b", 1000000000},     {"bn", 1000000000},
                   {"bln", 1000000000}, {"tn", 1000000000000}, {"trn", 1000000000000}};
  return words;
}

const Lexicon& VagueWords() {
  static const auto& words =
      *new Lexicon{{"tens", 0},      {"dozens", 0},   {"scores", 0},   {"hundreds", 0},
                   {"thousands", 0}, {"millions", 0}, {"billions", 0}, {"trillions", 0}};
  return words;
}

std::optional<int64_t> Find(const Lexicon& lexicon, absl::string_view word) {
  const auto found = lexicon.find(word);
  return found == lexicon.end() ? std::nullopt : std::optional<int64_t>(found->second);
}

class Parser {
 public:
  Parser(const std::vector<Token>& tokens, size_t at) : tokens_(tokens), at_(at) {}

  std::optional<Number> Parse() {
    const Token& token = tokens_[at_];
    if (token.kind == Token::kNumber) return Digits();
    if (token.kind != Token::kWord) return std::nullopt;
    if (Find(VagueWords(), token.lower)) return Vague();
    return Words();
  }

 private:
  const Token* Peek(size_t ahead) const {
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  bool Adjacent(size_t ahead) const {
    const Token* token = Peek(ahead);
    return token != nullptr && !token->after_space;
  }
  // The number in `lexicon` of the token `ahead`, or of the one behind a hyphen there; `*length`
  // is how many tokens that takes.
  std::optional<int64_t> Next(const Lexicon& lexicon, size_t ahead, size_t* length) const {
    const Token* token = Peek(ahead);
    *length = 1;
    if (token != nullptr && token->kind == Token::kMark && IsHyphen(token->first) &&
        Adjacent(ahead) && Adjacent(ahead + 1)) {
      token = Peek(ahead + 1);
      *length = 2;
    }
    if (token == nullptr || token->kind != Token::kWord) return std::nullopt;
    return Find(lexicon, token->lower);
  }

  // "hundreds", "tens of thousands", "hundreds of millions".
  Number Vague() {
    Number number;
    number.form = Number::kVague;
    ++at_;
    while (Peek(0) != nullptr && Peek(0)->Is("of") && Peek(1) != nullptr &&
           Find(VagueWords(), Peek(1)->lower)) {
      at_ += 2;
    }
    number.end = at_;
    return number;
  }

  Number Digits() {
    Number number;
    number.in_digits = true;
    const auto value = Decimal::Parse(absl::StrReplaceAll(tokens_[at_].text, {{",", ""}}));
    if (value.ok()) number.value = *value;
    const bool whole = tokens_[at_].text.find('.') == absl::string_view::npos;
    // "COVID-19", but not "mid-2023".
    const bool named = at_ >= 2 && !tokens_[at_].after_space && !tokens_[at_ - 1].after_space &&
                       tokens_[at_ - 1].kind == Token::kMark && IsHyphen(tokens_[at_ - 1].first) &&
                       tokens_[at_ - 2].kind == Token::kWord && IsUpper(tokens_[at_ - 2].first);
    ++at_;
    if (Adjacent(0) && Peek(0)->kind == Token::kWord) {
      const std::string& suffix = Peek(0)->lower;
      ++at_;
      if (whole && (suffix == "st" || suffix == "nd" || suffix == "rd" || suffix == "th")) {
        number.form = Number::kOrdinal;
      } else if (const auto scale = Find(ShortScales(), suffix)) {
        Multiply(*scale, &number);
      } else {
        number.form = Number::kLabel;  // "1990s", "3D"
      }
    } else if (named) {
      number.form = Number::kLabel;
    } else if (Peek(0) != nullptr && Peek(0)->kind == Token::kWord) {
      const auto scale = Find(ShortScales(), Peek(0)->lower);
      if (scale && Peek(0)->lower.size() > 1) {  // A lone letter is as likely something else.
        Multiply(*scale, &number);
        ++at_;
      }
    }
    if (number.form == Number::kPlain) ApplyScales(&number);
    number.end = at_;
    return number;
  }

  // "million", "hundred thousand", each perhaps behind a hyphen.
  void ApplyScales(Number* number) {
    size_t length = 0;
    while (const auto scale = Next(Scales(), 0, &length)) {
      Multiply(*scale, number);
      at_ += length;
    }
  }

  static void Multiply(int64_t scale, Number* number) {
    const auto by = Mul(number->scale, scale);
    if (number->value && by.ok()) {
      const auto product = Mul(*number->value, scale);
      number->scale = *by;
      number->value = product.ok() ? std::optional<Decimal>(*product) : std::nullopt;
    } else {
      number->value = std::nullopt;
    }
  }

  // Groups of hundreds, tens and ones, each with its scale: "two million three hundred thousand".
  std::optional<Number> Words() {
    Number number;
    const size_t start = at_;
    int64_t total = 0;
    int64_t group = 0;
    int64_t least_scale = INT64_MAX;
    bool any = false;
    if ((tokens_[at_].Is("a") || tokens_[at_].Is("an"))) {
      size_t length = 0;
      if (!Next(Scales(), 1, &length) || length != 1) return std::nullopt;
      group = 1;
      ++at_;
    }
    while (Peek(0) != nullptr) {
      size_t length = 1;
      if (any && Peek(0)->Is("and") && MayContinueWithAnd(total, group, least_scale)) {
        ++at_;
      }
      const auto next = [&](const Lexicon& lexicon) {
        return any ? Next(lexicon, 0, &length)
                   : (length = 1,
                      Peek(0)->kind == Token::kWord ? Find(lexicon, Peek(0)->lower) : std::nullopt);
      };
      const int64_t rest = group % 100;
      if (const auto value = next(Ordinals());
          value && (!any || (rest == 0 && *value < 100) || (IsTens(rest) && *value < 10))) {
        at_ += length;
        number.form = Number::kOrdinal;
        group += *value;
        any = true;
        break;
      }
      if (const auto value = next(Tens()); value && rest == 0) {
        group += *value;
      } else if (const auto small = next(Below20());
                 small && (rest == 0 || (IsTens(rest) && *small < 10 && *small > 0))) {
        group += *small;
      } else if (const auto scale = next(Scales()); scale && group > 0 && *scale < least_scale) {
        if (*scale <= 100) {
          if (group >= 100) break;
          group *= *scale;
        } else {
          total += group * *scale;
          group = 0;
          least_scale = *scale;
        }
        number.scale = *scale;
      } else {
        break;
      }
      at_ += length;
      any = true;
    }
    if (!any || at_ == start) return std::nullopt;
    number.value = total + group;
    number.end = at_;
    return number;
  }

  static bool IsTens(int64_t rest) { return rest >= 20 && rest % 10 == 0; }

  // "one hundred and five", "two thousand and five", but not "three and four" nor "a million and
  // two": there "and" joins two figures.
  bool MayContinueWithAnd(int64_t total, int64_t group, int64_t least_scale) const {
    const bool round =
        (group > 0 && group % 100 == 0) || (group == 0 && total > 0 && least_scale == 1000);
    const Token* token = Peek(1);
    return round && token != nullptr && token->kind == Token::kWord &&
           (Find(Below20(), token->lower) || Find(Tens(), token->lower) ||
            Find(Ordinals(), token->lower));
  }

  const std::vector<Token>& tokens_;
  size_t at_;
};

}  // namespace

std::optional<Number> NumberAt(const std::vector<Token>& tokens, size_t at) {
  return Parser(tokens, at).Parse();
}

}  // namespace entente::passage
