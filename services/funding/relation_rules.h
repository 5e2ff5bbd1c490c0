// SPDX-License-Identifier: Apache-2.0
//
// What funding demands of the relations between claims other than `part_of`.
#ifndef ENTENTE_SERVICES_FUNDING_RELATION_RULES_H_
#define ENTENTE_SERVICES_FUNDING_RELATION_RULES_H_

#include <map>
#include <string>

#include "common/resource/state.h"
#include "common/status/errors.h"

namespace entente::funding {

// Relations of one kind never lead from a claim back to itself: what restates, supersedes, realises
// or was passed on from itself would be counted not once but never. A claim may relate to several
// others, so this is about a graph; claims that all lead to each other are one fault, reported with
// a shortest ring of them, at the first of them by name that changed. That a claim is related
// directly to itself is not reported here (rules.h). `changed` as in
// resource::Rules::CheckTogether.
//
// What takes the place of a part of another claim is in that place: part of the same whole, or of
// what supersedes it. Otherwise sums would have both it and the whole, which is as large as before.
//
// Cost: a step for each relation that can be reached from a changed claim.
void CheckRelationsTogether(const resource::State& after,
                            const std::map<std::string, std::string>& changed,
                            Violations* violations);

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_RELATION_RULES_H_
