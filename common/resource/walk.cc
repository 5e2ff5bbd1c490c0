// SPDX-License-Identifier: Apache-2.0
#include "common/resource/walk.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace entente::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Join(const std::string& path, const FieldDescriptor* field, int index = -1) {
  std::string result = path.empty() ? std::string(field->name())
                                    : absl::StrCat(path, ".", std::string(field->name()));
  if (index >= 0) absl::StrAppend(&result, "[", index, "]");
  return result;
}

void WalkStringsFrom(
    const Message& message, const std::string& path,
    absl::FunctionRef<void(const FieldDescriptor*, const std::string&, const std::string&)> fn) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const bool repeated = field->is_repeated();
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        fn(field, Join(path, field, repeated ? i : -1),
           repeated ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                    : reflection->GetStringReference(message, field, &scratch));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        WalkStringsFrom(repeated ? reflection->GetRepeatedMessage(message, field, i)
                                 : reflection->GetMessage(message, field),
                        Join(path, field, repeated ? i : -1), fn);
      }
    }
  }
}

void WalkMessagesFrom(Message* message, const std::string& path,
                      absl::FunctionRef<void(Message*, const std::string&)> fn) {
  fn(message, path);
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        WalkMessagesFrom(reflection->MutableRepeatedMessage(message, field, i),
                         Join(path, field, i), fn);
      }
    } else {
      WalkMessagesFrom(reflection->MutableMessage(message, field), Join(path, field), fn);
    }
  }
}

}  // namespace

void WalkStrings(
    const Message& message,
    absl::FunctionRef<void(const FieldDescriptor*, const std::string&, const std::string&)> fn) {
  WalkStringsFrom(message, "", fn);
}

void WalkMessages(Message* message, absl::FunctionRef<void(Message*, const std::string&)> fn) {
  WalkMessagesFrom(message, "", fn);
}

}  // namespace entente::resource
