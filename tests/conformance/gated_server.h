// SPDX-License-Identifier: Apache-2.0
//
// A catalogue server over a log that waits when it is told to: for what a server does while it
// reads its log, and while writes are under way.
//
//   GatedServer server(limits);
//   server.StartWithClosedReads();           // listens, and cannot read its log
//   server.OpenReads();
#ifndef ENTENTE_TESTS_CONFORMANCE_GATED_SERVER_H_
#define ENTENTE_TESTS_CONFORMANCE_GATED_SERVER_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/logging/logging.h"
#include "common/testing/test_servers.h"
#include "services/catalogue/catalogue.h"
#include "services/catalogue/server.h"
#include "services/common/data_server.h"

namespace entente::conformance {

// Thread-safe.
class Gate {
 public:
  void Close() {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = false;
  }
  void Open() {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Waits while it is closed.
  void Pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  // Waits until `count` calls of Pass have begun.
  void AwaitArrivals(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;  // Guarded by mutex_.
  int arrived_ = 0;   // Guarded by mutex_.
};

class GatedLog final : public log::Log {
 public:
  GatedLog(Gate* reads, Gate* appends)
      : reads_(reads), appends_(appends), log_(&SystemClock::Get()) {}

  absl::StatusOr<std::vector<log::Committed>> Append(
      int64_t expected_head, absl::Span<const log::Proposal> proposals) override {
    appends_->Pass();
    return log_.Append(expected_head, proposals);
  }
  absl::Status Read(int64_t after, int64_t limit,
                    absl::FunctionRef<absl::Status(log::Revision)> fn) override {
    reads_->Pass();
    return log_.Read(after, limit, fn);
  }
  absl::StatusOr<int64_t> Head() override { return log_.Head(); }
  absl::StatusOr<std::optional<int64_t>> RevisionAt(absl::Time time) override {
    return log_.RevisionAt(time);
  }
  absl::StatusOr<std::vector<int64_t>> RevisionsOf(absl::string_view name, int64_t last,
                                                   int64_t limit) override {
    return log_.RevisionsOf(name, last, limit);
  }
  absl::StatusOr<std::optional<log::RecordedRequest>> FindRequest(
      absl::string_view request_id) override {
    return log_.FindRequest(request_id);
  }

 private:
  Gate* const reads_;
  Gate* const appends_;
  log::MemoryLog log_;
};

class GatedServer {
 public:
  explicit GatedServer(server::Calls::Options calls = {}) {
    logging::SetLevel(logging::Level::kError);
    // A socket has a name before the server has read its log; a free port has not.
    options_.listen = absl::StrCat("unix:", directory_.File("socket"));
    options_.calls = calls;
    client_ = test::ServiceClient::To<catalogue::v1::CatalogueService, catalogue::v1::WatchRequest>(
        options_.listen, catalogue::v1::ApplyChangesRequest::descriptor()->file()->service(0));
  }
  ~GatedServer() {
    reads_.Open();
    appends_.Open();
    if (starting_.joinable()) starting_.join();
  }

  // Listens, and stays at the gate of reads.
  void StartWithClosedReads() {
    reads_.Close();
    starting_ = std::thread([this] { StartNow(); });
    reads_.AwaitArrivals(1);
  }
  void OpenReads() {
    reads_.Open();
    starting_.join();
  }
  void StartNow() {
    auto core = catalogue::MakeCatalogue(std::make_unique<GatedLog>(&reads_, &appends_), {});
    ASSERT_THAT(core, test::IsOk());
    auto server = DataServer::Start(options_, *std::move(core),
                                    catalogue::v1::CatalogueService::service_full_name(),
                                    &catalogue::MakeService);
    ASSERT_THAT(server, test::IsOk());
    server_ = *std::move(server);
  }

  Gate& appends() { return appends_; }
  const std::string& target() const { return options_.listen; }
  const test::ServiceClient& client() const { return *client_; }

 private:
  log::TempDirectory directory_;
  server::ServerOptions options_;
  Gate reads_;
  Gate appends_;
  std::unique_ptr<test::ServiceClient> client_;
  std::unique_ptr<DataServer> server_;
  std::thread starting_;
};

}  // namespace entente::conformance

#endif  // ENTENTE_TESTS_CONFORMANCE_GATED_SERVER_H_
