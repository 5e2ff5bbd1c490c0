// SPDX-License-Identifier: Apache-2.0
#include "common/status/errors.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entente {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

// Long lists are cut in messages; the details carry the rest.
constexpr size_t kNamesInMessage = 5;

template <typename Message>
void Attach(absl::Status* status, const Message& detail) {
  status->SetPayload(absl::StrCat(kTypePrefix, std::string(Message::descriptor()->full_name())),
                     absl::Cord(detail.SerializeAsString()));
}

template <typename Message>
Message Detail(const absl::Status& status) {
  Message detail;
  const auto payload =
      status.GetPayload(absl::StrCat(kTypePrefix, std::string(Message::descriptor()->full_name())));
  if (payload.has_value()) detail.ParseFromString(std::string(*payload));
  return detail;
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(delay % absl::Seconds(1))));
  Attach(&status, retry);
  return status;
}

std::string Some(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamesInMessage);
  std::string text = absl::StrJoin(names.begin(), names.begin() + shown, ", ");
  if (names.size() > shown) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return text;
}

}  // namespace

void Violations::Add(absl::string_view field, absl::string_view description) {
  auto& violation = violations_.emplace_back();
  violation.set_field(std::string(field));
  violation.set_description(std::string(description));
}

absl::Status Violations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  std::string message;
  for (size_t i = 0; i < std::min(violations_.size(), kNamesInMessage); ++i) {
    absl::StrAppend(&message, i == 0 ? "" : "; ", violations_[i].field(), ": ",
                    violations_[i].description());
  }
  if (violations_.size() > kNamesInMessage) {
    absl::StrAppend(&message, "; and ", violations_.size() - kNamesInMessage, " more");
  }
  absl::Status status =
      errors::Make(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", message);
  google::rpc::BadRequest bad_request;
  for (const auto& violation : violations_) *bad_request.add_field_violations() = violation;
  Attach(&status, bad_request);
  return status;
}

namespace errors {

absl::Status Make(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                  const Metadata& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  Attach(&status, info);
  return status;
}

google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  return Detail<google::rpc::ErrorInfo>(status);
}

google::rpc::BadRequest BadRequestOf(const absl::Status& status) {
  return Detail<google::rpc::BadRequest>(status);
}

absl::Status ResourceNotFound(absl::string_view type, absl::string_view name) {
  return Make(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", absl::StrCat("there is no ", name),
              {{"type", std::string(type)}, {"name", std::string(name)}});
}

absl::Status ResourcesNotFound(const std::vector<std::string>& names) {
  return Make(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
              absl::StrCat("there is no ", Some(names)), {{"names", absl::StrJoin(names, ",")}});
}

absl::Status ResourceExists(absl::string_view name, bool deleted) {
  return Make(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS",
              deleted ? absl::StrCat(name, " exists and is deleted; undelete it or take another id")
                      : absl::StrCat(name, " exists; update it or take another id"),
              {{"name", std::string(name)}, {"deleted", deleted ? "true" : "false"}});
}

absl::Status ResourceDeleted(absl::string_view name) {
  return Make(absl::StatusCode::kFailedPrecondition, "RESOURCE_DELETED",
              absl::StrCat(name, " is deleted; undelete it first"), {{"name", std::string(name)}});
}

absl::Status ResourceErased(absl::string_view name) {
  return Make(absl::StatusCode::kFailedPrecondition, "RESOURCE_ERASED",
              absl::StrCat(name, " was erased for good, and its name stays taken; use another id"),
              {{"name", std::string(name)}});
}

absl::Status ResourceNotDeleted(absl::string_view name) {
  return Make(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_DELETED",
              absl::StrCat(name, " is not deleted"), {{"name", std::string(name)}});
}

absl::Status ResourceInUse(absl::string_view name, const std::vector<std::string>& referrers) {
  return Make(absl::StatusCode::kFailedPrecondition, "RESOURCE_IN_USE",
              absl::StrCat(name, " is referred to by ", Some(referrers),
                           "; change or delete those first, or in the same change set"),
              {{"name", std::string(name)}, {"referrers", absl::StrJoin(referrers, ",")}});
}

