// SPDX-License-Identifier: Apache-2.0
// Create.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class CreateTypeTest : public TypeConformanceTest {};
INSTANTIATE_TYPE_CONFORMANCE(CreateTypeTest);

TEST_P(CreateTypeTest, MakesOneRevision) {
  const int64_t before = RevisionOf(collection());
  const auto created = collection().Create("a");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(Int(**created, "revision"), before + 1);
  EXPECT_EQ(RevisionOf(collection()), before + 1);
}

TEST_P(CreateTypeTest, TakesOnlyIds) {
  const std::string field = absl::StrCat(collection().singular(), "_id");
  for (const char* id : {"", "A", "-a", "a-", "a_b", "a.b", "1a", "a b", "a/b"}) {
    SCOPED_TRACE(id);
    EXPECT_THAT(collection().Create(id), Refuses(field, HasSubstr("^[a-z]")));
  }
  EXPECT_THAT(collection().Create(std::string(64, 'a')), Refuses(field, _));
  EXPECT_THAT(collection().Create(std::string(63, 'a')), IsOk());
  EXPECT_THAT(collection().Create("b"), IsOk());
}

TEST_P(CreateTypeTest, NameInTheResourceIsEmptyOrAsTheIdMakesIt) {
  const MessagePtr resource = collection().New();
  SetText(resource.get(), "name", collection().Name("b"));
  EXPECT_THAT(collection().Create("a", *resource),
              Refuses(absl::StrCat(collection().singular(), ".name"), _));
  EXPECT_THAT(collection().Create("b", *resource), IsOk());
}

TEST_P(CreateTypeTest, ATakenNameIsTakenEvenWhenDeleted) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(collection().Create("a"),
              AllOf(Fails(StatusCode::kAlreadyExists, "RESOURCE_EXISTS"),
                    HasMetadata("name", collection().Name("a")), HasMetadata("deleted", "false")));
  ASSERT_THAT(collection().Delete("a"), IsOk());
  EXPECT_THAT(collection().Create("a"), AllOf(Fails(StatusCode::kAlreadyExists, "RESOURCE_EXISTS"),
                                              HasMetadata("deleted", "true")));
}

