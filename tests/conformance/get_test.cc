// SPDX-License-Identifier: Apache-2.0
// Get and BatchGet.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>

#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class GetTest : public TypeConformanceTest {};
INSTANTIATE_TYPE_CONFORMANCE(GetTest);

TEST_P(GetTest, ReturnsWhatWasCreated) {
  const auto created = collection().Create("a");
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(Text(**created, "name"), collection().Name("a"));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**created))));
}

TEST_P(GetTest, FillsInWhatTheStoreSets) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto got = collection().Get("a");
  ASSERT_THAT(got, IsOk());
  EXPECT_THAT(Text(**got, "etag"), Not(IsEmpty()));
  EXPECT_EQ(Int(**got, "revision"), RevisionOf(collection()));
  EXPECT_TRUE(Has(**got, "create_time"));
  EXPECT_TRUE(Has(**got, "update_time"));
  EXPECT_FALSE(Has(**got, "delete_time"));
}

TEST_P(GetTest, UnknownNameIsNotFound) {
  EXPECT_THAT(collection().Get("nobody"), AllOf(Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"),
                                                HasMetadata("type", collection().type()),
                                                HasMetadata("name", collection().Name("nobody"))));
}

TEST_P(GetTest, MalformedNamesAreRefused) {
  for (const char* id : {"", "A", "-a", "a-", "a_b", "a/b", "1a", "\303\244"}) {
    SCOPED_TRACE(id);
    EXPECT_THAT(collection().Get(id), Refuses("name", HasSubstr(collection().plural())));
  }
  EXPECT_THAT(collection().Get(std::string(64, 'a')), Refuses("name", _));
  EXPECT_THAT(collection().Get(std::string(63, 'a')), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(collection().client().Send(collection().MethodOf("Get"), ""), Refuses("name", _));
}

TEST_P(GetTest, NameOfAnotherTypeIsRefused) {
  const char* other = collection().plural() == "places" ? "events/a" : "places/a";
  EXPECT_THAT(
      collection().client().Send(collection().MethodOf("Get"), absl::StrCat("name: '", other, "'")),
      Refuses("name", _));
}

// A message that ends within its name.
TEST_P(GetTest, WhatIsNoRequestIsRefused) {
  const auto* service = collection().client().descriptor();
  const std::string method =
      absl::StrCat("/", std::string(service->full_name()), "/", collection().MethodOf("Get"));
  const grpc::Slice bytes(
      "\x0a\x05"
      "ab");
  const grpc::ByteBuffer request(&bytes, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  std::promise<grpc::Status> answered;
  grpc::GenericStub(collection().client().channel())
      .UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                 [&](const grpc::Status& status) { answered.set_value(status); });
  EXPECT_THAT(FromGrpcStatus(answered.get_future().get()),
              AllOf(Fails(StatusCode::kInvalidArgument, "INVALID_REQUEST"),
                    ViolationsAre(ElementsAre("name"))));
}

TEST_P(GetTest, IsOfTheLastRevisionUnlessAskedOtherwise) {
  MessagePtr resource = collection().New(R"pb(notes { text: "N" })pb");
  ASSERT_THAT(collection().Create("a", *resource), IsOk());
  SetText(resource.get(), "name", collection().Name("a"));
  for (const std::string view : {"view: RESOURCE_VIEW_FULL", "view: RESOURCE_VIEW_BASIC"}) {
    const auto before = collection().Get("a", view);
    ASSERT_THAT(before, IsOk());
    const std::string title = absl::StrCat("title { text: '", view, "' }");
    test::MergeText(title, resource.get());
    const auto updated = collection().Update(*resource);
    ASSERT_THAT(updated, IsOk());
    const auto after = collection().Get("a", view);
    ASSERT_THAT(after, IsOk());
    EXPECT_EQ(Int(**after, "revision"), Int(**updated, "revision"));
    EXPECT_THAT(**after, Partially(EqualsProto(title)));
    EXPECT_THAT(collection().Get("a", absl::StrCat(view, " revision: ", Int(**before, "revision"))),
                IsOkAndHolds(Pointee(EqualsProto(**before))));
  }
}

TEST_P(GetTest, DeletedIsReturnedWithItsDeleteTime) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  ASSERT_THAT(collection().Delete("a"), IsOk());
  const auto got = collection().Get("a");
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(Has(**got, "delete_time"));
}

