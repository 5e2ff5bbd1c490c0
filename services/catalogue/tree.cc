// SPDX-License-Identifier: Apache-2.0
#include "services/catalogue/tree.h"

#include <algorithm>
#include <set>

#include "common/resource/fields.h"

namespace entente::catalogue {

using resource::Entry;
using resource::State;

std::vector<const Entry*> AncestorsOf(const State& state, absl::string_view name) {
  std::vector<const Entry*> ancestors;
  std::set<std::string> seen = {std::string(name)};
  const Entry* entry = state.Find(name);
  while (entry != nullptr) {
    const std::string parent = resource::fields::GetString(*entry->message, "parent");
    entry = parent.empty() || !seen.insert(parent).second ? nullptr : state.Find(parent);
    if (entry != nullptr && entry->deleted) entry = nullptr;
    if (entry != nullptr) ancestors.push_back(entry);
  }
  std::reverse(ancestors.begin(), ancestors.end());
  return ancestors;
}

std::vector<const Entry*> DescendantsOf(const State& state, absl::string_view name) {
  std::vector<const Entry*> descendants;
  std::set<std::string> seen = {std::string(name)};
  // Depth first with a stack of our own: the depth of a tree is the record's affair.
  std::vector<std::string> stack = state.Referrers(name, "parent");
  std::reverse(stack.begin(), stack.end());
  while (!stack.empty()) {
    const std::string next = std::move(stack.back());
    stack.pop_back();
    if (!seen.insert(next).second) continue;
    descendants.push_back(state.Find(next));
    const std::vector<std::string> children = state.Referrers(next, "parent");
    stack.insert(stack.end(), children.rbegin(), children.rend());
  }
  return descendants;
}

}  // namespace entente::catalogue
