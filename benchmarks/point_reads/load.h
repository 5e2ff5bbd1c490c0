// SPDX-License-Identifier: Apache-2.0
//
// Calls of one method, many at once, and how long they take. What goes to and fro stays bytes, so
// that the client's own work is the same for every server and as little as can be.
//
//   Target target(address, "/entente.catalogue.v1.CatalogueService/GetPlace", request, options);
//   Saturation full = Saturate(target, 64, absl::Seconds(1));
//   Latencies half = Pace(target, full.calls_per_second() / 2, absl::Seconds(2));
#ifndef ENTENTE_BENCHMARKS_POINT_READS_LOAD_H_
#define ENTENTE_BENCHMARKS_POINT_READS_LOAD_H_

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace entente::benchmarks {

struct TargetOptions {
  int channels = 4;  // Connections.
  // Every call has a deadline, and an x-request-id that no other call has.
  bool deadline_and_request_id = true;
};

// A method of a server, and what it is asked. Thread-safe.
class Target {
 public:
  // Ends the benchmark if nobody answers at `address`.
  Target(const std::string& address, std::string method, const google::protobuf::Message& request,
         const TargetOptions& options);

  const std::string& method() const { return method_; }
  const grpc::ByteBuffer& request() const { return request_; }
  // In turn.
  grpc::GenericStub* NextStub();
  void Prepare(grpc::ClientContext* context);

  // What one call is answered with. An error ends the benchmark.
  std::string Ask();

 private:
  const std::string method_;
  const TargetOptions options_;
  grpc::ByteBuffer request_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::atomic<uint64_t> next_stub_{0};
  std::atomic<uint64_t> next_id_{0};
};

struct Saturation {
  int64_t calls = 0;
  absl::Duration time;

  double calls_per_second() const {
    return static_cast<double>(calls) / absl::ToDoubleSeconds(time);
  }
};

// Called when the time that counts begins and ends.
using Mark = std::function<void()>;

// Keeps `in_flight` calls in flight: each that ends starts the next one. Nothing counts until they
// have run for a moment. A call that fails ends the benchmark.
Saturation Saturate(Target* target, int in_flight, absl::Duration time, const Mark& begin,
                    const Mark& end);

struct Latencies {
  absl::Duration p50;
  absl::Duration p99;
};

// Starts so many calls a second, evenly, whether or not those before have ended. The time of a call
// is counted from when it was to start: a server that stalls is not let off by having fewer callers
// meanwhile.
Latencies Pace(Target* target, double calls_per_second, absl::Duration time);

}  // namespace entente::benchmarks

#endif  // ENTENTE_BENCHMARKS_POINT_READS_LOAD_H_
