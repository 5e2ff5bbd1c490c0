// SPDX-License-Identifier: Apache-2.0
//
// The data services, as the gateway calls them.
#ifndef ENTENTE_SERVICES_GATEWAY_PEERS_H_
#define ENTENTE_SERVICES_GATEWAY_PEERS_H_

#include "common/client/peer.h"

namespace entente::gateway {

// Must outlive who is given them.
struct Peers {
  client::Peer* catalogue;
  client::Peer* funding;
  client::Peer* events;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_PEERS_H_
