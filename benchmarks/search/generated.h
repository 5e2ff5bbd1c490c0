// SPDX-License-Identifier: Apache-2.0
//
// Documents whose words are as unevenly frequent as those of any language: the word of rank r
// occurs about 1/(r + 2.7) as often as the first (Zipf and Mandelbrot), and most words hardly ever.
#ifndef ENTENTE_BENCHMARKS_SEARCH_GENERATED_H_
#define ENTENTE_BENCHMARKS_SEARCH_GENERATED_H_

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/search/document.h"

namespace entente::benchmarks {

// The same for the same seed, on every machine.
class Texts {
 public:
  static constexpr int kWords = 200'000;
  // What is more frequent than this rank is "the", "of" and their like.
  static constexpr int kFunctionWords = 100;

  explicit Texts(uint64_t seed);

  // A resource: a title of 4 to 12 words, an acronym for every fourth, a description of 10 to 70
  // and notes of up to 40 words. It lives until the next call.
  const search::Document& Next();

  // Two different words of titles, those of `least_rank` or rarer.
  std::pair<std::string, std::string> TwoWords(int least_rank);
  std::string Word(int rank) const { return words_[static_cast<size_t>(rank)]; }
  int Rank();

 private:
  int Between(int from, int to);
  std::string Text(int words);

  std::mt19937_64 random_;
  std::vector<std::string> words_;
  std::vector<double> cumulated_;
  int64_t made_ = 0;
  std::vector<std::string> texts_;
  search::Document document_;
};

}  // namespace entente::benchmarks

#endif  // ENTENTE_BENCHMARKS_SEARCH_GENERATED_H_
