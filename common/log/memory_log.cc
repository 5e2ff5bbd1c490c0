// SPDX-License-Identifier: Apache-2.0
#include "common/log/memory_log.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace entente::log {

absl::StatusOr<std::vector<Committed>> MemoryLog::Append(int64_t expected_head,
                                                         absl::Span<const Proposal> proposals) {
  RETURN_IF_ERROR(ValidateAppend(expected_head, proposals));
  std::lock_guard<std::mutex> lock(mutex_);
  const auto head = static_cast<int64_t>(revisions_.size());
  if (head != expected_head) {
    return absl::AbortedError(absl::StrCat("the head is ", head, ", not ", expected_head));
  }
  std::set<std::string> ids;
  for (const Proposal& proposal : proposals) {
    const std::string& id = proposal.request_id;
    if (!id.empty() && (requests_.count(id) > 0 || !ids.insert(id).second)) {
      return absl::AlreadyExistsError(absl::StrCat("request id ", id, " was used before"));
    }
  }
  std::vector<Revision> appended;
  std::vector<Committed> committed;
  int64_t last = head == 0 ? 0 : absl::ToUnixMicros(revisions_.back().commit_time);
  for (const Proposal& proposal : proposals) {
    ASSIGN_OR_RETURN(last, NextCommitMicros(clock_->Now(), last));
    const int64_t number = head + 1 + static_cast<int64_t>(appended.size());
    appended.push_back({number, absl::FromUnixMicros(last), proposal.request_id,
                        proposal.request_fingerprint, proposal.changes, proposal.reason});
    committed.push_back({number, absl::FromUnixMicros(last)});
  }
  std::set<std::string> erased;
  for (Revision& revision : appended) {
    if (!revision.request_id.empty()) requests_[revision.request_id] = revisions_.size();
    for (const Change& change : revision.changes) {
      if (change.kind == ChangeKind::kErase) erased.insert(change.name);
    }
    revisions_.push_back(std::move(revision));
    if (erased.empty()) continue;
    for (Revision& earlier : revisions_) {
      for (Change& change : earlier.changes) {
        if (erased.count(change.name) == 0) continue;
        change = {change.name, ChangeKind::kErase, ""};
        if (&earlier != &revisions_.back()) earlier.reason.clear();
      }
    }
    erased.clear();
  }
  return committed;
}

absl::Status MemoryLog::Read(int64_t after, int64_t limit,
                             absl::FunctionRef<absl::Status(Revision)> fn) {
  if (after < 0 || limit < 0) {
    return absl::InvalidArgumentError(
        "neither the revision to read after nor the limit can be "
        "negative");
  }
  std::vector<Revision> revisions;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto head = static_cast<int64_t>(revisions_.size());
    const int64_t end = limit > head - after ? head : after + limit;
    if (after < end) revisions.assign(revisions_.begin() + after, revisions_.begin() + end);
  }
  for (Revision& revision : revisions) RETURN_IF_ERROR(fn(std::move(revision)));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> MemoryLog::Head() {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int64_t>(revisions_.size());
}

absl::StatusOr<std::optional<int64_t>> MemoryLog::RevisionAt(absl::Time time) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto later = std::upper_bound(
      revisions_.begin(), revisions_.end(), time,
      [](absl::Time t, const Revision& revision) { return t < revision.commit_time; });
  if (later == revisions_.begin()) return std::optional<int64_t>();
  return std::optional<int64_t>(std::prev(later)->number);
}

absl::StatusOr<std::vector<int64_t>> MemoryLog::RevisionsOf(absl::string_view name, int64_t last,
                                                            int64_t limit) {
  RETURN_IF_ERROR(ValidateRevisionsOf(name, last, limit));
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<int64_t> numbers;
  for (int64_t number = std::min(last, static_cast<int64_t>(revisions_.size()));
       number > 0 && static_cast<int64_t>(numbers.size()) < limit; --number) {
    const std::vector<Change>& changes = revisions_[static_cast<size_t>(number - 1)].changes;
    const bool changed = std::any_of(changes.begin(), changes.end(),
                                     [&](const Change& change) { return change.name == name; });
    if (changed) numbers.push_back(number);
  }
  return numbers;
}

absl::StatusOr<std::optional<RecordedRequest>> MemoryLog::FindRequest(
    absl::string_view request_id) {
  if (request_id.empty()) return absl::InvalidArgumentError("the request id is empty");
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = requests_.find(std::string(request_id));
  if (found == requests_.end()) return std::optional<RecordedRequest>();
  const Revision& revision = revisions_[found->second];
  return std::optional<RecordedRequest>(
      RecordedRequest{{revision.number, revision.commit_time}, revision.request_fingerprint});
}

}  // namespace entente::log
