// SPDX-License-Identifier: Apache-2.0
//
// Filters of List methods: the language of AIP-160 (https://google.aip.dev/160), compiled against
// a message type and applied by reflection.
//
//   static const auto* const schema = new Schema(*Schema::Create(Book::descriptor()));
//   absl::StatusOr<Filter> filter = Filter::Compile(request.filter(), *schema);
//   if (!filter.ok()) return filter.status();
//   for (const Book& book : books) if (filter->Matches(book)) ...
//
// The language
// ------------
//   author.name = "Hugo"                    a field, a comparator, a value
//   stage = LIVE OR pages > 9 AND -draft:*  OR binds tighter than AND: (a OR b) AND NOT c
//   tags:blue labels.colour:red             a space means AND
//   title = "Les *"                         "*" at either end of a string is a wildcard
//   tags:(red OR blue)                      the same as (tags:red OR tags:blue)
//   possibly(date, "2023-08")               a function of the service
//   miser                                   a bare literal: some text field contains it
//
// AND, OR and NOT are case-sensitive; "-" means NOT and stands directly before its condition. A
// negation follows the grammar: it is not repeated without parentheses. Strings are quoted by " or
// ' with the escapes \" \' \\ \* \n \r \t. Quotes are needed only for values with white space, any
// of ( ) " ' < > = , \ or "!=", or for AND, OR, NOT as values, and for keys of maps with a dot. The
// empty filter (or one of white space) matches everything.
//
// What a value may be, by the type of the field
// ---------------------------------------------
//   string      Any text. The order, for < <= > >=, is that of bytes (of Unicode code points).
//               Under = and != and ":" a `*` at the start or the end stands for any text (`\*` in
//               quotes for the character itself), and one in the middle is an error; under < and
//               the like it is a character.
//   int, uint   A whole number in the range of 64 bits, with or without sign. A value beyond the
//               field's own range is allowed and compares as the number that it is.
//   double      A decimal number, exponents allowed (2.997e9). A NaN in a message satisfies
//   float       nothing. For a float field the value is rounded to float.
//   bool        true or false; = and != only.
//   enum        The name of a value, case-sensitive; = and != only.
//   Timestamp   RFC 3339 with an offset (2012-04-21T11:30:00-04:00), up to nanoseconds.
//   Duration    Seconds with the suffix s (20s, -1.2s), up to nanoseconds.
//   bytes       Nothing; only `field:*`.
//   message     A field of it, as in `message:field`, true if the field is present; or what its
//               comparator accepts, if the schema has one for its type.
//   map         A key, as in `map:key`, true if the map has it ("*" as in strings). `map.key`
//               is a field of the type of the map's values.
//
// ":" (has) means: of a single value, equality; of a repeated field, that some element is equal;
// `field:*` that the field is present, i.e. set or, for a scalar without explicit presence, not
// its default; for a repeated field or map, not empty; for `map.key:*`, that the key is there.
//
// A path through repeated fields (`people.name`) matches if any element does, and is allowed with
// ":" only (AIP-160); elements have no position.
//
// What is not there is not compared: a path through an unset message, a key that its map lacks, an
// unset message or an unset scalar with explicit presence (`optional`, or in a oneof) satisfies no
// comparator, not even "!=". NOT is logical, hence `NOT a.b = 1` is true where `a` is unset and
// `a.b != 1` is not. An unset scalar without explicit presence is its default.
//
// The argument of a comparator other than "!=" may be alternatives: `a = (1 OR 2)` is short for
// (a = 1 OR a = 2), and likewise with AND, NOT and "-". In it, a "-" before a digit is a sign.
//
// A bare literal is looked for in the schema's text fields, as a part of the text. Case is ignored
// for ASCII letters; other characters must be the same. Wildcards at its ends are implied.
//
// Nothing but functions can stand for a field: fields are on the left of a comparator, values on
// the right.

#ifndef ENTENTE_COMMON_FILTER_FILTER_H_
#define ENTENTE_COMMON_FILTER_FILTER_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/condition.h"
#include "common/filter/error.h"
#include "common/filter/schema.h"
#include "google/protobuf/message.h"

namespace entente::filter {

// Longest filter, in bytes. A few hundred resource names fit; what is longer belongs in a BatchGet.
inline constexpr size_t kMaxFilterBytes = 16 * 1024;
// Deepest nesting of parentheses. Compiling and matching recurse, a few frames for each level:
// this bounds the stack, far above what people write.
inline constexpr size_t kMaxFilterDepth = 50;
// Most conditions. Each may be evaluated for every resource of a collection: this bounds what one
// call can cost ("queries of death").
inline constexpr size_t kMaxFilterTerms = 500;

// Immutable, cheap to copy (copies share the compiled condition) and safe to use from several
// threads. It needs the descriptors that it was compiled against, not the Schema.
class Filter {
 public:
  // Matches everything.
  Filter() = default;

  // INVALID_ARGUMENT in all cases, with the column (error.h) of the first mistake:
  //  - the text is longer than kMaxFilterBytes, is not UTF-8, has more than kMaxFilterTerms
  //    conditions, parentheses deeper than kMaxFilterDepth or a path longer than kMaxPathSegments;
  //  - syntax: a parenthesis or string that is not closed, an operator without operand, an unknown
  //    escape, a missing space (the message says what was expected);
  //  - a field that the message lacks (its fields are listed), a name after a scalar, a key that
  //    is not of the type of the map's keys, a position in a repeated field;
  //  - a comparator that the field does not have (order on bool, enum or bytes; anything but ":" on
  //    repeated fields and maps; a message without a comparator), or "!=" with alternatives;
  //  - a value that is not of the field's type or out of range (the form expected is named; for an
  //    enum its values), a `*` in the middle of a string;
  //  - a function that the schema lacks (they are listed), a wrong number of arguments, or what the
  //    function says of its arguments;
  //  - a bare literal where the schema has no text fields, or an empty one.
  // With `synonyms` (condition.h), values of string fields stand for all that mean the same.
  static absl::StatusOr<Filter> Compile(absl::string_view text, const Schema& schema,
                                        const Synonyms& synonyms = nullptr);

  // Whether `message` satisfies the filter. Its type must be the schema's: protobuf's reflection
  // aborts on another. Nothing is allocated or parsed here, but by functions and comparators of the
  // schema that do so, and by protobuf, which makes a list of a map's entries (once for each map,
  // behind a lock) when a filter first looks into it. Maps are searched entry by entry.
  bool Matches(const google::protobuf::Message& message) const {
    return condition_ == nullptr || condition_->Matches(message);
  }

  // Whether the text was empty.
  bool matches_everything() const { return condition_ == nullptr; }

  // The filter taken apart, operands that cost little first; null if it matches everything. Lives
  // as long as any copy of the filter.
  const Condition* condition() const { return condition_.get(); }

 private:
  std::shared_ptr<const Condition> condition_;
};

}  // namespace entente::filter

#endif  // ENTENTE_COMMON_FILTER_FILTER_H_
