// SPDX-License-Identifier: Apache-2.0
#include "common/resource/watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/token/token.h"

namespace entente::resource {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How many revisions that say nothing to a watch it passes over before others have their turn.
constexpr int kPassedAtOnce = 256;

int64_t Micros(absl::Time time) {
  return time == absl::InfinitePast() ? 0 : absl::ToUnixMicros(time);
}

// How much one step carries.
class StepSize {
 public:
  // Whether there is room for one more; there is always room for the first.
  bool Add(const Entry& entry) { return Add(entry.message->ByteSizeLong()); }
  bool Add(size_t bytes) {
    bytes_ += bytes;
    ++count_;
    return count_ == 1 || (count_ <= kMaxResourcesPerStep && bytes_ <= kMaxBytesPerStep);
  }

 private:
  size_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

// One consumer's place. `id`, `sink`, `interval` and `selections` are constant; `ready`,
// `cancelled` and `checkpoint_at` are guarded by the hub's mutex; the rest belongs to the hub's
// thread.
struct WatchHub::Watch {
  Id id;
  std::shared_ptr<WatchSink> sink;
  SteadyClock::duration interval;
  std::vector<Selection> selections;
  bool ready = true;
  bool cancelled = false;
  // When it is due for a checkpoint, if it stands in idle_.
  SteadyClock::time_point checkpoint_at;

  // The last revision of which everything was sent.
  int64_t revision = 0;
  absl::Time commit_time = absl::InfinitePast();
  // Whether that is from a token that has not been held against the log yet.
  bool resumed = false;
  // The state being sent and where in it; null once it has been.
  std::shared_ptr<const State> current;
  size_t current_type = 0;
  std::string current_from;
  // The revision being sent and how many of its resources have been.
  std::shared_ptr<const Committed> partial;
  size_t partial_sent = 0;
  // The state before that revision, once somebody has asked for it; null if it is not kept.
  std::shared_ptr<const State> before;
  bool before_asked = false;
  // How often the store had erased something when these were taken from it.
  int64_t erasures = 0;
  SteadyClock::time_point last_step = SteadyClock::now();

  // Whether it is about resources of this type at all.
  bool IsAbout(const ResourceType& type) const {
    return selections.empty() || FindSelection(type) != nullptr;
  }
  // Whether it is about this one.
  bool Selects(const Entry& entry) const {
    if (entry.deleted) return false;
    if (selections.empty()) return true;
    const Selection* selection = FindSelection(*entry.type);
    return selection != nullptr && selection->filter->Matches(*entry.message);
  }

 private:
  const Selection* FindSelection(const ResourceType& type) const {
    const auto found =
        std::find_if(selections.begin(), selections.end(),
                     [&](const Selection& selection) { return selection.type == &type; });
    return found == selections.end() ? nullptr : &*found;
  }
};

WatchHub::WatchHub(Store* store, std::string service)
    : store_(store), service_(std::move(service)) {
  store_->SetListener([this] {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      advanced_ = true;
    }
    wake_.notify_one();
  });
  thread_ = std::thread([this] { Loop(); });
}

WatchHub::~WatchHub() {
  Shutdown();
  thread_.join();
  store_->SetListener(nullptr);
}

std::string WatchHub::Token(int64_t revision, absl::Time commit_time) const {
  return token::Seal(absl::StrCat("watch ", service_),
                     {absl::StrCat(revision), absl::StrCat(Micros(commit_time))});
}

// A token names a revision and when it was committed: a database that was replaced by another has
// the number perhaps, but not the time.
absl::StatusOr<log::Committed> WatchHub::OpenToken(const std::string& token) const {
  auto fields = token::Open(absl::StrCat("watch ", service_), token);
  int64_t revision = 0;
  int64_t micros = 0;
  if (!fields.ok() || fields->size() != 2 || !absl::SimpleAtoi((*fields)[0], &revision) ||
      !absl::SimpleAtoi((*fields)[1], &micros) || revision < 0) {
    Violations violations;
    violations.Add("resume_token",
                   "is not a token of this service's Watch: pass one back exactly as it was sent");
    return violations.ToStatus();
  }
  const int64_t head = store_->Current()->revision();
  if (revision > head) {
    return errors::WatchTokenUnknown(
        absl::StrCat("it is from revision ", revision, ", the current one is ", head));
  }
  return log::Committed{revision, absl::FromUnixMicros(micros)};
}

absl::Status WatchHub::CheckResumed(const Watch& watch) const {
  if (watch.revision == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto committed, store_->Next(watch.revision - 1));
  if (committed != nullptr && committed->commit_time == watch.commit_time) return absl::OkStatus();
  return errors::WatchTokenUnknown(
      absl::StrCat("revision ", watch.revision, " was committed at another time"));
}

absl::StatusOr<WatchHub::Id> WatchHub::Start(const WatchOptions& options,
                                             std::shared_ptr<WatchSink> sink) {
  auto watch = std::make_shared<Watch>();
  watch->erasures = store_->erasures();
  watch->sink = std::move(sink);
  watch->interval = absl::ToChronoNanoseconds(options.checkpoint_interval);
  watch->selections = options.selections;
  if (!options.resume_token.empty()) {
    ASSIGN_OR_RETURN(const log::Committed place, OpenToken(options.resume_token));
    watch->revision = place.number;
    watch->commit_time = place.commit_time;
    watch->resumed = true;
  } else {
    auto state = store_->Current();
    watch->revision = state->revision();
    watch->commit_time = state->commit_time();
    if (options.include_current) watch->current = std::move(state);
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return errors::ShuttingDown();
    watch->id = ++last_id_;
    watches_.emplace(watch->id, watch);
    due_.push_back(watch);
  }
  wake_.notify_one();
  return watch->id;
}

void WatchHub::Ready(Id id) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = watches_.find(id);
    if (found == watches_.end() || found->second->ready) return;
    found->second->ready = true;
    due_.push_back(found->second);
  }
  wake_.notify_one();
}

