// SPDX-License-Identifier: Apache-2.0
#include "common/log/log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace entente::log {
namespace {

// 9999-12-31T23:59:59.999999Z, the last microsecond of google.protobuf.Timestamp.
constexpr int64_t kMaxCommitMicros = 253'402'300'799'999'999;

bool HasNul(absl::string_view text) { return text.find('\0') != absl::string_view::npos; }

absl::Status ValidateChange(const Change& change) {
  if (change.name.empty()) return absl::InvalidArgumentError("a change needs a name");
  if (HasNul(change.name)) return absl::InvalidArgumentError("a name holds a NUL");
  switch (change.kind) {
    case ChangeKind::kPut:
    case ChangeKind::kDelete:
    case ChangeKind::kUndelete:
      if (static_cast<int64_t>(change.body.size()) > kMaxBodyBytes) {
        return absl::InvalidArgumentError(absl::StrCat("the body of ", change.name, " has ",
                                                       change.body.size(), " bytes; at most ",
                                                       kMaxBodyBytes, " are allowed"));
      }
      return absl::OkStatus();
    case ChangeKind::kErase:
      if (!change.body.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("an erasure has no body, but that of ", change.name, " has one"));
      }
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("the change of ", change.name, " is of kind ",
                                                 static_cast<int>(change.kind),
                                                 ", which does not exist"));
}

}  // namespace

absl::Status ValidateAppend(int64_t expected_head, absl::Span<const Proposal> proposals) {
  if (expected_head < 0) return absl::InvalidArgumentError("the expected head is negative");
  if (proposals.empty()) return absl::InvalidArgumentError("there is nothing to append");
  for (const Proposal& proposal : proposals) {
    if (proposal.changes.empty()) {
      return absl::InvalidArgumentError("a proposal needs at least one change");
    }
    if (HasNul(proposal.request_id)) {
      return absl::InvalidArgumentError("a request id holds a NUL");
    }
    if (proposal.request_id.empty() && !proposal.request_fingerprint.empty()) {
      return absl::InvalidArgumentError("a request fingerprint needs a request id");
    }
    for (const Change& change : proposal.changes) {
      RETURN_IF_ERROR(ValidateChange(change));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateRevisionsOf(absl::string_view name, int64_t last, int64_t limit) {
  if (name.empty()) return absl::InvalidArgumentError("the name is empty");
  if (last < 0) return absl::InvalidArgumentError("the last revision is negative");
  if (limit < 0) return absl::InvalidArgumentError("the limit is negative");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> NextCommitMicros(absl::Time now, int64_t last_micros) {
  const int64_t now_micros = absl::ToUnixMicros(now);
  if (now_micros > kMaxCommitMicros || last_micros >= kMaxCommitMicros) {
    return absl::InternalError(absl::StrCat("the clock reads ",
                                            absl::FormatTime(now, absl::UTCTimeZone()),
                                            ": commit times end with the year 9999"));
  }
  return std::max(now_micros, last_micros + 1);
}

}  // namespace entente::log
