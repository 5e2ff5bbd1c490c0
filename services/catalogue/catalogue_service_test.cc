// SPDX-License-Identifier: Apache-2.0
//
// Watches over gRPC that begin and end in every way at once: what matters is that nothing is used
// after it has gone.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "common/logging/logging.h"
#include "common/server/server.h"
#include "entente/catalogue/v1/catalogue_service.grpc.pb.h"
#include "services/catalogue/catalogue.h"
#include "services/catalogue/server.h"

namespace entente::catalogue {
namespace {

constexpr int kWatchers = 4;
constexpr int kWatches = 100;  // Of each.

class CatalogueServiceTest : public testing::Test {
 protected:
  CatalogueServiceTest() {
    logging::SetLevel(logging::Level::kOff);
    EXPECT_TRUE(core_->Load().ok());
    server::ServerOptions options;
    options.listen = "127.0.0.1:0";
    server_ = server::Server::Start(options,
                                    {{v1::CatalogueService::service_full_name(), service_.get()}})
                  .value();
    calls_.SetReady();
  }
  ~CatalogueServiceTest() override {
    Shutdown();
    logging::SetLevel(logging::Level::kInfo);
  }

  void Shutdown() {
    server_->Shutdown([this] { core_->hub().Shutdown(); });
  }

  std::unique_ptr<v1::CatalogueService::Stub> Stub() const {
    return v1::CatalogueService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }

  void Write(int i) {
    v1::ApplyChangesRequest request;
    auto* partnership = request.add_changes()->mutable_put()->mutable_partnership();
    partnership->set_name("partnerships/p");
    partnership->mutable_title()->set_text(absl::StrCat(i));
    v1::ApplyChangesResponse response;
    std::promise<absl::Status> answered;
    core_->Call(request, &response, [&](absl::Status status) { answered.set_value(status); });
    EXPECT_TRUE(answered.get_future().get().ok());
  }

  server::Calls calls_{v1::CatalogueService::service_full_name(), server::ServerOptions().calls};
  std::unique_ptr<resource::DataService> core_ =
      MakeCatalogue(std::make_unique<log::MemoryLog>(&SystemClock::Get()), {}).value();
  std::unique_ptr<grpc::Service> service_ = MakeService(&calls_, core_.get());
  std::unique_ptr<server::Server> server_;
};

TEST_F(CatalogueServiceTest, WatchesEndInEveryWayAtOnce) {
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; !done; ++i) Write(i);
  });
  std::vector<std::thread> watchers;
  for (int w = 0; w < kWatchers; ++w) {
    watchers.emplace_back([&] {
      const auto stub = Stub();
      for (int i = 0; i < kWatches; ++i) {
        grpc::ClientContext context;
        v1::WatchRequest request;
        request.set_include_current(true);
        if (i % 4 == 0) request.set_checkpoint_interval_ms(1);  // Refused.
        if (i % 4 == 1) request.set_resume_token("garbage");    // Refused by the hub.
        auto reader = stub->Watch(&context, request);
        v1::WatchResponse message;
        if (i % 4 == 2) {
          EXPECT_TRUE(reader->Read(&message));
          EXPECT_TRUE(reader->Read(&message));
        }
        if (i % 4 >= 2) context.TryCancel();
        while (reader->Read(&message)) {
        }
        EXPECT_EQ(reader->Finish().error_code(),
                  i % 4 < 2 ? grpc::StatusCode::INVALID_ARGUMENT : grpc::StatusCode::CANCELLED);
      }
    });
  }
  for (std::thread& watcher : watchers) watcher.join();
  done = true;
  writer.join();
}

TEST_F(CatalogueServiceTest, TheEndClosesOpenWatches) {
  const auto stub = Stub();
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchResponse>>> readers;
  v1::WatchRequest request;
  request.set_include_current(true);
  v1::WatchResponse message;
  for (int i = 0; i < 20; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(stub->Watch(contexts.back().get(), request));
    EXPECT_TRUE(readers.back()->Read(&message));
  }
  std::thread stopper([&] { Shutdown(); });
  for (const auto& reader : readers) {
    while (reader->Read(&message)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  stopper.join();
}

}  // namespace
}  // namespace entente::catalogue
