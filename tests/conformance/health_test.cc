// SPDX-License-Identifier: Apache-2.0
// What every server has besides its service: health, reflection, channelz.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "grpc/health/v1/health.pb.h"
#include "tests/conformance/fixture.h"
#include "tests/conformance/gated_server.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using google::protobuf::DescriptorPool;
using grpc::health::v1::HealthCheckResponse;

// What health says of `service` at `target`.
absl::StatusOr<std::string> Health(const std::string& target, const std::string& service) {
  const ServiceClient client(test::MakeTestChannel(target),
                             HealthCheckResponse::descriptor()->file()->service(0));
  const auto response =
      client.Call<HealthCheckResponse>("Check", absl::StrCat("service: '", service, "'"));
  if (!response.ok()) return response.status();
  return HealthCheckResponse::ServingStatus_Name(response->status());
}

constexpr Service kServices[] = {Service::kCatalogue, Service::kFunding, Service::kEvents,
                                 Service::kGateway};

class HealthTest : public ConformanceTest {
 protected:
  std::string FullName(Service service) {
    return std::string(servers().client(service).descriptor()->full_name());
  }
};
INSTANTIATE_CONFORMANCE(HealthTest);

TEST_P(HealthTest, OfTheServerAndOfItsServiceByFullName) {
  for (const Service service : kServices) {
    SCOPED_TRACE(FullName(service));
    EXPECT_THAT(Health(servers().target(service), ""), IsOkAndHolds("SERVING"));
    EXPECT_THAT(Health(servers().target(service), FullName(service)), IsOkAndHolds("SERVING"));
    EXPECT_THAT(Health(servers().target(service), "nobody"), StatusIs(StatusCode::kNotFound));
  }
}

// Reflection has a streaming method only.
std::string ListServices(const std::string& target) {
  const auto* pool = DescriptorPool::generated_pool();
  const auto make = [&](const char* type) {
    const auto* descriptor = pool->FindMessageTypeByName(type);
    return test::MessagePtr(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  };
  const test::MessagePtr request = make("grpc.reflection.v1alpha.ServerReflectionRequest");
  const test::MessagePtr response = make("grpc.reflection.v1alpha.ServerReflectionResponse");
  test::ParseText("list_services: ''", request.get());

  grpc::GenericStub stub(test::MakeTestChannel(target));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + test::kPatience));
  grpc::CompletionQueue queue;
  const auto await = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto stream = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  stream->StartCall(nullptr);
  EXPECT_TRUE(await());
  const grpc::Slice slice(request->SerializeAsString());
  stream->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
  EXPECT_TRUE(await());
  grpc::ByteBuffer bytes;
  stream->Read(&bytes, nullptr);
  EXPECT_TRUE(await());
  grpc::ProtoBufferReader reader(&bytes);
  EXPECT_TRUE(response->ParseFromZeroCopyStream(&reader));
  grpc::Status status;
  stream->Finish(&status, nullptr);
  EXPECT_TRUE(await());
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response->ShortDebugString();
}

TEST_P(HealthTest, ReflectionListsTheServices) {
  for (const Service service : kServices) {
    EXPECT_THAT(
        ListServices(servers().target(service)),
        AllOf(HasSubstr(absl::StrCat("\"", FullName(service), "\"")),
              HasSubstr("\"grpc.health.v1.Health\""), HasSubstr("\"grpc.channelz.v1.Channelz\"")));
  }
}

TEST_P(HealthTest, ChannelzAnswers) {
  for (const Service service : kServices) {
    SCOPED_TRACE(FullName(service));
    const ServiceClient channelz(
        test::MakeTestChannel(servers().target(service)),
        DescriptorPool::generated_pool()->FindServiceByName("grpc.channelz.v1.Channelz"));
    const auto listed = channelz.Invoke(*channelz.NewRequest("GetServers"));
    ASSERT_THAT(listed, IsOk());
    EXPECT_THAT((*listed)->ShortDebugString(), HasSubstr("calls_started"));
  }
}

TEST_P(HealthTest, AStoppedServerIsReadyAgainAfterItsRestart) {
  ASSERT_THAT(servers().Restart(), IsOk());
  for (const Service service : kServices) {
    EXPECT_THAT(Health(servers().target(service), FullName(service)), IsOkAndHolds("SERVING"));
  }
}

// A server is alive before it has read its log, and ready only afterwards.
TEST(StartingServerTest, IsNotServingUntilItHasReadItsLog) {
  constexpr char kCatalogue[] = "entente.catalogue.v1.CatalogueService";
  GatedServer server;
  server.StartWithClosedReads();
  EXPECT_THAT(Health(server.target(), ""), IsOkAndHolds("SERVING"));
  EXPECT_THAT(Health(server.target(), kCatalogue), IsOkAndHolds("NOT_SERVING"));
  const auto starting = Fails(StatusCode::kUnavailable, "STARTING");
  EXPECT_THAT(server.client().Send("ListPlaces", ""), starting);
  EXPECT_THAT(server.client().Send("CreatePartnership",
                                   "partnership_id: 'p' partnership { title { text: 'P' } }"),
              starting);
  const auto watch = server.client().Watch("");
  EXPECT_FALSE(watch->Next().has_value());
  EXPECT_THAT(watch->Finish(), starting);

  server.OpenReads();
  EXPECT_THAT(Health(server.target(), kCatalogue), IsOkAndHolds("SERVING"));
  EXPECT_THAT(server.client().Send("ListPlaces", ""), IsOk());
}

}  // namespace
}  // namespace entente::conformance
