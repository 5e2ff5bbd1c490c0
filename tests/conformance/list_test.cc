// SPDX-License-Identifier: Apache-2.0
// List: pages, tokens, order, deleted resources, views.
#include <algorithm>

#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;

class ListTypeTest : public TypeConformanceTest {
 protected:
  // Creates resources of these ids; the partnership of the fixture is left out of what is listed.
  void CreateAll(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) ASSERT_THAT(collection().Create(id), IsOk());
  }
  std::vector<std::string> Names(const std::vector<std::string>& ids) {
    std::vector<std::string> names;
    for (const std::string& id : ids) names.push_back(collection().Name(id));
    return names;
  }
  // What List says, without the partnership that every test has.
  std::vector<std::string> Listed(int page_size, const std::string& more = "") {
    std::vector<std::string> names = collection().ListAll(page_size, more);
    names.erase(std::remove(names.begin(), names.end(), "partnerships/p"), names.end());
    return names;
  }
};
INSTANTIATE_TYPE_CONFORMANCE(ListTypeTest);

TEST_P(ListTypeTest, EveryResourceOnceInOrderWhateverThePageSize) {
  CreateAll({"c", "a", "e", "b", "d", "a-1", "a1"});
  // By bytes: "-" comes before digits, digits before letters, and a prefix before what it begins.
  const auto expected = Names({"a", "a-1", "a1", "b", "c", "d", "e"});
  for (const int page_size : {1, 2, 3, 6, 7, 8, 1000}) {
    SCOPED_TRACE(page_size);
    EXPECT_THAT(Listed(page_size), ElementsAreArray(expected));
  }
}

TEST_P(ListTypeTest, APageOfLargeResourcesEndsBeforeClientsRefuseIt) {
  constexpr size_t kTakenByClients = size_t{4} << 20;
  const std::string note = absl::StrCat("notes { text: '", std::string(1'500'000, 'x'), "' }");
  for (const std::string id : {"a", "b", "c"}) {
    ASSERT_THAT(collection().Create(id, *collection().New(note)), IsOk());
  }
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = collection().List(
        absl::StrCat("page_size: 1000 view: RESOURCE_VIEW_FULL page_token: '", token, "'"));
    ASSERT_THAT(page, IsOk());
    EXPECT_LT((*page)->ByteSizeLong(), kTakenByClients);
    for (const std::string& name : collection().NamesIn(**page)) names.push_back(name);
    token = Text(**page, "next_page_token");
  } while (!token.empty());
  names.erase(std::remove(names.begin(), names.end(), "partnerships/p"), names.end());
  EXPECT_THAT(names, ElementsAreArray(Names({"a", "b", "c"})));
}

TEST_P(ListTypeTest, TiesInACustomOrderAreBrokenByName) {
  CreateAll({"c", "a", "e", "b", "d"});
  ASSERT_THAT(collection().Create("z", *collection().New("title { text: 'A' }")), IsOk());
  for (const int page_size : {1, 2, 3, 4, 5, 6, 7}) {
    SCOPED_TRACE(page_size);
    EXPECT_THAT(Listed(page_size, "order_by: 'title.text'"),
                ElementsAreArray(Names({"z", "a", "b", "c", "d", "e"})));
    EXPECT_THAT(Listed(page_size, "order_by: 'title.text desc, name desc'"),
                ElementsAreArray(Names({"e", "d", "c", "b", "a", "z"})));
  }
}

TEST_P(ListTypeTest, PagesSkipNothingWhileOthersInsert) {
  CreateAll({"b", "d", "f"});
  const auto first = collection().List("page_size: 2 filter: 'name != \"partnerships/p\"'");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(collection().NamesIn(**first), ElementsAreArray(Names({"b", "d"})));
  CreateAll({"a", "c", "e", "g"});
  ASSERT_THAT(collection().Delete("d"), IsOk());  // The token does not depend on it.
  const auto next = collection().List(
      absl::StrCat("page_size: 10 filter: 'name != \"partnerships/p\"' page_token: '",
                   Text(**first, "next_page_token"), "'"));
  ASSERT_THAT(next, IsOk());
  EXPECT_THAT(collection().NamesIn(**next), ElementsAreArray(Names({"e", "f", "g"})));
  EXPECT_THAT(Text(**next, "next_page_token"), IsEmpty());
}

