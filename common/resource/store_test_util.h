// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the resource engine share: a log that can be held up and made to fail, a few
// types of resource, and writes that are waited for.
#ifndef ENTENTE_COMMON_RESOURCE_STORE_TEST_UTIL_H_
#define ENTENTE_COMMON_RESOURCE_STORE_TEST_UTIL_H_

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/resource/store.h"
#include "entente/catalogue/v1/partnership.pb.h"
#include "entente/catalogue/v1/pillar.pb.h"
#include "entente/catalogue/v1/place.pb.h"

namespace entente::resource {

inline const Registry& TestTypes() {
  static const auto* const registry = new Registry(
      Registry::Of({catalogue::v1::Partnership::descriptor(), catalogue::v1::Pillar::descriptor(),
                    catalogue::v1::Place::descriptor()})
          .value());
  return *registry;
}

// How a test holds up and breaks the logs of the stores that share one record. Thread-safe.
class LogControl {
 public:
  explicit LogControl(const Clock* clock) : log_(clock) {}

  // Appends wait from now on, until Release.
  void Block() {
    std::lock_guard<std::mutex> lock(mutex_);
    blocked_ = true;
  }
  void Release() {
    std::lock_guard<std::mutex> lock(mutex_);
    blocked_ = false;
    changed_.notify_all();
  }
  // Returns when an Append waits.
  void AwaitBlocked() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }
  // Appends and reads fail with these; OK lets them through.
  void FailAppends(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    append_status_ = std::move(status);
  }
  void FailReads(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    read_status_ = std::move(status);
  }
  // How many proposals each Append had, failed ones included.
  std::vector<size_t> appends() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return appends_;
  }

  // Called by the logs.
  absl::Status BeginAppend(size_t proposals) {
    std::unique_lock<std::mutex> lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !blocked_; });
    --waiting_;
    appends_.push_back(proposals);
    return append_status_;
  }
  absl::Status BeginRead() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return read_status_;
  }
  log::MemoryLog* record() { return &log_; }

 private:
  log::MemoryLog log_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool blocked_ = false;
  int waiting_ = 0;
  absl::Status append_status_;
  absl::Status read_status_;
  std::vector<size_t> appends_;
};

// One store's view of the record of a LogControl.
class TestLog final : public log::Log {
 public:
  explicit TestLog(std::shared_ptr<LogControl> control) : control_(std::move(control)) {}

  absl::StatusOr<std::vector<log::Committed>> Append(
      int64_t expected_head, absl::Span<const log::Proposal> proposals) override {
    absl::Status status = control_->BeginAppend(proposals.size());
    if (!status.ok()) return status;
    return control_->record()->Append(expected_head, proposals);
  }
  absl::Status Read(int64_t after, int64_t limit,
                    absl::FunctionRef<absl::Status(log::Revision)> fn) override {
    absl::Status status = control_->BeginRead();
    return status.ok() ? control_->record()->Read(after, limit, fn) : status;
  }
  absl::StatusOr<int64_t> Head() override { return control_->record()->Head(); }
  absl::StatusOr<std::optional<int64_t>> RevisionAt(absl::Time time) override {
    return control_->record()->RevisionAt(time);
  }
  absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                   int64_t limit) override {
    return control_->record()->RevisionsOf(name, last, limit);
  }
  absl::StatusOr<std::optional<log::RecordedRequest>> FindRequest(absl::string_view id) override {
    return control_->record()->FindRequest(id);
  }

 private:
  const std::shared_ptr<LogControl> control_;
};

// A store over a record, and the control of its log.
struct TestStore {
  explicit TestStore(std::shared_ptr<LogControl> shared, StoreOptions options = {})
      : control(std::move(shared)),
        store(std::make_unique<Store>(std::make_unique<TestLog>(control), &TestTypes(), options)) {}
  TestStore() : TestStore(std::make_shared<LogControl>(&SystemClock::Get())) {}

  std::shared_ptr<LogControl> control;
  std::unique_ptr<Store> store;
};

// A place as the log keeps it.
inline log::Change PutPlace(const std::string& name, const std::string& title,
                            const std::string& parent = "",
                            const std::vector<std::string>& partnerships = {}) {
  catalogue::v1::Place place;
  place.set_name(name);
  place.mutable_title()->set_text(title);
  place.set_parent(parent);
  for (const std::string& partnership : partnerships) place.add_partnerships(partnership);
  return {name, log::ChangeKind::kPut, place.SerializeAsString()};
}

inline std::string TitleOf(const State& state, const std::string& name) {
  const auto* place = state.Get<catalogue::v1::Place>(name);
  return place == nullptr ? "none" : place->title().text();
}

// A write that changes this, whatever the state.
inline Write WriteOf(std::vector<log::Change> changes, const std::string& request_id = "",
                     const std::string& fingerprint = "") {
  Write write;
  write.plan = [changes = std::move(changes)](const State&) { return changes; };
  write.request_id = request_id;
  write.request_fingerprint = fingerprint;
  return write;
}

using Outcome = std::future<absl::StatusOr<Written>>;

// Submits, and returns the answer to come. A second answer would throw in the writer.
inline Outcome Submit(Store* store, Write write) {
  auto answered = std::make_shared<std::promise<absl::StatusOr<Written>>>();
  Outcome outcome = answered->get_future();
  write.done = [answered](absl::StatusOr<Written> written) {
    answered->set_value(std::move(written));
  };
  store->Submit(std::move(write));
  return outcome;
}

// Submits and waits.
inline absl::StatusOr<Written> Apply(Store* store, Write write) {
  return Submit(store, std::move(write)).get();
}

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_STORE_TEST_UTIL_H_
