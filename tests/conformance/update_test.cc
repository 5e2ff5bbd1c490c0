// SPDX-License-Identifier: Apache-2.0
// Update: masks, etags, what is ignored.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class UpdateTypeTest : public TypeConformanceTest {
 protected:
  // "a", with a note, as it reads in the store.
  MessagePtr Existing() {
    const auto created = collection().Create("a", *collection().New(R"pb(notes { text: "N" })pb"));
    EXPECT_THAT(created, IsOk());
    return *created;
  }
  // A message of the type that says its name and `more`.
  MessagePtr Named(const std::string& more) {
    MessagePtr message(collection().New()->New());
    test::ParseText(absl::StrCat("name: '", collection().Name("a"), "' ", more), message.get());
    return message;
  }
};
INSTANTIATE_TYPE_CONFORMANCE(UpdateTypeTest);

TEST_P(UpdateTypeTest, WithoutAMaskWhatIsSetIsWritten) {
  const MessagePtr before = Existing();
  const auto updated = collection().Update(*Named(R"pb(title { text: "U" })pb"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(**updated, Partially(EqualsProto(R"pb(title { text: "U" language_code: "en" }
                                                    notes { text: "N" })pb")));
  EXPECT_NE(Text(**updated, "etag"), Text(*before, "etag"));
  EXPECT_EQ(Int(**updated, "revision"), Int(*before, "revision") + 1);
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**updated))));
}

TEST_P(UpdateTypeTest, AStarReplacesEverything) {
  Existing();
  const MessagePtr replacement = collection().New(R"pb(title { text: "U" })pb");
  SetText(replacement.get(), "name", collection().Name("a"));
  const auto updated = collection().Update(*replacement, "update_mask { paths: '*' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT((*updated)->ShortDebugString(), Not(HasSubstr("notes")));
  // What is required is not lost in silence.
  EXPECT_THAT(collection().Update(*Named(""), "update_mask { paths: '*' }"),
              Refuses(absl::StrCat(collection().singular(), ".title"), "is required"));
  EXPECT_THAT(collection().Update(*replacement, "update_mask { paths: '*' paths: 'title' }"),
              Refuses("update_mask.paths[0]", HasSubstr("alone")));
}

TEST_P(UpdateTypeTest, PathsWriteWhatTheyNameAndNothingElse) {
  Existing();
  const auto updated = collection().Update(*Named(R"pb(title { text: "U" language_code: "id" }
                                                       notes { text: "M" })pb"),
                                           "update_mask { paths: 'title.text' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(**updated, Partially(EqualsProto(R"pb(title { text: "U" language_code: "en" }
                                                    notes { text: "N" })pb")));
  // A path whose field is unset clears it.
  const auto cleared = collection().Update(*Named(""), "update_mask { paths: 'notes' }");
  ASSERT_THAT(cleared, IsOk());
  EXPECT_THAT((*cleared)->ShortDebugString(), Not(HasSubstr("notes")));
  EXPECT_THAT(collection().Update(*Named(""), "update_mask { paths: 'title' }"),
              Refuses(absl::StrCat(collection().singular(), ".title"), "is required"));
}

TEST_P(UpdateTypeTest, UnknownPathsAreAllNamed) {
  Existing();
  EXPECT_THAT(
      collection().Update(*Named(R"pb(title { text: "U" })pb"),
                          "update_mask { paths: 'nope' paths: 'title' paths: 'title.nope' "
                          "paths: 'notes.text' paths: '' }"),
      AllOf(StatusIs(StatusCode::kInvalidArgument),
            ViolationsAre(UnorderedElementsAre("update_mask.paths[0]", "update_mask.paths[2]",
                                               "update_mask.paths[3]", "update_mask.paths[4]"))));
}

TEST_P(UpdateTypeTest, OutputOnlyFieldsAreIgnored) {
  const MessagePtr before = Existing();
  const MessagePtr changed = Named(R"pb(title { text: "T" }
                                        revision: 99
                                        create_time { seconds: 1 }
                                        delete_time { seconds: 1 })pb");
  // Nothing else is different, hence nothing is written.
  EXPECT_THAT(collection().Update(*changed), IsOkAndHolds(Pointee(EqualsProto(*before))));
  EXPECT_THAT(collection().Update(*changed, R"(update_mask { paths: "revision"
                                                             paths: "create_time"
                                                             paths: "name"
                                                             paths: "etag" })"),
              IsOkAndHolds(Pointee(EqualsProto(*before))));
  EXPECT_EQ(RevisionOf(collection()), Int(*before, "revision"));
}

TEST_P(UpdateTypeTest, WithAnEtagOnlyIfItIsCurrent) {
  const MessagePtr before = Existing();
  const std::string etag = absl::StrCat("etag: '", Text(*before, "etag"), "' ");
  const auto updated = collection().Update(*Named(etag + "title { text: 'U' }"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(collection().Update(*Named(etag + "title { text: 'V' }")),
              AllOf(Fails(StatusCode::kAborted, "ETAG_MISMATCH"),
                    HasMetadata("current", Text(**updated, "etag"))));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**updated))));
}

