// SPDX-License-Identifier: Apache-2.0
//
// Stands before a service and does to its answers what goes wrong between two servers. Unary calls
// only.
//
//   FaultProxy proxy("localhost:50051", descriptor);
//   proxy.Set({.fault = Fault::kTruncated});
//   ... proxy.target() ...
#ifndef ENTENTE_TESTS_E2E_FAULT_PROXY_H_
#define ENTENTE_TESTS_E2E_FAULT_PROXY_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

namespace entente::e2e {

enum class Fault {
  kNone,
  kSilent,       // Takes calls and never answers.
  kSlow,         // Answers after kSlowness: perhaps in time, perhaps not.
  kErrors,       // Answers with errors that are not the caller's, of several codes.
  kTruncated,    // Cuts the message short, in the middle of a field.
  kOldRevision,  // Answers as of an older revision than it was asked for.
};
inline constexpr Fault kFaults[] = {Fault::kSilent, Fault::kSlow, Fault::kErrors, Fault::kTruncated,
                                    Fault::kOldRevision};
std::ostream& operator<<(std::ostream& out, Fault fault);

// Between these, in milliseconds, in turn.
inline constexpr int kSlowness[] = {60, 300};

// Thread-safe.
class FaultProxy {
 public:
  // Listens on a free port of the loopback. `service` is the one that it stands before.
  FaultProxy(const std::string& target, const google::protobuf::ServiceDescriptor* service);
  ~FaultProxy();

  const std::string& target() const { return target_; }

  // From now on; calls under way end as they began. `old_revision`: of kOldRevision.
  void Set(Fault fault, int64_t old_revision = 0) {
    old_revision_ = old_revision;
    fault_ = fault;
  }

 private:
  class Service;
  class Relay;

  const google::protobuf::ServiceDescriptor* const descriptor_;
  grpc::GenericStub stub_;
  std::string target_;
  std::atomic<Fault> fault_ = Fault::kNone;
  std::atomic<int64_t> old_revision_ = 0;
  std::atomic<uint64_t> calls_ = 0;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace entente::e2e

#endif  // ENTENTE_TESTS_E2E_FAULT_PROXY_H_
