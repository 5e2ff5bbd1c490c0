// SPDX-License-Identifier: Apache-2.0
//
// What the test and the fuzzer of Select share: states with references at every depth, and what a
// list is, found the plain way.
#ifndef ENTENTE_COMMON_RESOURCE_SELECT_TEST_UTIL_H_
#define ENTENTE_COMMON_RESOURCE_SELECT_TEST_UTIL_H_

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/filter/condition.h"
#include "common/resource/select.h"
#include "common/resource/state.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/pillar.pb.h"

namespace entente::resource {

inline const Registry& SelectTypes() {
  static const auto* const registry = new Registry(
      Registry::Of({catalogue::v1::Initiative::descriptor(), catalogue::v1::Pillar::descriptor()})
          .value());
  return *registry;
}

inline const ResourceType& InitiativeType() {
  return *SelectTypes().FindByDescriptor(catalogue::v1::Initiative::descriptor());
}
inline const ResourceType& PillarType() {
  return *SelectTypes().FindByDescriptor(catalogue::v1::Pillar::descriptor());
}

// Random initiatives and pillars of few names, texts and references, so that filters often hold.
class RandomInitiatives {
 public:
  explicit RandomInitiatives(uint32_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  std::string Name(int most) { return absl::StrCat("initiatives/i", Below(most)); }
  std::string Pillar() { return absl::StrCat("partnerships/p", Below(3), "/pillars/l", Below(12)); }

  // The revision after `state`, which puts and deletes some of `most`.
  std::shared_ptr<const State> Next(const State& state, int most, int changes) {
    log::Revision revision{state.revision() + 1, absl::UnixEpoch(), "", "", {}};
    std::vector<std::string> seen;
    for (int i = 0; i < changes; ++i) {
      log::Change change = Below(8) == 0 ? PutPillar(Pillar()) : PutInitiative(Name(most), most);
      if (std::find(seen.begin(), seen.end(), change.name) != seen.end()) continue;
      seen.push_back(change.name);
      const Entry* before = state.Find(change.name);
      if (before != nullptr && Below(4) == 0) change.kind = log::ChangeKind::kDelete;
      revision.changes.push_back(std::move(change));
    }
    return state.With(Materialise(SelectTypes(), revision).value());
  }

 private:
  log::Change PutInitiative(const std::string& name, int most) {
    catalogue::v1::Initiative initiative;
    initiative.mutable_title()->set_text(Word());
    initiative.mutable_description()->set_text(absl::StrCat(Word(), " ", Word()));
    initiative.set_status(static_cast<catalogue::v1::InitiativeStatus>(Below(4)));
    if (Below(2) == 0) initiative.set_parent(Name(most));
    for (int i = Below(3); i > 0; --i) initiative.add_pillars(Pillar());
    for (int i = Below(3); i > 0; --i) {
      initiative.add_parties()->set_organisation(absl::StrCat("organisations/o", Below(6)));
    }
    for (int i = Below(3); i > 0; --i) {
      initiative.add_citations()->set_document(absl::StrCat("documents/d", Below(4)));
    }
    initiative.add_partnerships("partnerships/p0");
    return {name, log::ChangeKind::kPut, initiative.SerializeAsString()};
  }
  log::Change PutPillar(const std::string& name) {
    catalogue::v1::Pillar pillar;
    pillar.mutable_title()->set_text(Word());
    pillar.add_citations()->set_document(absl::StrCat("documents/d", Below(4)));
    return {name, log::ChangeKind::kPut, pillar.SerializeAsString()};
  }
  std::string Word() {
    static const char* const kWords[] = {"", "health", "Health plan", "power", "a", "documents/d1"};
    return kWords[Below(6)];
  }

  std::mt19937 random_;
};

// What Select promises, one resource after the other; `condition` as it was written.
inline std::vector<const Entry*> SelectPlainly(const State& state, const Selecting& selecting,
                                               const std::optional<filter::Condition>& condition) {
  std::vector<const Entry*> found;
  state.Scan(*selecting.type, "", [&](const Entry& entry) {
    if (absl::StartsWith(entry.name, selecting.prefix) && entry.name >= selecting.from &&
        (selecting.with_deleted || !entry.deleted) &&
        (!condition.has_value() || condition->Matches(*entry.message)) &&
        (selecting.also == nullptr || selecting.also(entry))) {
      found.push_back(&entry);
    }
    return true;
  });
  if (selecting.before != nullptr) {
    std::stable_sort(found.begin(), found.end(),
                     [&](const Entry* a, const Entry* b) { return selecting.before(*a, *b); });
  }
  found.resize(std::min(found.size(), selecting.most));
  return found;
}

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_SELECT_TEST_UTIL_H_
