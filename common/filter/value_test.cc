// SPDX-License-Identifier: Apache-2.0
#include "common/filter/value_test.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/filter/error.h"
#include "common/filter/literal.h"

namespace entente::filter::internal {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

bool IsOrder(Operator op) {
  return op == Operator::kLess || op == Operator::kLessOrEquals || op == Operator::kGreater ||
         op == Operator::kGreaterOrEquals;
}

// Makes the test for one restriction; a class only so as not to pass the same things around.
class Maker {
 public:
  Maker(const Schema& schema, const FieldPath& path, Operator op, size_t op_offset,
        const Literal& literal, absl::string_view source)
      : schema_(schema),
        path_(path),
        field_(path.leaf()),
        op_(op),
        op_offset_(op_offset),
        literal_(literal),
        source_(source) {}

  absl::StatusOr<ValueTest> Make() const {
    if (op_ == Operator::kHas && literal_.text == "*" && !literal_.stars.empty()) {
      return Presence();
    }
    if (path_.repeated() && op_ != Operator::kHas) {
      return OperatorError(absl::StrCat(
          Quoted(path_.text()),
          path_.ends_in_map() ? " is a map" : " is or leads through a repeated field",
          ": only \":\" can be used with it", path_.ends_in_map() ? ", or name a key" : ""));
    }
    if (path_.ends_in_map()) return KeyTest();
    if (const auto* comparator = schema_.FindMessageComparator(field_); comparator != nullptr) {
      return Custom<const Message&>(
          *comparator,
          [](const auto& test, const FieldPath::Value& value) { return test(value.GetMessage()); });
    }
    if (const auto* comparator = schema_.FindStringComparator(field_); comparator != nullptr) {
      return Custom<absl::string_view>(*comparator,
                                       [](const auto& test, const FieldPath::Value& value) {
                                         std::string scratch;
                                         return test(value.GetString(&scratch));
                                       });
    }
    switch (field_->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_INT64:
        return SignedTest();
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
        return UnsignedTest();
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return RealTest();
      case FieldDescriptor::CPPTYPE_BOOL:
        return BoolTest();
      case FieldDescriptor::CPPTYPE_ENUM:
        return EnumTest();
      case FieldDescriptor::CPPTYPE_STRING:
        if (field_->type() == FieldDescriptor::TYPE_BYTES) {
          return OperatorError(absl::StrCat(Quoted(path_.text()), " holds bytes, which cannot be ",
                                            "compared; only ", path_.text(), ":* is possible"));
        }
        return StringTest();
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
    const std::string type(field_->message_type()->full_name());
    if (type == "google.protobuf.Timestamp") {
      return MomentTest(ParseTimestamp(literal_.text),
                        "is not a timestamp; write RFC 3339, e.g. 2012-04-21T11:30:00-04:00");
    }
    if (type == "google.protobuf.Duration") {
      return MomentTest(ParseDuration(literal_.text),
                        "is not a duration; write seconds with the suffix s, e.g. 1.2s");
    }
    return SubfieldTest();
  }

 private:
  // Whatever Any() leads to is set; what remains is a scalar without explicit presence.
  ValueTest Presence() const {
    if (path_.ends_in_map_key()) return [](const FieldPath::Value&) { return true; };
    return [](const FieldPath::Value& value) { return value.IsNonDefault(); };
  }

  template <typename Value, typename Apply>
  absl::StatusOr<ValueTest> Custom(const Comparator<Value>& comparator, Apply apply) const {
    absl::StatusOr<std::function<bool(Value)>> test = comparator(op_, literal_.text);
    if (!test.ok()) return LiteralError(test.status().message());
    return ValueTest([test = *std::move(test), apply](const FieldPath::Value& value) {
      return apply(test, value);
    });
  }

  absl::StatusOr<ValueTest> SignedTest() const {
    int64_t wanted = 0;
    if (!ParseInteger(literal_.text, &wanted)) {
      return LiteralError("is not a whole number of at most 64 bits with sign");
    }
    return ValueTest([op = op_, wanted](const FieldPath::Value& value) {
      return Satisfies(op, value.GetSigned() <=> wanted);
    });
  }

  absl::StatusOr<ValueTest> UnsignedTest() const {
    uint64_t wanted = 0;
    if (!ParseInteger(literal_.text, &wanted)) {
      return LiteralError("is not a whole number of at most 64 bits without sign");
    }
    return ValueTest([op = op_, wanted](const FieldPath::Value& value) {
      return Satisfies(op, value.GetUnsigned() <=> wanted);
    });
  }

  absl::StatusOr<ValueTest> RealTest() const {
    double wanted = 0;
    if (!ParseReal(literal_.text, &wanted)) return LiteralError("is not a number");
    if (field_->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      float rounded = 0;
      // Not a cast: rounding twice could miss the float that the digits mean.
      if (!absl::SimpleAtof(literal_.text, &rounded)) return LiteralError("is not a number");
      wanted = rounded;
    }
    return ValueTest([op = op_, wanted](const FieldPath::Value& value) {
      return Satisfies(op, value.GetReal() <=> wanted);
    });
  }

  absl::StatusOr<ValueTest> BoolTest() const {
    if (IsOrder(op_)) return NoOrder("a bool");
    if (literal_.text != "true" && literal_.text != "false") {
      return LiteralError("is not true or false");
    }
    return ValueTest([op = op_, wanted = literal_.text == "true"](const FieldPath::Value& value) {
      return Satisfies(op, value.GetBool() <=> wanted);
    });
  }

  absl::StatusOr<ValueTest> EnumTest() const {
    if (IsOrder(op_)) return NoOrder("an enum");
    const EnumValueDescriptor* named = field_->enum_type()->FindValueByName(literal_.text);
    if (named == nullptr) {
      std::vector<std::string> names;
      for (int i = 0; i < field_->enum_type()->value_count(); ++i) {
        names.emplace_back(field_->enum_type()->value(i)->name());
      }
      return LiteralError(absl::StrCat("is not a value of ",
                                       std::string(field_->enum_type()->full_name()), ";",
                                       Alternatives(literal_.text, "values", names)));
    }
    return ValueTest([op = op_, wanted = named->number()](const FieldPath::Value& value) {
      return Satisfies(op, value.GetSigned() <=> int64_t{wanted});
    });
  }

  absl::StatusOr<ValueTest> StringTest() const {
    if (IsOrder(op_)) {
      return ValueTest([op = op_, wanted = literal_.text](const FieldPath::Value& value) {
        std::string scratch;
        return Satisfies(op, value.GetString(&scratch).compare(wanted) <=> 0);
      });
    }
    absl::StatusOr<Pattern> pattern = MakePattern(literal_, source_);
    if (!pattern.ok()) return pattern.status();
    return ValueTest([equal = op_ != Operator::kNotEquals,
                      pattern = *std::move(pattern)](const FieldPath::Value& value) {
      std::string scratch;
      return pattern.Matches(value.GetString(&scratch)) == equal;
    });
  }

  // Timestamps and Durations are both seconds and nanoseconds.
  absl::StatusOr<ValueTest> MomentTest(std::optional<Moment> wanted,
                                       absl::string_view otherwise) const {
    if (!wanted.has_value()) return LiteralError(otherwise);
    const Descriptor* type = field_->message_type();
    return ValueTest([op = op_, wanted = *wanted, seconds = type->FindFieldByNumber(1),
                      nanos = type->FindFieldByNumber(2)](const FieldPath::Value& value) {
      const Message& message = value.GetMessage();
      const auto* reflection = message.GetReflection();
      const Moment moment{reflection->GetInt64(message, seconds),
                          reflection->GetInt32(message, nanos)};
      return Satisfies(op, moment <=> wanted);
    });
  }

  // `map:key*`: the values are the map's entries. (A key without wildcards is a path.)
  absl::StatusOr<ValueTest> KeyTest() const {
    absl::StatusOr<Pattern> pattern = MakePattern(literal_, source_);
    if (!pattern.ok()) return pattern.status();
    const FieldDescriptor* key = field_->message_type()->FindFieldByNumber(1);
    return ValueTest([key, pattern = *std::move(pattern)](const FieldPath::Value& value) {
      std::string scratch;
      const FieldPath::Value key_of_entry{&value.GetMessage(), key, -1};
      return pattern.Matches(key_of_entry.GetString(&scratch));
    });
  }

  // `message:field`, for a message that has no comparator: presence of the field.
  absl::StatusOr<ValueTest> SubfieldTest() const {
    const Descriptor* type = field_->message_type();
    if (op_ != Operator::kHas) {
      return OperatorError(
          absl::StrCat(Quoted(path_.text()), " is a message (", std::string(type->full_name()),
                       "); compare one of its fields, or use ", path_.text(),
                       ":* for its presence;", Alternatives("", "fields", FieldNames(type))));
    }
    absl::StatusOr<FieldPath> sub = FieldPath::Resolve(
        type, FieldPath::Split(literal_.text, literal_.offset + (literal_.quoted ? 1 : 0)),
        source_);
    if (!sub.ok()) return sub.status();
    return ValueTest([sub = *std::move(sub)](const FieldPath::Value& value) {
      return sub.Any(value.GetMessage(), [&sub](const FieldPath::Value& inner) {
        return sub.ends_in_map_key() || inner.IsNonDefault();
      });
    });
  }

  absl::Status LiteralError(absl::string_view message) const {
    return ErrorAt(source_, literal_.offset, absl::StrCat(Quoted(literal_.text), " ", message));
  }
  absl::Status OperatorError(absl::string_view message) const {
    return ErrorAt(source_, op_offset_, message);
  }
  absl::Status NoOrder(absl::string_view type) const {
    return OperatorError(absl::StrCat(Quoted(path_.text()), " is ", type,
                                      ", which has no order: \"", OperatorText(op_),
                                      "\" should be = or !="));
  }

  const Schema& schema_;
  const FieldPath& path_;
  const FieldDescriptor* field_;
  const Operator op_;
  const size_t op_offset_;
  const Literal& literal_;
  const absl::string_view source_;
};

}  // namespace

bool Pattern::Matches(absl::string_view text) const {
  if (open_start && open_end) return absl::StrContains(text, body);
  if (open_start) return absl::EndsWith(text, body);
  if (open_end) return absl::StartsWith(text, body);
  return text == body;
}

absl::StatusOr<Pattern> MakePattern(const Literal& literal, absl::string_view source) {
  Pattern pattern;
  absl::string_view body = literal.text;
  for (size_t star : literal.stars) {
    if (star == 0) {
      pattern.open_start = true;
    } else if (star + 1 == literal.text.size()) {
      pattern.open_end = true;
    } else {
      return ErrorAt(source, literal.offset,
                     absl::StrCat(Quoted(literal.text),
                                  " has a \"*\" in the middle: it is a wildcard"
                                  " only at the start or the end; write \\* in quotes for the"
                                  " character"));
    }
  }
  if (pattern.open_start) body.remove_prefix(1);
  if (pattern.open_end) body.remove_suffix(1);
  pattern.body = std::string(body);
  return pattern;
}

absl::StatusOr<ValueTest> MakeValueTest(const Schema& schema, const FieldPath& path, Operator op,
                                        size_t op_offset, const Literal& literal,
                                        absl::string_view source) {
  return Maker(schema, path, op, op_offset, literal, source).Make();
}

}  // namespace entente::filter::internal
