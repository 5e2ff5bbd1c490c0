// SPDX-License-Identifier: Apache-2.0
//
// What the three data services are made of: types, rules, store, standard methods and watches, put
// together once. A service adds its rules and the methods that only it has.
//
//   auto service = DataService::Create({.service = descriptor, .registry = &registry,
//                                       .rules = rules}, std::move(log), {});
//   (*service)->Handle(v1::GetInitiativeTreeRequest::descriptor(), [...](request, reply) {...});
//   RETURN_IF_ERROR((*service)->Load());
//   (*service)->Call(request, &response, done);
#ifndef ENTENTE_COMMON_RESOURCE_DATA_SERVICE_H_
#define ENTENTE_COMMON_RESOURCE_DATA_SERVICE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/log/log.h"
#include "common/resource/methods.h"
#include "common/resource/normalise.h"
#include "common/resource/reply.h"
#include "common/resource/rules.h"
#include "common/resource/searcher.h"
#include "common/resource/store.h"
#include "common/resource/watch.h"

namespace entente::resource {

// What makes one data service different from another. The registries outlive the service.
struct DataServiceParts {
  const google::protobuf::ServiceDescriptor* service;
  // The types that it owns.
  const Registry* registry;
  // The types that it refers to and does not own.
  std::vector<const Registry*> foreign;
  std::shared_ptr<const Rules> rules;
};

// Thread-safe once it is loaded.
class DataService {
 public:
  // A read of the service's own. Must not block, but for Search, which callers hand to threads for
  // such work; the reply is complete when it returns OK.
  using Handler =
      std::function<absl::Status(const google::protobuf::Message& request, Reply* reply)>;

  // INTERNAL if the protos have not the shape that is expected of them.
  static absl::StatusOr<std::unique_ptr<DataService>> Create(const DataServiceParts& parts,
                                                             std::unique_ptr<log::Log> log,
                                                             StoreOptions options);

  // Adds a method. Before Load.
  void Handle(const google::protobuf::Descriptor* request, Handler handler);

  // Reads the log, see Store::Load, and begins to make the index of Search.
  absl::Status Load();

  // Answers any unary method of the service; see StandardMethods::Call.
  void Call(const google::protobuf::Message& request, google::protobuf::Message* response,
            Done done, absl::Time deadline = absl::InfiniteFuture()) const;

  // Answers any unary read of the service.
  absl::Status Read(const google::protobuf::Message& request, Reply* reply) const;

  // The answer to a Get of a standard method, serialised; see StandardMethods::GetBytes.
  absl::StatusOr<std::shared_ptr<const std::string>> GetBytes(
      const google::protobuf::Message& request) const {
    return methods_->GetBytes(request);
  }

  // What the `selections` of a WatchRequest of the service ask for; notes what is wrong with them.
  std::vector<Selection> Selections(const google::protobuf::Message& request,
                                    Violations* violations) const {
    return methods_->Selections(request, violations);
  }

  const Store& store() const { return *store_; }
  WatchHub& hub() { return *hub_; }
  Searcher& searcher() { return *searcher_; }

 private:
  DataService() = default;

  // Destroyed from the last to the first: the store's writer may be planning by the methods until
  // it has stopped.
  std::shared_ptr<const Rules> rules_;
  std::unique_ptr<Normaliser> normaliser_;
  std::unique_ptr<StandardMethods> methods_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<WatchHub> hub_;
  std::unique_ptr<Searcher> searcher_;
  std::map<const google::protobuf::Descriptor*, Handler> handlers_;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_DATA_SERVICE_H_
