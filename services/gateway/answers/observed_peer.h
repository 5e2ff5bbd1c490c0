// SPDX-License-Identifier: Apache-2.0
//
// A peer that notes whether what it brought for an answer is whole and of one piece: only then may
// others have the answer too.
#ifndef ENTENTE_SERVICES_GATEWAY_ANSWERS_OBSERVED_PEER_H_
#define ENTENTE_SERVICES_GATEWAY_ANSWERS_OBSERVED_PEER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "services/gateway/peers.h"

namespace entente::gateway {

// What was observed of the parts of one answer. Thread-safe.
struct Observations {
  // Some service did not answer.
  std::atomic<bool> lacking{false};
  // Some service answered by a copy of the catalogue that is not at `catalogue`: soon it will
  // answer differently though nothing has changed.
  std::atomic<bool> behind{false};
  // The revision of the catalogue that is compared with; 0 for none.
  int64_t catalogue = 0;
};

class ObservedPeer final : public client::Peer {
 public:
  // `peer` must outlive the calls, not this.
  ObservedPeer(client::Peer* peer, std::shared_ptr<Observations> observations)
      : peer_(peer), observations_(std::move(observations)) {}

  std::string service() const override { return peer_->service(); }
  void Call(const client::CallOptions& options, const google::protobuf::Message& request,
            google::protobuf::Message* response, client::Done done) override;
  void CallUnparsed(const client::CallOptions& options, const google::protobuf::Message& request,
                    google::protobuf::Message* rest, std::string* resources,
                    client::Done done) override;

 private:
  // `done`, after what is to be noted of `response` is.
  client::Done Noting(const google::protobuf::Message* response, client::Done done) const;

  client::Peer* const peer_;
  const std::shared_ptr<Observations> observations_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ANSWERS_OBSERVED_PEER_H_
