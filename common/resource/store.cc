// SPDX-License-Identifier: Apache-2.0
#include "common/resource/store.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/resource/fields.h"
#include "common/resource/replay.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

using google::protobuf::Message;

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

AsOf AsOfRequest(const Message& request) {
  AsOf as_of{fields::GetInt(request, "revision")};
  if (const Message* time = fields::GetMessage(request, "read_time")) {
    as_of.time = fields::ToTime(*time);
  }
  return as_of;
}

Store::Store(std::unique_ptr<log::Log> log, const Registry* registry, StoreOptions options)
    : log_(std::move(log)),
      registry_(registry),
      options_(options),
      current_(std::make_shared<State>(registry)) {}

absl::Status Store::Load() {
  {
    Parallel parallel(0);
    const absl::Time begin = absl::Now();
    ASSIGN_OR_RETURN(loaded_from_file_, LoadFromFile(&parallel));
    if (!loaded_from_file_) {
      ASSIGN_OR_RETURN(auto history,
                       Replay(log_.get(), registry_, options_.retained_revisions, &parallel));
      Adopt(std::move(history));
    }
    // Of an empty log there is nothing to say, least of all by programs that judge a record with
    // one.
    if (Current()->revision() > 0) {
      logging::Info("state loaded")
          .With("from", loaded_from_file_ ? "file" : "log")
          .With("revision", Current()->revision())
          .With("resources", Current()->size())
          .With("duration_ms", absl::ToInt64Milliseconds(absl::Now() - begin));
    }
  }
  if (!options_.state_file.empty()) {
    int64_t behind = -1;
    if (loaded_from_file_) {
      behind = 0;
      for (const auto& committed : revisions_) {
        behind += static_cast<int64_t>(committed->changed.size());
      }
    }
    keeper_ = std::make_unique<StateFileKeeper>(
        options_.state_file, log_.get(), options_.state_file_changes, [this] { return Image(); });
    keeper_->Start(behind, Current()->size());
  }
  writer_ = std::thread([this] { WriterLoop(); });
  return absl::OkStatus();
}

absl::StatusOr<bool> Store::LoadFromFile(Parallel* parallel) {
  if (options_.state_file.empty()) return false;
  const auto refused = [&](absl::string_view reason) {
    logging::Warning("state file not used")
        .With("path", options_.state_file)
        .With("reason", reason);
    return false;
  };
  auto history = ReadStateFile(options_.state_file, registry_, log_.get(),
                               options_.retained_revisions, parallel);
  if (absl::IsNotFound(history.status())) return false;
  if (!history.ok()) return refused(history.status().message());
  bool erased = false;
  std::vector<std::shared_ptr<const Committed>> since;
  RETURN_IF_ERROR(
      log_->Read((*history)->base()->revision(), log::kAllRevisions,
                 [&](const log::Revision& revision) -> absl::Status {
                   for (const log::Change& change : revision.changes) {
                     erased = erased || change.kind == log::ChangeKind::kErase;
                   }
                   if (erased) return absl::OkStatus();
                   ASSIGN_OR_RETURN(Committed committed, Materialise(*registry_, revision));
                   since.push_back(std::make_shared<const Committed>(std::move(committed)));
                   return absl::OkStatus();
                 }));
  if (erased) {
    // The writer that erased it did not come to remove the file.
    std::error_code error;
    std::filesystem::remove(options_.state_file, error);
    return refused("it holds what the log has erased since");
  }
  Adopt(*std::move(history));
  for (const auto& committed : since) Publish(committed);
  return true;
}

void Store::Adopt(std::shared_ptr<const History> history) {
  std::lock_guard<std::mutex> lock(state_mutex_);
  current_ = history->base();
  if (current_->revision() > 0) states_.push_back(current_);
  history_ = std::move(history);
}

