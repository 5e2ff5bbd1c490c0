// SPDX-License-Identifier: Apache-2.0
//
// What the tests of filters and orderings share.

#ifndef ENTENTE_COMMON_FILTER_TESTING_SAMPLE_UTIL_H_
#define ENTENTE_COMMON_FILTER_TESTING_SAMPLE_UTIL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/filter/schema.h"
#include "common/filter/testing/sample.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace entente::filter::testing {

inline Sample ParseSample(const std::string& text) {
  Sample sample;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &sample)) << text;
  return sample;
}

// With two text fields, one of them behind repeated messages, and nothing else.
inline const Schema& PlainSchema() {
  static const auto* const schema =
      new Schema(*Schema::Create(Sample::descriptor(), {.text_fields = {"title", "people.name"}}));
  return *schema;
}

// A filter that should compile and match; a failure says why it did not.
inline ::testing::AssertionResult Matches(absl::string_view text, const Sample& sample,
                                          const Schema& schema = PlainSchema()) {
  absl::StatusOr<Filter> filter = Filter::Compile(text, schema);
  if (!filter.ok()) {
    ADD_FAILURE() << text << "\n" << filter.status();
    return ::testing::AssertionFailure();
  }
  return filter->Matches(sample) ? ::testing::AssertionSuccess() << text << " matches"
                                 : ::testing::AssertionFailure() << text << " does not match";
}

}  // namespace entente::filter::testing

#endif  // ENTENTE_COMMON_FILTER_TESTING_SAMPLE_UTIL_H_
