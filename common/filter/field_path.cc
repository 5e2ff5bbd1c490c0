// SPDX-License-Identifier: Apache-2.0
#include "common/filter/field_path.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/filter/error.h"
#include "google/api/field_behavior.pb.h"

namespace entente::filter {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// The fields of the synthetic message behind a map.
constexpr int kMapKeyNumber = 1;
constexpr int kMapValueNumber = 2;

const FieldDescriptor* MapKeyField(const FieldDescriptor* map) {
  return map->message_type()->FindFieldByNumber(kMapKeyNumber);
}
const FieldDescriptor* MapValueField(const FieldDescriptor* map) {
  return map->message_type()->FindFieldByNumber(kMapValueNumber);
}

bool IsMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// Whether reads return the field: one that is INPUT_ONLY cannot be asked about either.
bool IsReadable(const FieldDescriptor* field) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::INPUT_ONLY) {
      return false;
    }
  }
  return true;
}

// Null if the type is not a generated one.
const google::protobuf::Reflection* ReflectionOf(const Descriptor* descriptor) {
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  return prototype == nullptr ? nullptr : prototype->GetReflection();
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

int64_t FieldPath::Value::GetSigned() const {
  const auto* reflection = Reflect();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return index < 0 ? reflection->GetInt32(*parent, field)
                       : reflection->GetRepeatedInt32(*parent, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return index < 0 ? reflection->GetEnumValue(*parent, field)
                       : reflection->GetRepeatedEnumValue(*parent, field, index);
    default:
      return index < 0 ? reflection->GetInt64(*parent, field)
                       : reflection->GetRepeatedInt64(*parent, field, index);
  }
}

uint64_t FieldPath::Value::GetUnsigned() const {
  const auto* reflection = Reflect();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    return index < 0 ? reflection->GetUInt32(*parent, field)
                     : reflection->GetRepeatedUInt32(*parent, field, index);
  }
  return index < 0 ? reflection->GetUInt64(*parent, field)
                   : reflection->GetRepeatedUInt64(*parent, field, index);
}

double FieldPath::Value::GetReal() const {
  const auto* reflection = Reflect();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    return index < 0 ? reflection->GetFloat(*parent, field)
                     : reflection->GetRepeatedFloat(*parent, field, index);
  }
  return index < 0 ? reflection->GetDouble(*parent, field)
                   : reflection->GetRepeatedDouble(*parent, field, index);
}

bool FieldPath::Value::GetBool() const {
  const auto* reflection = Reflect();
  return index < 0 ? reflection->GetBool(*parent, field)
                   : reflection->GetRepeatedBool(*parent, field, index);
}

const Message& FieldPath::Value::GetMessage() const {
  const auto* reflection = Reflect();
  return index < 0 ? reflection->GetMessage(*parent, field)
                   : reflection->GetRepeatedMessage(*parent, field, index);
}

absl::string_view FieldPath::Value::GetString(std::string* scratch) const {
  const auto* reflection = Reflect();
  return index < 0 ? reflection->GetStringReference(*parent, field, scratch)
                   : reflection->GetRepeatedStringReference(*parent, field, index, scratch);
}

bool FieldPath::Value::IsNonDefault() const {
  if (index >= 0 || field->has_presence()) return true;
  // Without explicit presence, protobuf says that a field is set if it is not its default.
  return Reflect()->HasField(*parent, field);
}

std::vector<std::string> FieldNames(const Descriptor* descriptor) {
  std::vector<std::string> names;
  names.reserve(descriptor->field_count());
  for (int i = 0; i < descriptor->field_count(); ++i) {
    if (IsReadable(descriptor->field(i))) names.emplace_back(descriptor->field(i)->name());
  }
  return names;
}

std::vector<FieldPath::Segment> FieldPath::Split(absl::string_view dotted, size_t offset) {
  std::vector<Segment> segments;
  size_t start = 0;
  while (true) {
    const size_t dot = std::min(dotted.find('.', start), dotted.size());
    segments.push_back({std::string(dotted.substr(start, dot - start)), offset + start});
    if (dot == dotted.size()) return segments;
    start = dot + 1;
  }
}

absl::StatusOr<FieldPath> FieldPath::Resolve(const Descriptor* descriptor,
                                             absl::string_view dotted) {
  return Resolve(descriptor, Split(dotted, 0), dotted);
}

