// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/prefix_program.h"

#include <algorithm>
#include <optional>

namespace entente::funding::query {

void PrefixProgram::AtLeast(int begin, int end, int64_t value, bool strict) {
  edges_.push_back({end, begin, {-value, strict ? -1 : 0}});
}

void PrefixProgram::AtMost(int begin, int end, int64_t value, bool strict) {
  edges_.push_back({begin, end, {value, strict ? -1 : 0}});
}

void PrefixProgram::Within(int begin, int end, const Range& range) {
  AtLeast(begin, end, range.low, range.low_open);
  if (range.high.has_value()) AtMost(begin, end, *range.high, range.high_open);
}

bool PrefixProgram::Possible() const {
  // Distances from everywhere at once settle after a round for each prefix, unless a circle of
  // bounds comes to less than nothing.
  std::vector<Cost> distances(static_cast<size_t>(prefixes_));
  for (int round = 0; round <= prefixes_; ++round) {
    bool changed = false;
    for (const Edge& edge : edges_) {
      const Cost& from = distances[static_cast<size_t>(edge.from)];
      const Cost there{from.value + edge.cost.value, from.strict + edge.cost.strict};
      if (!(there < distances[static_cast<size_t>(edge.to)])) continue;
      distances[static_cast<size_t>(edge.to)] = there;
      changed = true;
    }
    if (!changed) return true;
  }
  return false;
}

PrefixProgram::Range PrefixProgram::RangeOf(const std::vector<bool>& row) const {
  std::vector<int> weights(static_cast<size_t>(prefixes_), 0);
  for (size_t i = 0; i < row.size(); ++i) {
    if (!row[i]) continue;
    ++weights[i + 1];
    --weights[i];
  }
  Range range;
  if (const auto greatest = Greatest(weights); greatest.has_value()) {
    range.high = greatest->value;
    range.high_open = greatest->strict != 0;
  }
  for (int& weight : weights) weight = -weight;
  const Cost least = Greatest(weights).value();
  range.low = -least.value;
  range.low_open = least.strict != 0;
  return range;
}

std::optional<PrefixProgram::Cost> PrefixProgram::Greatest(std::vector<int> weights) const {
  // The dual: the cheapest flow from prefixes of negative weight to those of positive weight, by
  // shortest augmenting paths.
  std::vector<int> flows(edges_.size(), 0);
  Cost total;
  while (std::any_of(weights.begin(), weights.end(), [](int weight) { return weight > 0; })) {
    std::vector<std::optional<Cost>> distances(weights.size());
    struct Step {
      size_t edge = 0;
      bool back = false;
    };
    std::vector<Step> steps(weights.size());
    for (size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] < 0) distances[i] = Cost();
    }
    for (bool changed = true; changed;) {
      changed = false;
      const auto relax = [&](size_t edge, int from, int to, int sign) {
        const std::optional<Cost>& before = distances[static_cast<size_t>(from)];
        if (!before.has_value()) return;
        const Cost there{before->value + sign * edges_[edge].cost.value,
                         before->strict + sign * edges_[edge].cost.strict};
        std::optional<Cost>& after = distances[static_cast<size_t>(to)];
        if (after.has_value() && !(there < *after)) return;
        after = there;
        steps[static_cast<size_t>(to)] = {edge, sign < 0};
        changed = true;
      };
      for (size_t e = 0; e < edges_.size(); ++e) {
        relax(e, edges_[e].from, edges_[e].to, 1);
        if (flows[e] > 0) relax(e, edges_[e].to, edges_[e].from, -1);
      }
    }
    int sink = -1;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] <= 0 || !distances[i].has_value()) continue;
      if (sink < 0 || *distances[i] < *distances[static_cast<size_t>(sink)]) {
        sink = static_cast<int>(i);
      }
    }
    if (sink < 0) return std::nullopt;
    const Cost& cost = *distances[static_cast<size_t>(sink)];
    total = {total.value + cost.value, total.strict + cost.strict};
    --weights[static_cast<size_t>(sink)];
    int node = sink;
    while (weights[static_cast<size_t>(node)] >= 0 ||
           *distances[static_cast<size_t>(node)] != Cost()) {
      const Step& step = steps[static_cast<size_t>(node)];
      flows[step.edge] += step.back ? -1 : 1;
      node = step.back ? edges_[step.edge].to : edges_[step.edge].from;
    }
    ++weights[static_cast<size_t>(node)];
  }
  return total;
}

}  // namespace entente::funding::query
