// SPDX-License-Identifier: Apache-2.0
//
// What every call of every service goes through, whatever it does: a request id, admission, the
// deadline, the size of the request, and one line in the log.
//
//   grpc::ServerUnaryReactor* GetPlace(grpc::CallbackServerContext* context,
//                                      const v1::GetPlaceRequest* request,
//                                      v1::Place* response) override {
//     return calls_->Unary(context, *request, [=, this](const Call& call, Done done) {
//       catalogue_->Call(*request, response, std::move(done));
//     });
//   }
#ifndef ENTENTE_COMMON_SERVER_CALL_H_
#define ENTENTE_COMMON_SERVER_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation/cancellation.h"

namespace entente::server {

// The header in which callers give and servers return the id of a call.
inline constexpr char kRequestIdHeader[] = "x-request-id";

// One call, as its handler sees it.
struct Call {
  std::string method;      // "/entente.catalogue.v1.CatalogueService/GetPlace"
  std::string peer;        // Where it comes from, as gRPC writes it: "ipv4:127.0.0.1:58916".
  std::string request_id;  // The caller's, or made here.
  absl::Time start;        // When it arrived.
  absl::Time deadline;     // The infinite future if there is none.
  // Cancelled when the caller goes away before the answer, for handlers that ask for it
  // (CancellableUnary); else null.
  std::shared_ptr<Cancellation> cancellation;
};

using Done = std::function<void(absl::Status)>;

// The calls of one service. Thread-safe.
class Calls {
 public:
  struct Options {
    // Calls in flight beyond this are answered with RESOURCE_EXHAUSTED at once, whether their
    // answers are one message or several. Watches count apart.
    int max_calls_in_flight = 1000;
    int max_watches = 20'000;
    // Requests with more bytes are answered with RESOURCE_EXHAUSTED.
    uint64_t max_request_bytes = 4 << 20;
  };

  // `service`: its full name, "entente.catalogue.v1.CatalogueService".
  Calls(std::string service, Options options) : service_(std::move(service)), options_(options) {}

  // Until this is called every call is answered with UNAVAILABLE (STARTING).
  void SetReady() { ready_ = true; }

  // Runs `handler` and finishes the call with the status that it gives to its `done`, which it
  // calls exactly once, from any thread. Errors get a google.rpc.RequestInfo.
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request,
                                  const std::function<void(const Call&, Done)>& handler);

  // The same for handlers that wait for others, and want to hear that nobody waits for them. The
  // request, of this type, is so long and may not have been parsed.
  grpc::ServerUnaryReactor* CancellableUnary(grpc::CallbackServerContext* context,
                                             const google::protobuf::Descriptor& request_type,
                                             uint64_t request_bytes,
                                             const std::function<void(const Call&, Done)>& handler);

  // The same in two steps, for calls that have a reactor of their own. A non-OK status of Begin
  // means that the call must be finished with it; End, which follows in either case and once,
  // returns what to finish it with.
  absl::Status BeginCall(grpc::CallbackServerContext* context,
                         const google::protobuf::Message& request, Call* call);
  grpc::Status EndCall(const Call& call, const absl::Status& status);

  // One step before and one after a watch. A non-OK status means that the watch must be finished
  // with it; `EndWatch` follows in either case.
  absl::Status BeginWatch(grpc::CallbackServerContext* context,
                          const google::protobuf::Message& request, Call* call);
  void EndWatch(const Call& call, const absl::Status& status);

 private:
  absl::Status Begin(grpc::CallbackServerContext* context,
                     const google::protobuf::Descriptor& request_type, uint64_t request_bytes,
                     Call* call);

  absl::Status Admit(uint64_t request_bytes, const Call& call, int in_flight, int limit) const;

  Call MakeCall(grpc::CallbackServerContext* context,
                const google::protobuf::Descriptor& request_type) const;

  const std::string service_;
  const Options options_;
  std::atomic<bool> ready_{false};
  std::atomic<int> calls_in_flight_{0};
  std::atomic<int> watches_{0};
};

}  // namespace entente::server

#endif  // ENTENTE_COMMON_SERVER_CALL_H_
