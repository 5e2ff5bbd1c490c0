// SPDX-License-Identifier: Apache-2.0
#include "common/server/get.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace entente::server {
namespace {

using google::protobuf::Message;

// Small requests come in one piece, and are then parsed where they are.
bool Parse(const grpc::ByteBuffer& bytes, Message* message) {
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) return false;
  return message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

absl::Status NotParsed(const Message& request) {
  Violations violations;
  violations.Add("name", absl::StrCat("cannot be read: the request is not a message of the type ",
                                      std::string(request.GetDescriptor()->full_name())));
  return violations.ToStatus();
}

}  // namespace

grpc::ServerUnaryReactor* StartGet(Calls* calls, const resource::DataService& core,
                                   grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer& bytes, Message* request,
                                   grpc::ByteBuffer* response) {
  const bool parsed = Parse(bytes, request);
  return calls->Unary(context, *request, [&](const Call& call, const Done& done) {
    if (!parsed) return done(NotParsed(*request));
    const absl::StatusOr<std::shared_ptr<const std::string>> answer = core.GetBytes(*request);
    if (answer.ok()) {
      const grpc::Slice slice(**answer);
      *response = grpc::ByteBuffer(&slice, 1);
    }
    done(answer.status());
  });
}

}  // namespace entente::server
