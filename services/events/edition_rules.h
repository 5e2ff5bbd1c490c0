// SPDX-License-Identifier: Apache-2.0
//
// What the editions of a series must be to each other: not two of one number, not two first ones,
// and in no order that contradicts their dates.
#ifndef ENTENTE_SERVICES_EVENTS_EDITION_RULES_H_
#define ENTENTE_SERVICES_EVENTS_EDITION_RULES_H_

#include <map>
#include <string>

#include "common/resource/state.h"
#include "common/status/errors.h"

namespace entente::events {

// Of every series that a changed event belongs to; see Rules::CheckTogether. A fault is reported at
// the one of the two events that changed.
void CheckEditions(const resource::State& after, const std::map<std::string, std::string>& changed,
                   Violations* violations);

}  // namespace entente::events

#endif  // ENTENTE_SERVICES_EVENTS_EDITION_RULES_H_
