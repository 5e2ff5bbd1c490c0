// SPDX-License-Identifier: Apache-2.0
// Funding and events follow the catalogue: what they answer by their copy of it.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using events::v1::ListEventsResponse;
using funding::v1::ListClaimsResponse;

// Through a tree of initiatives: "root" above "branch" above "leaf", and "other".
class FollowerFixture {
 protected:
  static void Plant(const Collection& initiatives) {
    ASSERT_THAT(initiatives.Create("root"), IsOk());
    ASSERT_THAT(initiatives.Create("branch", *initiatives.New("parent: 'initiatives/root'")),
                IsOk());
    ASSERT_THAT(initiatives.Create("leaf", *initiatives.New("parent: 'initiatives/branch'")),
                IsOk());
    ASSERT_THAT(initiatives.Create("other"), IsOk());
  }
};

class FollowerTest : public ConformanceTest, protected FollowerFixture {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    Plant(Of<Initiative>());
    ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  }
};
INSTANTIATE_CONFORMANCE(FollowerTest);

TEST_P(FollowerTest, ListByATreeOfInitiatives) {
  const Collection claims = Of<Claim>();
  const Collection events = Of<Event>();
  for (const char* id : {"root", "branch", "leaf", "other"}) {
    ASSERT_THAT(claims.Create(id, *claims.New(absl::StrCat("initiative: 'initiatives/", id, "'"))),
                IsOk());
    ASSERT_THAT(events.Create(id, *events.New(absl::StrCat("initiatives: 'initiatives/other' "
                                                           "initiatives: 'initiatives/",
                                                           id, "'"))),
                IsOk());
  }
  ASSERT_THAT(claims.Create("none"), IsOk());
  const auto under = [](const std::string& id) {
    return absl::StrCat("initiative_tree: 'initiatives/", id, "'");
  };
  EXPECT_THAT(claims.ListAll(2, under("root")),
              ElementsAre("claims/branch", "claims/leaf", "claims/root"));
  EXPECT_THAT(claims.ListAll(1, under("branch")), ElementsAre("claims/branch", "claims/leaf"));
  EXPECT_THAT(claims.ListAll(1, under("leaf")), ElementsAre("claims/leaf"));
  EXPECT_THAT(events.ListAll(2, under("branch")), ElementsAre("events/branch", "events/leaf"));
  EXPECT_THAT(events.ListAll(3, under("other")), SizeIs(4));
  EXPECT_THAT(claims.ListAll(2, absl::StrCat(under("root"), " filter: 'name:*leaf'")),
              ElementsAre("claims/leaf"));
}

