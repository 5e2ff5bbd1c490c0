// SPDX-License-Identifier: Apache-2.0
// What a server does with calls beyond its limits, and what it says about every call.
#include <thread>

#include "tests/conformance/fixture.h"
#include "tests/conformance/gated_server.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

constexpr uint64_t kMaxRequestBytes = 10'000;
constexpr int kMaxMetadataBytes = 2'000;
constexpr size_t kMaxWatches = 4;

TestServersOptions Limited() {
  TestServersOptions options;
  options.server.calls.max_request_bytes = kMaxRequestBytes;
  options.server.calls.max_watches = kMaxWatches;
  options.server.max_metadata_bytes = kMaxMetadataBytes;
  return options;
}

class LimitsTest : public ServiceConformanceTest {
 protected:
  LimitsTest() : ServiceConformanceTest(Limited()) {}
  std::string Note(size_t size) {
    return absl::StrCat("notes { text: '", std::string(size, 'x'), "' }");
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(LimitsTest);

TEST_P(LimitsTest, ARequestThatIsTooLargeSaysHowLargeItMayBe) {
  EXPECT_THAT(collection().Create("a", *collection().New(Note(kMaxRequestBytes))),
              AllOf(Fails(StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"),
                    HasMetadata("limit", absl::StrCat(kMaxRequestBytes))));
  EXPECT_THAT(collection().Create("a", *collection().New(Note(kMaxRequestBytes - 1000))), IsOk());
}

TEST_P(LimitsTest, ARequestOfManyTimesThatIsDroppedUnread) {
  EXPECT_THAT(collection().Create("a", *collection().New(Note(10 * kMaxRequestBytes))),
              StatusIs(StatusCode::kResourceExhausted));
  EXPECT_THAT(collection().Create("a"), IsOk());
}

TEST_P(LimitsTest, TooManyWatchesAreRefused) {
  std::vector<std::unique_ptr<test::WatchStream>> watches;
  do {
    watches.push_back(client().Watch("include_current: true"));
  } while (watches.back()->Next().has_value() && watches.size() <= kMaxWatches);
  EXPECT_THAT(watches.back()->Finish(),
              Fails(StatusCode::kResourceExhausted, "TOO_MANY_CALLS_IN_FLIGHT"));
  // Over gRPC, funding and events have a watch each of the catalogue, and the gateway one of every
  // service, or will have it in a moment.
  const bool separate = std::get<0>(GetParam()) == Deployment::kSeparate;
  const bool followed = GetParam() == ServiceParam(Deployment::kSeparate, Place::descriptor());
  const size_t left = followed ? kMaxWatches - 2 : kMaxWatches;
  EXPECT_LE(watches.size() - 1, left);
  EXPECT_GE(watches.size() - 1, separate ? left - 1 : left);
  watches.pop_back();
  watches.pop_back();
  // The server notices in its own time that one has gone.
  EXPECT_TRUE(test::Eventually(
      [&] { return client().Watch("include_current: true")->Next().has_value(); }));
}

class CallTest : public ConformanceTest {
 protected:
  CallTest() : ConformanceTest(Limited()) {}

  // Gets a place with the metadata; returns the status.
  grpc::Status GetPlace(grpc::ClientContext* context, const std::string& id) {
    context->set_deadline(absl::ToChronoTime(absl::Now() + test::kPatience));
    catalogue::v1::GetPlaceRequest request;
    request.set_name("places/" + id);
    Place place;
    return servers().catalogue_stub()->GetPlace(context, request, &place);
  }
  static std::string RequestIdIn(const grpc::ClientContext& context) {
    const auto& metadata = context.GetServerInitialMetadata();
    const auto found = metadata.find("x-request-id");
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
  }
  static std::string RequestIdIn(const grpc::Status& status) {
    google::rpc::RequestInfo info;
    const auto payload =
        FromGrpcStatus(status).GetPayload("type.googleapis.com/google.rpc.RequestInfo");
    return payload.has_value() && info.ParseFromString(std::string(*payload)) ? info.request_id()
                                                                              : "";
  }
};
INSTANTIATE_CONFORMANCE(CallTest);

TEST_P(CallTest, TheRequestIdOfACallerIsReturned) {
  ASSERT_THAT(Of<Place>().Create("a"), IsOk());
  grpc::ClientContext good;
  good.AddMetadata("x-request-id", "mine-1");
  EXPECT_TRUE(GetPlace(&good, "a").ok());
  EXPECT_EQ(RequestIdIn(good), "mine-1");

  grpc::ClientContext bad;
  bad.AddMetadata("x-request-id", "mine-2");
  const grpc::Status status = GetPlace(&bad, "nowhere");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(RequestIdIn(bad), "mine-2");
  EXPECT_EQ(RequestIdIn(status), "mine-2");
}

TEST_P(CallTest, ACallWithoutARequestIdGetsOne) {
  grpc::ClientContext first;
  const grpc::Status status = GetPlace(&first, "nowhere");
  EXPECT_THAT(RequestIdIn(first), ::testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(RequestIdIn(status), RequestIdIn(first));
  grpc::ClientContext second;
  GetPlace(&second, "nowhere");
  EXPECT_NE(RequestIdIn(second), RequestIdIn(first));
}

TEST_P(CallTest, ALongRequestIdIsCut) {
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", std::string(200, 'r'));
  GetPlace(&context, "nowhere");
  EXPECT_EQ(RequestIdIn(context), std::string(128, 'r'));
}

TEST_P(CallTest, MetadataThatIsTooLargeIsRefused) {
  grpc::ClientContext context;
  context.AddMetadata("x-bulk", std::string(5 * kMaxMetadataBytes, 'x'));
  EXPECT_EQ(GetPlace(&context, "nowhere").error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext next;
  EXPECT_EQ(GetPlace(&next, "nowhere").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_P(CallTest, ADeadlineThatHasPassedChangesNothing) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() - absl::Seconds(1)));
  const auto request = test::Parse<catalogue::v1::CreatePartnershipRequest>(
      "partnership_id: 'late' partnership { title { text: 'L' } }");
  Partnership partnership;
  EXPECT_EQ(
      servers().catalogue_stub()->CreatePartnership(&context, request, &partnership).error_code(),
      grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(Of<Partnership>().Get("late"), StatusIs(StatusCode::kNotFound));
}

TEST(AdmissionTest, CallsBeyondTheLimitAreAnsweredAtOnceWithATimeToRetry) {
  constexpr int kLimit = 3;
  GatedServer server({.max_calls_in_flight = kLimit});
  server.StartNow();
  server.appends().Close();
  std::vector<std::thread> writers;
  for (int i = 0; i < kLimit; ++i) {
    writers.emplace_back([&server, i] {
      const std::string request =
          absl::StrCat("partnership_id: 'p", i, "' partnership { title { text: 'P' } }");
      // Refused while the calls of the test below are counted as well.
      EXPECT_TRUE(test::Eventually(
          [&] { return server.client().Send("CreatePartnership", request).ok(); }));
    });
  }
  absl::Status refusal;
  EXPECT_TRUE(test::Eventually([&] {
    refusal = server.client().Send("ListPlaces", "");
    return !refusal.ok();
  }));
  EXPECT_THAT(refusal, AllOf(Fails(StatusCode::kResourceExhausted, "TOO_MANY_CALLS_IN_FLIGHT"),
                             HasMetadata("limit", absl::StrCat(kLimit))));
  google::rpc::RetryInfo retry;
  const auto payload = refusal.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  ASSERT_TRUE(payload.has_value());
  ASSERT_TRUE(retry.ParseFromString(std::string(*payload)));
  EXPECT_GT(retry.retry_delay().nanos() + retry.retry_delay().seconds(), 0);

  server.appends().Open();
  for (std::thread& writer : writers) writer.join();
  EXPECT_THAT(server.client().Send("ListPlaces", ""), IsOk());
}

}  // namespace
}  // namespace entente::conformance
