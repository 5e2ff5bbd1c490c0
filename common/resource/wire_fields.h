// SPDX-License-Identifier: Apache-2.0
//
// The fields of a message in its bytes (https://protobuf.dev/programming-guides/encoding), for
// those who look at few of them or pass them on.
#ifndef ENTENTE_COMMON_RESOURCE_WIRE_FIELDS_H_
#define ENTENTE_COMMON_RESOURCE_WIRE_FIELDS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace entente::resource {

// One field, or one element of a repeated one. Views of the message's bytes.
struct WireField {
  int number;
  // Whether it is a string, bytes, a message or a packed list: only these have a `payload`.
  bool is_length_delimited;
  absl::string_view payload;
  absl::string_view all;  // With its tag.
};

// Calls `fn` with each field in turn, until it returns false. Whether it never did and these are
// the bytes of a message; what is within its fields is not looked at.
bool ForEachField(absl::string_view bytes, absl::FunctionRef<bool(const WireField& field)> fn);

// Appends a string or message field, of which these are the bytes.
void AppendField(int number, absl::string_view payload, std::string* out);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_WIRE_FIELDS_H_
