// SPDX-License-Identifier: Apache-2.0
#include "common/testing/matchers.h"

#include "entente/type/v1/figure.pb.h"

namespace entente::test {
namespace {

using ::testing::DescribeMatcher;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StringMatchResultListener;
using type::v1::Figure;

absl::Status Invalid() {
  Violations violations;
  violations.Add("name", "is required");
  violations.Add("figure.value", "is no decimal");
  return violations.ToStatus();
}

TEST(MatchersTest, StatusAndStatusOr) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(1), IsOk());
  EXPECT_THAT(absl::NotFoundError("it"), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(absl::NotFoundError("it")), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(1), IsOkAndHolds(1));
  EXPECT_THAT(absl::StatusOr<int>(1), Not(IsOkAndHolds(2)));
  EXPECT_THAT(absl::StatusOr<int>(absl::NotFoundError("it")), Not(IsOkAndHolds(1)));
  EXPECT_THAT(absl::NotFoundError("it"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(absl::NotFoundError("it"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("it")));
  EXPECT_THAT(absl::NotFoundError("it"), Not(StatusIs(absl::StatusCode::kNotFound, "that")));
  EXPECT_THAT(absl::NotFoundError("it"), Not(StatusIs(absl::StatusCode::kInternal, "it")));
}

TEST(MatchersTest, Details) {
  EXPECT_THAT(Invalid(), HasReason("INVALID_REQUEST"));
  EXPECT_THAT(Invalid(), Not(HasReason("RESOURCE_NOT_FOUND")));
  EXPECT_THAT(absl::InvalidArgumentError("no details"), Not(HasReason("INVALID_REQUEST")));
  EXPECT_THAT(Invalid(), HasViolation("figure.value", HasSubstr("decimal")));
  EXPECT_THAT(Invalid(), Not(HasViolation("figure.value", HasSubstr("required"))));
  EXPECT_THAT(Invalid(), ViolationsAre(ElementsAre("name", "figure.value")));
  EXPECT_THAT(Invalid(), Not(ViolationsAre(ElementsAre("name"))));
  EXPECT_THAT(errors::ResourceNotFound("entente.dev/Place", "places/id"),
              HasMetadata("name", "places/id"));
  EXPECT_THAT(errors::ResourceNotFound("entente.dev/Place", "places/id"),
              Not(HasMetadata("nome", "places/id")));
}

TEST(MatchersTest, Messages) {
  const auto figure = Parse<Figure>(R"pb(value: "1" qualifier: QUALIFIER_EXACT)pb");
  EXPECT_THAT(figure, EqualsProto(R"pb(qualifier: QUALIFIER_EXACT value: "1")pb"));
  EXPECT_THAT(figure, EqualsProto(figure));
  EXPECT_THAT(figure, Not(EqualsProto(R"pb(value: "1")pb")));
  EXPECT_THAT(figure, Partially(EqualsProto(R"pb(value: "1")pb")));
  EXPECT_THAT(figure, Not(Partially(EqualsProto(R"pb(value: "2")pb"))));
  EXPECT_THAT(figure, Not(EqualsProto(type::v1::Amount())));
}

TEST(MatchersTest, FailuresSayWhatThereWas) {
  StringMatchResultListener listener;
  EXPECT_FALSE(
      ::testing::ExplainMatchResult(HasViolation("title", "is required"), Invalid(), &listener));
  EXPECT_THAT(listener.str(), HasSubstr("figure.value: is no decimal"));
  StringMatchResultListener difference;
  EXPECT_FALSE(::testing::ExplainMatchResult(EqualsProto(R"pb(value: "2")pb"),
                                             Parse<Figure>(R"pb(value: "1")pb"), &difference));
  EXPECT_THAT(difference.str(), HasSubstr(R"("2" -> "1")"));
  EXPECT_THAT(DescribeMatcher<absl::Status>(StatusIs(absl::StatusCode::kAborted)),
              HasSubstr("ABORTED"));
}

}  // namespace
}  // namespace entente::test
