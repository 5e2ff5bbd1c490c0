// SPDX-License-Identifier: Apache-2.0
#include "common/resource/difference.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Value;
using type::v1::FieldDifference;

// Lists whose middles, multiplied, have more elements than this are aligned place by place: what
// the better way would find there is not worth the memory.
constexpr size_t kMostCells = size_t{1} << 22;

bool IsOutputOnly(const FieldDescriptor* field) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) {
      return true;
    }
  }
  return false;
}

// Clears what is derived in what stands beneath a resource.
void ClearDerived(Message* message) {
  std::vector<const FieldDescriptor*> set;
  const Reflection* reflection = message->GetReflection();
  reflection->ListFields(*message, &set);
  for (const FieldDescriptor* field : set) {
    if (IsOutputOnly(field)) {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        ClearDerived(reflection->MutableRepeatedMessage(message, field, i));
      }
    } else {
      ClearDerived(reflection->MutableMessage(message, field));
    }
  }
}

// One value: that of a singular field, or an element of a list.
class Element {
 public:
  Element(const Message& message, const FieldDescriptor* field, int index = -1)
      : message_(message), field_(field), index_(index) {}

  const Message& AsMessage() const {
    return index_ < 0 ? reflection().GetMessage(message_, field_)
                      : reflection().GetRepeatedMessage(message_, field_, index_);
  }

  Value ToValue() const {
    Value value;
    switch (field_->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const std::unique_ptr<Message> copy(AsMessage().New());
        copy->CopyFrom(AsMessage());
        ClearDerived(copy.get());
        std::string json;
        if (!google::protobuf::util::MessageToJsonString(*copy, &json).ok() ||
            !google::protobuf::util::JsonStringToMessage(json, &value).ok()) {
          value.set_string_value(copy->ShortDebugString());
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING:
        value.set_string_value(field_->type() == FieldDescriptor::TYPE_BYTES
                                   ? absl::Base64Escape(AsString())
                                   : AsString());
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        value.set_bool_value(index_ < 0 ? reflection().GetBool(message_, field_)
                                        : reflection().GetRepeatedBool(message_, field_, index_));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        value.set_string_value(EnumName());
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        value.set_string_value(
            absl::StrCat(index_ < 0 ? reflection().GetInt64(message_, field_)
                                    : reflection().GetRepeatedInt64(message_, field_, index_)));
        break;
      default:  // The only other numbers of resources are these.
        value.set_number_value(index_ < 0
                                   ? reflection().GetInt32(message_, field_)
                                   : reflection().GetRepeatedInt32(message_, field_, index_));
    }
    return value;
  }

  // Equal for equal elements of one field, and for no others.
  std::string Key() const {
    return field_->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? AsMessage().SerializeAsString()
                                                                  : ToValue().SerializeAsString();
  }

 private:
  const Reflection& reflection() const { return *message_.GetReflection(); }
  std::string AsString() const {
    return index_ < 0 ? reflection().GetString(message_, field_)
                      : reflection().GetRepeatedString(message_, field_, index_);
  }
  std::string EnumName() const {
    const int number = index_ < 0 ? reflection().GetEnumValue(message_, field_)
                                  : reflection().GetRepeatedEnumValue(message_, field_, index_);
    const auto* value = field_->enum_type()->FindValueByNumber(number);
    return value == nullptr ? absl::StrCat(number) : std::string(value->name());
  }

  const Message& message_;
  const FieldDescriptor* const field_;
  const int index_;
};

// Which elements of two lists are the same ones, in order: pairs of their places. By a longest
// common subsequence, between what both begin and end with.
std::vector<std::pair<size_t, size_t>> SameElements(const std::vector<std::string>& before,
                                                    const std::vector<std::string>& after) {
  std::vector<std::pair<size_t, size_t>> same;
  size_t begin = 0;
  size_t end_before = before.size();
  size_t end_after = after.size();
  for (; begin < std::min(end_before, end_after) && before[begin] == after[begin]; ++begin) {
    same.emplace_back(begin, begin);
  }
  std::vector<std::pair<size_t, size_t>> tail;
  while (end_before > begin && end_after > begin &&
         before[end_before - 1] == after[end_after - 1]) {
    tail.emplace_back(--end_before, --end_after);
  }
  const size_t rows = end_before - begin;
  const size_t columns = end_after - begin;
  if (rows > 0 && columns > 0 && rows * columns <= kMostCells) {
    // lengths[i][j]: of the longest one of what is left from i and from j on.
    std::vector<uint16_t> lengths((rows + 1) * (columns + 1), 0);
    const auto at = [&](size_t i, size_t j) -> uint16_t& { return lengths[i * (columns + 1) + j]; };
    for (size_t i = rows; i-- > 0;) {
      for (size_t j = columns; j-- > 0;) {
        at(i, j) = before[begin + i] == after[begin + j]
                       ? static_cast<uint16_t>(at(i + 1, j + 1) + 1)
                       : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
    for (size_t i = 0, j = 0; i < rows && j < columns;) {
      if (before[begin + i] == after[begin + j]) {
        same.emplace_back(begin + i++, begin + j++);
      } else if (at(i + 1, j) >= at(i, j + 1)) {
        ++i;
      } else {
        ++j;
      }
    }
  }
  same.insert(same.end(), tail.rbegin(), tail.rend());
  return same;
}

// Whether one message may have become the other, rather than given way to it: something that both
// say is the same.
bool AreAlike(const Message& before, const Message& after) {
  const Reflection* reflection = before.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection->ListFields(before, &set);
  return std::any_of(set.begin(), set.end(), [&](const FieldDescriptor* field) {
    if (field->is_repeated() || !reflection->HasField(after, field)) return false;
    return Element(before, field).Key() == Element(after, field).Key();
  });
}

class Differ {
 public:
  explicit Differ(std::vector<FieldDifference>* differences) : differences_(differences) {}

  // Of one field of two messages, either of which may be null.
  void Compare(const std::string& path, const FieldDescriptor* field, const Message* before,
               const Message* after) {
    if (field->is_repeated()) return CompareLists(path, field, before, after);
    const auto has = [&](const Message* message) {
      return message != nullptr && message->GetReflection()->HasField(*message, field);
    };
    std::optional<Element> old_one, new_one;
    if (has(before)) old_one.emplace(*before, field);
    if (has(after)) new_one.emplace(*after, field);
    CompareElements(path, field, old_one, new_one);
  }

 private:
  void CompareElements(const std::string& path, const FieldDescriptor* field,
                       const std::optional<Element>& before, const std::optional<Element>& after) {
    if (before.has_value() && after.has_value()) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        return CompareMessages(path, before->AsMessage(), after->AsMessage());
      }
      if (before->Key() == after->Key()) return;
    } else if (!before.has_value() && !after.has_value()) {
      return;
    }
    FieldDifference& difference = differences_->emplace_back();
    difference.set_path(path);
    if (before.has_value()) *difference.mutable_before() = before->ToValue();
    if (after.has_value()) *difference.mutable_after() = after->ToValue();
  }

  void CompareMessages(const std::string& path, const Message& before, const Message& after) {
    for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = before.GetDescriptor()->field(i);
      if (IsOutputOnly(field)) continue;
      Compare(absl::StrCat(path, ".", std::string(field->name())), field, &before, &after);
    }
  }