TEST_P(GetTest, BasicViewLeavesOutNotesAndTranslations) {
  const MessagePtr resource = collection().New(R"pb(
    title { translations { language_code: "id" text: "J" } }
    notes { text: "N" })pb");
  ASSERT_THAT(collection().Create("a", *resource), IsOk());
  const auto full = collection().Get("a");
  ASSERT_THAT(full, IsOk());
  EXPECT_THAT(**full, Partially(EqualsProto(R"pb(
    title {
      text: "T"
      language_code: "en"
      translations { language_code: "id" text: "J" }
    }
    notes { text: "N" language_code: "en" })pb")));
  EXPECT_THAT(collection().Get("a", "view: RESOURCE_VIEW_FULL"),
              IsOkAndHolds(Pointee(EqualsProto(**full))));

  const auto basic = collection().Get("a", "view: RESOURCE_VIEW_BASIC");
  ASSERT_THAT(basic, IsOk());
  MessagePtr expected((*full)->New());
  expected->CopyFrom(**full);
  Clear(expected.get(), "notes");
  Clear(expected.get(), "title");
  if (type().type == RateSeries::descriptor()) Clear(expected.get(), "rates");
  test::MergeText(R"pb(title { text: "T" language_code: "en" })pb", expected.get());
  EXPECT_THAT(**basic, EqualsProto(*expected));
}

class BatchGetTest : public TypeConformanceTest {};
INSTANTIATE_TYPE_CONFORMANCE(BatchGetTest);

TEST_P(BatchGetTest, ReturnsInTheOrderOfTheRequest) {
  for (const char* id : {"a", "b", "c"}) ASSERT_THAT(collection().Create(id), IsOk());
  const auto response = collection().BatchGet({"c", "a"});
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(collection().NamesIn(**response),
              ElementsAre(collection().Name("c"), collection().Name("a")));
  EXPECT_EQ(Int(**response, "revision"), RevisionOf(collection()));
}

TEST_P(BatchGetTest, IsAtomicAndNamesAllThatAreMissing) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(collection().BatchGet({"x", "a", "y"}),
              AllOf(Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"),
                    HasMetadata("names", absl::StrCat(collection().Name("x"), ",",
                                                      collection().Name("y")))));
}

TEST_P(BatchGetTest, ReportsEveryBadNameAtOnce) {
  EXPECT_THAT(collection().BatchGet({"A", "b", "c-", "b"}),
              AllOf(StatusIs(StatusCode::kInvalidArgument),
                    ViolationsAre(UnorderedElementsAre("names[0]", "names[2]", "names[3]"))));
}

TEST_P(BatchGetTest, TakesFromOneToAThousandNames) {
  EXPECT_THAT(collection().BatchGet({}), Refuses("names", HasSubstr("empty")));
  std::vector<std::string> ids;
  for (int i = 0; i < 1001; ++i) ids.push_back(absl::StrCat("a", i));
  EXPECT_THAT(collection().BatchGet(ids), Refuses("names", HasSubstr("1000")));
  ids.pop_back();
  EXPECT_THAT(collection().BatchGet(ids), StatusIs(StatusCode::kNotFound));
}

TEST_P(BatchGetTest, HonoursTheView) {
  ASSERT_THAT(collection().Create("a", *collection().New(R"pb(notes { text: "N" })pb")), IsOk());
  const auto notes = [&](const std::string& view) {
    const auto response = collection().BatchGet({"a"}, view);
    EXPECT_THAT(response, IsOk());
    return collection().ResourcesIn(**response).front()->ShortDebugString().find("notes") !=
           std::string::npos;
  };
  EXPECT_TRUE(notes(""));
  EXPECT_TRUE(notes("view: RESOURCE_VIEW_FULL"));
  EXPECT_FALSE(notes("view: RESOURCE_VIEW_BASIC"));
}

}  // namespace
}  // namespace entente::conformance