Store::~Store() {
  {
    std::lock_guard<std::mutex> lock(queue_mutex_);
    stopping_ = true;
  }
  queue_changed_.notify_all();
  if (writer_.joinable()) writer_.join();
  for (Write& write : queue_) write.done(errors::ShuttingDown());
  keeper_.reset();  // After all that can be in the file.
}

std::shared_ptr<const State> Store::Current() const {
  std::lock_guard<std::mutex> lock(state_mutex_);
  return current_;
}

absl::StatusOr<std::shared_ptr<const State>> Store::At(int64_t revision) const {
  std::unique_lock<std::mutex> lock(state_mutex_);
  if (revision == 0 || revision == current_->revision()) return current_;
  if (revision < 0) {
    Violations violations;
    violations.Add("revision", "must not be negative; 0 means the current revision");
    return violations.ToStatus();
  }
  if (revision > current_->revision()) {
    return errors::RevisionInFuture(revision, current_->revision());
  }
  const int64_t first = states_.front()->revision();
  if (revision >= first) return states_[static_cast<size_t>(revision - first)];
  const int64_t oldest = OldestReadableLocked();
  if (revision < oldest) return errors::RevisionNotRetained(revision, oldest);
  const std::shared_ptr<const History> history = history_;
  lock.unlock();
  return history->At(revision);
}

absl::StatusOr<std::shared_ptr<const State>> Store::At(const AsOf& as_of) const {
  if (!as_of.time.has_value()) return At(as_of.revision);
  if (as_of.revision != 0) {
    Violations violations;
    violations.Add("read_time", "stands in place of `revision`: give one of the two");
    return violations.ToStatus();
  }
  ASSIGN_OR_RETURN(const int64_t revision, RevisionAt(*as_of.time));
  if (revision == 0) return std::make_shared<const State>(registry_);
  return At(revision);
}

absl::StatusOr<int64_t> Store::RevisionAt(absl::Time time) const {
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    if (time > current_->commit_time() && time > options_.clock->Now()) {
      return errors::ReadTimeInFuture(time);
    }
    const auto later =
        std::upper_bound(states_.begin(), states_.end(), time,
                         [](absl::Time t, const auto& state) { return t < state->commit_time(); });
    if (later != states_.begin()) return (*std::prev(later))->revision();
    if (states_.empty()) return 0;
    if (history_ != nullptr) {
      if (const int64_t revision = history_->RevisionAt(time); revision > 0) return revision;
    }
  }
  ASSIGN_OR_RETURN(const std::optional<int64_t> revision, log_->RevisionAt(time));
  return revision.value_or(0);
}

int64_t Store::OldestReadable() const {
  std::lock_guard<std::mutex> lock(state_mutex_);
  return OldestReadableLocked();
}

int64_t Store::OldestReadableLocked() const {
  if (states_.empty()) return 0;
  if (history_ == nullptr) return states_.front()->revision();
  const auto retained = static_cast<int64_t>(options_.retained_revisions);
  return std::max(history_->floor(), current_->revision() - retained + 1);
}

absl::StatusOr<std::shared_ptr<const Committed>> Store::Next(int64_t after) const {
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    if (after >= current_->revision()) return std::shared_ptr<const Committed>();
    if (!revisions_.empty() && after + 1 >= revisions_.front()->revision) {
      return revisions_[static_cast<size_t>(after + 1 - revisions_.front()->revision)];
    }
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

StateImage Store::Image() const {
  StateImage image;
  std::vector<std::shared_ptr<const State>> states;
  std::vector<std::shared_ptr<const Committed>> revisions;
  std::shared_ptr<const History> history;
  int64_t floor = 0;
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    image.state = current_;
    states.assign(states_.begin(), states_.end());
    revisions.assign(revisions_.begin(), revisions_.end());
    history = history_;
    floor = OldestReadableLocked();
  }
  const int64_t head = image.state->revision();
  for (int64_t revision = std::max<int64_t>(1, floor) + 1; revision <= head; ++revision) {
    Undo& undo = image.undo.emplace_back();
    if (history != nullptr && revision <= history->base()->revision()) {
      undo = history->undo(revision);
      continue;
    }
    const State& before = *states[static_cast<size_t>(revision - 1 - states.front()->revision())];
    const Committed& committed =
        *revisions[static_cast<size_t>(revision - revisions.front()->revision)];
    undo.commit_time = before.commit_time();
    for (const Entry& entry : committed.changed) {
      const Entry* known = before.Find(*entry.type, entry.name);
      if (known == nullptr) {
        undo.absent.emplace_back(entry.type, entry.name);
      } else {
        undo.before.push_back(*known);
      }
    }
  }
  image.kept.assign(revisions.begin(), revisions.end());
  image.kept.insert(image.kept.end(), states.begin(), states.end());
  image.kept.push_back(std::move(history));
  return image;
}

