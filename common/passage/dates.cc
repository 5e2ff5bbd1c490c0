// SPDX-License-Identifier: Apache-2.0
#include "common/passage/dates.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/edtf/edtf.h"
#include "common/passage/characters.h"
#include "common/passage/figures.h"
#include "common/passage/tokens.h"
#include "common/status/macros.h"

namespace entente::passage {
namespace {

using Lexicon = std::map<absl::string_view, int>;

const Lexicon& Months() {
  static const auto& words =
      *new Lexicon{{"january", 1},   {"jan", 1},   {"february", 2},  {"feb", 2},      {"march", 3},
                   {"mar", 3},       {"april", 4}, {"apr", 4},       {"may", 5},      {"june", 6},
                   {"jun", 6},       {"july", 7},  {"jul", 7},       {"august", 8},   {"aug", 8},
                   {"september", 9}, {"sep", 9},   {"sept", 9},      {"october", 10}, {"oct", 10},
                   {"november", 11}, {"nov", 11},  {"december", 12}, {"dec", 12}};
  return words;
}

const Lexicon& Seasons() {
  static const auto& words =
      *new Lexicon{{"spring", 21}, {"summer", 22}, {"autumn", 23}, {"fall", 23}, {"winter", 24}};
  return words;
}

// Before a month that is also another word.
constexpr absl::string_view kPrepositions[] = {
    "in",    "of",   "since", "by",   "until",   "during", "last",   "next",  "this",
    "early", "late", "mid",   "from", "through", "to",     "before", "after", "for"};
constexpr absl::string_view kRelativeLeads[] = {"this", "last", "next", "previous", "coming"};
constexpr absl::string_view kPeriods[] = {"year",   "month",  "week",   "quarter", "decade",
                                          "spring", "summer", "autumn", "fall",    "winter"};
constexpr absl::string_view kRelativeWords[] = {"today",   "yesterday", "tomorrow", "recently",
                                                "tonight", "currently", "soon",     "shortly"};

template <size_t N>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class Finder {
 public:
  Finder(const Text& text, const Span& within)
      : tokens_(Tokenise(text, within)), figures_(FindFigures(text, within)) {}

  std::vector<FoundDate> Find() {
    for (const FoundFigure& figure : figures_) AddYears(figure);
    for (size_t at = 0; at < tokens_.size(); ++at) {
      if (IsMonth(at)) AddMonth(at);
      if (IsSeason(at)) Add(DateKind::kMonth, tokens_[at].span, Seasons().at(tokens_[at].lower));
      AddRelative(at);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const FoundDate& a, const FoundDate& b) {
      return a.span.begin < b.span.begin;
    });
    return std::move(found_);
  }

 private:
  void Add(DateKind kind, const Span& span, int value) { found_.push_back({kind, span, value}); }

  absl::string_view WordAt(size_t at) const {
    return at < tokens_.size() && tokens_[at].kind == Token::kWord
               ? absl::string_view(tokens_[at].lower)
               : absl::string_view();
  }
  bool IsNumber(size_t at) const {
    return at < tokens_.size() && tokens_[at].kind == Token::kNumber;
  }

  static int ToInt(const std::optional<figure::Decimal>& value) {
    return static_cast<int>(value->coefficient());
  }

  void AddYears(const FoundFigure& figure) {
    if (figure.kind == FigureKind::kYear) Add(DateKind::kYear, figure.number, ToInt(figure.value));
    if (figure.kind == FigureKind::kYearRange) {
      // Of a range, the ends: what lies between is not named.
      Add(DateKind::kYear, figure.number, ToInt(figure.value));
      Add(DateKind::kYear, figure.number, ToInt(figure.upper));
    }
    if (figure.kind == FigureKind::kLabel && figure.value && figure.value->scale() == 0 &&
        *figure.value >= figure::Decimal(1500) && *figure.value <= figure::Decimal(2190) &&
        figure.value->coefficient() % 10 == 0) {
      Add(DateKind::kDecade, figure.number, ToInt(figure.value));
    }
  }

