// SPDX-License-Identifier: Apache-2.0
//
// The newest revision of a service in another process, known by its watch.
//
//   WatchedNewest newest(WatchOf<catalogue::v1::CatalogueService, catalogue::v1::WatchRequest,
//                                catalogue::v1::WatchResponse>(channel),
//                        &clock);
#ifndef ENTENTE_SERVICES_GATEWAY_ANSWERS_WATCHED_H_
#define ENTENTE_SERVICES_GATEWAY_ANSWERS_WATCHED_H_

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "common/client/stream_reader.h"
#include "common/clock/clock.h"
#include "services/gateway/answers/frontier.h"

namespace entente::gateway {

// A watch that is silent for this long says where the service is.
inline constexpr absl::Duration kCheckpointInterval = absl::Milliseconds(500);
// And one of which nothing was heard for this long is not believed any more: so old is an answer at
// most that is given again by it.
inline constexpr absl::Duration kBelieved = absl::Seconds(2);

// Reads one watch from its beginning: calls `heard` with the revision of each message until the
// watch ends or `context` is cancelled.
using ReadWatch =
    std::function<void(grpc::ClientContext* context, const std::function<void(int64_t)>& heard)>;

template <typename Service, typename Request, typename Response>
ReadWatch WatchOf(const std::shared_ptr<grpc::Channel>& channel) {
  std::shared_ptr<typename Service::Stub> stub = Service::NewStub(channel);
  return [stub](grpc::ClientContext* context, const std::function<void(int64_t)>& heard) {
    Request request;
    request.set_checkpoint_interval_ms(
        static_cast<int32_t>(absl::ToInt64Milliseconds(kCheckpointInterval)));
    client::StreamReader<Response> reader;
    stub->async()->Watch(context, &request, &reader);
    (void)reader.ReadAll([&](const Response& message) { heard(message.revision()); });
  };
}

// Watches from construction to destruction, on a thread of its own. Certain while the watch lasts
// and is heard of.
class WatchedNewest final : public Newest {
 public:
  // `clock` must outlive it.
  WatchedNewest(ReadWatch read, const Clock* clock);
  ~WatchedNewest() override;

  std::optional<int64_t> Get() const override;

 private:
  void Loop();

  const ReadWatch read_;
  const Clock* const clock_;

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  // All guarded by mutex_.
  bool stopping_ = false;
  grpc::ClientContext* context_ = nullptr;
  std::optional<int64_t> revision_;
  absl::Time heard_;
  std::thread thread_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ANSWERS_WATCHED_H_
