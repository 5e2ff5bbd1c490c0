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
  peer_->Call(options, request, response, Noting(response, std::move(done)));
}

void ObservedPeer::CallUnparsed(const client::CallOptions& options,
                                const google::protobuf::Message& request,
                                google::protobuf::Message* rest, std::string* resources,
                                client::Done done) {
  peer_->CallUnparsed(options, request, rest, resources, Noting(rest, std::move(done)));
}

client::Done ObservedPeer::Noting(const google::protobuf::Message* response,
                                  client::Done done) const {
  return [response, observations = observations_, done = std::move(done)](absl::Status status) {
    if (client::IsUnreachable(status)) observations->lacking = true;
    if (status.ok() && response->GetDescriptor()->FindFieldByName(kCopy) != nullptr) {
      const int64_t copy = resource::fields::GetInt(*response, kCopy);
      if (copy != 0 && copy != observations->catalogue) observations->behind = true;
    }
    done(std::move(status));
  };
}

}  // namespace entente::gateway
