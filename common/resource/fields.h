// SPDX-License-Identifier: Apache-2.0
//
// Fields of requests and responses by name, for code that serves every message with such a field.
// A field that the message does not have reads as its default; setting it is a fault of the
// program.
#ifndef ENTENTE_COMMON_RESOURCE_FIELDS_H_
#define ENTENTE_COMMON_RESOURCE_FIELDS_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace entente::resource::fields {

std::string GetString(const google::protobuf::Message& message, const char* field);
std::vector<std::string> GetStrings(const google::protobuf::Message& message, const char* field);
int64_t GetInt(const google::protobuf::Message& message, const char* field);  // int32, int64, enum
bool GetBool(const google::protobuf::Message& message, const char* field);
// Null where the field is not set or not there.
const google::protobuf::Message* GetMessage(const google::protobuf::Message& message,
                                            const char* field);

void SetString(google::protobuf::Message* message, const char* field, const std::string& value);
void SetInt(google::protobuf::Message* message, const char* field, int64_t value);
void SetTime(google::protobuf::Message* message, const char* field, absl::Time value);
void Clear(google::protobuf::Message* message, const char* field);
// What a google.protobuf.Timestamp says; the infinite past or future beyond what a time can be.
absl::Time ToTime(const google::protobuf::Message& timestamp);
void AddString(google::protobuf::Message* message, const char* field, const std::string& value);
google::protobuf::Message* AddMessage(google::protobuf::Message* message, const char* field);

// Sets the member of the only oneof of `message` that is of the type of `value`, which must have
// one, and returns it.
google::protobuf::Message* SetOneof(google::protobuf::Message* message,
                                    const google::protobuf::Message& value);
// The message that is set in the only oneof of `message`; null if none is.
const google::protobuf::Message* GetOneof(const google::protobuf::Message& message);

}  // namespace entente::resource::fields

#endif  // ENTENTE_COMMON_RESOURCE_FIELDS_H_