void WatchHub::Cancel(Id id) { Remove(id); }

bool WatchHub::Remove(Id id) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = watches_.find(id);
  if (found == watches_.end()) return false;
  found->second->cancelled = true;
  idle_.erase({found->second->checkpoint_at, id});
  watches_.erase(found);
  return true;
}

void WatchHub::Shutdown() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

std::vector<std::shared_ptr<WatchHub::Watch>> WatchHub::AwaitDue() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_ && due_.empty() && !(advanced_ && !idle_.empty())) {
    if (idle_.empty()) {
      wake_.wait(lock);
    } else if (const auto next = idle_.begin()->first; next > SteadyClock::now()) {
      wake_.wait_until(lock, next);
    } else {
      break;
    }
  }
  // A new revision concerns all that have nothing left to send; the clock, those whose time it is.
  const auto now = SteadyClock::now();
  while (!idle_.empty() && (advanced_ || idle_.begin()->first <= now)) {
    due_.push_back(watches_.at(idle_.begin()->second));
    idle_.erase(idle_.begin());
  }
  advanced_ = false;
  return std::exchange(due_, {});
}

void WatchHub::Loop() {
  while (true) {
    const auto due = AwaitDue();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) break;
    }
    for (const auto& watch : due) {
      const absl::Status status = Step(watch.get());
      if (!status.ok() && Remove(watch->id)) watch->sink->Close(status);
    }
  }
  while (true) {
    std::shared_ptr<Watch> last;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (watches_.empty()) break;
      last = watches_.begin()->second;
      watches_.erase(watches_.begin());
    }
    last->sink->Close(errors::ShuttingDown());
  }
}

absl::Status WatchHub::Step(Watch* watch) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (watch->cancelled) return absl::OkStatus();
    watch->ready = false;
  }
  if (watch->resumed) {
    RETURN_IF_ERROR(CheckResumed(*watch));
    watch->resumed = false;
  }
  if (const int64_t erasures = store_->erasures(); erasures != watch->erasures) {
    // What was taken before is sent as if what is erased had never said anything.
    watch->erasures = erasures;
    watch->before = nullptr;
    watch->before_asked = false;
    if (watch->partial != nullptr) {
      ASSIGN_OR_RETURN(watch->partial, store_->Next(watch->revision));
    }
    if (watch->current != nullptr) {
      ASSIGN_OR_RETURN(watch->current, store_->At(watch->current->revision()));
    }
  }
  if (watch->current != nullptr) {
    StepCurrent(watch);
    return absl::OkStatus();
  }
  WatchStep step;
  for (int passed = 0; step.revision == 0; ++passed) {
    if (watch->partial == nullptr) {
      ASSIGN_OR_RETURN(watch->partial, store_->Next(watch->revision));
      watch->partial_sent = 0;
      watch->before_asked = false;
    }
    if (watch->partial == nullptr) break;
    if (passed == kPassedAtOnce) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (watch->cancelled) return absl::OkStatus();
      watch->ready = true;
      due_.push_back(watches_.at(watch->id));
      return absl::OkStatus();
    }
    FillStep(watch, &step);
  }
  if (step.revision == 0 && SteadyClock::now() >= watch->last_step + watch->interval) {
    step = {type::v1::WATCH_MESSAGE_KIND_CHECKPOINT,
            watch->revision,
            watch->commit_time,
            {},
            Token(watch->revision, watch->commit_time),
            {}};
  } else if (step.revision == 0) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (watch->cancelled) return absl::OkStatus();
    watch->ready = true;
    watch->checkpoint_at = watch->last_step + watch->interval;
    // What was committed since the log was asked has set advanced_.
    idle_.emplace(watch->checkpoint_at, watch->id);
    return absl::OkStatus();
  }
  watch->last_step = SteadyClock::now();
  watch->sink->Send(step);
  return absl::OkStatus();
}

