// SPDX-License-Identifier: Apache-2.0
//
// The core of the catalogue: what it owns and answers, without any transport. The gRPC binding
// (catalogue_service.h) and callers in the same process use it alike.
//
//   ASSIGN_OR_RETURN(auto catalogue, MakeCatalogue(std::move(log), {}));
//   RETURN_IF_ERROR(catalogue->Load());
//   catalogue->Call(get_initiative_tree_request, &tree, done);
#ifndef ENTENTE_SERVICES_CATALOGUE_CATALOGUE_H_
#define ENTENTE_SERVICES_CATALOGUE_CATALOGUE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/log/log.h"
#include "common/resource/data_service.h"

namespace entente::catalogue {

// The most names that one LookupResources takes.
inline constexpr int kMaxLookup = 5000;

// Errors: those of DataService::Create.
absl::StatusOr<std::unique_ptr<resource::DataService>> MakeCatalogue(
    std::unique_ptr<log::Log> log, resource::StoreOptions options);

}  // namespace entente::catalogue

#endif  // ENTENTE_SERVICES_CATALOGUE_CATALOGUE_H_
