// SPDX-License-Identifier: Apache-2.0
//
// The gRPC side of reads that answer with resources, which are most of all calls: the answer is not
// made into a message to be serialised. That of a Get is ready; the resources of a list, a look-up
// or a tree are written to it as they are.
//
//   grpc::ServerUnaryReactor* ListPlaces(grpc::CallbackServerContext* context,
//                                        const grpc::ByteBuffer* request,
//                                        grpc::ByteBuffer* response) override {
//     return server::Read<v1::ListPlacesRequest, v1::ListPlacesResponse>(calls_, *core_, context,
//                                                                        *request, response);
//   }
//
// in a service that gRPC hands this method's bytes to:
//
//   v1::CatalogueService::WithRawCallbackMethod_ListPlaces<v1::CatalogueService::CallbackService>
#ifndef ENTENTE_COMMON_SERVER_READS_H_
#define ENTENTE_COMMON_SERVER_READS_H_

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

// The same; `rest` becomes what the answer has beside resources.
grpc::ServerUnaryReactor* StartRead(Calls* calls, const resource::DataService& core,
                                    grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer& bytes,
                                    google::protobuf::Message* request,
                                    google::protobuf::Message* rest, grpc::ByteBuffer* response);

// A Get of one resource.
template <typename Request>
grpc::ServerUnaryReactor* Get(Calls* calls, const resource::DataService& core,
                              grpc::CallbackServerContext* context, const grpc::ByteBuffer& request,
                              grpc::ByteBuffer* response) {
  Request message;
  return StartGet(calls, core, context, request, &message, response);
}

// Any other read.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Read(Calls* calls, const resource::DataService& core,
                               grpc::CallbackServerContext* context,
                               const grpc::ByteBuffer& request, grpc::ByteBuffer* response) {
  Request message;
  Response rest;
  return StartRead(calls, core, context, request, &message, &rest, response);
}

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_READS_H_
