// SPDX-License-Identifier: Apache-2.0
//
// The catalogue of errors: a function for each, grouped by what it is about.
//
// Every error is an absl::Status that carries a google.rpc.ErrorInfo (https://google.aip.dev/193)
// with a reason that programs can rely on; docs/errors.md lists the reasons. Bad input carries a
// google.rpc.BadRequest with all violations at once. grpc_status.h turns them into a grpc::Status.
//
//   return errors::ResourceNotFound("entente.dev/Initiative", name);
//
//   Violations violations;
//   if (request.page_size() < 0) violations.Add("page_size", "must not be negative");
//   RETURN_IF_ERROR(violations.ToStatus());
#ifndef ENTENTE_COMMON_STATUS_ERRORS_H_
#define ENTENTE_COMMON_STATUS_ERRORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"

namespace entente {

// What is wrong with a request, field by field. Not thread-safe.
class Violations {
 public:
  // `field` is a path from the request message, for example "claim.parties[2].organisation";
  // `description` says what is wrong and what would be right.
  void Add(absl::string_view field, absl::string_view description);

  bool empty() const { return violations_.empty(); }
  const std::vector<google::rpc::BadRequest::FieldViolation>& all() const { return violations_; }

  // OK if empty; else INVALID_ARGUMENT, reason INVALID_REQUEST, with all of them.
  absl::Status ToStatus() const;

 private:
  std::vector<google::rpc::BadRequest::FieldViolation> violations_;
};

namespace errors {

using Metadata = std::map<std::string, std::string>;

// The domain of every ErrorInfo.
inline constexpr absl::string_view kDomain = "entente.dev";

// The building block: a status with an ErrorInfo. Prefer the functions below.
absl::Status Make(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                  const Metadata& metadata = {});

// The ErrorInfo, BadRequest of a status; empty messages if it has none.
google::rpc::ErrorInfo InfoOf(const absl::Status& status);
google::rpc::BadRequest BadRequestOf(const absl::Status& status);

// Resources.
absl::Status ResourceNotFound(absl::string_view type, absl::string_view name);
absl::Status ResourcesNotFound(const std::vector<std::string>& names);
absl::Status ResourceExists(absl::string_view name, bool deleted);
absl::Status ResourceDeleted(absl::string_view name);
absl::Status ResourceNotDeleted(absl::string_view name);
absl::Status ResourceErased(absl::string_view name);
// `referrers`: some of the resources that refer to it.
absl::Status ResourceInUse(absl::string_view name, const std::vector<std::string>& referrers);
absl::Status EtagMismatch(absl::string_view name, absl::string_view given,
                          absl::string_view current);

// Revisions.
absl::Status RevisionMismatch(int64_t expected, int64_t current);
absl::Status RevisionInFuture(int64_t asked, int64_t current);
absl::Status ReadTimeInFuture(absl::Time asked);
absl::Status RevisionNotRetained(int64_t asked, int64_t oldest);
absl::Status WatchTokenUnknown(absl::string_view why);

// Documents: what was asked needs a text that the service has not got.
absl::Status TextNotLoaded(absl::string_view document);

// Sums over claims. `classes`: for each of the ways in which money would mix ("nature", "stage",
// "direction"), what was found: "CLAIM_STAGE_REQUESTED".
absl::Status MixedKinds(const std::map<std::string, std::vector<std::string>>& classes);
// Rows cannot be ordered by money of these currencies.
absl::Status MixedCurrencies(const std::vector<std::string>& currencies);
// A sum has more digits than a decimal can have; `cause` says which.
absl::Status SumTooLarge(const absl::Status& cause);
// The answer would have more rows than `limit`.
absl::Status TooManyRows(int64_t limit);
// A query would need more than `limit` bytes of memory.
absl::Status QueryTooLarge(uint64_t limit);
// `row`: what was asked for, in words that the caller will know it by.
absl::Status RowNotFound(absl::string_view row);

// Answers that are not made in parts: more than `limit` events would be in it, or more than `limit`
// bytes.
absl::Status TooManyEvents(uint64_t limit);
absl::Status AnswerTooLarge(uint64_t limit);
// More than `limit` places lie in the one that is asked about.
absl::Status TooManyPlaces(uint64_t limit);

// Requests.
absl::Status RequestIdReused(absl::string_view request_id);
absl::Status RequestTooLarge(uint64_t size, uint64_t limit);
absl::Status DeadlineAlreadyPassed();
// The server is at its limit of calls in flight; carries a RetryInfo.
absl::Status Overloaded(int limit);
absl::Status Starting();
absl::Status ShuttingDown();

// Peers: the service that holds what was asked for cannot be had.
absl::Status PeerUnreachable(absl::string_view service, const absl::Status& cause);
// `service` has failed again and again and is not asked for a while; carries a RetryInfo.
absl::Status CircuitOpen(absl::string_view service, absl::Duration retry_delay);

// The change log refused a write for a reason that is not the caller's.
absl::Status LogUnavailable(const absl::Status& cause);

}  // namespace errors
}  // namespace entente

#endif  // ENTENTE_COMMON_STATUS_ERRORS_H_
