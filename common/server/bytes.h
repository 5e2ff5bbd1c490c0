// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers of methods whose bytes gRPC hands over and takes as they are.
#ifndef ENTENTE_COMMON_SERVER_BYTES_H_
#define ENTENTE_COMMON_SERVER_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/status/status.h"

namespace entente::server {

// INVALID_ARGUMENT if the bytes are no message of the type of `request`.
absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);

// The bytes themselves, not a copy of them.
grpc::ByteBuffer BytesOf(std::string bytes);

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_BYTES_H_
