// SPDX-License-Identifier: Apache-2.0
//
// Watchers for the tests of WatchHub.
#ifndef ENTENTE_COMMON_RESOURCE_WATCH_TEST_UTIL_H_
#define ENTENTE_COMMON_RESOURCE_WATCH_TEST_UTIL_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/resource/watch.h"

namespace entente::resource {

// Keeps what it is sent. Asks for the next step only when told to.
class RecordingSink final : public WatchSink {
 public:
  void Send(const WatchStep& step) override {
    std::function<void()> during;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      steps_.push_back(step);
      during = during_send_;
      changed_.notify_all();
    }
    if (during) during();
  }
  void Close(const absl::Status& status) override {
    std::lock_guard<std::mutex> lock(mutex_);
    ++closes_;
    closed_ = status;
    changed_.notify_all();
  }

  // Called in each Send, on the hub's thread.
  void DuringSend(std::function<void()> fn) {
    std::lock_guard<std::mutex> lock(mutex_);
    during_send_ = std::move(fn);
  }

  // Waits for the step number `n`, from 1; none if the watch is closed before.
  std::optional<WatchStep> Await(size_t n) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return steps_.size() >= n || closed_.has_value(); });
    if (steps_.size() < n) return std::nullopt;
    return steps_[n - 1];
  }
  absl::Status AwaitClose() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return closed_.has_value(); });
    return *closed_;
  }
  size_t size() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return steps_.size();
  }
  int closes() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return closes_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<WatchStep> steps_;
  std::optional<absl::Status> closed_;
  int closes_ = 0;
  std::function<void()> during_send_;
};

// What a consumer that only listens makes of the steps: every resource that is not deleted, by
// name, as serialised.
class Folded {
 public:
  // Takes a step; false if it cannot follow the ones before.
  bool Take(const WatchStep& step) {
    bool follows = false;
    switch (step.kind) {
      case type::v1::WATCH_MESSAGE_KIND_CURRENT:
        follows = revision_ == 0 && !complete_;
        break;
      case type::v1::WATCH_MESSAGE_KIND_REVISION:
        follows = step.revision == (in_part_ ? partial_ : revision_ + 1);
        break;
      default:
        follows = step.revision == revision_ && step.resources.empty() && !in_part_;
    }
    for (const Entry& entry : step.resources) {
      if (entry.deleted) {
        contents_.erase(std::string(entry.name));
      } else {
        contents_[std::string(entry.name)] = entry.message->SerializeAsString();
      }
    }
    in_part_ = step.resume_token.empty();
    partial_ = step.revision;
    if (!in_part_) {
      revision_ = step.revision;
      token_ = step.resume_token;
      complete_ = true;
    }
    return follows;
  }

  // Begins to follow without the state, from a revision on.
  void BeginAt(int64_t revision) {
    revision_ = revision;
    complete_ = true;
  }
  // What was in part when the watch was lost comes again as a whole.
  void Interrupt() { in_part_ = false; }

  int64_t revision() const { return revision_; }
  const std::string& token() const { return token_; }
  // Whether the last step ended a revision.
  bool whole() const { return !in_part_; }
  const std::map<std::string, std::string>& contents() const { return contents_; }

  static std::map<std::string, std::string> Of(const State& state) {
    std::map<std::string, std::string> contents;
    for (const auto& type : state.registry().types()) {
      state.Scan(*type, "", [&](const Entry& entry) {
        if (!entry.deleted) contents[std::string(entry.name)] = entry.message->SerializeAsString();
        return true;
      });
    }
    return contents;
  }

 private:
  int64_t revision_ = 0;
  int64_t partial_ = 0;
  bool in_part_ = false;
  bool complete_ = false;
  std::string token_;
  std::map<std::string, std::string> contents_;
};

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_WATCH_TEST_UTIL_H_
