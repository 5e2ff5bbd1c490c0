// SPDX-License-Identifier: Apache-2.0
//
// A full-text engine, as the benchmark asks it.
#ifndef ENTENTE_BENCHMARKS_SEARCH_ENGINE_H_
#define ENTENTE_BENCHMARKS_SEARCH_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "common/search/document.h"

namespace entente::benchmarks {

// Ends the program on any error.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual void Add(const search::Document& document) = 0;
  // All that was added can be found.
  virtual void Commit() = 0;
  // Puts `document` in the place of `before`, so that it can be found.
  virtual void Replace(const search::Document& before, const search::Document& document) = 0;
  // The 50 best with both words, or with either, and the number of all of them by their attributes.
  // Returns how many there are.
  virtual int64_t Find(const std::string& a, const std::string& b, bool both) = 0;
  // What it keeps in files, in bytes.
  virtual int64_t FileBytes() const { return 0; }
};

// Xapian in a directory, or its backend in memory if that is empty. Words of titles and so on weigh
// like in common/search.
std::unique_ptr<Engine> MakeXapian(const std::string& directory);

}  // namespace entente::benchmarks

#endif  // ENTENTE_BENCHMARKS_SEARCH_ENGINE_H_
