// SPDX-License-Identifier: Apache-2.0
//
// The methods on the history of a service: ListRevisions and CompareRevisions.
#ifndef ENTENTE_COMMON_RESOURCE_REVISIONS_H_
#define ENTENTE_COMMON_RESOURCE_REVISIONS_H_

#include "absl/status/status.h"
#include "common/resource/store.h"
#include "entente/type/v1/revision.pb.h"

namespace entente::resource {

// See ListRevisions of any service. Errors: INVALID_REQUEST, RESOURCE_NOT_FOUND for a `resource`
// that nothing ever had as its name, those of Store::At but for REVISION_NOT_RETAINED, those of the
// log.
absl::Status ListRevisions(const Store& store, const type::v1::ListRevisionsRequest& request,
                           type::v1::ListRevisionsResponse* response);

// See CompareRevisions of any service. Errors: INVALID_REQUEST, RESOURCE_NOT_FOUND, those of
// Store::At.
absl::Status CompareRevisions(const Store& store, const type::v1::CompareRevisionsRequest& request,
                              type::v1::CompareRevisionsResponse* response);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_REVISIONS_H_
