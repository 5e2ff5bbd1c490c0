// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/search/generated.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"

namespace entente::benchmarks {
namespace {

constexpr const char* kSyllables[] = {"ma",  "ne",  "ri",  "to",  "su",   "ka",  "len",
                                      "dor", "vi",  "pa",  "qua", "ther", "ion", "gen",
                                      "bal", "mis", "ter", "con", "al",   "ing"};

}  // namespace

Texts::Texts(uint64_t seed) : random_(seed) {
  // Short words are the frequent ones, as they are everywhere.
  std::set<std::string> known;
  double sum = 0;
  for (int rank = 0; rank < kWords; ++rank) {
    std::string word;
    while (word.empty() || !known.insert(word).second) {
      word.clear();
      const int syllables = rank < 100 ? Between(1, 3) : Between(2, 5);
      for (int i = 0; i < syllables; ++i) word += kSyllables[random_() % std::size(kSyllables)];
    }
    words_.push_back(std::move(word));
    sum += 1 / (rank + 2.7);
    cumulated_.push_back(sum);
  }
}

int Texts::Between(int from, int to) {
  return from + static_cast<int>(random_() % static_cast<uint64_t>(to - from + 1));
}

int Texts::Rank() {
  const double at = static_cast<double>(random_() >> 11) * 0x1p-53 * cumulated_.back();
  const auto found = std::upper_bound(cumulated_.begin(), cumulated_.end(), at);
  return std::min(kWords - 1, static_cast<int>(found - cumulated_.begin()));
}

std::string Texts::Text(int words) {
  std::string text;
  for (int i = 0; i < words; ++i) absl::StrAppend(&text, i > 0 ? " " : "", Word(Rank()));
  return text;
}

const search::Document& Texts::Next() {
  using search::Field;
  document_.name = absl::StrCat("initiatives/i", made_);
  document_.attributes = {absl::StrCat("entente.dev/Type", made_ % 8),
                          absl::StrCat("TYPE_KIND_K", made_ % 11),
                          {absl::StrCat("partnerships/p", made_ % 5)}};
  ++made_;
  texts_ = {Text(Between(4, 12)), made_ % 4 == 0 ? Text(1) : "", Text(Between(10, 70)),
            Text(Between(0, 40))};
  document_.values.clear();
  constexpr Field kFields[] = {Field::kTitle, Field::kAcronym, Field::kDescription, Field::kNote};
  for (size_t i = 0; i < texts_.size(); ++i) {
    if (!texts_[i].empty()) document_.values.push_back({kFields[i], "text", "en", texts_[i]});
  }
  return document_;
}

std::pair<std::string, std::string> Texts::TwoWords(int least_rank) {
  const auto rank = [&] {
    int drawn = 0;
    do {
      drawn = Rank();
    } while (drawn < least_rank);
    return drawn;
  };
  const int first = rank();
  int second = first;
  while (second == first) second = rank();
  return {Word(first), Word(second)};
}

}  // namespace entente::benchmarks
