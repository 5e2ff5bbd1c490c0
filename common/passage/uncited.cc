// SPDX-License-Identifier: Apache-2.0
#include "common/passage/uncited.h"

#include <algorithm>
#include <iterator>

#include "common/passage/characters.h"
#include "common/passage/dates.h"
#include "common/passage/figures.h"
#include "common/passage/tokens.h"

namespace entente::passage {
namespace {

// Spans that do not overlap or touch, in order.
std::vector<Span> Union(const Text& text, std::vector<Span> spans) {
  spans.erase(std::remove_if(spans.begin(), spans.end(),
                             [&](const Span& span) { return !text.Holds(span); }),
              spans.end());
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> result;
  for (const Span& span : spans) {
    if (!result.empty() && span.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, span.end);
    } else {
      result.push_back(span);
    }
  }
  return result;
}

// How many letters and digits stand in it.
int Letters(const Text& text, const Span& span) {
  int letters = 0;
  for (int at = span.begin; at < span.end; ++at) {
    letters += IsLetter(text.At(at)) || IsDigit(text.At(at));
  }
  return letters;
}

class Coverage {
 public:
  Coverage(const Text& text, std::vector<Span> cited)
      : text_(text), cited_(Union(text, std::move(cited))) {}

  bool Covers(const Span& span) const {
    const auto after =
        std::upper_bound(cited_.begin(), cited_.end(), span.begin,
                         [](int begin, const Span& cited) { return begin < cited.begin; });
    return after != cited_.begin() && std::prev(after)->Contains(span);
  }

  // What of `span` is not covered.
  std::vector<Span> Gaps(const Span& span) const {
    std::vector<Span> gaps;
    int begin = span.begin;
    auto cited = std::lower_bound(cited_.begin(), cited_.end(), span.begin,
                                  [](const Span& each, int at) { return each.end <= at; });
    for (; cited != cited_.end() && cited->begin < span.end; ++cited) {
      if (begin < cited->begin) gaps.push_back({begin, cited->begin});
      begin = cited->end;
    }
    if (begin < span.end) gaps.push_back({begin, span.end});
    return gaps;
  }

  void AddUncited(const Span& sentence, std::vector<Item>* items) const {
    const std::vector<Span> gaps = Gaps(sentence);
    int uncited = 0;
    for (const Span& gap : gaps) uncited += Letters(text_, gap);
    if (uncited == 0) return;
    if (uncited == Letters(text_, sentence)) {
      items->push_back({ItemKind::kSentence, sentence});
      return;
    }
    for (Span gap : gaps) {
      const auto tokens = Tokenise(text_, gap);
      const auto words = std::count_if(tokens.begin(), tokens.end(), [](const Token& token) {
        return token.kind != Token::kMark;
      });
      if (words < kClauseWords) continue;
      while (IsSpace(text_.At(gap.begin))) ++gap.begin;
      while (IsSpace(text_.At(gap.end - 1))) --gap.end;
      items->push_back({ItemKind::kClause, gap});
    }
  }

 private:
  const Text& text_;
  const std::vector<Span> cited_;
};

void Sort(std::vector<Item>* items) {
  std::stable_sort(items->begin(), items->end(), [](const Item& a, const Item& b) {
    if (a.span.begin != b.span.begin) return a.span.begin < b.span.begin;
    return a.span.size() > b.span.size();
  });
}

bool IsCounted(const FoundFigure& figure) {
  return figure.kind != FigureKind::kYear && figure.kind != FigureKind::kYearRange &&
         figure.kind != FigureKind::kEnumerator && figure.kind != FigureKind::kLabel;
}

}  // namespace

absl::string_view ItemKindName(ItemKind kind) {
  switch (kind) {
    case ItemKind::kSentence:
      return "sentence";
    case ItemKind::kClause:
      return "clause";
    case ItemKind::kName:
      return "name";
    case ItemKind::kFigure:
      return "figure";
    case ItemKind::kMonth:
      return "month";
    case ItemKind::kYear:
      return "year";
  }
  return "";
}

std::vector<Item> FindItems(const Text& text) {
  std::vector<Item> items;
  for (const Span& sentence : text.Sentences()) {
    if (Letters(text, sentence) == 0) continue;  // "* * *" says nothing.
    items.push_back({ItemKind::kSentence, sentence});
    for (const FoundFigure& figure : FindFigures(text, sentence)) {
      if (IsCounted(figure)) items.push_back({ItemKind::kFigure, figure.span});
    }
    Span last;
    for (const FoundDate& date : FindDates(text, sentence)) {
      // The two years of a range stand in one span.
      if (date.kind == DateKind::kMonth) items.push_back({ItemKind::kMonth, date.span});
      if (date.kind != DateKind::kYear && date.kind != DateKind::kDecade) continue;
      if (!(date.span == last)) items.push_back({ItemKind::kYear, date.span});
      last = date.span;
    }
  }
  for (const Span& name : FindNames(text)) items.push_back({ItemKind::kName, name});
  Sort(&items);
  return items;
}

std::vector<Item> FindUncited(const Text& text, const std::vector<Span>& cited) {
  const Coverage coverage(text, cited);
  std::vector<Item> uncited;
  for (const Item& item : FindItems(text)) {
    if (item.kind == ItemKind::kSentence) {
      coverage.AddUncited(item.span, &uncited);
    } else if (!coverage.Covers(item.span)) {
      uncited.push_back(item);
    }
  }
  Sort(&uncited);
  return uncited;
}

}  // namespace entente::passage
