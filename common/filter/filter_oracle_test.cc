// SPDX-License-Identifier: Apache-2.0
// Random filters on random messages, against an evaluator that shares nothing with the filter (see
// testing/random_filter.h).

#include <string>
#include <vector>

#include "common/filter/filter.h"
#include "common/filter/testing/random_filter.h"
#include "common/filter/testing/sample_util.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using testing::FilterGenerator;
using testing::FilterNode;
using testing::PlainSchema;
using testing::Sample;

TEST(FilterOracleTest, AgreesWithANaiveEvaluator) {
  FilterGenerator generator(20230906);
  std::vector<Sample> samples;
  for (int i = 0; i < 60; ++i) samples.push_back(generator.MakeSample());
  samples.emplace_back();
  int matched = 0, evaluated = 0;
  for (int i = 0; i < 8'000; ++i) {
    const FilterNode node = generator.MakeNode(i % 5);
    const std::string text = generator.Print(node);
    absl::StatusOr<Filter> filter = Filter::Compile(text, PlainSchema());
    ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
    for (const Sample& sample : samples) {
      const bool expected = node.Evaluate(sample);
      ASSERT_EQ(filter->Matches(sample), expected) << text << "\n" << sample.DebugString();
      matched += expected;
      ++evaluated;
    }
  }
  // The experiment is worth something only if both outcomes are common.
  EXPECT_GT(matched, evaluated / 5);
  EXPECT_LT(matched, evaluated * 4 / 5);
}

}  // namespace
}  // namespace entente::filter
