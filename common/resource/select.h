// SPDX-License-Identifier: Apache-2.0
//
// Which resources of a type a list is of: found by an index of the state where the filter asks for
// something that one knows, else by looking at all of them, on all processors if there are many.
// Whichever way, every resource that is found has passed the whole filter, and the answer is the
// same.
//
//   const std::vector<const Entry*> page =
//       Select(*state, {.type = &type, .filter = &filter, .most = 51}, parallel);
//
// What is indexed: the name of a resource, and every reference to another (a field with
// google.api.resource_reference, wherever in the resource it is):
//
//   name = "claims/x"                        name = "claims/x*"
//   initiative = "initiatives/x"             parties.organisation:"organisations/x"
//   initiative = ("initiatives/x" OR "initiatives/y")
//   any of these AND anything else
#ifndef ENTENTE_COMMON_RESOURCE_SELECT_H_
#define ENTENTE_COMMON_RESOURCE_SELECT_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/filter/condition.h"
#include "common/filter/filter.h"
#include "common/parallel/parallel.h"
#include "common/resource/state.h"

namespace entente::resource {

// Which way resources are looked for.
enum class SelectPath {
  // By an index, if one leads to an eighth of the resources or less; else all are looked at.
  kBest,
  // For tests, to see that they agree: by an index if there is one, however much it leads to; all,
  // in this thread; all, on all processors from the first on.
  kIndex,
  kScan,
  kParallelScan,
};

struct Selecting {
  const ResourceType* type;
  // Only names that begin with this, from `from` on.
  std::string prefix;
  std::string from;
  bool with_deleted = false;
  const filter::Filter* filter;
  // What else they must be; null: nothing. Called from several threads at once.
  std::function<bool(const Entry&)> also;
  // The order that they are wanted in; null: that of their names. Called from several threads.
  std::function<bool(const Entry&, const Entry&)> before;
  // At most so many: the first.
  size_t most = std::numeric_limits<size_t>::max();
  SelectPath path = SelectPath::kBest;
};

// The first of those resources, in order; they live as long as the state. `parallel` may be null.
std::vector<const Entry*> Select(const State& state, const Selecting& selecting,
                                 Parallel* parallel);

// The names of all resources of a type that can satisfy `condition`, and perhaps of others, in
// order and once each; none if no index tells, or if there are more than `most`. Deleted resources
// are in no index of references.
std::optional<std::vector<std::string>> CandidatesFor(const filter::Condition& condition,
                                                      const State& state, const ResourceType& type,
                                                      bool with_deleted, size_t most);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_SELECT_H_
