// SPDX-License-Identifier: Apache-2.0
//
// Reads a stream on a thread of the caller's that may wait.
//
//   client::StreamReader<v1::WatchResponse> reader;
//   stub->async()->Watch(&context, &request, &reader);
//   const grpc::Status ended = reader.ReadAll([&](const v1::WatchResponse& message) {...});
#ifndef ENTENTE_COMMON_CLIENT_STREAM_READER_H_
#define ENTENTE_COMMON_CLIENT_STREAM_READER_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"

namespace entente::client {

// Hands messages from gRPC's threads to the reader's, one at a time. A thread that waits for them
// in gRPC itself would be made to wait for every other connection of the process as well, those of
// the process's own callers included, and to pass on what it hears: that costs each of their calls
// a change of threads. To be used once.
template <typename Response>
class StreamReader final : public grpc::ClientReadReactor<Response> {
 public:
  // Calls `fn` with each message of the stream, which is set up, and returns how it ended.
  grpc::Status ReadAll(absl::FunctionRef<void(const Response&)> fn) {
    // Reads are started from outside of gRPC's reactions, and it must not be done between two.
    this->AddHold();
    this->StartCall();
    while (ReadOne()) fn(message_);
    this->RemoveHold();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return status_.has_value(); });
    return *status_;
  }

 private:
  bool ReadOne() {
    this->StartRead(&message_);
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return read_.has_value(); });
    return *std::exchange(read_, std::nullopt);
  }

  void OnReadDone(bool ok) override {
    std::lock_guard<std::mutex> lock(mutex_);
    read_ = ok;
    changed_.notify_all();
  }

  // The last that gRPC does with it: then it may go.
  void OnDone(const grpc::Status& status) override {
    std::lock_guard<std::mutex> lock(mutex_);
    status_ = status;
    changed_.notify_all();
  }

  Response message_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<bool> read_;            // Guarded by mutex_. Whether a read got a message.
  std::optional<grpc::Status> status_;  // Guarded by mutex_. How the stream ended.
};

}  // namespace entente::client

#endif  // ENTENTE_COMMON_CLIENT_STREAM_READER_H_
