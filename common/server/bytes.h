// SPDX-License-Identifier: Apache-2.0
//
// Requests of methods whose bytes gRPC hands over as they came.
#ifndef ENTENTE_COMMON_SERVER_BYTES_H_
#define ENTENTE_COMMON_SERVER_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"

namespace entente::server {

// INVALID_ARGUMENT if the bytes are no message of the type of `request`.
absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_BYTES_H_
