// SPDX-License-Identifier: Apache-2.0
//
// What a service knows of its resources beyond what the annotations of its protos say.
#ifndef ENTENTE_COMMON_RESOURCE_RULES_H_
#define ENTENTE_COMMON_RESOURCE_RULES_H_

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/state.h"
#include "common/status/errors.h"

namespace entente::resource {

// Thread-safe and never blocking: called on the writer's thread and on those of reads.
class Rules {
 public:
  virtual ~Rules() = default;

  // Fills in what follows from the rest of a resource, before it is checked.
  virtual void Complete(google::protobuf::Message* resource) const {}

  // Faults of one resource by itself. `path` is its place in the request, "" or ending in ".".
  virtual void Check(const google::protobuf::Message& resource, const std::string& path,
                     Violations* violations) const {}

  // Faults that appear only beside other resources: cycles, parts that do not fit their whole.
  // `changed`: the places in the request of the resources that were put, by name; `after`: the
  // state that the write would lead to.
  virtual void CheckTogether(const State& after, const std::map<std::string, std::string>& changed,
                             Violations* violations) const {}

  // Whether `name`, of a type that this service does not own, is known and not deleted.
  virtual bool IsKnownElsewhere(absl::string_view name) const { return false; }

  // All names, in order, of what `name` names as of `state`, a name of a resource of any type:
  // itself and, where things were merged, those of the others. Filters that ask for one of them ask
  // for all.
  virtual std::vector<std::string> NamesOf(const State& state, const std::string& name) const {
    return {name};
  }

  // For List requests with fields of the service's own: which resources the request is about
  // (null: all of them). May complete `response`.
  virtual absl::StatusOr<std::function<bool(const Entry&)>> Narrow(
      const google::protobuf::Message& list_request,
      google::protobuf::Message* list_response) const {
    return std::function<bool(const Entry&)>();
  }
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_RULES_H_
