// SPDX-License-Identifier: Apache-2.0
//
// Random filters with their meaning, and random messages to try them on. The meaning shares nothing
// with the filter: it never parses, and reads messages by their generated accessors.
//
//   FilterGenerator generator(seed);
//   const FilterNode node = generator.MakeNode(/*depth=*/3);
//   const Sample sample = generator.MakeSample();
//   Filter::Compile(generator.Print(node), PlainSchema())->Matches(sample) == node.Evaluate(sample)

#ifndef ENTENTE_COMMON_FILTER_TESTING_RANDOM_FILTER_H_
#define ENTENTE_COMMON_FILTER_TESTING_RANDOM_FILTER_H_

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "common/filter/testing/sample.pb.h"

namespace entente::filter::testing {

// A condition as a tree, with its meaning.
struct FilterNode {
  enum class Kind { kLeaf, kAnd, kOr, kNot } kind = Kind::kLeaf;
  std::string text;                          // of a leaf
  std::function<bool(const Sample&)> truth;  // of a leaf
  std::vector<FilterNode> children;

  bool Evaluate(const Sample& sample) const;
};

// Filters use only what PlainSchema() (sample_util.h) offers, and mean what is said there: other
// schemas have the same fields, but other text fields.
class FilterGenerator {
 public:
  explicit FilterGenerator(unsigned seed) : random_(seed) {}

  // A leaf for depth 0; no deeper than that in any case.
  FilterNode MakeNode(int depth);

  // The tree as a filter: parentheses only where AIP-160's precedence needs them, and sometimes
  // where it does not.
  std::string Print(const FilterNode& node);

  // Values from so small a range that filters often hold.
  Sample MakeSample();

 private:
  struct Comparison {
    std::string text;
    bool (*holds)(int order);
  };

  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  int Number() { return Below(5) - 2; }
  std::string Word();
  std::string Space() { return Below(4) == 0 ? " \n " : " "; }
  std::string Gap() { return Below(3) == 0 ? " " : ""; }
  std::string Enclose(const std::string& text);
  Person MakePerson();
  Comparison AnyComparison();
  FilterNode MakeLeaf();

  std::mt19937 random_;
};

}  // namespace entente::filter::testing

#endif  // ENTENTE_COMMON_FILTER_TESTING_RANDOM_FILTER_H_
