// SPDX-License-Identifier: Apache-2.0
//
// Calls of the command line, which has nothing to do but wait for the answer.
#ifndef ENTENTE_SERVICES_ENTENTE_CALL_H_
#define ENTENTE_SERVICES_ENTENTE_CALL_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/client/peer.h"

namespace entente {

// Calls `peer` and waits; the errors of Peer::Call.
absl::Status CallAndWait(client::Peer* peer, const google::protobuf::Message& request,
                         google::protobuf::Message* response, absl::Duration timeout);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_CALL_H_
