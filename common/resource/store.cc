// SPDX-License-Identifier: Apache-2.0
#include "common/resource/store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

// How many writes share one commit. Bounds how long the first of them waits for the last.
constexpr size_t kMaxBatch = 256;

// How often a batch is planned again because another process wrote to the log meanwhile.
constexpr int kMaxConflicts = 10;

// A commit time later than that of `state`, for what is planned and not committed.
absl::Time ProvisionalTime(const State& state) {
  return std::max(state.commit_time(), absl::UnixEpoch()) + absl::Microseconds(1);
}

// One write of a batch on its way.
struct Step {
  Write write;
  // Set once it is known how the write ends, unless it awaits the commit.
  std::optional<absl::StatusOr<Written>> outcome;
  // Its place among the proposals; a repetition within the batch has that of the first.
  size_t proposal = 0;
};

// Where among `proposals` the id of `write` stands; one past the last if nowhere.
size_t FindProposal(const std::vector<log::Proposal>& proposals, const Write& write) {
  size_t i = 0;
  while (i < proposals.size() &&
         (write.request_id.empty() || proposals[i].request_id != write.request_id)) {
    ++i;
  }
  return i;
}

}  // namespace

Store::Store(std::unique_ptr<log::Log> log, const Registry* registry, StoreOptions options)
    : log_(std::move(log)),
      registry_(registry),
      options_(options),
      current_(std::make_shared<State>(registry)) {}

absl::Status Store::Load() {
  RETURN_IF_ERROR(CatchUp());
  writer_ = std::thread([this] { WriterLoop(); });
  return absl::OkStatus();
}

Store::~Store() {
  {
    std::lock_guard<std::mutex> lock(queue_mutex_);
    stopping_ = true;
  }
  queue_changed_.notify_all();
  if (writer_.joinable()) writer_.join();
  for (Write& write : queue_) write.done(errors::ShuttingDown());
}

std::shared_ptr<const State> Store::Current() const {
  std::lock_guard<std::mutex> lock(state_mutex_);
  return current_;
}

absl::StatusOr<std::shared_ptr<const State>> Store::At(int64_t revision) const {
  std::lock_guard<std::mutex> lock(state_mutex_);
  if (revision == 0 || revision == current_->revision()) return current_;
  if (revision < 0) {
    Violations violations;
    violations.Add("revision", "must not be negative; 0 means the current revision");
    return violations.ToStatus();
  }
  if (revision > current_->revision()) {
    return errors::RevisionInFuture(revision, current_->revision());
  }
  const int64_t oldest = states_.front()->revision();
  if (revision < oldest) return errors::RevisionNotRetained(revision, oldest);
  return states_[static_cast<size_t>(revision - oldest)];
}

absl::StatusOr<std::shared_ptr<const Committed>> Store::Next(int64_t after) const {
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    if (after >= current_->revision()) return std::shared_ptr<const Committed>();
    const int64_t oldest = revisions_.front()->revision;
    if (after + 1 >= oldest) return revisions_[static_cast<size_t>(after + 1 - oldest)];
  }
  return ReadOne(after);
}

absl::StatusOr<std::shared_ptr<const Committed>> Store::ReadOne(int64_t after) const {
  std::shared_ptr<const Committed> result;
  RETURN_IF_ERROR(log_->Read(after, 1, [&](const log::Revision& revision) -> absl::Status {
    ASSIGN_OR_RETURN(Committed committed, Materialise(*registry_, revision));
    result = std::make_shared<const Committed>(std::move(committed));
    return absl::OkStatus();
  }));
  return result;
}

void Store::Submit(Write write) {
  {
    std::lock_guard<std::mutex> lock(queue_mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(write));
      queue_changed_.notify_one();
      return;
    }
  }
  write.done(errors::ShuttingDown());
}

void Store::SetListener(std::function<void()> listener) {
  std::lock_guard<std::mutex> lock(listener_mutex_);
  listener_ = std::move(listener);
}

absl::Status Store::CatchUp() {
  return log_->Read(Current()->revision(), log::kAllRevisions,
                    [&](const log::Revision& revision) -> absl::Status {
                      ASSIGN_OR_RETURN(Committed committed, Materialise(*registry_, revision));
                      Publish(std::make_shared<const Committed>(std::move(committed)));
                      return absl::OkStatus();
                    });
}

// Only the writer (or Load, before it starts) publishes, so that reading current_ and replacing it
// need not be one critical section.
void Store::Publish(std::shared_ptr<const Committed> committed) {
  std::shared_ptr<const State> next = Current()->With(*committed);
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    current_ = next;
    states_.push_back(std::move(next));
    revisions_.push_back(std::move(committed));
    if (states_.size() > options_.retained_revisions) {
      states_.pop_front();
      revisions_.pop_front();
    }
  }
  std::lock_guard<std::mutex> lock(listener_mutex_);
  if (listener_) listener_();
}

