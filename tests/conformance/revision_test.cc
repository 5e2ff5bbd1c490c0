// SPDX-License-Identifier: Apache-2.0
// Reads as of a revision.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

constexpr int kRetained = 5;

class RevisionTest : public ServiceConformanceTest {
 protected:
  RevisionTest() : ServiceConformanceTest({.store = {.retained_revisions = kRetained}}) {}

  static std::string At(int64_t revision) { return absl::StrCat("revision: ", revision); }
};
INSTANTIATE_SERVICE_CONFORMANCE(RevisionTest);

TEST_P(RevisionTest, ReadsThePast) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto before = collection().Get("a");
  ASSERT_THAT(before, IsOk());
  const int64_t then = revision();
  ASSERT_THAT(collection().Create("b"), IsOk());
  ASSERT_THAT(collection().Delete("a"), IsOk());

  EXPECT_THAT(collection().Get("a", At(then)), IsOkAndHolds(Pointee(EqualsProto(**before))));
  EXPECT_THAT(collection().Get("b", At(then)), StatusIs(StatusCode::kNotFound));
  const auto listed = collection().List(At(then));
  ASSERT_THAT(listed, IsOk());
  EXPECT_THAT(collection().NamesIn(**listed), ElementsAre(collection().Name("a")));
  EXPECT_EQ(Int(**listed, "revision"), then);
  const auto batch = collection().BatchGet({"a"}, At(then));
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(Int(**batch, "revision"), then);
  EXPECT_THAT(collection().BatchGet({"b"}, At(then)), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(collection().ListAll(1), ElementsAre(collection().Name("b")));
}

TEST_P(RevisionTest, PagesOfARevisionStayTogether) {
  for (const char* id : {"a", "b", "c"}) ASSERT_THAT(collection().Create(id), IsOk());
  const int64_t then = revision();
  const auto first = collection().List(absl::StrCat("page_size: 1 ", At(then)));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(collection().Delete("b"), IsOk());
  const auto second = collection().List(absl::StrCat("page_size: 1 ", At(then), " page_token: '",
                                                     Text(**first, "next_page_token"), "'"));
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(collection().NamesIn(**second), ElementsAre(collection().Name("b")));
}

TEST_P(RevisionTest, TheFutureIsOutOfRange) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const int64_t next = revision() + 1;
  const auto future = AllOf(Fails(StatusCode::kOutOfRange, "REVISION_IN_FUTURE"),
                            HasMetadata("asked", absl::StrCat(next)),
                            HasMetadata("current", absl::StrCat(next - 1)));
  EXPECT_THAT(collection().Get("a", At(next)), future);
  EXPECT_THAT(collection().List(At(next)), future);
  EXPECT_THAT(collection().BatchGet({"a"}, At(next)), future);
}

TEST_P(RevisionTest, WhatIsNotRetainedFailsAndSaysWhatIs) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const int64_t then = revision();
  for (int i = 0; i < kRetained; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("b", i)), IsOk());
  }
  EXPECT_THAT(collection().Get("a", At(then)),
              AllOf(Fails(StatusCode::kFailedPrecondition, "REVISION_NOT_RETAINED"),
                    HasMetadata("oldest", absl::StrCat(then + 1))));
  EXPECT_THAT(collection().List(At(then)), StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(collection().Get("a", At(then + 1)), IsOk());
}

TEST_P(RevisionTest, NegativeIsRefused) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(collection().Get("a", At(-1)), Refuses("revision", HasSubstr("negative")));
  EXPECT_THAT(collection().List(At(-1)), Refuses("revision", _));
  EXPECT_THAT(collection().BatchGet({"a"}, At(-1)), Refuses("revision", _));
}

TEST_P(RevisionTest, SurvivesARestart) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto before = collection().Get("a");
  ASSERT_THAT(before, IsOk());
  const int64_t then = revision();
  ASSERT_THAT(collection().Delete("a"), IsOk());
  const auto after = collection().Get("a");
  ASSERT_THAT(after, IsOk());
  ASSERT_THAT(servers().Restart(), IsOk());
  EXPECT_EQ(revision(), then + 1);
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**after))));
  EXPECT_THAT(collection().Get("a", At(then)), IsOkAndHolds(Pointee(EqualsProto(**before))));
}

}  // namespace
}  // namespace entente::conformance