absl::Status EtagMismatch(absl::string_view name, absl::string_view given,
                          absl::string_view current) {
  return Make(
      absl::StatusCode::kAborted, "ETAG_MISMATCH",
      absl::StrCat(name, " has changed since it was read; read it again and repeat the change"),
      {{"name", std::string(name)},
       {"given", std::string(given)},
       {"current", std::string(current)}});
}

absl::Status RevisionMismatch(int64_t expected, int64_t current) {
  return Make(absl::StatusCode::kAborted, "REVISION_MISMATCH",
              absl::StrCat("the service is at revision ", current, ", not ", expected,
                           "; read again and repeat the change"),
              {{"expected", absl::StrCat(expected)}, {"current", absl::StrCat(current)}});
}

absl::Status RevisionInFuture(int64_t asked, int64_t current) {
  return Make(absl::StatusCode::kOutOfRange, "REVISION_IN_FUTURE",
              absl::StrCat("revision ", asked, " does not exist yet; the current one is ", current),
              {{"asked", absl::StrCat(asked)}, {"current", absl::StrCat(current)}});
}

absl::Status ReadTimeInFuture(absl::Time asked) {
  const std::string text = absl::FormatTime(absl::RFC3339_full, asked, absl::UTCTimeZone());
  return Make(absl::StatusCode::kOutOfRange, "READ_TIME_IN_FUTURE",
              absl::StrCat(text,
                           " is to come: what will be read then is not known; leave read_time "
                           "out to read the present"),
              {{"asked", text}});
}

absl::Status RevisionNotRetained(int64_t asked, int64_t oldest) {
  return Make(
      absl::StatusCode::kFailedPrecondition, "REVISION_NOT_RETAINED",
      absl::StrCat("revision ", asked, " can no longer be read; the oldest that can is ", oldest),
      {{"asked", absl::StrCat(asked)}, {"oldest", absl::StrCat(oldest)}});
}

absl::Status WatchTokenUnknown(absl::string_view why) {
  return Make(absl::StatusCode::kOutOfRange, "WATCH_TOKEN_UNKNOWN",
              absl::StrCat("the resume token is from a revision that this service has never had (",
                           why, "); begin again without a token, with include_current"));
}

absl::Status TextNotLoaded(absl::string_view document) {
  return Make(absl::StatusCode::kFailedPrecondition, "TEXT_NOT_LOADED",
              absl::StrCat("the text of ", document,
                           " is not loaded; update the document with its text, if you may"),
              {{"document", std::string(document)}});
}

absl::Status MixedKinds(const std::map<std::string, std::vector<std::string>>& classes) {
  Metadata metadata;
  std::vector<std::string> ways;
  for (const auto& [way, found] : classes) {
    metadata[way] = absl::StrJoin(found, ",");
    ways.push_back(absl::StrCat(way, " (", Some(found), ")"));
  }
  return Make(absl::StatusCode::kFailedPrecondition, "MIXED_KINDS",
              absl::StrCat("the sum would mix kinds of money by ", absl::StrJoin(ways, " and by "),
                           "; filter for one kind, group by it, or allow it in `mix` (statistics "
                           "never mix with money)"),
              metadata);
}

absl::Status MixedCurrencies(const std::vector<std::string>& currencies) {
  return Make(
      absl::StatusCode::kFailedPrecondition, "MIXED_CURRENCIES",
      absl::StrCat("rows cannot be ordered by money of several currencies (", Some(currencies),
                   "); filter for one, set `convert_to`, or order by something else"),
      {{"currencies", absl::StrJoin(currencies, ",")}});
}

absl::Status SumTooLarge(const absl::Status& cause) {
  return Make(absl::StatusCode::kOutOfRange, "SUM_TOO_LARGE",
              absl::StrCat("a sum of the answer is beyond 38 digits (", cause.message(),
                           "); filter or group so that amounts of such different sizes, or so "
                           "large ones, are apart"));
}

absl::Status TooManyRows(int64_t limit) {
  return Make(absl::StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
              absl::StrCat("the answer has more than ", limit,
                           " rows; filter, group by less or by something coarser, or ask for the "
                           "`top` ones"),
              {{"limit", absl::StrCat(limit)}});
}

