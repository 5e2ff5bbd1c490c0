// SPDX-License-Identifier: Apache-2.0
//
// ListCitations: the citations of a document that the resources of a service carry.
#ifndef ENTENTE_COMMON_RESOURCE_CITATIONS_H_
#define ENTENTE_COMMON_RESOURCE_CITATIONS_H_

#include "absl/status/status.h"
#include "common/resource/normalise.h"
#include "common/resource/store.h"
#include "entente/type/v1/citation.pb.h"

namespace entente::resource {

// INVALID_ARGUMENT: no name of a document, a bad page. NOT_FOUND: the service owns documents and
// has none of this name; one that does not own them answers that nothing of its cites it. Errors of
// Store::At.
absl::Status ListCitations(const Store& store, const Normaliser& normaliser,
                           const type::v1::ListCitationsRequest& request,
                           type::v1::ListCitationsResponse* response);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_CITATIONS_H_
