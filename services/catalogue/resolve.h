// SPDX-License-Identifier: Apache-2.0
//
// Which organisations names, acronyms and identifiers of other systems mean.
#ifndef ENTENTE_SERVICES_CATALOGUE_RESOLVE_H_
#define ENTENTE_SERVICES_CATALOGUE_RESOLVE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "common/resource/store.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"

namespace entente::catalogue {

// The most references that one call resolves, and the longest text of one, in bytes.
inline constexpr int kMaxReferences = 1000;
inline constexpr size_t kMaxReferenceBytes = 4000;

// Every organisation that a reference fits, followed to what it is now; nothing is guessed.
// INVALID_ARGUMENT: no references or too many, an empty or overlong one, an identifier without a
// scheme or value; errors of Store::At.
absl::Status ResolveOrganisations(const resource::Store& store,
                                  const v1::ResolveOrganisationsRequest& request,
                                  v1::ResolveOrganisationsResponse* response);

// One of them, which is valid.
v1::OrganisationResolution Resolve(const resource::State& state,
                                   const v1::OrganisationReference& reference);

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_RESOLVE_H_
