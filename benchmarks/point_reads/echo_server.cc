// SPDX-License-Identifier: Apache-2.0
//
// point_reads_echo ADDRESS FILE: answers every call with what is in the file, and does nothing
// else.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "benchmarks/point_reads/echo.grpc.pb.h"

namespace entente::benchmarks {
namespace {

class EchoService final : public Echo::CallbackService {
 public:
  explicit EchoService(std::string payload) : payload_(std::move(payload)) {}

 private:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest*,
                                 EchoResponse* response) override {
    response->set_payload(payload_);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const std::string payload_;
};

int Main(const std::string& address, const std::string& file) {
  // As in our servers (common/server/server.cc), so that the echo has no handicap.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::stringstream payload;
  payload << std::ifstream(file, std::ios::binary).rdbuf();
  EchoService service(payload.str());
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
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
  if (argc != 3) {
    std::fputs("usage: point_reads_echo ADDRESS FILE\n", stderr);
    return 64;
  }
  return entente::benchmarks::Main(argv[1], argv[2]);
}
