// SPDX-License-Identifier: Apache-2.0
// What differs between two points in time.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using type::v1::CompareRevisionsResponse;
using type::v1::DIFFERENCE_KIND_ADDED;
using type::v1::DIFFERENCE_KIND_CHANGED;
using type::v1::DIFFERENCE_KIND_REMOVED;

class CompareTest : public ServiceConformanceTest {
 protected:
  absl::StatusOr<CompareRevisionsResponse> Compare(const std::string& request) {
    return client().Call<CompareRevisionsResponse>("CompareRevisions", request);
  }
  absl::Status Retitle(const std::string& id, const std::string& title) {
    MessagePtr resource = collection().New(absl::StrCat("title { text: '", title, "' }"));
    SetText(resource.get(), "name", collection().Name(id));
    return collection().Update(*resource).status();
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(CompareTest);

TEST_P(CompareTest, FieldByFieldOverTheWholeRecord) {
  for (const char* id : {"added-later", "changed", "removed", "same"}) {
    if (std::string(id) != "added-later") {
      ASSERT_THAT(collection().Create(id), IsOk());
    }
  }
  ASSERT_THAT(Retitle("changed", "Old"), IsOk());
  const int64_t from = revision();
  ASSERT_THAT(collection().Create("added-later"), IsOk());
  ASSERT_THAT(Retitle("changed", "New"), IsOk());
  ASSERT_THAT(Retitle("same", "Other"), IsOk());
  ASSERT_THAT(collection().Delete("removed"), IsOk());
  ASSERT_THAT(collection().Create("came-and-went"), IsOk());
  ASSERT_THAT(collection().Delete("came-and-went"), IsOk());
  // Back to what it was.
  const auto original = collection().Get("same", absl::StrCat("revision: ", from));
  ASSERT_THAT(original, IsOk());
  MessagePtr back = WithoutStoreFields(**original);
  ASSERT_THAT(collection().Update(*back, "update_mask { paths: '*' }"), IsOk());

  const auto compared = Compare(absl::StrCat("from_revision: ", from));
  ASSERT_THAT(compared, IsOk());
  EXPECT_EQ(compared->from_revision(), from);
  EXPECT_EQ(compared->to_revision(), revision());
  EXPECT_THAT(compared->next_page_token(), IsEmpty());
  ASSERT_THAT(compared->differences(), SizeIs(3)) << compared->DebugString();
  const auto& added = compared->differences(0);
  EXPECT_EQ(added.resource(), collection().Name("added-later"));
  EXPECT_EQ(added.kind(), DIFFERENCE_KIND_ADDED);
  EXPECT_EQ(added.revision(), from + 1);
  EXPECT_GT(added.fields_size(), 0);
  for (const auto& field : added.fields()) {
    EXPECT_TRUE(field.has_after() && !field.has_before()) << field.path();
  }
  const auto& changed = compared->differences(1);
  EXPECT_EQ(changed.resource(), collection().Name("changed"));
  EXPECT_EQ(changed.kind(), DIFFERENCE_KIND_CHANGED);
  ASSERT_THAT(changed.fields(), SizeIs(1));
  EXPECT_EQ(changed.fields(0).path(), "title.text");
  EXPECT_EQ(changed.fields(0).before().string_value(), "Old");
  EXPECT_EQ(changed.fields(0).after().string_value(), "New");
  EXPECT_TRUE(changed.has_update_time());
  const auto& removed = compared->differences(2);
  EXPECT_EQ(removed.resource(), collection().Name("removed"));
  EXPECT_EQ(removed.kind(), DIFFERENCE_KIND_REMOVED);
  for (const auto& field : removed.fields()) {
    EXPECT_TRUE(field.has_before() && !field.has_after()) << field.path();
  }

  // The other way round, what came goes.
  const auto backwards =
      Compare(absl::StrCat("from_revision: ", revision(), " to_revision: ", from));
  ASSERT_THAT(backwards, IsOk());
  ASSERT_THAT(backwards->differences(), SizeIs(3));
  EXPECT_EQ(backwards->differences(0).kind(), DIFFERENCE_KIND_REMOVED);
  EXPECT_EQ(backwards->differences(1).fields(0).after().string_value(), "Old");
  EXPECT_EQ(backwards->differences(2).kind(), DIFFERENCE_KIND_ADDED);
  // And nothing differs from itself.
  const auto none = Compare(absl::StrCat("from_revision: ", from, " to_revision: ", from));
  ASSERT_THAT(none, IsOk());
  EXPECT_THAT(none->differences(), IsEmpty());
}

TEST_P(CompareTest, OneResourceAndByTimes) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  ASSERT_THAT(Retitle("a", "Old"), IsOk());
  const auto then = collection().Get("a");
  ASSERT_THAT(then, IsOk());
  ASSERT_THAT(Retitle("a", "New"), IsOk());
  ASSERT_THAT(collection().Create("b"), IsOk());
  const auto& reflection = *(*then)->GetReflection();
  const auto& time = static_cast<const google::protobuf::Timestamp&>(
      reflection.GetMessage(**then, (*then)->GetDescriptor()->FindFieldByName("update_time")));
  const auto compared = Compare(absl::StrCat("resource: '", collection().Name("a"),
                                             "' from_time { seconds: ", time.seconds(),
                                             " nanos: ", time.nanos(), " }"));
  ASSERT_THAT(compared, IsOk());
  EXPECT_EQ(compared->from_revision(), Int(**then, "revision"));
  ASSERT_THAT(compared->differences(), SizeIs(1));
  EXPECT_EQ(compared->differences(0).fields(0).before().string_value(), "Old");
  // From the beginning, when it was not there.
  const auto whole = Compare(absl::StrCat("resource: '", collection().Name("a"), "'"));
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(whole->from_revision(), 0);
  ASSERT_THAT(whole->differences(), SizeIs(1));
  EXPECT_EQ(whole->differences(0).kind(), DIFFERENCE_KIND_ADDED);
}

TEST_P(CompareTest, PagesAreOfTheTwoRevisionsThatTheFirstFound) {
  const int64_t from = revision();
  std::vector<std::string> expected;
  for (int i = 0; i < 7; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("m", i)), IsOk());
    expected.push_back(collection().Name(absl::StrCat("m", i)));
  }
  std::vector<std::string> names;
  std::string token;
  int64_t to = 0;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = Compare(absl::StrCat(from == 0 ? "" : absl::StrCat("from_revision: ", from),
                                           " page_size: 2 types: '", collection().type(),
                                           "' page_token: '", token, "'"));
    ASSERT_THAT(page, IsOk());
    if (pages == 0) to = page->to_revision();
    EXPECT_EQ(page->to_revision(), to);
    for (const auto& difference : page->differences()) names.push_back(difference.resource());
    token = page->next_page_token();
    if (token.empty()) break;
    ASSERT_THAT(collection().Create(absl::StrCat("later", pages)), IsOk());
  }
  EXPECT_EQ(names, expected);
}

