// SPDX-License-Identifier: Apache-2.0
#include "common/resource/replay.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/status/macros.h"

namespace entente::resource {
namespace {

// How many changes are made into entries at a time.
constexpr size_t kPieceChanges = 2048;

// Revisions in order, and what they changed once it is made.
struct Piece {
  std::vector<log::Revision> revisions;
  size_t changes = 0;
  absl::Status status;
  std::vector<Entry> entries;
  bool taken = false;
  bool done = false;
};

void Make(const Registry& registry, Piece* piece) {
  piece->entries.reserve(piece->changes);
  std::shared_ptr<google::protobuf::Arena> arena;
  for (log::Revision& revision : piece->revisions) {
    for (log::Change& change : revision.changes) {
      if (piece->entries.size() % kEntriesOnArena == 0) arena = NewArena();
      auto entry = MaterialiseOn(arena, registry, change, revision.number, revision.commit_time);
      if (!entry.ok()) {
        piece->status = entry.status();
        return;
      }
      piece->entries.push_back(*std::move(entry));
    }
  }
}

// Pieces on their way: the caller adds and takes them in order, threads of its own make them.
class Pipeline {
 public:
  explicit Pipeline(const Registry& registry, size_t workers)
      : registry_(registry), most_(4 * workers + 2) {
    // The caller reads, and works where the others do not keep up.
    for (size_t i = 0; i + 1 < workers; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Pipeline() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void Add(std::unique_ptr<Piece> piece) {
    std::lock_guard<std::mutex> lock(mutex_);
    pieces_.push_back(std::move(piece));
    changed_.notify_all();
  }

  // The first piece if it is made; with `wait` (or if there are very many) once it is. Null if
  // there is none.
  std::unique_ptr<Piece> Take(bool wait) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      if (pieces_.empty()) return nullptr;
      if (pieces_.front()->done) {
        std::unique_ptr<Piece> piece = std::move(pieces_.front());
        pieces_.pop_front();
        return piece;
      }
      if (!wait && pieces_.size() < most_) return nullptr;
      if (!MakeOne(&lock)) changed_.wait(lock);
    }
  }

 private:
  // False if each is taken already.
  bool MakeOne(std::unique_lock<std::mutex>* lock) {
    for (const auto& piece : pieces_) {
      if (piece->taken) continue;
      Piece* mine = piece.get();
      mine->taken = true;
      lock->unlock();
      Make(registry_, mine);
      lock->lock();
      mine->done = true;
      changed_.notify_all();
      return true;
    }
    return false;
  }

  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      if (!MakeOne(&lock)) changed_.wait(lock);
    }
  }

  const Registry& registry_;
  const size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Piece>> pieces_;  // Guarded by mutex_; pieces that are taken are not.
  bool stopping_ = false;                      // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

// What the log comes to, revision by revision.
class Sum {
 public:
  // `floor` is the first revision whose state is wanted.
  explicit Sum(int64_t floor) : floor_(floor) {}

  void Add(Piece piece) {
    auto entry = piece.entries.begin();
    for (const log::Revision& revision : piece.revisions) {
      Undo* undo = nullptr;
      if (revision.number > floor_) undo = &undo_.emplace_back(Undo{commit_time_, {}, {}});
      for (size_t i = 0; i < revision.changes.size(); ++i) Add(std::move(*entry++), undo);
      revision_ = revision.number;
      commit_time_ = revision.commit_time;
    }
  }

  std::shared_ptr<const History> Finish(const Registry* registry, Parallel* parallel) && {
    by_name_.clear();
    std::vector<Entry> entries(std::make_move_iterator(entries_.begin()),
                               std::make_move_iterator(entries_.end()));
    entries_.clear();
    return std::make_shared<const History>(
        State::Of(registry, revision_, commit_time_, std::move(entries), parallel),
        std::move(undo_));
  }

 private:
  // Entries by their names, which are their own.
  struct NameHash {
    using is_transparent = void;
    size_t operator()(const Entry* entry) const { return (*this)(entry->name); }
    size_t operator()(absl::string_view name) const {
      return absl::Hash<absl::string_view>()(name);
    }
  };
  struct NameEq {
    using is_transparent = void;
    static absl::string_view Name(const Entry* entry) { return entry->name; }
    static absl::string_view Name(absl::string_view name) { return name; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Name(a) == Name(b);
    }
  };

  void Add(Entry entry, Undo* undo) {
    const auto found = by_name_.find(entry.name);
    if (found == by_name_.end()) {
      entries_.push_back(std::move(entry));
      by_name_.insert(&entries_.back());
      if (undo != nullptr) undo->absent.emplace_back(entries_.back().type, entries_.back().name);
      return;
    }
    if (undo != nullptr) undo->before.push_back(**found);
    **found = std::move(entry);
  }

  const int64_t floor_;
  int64_t revision_ = 0;
  absl::Time commit_time_ = absl::InfinitePast();
  std::deque<Entry> entries_;
  absl::flat_hash_set<Entry*, NameHash, NameEq> by_name_;
  std::vector<Undo> undo_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const History>> Replay(log::Log* log, const Registry* registry,
                                                      size_t retained, Parallel* parallel) {
  ASSIGN_OR_RETURN(const int64_t head, log->Head());
  Sum sum(std::max<int64_t>(1, head - static_cast<int64_t>(retained) + 1));
  Pipeline pipeline(*registry, parallel->workers());
  auto piece = std::make_unique<Piece>();
  const auto take = [&](bool wait) -> absl::Status {
    while (std::unique_ptr<Piece> made = pipeline.Take(wait)) {
      RETURN_IF_ERROR(made->status);
      sum.Add(std::move(*made));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(log->Read(0, head, [&](log::Revision revision) -> absl::Status {
    piece->changes += revision.changes.size();
    piece->revisions.push_back(std::move(revision));
    if (piece->changes < kPieceChanges) return absl::OkStatus();
    pipeline.Add(std::exchange(piece, std::make_unique<Piece>()));
    return take(/*wait=*/false);
  }));
  pipeline.Add(std::move(piece));
  RETURN_IF_ERROR(take(/*wait=*/true));
  return std::move(sum).Finish(registry, parallel);
}

}  // namespace entente::resource
