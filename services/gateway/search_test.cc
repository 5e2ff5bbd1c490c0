// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "entente/type/v1/search.pb.h"
#include "services/gateway/fake_peer.h"
#include "services/gateway/gateway.h"

namespace entente::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCatalogue[] = "entente.catalogue.v1.CatalogueService";
constexpr char kFunding[] = "entente.funding.v1.FundingService";
constexpr char kEvents[] = "entente.events.v1.EventsService";

// A service of which a test says what it answers to which text; to all others, nothing. Its page
// tokens are places in the list.
class FakeService {
 public:
  struct Found {
    std::vector<std::pair<std::string, double>> results;
    int64_t total = 0;  // The number of results, unless a test says more.
    std::string replacement;
  };

  explicit FakeService(const std::string& name) : peer(name) {
    peer.AnswerWith(AnswerTo<type::v1::SearchRequest, type::v1::SearchResponse>(
        [this](const type::v1::SearchRequest& request, type::v1::SearchResponse* response) {
          asked.push_back(request);
          if (!status.ok()) return status;
          const Found& found = answers[request.query()];
          size_t next = 0;
          if (!request.page_token().empty()) {
            EXPECT_TRUE(absl::SimpleAtoi(request.page_token(), &next));
          }
          for (; next < found.results.size(); ++next) {
            if (response->results_size() == std::min(request.page_size(), most)) break;
            auto* result = response->add_results();
            result->set_resource(found.results[next].first);
            result->set_score(found.results[next].second);
          }
          if (next < found.results.size()) response->set_next_page_token(absl::StrCat(next));
          response->set_total_size(
              std::max(found.total, static_cast<int64_t>(found.results.size())));
          if (!found.replacement.empty()) {
            response->add_corrections()->set_replacement(found.replacement);
          }
          auto* facet = response->add_facets();
          facet->set_attribute("type");
          auto* value = facet->add_values();
          value->set_value(type);
          value->set_count(response->total_size());
          response->set_revision(revision);
          return absl::OkStatus();
        }));
  }

  FakePeer peer;
  absl::Status status;
  std::map<std::string, Found> answers;
  std::vector<type::v1::SearchRequest> asked;
  std::string type;
  int64_t revision = 0;
  int most = 1000;  // Results on a page, as of large ones.
};

class SearchTest : public testing::Test {
 protected:
  SearchTest() {
    catalogue_.type = "entente.dev/Organisation";
    funding_.type = "entente.dev/Claim";
    events_.type = "entente.dev/Event";
    catalogue_.revision = 7;
    funding_.revision = 20;
    events_.revision = 30;
    for (FakeService* service : {&catalogue_, &funding_, &events_}) {
      service->answers["-partnership:\"=\""].total = 100;
    }
  }

  // The word has one worth in all of them: the scores are as they are.
  void AllHave(const std::string& text) {
    for (FakeService* service : {&catalogue_, &funding_, &events_}) {
      service->answers[text].total = 10;
    }
  }

  absl::Status Search(const std::string& query, v1::SearchRequest request = {}) {
    response_.Clear();
    request.set_query(query);
    std::vector<absl::Status> answers;
    gateway_.Search({absl::InfiniteFuture(), "id"}, request, &response_,
                    [&](absl::Status status) { answers.push_back(std::move(status)); });
    EXPECT_EQ(answers.size(), 1u);
    return answers.at(0);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& result : response_.results()) names.push_back(result.resource());
    return names;
  }
  std::vector<std::string> Unreachable() const {
    return {response_.unreachable().begin(), response_.unreachable().end()};
  }

  FakeService catalogue_{kCatalogue};
  FakeService funding_{kFunding};
  FakeService events_{kEvents};
  FakeClock clock_{absl::UnixEpoch()};
  Gateway gateway_{{&catalogue_.peer, &funding_.peer, &events_.peer}, &clock_};
  v1::SearchResponse response_;
};