TEST_P(FollowerTest, TheTreeIsThatOfTheCatalogueNow) {
  ASSERT_THAT(Of<Claim>().Create("leaf", *Of<Claim>().New("initiative: 'initiatives/leaf'")),
              IsOk());
  ASSERT_THAT(catalogue().Send("UpdateInitiative", R"pb(
    initiative { name: "initiatives/leaf" parent: "initiatives/other" })pb"),
              IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(Of<Claim>().ListAll(1, "initiative_tree: 'initiatives/root'"), IsEmpty());
  EXPECT_THAT(Of<Claim>().ListAll(1, "initiative_tree: 'initiatives/other'"),
              ElementsAre("claims/leaf"));
}

TEST_P(FollowerTest, AnswersStateTheRevisionOfTheCatalogue) {
  const int64_t revision = RevisionOf(Of<Initiative>());
  const auto claims = funding().Call<ListClaimsResponse>("ListClaims", "");
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(claims->catalogue_revision(), revision);
  const auto events_now =
      events().Call<ListEventsResponse>("ListEvents", "initiative_tree: 'initiatives/root'");
  ASSERT_THAT(events_now, IsOk());
  EXPECT_EQ(events_now->catalogue_revision(), revision);
}

TEST_P(FollowerTest, UnknownTreesAreNotFoundAndMalformedOnesRefused) {
  for (const Collection& collection : {Of<Claim>(), Of<Event>()}) {
    EXPECT_THAT(collection.List("initiative_tree: 'initiatives/nowhere'"),
                AllOf(Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"),
                      HasMetadata("name", "initiatives/nowhere")));
    EXPECT_THAT(collection.List("initiative_tree: 'places/root'"),
                Refuses("initiative_tree", HasSubstr("initiatives/{initiative}")));
  }
}

TEST_P(FollowerTest, ReferencesAreCheckedAgainstTheCopy) {
  const auto claim = [&] {
    return Of<Claim>().New(
        "initiative: 'initiatives/new' citations { document: 'documents/d' "
        "basis: BASIS_STATED }");
  };
  EXPECT_THAT(
      Of<Claim>().Create("a", *claim()),
      ViolationsAre(UnorderedElementsAre("claim.initiative", "claim.citations[0].document")));
  ASSERT_THAT(Of<Initiative>().Create("new"), IsOk());
  ASSERT_THAT(Of<Document>().Create("d"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(Of<Claim>().Create("a", *claim()), IsOk());
  // The catalogue does not know who refers to it elsewhere: that is named by whoever composes.
  ASSERT_THAT(Of<Initiative>().Delete("new"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(Of<Claim>().Create("b", *claim()),
              Refuses("claim.initiative", HasSubstr("there is no initiatives/new")));
  EXPECT_THAT(Of<Claim>().Get("a"), IsOk());
}

TEST_P(FollowerTest, LargeRevisionsOfTheCatalogueAreFollowedWhole) {
  const Collection initiatives = Of<Initiative>();
  std::vector<std::string> changes;
  for (int i = 0; i < 1201; ++i) {
    changes.push_back(initiatives.Put(absl::StrCat("i", 10000 + i),
                                      *initiatives.New("parent: 'initiatives/root'")));
  }
  ASSERT_THAT(initiatives.Apply(changes), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  ASSERT_THAT(Of<Claim>().Create("a", *Of<Claim>().New("initiative: 'initiatives/i11200'")),
              IsOk());
  EXPECT_THAT(Of<Claim>().ListAll(1, "initiative_tree: 'initiatives/root'"), SizeIs(1));
  ASSERT_THAT(servers().Restart(), IsOk());
  EXPECT_THAT(Of<Claim>().ListAll(1, "initiative_tree: 'initiatives/root'"), SizeIs(1));
}

// What can only happen where the servers are separate.
class AbsentCatalogueTest : public ServersTest, protected FollowerFixture {
 protected:
  AbsentCatalogueTest() : ServersTest({.deployment = Deployment::kSeparate}) {}
  void SetUp() override {
    ServersTest::SetUp();
    Plant(Of<Initiative>());
    ASSERT_THAT(servers().AwaitFollowers(), IsOk());
    ASSERT_THAT(Of<Claim>().Create("leaf", *Of<Claim>().New("initiative: 'initiatives/leaf'")),
                IsOk());
    ASSERT_THAT(Of<Event>().Create("leaf", *Of<Event>().New("initiatives: 'initiatives/leaf'")),
                IsOk());
    revision_ = RevisionOf(Of<Initiative>());
  }
  // Funding and events answer as if the catalogue were there.
  void ExpectAnswers(const std::string& id) {
    for (const Collection& collection : {Of<Claim>(), Of<Event>()}) {
      const auto listed =
          collection.List("initiative_tree: 'initiatives/root' filter: 'name:*leaf'");
      ASSERT_THAT(listed, IsOk());
      EXPECT_THAT(collection.NamesIn(**listed), ElementsAre(collection.Name("leaf")));
      EXPECT_EQ(Int(**listed, "catalogue_revision"), revision_);
    }
    EXPECT_THAT(Of<Claim>().Create(id, *Of<Claim>().New("initiative: 'initiatives/leaf'")), IsOk());
    EXPECT_THAT(Of<Event>().Create(id, *Of<Event>().New("initiatives: 'initiatives/leaf'")),
                IsOk());
    EXPECT_THAT(Of<Claim>().Create("x", *Of<Claim>().New("initiative: 'initiatives/nowhere'")),
                Refuses("claim.initiative", _));
  }
  int64_t revision_ = 0;
};

TEST_F(AbsentCatalogueTest, AnswersGoOn) {
  servers().Stop(Service::kCatalogue);
  ExpectAnswers("a");
}

TEST_F(AbsentCatalogueTest, TheLastCopyServesAfterARestartToo) {
  servers().Stop(Service::kCatalogue);
  for (const Service service : {Service::kFunding, Service::kEvents}) {
    servers().Stop(service);
    ASSERT_THAT(servers().Start(service), IsOk());
  }
  ExpectAnswers("a");
}

TEST_F(AbsentCatalogueTest, NewsComeWhenItIsBack) {
  servers().Stop(Service::kCatalogue);
  ExpectAnswers("a");
  ASSERT_THAT(servers().Start(Service::kCatalogue), IsOk());
  ASSERT_THAT(Of<Initiative>().Create("late"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(Of<Claim>().Create("late", *Of<Claim>().New("initiative: 'initiatives/late'")),
              IsOk());
}

TEST_F(AbsentCatalogueTest, NewsOfTheTimeWhenTheyWereAwayThemselves) {
  servers().Stop(Service::kFunding);
  ASSERT_THAT(Of<Initiative>().Create("late"), IsOk());
  ASSERT_THAT(Of<Initiative>().Delete("other"), IsOk());
  ASSERT_THAT(servers().Start(Service::kFunding), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(Of<Claim>().Create("late", *Of<Claim>().New("initiative: 'initiatives/late'")),
              IsOk());
  EXPECT_THAT(Of<Claim>().Create("other", *Of<Claim>().New("initiative: 'initiatives/other'")),
              Refuses("claim.initiative", _));
}

TEST_F(AbsentCatalogueTest, AnotherDatabaseReplacesTheCopy) {
  servers().Stop(Service::kCatalogue);
  servers().EraseDatabase(Service::kCatalogue);
  ASSERT_THAT(servers().Start(Service::kCatalogue), IsOk());
  ASSERT_THAT(Of<Partnership>().Create("p"), IsOk());
  ASSERT_THAT(Of<Initiative>().Create("fresh"), IsOk());
  ASSERT_LT(RevisionOf(Of<Initiative>()), revision_);
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  const auto fresh = [&](const std::string& initiative) {
    return Of<Claim>().New(absl::StrCat("initiative: 'initiatives/", initiative, "'"));
  };
  EXPECT_THAT(Of<Claim>().Create("a", *fresh("fresh")), IsOk());
  EXPECT_THAT(Of<Claim>().Create("b", *fresh("root")), Refuses("claim.initiative", _));
  EXPECT_THAT(Of<Claim>().List("initiative_tree: 'initiatives/root'"),
              StatusIs(StatusCode::kNotFound));
  // And stays replaced.
  servers().Stop(Service::kCatalogue);
  servers().Stop(Service::kFunding);
  ASSERT_THAT(servers().Start(Service::kFunding), IsOk());
  EXPECT_THAT(Of<Claim>().Create("c", *fresh("root")), Refuses("claim.initiative", _));
  EXPECT_THAT(Of<Claim>().Create("c", *fresh("fresh")), IsOk());
}

// Another database of which the last revision has the same number, or a later one.
TEST_F(AbsentCatalogueTest, AnotherDatabaseOfTheSameAgeReplacesTheCopyAsWell) {
  servers().Stop(Service::kCatalogue);
  servers().EraseDatabase(Service::kCatalogue);
  for (const Service service : {Service::kFunding, Service::kEvents}) servers().Stop(service);
  ASSERT_THAT(servers().Start(Service::kCatalogue), IsOk());
  ASSERT_THAT(Of<Partnership>().Create("p"), IsOk());
  for (int i = 0; RevisionOf(Of<Initiative>()) <= revision_; ++i) {
    ASSERT_THAT(Of<Initiative>().Create(absl::StrCat("fresh-", i)), IsOk());
  }
  ASSERT_THAT(servers().Start(), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  EXPECT_THAT(Of<Claim>().Create("a", *Of<Claim>().New("initiative: 'initiatives/fresh-0'")),
              IsOk());
  EXPECT_THAT(Of<Claim>().Create("b", *Of<Claim>().New("initiative: 'initiatives/root'")),
              Refuses("claim.initiative", _));
}

}  // namespace
}  // namespace entente::conformance
