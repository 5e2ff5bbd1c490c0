// SPDX-License-Identifier: Apache-2.0
//
// A filter taken apart: AND, OR and NOT over conditions of one top-level field each. For callers
// that keep each distinct value of a field once (columns coded by a dictionary) and ask a condition
// once for each value, not once for each message.
//
//   absl::StatusOr<std::optional<Condition>> condition =
//       Condition::Compile("stage = LIVE AND owner.age > (9 OR 90)", schema);
//   // kAnd
//   //   kField stage
//   //   kOr
//   //     kField owner
//   //     kField owner
//
// The language is that of filter.h, and a Filter is evaluated as this expression. What its parts
// become:
//   a.b.c = x        kField of `a`; likewise with the other comparators, and with keys of maps
//   a = x            with synonyms of x, what a = (x OR y OR z) becomes; a != x, NOT of that
//   a = (x OR -y)    what (a = x OR NOT a = y) becomes: kOr, kAnd and kNot over kField of `a`
//   word             kOr over a kField for each top-level field that has text fields of the schema,
//                    in the order of SchemaOptions::text_fields; if there is one, it alone
//   word OR other    the same, for whichever of the words; what else there is stands before them
//   f(a.b, x)        kField of `a`
//   f(), f(x)        kMessage, where `x` does not begin with the name of a top-level field; so are
//                    all calls of a function that is declared to look at the whole message (see
//                    Function in schema.h)

#ifndef ENTENTE_COMMON_FILTER_CONDITION_H_
#define ENTENTE_COMMON_FILTER_CONDITION_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/field_path.h"
#include "common/filter/schema.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace entente::filter {

// All values of a string field that mean what `value` does, itself among them: for fields whose
// values name things that have several names. `field` = `value` is then true of every one of them,
// and so is `field`:`value`. Not asked about values with wildcards.
using Synonyms = std::function<std::vector<std::string>(
    const google::protobuf::FieldDescriptor* field, const std::string& value)>;

// It needs the descriptors that it was compiled against, not the Schema. Concurrent calls of
// Matches, and of `test`, are safe. About three nodes deep for each level of parentheses, which
// kMaxFilterDepth (filter.h) bounds: safe to recurse over.
struct Condition {
  enum class Kind {
    kAnd,      // operands, at least two
    kOr,       // operands, at least two
    kNot,      // operands, one
    kField,    // field, test
    kMessage,  // test
  };

  // The condition of a filter; none if it matches everything, i.e. is empty or white space.
  // Errors: those of Filter::Compile.
  static absl::StatusOr<std::optional<Condition>> Compile(absl::string_view text,
                                                          const Schema& schema,
                                                          const Synonyms& synonyms = nullptr);

  // Whether `message`, of the schema's type, satisfies the condition. Allocates as little as
  // Filter::Matches.
  bool Matches(const google::protobuf::Message& message) const;

  // What a message must have that satisfies a condition: a string `text` at `path`, or one that
  // begins with it.
  struct Needed {
    FieldPath path;
    std::string text;
    bool is_prefix;
  };

  Kind kind;
  std::vector<Condition> operands;
  // Of the schema's message. Never null for kField.
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Takes a message of the schema's type. That of kField looks at `field` only: the result is the
  // same for a message that has nothing but this field, as it is in the original (for an empty
  // message, if it is not set there). That of kMessage may look at everything.
  Predicate test;
  // Of kField, where it is known: for those who have an index of such strings. More than this may
  // be needed; never less.
  std::optional<Needed> needed;
  // About how long the condition takes to be evaluated, beside others; at least 1.
  int cost = 1;
};

}  // namespace entente::filter

#endif  // ENTENTE_COMMON_FILTER_CONDITION_H_
