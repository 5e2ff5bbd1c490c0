// SPDX-License-Identifier: Apache-2.0
//
// The gRPC side of a watch: a stream that takes one step at a time from the hub.
//
//   grpc::ServerWriteReactor<v1::WatchResponse>* Watch(
//       grpc::CallbackServerContext* context, const v1::WatchRequest* request) override {
//     return server::StartWatch<v1::WatchResponse>(calls_, core_, context, *request);
//   }
#ifndef ENTENTE_COMMON_SERVER_WATCH_REACTOR_H_
#define ENTENTE_COMMON_SERVER_WATCH_REACTOR_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/data_service.h"
#include "common/resource/watch.h"
#include "common/server/call.h"
#include "common/status/grpc_status.h"

namespace entente::server {

// What a WatchRequest of the service `core` asks for. INVALID_ARGUMENT for an interval out of
// range, or selections that are none of the service's.
absl::StatusOr<resource::WatchOptions> WatchOptionsOf(const resource::DataService& core,
                                                      const google::protobuf::Message& request);

// Writes a step into a WatchResponse of any service.
void FillWatchResponse(const resource::WatchStep& step, google::protobuf::Message* response);

template <typename Response>
class WatchReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  WatchReactor(Calls* calls, resource::DataService* core, grpc::CallbackServerContext* context,
               const google::protobuf::Message& request)
      : calls_(calls), core_(core), hub_(&core->hub()), context_(context), request_(request.New()) {
    request_->CopyFrom(request);
  }

  void Start() {
    absl::Status status = calls_->BeginWatch(context_, *request_, &call_);
    if (status.ok()) {
      auto options = WatchOptionsOf(*core_, *request_);
      if (options.ok()) {
        std::lock_guard<std::mutex> lock(mutex_);
        auto id = hub_->Start(*options, std::make_shared<Sink>(this, link_));
        if (id.ok()) {
          watch_ = *id;
          watching_ = true;
        }
        status = id.status();
      } else {
        status = options.status();
      }
    }
    if (!status.ok()) FinishWith(status);
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      resource::WatchHub::Id id;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        id = watch_;
      }
      hub_->Ready(id);
    } else {
      FinishWith(absl::CancelledError("the caller has gone"));
    }
  }

  void OnCancel() override { FinishWith(absl::CancelledError("the caller has gone")); }

  void OnDone() override {
    calls_->EndWatch(call_, final_);
    delete this;
  }

 private:
  // Shared with the hub's sink, which may outlive the reactor by one call.
  struct Link {
    std::mutex mutex;
    bool open = true;  // Guarded by mutex; false once the stream is finished.
  };

  class Sink final : public resource::WatchSink {
   public:
    Sink(WatchReactor* reactor, std::shared_ptr<Link> link)
        : reactor_(reactor), link_(std::move(link)) {}

    void Send(const resource::WatchStep& step) override {
      std::lock_guard<std::mutex> lock(link_->mutex);
      if (!link_->open) return;
      reactor_->response_.Clear();
      FillWatchResponse(step, &reactor_->response_);
      reactor_->StartWrite(&reactor_->response_);
    }

    void Close(const absl::Status& status) override { FinishLinked(reactor_, link_, status); }

   private:
    WatchReactor* const reactor_;
    const std::shared_ptr<Link> link_;
  };

  void FinishWith(const absl::Status& status) {
    bool watching;
    resource::WatchHub::Id id;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      watching = watching_;
      id = watch_;
    }
    if (watching) hub_->Cancel(id);
    FinishLinked(this, link_, status);
  }

  // Finishes the stream of `reactor` once. The reactor may be gone already, and once it is
  // finished it may go at any moment, hence `link` by value.
  static void FinishLinked(WatchReactor* reactor, std::shared_ptr<Link> link,
                           const absl::Status& status) {
    std::lock_guard<std::mutex> lock(link->mutex);
    if (!link->open) return;
    link->open = false;
    reactor->final_ = status;
    reactor->Finish(ToGrpcStatus(status));
  }

  Calls* const calls_;
  const resource::DataService* const core_;
  resource::WatchHub* const hub_;
  grpc::CallbackServerContext* const context_;
  const std::unique_ptr<google::protobuf::Message> request_;
  const std::shared_ptr<Link> link_ = std::make_shared<Link>();
  Call call_;
  absl::Status final_;
  Response response_;

  std::mutex mutex_;
  resource::WatchHub::Id watch_ = 0;  // Guarded by mutex_.
  bool watching_ = false;             // Guarded by mutex_.
};

template <typename Response>
grpc::ServerWriteReactor<Response>* StartWatch(Calls* calls, resource::DataService* core,
                                               grpc::CallbackServerContext* context,
                                               const google::protobuf::Message& request) {
  auto* reactor = new WatchReactor<Response>(calls, core, context, request);
  reactor->Start();
  return reactor;
}

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_WATCH_REACTOR_H_
