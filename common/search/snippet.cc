// SPDX-License-Identifier: Apache-2.0
#include "common/search/snippet.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "common/search/analysis.h"

namespace entente::search {
namespace {

// Of what stands before the first word that was found, at most so much is shown, in code points.
constexpr int kLeadLength = 60;

// Tokens of a text that a term was found in.
struct Hit {
  size_t first;
  size_t last;
  size_t term;
};

bool StandsAt(const Term& term, const std::vector<Token>& tokens, size_t at) {
  if (at + term.words.size() > tokens.size()) return false;
  for (size_t i = 0; i < term.words.size(); ++i) {
    const std::string& word = tokens[at + i].word;
    const bool prefix = term.prefix && i + 1 == term.words.size();
    if (prefix ? !absl::StartsWith(word, term.words[i].word) : word != term.words[i].word) {
      return false;
    }
  }
  return true;
}

std::vector<Hit> HitsIn(const std::vector<Token>& tokens, Field field, const Query& query) {
  std::vector<Hit> hits;
  for (size_t term = 0; term < query.terms.size(); ++term) {
    const Term& wanted = query.terms[term];
    if (wanted.negated || !Has(wanted.fields, field)) continue;
    for (size_t at = 0; at < tokens.size(); ++at) {
      if (StandsAt(wanted, tokens, at)) {
        hits.push_back({at, at + wanted.words.size() - 1, term});
      } else if (!wanted.also.empty() && tokens[at].word == wanted.also) {
        hits.push_back({at, at, term});
      }
    }
  }
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return std::make_pair(a.first, a.last) < std::make_pair(b.first, b.last);
  });
  return hits;
}

// The hit from which on most terms stand within the length of a snippet, and most often.
size_t BestHit(const std::vector<Token>& tokens, const std::vector<Hit>& hits) {
  size_t best = 0;
  std::pair<size_t, size_t> best_count;
  for (size_t i = 0; i < hits.size(); ++i) {
    std::set<size_t> terms;
    size_t j = i;
    const int end = tokens[hits[i].first].begin + kSnippetLength - kLeadLength;
    for (; j < hits.size() && tokens[hits[j].last].end <= end; ++j) terms.insert(hits[j].term);
    const auto count = std::make_pair(terms.size(), j - i);
    if (count > best_count) {
      best = i;
      best_count = count;
    }
  }
  return best;
}

// The bytes and the code points of a part of a text.
struct Cut {
  size_t byte_begin;
  size_t byte_end;
  int begin;
  int end;
};

Cut CutAround(absl::string_view text, int length, const std::vector<Token>& tokens,
              const std::vector<Hit>& hits) {
  if (length <= kSnippetLength) return {0, text.size(), 0, length};
  const size_t hit = hits[BestHit(tokens, hits)].first;
  size_t first = hit;
  while (first > 0 && tokens[hit].begin - tokens[first - 1].begin <= kLeadLength) --first;
  // From its very begin if all before fits, with what is no word there.
  const bool from_begin = first == 0 && tokens[hit].begin <= kLeadLength;
  const int begin = from_begin ? 0 : tokens[first].begin;
  size_t last = hit;
  while (last + 1 < tokens.size() && tokens[last + 1].end - begin <= kSnippetLength) ++last;
  const bool to_end = last + 1 == tokens.size() && length - begin <= kSnippetLength;
  return {from_begin ? 0 : tokens[first].byte_begin, to_end ? text.size() : tokens[last].byte_end,
          begin, to_end ? length : tokens[last].end};
}

std::vector<Passage> HighlightsIn(const Cut& cut, const std::vector<Token>& tokens,
                                  const std::vector<Hit>& hits) {
  std::vector<Passage> highlights;
  for (const Hit& hit : hits) {
    const Passage passage = {std::max(tokens[hit.first].begin, cut.begin) - cut.begin,
                             std::min(tokens[hit.last].end, cut.end) - cut.begin};
    if (passage.begin >= passage.end) continue;
    if (!highlights.empty() && passage.begin <= highlights.back().end) {
      highlights.back().end = std::max(highlights.back().end, passage.end);
    } else {
      highlights.push_back(passage);
    }
  }
  return highlights;
}

}  // namespace

std::vector<Match> FindMatches(const Document& document, const Query& query) {
  std::vector<const Value*> values;
  for (const Value& value : document.values) values.push_back(&value);
  std::stable_sort(values.begin(), values.end(),
                   [](const Value* a, const Value* b) { return a->field < b->field; });
  std::vector<Match> matches;
  for (const Value* value : values) {
    if (matches.size() == kMaxMatches) break;
    const std::vector<Token> tokens = Analyse(value->text);
    const std::vector<Hit> hits = HitsIn(tokens, value->field, query);
    if (hits.empty()) continue;
    const int length = CodePoints(value->text);
    const Cut cut = CutAround(value->text, length, tokens, hits);
    matches.push_back(
        {value, std::string(value->text.substr(cut.byte_begin, cut.byte_end - cut.byte_begin)),
         cut.begin, cut.end < length, HighlightsIn(cut, tokens, hits)});
  }
  return matches;
}

}  // namespace entente::search
