// SPDX-License-Identifier: Apache-2.0
#include "services/funding/relation_rules.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "entente/funding/v1/claim.pb.h"
#include "services/funding/claim_tree.h"

namespace entente::funding {
namespace {

using resource::State;
using v1::Claim;

// A ring of more claims than this is named in part: a message is for people.
constexpr size_t kMaxNamed = 8;

// What can be reached from some claims through relations of one kind. Nodes are numbered as they
// are met.
class Graph {
 public:
  struct Edge {
    int to;
    int relation;  // by its place in the claim
  };

  Graph(const State& state, v1::ClaimRelationKind kind, const std::vector<const Claim*>& starts) {
    for (const Claim* claim : starts) NodeOf(claim);
    // Grows as it goes.
    for (size_t node = 0; node < claims_.size(); ++node) {
      edges_.emplace_back();
      const Claim& claim = *claims_[node];
      for (int i = 0; i < claim.relations_size(); ++i) {
        const v1::ClaimRelation& relation = claim.relations(i);
        if (relation.kind() != kind || relation.claim() == claim.name()) continue;
        const auto* other = state.Get<Claim>(relation.claim());
        if (other != nullptr) edges_[node].push_back({NodeOf(other), i});
      }
    }
  }

  int size() const { return static_cast<int>(claims_.size()); }
  const Claim& claim(int node) const { return *claims_[node]; }

  // For each node a number that it shares with those that it leads to and that lead back to it.
  // Tarjan's algorithm (1972), with a stack of its own: chains can be longer than the thread's.
  std::vector<int> Components() const {
    constexpr int kNone = -1;
    struct Visit {
      int node;
      size_t next_edge;
    };
    std::vector<int> component(claims_.size(), kNone);
    std::vector<int> order(claims_.size(), kNone);  // in which nodes were met
    std::vector<int> lowest(claims_.size(), 0);     // order of what the node leads back to
    std::vector<int> open;                          // met, and their components not complete
    std::vector<Visit> way;
    int met = 0;
    int components = 0;
    const auto meet = [&](int node) {
      order[node] = lowest[node] = met++;
      open.push_back(node);
      way.push_back({node, 0});
    };
    for (int start = 0; start < size(); ++start) {
      if (order[start] != kNone) continue;
      meet(start);
      while (!way.empty()) {
        const int node = way.back().node;
        if (way.back().next_edge < edges_[node].size()) {
          const int to = edges_[node][way.back().next_edge++].to;
          if (order[to] == kNone) {
            meet(to);
          } else if (component[to] == kNone) {
            lowest[node] = std::min(lowest[node], order[to]);
          }
          continue;
        }
        way.pop_back();
        if (!way.empty()) {
          lowest[way.back().node] = std::min(lowest[way.back().node], lowest[node]);
        }
        if (lowest[node] != order[node]) continue;
        while (component[node] == kNone) {
          component[open.back()] = components;
          open.pop_back();
        }
        ++components;
      }
    }
    return component;
  }

  // A shortest way from `start` through its component back to it, as the edges of the ring in
  // order. Empty if there is none.
  std::vector<Edge> Ring(int start, const std::vector<int>& component) const {
    struct Step {
      int from;
      Edge edge;
    };
    absl::flat_hash_map<int, Step> steps;  // by where they lead
    std::vector<int> ahead = {start};
    for (size_t i = 0; i < ahead.size() && !steps.contains(start); ++i) {
      for (const Edge& edge : edges_[ahead[i]]) {
        if (component[edge.to] != component[start]) continue;
        if (steps.emplace(edge.to, Step{ahead[i], edge}).second) ahead.push_back(edge.to);
      }
    }
    std::vector<Edge> ring;
    if (!steps.contains(start)) return ring;
    int node = start;
    do {
      const Step& step = steps.at(node);
      ring.push_back(step.edge);
      node = step.from;
    } while (node != start);
    std::reverse(ring.begin(), ring.end());
    return ring;
  }

 private:
  int NodeOf(const Claim* claim) {
    const auto [found, is_new] = nodes_.emplace(claim->name(), size());
    if (is_new) claims_.push_back(claim);
    return found->second;
  }