  void CompareLists(const std::string& path, const FieldDescriptor* field, const Message* before,
                    const Message* after) {
    const auto elements = [&](const Message* message) {
      std::vector<Element> list;
      if (message == nullptr) return list;
      for (int i = 0; i < message->GetReflection()->FieldSize(*message, field); ++i) {
        list.emplace_back(*message, field, i);
      }
      return list;
    };
    const std::vector<Element> old_list = elements(before);
    const std::vector<Element> new_list = elements(after);
    const auto keys = [](const std::vector<Element>& list) {
      std::vector<std::string> result;
      result.reserve(list.size());
      for (const Element& element : list) result.push_back(element.Key());
      return result;
    };
    auto same = SameElements(keys(old_list), keys(new_list));
    same.emplace_back(old_list.size(), new_list.size());
    size_t i = 0;
    size_t j = 0;
    const auto place = [&](size_t index) { return absl::StrCat(path, "[", index, "]"); };
    for (const auto& [end_old, end_new] : same) {
      // What lies between two that are the same: those at the same place in it became each other if
      // they are alike.
      for (; i < end_old || j < end_new;) {
        if (i < end_old && j < end_new &&
            (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
             AreAlike(old_list[i].AsMessage(), new_list[j].AsMessage()))) {
          CompareElements(place(j), field, old_list[i], new_list[j]);
          ++i, ++j;
          continue;
        }
        if (i < end_old) {
          CompareElements(place(i), field, old_list[i], std::nullopt);
          ++i;
        }
        if (j < end_new) {
          CompareElements(place(j), field, std::nullopt, new_list[j]);
          ++j;
        }
      }
      i = end_old + 1;
      j = end_new + 1;
    }
  }

  std::vector<FieldDifference>* const differences_;
};

}  // namespace

std::vector<FieldDifference> DifferencesOf(const ResourceType& type, const Message* before,
                                           const Message* after) {
  std::vector<FieldDifference> differences;
  Differ differ(&differences);
  for (int i = 0; i < type.descriptor->field_count(); ++i) {
    const FieldDescriptor* field = type.descriptor->field(i);
    if (field == type.name || field == type.etag || field == type.create_time ||
        field == type.update_time || field == type.delete_time || field == type.revision) {
      continue;
    }
    // What is only read stands for what is only written, where there is such a thing.
    if (IsOutputOnly(field) && type.input_only.empty()) continue;
    differ.Compare(std::string(field->name()), field, before, after);
  }
  return differences;
}

}  // namespace entente::resource
