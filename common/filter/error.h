// SPDX-License-Identifier: Apache-2.0
//
// What the errors of filters and orderings look like.
//
// Every mistake in a filter or in an order_by is an INVALID_ARGUMENT whose message begins with the
// place of the mistake, quotes the offending text and says what would be right:
//
//   column 1: unknown field "titel" in entente.x.Y; did you mean "title"? The fields are: name,
//   title
//
// The same column is attached to the status, for callers that want to point at it:
//
//   absl::StatusOr<Filter> filter = Filter::Compile(request.filter(), schema);
//   if (!filter.ok()) Underline(request.filter(), *ErrorColumn(filter.status()));

#ifndef ENTENTE_COMMON_FILTER_ERROR_H_
#define ENTENTE_COMMON_FILTER_ERROR_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace entente::filter {

// The column that `status` complains about: 1 for the first character of the text, counted in
// Unicode code points (not bytes), so that a column is what an editor shows. One past the last
// character when the text ends too soon. Empty if the status does not come from this module.
std::optional<int> ErrorColumn(const absl::Status& status);

// --- For this module, and for the functions and comparators that extend it. ---

// INVALID_ARGUMENT "column <n>: <message>" for the byte `offset` of `source`; the column is also
// attached. An offset beyond the end means the end.
absl::Status ErrorAt(absl::string_view source, size_t offset, absl::string_view message);

// `text` in double quotes, escaped, and cut at kMaxQuotedBytes so that a hostile text cannot
// inflate an error.
inline constexpr size_t kMaxQuotedBytes = 60;
std::string Quoted(absl::string_view text);

// The offset of the first byte of `text` that is not valid UTF-8, if any. (Error details are
// protobuf strings: bytes that are not UTF-8 could not be reported.)
std::optional<size_t> FindInvalidUtf8(absl::string_view text);

// ` did you mean "title"? The fields are: a, b` (with the noun given in the plural): what to say
// after the name of something unknown. At most kMaxSuggestions candidates are listed.
inline constexpr size_t kMaxSuggestions = 40;
std::string Alternatives(absl::string_view unknown, absl::string_view plural,
                         const std::vector<std::string>& candidates);

}  // namespace entente::filter

#endif  // ENTENTE_COMMON_FILTER_ERROR_H_
