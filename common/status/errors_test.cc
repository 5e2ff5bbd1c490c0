// SPDX-License-Identifier: Apache-2.0
#include "common/status/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace entente {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

struct Case {
  absl::Status status;
  absl::StatusCode code;
  std::string reason;
};

absl::Status OneViolation() {
  Violations violations;
  violations.Add("name", "is required");
  return violations.ToStatus();
}

// One of every error that there is.
std::vector<Case> EveryError() {
  using absl::StatusCode;
  const absl::Status cause = absl::UnavailableError("the disk is gone");
  return {
      {OneViolation(), StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {errors::ResourceNotFound("entente.dev/Place", "places/x"), StatusCode::kNotFound,
       "RESOURCE_NOT_FOUND"},
      {errors::ResourcesNotFound({"places/x"}), StatusCode::kNotFound, "RESOURCE_NOT_FOUND"},
      {errors::ResourceExists("places/x", false), StatusCode::kAlreadyExists, "RESOURCE_EXISTS"},
      {errors::ResourceDeleted("places/x"), StatusCode::kFailedPrecondition, "RESOURCE_DELETED"},
      {errors::ResourceNotDeleted("places/x"), StatusCode::kFailedPrecondition,
       "RESOURCE_NOT_DELETED"},
      {errors::ResourceErased("places/x"), StatusCode::kFailedPrecondition, "RESOURCE_ERASED"},
      {errors::ResourceInUse("places/x", {"places/y"}), StatusCode::kFailedPrecondition,
       "RESOURCE_IN_USE"},
      {errors::EtagMismatch("places/x", "a", "b"), StatusCode::kAborted, "ETAG_MISMATCH"},
      {errors::RevisionMismatch(1, 2), StatusCode::kAborted, "REVISION_MISMATCH"},
      {errors::RevisionInFuture(3, 2), StatusCode::kOutOfRange, "REVISION_IN_FUTURE"},
      {errors::ReadTimeInFuture(absl::FromUnixSeconds(1)), StatusCode::kOutOfRange,
       "READ_TIME_IN_FUTURE"},
      {errors::RevisionNotRetained(1, 2), StatusCode::kFailedPrecondition, "REVISION_NOT_RETAINED"},
      {errors::WatchTokenUnknown("why"), StatusCode::kOutOfRange, "WATCH_TOKEN_UNKNOWN"},
      {errors::TextNotLoaded("documents/d"), StatusCode::kFailedPrecondition, "TEXT_NOT_LOADED"},
      {errors::MixedKinds({{"stage", {"CLAIM_STAGE_REQUESTED", "CLAIM_STAGE_PROVIDED"}}}),
       StatusCode::kFailedPrecondition, "MIXED_KINDS"},
      {errors::MixedCurrencies({"EUR", "USD"}), StatusCode::kFailedPrecondition,
       "MIXED_CURRENCIES"},
      {errors::SumTooLarge(absl::OutOfRangeError("why")), StatusCode::kOutOfRange, "SUM_TOO_LARGE"},
      {errors::TooManyRows(10), StatusCode::kResourceExhausted, "TOO_MANY_ROWS"},
      {errors::QueryTooLarge(1024), StatusCode::kResourceExhausted, "QUERY_TOO_LARGE"},
      {errors::RowNotFound("places/x"), StatusCode::kNotFound, "ROW_NOT_FOUND"},
      {errors::TooManyEvents(500), StatusCode::kResourceExhausted, "TOO_MANY_EVENTS"},
      {errors::AnswerTooLarge(1024), StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE"},
      {errors::TooManyPlaces(1000), StatusCode::kFailedPrecondition, "TOO_MANY_PLACES"},
      {errors::RequestIdReused("id"), StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"},
      {errors::RequestTooLarge(2, 1), StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE"},
      {errors::DeadlineAlreadyPassed(), StatusCode::kDeadlineExceeded, "DEADLINE_ALREADY_PASSED"},
      {errors::Overloaded(1), StatusCode::kResourceExhausted, "TOO_MANY_CALLS_IN_FLIGHT"},
      {errors::CircuitOpen("a", absl::Seconds(1)), StatusCode::kUnavailable, "CIRCUIT_OPEN"},
      {errors::Starting(), StatusCode::kUnavailable, "STARTING"},
      {errors::ShuttingDown(), StatusCode::kUnavailable, "SHUTTING_DOWN"},
      {errors::PeerUnreachable("a.B", cause), StatusCode::kUnavailable, "PEER_UNREACHABLE"},
      {errors::LogUnavailable(cause), StatusCode::kUnavailable, "LOG_UNAVAILABLE"},
  };
}

std::string ReadSource(const std::string& path) {
  const char* root = std::getenv("ENTENTE_SOURCE_DIR");
  std::ifstream stream(absl::StrCat(root == nullptr ? "." : root, "/", path));
  EXPECT_TRUE(stream.good()) << path << " cannot be read";
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Whatever stands between `open` and the next `close` and is written like a reason.
std::set<std::string> ReasonsBetween(const std::string& text, const std::string& open,
                                     const std::string& close) {
  std::set<std::string> reasons;
  for (size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    const std::string word = text.substr(at, text.find(close, at) - at);
    const bool is_reason = word.size() > 1 && std::all_of(word.begin(), word.end(), [](char c) {
                             return absl::ascii_isupper(c) || c == '_';
                           });
    if (is_reason) reasons.insert(word);
  }
  return reasons;
}

// The reasons that the source gives: all string literals that are written like one.
std::set<std::string> ReasonsInSource() {
  return ReasonsBetween(ReadSource("common/status/errors.cc"), "\"", "\"");
}

TEST(ErrorsTest, EveryErrorHasItsCodeReasonDomainAndMessage) {
  for (const Case& expected : EveryError()) {
    SCOPED_TRACE(expected.reason);
    EXPECT_EQ(expected.status.code(), expected.code);
    EXPECT_EQ(errors::InfoOf(expected.status).reason(), expected.reason);
    EXPECT_EQ(errors::InfoOf(expected.status).domain(), "entente.dev");
    EXPECT_FALSE(expected.status.message().empty());
  }
}

TEST(ErrorsTest, TheTableAboveHasEveryReason) {
  std::set<std::string> tested;
  for (const Case& expected : EveryError()) tested.insert(expected.reason);
  EXPECT_EQ(tested, ReasonsInSource());
}

TEST(ErrorsTest, DocumentationListsTheReasonsThatThereAre) {
  std::set<std::string> documented = ReasonsBetween(ReadSource("docs/errors.md"), "`", "`");
  for (int code = 0; code <= 16; ++code) {
    documented.erase(absl::StatusCodeToString(static_cast<absl::StatusCode>(code)));
  }
  documented.erase("UNSPECIFIED");  // What an error without a reason is given on its way out.
  EXPECT_EQ(documented, ReasonsInSource());
}

TEST(ErrorsTest, MetadataTellsWhatProgramsNeed) {
  EXPECT_THAT(errors::InfoOf(errors::EtagMismatch("places/x", "\"1\"", "\"2\"")).metadata(),
              UnorderedElementsAre(Pair("name", "places/x"), Pair("given", "\"1\""),
                                   Pair("current", "\"2\"")));
  EXPECT_THAT(errors::InfoOf(errors::ResourceExists("places/x", true)).metadata(),
              UnorderedElementsAre(Pair("name", "places/x"), Pair("deleted", "true")));
  EXPECT_THAT(errors::InfoOf(errors::ResourceExists("places/x", false)).metadata(),
              UnorderedElementsAre(Pair("name", "places/x"), Pair("deleted", "false")));
  EXPECT_THAT(errors::InfoOf(errors::PeerUnreachable("a.B", absl::DeadlineExceededError("late")))
                  .metadata(),
              UnorderedElementsAre(Pair("service", "a.B"), Pair("cause", "DEADLINE_EXCEEDED")));
}

TEST(ErrorsTest, MetadataTellsWhatAQueryHasToSettle) {
  const absl::Status kinds =
      errors::MixedKinds({{"nature", {"CLAIM_NATURE_FUNDING", "CLAIM_NATURE_MOBILISED"}},
                          {"stage", {"CLAIM_STAGE_REQUESTED", "CLAIM_STAGE_PROVIDED"}}});
  EXPECT_THAT(errors::InfoOf(kinds).metadata(),
              UnorderedElementsAre(Pair("nature", "CLAIM_NATURE_FUNDING,CLAIM_NATURE_MOBILISED"),
                                   Pair("stage", "CLAIM_STAGE_REQUESTED,CLAIM_STAGE_PROVIDED")));
  // The ways out, all three of them.
  EXPECT_EQ(kinds.message(),
            "the sum would mix kinds of money by nature (CLAIM_NATURE_FUNDING, "
            "CLAIM_NATURE_MOBILISED) and by stage (CLAIM_STAGE_REQUESTED, CLAIM_STAGE_PROVIDED); "
            "filter for one kind, group by it, or allow it in `mix` (statistics never mix with "
            "money)");
  EXPECT_THAT(errors::InfoOf(errors::MixedCurrencies({"EUR", "USD"})).metadata(),
              UnorderedElementsAre(Pair("currencies", "EUR,USD")));
  EXPECT_THAT(errors::InfoOf(errors::TooManyRows(100'000)).metadata(),
              UnorderedElementsAre(Pair("limit", "100000")));
  EXPECT_THAT(errors::InfoOf(errors::TooManyEvents(500)).metadata(),
              UnorderedElementsAre(Pair("limit", "500")));
  EXPECT_THAT(errors::InfoOf(errors::TooManyPlaces(1000)).metadata(),
              UnorderedElementsAre(Pair("limit", "1000")));
  EXPECT_THAT(errors::InfoOf(errors::AnswerTooLarge(1024)).metadata(),
              UnorderedElementsAre(Pair("limit_bytes", "1024")));
  EXPECT_THAT(errors::InfoOf(errors::RowNotFound("places/x")).metadata(),
              UnorderedElementsAre(Pair("row", "places/x")));
}

TEST(ErrorsTest, StatusesWithoutDetailsReadAsEmpty) {
  EXPECT_EQ(errors::InfoOf(absl::InternalError("x")).reason(), "");
  EXPECT_THAT(errors::BadRequestOf(absl::OkStatus()).field_violations(), IsEmpty());
}

TEST(ErrorsTest, OverloadedSaysWhenToTryAgain) {
  const auto payload = errors::Overloaded(7).GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  ASSERT_TRUE(payload.has_value());
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(retry.ParseFromString(std::string(*payload)));
  EXPECT_GT(retry.retry_delay().nanos(), 0);
}

TEST(ErrorsTest, LongListsAreCutInMessages) {
  const std::string message(
      errors::ResourcesNotFound({"a", "b", "c", "d", "e", "f", "g"}).message());
  EXPECT_THAT(message, HasSubstr("a, b, c, d, e and 2 more"));
}

TEST(ViolationsTest, NoneIsOk) {
  Violations violations;
  EXPECT_TRUE(violations.empty());
  EXPECT_TRUE(violations.ToStatus().ok());
}

TEST(ViolationsTest, AllOfThemAreInTheDetailsAndTheFirstInTheMessage) {
  Violations violations;
  for (int i = 0; i < 7; ++i) violations.Add(absl::StrCat("f", i), "is wrong");
  EXPECT_FALSE(violations.empty());
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "f0: is wrong; f1: is wrong; f2: is wrong; f3: is wrong; f4: is wrong; and 2 more");
  std::vector<std::string> fields;
  const google::rpc::BadRequest details = errors::BadRequestOf(status);
  for (const auto& violation : details.field_violations()) {
    EXPECT_EQ(violation.description(), "is wrong");
    fields.push_back(violation.field());
  }
  EXPECT_THAT(fields, ElementsAre("f0", "f1", "f2", "f3", "f4", "f5", "f6"));
}

}  // namespace
}  // namespace entente
