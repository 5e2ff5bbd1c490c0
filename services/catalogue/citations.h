// SPDX-License-Identifier: Apache-2.0
//
// Citations side by side with the texts of their documents, as far as the catalogue has them.
#ifndef ENTENTE_SERVICES_CATALOGUE_CITATIONS_H_
#define ENTENTE_SERVICES_CATALOGUE_CITATIONS_H_

#include "absl/status/status.h"
#include "common/resource/store.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"

namespace entente::catalogue {

// The most citations that one VerifyCitations takes, and spans that one FindUncited takes.
inline constexpr int kMaxCitations = 1000;
inline constexpr int kMaxSpans = 100'000;

// INVALID_ARGUMENT: too many citations, a new edition that is not UTF-8; errors of Store::At.
absl::Status VerifyCitations(const resource::Store& store,
                             const v1::VerifyCitationsRequest& request,
                             v1::VerifyCitationsResponse* response);

// Besides these: NOT_FOUND: there is no such document. FAILED_PRECONDITION: its text is not loaded.
absl::Status FindUncited(const resource::Store& store, const v1::FindUncitedRequest& request,
                         v1::FindUncitedResponse* response);

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_CITATIONS_H_
