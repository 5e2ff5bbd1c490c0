// SPDX-License-Identifier: Apache-2.0
//
// Between absl::Status with its payloads and grpc::Status with its details
// (google.rpc.Status in the trailer grpc-status-details-bin).
#ifndef ENTENTE_COMMON_STATUS_GRPC_STATUS_H_
#define ENTENTE_COMMON_STATUS_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace entente {

// Every payload becomes a detail. An error without an ErrorInfo gets one with the reason
// "UNSPECIFIED", so that a client finds one with every error.
//
// gRPC's own default lets a client refuse trailers of more than 8 KiB, and then the caller would
// see none of it. So what is too long is cut: the message, long values in the ErrorInfo, and the
// last violations of a BadRequest, whose number the ErrorInfo then gives as "violations_omitted".
grpc::Status ToGrpcStatus(const absl::Status& status);

// Every detail becomes a payload.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace entente

#endif  // ENTENTE_COMMON_STATUS_GRPC_STATUS_H_
