// SPDX-License-Identifier: Apache-2.0
//
// compositions_fan_out ADDRESS METHOD TARGET...: what a composition costs at the very least. Asks
// all targets the same at once, with the caller's deadline, and answers with all their answers one
// after the other, unparsed.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace entente::benchmarks {
namespace {

using Stubs = std::vector<std::unique_ptr<grpc::GenericStub>>;

// One call. Deletes itself.
class FanOut final : public grpc::ServerGenericBidiReactor {
 public:
  FanOut(const Stubs& stubs, const std::string& method, grpc::CallbackServerContext* context)
      : stubs_(stubs), method_(method), parts_(stubs.size()), remaining_(stubs.size()) {
    for (Part& part : parts_) part.context.set_deadline(context->deadline());
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no request"));
    for (size_t i = 0; i < stubs_.size(); ++i) {
      stubs_[i]->UnaryCall(&parts_[i].context, method_, grpc::StubOptions(), &request_,
                           &parts_[i].response, [this](const grpc::Status& status) {
                             if (!status.ok()) failed_ = true;
                             if (--remaining_ == 0) Answer();
                           });
    }
  }

  void OnDone() override { delete this; }

 private:
  struct Part {
    grpc::ClientContext context;
    grpc::ByteBuffer response;
  };

  void Answer() {
    if (failed_) return Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "a part"));
    std::vector<grpc::Slice> all;
    std::vector<grpc::Slice> slices;
    for (const Part& part : parts_) {
      if (!part.response.Dump(&slices).ok()) continue;
      all.insert(all.end(), slices.begin(), slices.end());
    }
    answer_ = grpc::ByteBuffer(all.data(), all.size());
    StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
  }

  const Stubs& stubs_;
  const std::string& method_;
  grpc::ByteBuffer request_;
  std::vector<Part> parts_;
  std::atomic<size_t> remaining_;
  std::atomic<bool> failed_ = false;
  grpc::ByteBuffer answer_;
};

class Service final : public grpc::CallbackGenericService {
 public:
  Service(Stubs stubs, std::string method) : stubs_(std::move(stubs)), method_(std::move(method)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new FanOut(stubs_, method_, context);
  }

 private:
  const Stubs stubs_;
  const std::string method_;
};

int Main(const std::string& address, const std::string& method,
         const std::vector<std::string>& targets) {
  // As in our servers (common/server/server.cc), so that this has no handicap.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Stubs stubs;
  for (const std::string& target : targets) {
    stubs.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateChannel(target, grpc::InsecureChannelCredentials())));
  }
  Service service(std::move(stubs), method);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::fprintf(stderr, "cannot listen on %s\n", address.c_str());
    return 1;
  }
  server->Wait();
  return 0;
}

}  // namespace
}  // namespace entente::benchmarks

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: compositions_fan_out ADDRESS METHOD TARGET...\n", stderr);
    return 64;
  }
  return entente::benchmarks::Main(argv[1], argv[2], {argv + 3, argv + argc});
}
