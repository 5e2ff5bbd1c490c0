// SPDX-License-Identifier: Apache-2.0
//
// The types of resource that the catalogue owns, for it and for those that follow it.
#ifndef ENTENTE_SERVICES_CATALOGUE_TYPES_H_
#define ENTENTE_SERVICES_CATALOGUE_TYPES_H_

#include "common/resource/type.h"

namespace entente::catalogue {

// The registry of the catalogue's types; one for the process, never destroyed.
const resource::Registry& Types();

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_TYPES_H_
