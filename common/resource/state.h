// SPDX-License-Identifier: Apache-2.0
//
// The state of a service at one revision: every resource as it reads then, and who refers to whom.
// Immutable and cheap to derive the next one from; readers hold a shared_ptr and never wait.
//
//   std::shared_ptr<const State> state = store.Current();
//   const Entry* entry = state->Find("initiatives/smart-power");
#ifndef ENTENTE_COMMON_RESOURCE_STATE_H_
#define ENTENTE_COMMON_RESOURCE_STATE_H_

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/resource/ordered_map.h"
#include "common/resource/type.h"
#include "common/resource/wire.h"

namespace entente::resource {

// A resource as it reads at a revision, output-only fields included.
struct Entry {
  const ResourceType* type;
  std::string name;
  std::shared_ptr<const google::protobuf::Message> message;
  // The same with what is INPUT_ONLY: for writes, and for the few reads that are made of it.
  std::shared_ptr<const google::protobuf::Message> stored;
  int64_t revision;  // At which it was last changed.
  bool deleted;
  // The message as bytes. Null in the copies that others keep of it: they do not answer with it.
  std::shared_ptr<const WireForms> wire;

  // The message as what it is.
  template <typename T>
  const T& As() const {
    return static_cast<const T&>(*message);
  }
};

// A revision with what it changed.
struct Committed {
  int64_t revision;
  absl::Time commit_time;
  std::vector<Entry> changed;  // As they read after it.
};

// What a change of the log says when read: the resource with its output-only fields filled in. The
// one way from a body in the log to an Entry, for writers, replay, history and watches alike.
// DATA_LOSS if the body or name is not of any type of `registry`.
absl::StatusOr<Entry> Materialise(const Registry& registry, const log::Change& change,
                                  int64_t revision, absl::Time commit_time);

// The same for a whole revision.
absl::StatusOr<Committed> Materialise(const Registry& registry, const log::Revision& revision);

class State {
 public:
  // Revision 0: nothing.
  explicit State(const Registry* registry) : registry_(registry) {}

  int64_t revision() const { return revision_; }
  // Of `revision()`; the infinite past for revision 0.
  absl::Time commit_time() const { return commit_time_; }
  const Registry& registry() const { return *registry_; }

  // Null if nothing ever had this name. Deleted resources are found.
  const Entry* Find(absl::string_view name) const;
  // The same for a resource of `type`, without asking which it is.
  const Entry* Find(const ResourceType& type, absl::string_view name) const;

  // The message of `name` if there is one that is not deleted and is of type T, else null.
  template <typename T>
  const T* Get(absl::string_view name) const {
    const Entry* entry = Find(name);
    return entry != nullptr && !entry->deleted && entry->type->descriptor == T::descriptor()
               ? &entry->As<T>()
               : nullptr;
  }

  // Resources of a type from the name `from` on, in the order of names, deleted ones as well,
  // while `fn(const Entry&)` returns true.
  template <typename Fn>
  void Scan(const ResourceType& type, absl::string_view from, Fn fn) const {
    const auto entries = entries_.find(&type);
    if (entries == entries_.end()) return;
    entries->second.Scan(from, [&](absl::string_view, const Entry& entry) { return fn(entry); });
  }

  // The names of the resources, not deleted, that refer to `target`, in order and once each; with
  // `field`, only through a top-level field of that name ("parent", "initiatives").
  std::vector<std::string> Referrers(absl::string_view target, absl::string_view field = "") const;

  // The state after one more revision.
  std::shared_ptr<const State> With(const Committed& revision) const;

 private:
  void Put(const Entry& entry, const OrderedMap<Entry>::Edit& entries_edit,
           const OrderedMap<bool>::Edit& referrers_edit);

  const Registry* registry_;
  int64_t revision_ = 0;
  absl::Time commit_time_ = absl::InfinitePast();
  std::map<const ResourceType*, OrderedMap<Entry>> entries_;
  // "target \0 field \0 referrer" for every reference of every resource that is not deleted.
  OrderedMap<bool> referrers_;
};

// Those of `names` that following the reference in the top-level string field `field` leads back to
// themselves: what trees must not have. Looks at each resource on the way once.
std::set<std::string> LeadingBack(const State& state, const std::vector<std::string>& names,
                                  const char* field);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_STATE_H_
