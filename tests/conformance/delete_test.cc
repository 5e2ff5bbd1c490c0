// SPDX-License-Identifier: Apache-2.0
// Delete and Undelete.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class DeleteTypeTest : public TypeConformanceTest {};
INSTANTIATE_TYPE_CONFORMANCE(DeleteTypeTest);

TEST_P(DeleteTypeTest, DeletesSoftlyAndBringsBack) {
  const auto created = collection().Create("a");
  ASSERT_THAT(created, IsOk());
  const auto deleted = collection().Delete("a");
  ASSERT_THAT(deleted, IsOk());
  EXPECT_TRUE(Has(**deleted, "delete_time"));
  EXPECT_EQ(Int(**deleted, "revision"), Int(**created, "revision") + 1);
  EXPECT_THAT(*WithoutStoreFields(**deleted), EqualsProto(*WithoutStoreFields(**created)));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**deleted))));

  const auto back = collection().Undelete("a");
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(Has(**back, "delete_time"));
  EXPECT_THAT(*WithoutStoreFields(**back), EqualsProto(*WithoutStoreFields(**created)));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**back))));
}

TEST_P(DeleteTypeTest, TwiceIsRefused) {
  EXPECT_THAT(collection().Delete("a"), Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(collection().Undelete("a"), Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(collection().Undelete("a"),
              Fails(StatusCode::kFailedPrecondition, "RESOURCE_NOT_DELETED"));
  ASSERT_THAT(collection().Delete("a"), IsOk());
  EXPECT_THAT(collection().Delete("a"), Fails(StatusCode::kFailedPrecondition, "RESOURCE_DELETED"));
}

TEST_P(DeleteTypeTest, MalformedNamesAreRefused) {
  EXPECT_THAT(collection().Delete("A"), Refuses("name", _));
  EXPECT_THAT(collection().Undelete("A"), Refuses("name", _));
}

TEST_P(DeleteTypeTest, WithAnEtagOnlyIfItIsCurrent) {
  const auto created = collection().Create("a");
  ASSERT_THAT(created, IsOk());
  EXPECT_THAT(collection().Delete("a", "etag: 'stale'"),
              Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  const std::string etag = absl::StrCat("etag: '", Text(**created, "etag"), "'");
  const auto deleted = collection().Delete("a", etag);
  ASSERT_THAT(deleted, IsOk());
  EXPECT_THAT(collection().Undelete("a", etag), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(collection().Undelete("a", absl::StrCat("etag: '", Text(**deleted, "etag"), "'")),
              IsOk());
}

TEST_P(DeleteTypeTest, ValidateOnlyAnswersAndWritesNothing) {
  const auto created = collection().Create("a");
  ASSERT_THAT(created, IsOk());
  const auto checked = collection().Delete("a", "validate_only: true");
  ASSERT_THAT(checked, IsOk());
  EXPECT_TRUE(Has(**checked, "delete_time"));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**created))));
  EXPECT_EQ(RevisionOf(collection()), Int(**created, "revision"));
}

class DeleteTest : public ConformanceTest {};
INSTANTIATE_CONFORMANCE(DeleteTest);

TEST_P(DeleteTest, WhatOthersReferToStays) {
  const Collection documents = Of<Document>();
  const Collection places = Of<Place>();
  ASSERT_THAT(documents.Create("d"), IsOk());
  const MessagePtr citing =
      places.New(R"pb(citations { document: "documents/d" basis: BASIS_STATED })pb");
  ASSERT_THAT(places.Create("a", *citing), IsOk());
  ASSERT_THAT(places.Create("b", *citing), IsOk());
  EXPECT_THAT(documents.Delete("d"),
              AllOf(Fails(StatusCode::kFailedPrecondition, "RESOURCE_IN_USE"),
                    HasMetadata("referrers", "places/a,places/b")));
  ASSERT_THAT(places.Delete("a"), IsOk());
  EXPECT_THAT(documents.Delete("d"), HasMetadata("referrers", "places/b"));
  ASSERT_THAT(places.Delete("b"), IsOk());
  EXPECT_THAT(documents.Delete("d"), IsOk());
  // And now those that referred to it cannot come back alone.
  EXPECT_THAT(places.Undelete("a"), Refuses("citations[0].document", HasSubstr("documents/d")));
  ASSERT_THAT(documents.Undelete("d"), IsOk());
  EXPECT_THAT(places.Undelete("a"), IsOk());
}

TEST_P(DeleteTest, APartnershipWithPillarsStays) {
  ASSERT_THAT(Of<Partnership>().Create("q"), IsOk());
  ASSERT_THAT(Of<Pillar>().Create("a", "parent: 'partnerships/q'"), IsOk());
  EXPECT_THAT(Of<Partnership>().Delete("q"),
              AllOf(Fails(StatusCode::kFailedPrecondition, "RESOURCE_IN_USE"),
                    HasMetadata("referrers", HasSubstr("partnerships/q/pillars/a"))));
  ASSERT_THAT(catalogue().Send("DeletePillar", "name: 'partnerships/q/pillars/a'"), IsOk());
  ASSERT_THAT(Of<Partnership>().Delete("q"), IsOk());
  EXPECT_THAT(catalogue().Send("UndeletePillar", "name: 'partnerships/q/pillars/a'"),
              Refuses("name", HasSubstr("there is no partnerships/q")));
}

TEST_P(DeleteTest, ClaimsAndEventsThatOthersOfTheirKindReferToStay) {
  ASSERT_THAT(Of<Claim>().Create("whole"), IsOk());
  ASSERT_THAT(Of<Claim>().Create("part", *Of<Claim>().New("part_of: 'claims/whole'")), IsOk());
  EXPECT_THAT(Of<Claim>().Delete("whole"), HasMetadata("referrers", "claims/part"));
  ASSERT_THAT(Of<Event>().Create("summit"), IsOk());
  ASSERT_THAT(Of<Event>().Create("side", *Of<Event>().New("held_alongside: 'events/summit'")),
              IsOk());
  EXPECT_THAT(Of<Event>().Delete("summit"), HasMetadata("referrers", "events/side"));
}

TEST_P(DeleteTest, AReferenceToItselfHoldsNothing) {
  ASSERT_THAT(Of<Document>().Create("d"), IsOk());
  const auto self = catalogue().Call<Document>("UpdateDocument", R"pb(
    document {
      name: "documents/d"
      citations { document: "documents/d" basis: BASIS_STATED }
    })pb");
  ASSERT_THAT(self, IsOk());
  EXPECT_THAT(Of<Document>().Delete("d"), IsOk());
  EXPECT_THAT(Of<Document>().Undelete("d"), IsOk());
}

}  // namespace
}  // namespace entente::conformance
