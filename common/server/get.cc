// SPDX-License-Identifier: Apache-2.0
#include "common/server/get.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/server/bytes.h"

namespace entente::server {
using google::protobuf::Message;

grpc::ServerUnaryReactor* StartGet(Calls* calls, const resource::DataService& core,
                                   grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer& bytes, Message* request,
                                   grpc::ByteBuffer* response) {
  const absl::Status parsed = ParseRequest(bytes, request);
  return calls->Unary(context, *request, [&](const Call& call, const Done& done) {
    if (!parsed.ok()) return done(parsed);
    const absl::StatusOr<std::shared_ptr<const std::string>> answer = core.GetBytes(*request);
    if (answer.ok()) {
      const grpc::Slice slice(**answer);
      *response = grpc::ByteBuffer(&slice, 1);
    }
    done(answer.status());
  });
}

}  // namespace entente::server