TEST_P(ListTypeTest, ForeignPageTokensAreRefused) {
  CreateAll({"a", "b", "c"});
  const auto first = collection().List("page_size: 1");
  ASSERT_THAT(first, IsOk());
  const std::string token = Text(**first, "next_page_token");
  ASSERT_THAT(token, Not(IsEmpty()));
  const auto with = [&](const std::string& more, const std::string& page_token) {
    return collection().List(absl::StrCat(more, " page_token: '", page_token, "'"));
  };
  EXPECT_THAT(with("page_size: 2", token), IsOk());
  EXPECT_THAT(with("filter: 'title:*'", token),
              Refuses("page_token", HasSubstr("other arguments")));
  EXPECT_THAT(with("order_by: 'name desc'", token), Refuses("page_token", _));
  EXPECT_THAT(with("show_deleted: true", token), Refuses("page_token", _));
  EXPECT_THAT(with("view: RESOURCE_VIEW_FULL", token), Refuses("page_token", _));
  EXPECT_THAT(with("revision: 1", token), Refuses("page_token", _));
  for (const std::string& garbled :
       {std::string("x"), std::string("%%%"), token.substr(0, token.size() - 1), token + "A",
        (token[0] == 'A' ? "B" : "A") + token.substr(1)}) {
    SCOPED_TRACE(garbled);
    EXPECT_THAT(with("", garbled), Refuses("page_token", _));
  }
}

TEST_P(ListTypeTest, TokensOfOtherMethodsAreRefused) {
  const Collection other =
      type().type == Organisation::descriptor() ? Of<Person>() : Of<Organisation>();
  for (const char* id : {"a", "b"}) ASSERT_THAT(other.Create(id), IsOk());
  const auto page = other.List("page_size: 1");
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(
      collection().List(absl::StrCat("page_token: '", Text(**page, "next_page_token"), "'")),
      Refuses("page_token", _));
}

TEST_P(ListTypeTest, NegativePageSizeIsRefusedWithAllElseThatIsWrong) {
  EXPECT_THAT(collection().List("page_size: -1"), Refuses("page_size", HasSubstr("negative")));
  EXPECT_THAT(
      collection().List("page_size: -1 filter: 'nope = 1' order_by: 'nope' page_token: 'x'"),
      AllOf(StatusIs(StatusCode::kInvalidArgument), HasViolation("page_size", _),
            HasViolation("filter", HasSubstr("nope")),
            HasViolation("order_by", HasSubstr("nope"))));
}

TEST_P(ListTypeTest, DeletedAreListedOnRequestOnly) {
  CreateAll({"a", "b", "c"});
  ASSERT_THAT(collection().Delete("b"), IsOk());
  EXPECT_THAT(Listed(2), ElementsAreArray(Names({"a", "c"})));
  EXPECT_THAT(Listed(2, "show_deleted: true"), ElementsAreArray(Names({"a", "b", "c"})));
  ASSERT_THAT(collection().Undelete("b"), IsOk());
  EXPECT_THAT(Listed(2), ElementsAreArray(Names({"a", "b", "c"})));
}

TEST_P(ListTypeTest, IsBasicUnlessAskedOtherwise) {
  ASSERT_THAT(collection().Create("a", *collection().New(R"pb(notes { text: "N" })pb")), IsOk());
  const auto has_notes = [&](const std::string& more) {
    const auto response = collection().List(more);
    EXPECT_THAT(response, IsOk());
    return (*response)->ShortDebugString().find("notes") != std::string::npos;
  };
  EXPECT_FALSE(has_notes(""));
  EXPECT_FALSE(has_notes("view: RESOURCE_VIEW_BASIC"));
  EXPECT_TRUE(has_notes("view: RESOURCE_VIEW_FULL"));
}

TEST_P(ListTypeTest, OrderByFaultsAreNamed) {
  const auto order = [&](const std::string& text) {
    return collection().List(absl::StrCat("order_by: '", text, "'"));
  };
  EXPECT_THAT(order("nope"), Refuses("order_by", HasSubstr("nope")));
  EXPECT_THAT(order("name,nope desc"), Refuses("order_by", HasSubstr("column 6")));
  EXPECT_THAT(order("name upwards"), Refuses("order_by", HasSubstr("upwards")));
  EXPECT_THAT(order("name,name"), Refuses("order_by", HasSubstr("name")));
  EXPECT_THAT(order("title"), Refuses("order_by", _));      // A message without an order.
  EXPECT_THAT(order("citations"), Refuses("order_by", _));  // Repeated.
  EXPECT_THAT(order("update_time desc, name"), IsOk());
}

