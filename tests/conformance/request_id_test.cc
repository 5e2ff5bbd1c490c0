// SPDX-License-Identifier: Apache-2.0
// Writes with a request_id (https://google.aip.dev/155).
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

constexpr char kId[] = "request_id: 'r-1'";

class RequestIdTest : public TypeConformanceTest {};
INSTANTIATE_TYPE_CONFORMANCE(RequestIdTest);

TEST_P(RequestIdTest, ARepetitionReturnsTheFirstAnswer) {
  const auto created = collection().Create("a", kId);
  ASSERT_THAT(created, IsOk());
  const int64_t revision = RevisionOf(collection());
  EXPECT_THAT(collection().Create("a", kId), IsOkAndHolds(Pointee(EqualsProto(**created))));
  EXPECT_EQ(RevisionOf(collection()), revision);

  // Also when much has happened since, and after a restart.
  ASSERT_THAT(collection().Delete("a"), IsOk());
  EXPECT_THAT(collection().Create("a", kId), IsOkAndHolds(Pointee(EqualsProto(**created))));
  ASSERT_THAT(servers().Restart(), IsOk());
  EXPECT_THAT(collection().Create("a", kId), IsOkAndHolds(Pointee(EqualsProto(**created))));
  EXPECT_EQ(RevisionOf(collection()), revision + 1);
}

TEST_P(RequestIdTest, AnotherWriteUnderTheSameIdIsRefused) {
  ASSERT_THAT(collection().Create("a", kId), IsOk());
  const auto reused = AllOf(Fails(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"),
                            HasMetadata("request_id", "r-1"));
  EXPECT_THAT(collection().Create("b", kId), reused);
  EXPECT_THAT(collection().Create("a", *collection().New("title { text: 'U' }"), kId), reused);
  EXPECT_THAT(collection().Delete("a", kId), reused);
  ASSERT_THAT(servers().Restart(), IsOk());
  EXPECT_THAT(collection().Delete("a", kId), reused);
  EXPECT_THAT(collection().Get("b"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(collection().Delete("a", "request_id: 'r-2'"), IsOk());
}

TEST_P(RequestIdTest, EveryWriteTakesOne) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const MessagePtr changed = collection().New("title { text: 'U' }");
  SetText(changed.get(), "name", collection().Name("a"));
  const auto updated = collection().Update(*changed, "request_id: 'u'");
  const auto deleted = collection().Delete("a", "request_id: 'd'");
  const auto back = collection().Undelete("a", "request_id: 'b'");
  ASSERT_THAT(updated, IsOk());
  ASSERT_THAT(deleted, IsOk());
  ASSERT_THAT(back, IsOk());
  const int64_t revision = RevisionOf(collection());
  EXPECT_THAT(collection().Update(*changed, "request_id: 'u'"),
              IsOkAndHolds(Pointee(EqualsProto(**updated))));
  EXPECT_THAT(collection().Delete("a", "request_id: 'd'"),
              IsOkAndHolds(Pointee(EqualsProto(**deleted))));
  EXPECT_THAT(collection().Undelete("a", "request_id: 'b'"),
              IsOkAndHolds(Pointee(EqualsProto(**back))));
  EXPECT_EQ(RevisionOf(collection()), revision);
}

TEST_P(RequestIdTest, AFailedOrCheckedWriteDoesNotUseItUp) {
  EXPECT_THAT(collection().Create("-", kId), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(collection().Create("a", absl::StrCat("validate_only: true ", kId)), IsOk());
  EXPECT_THAT(collection().Create("a", kId), IsOk());
  EXPECT_THAT(collection().Get("a"), IsOk());
}

TEST_P(RequestIdTest, AtMost128Characters) {
  const auto with = [](size_t size) {
    return absl::StrCat("request_id: '", std::string(size, 'r'), "'");
  };
  EXPECT_THAT(collection().Create("a", with(129)), Refuses("request_id", HasSubstr("128")));
  EXPECT_THAT(collection().Create("a", with(128)), IsOk());
  EXPECT_THAT(collection().Delete("a", with(129)), Refuses("request_id", _));
}

class ChangeSetRequestIdTest : public ServiceConformanceTest {};
INSTANTIATE_SERVICE_CONFORMANCE(ChangeSetRequestIdTest);

TEST_P(ChangeSetRequestIdTest, ARepetitionReturnsTheFirstAnswer) {
  const auto put = [&](const std::string& id) { return collection().Put(id, *collection().New()); };
  const std::vector<std::string> changes = {put("a"), put("b")};
  const auto applied = collection().Apply(changes, kId);
  ASSERT_THAT(applied, IsOk());
  ASSERT_THAT(collection().Create("c"), IsOk());
  EXPECT_THAT(collection().Apply(changes, kId), IsOkAndHolds(Pointee(EqualsProto(**applied))));
  ASSERT_THAT(servers().Restart(), IsOk());
  EXPECT_THAT(collection().Apply(changes, kId), IsOkAndHolds(Pointee(EqualsProto(**applied))));
  EXPECT_THAT(collection().Apply({put("d")}, kId),
              Fails(StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

}  // namespace
}  // namespace entente::conformance