absl::StatusOr<FieldPath> FieldPath::Resolve(const Descriptor* descriptor,
                                             absl::Span<const Segment> segments,
                                             absl::string_view source) {
  if (segments.size() > kMaxPathSegments) {
    return ErrorAt(source, segments[kMaxPathSegments].offset,
                   absl::StrCat("the path has ", segments.size(), " names; at most ",
                                kMaxPathSegments, " are allowed"));
  }
  FieldPath path;
  const Descriptor* type = descriptor;  // what the next name is looked up in; null after a scalar
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    if (type == nullptr) {
      return ErrorAt(source, segment.offset,
                     absl::StrCat(Quoted(path.text_), " is a ", path.leaf_->type_name(),
                                  ", it has no field ", Quoted(segment.text),
                                  path.through_map_ ? "; put a key that has dots in quotes" : ""));
    }
    const FieldDescriptor* field = type->FindFieldByName(segment.text);
    if (field == nullptr || !IsReadable(field)) {
      if (i > 0 && path.leaf_->is_repeated() && AllDigits(segment.text)) {
        return ErrorAt(source, segment.offset,
                       absl::StrCat("an element of the repeated ", Quoted(path.text_),
                                    " cannot be addressed by its position ", Quoted(segment.text),
                                    "; leave the position out and use \":\""));
      }
      return ErrorAt(source, segment.offset,
                     absl::StrCat("unknown field ", Quoted(segment.text), " in ",
                                  std::string(type->full_name()), ";",
                                  Alternatives(segment.text, "fields", FieldNames(type))));
    }
    absl::StrAppend(&path.text_, i == 0 ? "" : ".", segment.text);
    path.leaf_ = field;
    Step step{field, std::nullopt, field->is_repeated(), field->has_presence(),
              ReflectionOf(field->containing_type())};
    if (field->is_map()) {
      path.through_map_ = true;
      if (i + 1 < segments.size()) {
        absl::StatusOr<MapKey> key = ParseKey(field, segments[++i], source);
        if (!key.ok()) return key.status();
        step.key = *std::move(key);
        absl::StrAppend(&path.text_, ".", segments[i].text);
        path.leaf_ = MapValueField(field);
      } else {
        path.repeated_ = true;
      }
    } else if (field->is_repeated()) {
      path.repeated_ = true;
    }
    type = IsMessage(path.leaf_) ? path.leaf_->message_type() : nullptr;
    path.steps_.push_back(std::move(step));
  }
  return path;
}

absl::StatusOr<FieldPath::MapKey> FieldPath::ParseKey(const FieldDescriptor* map,
                                                      const Segment& segment,
                                                      absl::string_view source) {
  MapKey key;
  key.text = segment.text;
  const FieldDescriptor* field = MapKeyField(map);
  bool valid = true;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      valid = key.text == "true" || key.text == "false";
      key.bool_value = key.text == "true";
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      valid = absl::SimpleAtoi(key.text, &key.unsigned_value);
      break;
    default:
      valid = absl::SimpleAtoi(key.text, &key.signed_value);
  }
  if (valid) return key;
  return ErrorAt(source, segment.offset,
                 absl::StrCat(Quoted(segment.text), " is not a key of the map ",
                              Quoted(std::string(map->name())), ": its keys are of the type ",
                              field->type_name()));
}

bool FieldPath::KeyIs(const Message& entry, const MapKey& key) {
  const Value value{&entry, entry.GetDescriptor()->FindFieldByNumber(kMapKeyNumber), -1};
  switch (value.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return value.GetString(&scratch) == key.text;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return value.GetBool() == key.bool_value;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return value.GetUnsigned() == key.unsigned_value;
    default:
      return value.GetSigned() == key.signed_value;
  }
}

bool FieldPath::Any(const Message& message, absl::FunctionRef<bool(const Value&)> visit) const {
  // What is in a message of the generated type is of generated types too; a dynamic message of the
  // same descriptor is neither.
  return Walk(message, 0, message.GetReflection() == steps_.front().reflection, visit);
}

bool FieldPath::Walk(const Message& message, size_t index, bool generated,
                     absl::FunctionRef<bool(const Value&)> visit) const {
  const Step& step = steps_[index];
  const bool last = index + 1 == steps_.size();
  const auto* reflection = generated ? step.reflection : message.GetReflection();
  const auto proceed = [&](const Value& value) {
    return last ? visit(value) : Walk(value.GetMessage(), index + 1, generated, visit);
  };
  if (!step.is_repeated) {
    if (step.has_presence && !reflection->HasField(message, step.field)) return false;
    return proceed({&message, step.field, -1, reflection});
  }
  const int size = reflection->FieldSize(message, step.field);
  for (int i = 0; i < size; ++i) {
    if (!step.key.has_value()) {
      if (proceed({&message, step.field, i, reflection})) return true;
      continue;
    }
    // Public reflection offers a map only as a list of entries: hence a search, not a look-up.
    const Message& entry = reflection->GetRepeatedMessage(message, step.field, i);
    if (KeyIs(entry, *step.key)) return proceed({&entry, MapValueField(step.field), -1});
  }
  return false;
}

std::optional<FieldPath::Value> FieldPath::Get(const Message& message) const {
  std::optional<Value> found;
  Any(message, [&found](const Value& value) {
    found = value;
    return true;
  });
  return found;
}

}  // namespace entente::filter