TEST_F(SearchTest, TheResultsOfAllServicesAreOneList) {
  AllHave("\"energy\"");
  catalogue_.answers["\"energy\""] = {{{"organisations/a", 9}, {"organisations/b", 3}}, 10, ""};
  funding_.answers["\"energy\""] = {{{"claims/a", 9}, {"claims/b", 1}}, 10, ""};
  events_.answers["\"energy\""] = {{{"events/a", 5}}, 10, ""};
  ASSERT_TRUE(Search("energy").ok());
  EXPECT_THAT(Names(), ElementsAre("claims/a", "organisations/a", "events/a", "organisations/b",
                                   "claims/b"));
  EXPECT_EQ(response_.total_size(), 30);
  EXPECT_EQ(response_.revisions().catalogue(), 7);
  EXPECT_EQ(response_.revisions().funding(), 20);
  EXPECT_EQ(response_.revisions().events(), 30);
  ASSERT_EQ(response_.facets_size(), 1);
  EXPECT_EQ(response_.facets(0).values_size(), 3);
  EXPECT_THAT(response_.corrections(), IsEmpty());
  EXPECT_EQ(response_.next_page_token(), "");
}

// In funding nearly everything has the word, in the catalogue nearly nothing: by themselves they
// would put very different scores on results that are alike.
TEST_F(SearchTest, AWordIsAsRareAsItIsInAllOfThem) {
  catalogue_.answers["\"usaid\""] = {{{"organisations/usaid", 46.0}}, 1, ""};
  funding_.answers["\"usaid\""] = {{{"claims/a", 0.1}}, 90, ""};
  ASSERT_TRUE(Search("usaid").ok());
  ASSERT_THAT(Names(), ElementsAre("organisations/usaid", "claims/a"));
  EXPECT_LT(response_.results(0).score(), 46.0);
  EXPECT_GT(response_.results(1).score(), 0.1);
}

TEST_F(SearchTest, AWordThatOneServiceKnowsIsNotCorrectedByTheOthers) {
  catalogue_.answers["\"jica\""] = {{{"organisations/jica", 5}}, 0, ""};
  // It would take it for another word, and find that all over.
  funding_.answers["jica"] = {{{"claims/mica", 50}}, 40, "mica"};
  ASSERT_TRUE(Search("jica").ok());
  EXPECT_THAT(Names(), ElementsAre("organisations/jica"));
  EXPECT_THAT(response_.corrections(), IsEmpty());
  for (const auto& request : funding_.asked) EXPECT_NE(request.query(), "jica");
}

TEST_F(SearchTest, AWordThatNoneKnowsIsTheSameOtherOneForAll) {
  // Nearer than what funding and events would take it for, though more have that.
  catalogue_.answers["usiad"] = {{}, 3, "usaid"};
  funding_.answers["usiad"] = {{}, 60, "usual"};
  events_.answers["usiad"] = {{}, 60, "usual"};
  catalogue_.answers["\"usaid\""] = {{{"organisations/usaid", 9}}, 3, ""};
  funding_.answers["\"usaid\""] = {{{"claims/a", 2}}, 5, ""};
  funding_.answers["\"usual\""] = {{{"claims/usual", 99}}, 60, ""};
  ASSERT_TRUE(Search("usiad").ok());
  EXPECT_THAT(Names(), ElementsAre("organisations/usaid", "claims/a"));
  ASSERT_EQ(response_.corrections_size(), 1);
  EXPECT_EQ(response_.corrections(0).word(), "usiad");
  EXPECT_EQ(response_.corrections(0).replacement(), "usaid");
  EXPECT_EQ(response_.corrections(0).span().end(), 5);
  EXPECT_EQ(response_.corrections(0).kind(), type::v1::SEARCH_CORRECTION_KIND_REPLACED);
  // In quotation marks it is never another one.
  ASSERT_TRUE(Search("\"usiad\"").ok());
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_THAT(response_.corrections(), IsEmpty());
}

TEST_F(SearchTest, PagesLeadThroughTheOneList) {
  std::vector<std::string> all;
  for (int i = 0; i < 20; ++i) {
    catalogue_.answers["\"x\""].results.emplace_back(absl::StrCat("organisations/", i), 40 - 2 * i);
    funding_.answers["\"x\""].results.emplace_back(absl::StrCat("claims/", i), 20.5 - i);
    events_.answers["\"x\""].results.emplace_back(absl::StrCat("events/", i), 15.25 - 0.5 * i);
  }
  ASSERT_TRUE(Search("x").ok());
  v1::SearchRequest large;
  large.set_page_size(100);
  ASSERT_TRUE(Search("x", large).ok());
  all = Names();
  EXPECT_EQ(all.size(), 60u);
  for (const int most : {1000, 4, 1}) {
    catalogue_.most = funding_.most = events_.most = most;
    for (const int size : {1, 7, 59}) {
      v1::SearchRequest request;
      request.set_page_size(size);
      std::vector<std::string> paged;
      do {
        ASSERT_TRUE(Search("x", request).ok());
        for (const std::string& name : Names()) paged.push_back(name);
        EXPECT_EQ(response_.total_size(), 60);
        request.set_page_token(response_.next_page_token());
        ASSERT_LE(paged.size(), 60u);
      } while (!response_.next_page_token().empty());
      EXPECT_EQ(paged, all) << most << " " << size;
    }
  }
}