  bool IsMonth(size_t at) const {
    const Token& token = tokens_[at];
    if (token.kind != Token::kWord || !IsUpper(token.first)) return false;
    const auto month = Months().find(absl::StripSuffix(absl::StripSuffix(token.lower, "’s"), "'s"));
    if (month == Months().end()) return false;
    size_t next = at + 1;
    const bool abbreviated = token.lower.size() <= 4 && token.lower != "may" &&
                             token.lower != "june" && token.lower != "july";
    if (abbreviated && next < tokens_.size() && tokens_[next].IsMark(U'.')) ++next;
    const bool beside = IsNumber(next) || (at > 0 && IsNumber(at - 1)) ||
                        (at > 1 && IsNumber(at - 2) && WordAt(at - 1) != "");
    if (beside) return true;
    const bool ambiguous = abbreviated || month->second == 3 || month->second == 5;
    return !ambiguous || (at > 0 && IsOneOf(WordAt(at - 1), kPrepositions)) ||
           (at > 1 && tokens_[at - 1].kind == Token::kMark && IsHyphen(tokens_[at - 1].first) &&
            WordAt(at - 2) == "mid");
  }

  bool IsSeason(size_t at) const {
    return Seasons().count(WordAt(at)) > 0 &&
           (IsNumber(at + 1) || (WordAt(at + 1) == "of" && IsNumber(at + 2)));
  }

  void AddMonth(size_t at) {
    const Token& token = tokens_[at];
    Add(DateKind::kMonth, token.span,
        Months().at(absl::StripSuffix(absl::StripSuffix(token.lower, "’s"), "'s")));
    // Days after it: "5", "5-7", "5 and 7", "5, 6", "5th".
    size_t next = at + 1;
    if (next < tokens_.size() && tokens_[next].IsMark(U'.')) ++next;
    while (AddDay(next)) {
      ++next;
      next = PastSuffix(next);
      if (next + 1 < tokens_.size() && IsJoint(next) && IsNumber(next + 1)) {
        ++next;
      } else {
        break;
      }
    }
    // Days before it: "5 September", "5-7 September", "the 5th of September".
    size_t before = at;
    if (before > 0 && WordAt(before - 1) == "of") --before;
    while (before > 0) {
      size_t number = before - 1;
      if (number > 0 && IsSuffix(number)) --number;
      if (!AddDay(number)) break;
      before = number;
      if (before > 1 && IsJoint(before - 1)) {
        --before;
      } else {
        break;
      }
    }
  }

  bool IsSuffix(size_t at) const {
    const absl::string_view word = WordAt(at);
    return !word.empty() && !tokens_[at].after_space &&
           (word == "st" || word == "nd" || word == "rd" || word == "th");
  }
  size_t PastSuffix(size_t at) const { return at < tokens_.size() && IsSuffix(at) ? at + 1 : at; }
  bool IsJoint(size_t at) const {
    if (WordAt(at) == "and" || WordAt(at) == "to") return true;
    return tokens_[at].kind == Token::kMark &&
           (IsRangeDash(tokens_[at].first) || tokens_[at].IsMark(U','));
  }
  bool AddDay(size_t at) {
    int day = 0;
    if (!IsNumber(at) || tokens_[at].text.size() > 2 || !absl::SimpleAtoi(tokens_[at].text, &day) ||
        day < 1 || day > 31) {
      return false;
    }
    Add(DateKind::kDay, tokens_[at].span, day);
    return true;
  }

  // "later this year", "last month’s", "since then", "today".
  void AddRelative(size_t at) {
    const absl::string_view word = WordAt(at);
    if (word.empty()) return;
    if (IsOneOf(word, kRelativeWords) || (word == "then" && at > 0 && WordAt(at - 1) == "since")) {
      const size_t begin = word == "then" ? at - 1 : at;
      Add(DateKind::kRelative, {tokens_[begin].span.begin, tokens_[at].span.end}, 0);
      return;
    }
    const absl::string_view period =
        absl::StripSuffix(absl::StripSuffix(WordAt(at + 1), "’s"), "'s");
    if (!IsOneOf(word, kRelativeLeads) || !IsOneOf(period, kPeriods)) return;
    const bool hedged = at > 0 && (WordAt(at - 1) == "later" || WordAt(at - 1) == "earlier");
    const size_t begin = hedged ? at - 1 : at;
    Add(DateKind::kRelative, {tokens_[begin].span.begin, tokens_[at + 1].span.end}, 0);
  }