void Store::ForgetErased(const std::shared_ptr<const Committed>& committed) {
  std::set<absl::string_view> erased;
  for (size_t i = 0; i < committed->changed.size(); ++i) {
    if (committed->kinds[i] == log::ChangeKind::kErase) erased.insert(committed->changed[i].name);
  }
  if (erased.empty()) return;
  // The states that are kept have what is erased in them: all of them go, and are made again when
  // somebody asks, from what was before and is as the log has it now.
  StateImage image = Image();
  for (Undo& undo : image.undo) {
    for (Entry& entry : undo.before) {
      if (erased.count(entry.name) == 0) continue;
      const Message* time = fields::GetMessage(*entry.message, "update_time");
      entry = *Materialise(*registry_, {std::string(entry.name), log::ChangeKind::kErase, ""},
                           entry.revision, fields::ToTime(*time));
    }
    // A name that was ever there is in the state, and must not be kept by anything else.
    for (auto& [type, name] : undo.absent) name = image.state->Find(*type, name)->name;
  }
  auto history = std::make_shared<const History>(std::move(image.state), std::move(image.undo));
  std::deque<std::shared_ptr<const State>> states = {history->base()};
  std::deque<std::shared_ptr<const Committed>> revisions = {committed};
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    states_.swap(states);
    revisions_.swap(revisions);
    history_ = std::move(history);
    ++erasures_;
  }
  // Afterwards: a file that is being written from before it is then given up.
  if (keeper_ != nullptr) keeper_->Erased();
}

// Only the writer (or Load, before it starts) publishes, so that reading current_ and replacing it
// need not be one critical section.
void Store::Publish(const std::shared_ptr<const Committed>& published) {
  std::shared_ptr<const State> next = Current()->With(*published);
  const size_t changes = published->changed.size();
  const size_t resources = next->size();
  // What is let go may be much, and takes its time where nobody waits for it.
  std::shared_ptr<const History> gone;
  {
    std::lock_guard<std::mutex> lock(state_mutex_);
    current_ = next;
    states_.push_back(std::move(next));
    revisions_.push_back(published);
    if (states_.size() > options_.retained_revisions) states_.pop_front();
    if (revisions_.size() > options_.retained_revisions) revisions_.pop_front();
    if (history_ != nullptr && states_.front()->revision() > history_->base()->revision()) {
      gone = std::move(history_);
      history_ = nullptr;
    }
  }
  ForgetErased(published);
  if (keeper_ != nullptr) keeper_->Changed(changes, resources);
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
          log::Revision{working->revision() + 1, ProvisionalTime(*working), "", "", *changes, ""});
      if (!preview.ok()) {
        step.outcome = absl::InternalError(preview.status().message());
      } else if (step.write.validate_only) {
        step.outcome = Written{working->With(*preview), preview->changed};
      } else {
        planned = *std::move(preview);
        proposals.push_back({step.write.request_id, step.write.request_fingerprint,
                             *std::move(changes), step.write.reason});
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
                                                            std::move(proposals[i].changes),
                                                            std::move(proposals[i].reason)});
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