class ListTest : public ConformanceTest {
 protected:
  // `count` places in one change set, "places/x0000" and on.
  void PutPlaces(int count) {
    const Collection places = Of<Place>();
    std::vector<std::string> changes;
    for (int i = 0; i < count; ++i) {
      changes.push_back(places.Put(absl::StrCat("x", 10000 + i), *places.New()));
    }
    ASSERT_THAT(places.Apply(changes), IsOk());
  }
};
INSTANTIATE_CONFORMANCE(ListTest);

TEST_P(ListTest, PageSizeHasADefaultAndACeiling) {
  PutPlaces(1001);
  const auto count = [&](const std::string& more) {
    const auto response = Of<Place>().List(more);
    EXPECT_THAT(response, IsOk());
    return Of<Place>().NamesIn(**response).size();
  };
  EXPECT_EQ(count(""), 50);
  EXPECT_EQ(count("page_size: 0"), 50);
  EXPECT_EQ(count("page_size: 1000"), 1000);
  EXPECT_EQ(count("page_size: 1001"), 1000);
  EXPECT_EQ(count("page_size: 2147483647"), 1000);
  EXPECT_THAT(Of<Place>().ListAll(400), SizeIs(1001));
}

TEST_P(ListTest, PillarsAreListedByPartnershipOrOfAll) {
  ASSERT_THAT(Of<Partnership>().Create("q"), IsOk());
  ASSERT_THAT(Of<Partnership>().Create("p-1"), IsOk());
  const Collection pillars = Of<Pillar>();
  ASSERT_THAT(pillars.Create("a"), IsOk());
  ASSERT_THAT(pillars.Create("b", "parent: 'partnerships/q'"), IsOk());
  ASSERT_THAT(pillars.Create("c", "parent: 'partnerships/p-1'"), IsOk());
  EXPECT_THAT(pillars.ListAll(1), ElementsAre("partnerships/p/pillars/a"));
  EXPECT_THAT(pillars.ListAll(1, "parent: 'partnerships/q'"),
              ElementsAre("partnerships/q/pillars/b"));
  EXPECT_THAT(pillars.ListAll(1, "parent: 'partnerships/-'"),
              ElementsAre("partnerships/p-1/pillars/c", "partnerships/p/pillars/a",
                          "partnerships/q/pillars/b"));
  for (const char* parent : {"", "partnerships", "partnerships/", "places/p", "partnerships/P"}) {
    SCOPED_TRACE(parent);
    EXPECT_THAT(pillars.List(absl::StrCat("parent: '", parent, "'")), Refuses("parent", _));
  }
}

TEST_P(ListTest, OrdersByNumbersTimesAndWhatIsUnset) {
  const Collection pillars = Of<Pillar>();
  ASSERT_THAT(pillars.Create("a", *pillars.New("ordinal: 10")), IsOk());
  ASSERT_THAT(pillars.Create("b", *pillars.New("ordinal: 9")), IsOk());
  EXPECT_THAT(pillars.ListAll(1, "order_by: 'ordinal'"),
              ElementsAre(pillars.Name("b"), pillars.Name("a")));
  EXPECT_THAT(pillars.ListAll(1, "order_by: 'create_time'"),
              ElementsAre(pillars.Name("a"), pillars.Name("b")));

  const Collection events = Of<Event>();
  ASSERT_THAT(events.Create("a"), IsOk());
  ASSERT_THAT(events.Create("b", *events.New("date { edtf: '2023-09' }")), IsOk());
  ASSERT_THAT(events.Create("c", *events.New("date { edtf: '2023-08' }")), IsOk());
  EXPECT_THAT(events.ListAll(1, "order_by: 'date.earliest'"),
              ElementsAre("events/a", "events/c", "events/b"));
  EXPECT_THAT(events.ListAll(1, "order_by: 'date.earliest desc'"),
              ElementsAre("events/b", "events/c", "events/a"));
}

}  // namespace
}  // namespace entente::conformance