absl::Status QueryTooLarge(uint64_t limit) {
  return Make(
      absl::StatusCode::kResourceExhausted, "QUERY_TOO_LARGE",
      absl::StrCat("the query needs more than ", limit,
                   " bytes of memory, which is all that one query may have here; filter, or "
                   "group by less or by something coarser"),
      {{"limit_bytes", absl::StrCat(limit)}});
}

absl::Status RowNotFound(absl::string_view row) {
  return Make(absl::StatusCode::kNotFound, "ROW_NOT_FOUND",
              absl::StrCat("the answer to this query has no row ", row,
                           "; give `kind` and `values` as the answer at this revision has them"),
              {{"row", std::string(row)}});
}

absl::Status TooManyEvents(uint64_t limit) {
  return Make(absl::StatusCode::kResourceExhausted, "TOO_MANY_EVENTS",
              absl::StrCat("more than ", limit,
                           " events match; filter for less, for example for a window of time with "
                           "possibly(date, \"2023\")"),
              {{"limit", absl::StrCat(limit)}});
}

absl::Status TooManyPlaces(uint64_t limit) {
  return Make(
      absl::StatusCode::kFailedPrecondition, "TOO_MANY_PLACES",
      absl::StrCat("more than ", limit, " places lie in it; ask for the places in it one by one"),
      {{"limit", absl::StrCat(limit)}});
}

absl::Status AnswerTooLarge(uint64_t limit) {
  return Make(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE",
              absl::StrCat("the answer has more than ", limit,
                           " bytes; filter for less, for example for a window of time with "
                           "possibly(date, \"2023\")"),
              {{"limit_bytes", absl::StrCat(limit)}});
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return Make(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
              absl::StrCat("request_id \"", request_id,
                           "\" was used for a different write; take a new one"),
              {{"request_id", std::string(request_id)}});
}

absl::Status RequestTooLarge(uint64_t size, uint64_t limit) {
  return Make(absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE",
              absl::StrCat("the request has ", size, " bytes; at most ", limit,
                           " are accepted: send it in parts"),
              {{"size", absl::StrCat(size)}, {"limit", absl::StrCat(limit)}});
}

absl::Status DeadlineAlreadyPassed() {
  return Make(absl::StatusCode::kDeadlineExceeded, "DEADLINE_ALREADY_PASSED",
              "the deadline had passed when the call arrived; nothing was done");
}

absl::Status Overloaded(int limit) {
  return WithRetryDelay(
      Make(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS_IN_FLIGHT",
           absl::StrCat("the server has ", limit, " calls in flight already; try again"),
           {{"limit", absl::StrCat(limit)}}),
      absl::Milliseconds(100));
}

absl::Status Starting() {
  return Make(absl::StatusCode::kUnavailable, "STARTING",
              "the server is still reading its log; try again when its health is SERVING");
}

absl::Status ShuttingDown() {
  return Make(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
              "the server is shutting down; try again, watches with their last token");
}

absl::Status PeerUnreachable(absl::string_view service, const absl::Status& cause) {
  return Make(
      absl::StatusCode::kUnavailable, "PEER_UNREACHABLE",
      absl::StrCat(service, " holds what was asked for and cannot be reached: ", cause.message()),
      {{"service", std::string(service)},
       {"cause", std::string(absl::StatusCodeToString(cause.code()))}});
}

absl::Status CircuitOpen(absl::string_view service, absl::Duration retry_delay) {
  return WithRetryDelay(
      Make(absl::StatusCode::kUnavailable, "CIRCUIT_OPEN",
           absl::StrCat(service, " has failed again and again; it will be asked again in ",
                        absl::FormatDuration(retry_delay)),
           {{"service", std::string(service)}}),
      retry_delay);
}

absl::Status LogUnavailable(const absl::Status& cause) {
  return Make(absl::StatusCode::kUnavailable, "LOG_UNAVAILABLE",
              absl::StrCat(
                  "the change could not be made durable; repeat it with the same request_id, which "
                  "applies it at most once: ",
                  cause.message()),
              {{"cause", std::string(absl::StatusCodeToString(cause.code()))}});
}

}  // namespace errors
}  // namespace entente
