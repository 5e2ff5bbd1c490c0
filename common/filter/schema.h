// SPDX-License-Identifier: Apache-2.0
//
// What a filter may speak about: a message type, and what a service adds to it.
//
//   absl::StatusOr<Schema> schema = Schema::Create(
//       Initiative::descriptor(),
//       {.text_fields = {"title", "summary.texts.text"},
//        .comparators = {{"entente.type.v1.Date", DateComparator()}},
//        .functions = {{"possibly", {"possibly(date, \"2023-08\")", 2, 2, BuildPossibly}}}});
//
// A Schema is made once, at start, is immutable, and may be used from several threads. It refers
// to the descriptor, which must outlive it.

#ifndef ENTENTE_COMMON_FILTER_SCHEMA_H_
#define ENTENTE_COMMON_FILTER_SCHEMA_H_

#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/field_path.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace entente::filter {

enum class Operator {
  kEquals,
  kNotEquals,
  kLess,
  kLessOrEquals,
  kGreater,
  kGreaterOrEquals,
  kHas,
};

// As written in a filter: "=", "!=", "<", "<=", ">", ">=", ":".
absl::string_view OperatorText(Operator op);

// Whether a value that stands in `order` to a literal satisfies `value op literal`. Has (":") of a
// single value is equality. Unordered (a NaN, an amount in another currency) satisfies nothing, not
// even "!=": what cannot be compared is not claimed to differ.
bool Satisfies(Operator op, std::partial_ordering order);

using Predicate = std::function<bool(const google::protobuf::Message&)>;

// How values of one type are compared with a literal, for types that the filter does not know: an
// imprecise date, a decimal kept as a string. Called once for each comparison in a filter, with the
// operator and the literal (unescaped, without quotes), it parses the literal and returns the
// test to apply to each value. An error says what the literal should have been, as a sentence that
// can follow the literal: `is not a date (e.g. 2023-08)`. The filter quotes the literal, adds the
// column and reports INVALID_ARGUMENT whatever the code. The test must be safe to call from
// several threads.
//
// It receives the operator, not only an ordering, because of types for which "<" is more than a
// place in an order: an imprecise date is before another if it certainly is. For types that do
// have an order there is CompareBy.
template <typename Value>
using Comparator =
    std::function<absl::StatusOr<std::function<bool(Value)>>(Operator, absl::string_view literal)>;
using MessageComparator = Comparator<const google::protobuf::Message&>;
using StringComparator = Comparator<absl::string_view>;

// A comparator for a type that has an order: `parse` makes of a literal a function that says how a
// value stands to it (value <=> literal); std::partial_ordering::unordered if it does not.
//
//   StringComparator decimals = CompareBy<absl::string_view>(
//       [](absl::string_view literal)
//           -> absl::StatusOr<std::function<std::partial_ordering(absl::string_view)>> { ... });
template <typename Value>
Comparator<Value> CompareBy(
    std::function<absl::StatusOr<std::function<std::partial_ordering(Value)>>(absl::string_view)>
        parse) {
  return [parse = std::move(parse)](
             Operator op, absl::string_view literal) -> absl::StatusOr<std::function<bool(Value)>> {
    auto compare = parse(literal);
    if (!compare.ok()) return compare.status();
    return
        [op, compare = *std::move(compare)](Value value) { return Satisfies(op, compare(value)); };
  };
}

// A call in a filter, as a function's builder sees it.
class FunctionCall {
 public:
  struct Argument {
    std::string text;  // unescaped, without quotes
    bool quoted;
    size_t offset;  // of its first byte in the filter
  };

  FunctionCall(const google::protobuf::Descriptor* descriptor, absl::string_view source,
               std::vector<Argument> arguments)
      : descriptor_(descriptor), source_(source), arguments_(std::move(arguments)) {}

  const google::protobuf::Descriptor* descriptor() const { return descriptor_; }
  const std::vector<Argument>& arguments() const { return arguments_; }

  // Argument `i` as a path of field names; the errors are FieldPath::Resolve's, and
  // INVALID_ARGUMENT if the argument is in quotes.
  absl::StatusOr<FieldPath> Field(size_t i) const;

  // INVALID_ARGUMENT at argument `i`: `column 16: "2023-99" <message>`.
  absl::Status Error(size_t i, absl::string_view message) const;

 private:
  const google::protobuf::Descriptor* descriptor_;
  absl::string_view source_;  // lives as long as the compilation
  std::vector<Argument> arguments_;
};

// A function that filters may call: `name(arg, arg)`, a condition. It is not a value: it cannot
// be compared, nor be the argument of another.
struct Function {
  std::string usage;  // e.g. `possibly(date, "2023-08")`, shown in errors
  size_t min_arguments;
  size_t max_arguments;
  // Called once for each call in a filter; the number of arguments has been checked. Returns the
  // condition, which must be safe to call from several threads and must not keep the FunctionCall.
  std::function<absl::StatusOr<Predicate>(const FunctionCall&)> build;
  // For callers that take a filter apart (condition.h). False promises that the condition of a call
  // whose first argument is the name of a field of the message or a path that begins with one, in
  // quotes or not, looks at this field of the message and at no other. All other calls may look at
  // anything.
  bool whole_message = false;
};

struct SchemaOptions {
  // The string fields (paths; through repeated messages too, not through maps) in which a bare
  // literal is looked for. Without any, bare literals are errors.
  std::vector<std::string> text_fields;
  // By full name of a message type. They take precedence over what the filter knows of a type.
  std::map<std::string, MessageComparator> comparators;
  // By full name of a string field, e.g. "entente.x.Y.price". Wildcards do not apply to it.
  std::map<std::string, StringComparator> string_comparators;
  // By name; a name may have dots.
  std::map<std::string, Function> functions;
};

class Schema {
 public:
  // INVALID_ARGUMENT, naming the option, if a text field is unknown, not a string or in a map; if
  // the name of a comparator is not that of a message type or string field known to the
  // descriptor's pool; if a name of a function is not an identifier, or its builder is empty.
  // `descriptor` must not be null.
  static absl::StatusOr<Schema> Create(const google::protobuf::Descriptor* descriptor,
                                       SchemaOptions options = {});

  const google::protobuf::Descriptor* descriptor() const { return descriptor_; }
  const std::vector<FieldPath>& text_fields() const { return text_fields_; }
  const std::map<std::string, Function>& functions() const { return options_.functions; }
  // The comparator for values of this field, or null.
  const MessageComparator* FindMessageComparator(
      const google::protobuf::FieldDescriptor* field) const;
  const StringComparator* FindStringComparator(
      const google::protobuf::FieldDescriptor* field) const;

 private:
  Schema(const google::protobuf::Descriptor* descriptor, SchemaOptions options)
      : descriptor_(descriptor), options_(std::move(options)) {}

  const google::protobuf::Descriptor* descriptor_;
  SchemaOptions options_;
  std::vector<FieldPath> text_fields_;
};

}  // namespace entente::filter

#endif  // ENTENTE_COMMON_FILTER_SCHEMA_H_