  const std::vector<Token> tokens_;
  const std::vector<FoundFigure> figures_;
  std::vector<FoundDate> found_;
};

// "2023-09-05" without marks of doubt, into `parts`.
void AddParts(absl::string_view date, DateParts* parts) {
  const bool long_year = absl::ConsumePrefix(&date, "Y");
  const bool negative = absl::ConsumePrefix(&date, "-");
  const std::vector<std::string> pieces =
      absl::StrSplit(absl::string_view(date).substr(0, date.find('T')), '-');
  int number = 0;
  std::string year = pieces[0];
  year.erase(std::remove_if(year.begin(), year.end(), [](char c) { return c == 'X'; }), year.end());
  if (!absl::SimpleAtoi(year, &number)) return;
  const size_t unknown = pieces[0].size() - year.size();
  if (unknown == 0 || long_year) parts->years.insert(negative ? -number : number);
  if (unknown == 1) parts->decades.insert(number * 10);
  if (unknown == 2) parts->decades.insert(number * 100);
  if (pieces.size() > 1 && absl::SimpleAtoi(pieces[1], &number)) parts->months.insert(number);
  if (pieces.size() > 2 && absl::SimpleAtoi(pieces[2], &number)) parts->days.insert(number);
}

}  // namespace

std::vector<FoundDate> FindDates(const Text& text, const Span& within) {
  return Finder(text, within).Find();
}

absl::StatusOr<DateParts> PartsOf(absl::string_view edtf) {
  ASSIGN_OR_RETURN(const edtf::Date date, edtf::Parse(edtf));
  std::string plain = date.ToString();
  plain.erase(std::remove_if(plain.begin(), plain.end(),
                             [](char c) { return absl::StrContains("?~%[]{} ", c); }),
              plain.end());
  DateParts parts;
  for (const absl::string_view member : absl::StrSplit(plain, absl::ByAnyChar("/,"))) {
    for (const absl::string_view end : absl::StrSplit(member, "..")) AddParts(end, &parts);
  }
  return parts;
}

DateSupport Supports(const std::vector<FoundDate>& found, const DateParts& parts) {
  std::map<DateKind, std::set<int>> held;
  for (const FoundDate& each : found) held[each.kind].insert(each.value);
  const auto has_all = [&](DateKind kind, const std::set<int>& wanted) {
    return std::includes(held[kind].begin(), held[kind].end(), wanted.begin(), wanted.end());
  };
  const auto has_only_others = [&](DateKind kind, const std::set<int>& wanted) {
    return !held[kind].empty() && !wanted.empty() &&
           std::none_of(wanted.begin(), wanted.end(),
                        [&](int value) { return held[kind].count(value) > 0; });
  };
  DateSupport support;
  support.years =
      has_all(DateKind::kYear, parts.years) && has_all(DateKind::kDecade, parts.decades);
  support.months = has_all(DateKind::kMonth, parts.months);
  support.days = has_all(DateKind::kDay, parts.days);
  support.contradicted = has_only_others(DateKind::kMonth, parts.months) ||
                         has_only_others(DateKind::kDay, parts.days);
  support.dated = !found.empty();
  return support;
}

absl::StatusOr<DateSupport> Supports(absl::string_view words, absl::string_view edtf) {
  ASSIGN_OR_RETURN(const Text text, Text::FromUtf8(std::string(words)));
  ASSIGN_OR_RETURN(const DateParts parts, PartsOf(edtf));
  return Supports(FindDates(text, {0, text.length()}), parts);
}

}  // namespace entente::passage