TEST_F(SearchTest, LaterPagesAskOnlyForResults) {
  catalogue_.answers["usiad"] = {{}, 1, "usaid"};
  catalogue_.answers["\"usaid\""] = {{{"organisations/a", 2}, {"organisations/b", 1}}, 0, ""};
  v1::SearchRequest request;
  request.set_page_size(1);
  ASSERT_TRUE(Search("usiad", request).ok());
  const double score = response_.results(0).score();
  request.set_page_token(response_.next_page_token());
  catalogue_.asked.clear();
  ASSERT_TRUE(Search("usiad", request).ok());
  EXPECT_THAT(Names(), ElementsAre("organisations/b"));
  EXPECT_DOUBLE_EQ(response_.results(0).score(), score / 2);
  EXPECT_EQ(response_.corrections_size(), 1);
  EXPECT_EQ(catalogue_.asked.size(), 1u);
  EXPECT_EQ(Search("other", request).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SearchTest, OnlyServicesWithTheTypesAreAskedForResults) {
  AllHave("\"x\"");
  funding_.answers["\"x\""] = {{{"claims/a", 1}}, 10, ""};
  v1::SearchRequest request;
  request.add_types("entente.dev/Claim");
  ASSERT_TRUE(Search("x -type:person", request).ok());
  EXPECT_THAT(Names(), IsEmpty()) << "no such text";
  EXPECT_EQ(funding_.asked.back().query(), "\"x\" -partnership:\"=\"");
  EXPECT_EQ(funding_.asked.back().types(0), "entente.dev/Claim");
  EXPECT_EQ(events_.asked.back().query(), "\"x\"") << "how many have it was all";
  EXPECT_EQ(response_.revisions().events(), 0);
  EXPECT_THAT(Unreachable(), IsEmpty());
  request.add_types("entente.dev/Claim");
  request.add_types("entente.dev/Nothing");
  const auto violations = errors::BadRequestOf(Search("type:nothing", request)).field_violations();
  EXPECT_EQ(violations.size(), 3);
}

TEST_F(SearchTest, WithoutAServiceTheRestIsRight) {
  AllHave("\"x\"");
  catalogue_.answers["\"x\""] = {{{"organisations/a", 2}}, 0, ""};
  events_.answers["\"x\""] = {{{"events/a", 3}}, 0, ""};
  events_.status = absl::UnavailableError("gone");
  ASSERT_TRUE(Search("x").ok());
  EXPECT_THAT(Names(), ElementsAre("organisations/a"));
  EXPECT_THAT(Unreachable(), ElementsAre(kEvents));
  v1::SearchRequest complete;
  complete.set_require_complete(true);
  EXPECT_EQ(Search("x", complete).code(), absl::StatusCode::kUnavailable);
  catalogue_.status = funding_.status = events_.status;
  const absl::Status none = Search("x");
  EXPECT_EQ(none.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(errors::InfoOf(none).reason(), "PEER_UNREACHABLE");
}

TEST_F(SearchTest, RevisionsThatAreNotTheCurrentOnesAreRefused) {
  AllHave("\"x\"");
  v1::SearchRequest request;
  request.mutable_revisions()->set_funding(20);
  EXPECT_TRUE(Search("x", request).ok());
  request.mutable_revisions()->set_funding(19);
  EXPECT_EQ(errors::InfoOf(Search("x", request)).reason(), "REVISION_NOT_RETAINED");
  request.mutable_revisions()->set_funding(21);
  EXPECT_EQ(Search("x", request).code(), absl::StatusCode::kOutOfRange);
}

TEST_F(SearchTest, WhatAServiceRefusesIsRefused) {
  Violations violations;
  violations.Add("filter", "is wrong");
  events_.status = violations.ToStatus();
  EXPECT_EQ(Search("x"), events_.status);
  EXPECT_EQ(Search("(x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Search(std::string(901, 'x')).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::gateway
