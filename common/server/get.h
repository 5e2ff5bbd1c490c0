// SPDX-License-Identifier: Apache-2.0
//
// The gRPC side of Get, the most frequent of all calls: the answer is not made into a message to be
// serialised, for its bytes are ready.
//
//   grpc::ServerUnaryReactor* GetPlace(grpc::CallbackServerContext* context,
//                                      const grpc::ByteBuffer* request,
//                                      grpc::ByteBuffer* response) override {
//     return server::Get<v1::GetPlaceRequest>(calls_, *core_, context, *request, response);
//   }
//
// in a service that gRPC hands this method's bytes to:
//
//   v1::CatalogueService::WithRawCallbackMethod_GetPlace<v1::CatalogueService::CallbackService>
#ifndef ENTENTE_COMMON_SERVER_GET_H_
#define ENTENTE_COMMON_SERVER_GET_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include "common/resource/data_service.h"
#include "common/server/call.h"

namespace entente::server {

// `request` becomes a message of the type that it is given as, which need not outlive the call.
grpc::ServerUnaryReactor* StartGet(Calls* calls, const resource::DataService& core,
                                   grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer& bytes,
                                   google::protobuf::Message* request, grpc::ByteBuffer* response);

template <typename Request>
grpc::ServerUnaryReactor* Get(Calls* calls, const resource::DataService& core,
                              grpc::CallbackServerContext* context, const grpc::ByteBuffer& request,
                              grpc::ByteBuffer* response) {
  Request message;
  return StartGet(calls, core, context, request, &message, response);
}

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_GET_H_
