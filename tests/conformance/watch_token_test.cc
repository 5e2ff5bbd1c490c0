// SPDX-License-Identifier: Apache-2.0
// Resume tokens of Watch.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

constexpr int kRetained = 3;

class WatchTokenTest : public ServiceConformanceTest {
 protected:
  WatchTokenTest() : ServiceConformanceTest({.store = {.retained_revisions = kRetained}}) {}

  Service service() { return TypeOf(std::get<1>(GetParam())).service; }
  static std::string Resume(const std::string& token) {
    return absl::StrCat("resume_token: '", token, "'");
  }
  // The token of the present.
  std::string TokenNow(const ServiceClient& of) {
    const auto event = of.Watch("include_current: true")->Next();
    EXPECT_TRUE(event.has_value());
    return event.has_value() ? event->resume_token : "";
  }
  // How a watch ends that cannot begin.
  absl::Status Refusal(const std::string& request) {
    const auto watch = client().Watch(request);
    EXPECT_FALSE(watch->Next().has_value());
    return watch->Finish();
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(WatchTokenTest);

TEST_P(WatchTokenTest, ResumesExactlyAfterFromMemoryAndFromTheLog) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  std::vector<std::string> tokens = {TokenNow(client())};
  const int64_t begin = revision();
  const auto watch = client().Watch(Resume(tokens[0]));
  constexpr int kWrites = 2 * kRetained;
  for (int i = 0; i < kWrites; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("b", i)), IsOk());
    const auto event = watch->NextChange();
    ASSERT_TRUE(event.has_value());
    tokens.push_back(event->resume_token);
  }
  for (int i = 0; i < kWrites; ++i) {
    SCOPED_TRACE(i);
    const auto event = client().Watch(Resume(tokens[i]))->NextChange();
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->revision, begin + i + 1);
    EXPECT_EQ(event->resume_token, tokens[i + 1]);
  }
}

// The state need not be sent again to one who has had it.
TEST_P(WatchTokenTest, ATokenGoesBeforeTheCurrentState) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const std::string token = TokenNow(client());
  ASSERT_THAT(collection().Create("b"), IsOk());
  const auto event =
      client().Watch(absl::StrCat("include_current: true ", Resume(token)))->NextChange();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, type::v1::WATCH_MESSAGE_KIND_REVISION);
  EXPECT_THAT(event->names(), ElementsAre(collection().Name("b")));
}

TEST_P(WatchTokenTest, ForeignTokensAreRefused) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  ASSERT_THAT(collection().Create("b"), IsOk());
  const std::string token = TokenNow(client());
  for (const std::string& garbled :
       {std::string("x"), std::string("%"), token + "A", token.substr(1),
        token.substr(0, token.size() - 1),
        token.substr(0, 10) + (token[10] == 'A' ? "B" : "A") + token.substr(11)}) {
    SCOPED_TRACE(garbled);
    EXPECT_THAT(Refusal(Resume(garbled)), Refuses("resume_token", HasSubstr("this service")));
  }
  const ServiceClient& other =
      service() == Service::kCatalogue ? servers().funding() : servers().catalogue();
  EXPECT_THAT(Refusal(Resume(TokenNow(other))), Refuses("resume_token", _));
  const auto page = collection().List("page_size: 1");
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(Refusal(Resume(Text(**page, "next_page_token"))), Refuses("resume_token", _));
}

TEST_P(WatchTokenTest, TokensOfAnotherDatabaseAreUnknown) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  ASSERT_THAT(collection().Create("b"), IsOk());
  const std::string token = TokenNow(client());
  const int64_t then = revision();
  servers().Stop();
  servers().EraseDatabase(service());
  ASSERT_THAT(servers().Start(), IsOk());
  const auto unknown = Fails(StatusCode::kOutOfRange, "WATCH_TOKEN_UNKNOWN");
  EXPECT_THAT(Refusal(Resume(token)), unknown);  // From a revision that is still to come.

  // From a revision of the same number, which is another.
  ASSERT_THAT(Of<Partnership>().Create(service() == Service::kCatalogue ? "p" : "q"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  for (int i = 0; revision() < then + kRetained + 1; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("c", i)), IsOk());
  }
  EXPECT_THAT(Refusal(Resume(token)), unknown);
  EXPECT_THAT(client().Watch("include_current: true")->Next()->revision, revision());
}

TEST_P(WatchTokenTest, TheTokenOfNothingResumesFromTheBeginning) {
  servers().Stop();
  servers().EraseDatabase(service());
  ASSERT_THAT(servers().Start(), IsOk());
  const auto empty = client().Watch("include_current: true")->Next();
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(empty->revision, 0);
  EXPECT_FALSE(empty->has_commit_time);
  EXPECT_THAT(empty->resources, IsEmpty());
  ASSERT_THAT(empty->resume_token, Not(IsEmpty()));
  ASSERT_THAT(Of<Partnership>().Create(service() == Service::kCatalogue ? "p" : "q"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto first = client().Watch(Resume(empty->resume_token))->NextChange();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->revision, 1);
}

TEST_P(WatchTokenTest, CheckpointIntervalsHaveARange) {
  for (const int interval : {-1, 1, 99, 600'001}) {
    SCOPED_TRACE(interval);
    EXPECT_THAT(Refusal(absl::StrCat("checkpoint_interval_ms: ", interval)),
                Refuses("checkpoint_interval_ms", HasSubstr("600000")));
  }
  for (const int interval : {0, 100, 600'000}) {
    SCOPED_TRACE(interval);
    EXPECT_TRUE(client()
                    .Watch(absl::StrCat("include_current: true checkpoint_interval_ms: ", interval))
                    ->Next()
                    .has_value());
  }
}

}  // namespace
}  // namespace entente::conformance
