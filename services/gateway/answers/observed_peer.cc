// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/answers/observed_peer.h"

#include <utility>

#include "common/resource/fields.h"

namespace entente::gateway {
namespace {

// The field in which services that follow the catalogue say by which revision of it they answered.
constexpr char kCopy[] = "catalogue_revision";

}  // namespace

void ObservedPeer::Call(const client::CallOptions& options,
                        const google::protobuf::Message& request,
                        google::protobuf::Message* response, client::Done done) {
  peer_->Call(
      options, request, response,
      [response, observations = observations_, done = std::move(done)](absl::Status status) {
        if (client::IsUnreachable(status)) observations->lacking = true;
        if (status.ok() && response->GetDescriptor()->FindFieldByName(kCopy) != nullptr) {
          const int64_t copy = resource::fields::GetInt(*response, kCopy);
          if (copy != 0 && copy != observations->catalogue) observations->behind = true;
        }
        done(std::move(status));
      });
}

}  // namespace entente::gateway
