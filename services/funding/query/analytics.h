// SPDX-License-Identifier: Apache-2.0
//
// The analytics of funding: sums over claims, with bounds, in rows by any dimensions, and why a row
// says what it says (proto/entente/funding/v1/query.proto). Without any transport; an answer takes
// milliseconds to seconds of one processor, so it is made on threads that may be kept busy
// (common/server/workers.h), not on those of gRPC.
//
//   Analytics analytics(&core->store(), view);
//   const auto never = [] { return false; };
//   ASSIGN_OR_RETURN(const Messages<v1::QueryFundingResponse> messages,
//                    analytics.Query(request, never));
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_ANALYTICS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_ANALYTICS_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/resource/store.h"
#include "entente/funding/v1/query.pb.h"
#include "services/catalogue/client/catalogue_view.h"
#include "services/funding/query/filling.h"
#include "services/funding/query/resources.h"

namespace entente::funding::query {

struct AnalyticsOptions {
  // On how many processors one query runs if they have nothing else to do; 0 means all.
  int query_threads = 0;
  // What one query may take for its sums and rows; more is RESOURCE_EXHAUSTED, QUERY_TOO_LARGE.
  size_t query_memory_bytes = kDefaultQueryMemory;
};

// Thread-safe.
class Analytics {
 public:
  // Both must outlive it.
  Analytics(const resource::Store* store, const catalogue::CatalogueView* catalogue,
            const AnalyticsOptions& options);
  ~Analytics();

  // Whether the caller has gone; asked now and then by long work, from several threads.
  using Cancelled = std::function<bool()>;

  // The messages of an answer, at least one, each of at most 2 MiB. Errors: INVALID_ARGUMENT for
  // what is wrong with the request, field by field; FAILED_PRECONDITION, reasons MIXED_KINDS and
  // MIXED_CURRENCIES; RESOURCE_EXHAUSTED, reasons TOO_MANY_ROWS and QUERY_TOO_LARGE; OUT_OF_RANGE,
  // reason SUM_TOO_LARGE; of the revision, OUT_OF_RANGE (REVISION_IN_FUTURE) and
  // FAILED_PRECONDITION (REVISION_NOT_RETAINED); CANCELLED once `cancelled` has said so.
  absl::StatusOr<Messages<v1::QueryFundingResponse>> Query(const v1::QueryFundingRequest& request,
                                                           const Cancelled& cancelled) const;

  // Likewise. Errors: those of Query, and NOT_FOUND, reason ROW_NOT_FOUND.
  absl::StatusOr<Messages<v1::ExplainFundingResponse>> Explain(
      const v1::ExplainFundingRequest& request, const Cancelled& cancelled) const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_ANALYTICS_H_
