// SPDX-License-Identifier: Apache-2.0
//
// Resources of any of the data services by name, each as of a revision.
//
//   fetch->Add("claims/a", 20);
//   fetch->Add("places/x", 7);
//   fetch->Start(peers, options, [fetch] { ... fetch->Find("claims/a", 20) ... });
#ifndef ENTENTE_SERVICES_GATEWAY_FETCH_H_
#define ENTENTE_SERVICES_GATEWAY_FETCH_H_

#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/resource/type.h"
#include "services/gateway/compose.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {

// The types of each data service, in the order of Peers.
std::array<const resource::Registry*, 3> TypesOfServices();

// Which data service has a resource of this name; null for none.
client::Peer* OwnerOf(const Peers& peers, absl::string_view name);

// To be used once; must live until it has called back. What is deleted is found, with its
// delete_time.
class Fetch {
 public:
  // A name that is none of a data service's is not looked for.
  void Add(const std::string& name, int64_t revision) { wanted_[revision].insert(name); }

  // Calls `then` once, from any thread, perhaps before it returns.
  void Start(const Peers& peers, const client::CallOptions& options, std::function<void()> then);

  // Null if it was not had. Valid as long as this.
  const google::protobuf::Message* Find(const std::string& name, int64_t revision) const;

  // What kept a service from answering; OK if nothing did, or nothing was asked of it.
  absl::Status StatusOf(const client::Peer* peer) const;

 private:
  struct Call;

  std::map<int64_t, std::set<std::string>> wanted_;
  std::vector<std::shared_ptr<Call>> calls_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_FETCH_H_