TEST_P(CompareTest, RefusesWhatMakesNoSense) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(
      Compare("from_revision: -1 to_revision: -2 page_size: -3"),
      AllOf(Refuses("from_revision", _), Refuses("to_revision", _), Refuses("page_size", _)));
  EXPECT_THAT(Compare("from_revision: 1 from_time { seconds: 1 }"), Refuses("from_time", _));
  EXPECT_THAT(Compare("to_revision: 1 to_time { seconds: 1 }"), Refuses("to_time", _));
  EXPECT_THAT(Compare("resource: 'nonsense'"), Refuses("resource", _));
  EXPECT_THAT(Compare("types: 'entente.dev/Nothing'"),
              Refuses("types[0]", HasSubstr("for example")));
  EXPECT_THAT(Compare(absl::StrCat("types: '", collection().type(), "' types: '",
                                   collection().type(), "'")),
              Refuses("types[1]", HasSubstr("twice")));
  EXPECT_THAT(Compare(absl::StrCat("resource: '", collection().Name("a"), "' types: '",
                                   collection().type(), "'")),
              Refuses("types", _));
  EXPECT_THAT(Compare("to_revision: 999"), Fails(StatusCode::kOutOfRange, "REVISION_IN_FUTURE"));
  EXPECT_THAT(Compare("to_time { seconds: 4102444800 }"),
              Fails(StatusCode::kOutOfRange, "READ_TIME_IN_FUTURE"));
  EXPECT_THAT(Compare(absl::StrCat("resource: '", collection().Name("none"), "'")),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(Compare("page_token: 'x'"), Refuses("page_token", _));
}

}  // namespace
}  // namespace entente::conformance
