// SPDX-License-Identifier: Apache-2.0
//
// What a read answers with. The resources in it are copied into the message that the answer is or,
// for those who send them or pass them on, stay the bytes that they are: then the message has only
// the rest. Both together, one after the other, are the answer's bytes: fields of a message may
// stand in any order (https://protobuf.dev/programming-guides/encoding/#order).
//
//   Reply reply(&response);               // all of it in the message
//   Reply reply(&rest, &resources);       // resources in bytes
//   reply.Add("claims", *entry, full);
//   reply.As<v1::ListClaimsResponse>()->set_revision(state->revision());
#ifndef ENTENTE_COMMON_RESOURCE_REPLY_H_
#define ENTENTE_COMMON_RESOURCE_REPLY_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/state.h"

namespace entente::resource {

// Not thread-safe.
class Reply {
 public:
  // Both must outlive it. Without `resources` everything goes into the message.
  explicit Reply(google::protobuf::Message* message, std::string* resources = nullptr)
      : message_(message), resources_(resources) {}

  // Everything but the resources goes here.
  google::protobuf::Message* message() const { return message_; }
  template <typename Response>
  Response* As() const {
    return static_cast<Response*>(message_);
  }

  // Sets the field of this name or, if it is repeated, appends to it. The field is of the entry's
  // type or of a message with a oneof that has a member of it. `full`: see ApplyView. Returns how
  // many bytes the resource takes.
  size_t Add(const char* field, const Entry& entry, bool full);

 private:
  google::protobuf::Message* const message_;
  std::string* const resources_;
  std::string scratch_;
};

// Takes the bytes of an answer apart: fields that are resources, or messages with a oneof of them,
// are appended to `resources` as they are, and everything else becomes `rest`, which is of the
// answer's type. INTERNAL if these are not the bytes of such a message, as far as that is looked
// at: what is in the resources is not.
absl::Status TakeApart(absl::string_view bytes, google::protobuf::Message* rest,
                       std::string* resources);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_REPLY_H_
