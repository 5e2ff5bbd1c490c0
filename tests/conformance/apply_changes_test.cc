// SPDX-License-Identifier: Apache-2.0
// ApplyChanges.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class ApplyChangesTest : public ServiceConformanceTest {
 protected:
  std::string Put(const std::string& id, const std::string& more = "") {
    return collection().Put(id, *collection().New(more));
  }
  std::string Delete(const std::string& id) {
    return absl::StrCat("delete: '", collection().Name(id), "'");
  }
  std::string Undelete(const std::string& id) {
    return absl::StrCat("undelete: '", collection().Name(id), "'");
  }
  std::string Result(const std::string& id, const std::string& outcome) {
    return absl::StrCat("results { name: '", collection().Name(id), "' outcome: CHANGE_OUTCOME_",
                        outcome, " } ");
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(ApplyChangesTest);

TEST_P(ApplyChangesTest, IsOneRevision) {
  const int64_t before = revision();
  const auto applied = collection().Apply({Put("a"), Put("b"), Put("c")});
  ASSERT_THAT(applied, IsOk());
  EXPECT_EQ(Int(**applied, "revision"), before + 1);
  EXPECT_EQ(revision(), before + 1);
  const auto a = collection().Get("a");
  const auto c = collection().Get("c");
  ASSERT_THAT(a, IsOk());
  ASSERT_THAT(c, IsOk());
  EXPECT_EQ(Int(**a, "revision"), before + 1);
  EXPECT_EQ(Int(**c, "revision"), before + 1);
  const auto* update_time = (*a)->GetDescriptor()->FindFieldByName("update_time");
  const auto* commit_time = (*applied)->GetDescriptor()->FindFieldByName("commit_time");
  EXPECT_THAT((*applied)->GetReflection()->GetMessage(**applied, commit_time),
              EqualsProto((*a)->GetReflection()->GetMessage(**a, update_time)));
}

TEST_P(ApplyChangesTest, OutcomesAreInTheOrderOfTheRequest) {
  ASSERT_THAT(collection().Apply({Put("changed"), Put("same"), Put("gone"), Put("back")}), IsOk());
  ASSERT_THAT(collection().Delete("back"), IsOk());
  const auto applied = collection().Apply({Undelete("back"), Put("changed", "title { text: 'U' }"),
                                           Delete("gone"), Put("same"), Put("new")});
  ASSERT_THAT(applied, IsOk());
  EXPECT_THAT(
      **applied,
      Partially(EqualsProto(absl::StrCat(Result("back", "UNDELETED"), Result("changed", "UPDATED"),
                                         Result("gone", "DELETED"), Result("same", "UNCHANGED"),
                                         Result("new", "CREATED")))));
}

TEST_P(ApplyChangesTest, AllOrNothing) {
  const int64_t before = revision();
  const auto refused = collection().Apply({Put("a"), Put("b", "title { text: '' }")});
  EXPECT_THAT(refused,
              Refuses(absl::StrCat("changes[1].put.", collection().singular(), ".title.text"),
                      "is required"));
  EXPECT_THAT(collection().Apply({Put("a"), Delete("nobody")}),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(collection().Get("a"), StatusIs(StatusCode::kNotFound));
  EXPECT_EQ(revision(), before);
}

TEST_P(ApplyChangesTest, ReportsEveryFaultOfEveryChange) {
  const std::string resource = collection().singular();
  const auto refused =
      collection().Apply({Put("a", "title { text: '' }"), Put("-"), "", "delete: 'nope'",
                          Put("b", "notes { }"), "put { }", "undelete: ''"});
  EXPECT_THAT(refused, AllOf(StatusIs(StatusCode::kInvalidArgument),
                             ViolationsAre(UnorderedElementsAre(
                                 absl::StrCat("changes[0].put.", resource, ".title.text"),
                                 absl::StrCat("changes[1].put.", resource, ".name"), "changes[2]",
                                 "changes[3].delete",
                                 absl::StrCat("changes[4].put.", resource, ".notes[0].text"),
                                 "changes[5]", "changes[6]"))));
}

TEST_P(ApplyChangesTest, NothingTwice) {
  EXPECT_THAT(collection().Apply({Put("a"), Put("b"), Put("a")}),
              Refuses("changes[2]", HasSubstr("twice")));
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(collection().Apply({Delete("a"), Undelete("a")}),
              Refuses("changes[1]", HasSubstr("twice")));
}

TEST_P(ApplyChangesTest, ExpectedRevision) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  ASSERT_THAT(collection().Create("a2"), IsOk());  // 0 would mean any.
  const int64_t now = revision();
  EXPECT_THAT(collection().Apply({Put("b")}, absl::StrCat("expected_revision: ", now - 1)),
              AllOf(Fails(StatusCode::kAborted, "REVISION_MISMATCH"),
                    HasMetadata("current", absl::StrCat(now))));
  EXPECT_THAT(collection().Apply({Put("b")}, absl::StrCat("expected_revision: ", now + 1)),
              Fails(StatusCode::kAborted, "REVISION_MISMATCH"));
  EXPECT_THAT(collection().Apply({Put("b")}, absl::StrCat("expected_revision: ", now)), IsOk());
}

TEST_P(ApplyChangesTest, EtagsOfSingleChanges) {
  const auto a = collection().Create("a");
  const auto b = collection().Create("b");
  ASSERT_THAT(a, IsOk());
  ASSERT_THAT(b, IsOk());
  const auto etag = [](const MessagePtr& resource) {
    return absl::StrCat(" etag: '", Text(*resource, "etag"), "'");
  };
  const std::string change_a = Put("a", "title { text: 'U' }");
  EXPECT_THAT(collection().Apply({change_a + etag(*a), Delete("b") + etag(*a)}),
              AllOf(Fails(StatusCode::kAborted, "ETAG_MISMATCH"),
                    HasMetadata("name", collection().Name("b"))));
  EXPECT_THAT(collection().Get("a"), IsOkAndHolds(Pointee(EqualsProto(**a))));
  EXPECT_THAT(collection().Apply({change_a + etag(*a), Delete("b") + etag(*b)}), IsOk());
  // An etag says that there is something to change.
  EXPECT_THAT(collection().Apply({Put("new") + etag(*a)}), StatusIs(StatusCode::kNotFound));
}

TEST_P(ApplyChangesTest, ASetThatChangesNothingMakesNoRevision) {
  ASSERT_THAT(collection().Apply({Put("a"), Put("b")}), IsOk());
  ASSERT_THAT(collection().Delete("b"), IsOk());
  const int64_t before = revision();
  const auto applied = collection().Apply({Put("a"), Delete("b")});
  ASSERT_THAT(applied, IsOk());
  EXPECT_EQ(Int(**applied, "revision"), before);
  EXPECT_EQ(revision(), before);
  EXPECT_THAT(
      **applied,
      Partially(EqualsProto(absl::StrCat(Result("a", "UNCHANGED"), Result("b", "UNCHANGED")))));
}

TEST_P(ApplyChangesTest, APutBringsBackWhatIsDeleted) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  ASSERT_THAT(collection().Delete("a"), IsOk());
  const auto applied = collection().Apply({Put("a")});
  ASSERT_THAT(applied, IsOk());
  EXPECT_THAT(**applied, Partially(EqualsProto(Result("a", "UPDATED"))));
  const auto a = collection().Get("a");
  ASSERT_THAT(a, IsOk());
  EXPECT_FALSE(Has(**a, "delete_time"));
}

