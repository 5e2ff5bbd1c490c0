// SPDX-License-Identifier: Apache-2.0
//
// The state of a service at one revision: every resource as it reads then, and who refers to whom.
// Immutable and cheap to derive the next one from; readers hold a shared_ptr and never wait.
//
//   std::shared_ptr<const State> state = store.Current();
//   const Entry* entry = state->Find("initiatives/smart-power");
#ifndef ENTENTE_COMMON_RESOURCE_STATE_H_
#define ENTENTE_COMMON_RESOURCE_STATE_H_

#include <google/protobuf/arena.h>
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
#include "common/parallel/parallel.h"
#include "common/resource/key_set.h"
#include "common/resource/ordered_map.h"
#include "common/resource/type.h"
#include "common/resource/wire.h"

namespace entente::resource {

// A resource as it reads at a revision, output-only fields included.
struct Entry {
  const ResourceType* type;
  // A view of the name in `message`, and of nothing else: it must be valid as long. See EntryOf.
  absl::string_view name;
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
  // What was done to each of them.
  std::vector<log::ChangeKind> kinds;
  // Why: a type.v1.ChangeReason, serialised; empty if its writer did not say.
  std::string reason;
};

// The entry of a resource with its output-only fields: parts what is INPUT_ONLY from the rest.
Entry EntryOf(const ResourceType& type, std::shared_ptr<google::protobuf::Message> stored);

// The same for `stored` on `arena`, which the entry keeps, and others with it: many resources that
// come together are cheaper to keep together. They are let go together, too.
Entry EntryOn(const std::shared_ptr<google::protobuf::Arena>& arena, const ResourceType& type,
              google::protobuf::Message* stored);

// What a change of the log says when read: the resource with its output-only fields filled in. The
// one way from a body in the log to an Entry, for writers, replay, history and watches alike.
// DATA_LOSS if the body or name is not of any type of `registry`.
absl::StatusOr<Entry> Materialise(const Registry& registry, const log::Change& change,
                                  int64_t revision, absl::Time commit_time);
absl::StatusOr<Entry> MaterialiseOn(const std::shared_ptr<google::protobuf::Arena>& arena,
                                    const Registry& registry, const log::Change& change,
                                    int64_t revision, absl::Time commit_time);

// How many resources share an arena: few enough that one which stays does not keep much that has
// gone.
inline constexpr size_t kEntriesOnArena = 32;
std::shared_ptr<google::protobuf::Arena> NewArena();

// The same for a whole revision.
absl::StatusOr<Committed> Materialise(const Registry& registry, const log::Revision& revision);

// Entries in the order of their names, in chunks, for State::Of.
using EntryItem = OrderedMap<Entry, absl::string_view>::Item;
using SortedEntries = std::map<const ResourceType*, std::vector<std::vector<EntryItem>>>;

// Whether a resource is erased for good: it is deleted, and nothing is left of it but its name.
bool IsErased(const Entry& entry);

// How a name read before something: `entry` is null if nothing had it.
struct Before {
  const ResourceType* type;
  absl::string_view name;
  const Entry* entry;
};

class State {
 public:
  // Revision 0: nothing.
  explicit State(const Registry* registry) : registry_(registry) {}

  // The state at `revision` in which these are all the resources that there are or were, each once,
  // in any order.
  static std::shared_ptr<const State> Of(const Registry* registry, int64_t revision,
                                         absl::Time commit_time, std::vector<Entry> entries,
                                         Parallel* parallel);
  // The same where everything is in order and the references are known.
  static std::shared_ptr<const State> Of(const Registry* registry, int64_t revision,
                                         absl::Time commit_time, SortedEntries sorted,
                                         KeySet referrers);

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

  // The same by chunks of the state, each a span of EntryItems.
  template <typename Fn>
  void ScanChunks(const ResourceType& type, absl::string_view from, Fn fn) const {
    const auto entries = entries_.find(&type);
    if (entries != entries_.end()) entries->second.ScanChunks(from, fn);
  }

  // The resources of a type from the name `from` on that this state and `earlier`, of the same
  // store, have in different versions, or only one of them has, while `fn(before, after)` returns
  // true: null where there was or is none. Takes about as long as what changed between the two.
  template <typename Fn>
  void ScanChanged(const State& earlier, const ResourceType& type, absl::string_view from,
                   Fn fn) const {
    static const Entries kNone;
    const auto of = [&](const State& state) -> const Entries& {
      const auto entries = state.entries_.find(&type);
      return entries == state.entries_.end() ? kNone : entries->second;
    };
    Entries::ScanUnshared(of(earlier), of(*this), from,
                          [&](absl::string_view, const Entry* before, const Entry* after) {
                            const bool same = before != nullptr && after != nullptr &&
                                              before->revision == after->revision;
                            return same || fn(before, after);
                          });
  }

  // The names of the resources, not deleted, that refer to `target`, in order and once each; with
  // `field`, only through a top-level field of that name ("parent", "initiatives").
  std::vector<std::string> Referrers(absl::string_view target, absl::string_view field = "") const;

  // The names of the resources, not deleted, that are found by `text`
  // (ResourceType::look_up_texts), in order and once each.
  std::vector<std::string> LookUp(absl::string_view text) const;

  // "target \0 field \0 referrer" for every reference of every resource that is not deleted, and
  // "\1 text \0 \0 name", without the spaces, for every text that one is found by.
  const KeySet& referrers() const { return referrers_; }

  // How many resources there are, deleted ones as well.
  size_t size() const;
  // Of one type.
  size_t size(const ResourceType& type) const;

  // The state after one more revision.
  std::shared_ptr<const State> With(const Committed& revision) const;

  // An earlier state: that of `revision`, after which these, each once, are what changed.
  std::shared_ptr<const State> Without(int64_t revision, absl::Time commit_time,
                                       const std::vector<Before>& before) const;

 private:
  using Entries = OrderedMap<Entry, absl::string_view>;

  // Of references to be added and taken away.
  using ReferrerChanges = std::map<std::string, bool>;

  void Replace(const ResourceType& type, absl::string_view name, const Entry* entry,
               const Entries::Edit& edit, ReferrerChanges* referrers);
  void Apply(const ReferrerChanges& referrers);

  const Registry* registry_;
  int64_t revision_ = 0;
  absl::Time commit_time_ = absl::InfinitePast();
  std::map<const ResourceType*, Entries> entries_;
  KeySet referrers_;
};

// What stands for a text in State::referrers() where for a reference there is its target: no name
// begins like that.
inline constexpr absl::string_view kLookUpPrefix("\1", 1);

// Those of `names` that following the reference in the top-level string field `field` leads back to
// themselves: what trees must not have. Looks at each resource on the way once.
std::set<std::string> LeadingBack(const State& state, const std::vector<std::string>& names,
                                  const char* field);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_STATE_H_
