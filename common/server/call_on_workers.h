// SPDX-License-Identifier: Apache-2.0
//
// A call with one answer whose handler keeps a processor busy, or may wait for another that does:
// it runs on the workers, not on a thread of gRPC's.
//
//   Reactor* Search(Context* c, const SearchRequest* q, SearchResponse* r) override {
//     return server::UnaryOnWorkers(calls_, &workers_, c, *q, [=, this](server::Done done) {
//       core_->Call(*q, r, std::move(done));
//     });
//   }
#ifndef ENTENTE_COMMON_SERVER_CALL_ON_WORKERS_H_
#define ENTENTE_COMMON_SERVER_CALL_ON_WORKERS_H_

#include <functional>
#include <utility>

#include "absl/time/clock.h"
#include "common/server/call.h"
#include "common/server/workers.h"
#include "common/status/errors.h"

namespace entente::server {

// Errors besides those of the handler: those of Workers::Submit, and DEADLINE_ALREADY_PASSED if it
// has passed when the turn of the call has come, and nothing was done.
inline grpc::ServerUnaryReactor* UnaryOnWorkers(Calls* calls, Workers* workers,
                                                grpc::CallbackServerContext* context,
                                                const google::protobuf::Message& request,
                                                std::function<void(Done)> handler) {
  return calls->Unary(context, request,
                      [workers, handler = std::move(handler)](const Call& call, const Done& done) {
                        const absl::Status accepted = workers->Submit(
                            [handler, done, deadline = call.deadline](const absl::Status& status) {
                              if (!status.ok()) return done(status);
                              if (absl::Now() > deadline)
                                return done(errors::DeadlineAlreadyPassed());
                              handler(done);
                            });
                        if (!accepted.ok()) done(accepted);
                      });
}

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_CALL_ON_WORKERS_H_
