// SPDX-License-Identifier: Apache-2.0
//
// Unary calls that read from the disk or compute for long: they are admitted, logged and finished
// like all others, and answered on a thread of the Workers.
//
//   Reactor* ListRevisions(Context* c, const type::v1::ListRevisionsRequest* q,
//                          type::v1::ListRevisionsResponse* r) override {
//     return server::CallOnWorkers(calls_, &workers_, core_, c, *q, r);
//   }
#ifndef ENTENTE_COMMON_SERVER_WORKER_CALL_H_
#define ENTENTE_COMMON_SERVER_WORKER_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include "common/resource/data_service.h"
#include "common/server/call.h"
#include "common/server/workers.h"

namespace entente::server {

grpc::ServerUnaryReactor* CallOnWorkers(Calls* calls, Workers* workers,
                                        const resource::DataService* core,
                                        grpc::CallbackServerContext* context,
                                        const google::protobuf::Message& request,
                                        google::protobuf::Message* response);

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_WORKER_CALL_H_
