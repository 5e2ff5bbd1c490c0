// SPDX-License-Identifier: Apache-2.0
// Search, over gRPC: every type of every service is found, and what it says of itself is right.
#include "absl/strings/escaping.h"
#include "entente/type/v1/search.pb.h"
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using ::testing::UnorderedElementsAreArray;
using type::v1::SearchResponse;

std::vector<std::string> NamesOf(const SearchResponse& response) {
  std::vector<std::string> names;
  for (const auto& result : response.results()) names.push_back(result.resource());
  return names;
}

SearchResponse SearchOf(const ServiceClient& client, const std::string& query,
                        const std::string& more = "") {
  const auto response = client.Call<SearchResponse>(
      "Search", absl::StrCat("query: '", absl::CEscape(query), "' ", more));
  EXPECT_THAT(response, IsOk());
  return response.value_or(SearchResponse());
}

class TypeSearchTest : public TypeConformanceTest {
 protected:
  std::vector<std::string> Find(const std::string& query) {
    return NamesOf(SearchOf(collection().client(), query));
  }
};
INSTANTIATE_TYPE_CONFORMANCE(TypeSearchTest);

TEST_P(TypeSearchTest, IsFoundAsSoonAsItIsWrittenAndNotWhenItIsDeleted) {
  const auto created = collection().Create(
      "a", *collection().New("title { text: 'Zebrafish of the delta' language_code: 'en' }"));
  ASSERT_THAT(created, IsOk());
  const SearchResponse response = SearchOf(collection().client(), "zebrafish");
  ASSERT_THAT(NamesOf(response), ElementsAre(collection().Name("a")));
  const auto& result = response.results(0);
  EXPECT_EQ(result.title(), "Zebrafish of the delta");
  EXPECT_EQ(result.language_code(), "en");
  EXPECT_EQ(result.attributes().type(), collection().type());
  EXPECT_GT(result.score(), 0);
  ASSERT_GE(result.matches_size(), 1);
  EXPECT_THAT(result.matches(0),
              EqualsProto("field: 'title.text' language_code: 'en' snippet: 'Zebrafish of the "
                          "delta' highlights { end: 9 }"));
  EXPECT_EQ(response.revision(), RevisionOf(collection()));
  EXPECT_EQ(response.total_size(), 1);
  EXPECT_EQ(response.facets(0).attribute(), "type");
  EXPECT_THAT(response.facets(0).values(0),
              EqualsProto(absl::StrCat("value: '", collection().type(), "' count: 1")));
  ASSERT_THAT(collection().Delete("a"), IsOk());
  EXPECT_THAT(Find("zebrafish"), IsEmpty());
  ASSERT_THAT(collection().Undelete("a"), IsOk());
  EXPECT_THAT(Find("zebrafish"), ElementsAre(collection().Name("a")));
}

TEST_P(TypeSearchTest, NotesTranslationsAndIdsAreFoundAndChangesFollowed) {
  ASSERT_THAT(
      collection().Create(
          "blue-heron",
          *collection().New("title { text: 'x' translations { language_code: 'vi' text: 'Đồng bằng "
                            "sông Cửu Long' } } notes { text: 'seen by quokkas' }")),
      IsOk());
  const std::string name = collection().Name("blue-heron");
  EXPECT_THAT(Find("dong bang \"sông cửu\""), ElementsAre(name));
  EXPECT_THAT(Find("note:quokkas"), ElementsAre(name));
  EXPECT_THAT(Find("identifier:heron"), ElementsAre(name));
  EXPECT_THAT(Find("title:quokkas"), IsEmpty());
  auto changed = collection().Get("blue-heron");
  ASSERT_THAT(changed, IsOk());
  Clear(changed->get(), "notes");
  ASSERT_THAT(collection().Update(**changed, "update_mask { paths: 'notes' }"), IsOk());
  EXPECT_THAT(Find("quokkas"), IsEmpty());
}

class SearchTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    const auto organisation = [&](const std::string& id, const std::string& more) {
      ASSERT_THAT(Of<Organisation>().Create(id, *Of<Organisation>().New(more)), IsOk());
    };
    organisation("usaid",
                 "title { text: 'U.S. Agency for International Development' } acronyms: 'USAID' "
                 "other_names: 'Agency for Foreign Aid'");
    organisation("jica", "title { text: 'Japan International Cooperation Agency' }");
    ASSERT_THAT(
        Of<Initiative>().Create(
            "grid", *Of<Initiative>().New(
                        "title { text: 'Smart Power' } description { text: 'USAID plans "
                        "for grids.' } parties { role: PARTY_ROLE_IMPLEMENTING organisation: "
                        "'organisations/jica' }")),
        IsOk());
  }
  SearchResponse Search(const std::string& query, const std::string& more = "") {
    return SearchOf(catalogue(), query, more);
  }
  std::vector<std::string> Find(const std::string& query, const std::string& more = "") {
    return NamesOf(Search(query, more));
  }
};
INSTANTIATE_CONFORMANCE(SearchTest);