void WatchHub::FillStep(Watch* watch, WatchStep* step) const {
  const Committed& committed = *watch->partial;
  const auto& changed = committed.changed;
  size_t end = watch->partial_sent;
  StepSize size;
  std::vector<Entry> resources;
  std::vector<std::string> left;
  for (; end < changed.size(); ++end) {
    const Entry& entry = changed[end];
    if (watch->selections.empty() || watch->Selects(entry)) {
      if (!size.Add(entry)) break;
      resources.push_back(entry);
    } else if (watch->IsAbout(*entry.type)) {
      // Of what is erased nobody knows any more whether it was selected.
      const auto before = IsErased(entry) ? std::nullopt : Before(watch, committed.revision, entry);
      if (before.has_value() && (*before == nullptr || !watch->Selects(**before))) continue;
      if (!size.Add(entry.deleted ? entry.message->ByteSizeLong() : entry.name.size())) break;
      if (entry.deleted) {
        resources.push_back(entry);
      } else {
        left.emplace_back(entry.name);
      }
    }
  }
  const bool complete = end == changed.size();
  const bool begun = watch->partial_sent > 0;
  watch->partial_sent = end;
  if (complete) {
    watch->revision = committed.revision;
    watch->commit_time = committed.commit_time;
  }
  // A revision that says nothing to this watch is passed over; what was begun is ended.
  if (begun || !resources.empty() || !left.empty()) {
    *step = {type::v1::WATCH_MESSAGE_KIND_REVISION,
             committed.revision,
             committed.commit_time,
             std::move(resources),
             complete ? Token(committed.revision, committed.commit_time) : "",
             std::move(left)};
  }
  if (complete) {
    watch->partial = nullptr;
    watch->before = nullptr;
  }
}

std::optional<const Entry*> WatchHub::Before(Watch* watch, int64_t revision,
                                             const Entry& entry) const {
  if (!watch->before_asked) {
    watch->before_asked = true;
    watch->before = nullptr;
    if (revision > 1) {
      if (auto state = store_->At(revision - 1); state.ok()) watch->before = *std::move(state);
    } else {
      watch->before = std::make_shared<const State>(&store_->registry());
    }
  }
  if (watch->before == nullptr) return std::nullopt;
  return watch->before->Find(*entry.type, entry.name);
}

void WatchHub::StepCurrent(Watch* watch) {
  WatchStep step{type::v1::WATCH_MESSAGE_KIND_CURRENT,
                 watch->current->revision(),
                 watch->current->commit_time(),
                 {},
                 "",
                 {}};
  const auto& types = watch->current->registry().types();
  StepSize size;
  bool full = false;
  while (watch->current_type < types.size() && !full) {
    const ResourceType& type = *types[watch->current_type];
    watch->current->Scan(type, watch->current_from, [&](const Entry& entry) {
      if (!watch->IsAbout(type)) return false;
      if (!watch->Selects(entry)) return true;
      if (!size.Add(entry)) {
        watch->current_from = std::string(entry.name);
        full = true;
        return false;
      }
      step.resources.push_back(entry);
      return true;
    });
    if (!full) {
      ++watch->current_type;
      watch->current_from.clear();
    }
  }
  if (!full) {
    watch->current = nullptr;
    step.resume_token = Token(watch->revision, watch->commit_time);
  }
  watch->last_step = SteadyClock::now();
  watch->sink->Send(step);
}

}  // namespace entente::resource
