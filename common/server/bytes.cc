// SPDX-License-Identifier: Apache-2.0
#include "common/server/bytes.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace entente::server {
namespace {

// Small requests come in one piece, and are then parsed where they are.
bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  if (bytes.Length() == 0) return true;
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) return false;
  return message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

}  // namespace

absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request) {
  if (Parse(bytes, request)) return absl::OkStatus();
  Violations violations;
  violations.Add("name", absl::StrCat("cannot be read: the request is not a message of the type ",
                                      std::string(request->GetDescriptor()->full_name())));
  return violations.ToStatus();
}

grpc::ByteBuffer BytesOf(std::string bytes) {
  auto* const own = new std::string(std::move(bytes));
  const grpc::Slice slice(
      own->data(), own->size(), [](void* data) { delete static_cast<std::string*>(data); }, own);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace entente::server
