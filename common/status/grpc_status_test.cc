// SPDX-License-Identifier: Apache-2.0
#include "common/status/grpc_status.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "google/rpc/status.pb.h"

namespace entente {
namespace {

std::map<std::string, std::string> Payloads(const absl::Status& status) {
  std::map<std::string, std::string> payloads;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    payloads[std::string(url)] = std::string(payload);
  });
  return payloads;
}

absl::Status ManyViolations(int count, const std::string& description) {
  Violations violations;
  for (int i = 0; i < count; ++i) {
    violations.Add(absl::StrCat("changes[", i, "].put.claim.title"), description);
  }
  return violations.ToStatus();
}

// What a client with gRPC's defaults sees of a call that a server ends with `status`.
grpc::Status OverTheWire(const grpc::Status& status) {
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
  };
  class Service final : public grpc::CallbackGenericService {
   public:
    explicit Service(grpc::Status status) : status_(std::move(status)) {}
    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
      return new Reactor(status_);
    }

   private:
    const grpc::Status status_;
  };
  Service service(status);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  grpc::GenericStub stub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const grpc::Slice nothing("");
  grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, "/any/Method", grpc::StubOptions(), &request, &response,
                 [&](const grpc::Status& answer) { answered.set_value(answer); });
  return answered.get_future().get();
}

TEST(GrpcStatusTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, EveryDetailSurvivesTheRoundTrip) {
  absl::Status status = errors::Overloaded(3);
  google::rpc::RequestInfo info;
  info.set_request_id("abc");
  status.SetPayload("type.googleapis.com/google.rpc.RequestInfo",
                    absl::Cord(info.SerializeAsString()));
  const absl::Status back = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(back.code(), status.code());
  EXPECT_EQ(back.message(), status.message());
  EXPECT_EQ(Payloads(back), Payloads(status));
  EXPECT_EQ(Payloads(back).size(), 3u);
}

TEST(GrpcStatusTest, DetailsAreAGoogleRpcStatus) {
  const grpc::Status status = ToGrpcStatus(errors::ResourceDeleted("places/x"));
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(details.message(), status.error_message());
  ASSERT_EQ(details.details_size(), 1);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "RESOURCE_DELETED");
}

TEST(GrpcStatusTest, AnErrorWithoutAReasonGetsOneAndKeepsItsDetails) {
  absl::Status status = absl::DataLossError("damaged");
  status.SetPayload("type.googleapis.com/a.B", absl::Cord("bytes"));
  const absl::Status back = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(back.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(back.message(), "damaged");
  EXPECT_EQ(errors::InfoOf(back).reason(), "UNSPECIFIED");
  EXPECT_EQ(errors::InfoOf(back).domain(), "entente.dev");
  EXPECT_EQ(Payloads(back)["type.googleapis.com/a.B"], "bytes");
}

TEST(GrpcStatusTest, DetailsThatAreNoneAreLeftOut) {
  const absl::Status back =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone", "\xff\xff no status"));
  EXPECT_EQ(back, absl::UnavailableError("gone"));
}

TEST(GrpcStatusTest, AFewViolationsArriveComplete) {
  const absl::Status status = ManyViolations(20, "is required");
  const absl::Status back = FromGrpcStatus(OverTheWire(ToGrpcStatus(status)));
  EXPECT_EQ(back, status);
}

// gRPC's default limit on trailers would turn the error into another one without any details.
TEST(GrpcStatusTest, WhatIsTooLongForTrailersIsCutAndSaysSo) {
  const absl::Status status = ManyViolations(10'000, std::string(2000, 'x'));
  const absl::Status back = FromGrpcStatus(OverTheWire(ToGrpcStatus(status)));
  EXPECT_EQ(back.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(errors::InfoOf(back).reason(), "INVALID_REQUEST");
  const int kept = errors::BadRequestOf(back).field_violations_size();
  EXPECT_GT(kept, 5);
  EXPECT_EQ(errors::InfoOf(back).metadata().at("violations_omitted"), absl::StrCat(10'000 - kept));
  EXPECT_EQ(errors::BadRequestOf(back).field_violations(0).field(), "changes[0].put.claim.title");
}

TEST(GrpcStatusTest, TheLongestMessageOfCharactersThatMustBeEscapedFits) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "é";
  const absl::Status sent = errors::Make(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", text,
                                         {{"a", text}, {"b", text}, {"c", text}, {"d", text}});
  const absl::Status back = FromGrpcStatus(OverTheWire(ToGrpcStatus(sent)));
  EXPECT_EQ(back.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(errors::InfoOf(back).reason(), "RESOURCE_NOT_FOUND");
  // Cut between characters: "é" has two bytes.
  const std::string message(back.message());
  ASSERT_GT(message.size(), 500u);
  EXPECT_EQ(message.substr(message.size() - 3), "...");
  EXPECT_EQ((message.size() - 3) % 2, 0u);
  EXPECT_EQ(message.substr(0, message.size() - 3), text.substr(0, message.size() - 3));
}

}  // namespace
}  // namespace entente
