// SPDX-License-Identifier: Apache-2.0
//
// Trees in a state of the catalogue: what stands above and beneath a resource through the field
// `parent`. Used by the catalogue itself and by those that keep a copy of it.
#ifndef ENTENTE_SERVICES_CATALOGUE_TREE_H_
#define ENTENTE_SERVICES_CATALOGUE_TREE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/resource/state.h"

namespace entente::catalogue {

// From the root down to the parent of `name`. Stops at what is deleted or not there, and at a
// cycle (which the catalogue refuses, but a copy of it between two revisions is not asked to).
std::vector<const resource::Entry*> AncestorsOf(const resource::State& state,
                                                absl::string_view name);

// Everything beneath `name`, each after its parent, siblings by name. Without what is deleted.
std::vector<const resource::Entry*> DescendantsOf(const resource::State& state,
                                                  absl::string_view name);

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_TREE_H_
