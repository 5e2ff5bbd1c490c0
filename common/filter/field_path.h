// SPDX-License-Identifier: Apache-2.0
//
// A path of field names (`owner.address.city`), resolved once against a message type and then
// followed through messages of that type by reflection.
//
//   absl::StatusOr<FieldPath> path = FieldPath::Resolve(Book::descriptor(), "author.name");
//   bool found = path->Any(book, [](const FieldPath::Value& value) { return ...; });
//
// A path leads through singular messages, through the elements of repeated fields (it then has
// many values) and through one key of a map (`labels.colour`; any key is allowed, one that is
// absent simply has no value). google.protobuf.Struct and the wrapper types are messages like any
// other (`settings.fields.colour.string_value`).
//
// What is not there has no value: a path through an unset message, an absent key or an empty
// repeated field has none, nor has an unset field with explicit presence (a message, a member of a
// oneof, a scalar declared `optional`). A scalar without explicit presence always has a value,
// its default if nothing else.
//
// A FieldPath is immutable, cheap to copy and safe to use from several threads. It refers to
// descriptors, which must outlive it (those of generated messages live for ever).

#ifndef ENTENTE_COMMON_FILTER_FIELD_PATH_H_
#define ENTENTE_COMMON_FILTER_FIELD_PATH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace entente::filter {

// Longest path, in names. Following a path recurses, and message types can be recursive: without
// a limit `parent.parent.parent...` could exhaust the stack. No resource is nearly this deep.
inline constexpr size_t kMaxPathSegments = 24;

class FieldPath {
 public:
  // One value that a path leads to: the field of `parent` or, if index is not negative, one
  // element of it. The getters require a field of the matching type.
  struct Value {
    const google::protobuf::Message* parent;
    const google::protobuf::FieldDescriptor* field;
    int index;
    // Of `parent`, if it is known: to ask a message takes longer than to read most fields.
    const google::protobuf::Reflection* known = nullptr;

    int64_t GetSigned() const;     // int32, int64 (and their encodings), enum (its number)
    uint64_t GetUnsigned() const;  // uint32, uint64
    double GetReal() const;        // float, double
    bool GetBool() const;
    const google::protobuf::Message& GetMessage() const;
    // string and bytes, without a copy; `scratch` keeps what could not be referred to.
    absl::string_view GetString(std::string* scratch) const;
    // False for the default of a scalar without explicit presence ("", 0, false), else true:
    // what AIP-160 calls present in a message.
    bool IsNonDefault() const;

    const google::protobuf::Reflection* Reflect() const {
      return known != nullptr ? known : parent->GetReflection();
    }
  };

  struct Segment {
    std::string text;
    size_t offset;  // in the source, for errors
  };

  // INVALID_ARGUMENT, with the column in `source` (see error.h), if
  //  - a name is not a field of the message it is applied to (the fields are listed),
  //  - a name follows a scalar,
  //  - the key of a map is not of its type,
  //  - an element of a repeated field is addressed by its position (`people.0.name`),
  //  - the path has more than kMaxPathSegments names.
  static absl::StatusOr<FieldPath> Resolve(const google::protobuf::Descriptor* descriptor,
                                           absl::Span<const Segment> segments,
                                           absl::string_view source);
  // The same for a text such as "author.name", which is also the source of errors.
  static absl::StatusOr<FieldPath> Resolve(const google::protobuf::Descriptor* descriptor,
                                           absl::string_view dotted);

  // The names of a dotted text that begins at byte `offset` of its source.
  static std::vector<Segment> Split(absl::string_view dotted, size_t offset);

  // The path as it was written, its names joined by dots.
  const std::string& text() const { return text_; }
  // The first field: one of the message that the path was resolved against.
  const google::protobuf::FieldDescriptor* root() const { return steps_.front().field; }
  // The last field; for a path that ends in a key of a map, the `value` field of the map's entry.
  const google::protobuf::FieldDescriptor* leaf() const { return leaf_; }
  // Whether a repeated field or a whole map (not one key of it) is on the way, so that there can
  // be several values.
  bool repeated() const { return repeated_; }
  // Whether a map is on the way, by key or whole.
  bool through_map() const { return through_map_; }
  // Whether the last name is a key of a map, or a map as a whole; in the latter case the values
  // are its entries.
  bool ends_in_map_key() const { return steps_.back().key.has_value(); }
  bool ends_in_map() const { return leaf_->is_map(); }

  // Whether `visit` is true of any value; stops at the first. `message` must be of the type that
  // the path was resolved against (protobuf's reflection aborts otherwise).
  bool Any(const google::protobuf::Message& message,
           absl::FunctionRef<bool(const Value&)> visit) const;

  // The only value, of a path that is not repeated().
  std::optional<Value> Get(const google::protobuf::Message& message) const;

 private:
  struct MapKey {
    std::string text;
    int64_t signed_value = 0;
    uint64_t unsigned_value = 0;
    bool bool_value = false;
  };
  struct Step {
    const google::protobuf::FieldDescriptor* field;
    std::optional<MapKey> key;  // of the map `field`
    // As the descriptor says, which takes it longer.
    bool is_repeated = false;
    bool has_presence = false;
    // Of the generated type that `field` is of; null for other types.
    const google::protobuf::Reflection* reflection = nullptr;
  };

  static absl::StatusOr<MapKey> ParseKey(const google::protobuf::FieldDescriptor* map,
                                         const Segment& segment, absl::string_view source);
  static bool KeyIs(const google::protobuf::Message& entry, const MapKey& key);
  bool Walk(const google::protobuf::Message& message, size_t index, bool generated,
            absl::FunctionRef<bool(const Value&)> visit) const;

  std::vector<Step> steps_;  // never empty
  std::string text_;
  const google::protobuf::FieldDescriptor* leaf_ = nullptr;
  bool repeated_ = false;
  bool through_map_ = false;
};

// The names of the fields of a message, in the order of their declaration.
std::vector<std::string> FieldNames(const google::protobuf::Descriptor* descriptor);

}  // namespace entente::filter

#endif  // ENTENTE_COMMON_FILTER_FIELD_PATH_H_
