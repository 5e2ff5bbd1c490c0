// SPDX-License-Identifier: Apache-2.0
#include "services/entente/call.h"

#include <future>

#include "absl/time/clock.h"

namespace entente {

absl::Status CallAndWait(client::Peer* peer, const google::protobuf::Message& request,
                         google::protobuf::Message* response, absl::Duration timeout) {
  std::promise<absl::Status> answered;
  peer->Call({absl::Now() + timeout, ""}, request, response,
             [&](absl::Status status) { answered.set_value(std::move(status)); });
  return answered.get_future().get();
}

}  // namespace entente
