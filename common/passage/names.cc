// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/passage/characters.h"
#include "common/passage/dates.h"
#include "common/passage/tokens.h"
#include "common/passage/uncited.h"

namespace entente::passage {
namespace {

// Words that are no part of a name at its front, though a sentence or a title writes them large.
constexpr absl::string_view kSmallWords[] = {
    "a",      "additionally", "after", "all",     "already",  "also",        "among", "an",
    "and",    "as",           "at",    "before",  "both",     "building",    "but",   "by",
    "during", "each",         "for",   "from",    "further",  "furthermore", "has",   "have",
    "he",     "her",          "his",   "however", "if",       "in",          "into",  "it",
    "its",    "key",          "many",  "more",    "moreover", "most",        "no",    "of",
    "on",     "one",          "or",    "our",     "over",     "she",         "since", "so",
    "some",   "such",         "than",  "that",    "the",      "their",       "then",  "there",
    "these",  "they",         "this",  "those",   "through",  "to",          "today", "under",
    "until",  "up",           "was",   "we",      "were",     "when",        "where", "which",
    "while",  "who",          "will",  "with",    "within",   "you",         "your"};

// Between the words of a name.
constexpr absl::string_view kJoints[] = {"of",  "the", "for", "on",  "de", "la",
                                         "del", "du",  "van", "von", "al"};

template <size_t N>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsCapitalised(const Token& token) {
  return token.kind == Token::kWord && IsUpper(token.first);
}

absl::string_view WithoutPossessive(absl::string_view word) {
  return absl::StripSuffix(absl::StripSuffix(word, "’s"), "'s");
}

// At least two capitals: "ASEAN", "U.S.", "SMEs".
bool IsAcronym(const Text& text, const Token& token) {
  int capitals = 0;
  for (int at = token.span.begin; at < token.span.end; ++at) capitals += IsUpper(text.At(at));
  return capitals >= 2;
}

// Whether no letter of the line is small.
bool IsAllCapitals(const Text& text, const Span& line) {
  int capitals = 0;
  for (int at = line.begin; at < line.end; ++at) {
    const char32_t c = text.At(at);
    if (IsUpper(c)) ++capitals;
    if (IsLetter(c) && !IsUpper(c) && !(at > line.begin && IsApostrophe(text.At(at - 1)))) {
      return false;
    }
  }
  return capitals > 0;
}

class NameFinder {
 public:
  explicit NameFinder(const Text& text) : text_(text), sentences_(text.Sentences()) {
    for (const Span& sentence : sentences_) NoteInner(Tokenise(text, sentence));
  }

  std::vector<Span> Find() {
    for (const Span& sentence : sentences_) {
      if (!IsAllCapitals(text_, sentence)) FindIn(sentence);
    }
    return std::move(names_);
  }

 private:
  // Notes the words that stand capitalised where no sentence begins.
  void NoteInner(const std::vector<Token>& tokens) {
    for (size_t at = 1; at < tokens.size(); ++at) {
      if (IsCapitalised(tokens[at]) && !BeginsSentence(tokens, at)) {
        inner_.insert(std::string(WithoutPossessive(tokens[at].text)));
      }
    }
  }

  // Also after a colon, an enumerator and an opening quote or bracket.
  static bool BeginsSentence(const std::vector<Token>& tokens, size_t at) {
    if (at == 0) return true;
    const Token& before = tokens[at - 1];
    if (before.kind != Token::kMark) return false;
    return before.IsMark(U':') ||
           (before.IsMark(U')') && at >= 2 && tokens[at - 2].kind == Token::kNumber) ||
           (IsOpeningQuote(before.first) && at == 1);
  }

  void FindIn(const Span& sentence) {
    const std::vector<Token> tokens = Tokenise(text_, sentence);
    std::set<int> months;
    for (const FoundDate& date : FindDates(text_, sentence)) {
      if (date.kind == DateKind::kMonth) months.insert(date.span.begin);
    }
    const auto is_part = [&](size_t at) {
      return at < tokens.size() && IsCapitalised(tokens[at]) &&
             months.count(tokens[at].span.begin) == 0;
    };
    for (size_t at = 0; at < tokens.size();) {
      if (!is_part(at) || IsOneOf(tokens[at].lower, kSmallWords)) {
        ++at;
        continue;
      }
      const size_t end = PastName(tokens, at, is_part);
      const bool doubtful = end == at + 1 && BeginsSentence(tokens, at) &&
                            !IsAcronym(text_, tokens[at]) &&
                            inner_.count(std::string(WithoutPossessive(tokens[at].text))) == 0;
      if (!doubtful) {
        const Token& last = tokens[end - 1];
        const int possessive = WithoutPossessive(last.text) != last.text ? 2 : 0;
        names_.push_back({tokens[at].span.begin, last.span.end - possessive});
      }
      at = end;
    }
  }

  template <typename IsPart>
  static size_t PastName(const std::vector<Token>& tokens, size_t at, const IsPart& is_part) {
    size_t end = at + 1;
    while (end < tokens.size()) {
      if (WithoutPossessive(tokens[end - 1].text) != tokens[end - 1].text) break;
      size_t next = end;
      const bool hyphen = tokens[end].kind == Token::kMark &&
                          (IsHyphen(tokens[end].first) || tokens[end].IsMark(U'/'));
      if (hyphen && !tokens[end].after_space && end + 1 < tokens.size() &&
          !tokens[end + 1].after_space) {
        ++next;
        if (!is_part(next) && tokens[next].kind != Token::kNumber) break;
      } else if (tokens[end].IsMark(U'&')) {
        ++next;
      } else {
        while (next < tokens.size() && next < end + 3 && IsOneOf(tokens[next].lower, kJoints)) {
          ++next;
        }
        if (next < tokens.size() && tokens[next].kind == Token::kNumber) break;
      }
      if (next >= tokens.size() || !(is_part(next) || (hyphen && next > end))) break;
      end = next + 1;
    }
    return end;
  }

  const Text& text_;
  const std::vector<Span> sentences_;
  std::set<std::string> inner_;
  std::vector<Span> names_;
};

}  // namespace

std::vector<Span> FindNames(const Text& text) { return NameFinder(text).Find(); }

}  // namespace entente::passage
