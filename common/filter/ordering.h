// SPDX-License-Identifier: Apache-2.0
//
// The order of List methods: `order_by` of AIP-132 (https://google.aip.dev/132#ordering), and the
// keys by which pages continue in that order.
//
//   absl::StatusOr<Ordering> order = Ordering::Compile("title desc, date.earliest", descriptor);
//   if (!order.ok()) return order.status();
//   std::sort(books.begin(), books.end(),
//             [&](const Book& a, const Book& b) { return order->Compare(a, b) < 0; });
//   // The page ended with `last`; the next begins with the first book for which
//   // CompareToKey(book, order->KeyOf(last)) > 0, whether or not `last` still exists.
//
// The text is a list of paths separated by commas, each followed by `desc` for descending order
// (`asc`, the default, may be said too). White space is of no account, fields of messages are
// reached by dots, and the empty text means the order of names.
//
// The order is total: the field that identifies a resource, `name`, is the last criterion unless
// the text has it already, so that no two resources are in the same place and no page repeats or
// skips one.
//
// How values are ordered, ascending:
//   what is unset   first: a path through an unset message, an unset message, an unset scalar with
//                   explicit presence. (A scalar without it is its default, if unset.)
//   string, bytes   by bytes, for strings the order of Unicode code points
//   numbers         by value; a NaN after infinity, -0 equal to 0
//   bool            false before true
//   enum            by number, i.e. in the order of the declaration as a rule
//   Timestamp, Duration   by time
// and descending exactly the reverse, what is unset last.
//
// A key is bytes: opaque to callers (put it, encoded, into a page token), but such that for one
// ordering keys compare as the resources do: sign(Compare(a, b)) is the sign of
// KeyOf(a).compare(KeyOf(b)). It begins with a fingerprint of the ordering, so that a key of
// another order or of another type is refused. Its length is that of the strings that it orders by
// and a few bytes.

#ifndef ENTENTE_COMMON_FILTER_ORDERING_H_
#define ENTENTE_COMMON_FILTER_ORDERING_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/error.h"
#include "common/filter/field_path.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace entente::filter {

// Longest order_by, in bytes: kMaxOrderingFields long paths fit.
inline constexpr size_t kMaxOrderingBytes = 2048;
// Most fields. Each lengthens keys, hence page tokens, and beyond a few none decides anything.
inline constexpr size_t kMaxOrderingFields = 16;

struct OrderingOptions {
  // The string field that is unique in the collection.
  std::string tie_break = "name";
  // For message types that are not ordered otherwise (an imprecise date), by full name: makes of a
  // value bytes that are in the order of the values. Must be pure and safe to call from several
  // threads. They take precedence over what the ordering knows of a type.
  std::map<std::string, std::function<std::string(const google::protobuf::Message&)>> sort_keys;
};

// Immutable, cheap to copy and safe to use from several threads. Messages given to it must be of
// the type that it was compiled for; protobuf's reflection aborts on others.
class Ordering {
 public:
  // INVALID_ARGUMENT, with the column (error.h), if the text
  //  - is longer than kMaxOrderingBytes, not UTF-8, or has more than kMaxOrderingFields fields;
  //  - has an empty item, or something other than asc or desc after a field;
  //  - names a field that the message lacks (its fields are listed), or one twice;
  //  - names what has no order: a repeated field or a path through one, a map or a key of one, a
  //    message other than Timestamp, Duration and those with a sort key.
  // FAILED_PRECONDITION, an error of the program and not of the text, if the message has no
  // singular string field called options.tie_break.
  static absl::StatusOr<Ordering> Compile(absl::string_view order_by,
                                          const google::protobuf::Descriptor* descriptor,
                                          const OrderingOptions& options = {});

  // Negative, 0 or positive as `a` comes before `b`, is the same, or comes after it.
  int Compare(const google::protobuf::Message& a, const google::protobuf::Message& b) const;

  // The place of `message` in the order.
  std::string KeyOf(const google::protobuf::Message& message) const;

  // Negative, 0 or positive as `message` comes before, at or after the place of `key`.
  // INVALID_ARGUMENT if `key` is not one of this ordering. No bytes are harmful: a key that was
  // tampered with is refused or is a place in the order.
  absl::StatusOr<int> CompareToKey(const google::protobuf::Message& message,
                                   absl::string_view key) const;

  // OK, or what CompareToKey would return for `key` with any message.
  absl::Status CheckKey(absl::string_view key) const;

  // The order in full, spelled in one way: "title desc,date.earliest,name". Equal for texts that
  // differ only in spelling: what a page token should be bound to.
  const std::string& canonical() const;

 private:
  struct Criterion;
  struct Compiled;

  explicit Ordering(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  static absl::StatusOr<Criterion> MakeCriterion(FieldPath path, const OrderingOptions& options,
                                                 absl::string_view source, size_t offset);

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace entente::filter

#endif  // ENTENTE_COMMON_FILTER_ORDERING_H_