TEST_P(CreateTypeTest, WhatTheStoreSetsIsIgnored) {
  const auto created = collection().Create("a", *collection().New(R"pb(
    etag: "mine"
    revision: 99
    create_time { seconds: 1 }
    update_time { seconds: 1 }
    delete_time { seconds: 1 })pb"));
  ASSERT_THAT(created, IsOk());
  EXPECT_NE(Text(**created, "etag"), "mine");
  EXPECT_EQ(Int(**created, "revision"), RevisionOf(collection()));
  EXPECT_FALSE(Has(**created, "delete_time"));
  EXPECT_THAT(**created, Not(Partially(EqualsProto("create_time { seconds: 1 }"))));
}

TEST_P(CreateTypeTest, AMissingResourceIsRefused) {
  const std::string parent =
      collection().parent().empty() ? "" : absl::StrCat("parent: '", collection().parent(), "' ");
  EXPECT_THAT(collection().client().Send(collection().MethodOf("Create"),
                                         absl::StrCat(parent, collection().singular(), "_id: 'a'")),
              Refuses(collection().singular(), "is required"));
}

TEST_P(CreateTypeTest, EverythingThatIsWrongIsReportedAtOnce) {
  const std::string resource = collection().singular();
  const MessagePtr empty(collection().New()->New());
  test::ParseText("notes { } citations { }", empty.get());
  const auto refused = collection().Create("-", *empty);
  EXPECT_THAT(refused, Refuses(absl::StrCat(resource, "_id"), _));
  for (const char* field :
       {"title", "notes[0].text", "citations[0].document", "citations[0].basis"}) {
    EXPECT_THAT(refused, HasViolation(absl::StrCat(resource, ".", field), HasSubstr("required")));
  }
  const MessagePtr complete = collection().New();
  for (const char* field :
       {"partnerships", "kind", "status", "amount", "nature", "stage", "instrument", "figure",
        "unit", "source", "base_currency_code", "quote_currency_code", "rates"}) {
    if (complete->GetDescriptor()->FindFieldByName(field) == nullptr) continue;
    if (type().type == Quantity::descriptor() && std::string(field) == "status") continue;
    EXPECT_THAT(refused, HasViolation(absl::StrCat(resource, ".", field), HasSubstr("required")));
  }
}

TEST_P(CreateTypeTest, UnknownReferencesAreNamedWithTheirPath) {
  const auto refused = collection().Create("a", *collection().New(R"pb(
    citations { document: "documents/nowhere" basis: BASIS_STATED }
    citations { document: "partnerships/p" basis: BASIS_STATED })pb"));
  const std::string citations = absl::StrCat(collection().singular(), ".citations");
  EXPECT_THAT(refused, Refuses(absl::StrCat(citations, "[0].document"),
                               HasSubstr("there is no documents/nowhere")));
  // Of the wrong type, though it exists.
  EXPECT_THAT(refused,
              Refuses(absl::StrCat(citations, "[1].document"), HasSubstr("documents/{document}")));
}

TEST_P(CreateTypeTest, ReferencesToWhatIsDeletedAreRefused) {
  ASSERT_THAT(Of<Document>().Create("d"), IsOk());
  ASSERT_THAT(Of<Document>().Delete("d"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(collection().Create("a", *collection().New(R"pb(
    citations { document: "documents/d" basis: BASIS_STATED })pb")),
              Refuses(absl::StrCat(collection().singular(), ".citations[0].document"),
                      HasSubstr("there is no documents/d")));
}

TEST_P(CreateTypeTest, ValidateOnlyAnswersAndWritesNothing) {
  const int64_t before = RevisionOf(collection());
  const auto checked = collection().Create("a", "validate_only: true");
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(Text(**checked, "name"), collection().Name("a"));
  EXPECT_EQ(RevisionOf(collection()), before);
  EXPECT_THAT(collection().Get("a"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(collection().Create("-", "validate_only: true"),
              Refuses(absl::StrCat(collection().singular(), "_id"), _));
  EXPECT_THAT(collection().Create("a"), IsOk());
}

class CreateTest : public ConformanceTest {};
INSTANTIATE_CONFORMANCE(CreateTest);

TEST_P(CreateTest, PillarsNeedTheirPartnership) {
  EXPECT_THAT(Of<Pillar>().Create("a", "parent: 'partnerships/nowhere'"),
              Refuses("parent", HasSubstr("there is no partnerships/nowhere")));
  EXPECT_THAT(Of<Pillar>().Create("a", "parent: 'partnerships/-'"), Refuses("parent", _));
  EXPECT_THAT(Of<Pillar>().Create("a", "parent: ''"), Refuses("parent", _));
}

TEST_P(CreateTest, UnknownEnumNumbersAreRefused) {
  auto place = Of<Place>().New();
  static_cast<Place&>(*place).set_kind(static_cast<catalogue::v1::PlaceKind>(99));
  auto request = test::Parse<catalogue::v1::CreatePlaceRequest>("place_id: 'a'");
  *request.mutable_place() = static_cast<const Place&>(*place);
  EXPECT_THAT(catalogue().Call<Place>(request),
              Refuses("place.kind", AllOf(HasSubstr("99"), HasSubstr("PLACE_KIND_COUNTRY"))));

  auto claim_request = test::Parse<funding::v1::CreateClaimRequest>("claim_id: 'a'");
  *claim_request.mutable_claim() = static_cast<const Claim&>(*Of<Claim>().New());
  auto& claim = *claim_request.mutable_claim();
  claim.set_direction(static_cast<funding::v1::ClaimDirection>(-1));
  claim.mutable_amount()->mutable_figure()->set_qualifier(static_cast<type::v1::Qualifier>(77));
  const auto refused = funding().Call<Claim>(claim_request);
  EXPECT_THAT(refused, Refuses("claim.direction", HasSubstr("-1")));
  EXPECT_THAT(refused, Refuses("claim.amount.figure.qualifier", HasSubstr("77")));
}

// A reference from one data service into another is checked as one within a service is.
TEST_P(CreateTest, ReferencesAcrossServicesAreChecked) {
  const auto refused = Of<Claim>().Create("a", *Of<Claim>().New(R"pb(
    initiative: "initiatives/nowhere"
    part_of: "claims/nowhere"
    parties { role: PARTY_ROLE_FUNDING organisation: "people/x" person: "people/nobody" }
    places { place: "places/nowhere" })pb"));
  EXPECT_THAT(refused,
              AllOf(StatusIs(StatusCode::kInvalidArgument),
                    ViolationsAre(UnorderedElementsAre(
                        "claim.initiative", "claim.part_of", "claim.parties[0].organisation",
                        "claim.parties[0].person", "claim.places[0].place"))));
}

TEST_P(CreateTest, ReferencesToUnknownPartnershipsAreRefused) {
  for (const TypeCase& type : AllTypes()) {
    if (type.type->FindFieldByName("partnerships") == nullptr) continue;
    const Collection collection(servers(), type);
    SCOPED_TRACE(collection.singular());
    EXPECT_THAT(
        collection.Create("a", *collection.New(R"pb(partnerships: "partnerships/nowhere")pb")),
        Refuses(absl::StrCat(collection.singular(), ".partnerships[1]"),
                HasSubstr("there is no partnerships/nowhere")));
  }
}

}  // namespace
}  // namespace entente::conformance
