// SPDX-License-Identifier: Apache-2.0
#include "common/server/worker_call.h"

#include <utility>

namespace entente::server {

using google::protobuf::Message;

grpc::ServerUnaryReactor* CallOnWorkers(Calls* calls, Workers* workers,
                                        const resource::DataService* core,
                                        grpc::CallbackServerContext* context,
                                        const Message& request, Message* response) {
  return calls->Unary(context, request, [&](const Call& call, const Done& done) {
    // Request and response live until `done` is called.
    absl::Status accepted = workers->Submit(
        [core, &request, response, done, deadline = call.deadline](const absl::Status& status) {
          if (!status.ok()) return done(status);
          core->Call(request, response, done, deadline);
        });
    if (!accepted.ok()) done(std::move(accepted));
  });
}

}  // namespace entente::server