TEST_P(ApplyChangesTest, ValidateOnlyWritesNothing) {
  const int64_t before = revision();
  const auto checked = collection().Apply({Put("a")}, "validate_only: true");
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(**checked, Partially(EqualsProto(Result("a", "CREATED"))));
  EXPECT_EQ(Int(**checked, "revision"), before);
  EXPECT_EQ(revision(), before);
  EXPECT_THAT(collection().Get("a"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(collection().Apply({Put("-")}, "validate_only: true"),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST_P(ApplyChangesTest, FromOneToTenThousandChanges) {
  EXPECT_THAT(collection().Apply({}), Refuses("changes", HasSubstr("empty")));
  std::vector<std::string> changes;
  for (int i = 0; i < 10'001; ++i) changes.push_back(Put(absl::StrCat("a", i)));
  EXPECT_THAT(collection().Apply(changes), Refuses("changes", HasSubstr("10000")));
  changes.pop_back();
  EXPECT_THAT(collection().Apply(changes, "validate_only: true"), IsOk());
}

class ChangeSetTest : public ConformanceTest {};
INSTANTIATE_CONFORMANCE(ChangeSetTest);

TEST_P(ChangeSetTest, ReferencesWithinTheSetInAnyOrder) {
  EXPECT_THAT(catalogue().Send("ApplyChanges", R"pb(
    changes {
      put {
        place {
          name: "places/jakarta"
          partnerships: "partnerships/q"
          title { text: "Jakarta" }
          kind: PLACE_KIND_CITY
          parent: "places/id"
        }
      }
    }
    changes {
      put {
        place {
          name: "places/id"
          partnerships: "partnerships/q"
          title { text: "Indonesia" }
          kind: PLACE_KIND_COUNTRY
          country_code: "ID"
        }
      }
    }
    changes {
      put {
        pillar {
          name: "partnerships/q/pillars/health"
          title { text: "Health" }
        }
      }
    }
    changes {
      put {
        partnership {
          name: "partnerships/q"
          title { text: "Q" }
        }
      }
    })pb"),
              IsOk());
  EXPECT_THAT(Of<Place>().Get("jakarta"), IsOk());
}

TEST_P(ChangeSetTest, WhatIsAtFaultItselfIsNotAlsoMissing) {
  EXPECT_THAT(catalogue().Send("ApplyChanges", R"pb(
    changes {
      put {
        place {
          name: "places/jakarta"
          partnerships: "partnerships/p"
          title { text: "Jakarta" }
          kind: PLACE_KIND_CITY
          parent: "places/id"
        }
      }
    }
    changes {
      put {
        place {
          name: "places/id"
          partnerships: "partnerships/p"
          title { text: "Indonesia" }
          kind: PLACE_KIND_COUNTRY
          country_code: "id"
        }
      }
    })pb"),
              AllOf(StatusIs(StatusCode::kInvalidArgument),
                    ViolationsAre(ElementsAre("changes[1].put.place.country_code"))));
}

TEST_P(ChangeSetTest, WhatIsReferredToGoesTogetherWithItsReferrers) {
  ASSERT_THAT(Of<Place>().Create("id"), IsOk());
  ASSERT_THAT(Of<Place>().Create("jakarta", *Of<Place>().New("parent: 'places/id'")), IsOk());
  EXPECT_THAT(Of<Place>().Apply({"delete: 'places/id'"}),
              Fails(StatusCode::kFailedPrecondition, "RESOURCE_IN_USE"));
  EXPECT_THAT(Of<Place>().Apply({"delete: 'places/id'", "delete: 'places/jakarta'"}), IsOk());
  EXPECT_THAT(Of<Place>().Apply({"undelete: 'places/jakarta'"}),
              Refuses("changes[0].undelete.parent", HasSubstr("there is no places/id")));
  EXPECT_THAT(Of<Place>().Apply({"undelete: 'places/jakarta'", "undelete: 'places/id'"}), IsOk());
  // Or the referrer lets go of it.
  EXPECT_THAT(
      Of<Place>().Apply({"delete: 'places/id'", Of<Place>().Put("jakarta", *Of<Place>().New())}),
      IsOk());
}

TEST_P(ChangeSetTest, NamesOfOtherServicesAreRefused) {
  EXPECT_THAT(Of<Claim>().Apply({"delete: 'places/id'"}),
              Refuses("changes[0].delete", HasSubstr("of this service")));
}

}  // namespace
}  // namespace entente::conformance