void Store::WriterLoop() {
  while (true) {
    std::vector<Write> batch;
    {
      std::unique_lock<std::mutex> lock(queue_mutex_);
      queue_changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) break;
      while (!queue_.empty() && batch.size() < kMaxBatch) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    Commit(std::move(batch));
  }
}

void Store::Commit(std::vector<Write> batch) {
  std::vector<Step> steps(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) steps[i].write = std::move(batch[i]);

  absl::Status appended;
  for (int attempt = 0; attempt < kMaxConflicts; ++attempt) {
    // The state that each write is planned against: the current one and what this batch is about
    // to change. The commit time in it is provisional; nobody sees it.
    std::shared_ptr<const State> working = Current();
    const int64_t head = working->revision();
    std::vector<log::Proposal> proposals;
    // What the last proposal changes, while `working` does not contain it.
    std::optional<Committed> planned;
    for (Step& step : steps) {
      step.outcome.reset();
      if (step.write.deadline < absl::Now()) {
        step.outcome = errors::DeadlineAlreadyPassed();
        continue;
      }
      step.proposal = FindProposal(proposals, step.write);
      if (step.proposal < proposals.size()) {
        // A repetition in the same batch awaits the first one's commit and gets its answer.
        if (proposals[step.proposal].request_fingerprint != step.write.request_fingerprint) {
          step.outcome = errors::RequestIdReused(step.write.request_id);
        }
        continue;
      }
      const auto earlier = [&]() -> absl::StatusOr<std::shared_ptr<const Committed>> {
        if (step.write.request_id.empty()) return std::shared_ptr<const Committed>();
        ASSIGN_OR_RETURN(auto recorded, log_->FindRequest(step.write.request_id));
        if (!recorded.has_value()) return std::shared_ptr<const Committed>();
        if (!recorded->fingerprint.empty() &&
            recorded->fingerprint != step.write.request_fingerprint) {
          return errors::RequestIdReused(step.write.request_id);
        }
        return Next(recorded->committed.number - 1);
      }();
      if (!earlier.ok()) {
        step.outcome = earlier.status();
        continue;
      }
      if (*earlier != nullptr) {
        step.outcome = Written{Current(), (*earlier)->changed};
        continue;
      }
      if (planned.has_value()) {
        working = working->With(*planned);
        planned.reset();
      }
      auto changes = step.write.plan(*working);
      if (!changes.ok()) {
        step.outcome = changes.status();
        continue;
      }
      if (changes->empty()) {
        step.outcome = Written{working, {}};
        continue;
      }
      // What could not be read back must not get into the log.
      auto preview = Materialise(
          *registry_,
          log::Revision{working->revision() + 1, ProvisionalTime(*working), "", "", *changes});
      if (!preview.ok()) {
        step.outcome = absl::InternalError(preview.status().message());
      } else if (step.write.validate_only) {
        step.outcome = Written{working->With(*preview), preview->changed};
      } else {
        planned = *std::move(preview);
        proposals.push_back(
            {step.write.request_id, step.write.request_fingerprint, *std::move(changes)});
      }
    }
    if (proposals.empty()) {
      appended = absl::OkStatus();
      break;
    }

    auto committed = log_->Append(head, proposals);
    appended = committed.status();
    if (absl::IsAborted(appended)) {
      appended = CatchUp();
      if (!appended.ok()) break;
      appended = committed.status();
      continue;
    }
    if (!appended.ok()) break;
    std::vector<absl::StatusOr<Written>> written;
    for (size_t i = 0; i < proposals.size(); ++i) {
      const log::Committed& at = (*committed)[i];
      auto revision = Materialise(*registry_, log::Revision{at.number, at.commit_time, "", "",
                                                            std::move(proposals[i].changes)});
      if (!revision.ok()) {
        written.push_back(revision.status());
        continue;
      }
      auto shared = std::make_shared<const Committed>(*std::move(revision));
      Publish(shared);
      written.push_back(Written{Current(), shared->changed});
    }
    for (Step& step : steps) {
      if (!step.outcome.has_value()) step.outcome = written[step.proposal];
    }
    break;
  }

  for (Step& step : steps) {
    // Where the commit failed, what was planned on top of it has not happened either.
    const bool refused = step.outcome.has_value() && !step.outcome->ok();
    step.write.done(appended.ok() || refused ? *std::move(step.outcome)
                                             : errors::LogUnavailable(appended));
  }
}

}  // namespace entente::resource
