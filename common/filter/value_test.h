// SPDX-License-Identifier: Apache-2.0
//
// From a field, a comparator and a literal to a test of single values. Internal to common/filter.

#ifndef ENTENTE_COMMON_FILTER_VALUE_TEST_H_
#define ENTENTE_COMMON_FILTER_VALUE_TEST_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/field_path.h"
#include "common/filter/schema.h"
#include "common/filter/syntax.h"

namespace entente::filter::internal {

// Applied to each value that a path leads to; a restriction matches if it is true of any.
using ValueTest = std::function<bool(const FieldPath::Value&)>;

// A string in which the wildcards at either end have been understood.
struct Pattern {
  std::string body;
  bool open_start = false;  // began with `*`
  bool open_end = false;    // ended with `*`

  bool Matches(absl::string_view text) const;
};

// INVALID_ARGUMENT for a `*` in the middle.
absl::StatusOr<Pattern> MakePattern(const Literal& literal, absl::string_view source);

// The test behind `path op literal`; `op_offset` is where the comparator stands in `source`.
// If the path ends in a whole map, its keys must be strings. Errors: see Filter::Compile.
absl::StatusOr<ValueTest> MakeValueTest(const Schema& schema, const FieldPath& path, Operator op,
                                        size_t op_offset, const Literal& literal,
                                        absl::string_view source);

}  // namespace entente::filter::internal

#endif  // ENTENTE_COMMON_FILTER_VALUE_TEST_H_
