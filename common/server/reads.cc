// SPDX-License-Identifier: Apache-2.0
#include "common/server/reads.h"

#include <memory>
#include <string>
#include <utility>

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

grpc::ServerUnaryReactor* StartRead(Calls* calls, const resource::DataService& core,
                                    grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer& bytes, Message* request, Message* rest,
                                    grpc::ByteBuffer* response) {
  const absl::Status parsed = ParseRequest(bytes, request);
  return calls->Unary(context, *request, [&](const Call& call, const Done& done) {
    if (!parsed.ok()) return done(parsed);
    std::string answer;
    resource::Reply reply(rest, &answer);
    absl::Status status = core.Read(*request, &reply);
    if (status.ok()) {
      rest->AppendToString(&answer);
      *response = BytesOf(std::move(answer));
    }
    done(std::move(status));
  });
}

}  // namespace entente::server
