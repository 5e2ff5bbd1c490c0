// SPDX-License-Identifier: Apache-2.0
#include "common/resource/fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

namespace entente::resource::fields {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

}  // namespace

std::string GetString(const Message& message, const char* name) {
  const FieldDescriptor* field = Field(message, name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

std::vector<std::string> GetStrings(const Message& message, const char* name) {
  std::vector<std::string> values;
  if (const FieldDescriptor* field = Field(message, name); field != nullptr) {
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      values.push_back(message.GetReflection()->GetRepeatedString(message, field, i));
    }
  }
  return values;
}

int64_t GetInt(const Message& message, const char* name) {
  const FieldDescriptor* field = Field(message, name);
  if (field == nullptr) return 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return message.GetReflection()->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return message.GetReflection()->GetEnumValue(message, field);
    default:
      return message.GetReflection()->GetInt64(message, field);
  }
}

bool GetBool(const Message& message, const char* name) {
  const FieldDescriptor* field = Field(message, name);
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

const Message* GetMessage(const Message& message, const char* name) {
  const FieldDescriptor* field = Field(message, name);
  return field != nullptr && message.GetReflection()->HasField(message, field)
             ? &message.GetReflection()->GetMessage(message, field)
             : nullptr;
}

void SetString(Message* message, const char* name, const std::string& value) {
  message->GetReflection()->SetString(message, Field(*message, name), value);
}

void SetInt(Message* message, const char* name, int64_t value) {
  const FieldDescriptor* field = Field(*message, name);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return message->GetReflection()->SetInt32(message, field, static_cast<int32_t>(value));
    case FieldDescriptor::CPPTYPE_ENUM:
      return message->GetReflection()->SetEnumValue(message, field, static_cast<int>(value));
    default:
      return message->GetReflection()->SetInt64(message, field, value);
  }
}

void SetTime(Message* message, const char* name, absl::Time value) {
  google::protobuf::Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(value);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  message->GetReflection()->MutableMessage(message, Field(*message, name))->CopyFrom(timestamp);
}

void Clear(Message* message, const char* name) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) message->GetReflection()->ClearField(message, field);
}

absl::Time ToTime(const Message& message) {
  const auto& timestamp = static_cast<const google::protobuf::Timestamp&>(message);
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

void AddString(Message* message, const char* name, const std::string& value) {
  message->GetReflection()->AddString(message, Field(*message, name), value);
}

Message* AddMessage(Message* message, const char* name) {
  return message->GetReflection()->AddMessage(message, Field(*message, name));
}

Message* SetOneof(Message* message, const Message& value) {
  const OneofDescriptor* oneof = message->GetDescriptor()->oneof_decl(0);
  for (int i = 0; i < oneof->field_count(); ++i) {
    if (oneof->field(i)->message_type() == value.GetDescriptor()) {
      Message* const copy = message->GetReflection()->MutableMessage(message, oneof->field(i));
      copy->CopyFrom(value);
      return copy;
    }
  }
  return nullptr;
}

const Message* GetOneof(const Message& message) {
  const FieldDescriptor* field = message.GetReflection()->GetOneofFieldDescriptor(
      message, message.GetDescriptor()->oneof_decl(0));
  return field == nullptr || field->message_type() == nullptr
             ? nullptr
             : &message.GetReflection()->GetMessage(message, field);
}

}  // namespace entente::resource::fields
