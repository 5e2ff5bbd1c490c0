// SPDX-License-Identifier: Apache-2.0
//
// The types of resource that funding owns, for it and for those that read what it answers.
#ifndef ENTENTE_SERVICES_FUNDING_TYPES_H_
#define ENTENTE_SERVICES_FUNDING_TYPES_H_

#include "common/resource/type.h"

namespace entente::funding {

// The registry of funding's types; one for the process, never destroyed.
const resource::Registry& Types();

}  // namespace entente::funding

#endif  // ENTENTE_SERVICES_FUNDING_TYPES_H_
