// SPDX-License-Identifier: Apache-2.0
// What is erased for good: nothing says it any more, and its name stays taken.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using type::v1::CHANGE_OUTCOME_ERASED;

constexpr char kSecret[] = "A name that must be forgotten";

class ErasureTest : public ServiceConformanceTest {
 protected:
  std::string Erase(const std::string& id) {
    return absl::StrCat("erase: '", collection().Name(id), "'");
  }
  // Creates it with the secret as its title and in the reason, and changes it once.
  void CreateSecret(const std::string& id) {
    const MessagePtr resource = collection().New(absl::StrCat("title { text: '", kSecret, "' }"));
    ASSERT_THAT(
        collection().Create(id, *resource, absl::StrCat("reason { note: '", kSecret, "' }")),
        IsOk());
    SetText(resource.get(), "name", collection().Name(id));
    MessagePtr other = collection().New(absl::StrCat("title { text: '", kSecret, " too' }"));
    SetText(other.get(), "name", collection().Name(id));
    ASSERT_THAT(collection().Update(*other), IsOk());
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(ErasureTest);

TEST_P(ErasureTest, NothingSaysItAnyMore) {
  ASSERT_THAT(collection().Create("before"), IsOk());
  CreateSecret("a");
  const int64_t then = revision();
  ASSERT_THAT(collection().Create("after"), IsOk());
  const auto listed_then = collection().List(absl::StrCat("revision: ", then));
  ASSERT_THAT(listed_then, IsOk());
  EXPECT_THAT((*listed_then)->DebugString(), HasSubstr(kSecret));
  const auto applied = collection().Apply({Erase("a")}, "reason { note: 'Asked to.' }");
  ASSERT_THAT(applied, IsOk());
  EXPECT_THAT((*applied)->DebugString(), HasSubstr("CHANGE_OUTCOME_ERASED"));

  for (const bool restarted : {false, true}) {
    if (restarted) {
      ASSERT_THAT(servers().Restart(), IsOk());
    }
    // A tombstone, now and then.
    for (const std::string& at : {std::string(), absl::StrCat("revision: ", then)}) {
      const auto tombstone = collection().Get("a", at);
      ASSERT_THAT(tombstone, IsOk()) << at;
      EXPECT_TRUE(Has(**tombstone, "delete_time"));
      EXPECT_EQ(Text(**tombstone, "name"), collection().Name("a"));
      EXPECT_FALSE(Has(**tombstone, "title"));
    }
    for (int64_t at = 1; at <= revision(); ++at) {
      const auto listed = collection().List(
          absl::StrCat("show_deleted: true view: RESOURCE_VIEW_FULL revision: ", at));
      ASSERT_THAT(listed, IsOk());
      EXPECT_THAT((*listed)->DebugString(), Not(HasSubstr(kSecret))) << "at " << at;
    }
    const auto revisions = client().Call<type::v1::ListRevisionsResponse>(
        "ListRevisions", absl::StrCat("resource: '", collection().Name("a"), "'"));
    ASSERT_THAT(revisions, IsOk());
    EXPECT_THAT(revisions->DebugString(), Not(HasSubstr(kSecret)));
    ASSERT_THAT(revisions->revisions(), SizeIs(3));
    EXPECT_EQ(revisions->revisions(0).reason().note(), "Asked to.");
    for (const auto& one : revisions->revisions()) {
      EXPECT_EQ(one.changes(0).outcome(), CHANGE_OUTCOME_ERASED);
    }
    const auto compared = client().Call<type::v1::CompareRevisionsResponse>(
        "CompareRevisions", absl::StrCat("from_revision: ", then));
    ASSERT_THAT(compared, IsOk());
    EXPECT_THAT(compared->DebugString(), Not(HasSubstr(kSecret)));
    ASSERT_GT(compared->differences_size(), 0);
    EXPECT_EQ(compared->differences(0).resource(), collection().Name("a"));
    EXPECT_EQ(compared->differences(0).kind(), type::v1::DIFFERENCE_KIND_ERASED);
    // The others are as they were.
    const auto before = collection().Get("before", absl::StrCat("revision: ", then));
    ASSERT_THAT(before, IsOk());
    EXPECT_FALSE(Has(**before, "delete_time"));
    EXPECT_THAT(collection().Get("after", absl::StrCat("revision: ", then)),
                StatusIs(StatusCode::kNotFound));
  }
}

TEST_P(ErasureTest, TheNameStaysTaken) {
  CreateSecret("a");
  ASSERT_THAT(collection().Delete("a"), IsOk());
  ASSERT_THAT(collection().Apply({Erase("a")}), IsOk());
  const auto erased = AllOf(Fails(StatusCode::kFailedPrecondition, "RESOURCE_ERASED"),
                            HasMetadata("name", collection().Name("a")));
  MessagePtr resource = collection().New();
  EXPECT_THAT(collection().Create("a"), erased);
  EXPECT_THAT(collection().Undelete("a"), erased);
  EXPECT_THAT(collection().Delete("a"), erased);
  EXPECT_THAT(collection().Apply({collection().Put("a", *resource)}), erased);
  EXPECT_THAT(collection().Apply({absl::StrCat("undelete: '", collection().Name("a"), "'")}),
              erased);
  SetText(resource.get(), "name", collection().Name("a"));
  EXPECT_THAT(collection().Update(*resource), erased);
  // Again it changes nothing.
  const int64_t before = revision();
  const auto again = collection().Apply({Erase("a")});
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT((*again)->DebugString(), HasSubstr("CHANGE_OUTCOME_UNCHANGED"));
  EXPECT_EQ(revision(), before);
  EXPECT_THAT(collection().Apply({Erase("none")}), StatusIs(StatusCode::kNotFound));
}

TEST_P(ErasureTest, WhatOthersReferToIsNotErased) {
  ASSERT_THAT(Of<Organisation>().Create("o"), IsOk());
  EXPECT_THAT(servers().catalogue().Send("ApplyChanges", "changes { erase: 'partnerships/p' }"),
              Fails(StatusCode::kFailedPrecondition, "RESOURCE_IN_USE"));
}

TEST_P(ErasureTest, AWatcherHearsOfItAndIsNotToldWhatItWas) {
  CreateSecret("a");
  const auto whole = client().Watch("include_current: true");
  const auto selected =
      client().Watch(absl::StrCat("include_current: true selections { type: '", collection().type(),
                                  "' filter: ", "'title.text = \"", kSecret, " too\"' }"));
  for (const auto* watch : {whole.get(), selected.get()}) {
    auto current = const_cast<test::WatchStream*>(watch)->NextChange();
    ASSERT_TRUE(current.has_value());
    EXPECT_THAT(current->names(), ::testing::Contains(collection().Name("a")));
  }
  ASSERT_THAT(collection().Apply({Erase("a")}), IsOk());
  for (const auto* watch : {whole.get(), selected.get()}) {
    const auto change = const_cast<test::WatchStream*>(watch)->NextChange();
    ASSERT_TRUE(change.has_value());
    ASSERT_THAT(change->resources, SizeIs(1));
    EXPECT_TRUE(Has(*change->resources[0], "delete_time"));
    EXPECT_THAT(change->resources[0]->DebugString(), Not(HasSubstr(kSecret)));
  }
}

}  // namespace
}  // namespace entente::conformance