  std::vector<const Claim*> claims_;
  std::vector<std::vector<Edge>> edges_;
  absl::flat_hash_map<absl::string_view, int> nodes_;
};

void CheckKind(const State& state, v1::ClaimRelationKind kind,
               const std::vector<const Claim*>& starts,
               const std::map<std::string, std::string>& changed, Violations* violations) {
  const Graph graph(state, kind, starts);
  const std::vector<int> component = graph.Components();
  std::vector<bool> reported(graph.size(), false);  // by component
  // The starts come first, in their order.
  for (int node = 0; node < static_cast<int>(starts.size()); ++node) {
    if (reported[component[node]]) continue;
    reported[component[node]] = true;
    const std::vector<Graph::Edge> ring = graph.Ring(node, component);
    if (ring.empty()) continue;  // Alone in its component, as claims should be.
    const std::string& name = graph.claim(node).name();
    std::string names = name;
    for (size_t i = 0; i + 1 < ring.size() && i + 1 < kMaxNamed; ++i) {
      absl::StrAppend(&names, ", ", graph.claim(ring[i].to).name());
    }
    if (ring.size() > kMaxNamed) absl::StrAppend(&names, ", ", ring.size() - kMaxNamed, " more");
    violations->Add(
        absl::StrCat(changed.at(name), "relations[", ring.front().relation, "].claim"),
        absl::StrCat("leads back to ", name, " itself through ", v1::ClaimRelationKind_Name(kind),
                     ": ", names, " and back; remove the one of these relations that is wrong"));
  }
}

// `claim` supersedes `superseded`, which may be part of something.
void CheckPlace(const State& state, const Claim& claim, const Claim& superseded,
                const std::string& path, Violations* violations) {
  const std::string& whole = superseded.part_of();
  if (whole.empty() || claim.part_of() == whole) return;
  const auto* other_whole = state.Get<Claim>(claim.part_of());
  if (other_whole != nullptr && Supersedes(*other_whole, whole)) return;
  violations->Add(
      path, absl::StrCat(claim.name(), " supersedes ", superseded.name(), ", which is part of ",
                         whole, ", and must be part of that as well, or of what supersedes it"));
}

// Of a claim that changed: what it supersedes, and what supersedes it.
void CheckPlaces(const State& state, const Claim& claim, const std::string& path,
                 const std::map<std::string, std::string>& changed, Violations* violations) {
  for (const v1::ClaimRelation& relation : claim.relations()) {
    if (relation.kind() != v1::CLAIM_RELATION_KIND_SUPERSEDES) continue;
    const auto* superseded = state.Get<Claim>(relation.claim());
    if (superseded == nullptr || superseded == &claim) continue;
    CheckPlace(state, claim, *superseded, path + "part_of", violations);
  }
  if (claim.part_of().empty()) return;
  for (const std::string& name : state.Referrers(claim.name(), "relations")) {
    const auto* other = state.Get<Claim>(name);
    // One that changed is looked at by itself.
    if (other == nullptr || changed.count(name) > 0 || !Supersedes(*other, claim.name())) continue;
    CheckPlace(state, *other, claim, path + "part_of", violations);
  }
}

}  // namespace

void CheckRelationsTogether(const State& after, const std::map<std::string, std::string>& changed,
                            Violations* violations) {
  std::map<v1::ClaimRelationKind, std::vector<const Claim*>> starts;
  for (const auto& [name, path] : changed) {
    const auto* claim = after.Get<Claim>(name);
    if (claim == nullptr) continue;
    CheckPlaces(after, *claim, path, changed, violations);
    for (const v1::ClaimRelation& relation : claim->relations()) {
      if (relation.kind() == v1::CLAIM_RELATION_KIND_UNSPECIFIED) continue;  // Reported already.
      std::vector<const Claim*>& of_kind = starts[relation.kind()];
      if (of_kind.empty() || of_kind.back() != claim) of_kind.push_back(claim);
    }
  }
  for (const auto& [kind, claims] : starts) CheckKind(after, kind, claims, changed, violations);
}

}  // namespace entente::funding
