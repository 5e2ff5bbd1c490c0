// SPDX-License-Identifier: Apache-2.0
// What holds for every method that a service declares, and for those whose answer comes in several
// messages: to a caller they are calls like any other.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using google::protobuf::MethodDescriptor;

constexpr uint64_t kMaxRequestBytes = 10'000;

TestServersOptions Limited() {
  TestServersOptions options;
  options.server.calls.max_request_bytes = kMaxRequestBytes;
  return options;
}

class MethodsTest : public ConformanceTest {
 protected:
  MethodsTest() : ConformanceTest(Limited()) {}
};
INSTANTIATE_CONFORMANCE(MethodsTest);

// What is declared is implemented, and says what it misses.
TEST_P(MethodsTest, EveryMethodAnswersARequestThatSaysNothing) {
  for (const Service service :
       {Service::kCatalogue, Service::kFunding, Service::kEvents, Service::kGateway}) {
    const ServiceClient& client = servers().client(service);
    for (int i = 0; i < client.descriptor()->method_count(); ++i) {
      const MethodDescriptor* method = client.descriptor()->method(i);
      SCOPED_TRACE(std::string(method->full_name()));
      const MessagePtr request = client.NewRequest(std::string(method->name()));
      // One that said nothing would never end.
      if (method->name() == "Watch") test::ParseText("checkpoint_interval_ms: 1", request.get());
      const absl::Status status = client.Invoke(*request).status();
      if (status.ok()) continue;
      EXPECT_THAT(status, AllOf(StatusIs(StatusCode::kInvalidArgument),
                                HasReason("INVALID_REQUEST"), Not(ViolationsAre(IsEmpty()))));
    }
  }
}

// Methods of funding whose answer comes in several messages, each with a request that is wrong.
struct WrongRequest {
  const char* method;
  const char* request;
  // Where it is wrong.
  const char* field;
};
constexpr WrongRequest kWrong[] = {
    {"QueryFunding", "group_by { field: 'nonsense' }", "group_by[0].field"},
    {"ExplainFunding", "query { group_by { field: 'nonsense' } }", "query.group_by[0].field"},
};

std::string RequestIdIn(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerInitialMetadata();
  const auto found = metadata.find("x-request-id");
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
}

std::string RequestIdIn(const absl::Status& status) {
  google::rpc::RequestInfo info;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RequestInfo");
  return payload.has_value() && info.ParseFromString(std::string(*payload)) ? info.request_id()
                                                                            : "";
}

TEST_P(MethodsTest, StreamedAnswersBeginWithWhatTheyWereReadAt) {
  const auto messages = funding().InvokeStream(*funding().NewRequest("QueryFunding"));
  ASSERT_THAT(messages, IsOk());
  ASSERT_THAT(*messages, Not(IsEmpty()));
  EXPECT_EQ(Int(*messages->front(), "revision"), RevisionOf(Of<Claim>()));
  EXPECT_EQ(Int(*messages->front(), "catalogue_revision"), RevisionOf(Of<Partnership>()));
}

TEST_P(MethodsTest, StreamedAnswersRefuseWhatIsWrongFieldByField) {
  for (const WrongRequest& wrong : kWrong) {
    EXPECT_THAT(funding().Send(wrong.method, wrong.request), Refuses(wrong.field, _))
        << wrong.method;
  }
}

TEST_P(MethodsTest, StreamedAnswersAndTheirErrorsCarryTheRequestId) {
  const auto stub = servers().funding_stub();
  const auto query = [&](const std::string& id, const std::string& request, std::string* returned) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + test::kPatience));
    if (!id.empty()) context.AddMetadata("x-request-id", id);
    const auto reader =
        stub->QueryFunding(&context, test::Parse<funding::v1::QueryFundingRequest>(request));
    funding::v1::QueryFundingResponse message;
    while (reader->Read(&message)) {
    }
    const absl::Status status = FromGrpcStatus(reader->Finish());
    *returned = RequestIdIn(context);
    return status;
  };
  std::string returned;
  EXPECT_THAT(query("mine-1", "", &returned), IsOk());
  EXPECT_EQ(returned, "mine-1");
  EXPECT_EQ(RequestIdIn(query("mine-2", kWrong[0].request, &returned)), "mine-2");
  EXPECT_EQ(returned, "mine-2");
  EXPECT_THAT(query("", "", &returned), IsOk());
  EXPECT_THAT(returned, ::testing::MatchesRegex("[0-9a-f]+"));
  for (const WrongRequest& wrong : kWrong) {
    EXPECT_THAT(RequestIdIn(funding().Send(wrong.method, wrong.request)),
                ::testing::MatchesRegex("[0-9a-f]+"))
        << wrong.method;
  }
}

TEST_P(MethodsTest, ARequestForAStreamedAnswerMustNotBeTooLargeEither) {
  const std::string filter = absl::StrCat("filter: '", std::string(kMaxRequestBytes, 'x'), "'");
  const auto too_large = AllOf(Fails(StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"),
                               HasMetadata("limit", absl::StrCat(kMaxRequestBytes)));
  EXPECT_THAT(funding().Send("QueryFunding", filter), too_large);
  EXPECT_THAT(funding().Send("ExplainFunding", absl::StrCat("query { ", filter, " }")), too_large);
}

}  // namespace
}  // namespace entente::conformance