TEST_P(SearchTest, AnOrganisationIsFoundByAcronymNamesAndMisspelt) {
  EXPECT_THAT(Find("USAID"), ElementsAre("organisations/usaid", "initiatives/grid"));
  EXPECT_THAT(Find("Agency for International Development"), ElementsAre("organisations/usaid"));
  EXPECT_THAT(Find("agency for foreign aid"), ElementsAre("organisations/usaid"));
  const SearchResponse misspelt = Search("usiad");
  EXPECT_THAT(NamesOf(misspelt), ElementsAre("organisations/usaid", "initiatives/grid"));
  ASSERT_THAT(misspelt.corrections(), SizeIs(1));
  EXPECT_THAT(misspelt.corrections(0),
              EqualsProto("span { end: 5 } word: 'usiad' replacement: 'usaid' kind: "
                          "SEARCH_CORRECTION_KIND_REPLACED"));
  EXPECT_THAT(Find("\"usiad\""), IsEmpty()) << "in quotation marks it is meant";
}

TEST_P(SearchTest, WhatRefersToAnOrganisationIsFoundByItsId) {
  const SearchResponse response = Search("jica");
  ASSERT_THAT(NamesOf(response), ElementsAre("organisations/jica", "initiatives/grid"));
  EXPECT_THAT(
      response.results(1).matches(0),
      EqualsProto("field: 'parties[0].organisation' snippet: 'jica' highlights { end: 4 }"));
}

TEST_P(SearchTest, TheLanguageOfQueries) {
  EXPECT_THAT(Find("power OR japan"),
              UnorderedElementsAreArray({"initiatives/grid", "organisations/jica"}));
  EXPECT_THAT(Find("agency -japan"), ElementsAre("organisations/usaid"));
  EXPECT_THAT(Find("\"international development\""), ElementsAre("organisations/usaid"));
  EXPECT_THAT(Find("\"development international\""), IsEmpty());
  EXPECT_THAT(Find("coop*"), ElementsAre("organisations/jica"));
  EXPECT_THAT(Find("title:usaid"), IsEmpty());
  EXPECT_THAT(Find("usaid type:initiative"), ElementsAre("initiatives/grid"));
  EXPECT_THAT(Find("type:organisation partnership:p"),
              ElementsAre("organisations/jica", "organisations/usaid"));
  EXPECT_THAT(catalogue().Send("Search", "query: 'titel:usaid'"),
              Refuses("query", AllOf(HasSubstr("column 1"), HasSubstr("\"title\""))));
  EXPECT_THAT(catalogue().Send("Search", ""), Refuses("query", HasSubstr("nothing to look for")));
}

TEST_P(SearchTest, TypesAndFilterNarrowResultsAndCounts) {
  EXPECT_THAT(Find("usaid", "types: 'entente.dev/Initiative'"), ElementsAre("initiatives/grid"));
  const SearchResponse filtered = Search("usaid",
                                         "filter: 'type = \"entente.dev/Organisation\" AND "
                                         "partnerships:\"partnerships/p\"'");
  EXPECT_THAT(NamesOf(filtered), ElementsAre("organisations/usaid"));
  EXPECT_EQ(filtered.total_size(), 1);
  EXPECT_THAT(filtered.facets(0).values(), SizeIs(1));
  EXPECT_THAT(Find("usaid", "filter: 'partnerships:\"partnerships/q\"'"), IsEmpty());
  EXPECT_THAT(catalogue().Send("Search", "query: 'x' types: 'entente.dev/Claim' filter: 'x = 1'"),
              ViolationsAre(UnorderedElementsAre("types[0]", "filter")));
}

TEST_P(SearchTest, PagesAreTheWholeInParts) {
  std::vector<std::string> actions;
  for (int i = 0; i < 25; ++i) {
    const std::string id = absl::StrCat("p", i);
    actions.push_back(Of<Place>().Put(
        id, *Of<Place>().New(absl::StrCat("name: 'places/", id, "' title { text: 'harbour ",
                                          std::string(static_cast<size_t>(i % 4), 'x'), "' }"))));
  }
  ASSERT_THAT(Of<Place>().Apply(actions), IsOk());
  const std::vector<std::string> all = Find("harbour");
  EXPECT_THAT(all, SizeIs(25));
  std::vector<std::string> paged;
  std::string token;
  do {
    const SearchResponse page =
        Search("harbour", absl::StrCat("page_size: 4 page_token: '", absl::CEscape(token), "'"));
    EXPECT_LE(page.results_size(), 4);
    EXPECT_EQ(page.total_size(), 25);
    for (const std::string& name : NamesOf(page)) paged.push_back(name);
    token = page.next_page_token();
  } while (!token.empty() && paged.size() < 100);
  EXPECT_EQ(paged, all);
  const std::string first = Search("harbour", "page_size: 4").next_page_token();
  EXPECT_THAT(catalogue().Send(
                  "Search", absl::StrCat("query: 'hill' page_token: '", absl::CEscape(first), "'")),
              Refuses("page_token", _));
  EXPECT_THAT(catalogue().Send("Search", "query: 'x' page_size: -1 page_token: 'x'"),
              ViolationsAre(UnorderedElementsAre("page_size", "page_token")));
}

TEST_P(SearchTest, TheTextOfADocumentIsNotSearched) {
  ASSERT_THAT(Of<Document>().Create(
                  "d", *Of<Document>().New("title { text: 'Fact sheet' } text: 'unobtainium'")),
              IsOk());
  EXPECT_THAT(Find("fact sheet"), ElementsAre("documents/d"));
  EXPECT_THAT(Find("unobtainium"), IsEmpty());
}

}  // namespace
}  // namespace entente::conformance
