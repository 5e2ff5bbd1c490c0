// SPDX-License-Identifier: Apache-2.0
//
// Walks a message by reflection, with the path of what it meets ("parties[2].organisation").
#ifndef ENTENTE_COMMON_RESOURCE_WALK_H_
#define ENTENTE_COMMON_RESOURCE_WALK_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"

namespace entente::resource {

// Calls `fn` with every string value that is set, depth first, in the order of the fields.
void WalkStrings(const google::protobuf::Message& message,
                 absl::FunctionRef<void(const google::protobuf::FieldDescriptor* field,
                                        const std::string& path, const std::string& value)>
                     fn);

// Calls `fn` with the message itself (path "") and every message within, an outer one before the
// inner ones. `fn` may change the message that it is given.
void WalkMessages(
    google::protobuf::Message* message,
    absl::FunctionRef<void(google::protobuf::Message* message, const std::string& path)> fn);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_WALK_H_
