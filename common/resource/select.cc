// SPDX-License-Identifier: Apache-2.0
#include "common/resource/select.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace entente::resource {
namespace {

using filter::Condition;

// An index is worth while if it leads to so much less: whatever it leads to is looked up by name,
// while a scan has it at hand.
constexpr size_t kShare = 8;
constexpr size_t kAlways = 64;

// So many resources are looked at in the caller's thread before others are asked to help: pages
// that fill up soon disturb nobody.
constexpr size_t kAlone = 2048;
// In the first round, for each processor; every round takes twice as many as the one before.
constexpr size_t kChunksOfRound = 4;

// A scan waits for memory more than for anything else: messages are asked for so many resources
// before they are looked at.
constexpr size_t kAhead = 4;
void Fetch(const google::protobuf::Message& message) {
  constexpr size_t kLine = 64;
  constexpr size_t kLines = 4;  // Most messages have their fields in them.
  for (size_t i = 0; i < kLines; ++i) {
    __builtin_prefetch(reinterpret_cast<const char*>(&message) + i * kLine);
  }
}

// Adds `name` unless there are `most` already.
bool AddUpTo(size_t most, absl::string_view name, std::vector<std::string>* names) {
  if (names->size() == most) return false;
  names->emplace_back(name);
  return true;
}

// By the field `name` of the resources themselves.
std::optional<std::vector<std::string>> Named(const Condition::Needed& needed, const State& state,
                                              const ResourceType& type, size_t most) {
  std::vector<std::string> names;
  if (!needed.is_prefix) {
    if (state.Find(type, needed.text) != nullptr) names.push_back(needed.text);
    return names;
  }
  bool all = true;
  state.Scan(type, needed.text, [&](const Entry& entry) {
    if (!absl::StartsWith(entry.name, needed.text)) return false;
    return all = AddUpTo(most, entry.name, &names);
  });
  if (!all) return std::nullopt;
  return names;
}

// By a reference in the top-level field of the condition, or in what is in it.
std::optional<std::vector<std::string>> Referring(const Condition& condition, const State& state,
                                                  size_t most) {
  const Condition::Needed& needed = *condition.needed;
  const absl::string_view zero("\0", 1);
  const std::string field = absl::StrCat(zero, std::string(condition.field->name()), zero);
  std::string prefix = needed.text;
  if (!needed.is_prefix) prefix += field;
  std::vector<std::string> names;
  bool all = true;
  state.referrers().ScanPrefix(prefix, [&](absl::string_view key) {
    const size_t end = key.rfind('\0');
    if (needed.is_prefix && !absl::EndsWith(key.substr(0, end + 1), field)) return true;
    return all = AddUpTo(most, key.substr(end + 1), &names);
  });
  if (!all) return std::nullopt;
  return names;
}

void SortOnce(std::vector<std::string>* names) {
  if (!std::is_sorted(names->begin(), names->end())) std::sort(names->begin(), names->end());
  names->erase(std::unique(names->begin(), names->end()), names->end());
}

// The first few of what it is given, in an order: a heap of which the last of them is on top, so
// that most of what comes is held against that one alone.
class FirstFew {
 public:
  FirstFew(const std::function<bool(const Entry&, const Entry&)>* before, size_t most)
      : before_(before), most_(most) {}

  void Add(const Entry* entry) {
    const auto before = [this](const Entry* a, const Entry* b) { return (*before_)(*a, *b); };
    if (few_.size() == most_) {
      if (few_.empty() || !before(entry, few_.front())) return;
      std::pop_heap(few_.begin(), few_.end(), before);
      few_.back() = entry;
    } else {
      few_.push_back(entry);
    }
    std::push_heap(few_.begin(), few_.end(), before);
  }

  const std::vector<const Entry*>& few() const { return few_; }

 private:
  const std::function<bool(const Entry&, const Entry&)>* before_;
  size_t most_;
  std::vector<const Entry*> few_;
};

class Selector {
 public:
  Selector(const State& state, const Selecting& selecting, Parallel* parallel)
      : state_(state),
        selecting_(selecting),
        parallel_(parallel),
        from_(std::max(selecting.prefix, selecting.from)) {}

  std::vector<const Entry*> Run() {
    if (selecting_.before != nullptr) {
      const size_t workers = parallel_ == nullptr ? 1 : parallel_->workers();
      few_.assign(workers, FirstFew(&selecting_.before, selecting_.most));
    }
    const auto candidates = Candidates();
    if (candidates.has_value()) {
      LookAt(*candidates);
    } else {
      Scan();
    }
    for (const FirstFew& few : few_) {
      found_.insert(found_.end(), few.few().begin(), few.few().end());
    }
    if (selecting_.before != nullptr) {
      std::sort(found_.begin(), found_.end(),
                [&](const Entry* a, const Entry* b) { return selecting_.before(*a, *b); });
    }
    if (found_.size() > selecting_.most) found_.resize(selecting_.most);
    return std::move(found_);
  }

 private:
  using Chunk = absl::Span<const EntryItem>;