TEST_P(UpdateTypeTest, CreateTimeStaysAndUpdateTimeMoves) {
  const MessagePtr before = Existing();
  const auto updated = collection().Update(*Named(R"pb(title { text: "U" })pb"));
  ASSERT_THAT(updated, IsOk());
  const auto time = [](const google::protobuf::Message& resource, const char* field) {
    const auto* descriptor = resource.GetDescriptor()->FindFieldByName(field);
    return resource.GetReflection()->GetMessage(resource, descriptor).ShortDebugString();
  };
  EXPECT_EQ(time(**updated, "create_time"), time(*before, "create_time"));
  EXPECT_NE(time(**updated, "update_time"), time(*before, "update_time"));
}

TEST_P(UpdateTypeTest, WhatIsNotThereOrDeletedIsNotUpdated) {
  EXPECT_THAT(collection().Update(*Named(R"pb(title { text: "U" })pb")),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  Existing();
  ASSERT_THAT(collection().Delete("a"), IsOk());
  EXPECT_THAT(collection().Update(*Named(R"pb(title { text: "U" })pb")),
              Fails(StatusCode::kFailedPrecondition, "RESOURCE_DELETED"));
  const std::string resource = collection().singular();
  EXPECT_THAT(collection().client().Send(collection().MethodOf("Update"), ""),
              Refuses(resource, "is required"));
  EXPECT_THAT(collection().Update(*collection().New("name: 'x'")),
              Refuses(absl::StrCat(resource, ".name"), _));
}

TEST_P(UpdateTypeTest, ValidateOnlyAnswersAndWritesNothing) {
  const MessagePtr before = Existing();
  const auto checked =
      collection().Update(*Named(R"pb(title { text: "U" })pb"), "validate_only: true");
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(**checked, Partially(EqualsProto(R"pb(title { text: "U" })pb")));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(*before))));
  EXPECT_EQ(RevisionOf(collection()), Int(*before, "revision"));
}

class UpdateTest : public ConformanceTest {};
INSTANTIATE_CONFORMANCE(UpdateTest);

TEST_P(UpdateTest, DerivedFieldsFollowWhatTheyAreDerivedFrom) {
  const Collection claims = Of<Claim>();
  ASSERT_THAT(claims.Create("a"), IsOk());
  const auto updated = funding().Call<Claim>("UpdateClaim", R"pb(
    claim {
      name: "claims/a"
      amount {
        figure {
          value: "2.50"
          interval { low: "7" high: "7" }
        }
      }
    }
    update_mask { paths: "amount.figure.value" paths: "amount.figure.interval" })pb");
  EXPECT_THAT(updated, IsOkAndHolds(Partially(EqualsProto(R"pb(
                amount {
                  currency_code: "USD"
                  figure {
                    value: "2.5"
                    qualifier: QUALIFIER_EXACT
                    interval { low: "2.5" high: "2.5" }
                  }
                })pb"))));
}

TEST_P(UpdateTest, AnEtagOfAnotherVersionFailsBeforeFaultsOfTheContent) {
  ASSERT_THAT(Of<Place>().Create("a"), IsOk());
  EXPECT_THAT(catalogue().Send("UpdatePlace", R"pb(
    place { name: "places/a" etag: "\"ffff\"" country_code: "ID" })pb"),
              Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
}

}  // namespace
}  // namespace entente::conformance
