// SPDX-License-Identifier: Apache-2.0
//
// The standard methods of every resource (https://google.aip.dev/130 to 135, 164, 231) and change
// sets, done once: the request messages of all services have the same fields, and what differs is
// read off the descriptors.
//
//   methods.Call(request, &response, done);   // any Get, List, BatchGet, Create, Update, Delete,
//                                             // Undelete or ApplyChanges of the service
#ifndef ENTENTE_COMMON_RESOURCE_METHODS_H_
#define ENTENTE_COMMON_RESOURCE_METHODS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/filter/schema.h"
#include "common/parallel/parallel.h"
#include "common/resource/normalise.h"
#include "common/resource/page.h"
#include "common/resource/reply.h"
#include "common/resource/rules.h"
#include "common/resource/store.h"
#include "common/resource/watch.h"
#include "common/resource/wire.h"
#include "common/status/errors.h"

namespace entente::resource {

inline constexpr int kMaxBatchGet = 1000;
inline constexpr int kMaxChanges = 10'000;
inline constexpr size_t kMaxRequestIdLength = 128;  // In bytes.

using Done = std::function<void(absl::Status)>;

// Thread-safe. `store`, `normaliser` and `rules` must outlive it, and every call's request and
// response must live until its `done`.
class StandardMethods {
 public:
  // Finds the standard methods of `service` for the types of the store's registry. INTERNAL if one
  // that looks like a standard method has not its shape: a fault of the protos.
  static absl::StatusOr<std::unique_ptr<StandardMethods>> Create(
      const google::protobuf::ServiceDescriptor* service, Store* store,
      const Normaliser* normaliser, const Rules* rules);

  // Whether requests of this type are those of a standard method.
  bool Handles(const google::protobuf::Descriptor* request) const;

  // Answers a Get, a List or a BatchGet. Of a Get the message of the reply is the resource itself.
  absl::Status Read(const google::protobuf::Message& request, Reply* reply) const;

  // The answer to a Get, serialised: what Read answers, without making a message of it.
  absl::StatusOr<std::shared_ptr<const std::string>> GetBytes(
      const google::protobuf::Message& request) const;

  // What the `selections` of a WatchRequest ask for; notes what is wrong with them.
  std::vector<Selection> Selections(const google::protobuf::Message& request,
                                    Violations* violations) const;

  // Answers the request. Reads call `done` before they return; writes call it later, on the
  // writer's thread, and are not made after `deadline`. `response` is complete when `done` is
  // called with OK.
  void Call(const google::protobuf::Message& request, google::protobuf::Message* response,
            Done done, absl::Time deadline = absl::InfiniteFuture()) const;

 private:
  enum class Verb { kGet, kList, kBatchGet, kCreate, kUpdate, kDelete, kUndelete, kApplyChanges };
  struct Method {
    Verb verb;
    const ResourceType* type;  // Null for ApplyChanges.
  };
  // What List may filter on, by type.
  using Schemas = std::map<const ResourceType*, filter::Schema>;
  // A resource that a write puts, deletes or undeletes.
  struct Target {
    // Its place in the request, "" or ending in ".".
    std::string path;
    // As it is to be stored; null where it is deleted or undeleted.
    std::shared_ptr<const google::protobuf::Message> put;
    // The place in the request that gives its parent; empty if that is at fault already.
    std::string parent_path;
  };
  // By name.
  using Targets = std::map<std::string, Target>;

  StandardMethods(Store* store, const Normaliser* normaliser, const Rules* rules)
      : store_(store),
        normaliser_(normaliser),
        rules_(rules),
        parallel_(std::make_unique<Parallel>(/*workers=*/0)) {}

  // What a Get asks for.
  absl::StatusOr<std::shared_ptr<const Entry>> Find(const Method& method,
                                                    const google::protobuf::Message& request) const;

  absl::Status Get(const Method& method, const google::protobuf::Message& request,
                   google::protobuf::Message* response) const;
  absl::Status List(const Method& method, const google::protobuf::Message& request,
                    Reply* reply) const;
  absl::Status BatchGet(const Method& method, const google::protobuf::Message& request,
                        Reply* reply) const;

  void WriteOne(const Method& method, const google::protobuf::Message& request,
                google::protobuf::Message* response, Done done, absl::Time deadline) const;
  void ApplyChanges(const google::protobuf::Message& request, google::protobuf::Message* response,
                    Done done, absl::Time deadline) const;

  absl::StatusOr<std::vector<log::Change>> PlanCreate(const Method& method,
                                                      const google::protobuf::Message& request,
                                                      const State& state) const;
  absl::StatusOr<std::vector<log::Change>> PlanUpdate(const Method& method,
                                                      const google::protobuf::Message& request,
                                                      const State& state) const;
  absl::StatusOr<std::vector<log::Change>> PlanDelete(const Method& method,
                                                      const google::protobuf::Message& request,
                                                      const State& state, bool undelete) const;
  absl::StatusOr<std::vector<log::Change>> PlanChanges(const google::protobuf::Message& request,
                                                       const State& state) const;

  // Makes `resource` what is to be stored, and notes what is wrong with it by itself.
  void Prepare(google::protobuf::Message* resource, const std::string& path,
               Violations* violations) const;
  // The change that makes `name` read like `resource`; nothing if it does already.
  static void AddPut(const State& state, const std::string& name,
                     const google::protobuf::Message& resource, std::vector<log::Change>* changes);
  // Checks what the changes would lead to: references, the rules of the service, and that nothing
  // is deleted that others refer to. `targets`: all of the write, also those that are at fault by
  // themselves and hence not among the changes. And whether `request` is made from a document that
  // is there.
  absl::Status CheckTogether(const google::protobuf::Message& request, const State& state,
                             const std::vector<log::Change>& changes, const Targets& targets,
                             Violations* violations) const;

  Store* const store_;
  const Normaliser* const normaliser_;
  const Rules* const rules_;
  // For lists that have to look at very many resources.
  const std::unique_ptr<Parallel> parallel_;
  std::map<const google::protobuf::Descriptor*, Method> methods_;
  Schemas schemas_;
};

// Whether a request's `view` asks for everything, where it does not say: `full_by_default`.
bool WantsFull(const google::protobuf::Message& request, bool full_by_default);

// The language of filters over a type: its fields, `certainly(date, "2023-08")`,
// `possibly(date, "2023-08")`, decimals compared as numbers, and bare words looked for in titles,
// descriptions, acronyms and other names.
absl::StatusOr<filter::Schema> MakeSchema(const google::protobuf::Descriptor* descriptor);

// A filter as of `state`: a name that stands as the value of a reference stands for all names that
// Rules::NamesOf knows. Errors: those of Filter::Compile.
absl::StatusOr<filter::Filter> CompileAt(const State& state, const Rules& rules,
                                         absl::string_view text, const filter::Schema& schema);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_METHODS_H_