  std::optional<std::vector<std::string>> Candidates() const {
    const Condition* condition = selecting_.filter->condition();
    if (condition == nullptr) return std::nullopt;
    switch (selecting_.path) {
      case SelectPath::kBest:
        return CandidatesFor(*condition, state_, *selecting_.type, selecting_.with_deleted,
                             std::max(kAlways, state_.size(*selecting_.type) / kShare));
      case SelectPath::kIndex:
        return CandidatesFor(*condition, state_, *selecting_.type, selecting_.with_deleted,
                             std::numeric_limits<size_t>::max());
      default:
        return std::nullopt;
    }
  }

  // What is found in the order of names is enough, once there is enough.
  bool Enough() const { return selecting_.before == nullptr && found_.size() >= selecting_.most; }

  bool Accepts(const Entry& entry) const {
    return (!entry.deleted || selecting_.with_deleted) &&
           selecting_.filter->Matches(*entry.message) &&
           (selecting_.also == nullptr || selecting_.also(entry));
  }

  void LookAt(const std::vector<std::string>& candidates) {
    auto name = std::lower_bound(candidates.begin(), candidates.end(), from_);
    for (; name != candidates.end() && !Enough(); ++name) {
      if (!absl::StartsWith(*name, selecting_.prefix)) continue;
      const Entry* entry = state_.Find(*selecting_.type, *name);
      if (entry == nullptr || !Accepts(*entry)) continue;
      if (selecting_.before != nullptr) {
        few_[0].Add(entry);
      } else {
        found_.push_back(entry);
      }
    }
  }

  void Scan() {
    const bool alone =
        selecting_.path == SelectPath::kScan || parallel_ == nullptr || parallel_->workers() == 1;
    const size_t first = selecting_.path == SelectPath::kParallelScan ? 0 : kAlone;
    size_t seen = 0;
    std::vector<Chunk> chunks;
    state_.ScanChunks(*selecting_.type, from_, [&](Chunk chunk) {
      if (!alone && seen >= first) {
        chunks.push_back(chunk);
        return true;
      }
      seen += chunk.size();
      return LookAt(chunk, 0, &found_) && !Enough();
    });
    if (chunks.empty()) return;
    // In another order all have to be looked at anyway.
    size_t round =
        selecting_.before != nullptr ? chunks.size() : kChunksOfRound * parallel_->workers();
    for (size_t begin = 0; begin < chunks.size() && !Enough(); begin += round, round *= 2) {
      const size_t count = std::min(round, chunks.size() - begin);
      std::vector<std::vector<const Entry*>> found(count);
      parallel_->ForEach(
          count, [&](size_t worker, size_t i) { LookAt(chunks[begin + i], worker, &found[i]); });
      for (const auto& more : found) found_.insert(found_.end(), more.begin(), more.end());
    }
  }

  // Adds what is accepted to the first few of `worker`, or to `found` if names are in order. False
  // when nothing after the chunk counts.
  bool LookAt(Chunk chunk, size_t worker, std::vector<const Entry*>* found) {
    for (size_t i = 0; i < chunk.size(); ++i) {
      const EntryItem& item = chunk[i];
      if (i + kAhead < chunk.size()) Fetch(*chunk[i + kAhead].value.message);
      if (!selecting_.prefix.empty() && !absl::StartsWith(item.key, selecting_.prefix)) {
        return false;
      }
      if (!Accepts(item.value)) continue;
      if (selecting_.before != nullptr) {
        few_[worker].Add(&item.value);
        continue;
      }
      found->push_back(&item.value);
      if (found->size() >= selecting_.most) return false;
    }
    return true;
  }

  const State& state_;
  const Selecting& selecting_;
  Parallel* const parallel_;
  const std::string from_;
  std::vector<FirstFew> few_;  // of each worker, if there is an order
  std::vector<const Entry*> found_;
};

}  // namespace

std::optional<std::vector<std::string>> CandidatesFor(const Condition& condition,
                                                      const State& state, const ResourceType& type,
                                                      bool with_deleted, size_t most) {
  std::optional<std::vector<std::string>> best;
  switch (condition.kind) {
    case Condition::Kind::kField: {
      if (!condition.needed.has_value()) return std::nullopt;
      const auto* leaf = condition.needed->path.leaf();
      if (leaf == type.name) return Named(*condition.needed, state, type, most);
      // An empty reference is in no index.
      if (with_deleted || condition.needed->text.empty() || !IsReference(leaf)) return std::nullopt;
      best = Referring(condition, state, most);
      break;
    }
    case Condition::Kind::kAnd:
      for (const Condition& operand : condition.operands) {
        auto candidates = CandidatesFor(operand, state, type, with_deleted, most);
        if (!candidates.has_value()) continue;
        most = candidates->size();
        best = std::move(candidates);
      }
      return best;
    case Condition::Kind::kOr:
      best.emplace();
      for (const Condition& operand : condition.operands) {
        auto candidates = CandidatesFor(operand, state, type, with_deleted, most - best->size());
        if (!candidates.has_value()) return std::nullopt;
        best->insert(best->end(), std::make_move_iterator(candidates->begin()),
                     std::make_move_iterator(candidates->end()));
      }
      break;
    default:
      return std::nullopt;
  }
  if (best.has_value()) SortOnce(&*best);
  return best;
}

std::vector<const Entry*> Select(const State& state, const Selecting& selecting,
                                 Parallel* parallel) {
  return Selector(state, selecting, parallel).Run();
}

}  // namespace entente::resource
