// SPDX-License-Identifier: Apache-2.0
//
// The bundled record, searched in all services at once by real servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/test_servers.h"
#include "entente/gateway/v1/search.pb.h"
#include "services/entente/record/load.h"
#include "services/gateway/server.h"

namespace entente::gateway {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

class RecordSearchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    servers_ = new test::TestServers();
    ASSERT_THAT(servers_->Start(), test::IsOk());
    const auto peers = RemotePeers(servers_->target(test::Service::kCatalogue),
                                   servers_->target(test::Service::kFunding),
                                   servers_->target(test::Service::kEvents));
    ASSERT_THAT(LoadRecord("data/us-asean-csp", "", type::v1::ChangeReason(),
                           {peers.catalogue.get(), peers.funding.get(), peers.events.get()},
                           test::kPatience),
                test::IsOk());
  }
  static void TearDownTestSuite() { delete servers_; }

  static v1::SearchResponse Search(const std::string& query, const std::string& more = "") {
    const auto response = servers_->gateway().Call<v1::SearchResponse>(
        "Search", absl::StrCat("query: '", query, "' ", more));
    EXPECT_THAT(response, test::IsOk()) << query;
    return response.value_or(v1::SearchResponse());
  }
  static std::vector<std::string> All(const std::string& query, const std::string& more = "") {
    std::vector<std::string> names;
    const v1::SearchResponse response = Search(query, more);
    for (const auto& result : response.results()) names.push_back(result.resource());
    return names;
  }
  static std::string First(const std::string& query) {
    const std::vector<std::string> all = All(query);
    return all.empty() ? "nothing" : all.front();
  }

  static test::TestServers* servers_;
};

test::TestServers* RecordSearchTest::servers_ = nullptr;

TEST_F(RecordSearchTest, AnOrganisationIsFirstHoweverItIsCalled) {
  EXPECT_EQ(First("USAID"), "organisations/usaid");
  EXPECT_EQ(First("usaid"), "organisations/usaid");
  EXPECT_EQ(First("usiad"), "organisations/usaid");
  EXPECT_EQ(First("Agency for International Development"), "organisations/usaid");
  EXPECT_EQ(First("vietnma type:place"), "places/vietnam");
}

TEST_F(RecordSearchTest, WhatItTakesPartInFollowsFromAllServices) {
  const std::vector<std::string> all = All("usaid", "page_size: 500");
  EXPECT_THAT(all, Contains(StartsWith("initiatives/")));
  EXPECT_THAT(all, Contains(StartsWith("claims/")));
  const auto response = Search("usaid", "page_size: 500");
  EXPECT_EQ(response.total_size(), response.results_size());
  int64_t counted = 0;
  for (const auto& value : response.facets(0).values()) counted += value.count();
  EXPECT_EQ(counted, response.total_size());
  for (int i = 1; i < response.results_size(); ++i) {
    EXPECT_GE(response.results(i - 1).score(), response.results(i).score());
  }
  // Each service alone finds the same.
  int64_t total = 0;
  for (const auto service :
       {test::Service::kCatalogue, test::Service::kFunding, test::Service::kEvents}) {
    const auto alone =
        servers_->client(service).Call<type::v1::SearchResponse>("Search", "query: '\"usaid\"'");
    ASSERT_THAT(alone, test::IsOk());
    total += alone->total_size();
  }
  EXPECT_EQ(response.total_size(), total);
}

// The words of a title, without marks that the language of searches would take for something.
std::string WordsOf(const std::string& title) {
  std::string words;
  for (const char c : title) words.push_back(strchr("'\":()*-\\", c) == nullptr ? c : ' ');
  return words;
}

TEST_F(RecordSearchTest, WhatIsCalledSoIsFirstWhicheverServiceHasIt) {
  for (const char* type : {"initiative", "claim", "event"}) {
    const auto some = Search(absl::StrCat("type:", type), "page_size: 5");
    ASSERT_EQ(some.results_size(), 5) << type;
    for (const auto& result : some.results()) {
      const auto found = Search(WordsOf(result.title()));
      ASSERT_GT(found.results_size(), 0) << result.title();
      // Another one may be called the same.
      EXPECT_EQ(found.results(0).title(), result.title()) << result.resource();
    }
  }
}

TEST_F(RecordSearchTest, TypesOfAllServicesAreUnderstood) {
  for (const char* type : {"organisation", "claim", "event-series"}) {
    const v1::SearchResponse response = Search(absl::StrCat("type:", type));
    EXPECT_GT(response.results_size(), 0) << type;
    for (const auto& result : response.results()) EXPECT_EQ(result.score(), 0);
  }
  EXPECT_THAT(All("usaid type:claim -type:claim"), IsEmpty());
  for (const std::string& name : All("usaid type:claim")) {
    EXPECT_THAT(name, StartsWith("claims/"));
  }
}

TEST_F(RecordSearchTest, PagesAreTheOneList) {
  const std::vector<std::string> all = All("energy OR health", "page_size: 500");
  ASSERT_GT(all.size(), 10u);
  std::vector<std::string> paged;
  std::string token;
  do {
    const auto page =
        Search("energy OR health", absl::StrCat("page_size: 7 page_token: '", token, "'"));
    for (const auto& result : page.results()) paged.push_back(result.resource());
    token = page.next_page_token();
    ASSERT_LE(paged.size(), all.size());
  } while (!token.empty());
  EXPECT_EQ(paged, all);
}

}  // namespace
}  // namespace entente::gateway
