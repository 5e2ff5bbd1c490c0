// SPDX-License-Identifier: Apache-2.0
//
// The syntax tree of a filter, and its parser: AIP-160's grammar, without any knowledge of types.
// Internal to common/filter; callers use filter.h.

#ifndef ENTENTE_COMMON_FILTER_SYNTAX_H_
#define ENTENTE_COMMON_FILTER_SYNTAX_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/field_path.h"
#include "common/filter/schema.h"

namespace entente::filter::internal {

// A TEXT or STRING of the grammar.
struct Literal {
  std::string text;  // unescaped, without quotes
  bool quoted = false;
  size_t offset = 0;          // of its first byte (the quote, if any) in the filter
  std::vector<size_t> stars;  // where in `text` a `*` stands that was not escaped
};

struct Expression {
  enum class Kind {
    kAnd,          // children
    kOr,           // children
    kNot,          // one child
    kGlobal,       // literal: a bare one, or an alternative inside the argument of a restriction
    kRestriction,  // path op argument; the argument is the one child, made of kGlobal only
    kCall,         // function, arguments
  };
  Kind kind;
  size_t offset = 0;
  std::vector<Expression> children;
  Literal literal;
  std::vector<FieldPath::Segment> path;
  Operator op = Operator::kEquals;
  size_t op_offset = 0;
  std::string function;
  std::vector<FunctionCall::Argument> arguments;
};

// The tree of a filter; empty for a text without anything but white space. Errors: see filter.h.
absl::StatusOr<std::optional<Expression>> Parse(absl::string_view text);

}  // namespace entente::filter::internal

#endif  // ENTENTE_COMMON_FILTER_SYNTAX_H_
