// SPDX-License-Identifier: Apache-2.0
#include "common/search/correct.h"

#include <algorithm>

#include "common/search/analysis.h"

namespace entente::search {
namespace {

// A short word is near too many to be widened.
constexpr int kMinWidenedLength = 5;

}  // namespace

std::vector<Correction> Correct(const Vocabulary& vocabulary, Query* query) {
  std::vector<Correction> corrections;
  for (Term& term : query->terms) {
    if (term.quoted || term.negated || term.prefix) continue;
    for (Term::Word& word : term.words) {
      const int64_t documents = vocabulary.Documents(word.word, term.fields);
      if (documents > kFewDocuments) continue;
      const bool may_widen = term.words.size() == 1 && CodePoints(word.word) >= kMinWidenedLength;
      if (documents > 0 && !may_widen) continue;
      const auto nearest = vocabulary.Nearest(word.word, term.fields);
      if (!nearest.has_value()) continue;
      if (documents > 0 && (nearest->distance > 1 || nearest->documents < kManyTimes * documents)) {
        continue;
      }
      corrections.push_back({word.begin, word.end, word.word, nearest->word, documents > 0});
      (documents > 0 ? term.also : word.word) = nearest->word;
    }
  }
  return corrections;
}

}  // namespace entente::search
