// SPDX-License-Identifier: Apache-2.0
//
// The searcher over a store: that it follows what is written, deleted and erased.
#include "common/resource/searcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/store_test_util.h"
#include "common/status/errors.h"

namespace entente::resource {
namespace {

using log::Change;
using log::ChangeKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;
using type::v1::SearchRequest;
using type::v1::SearchResponse;

class SearcherTest : public testing::Test {
 protected:
  SearcherTest() : SearcherTest(StoreOptions()) {}
  explicit SearcherTest(const StoreOptions& options)
      : test_(std::make_shared<LogControl>(&SystemClock::Get()), options) {
    EXPECT_TRUE(test_.store->Load().ok());
  }

  void Write(const std::vector<Change>& changes) {
    ASSERT_TRUE(Apply(test_.store.get(), WriteOf(changes)).ok());
  }
  absl::StatusOr<SearchResponse> Ask(const SearchRequest& request) {
    SearchResponse response;
    if (absl::Status status = searcher_.Search(request, &response); !status.ok()) return status;
    return response;
  }
  SearchResponse Search(const std::string& query) {
    SearchRequest request;
    request.set_query(query);
    auto response = Ask(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(SearchResponse());
  }
  static std::vector<std::string> NamesIn(const SearchResponse& response) {
    std::vector<std::string> names;
    for (const auto& result : response.results()) names.push_back(result.resource());
    return names;
  }
  std::vector<std::string> Find(const std::string& query) { return NamesIn(Search(query)); }

  TestStore test_;
  Searcher searcher_{test_.store.get()};
};

TEST_F(SearcherTest, FindsWhatWasWrittenBefore) {
  EXPECT_THAT(Find("harbour"), IsEmpty());
  Write({PutPlace("places/a", "The harbour"), PutPlace("places/b", "The hill")});
  const SearchResponse first = Search("harbour");
  EXPECT_THAT(NamesIn(first), ElementsAre("places/a"));
  EXPECT_EQ(first.revision(), 1);
  Write({PutPlace("places/a", "The lake"), PutPlace("places/c", "A harbour")});
  EXPECT_THAT(Find("harbour"), ElementsAre("places/c"));
  EXPECT_EQ(Search("lake").revision(), 2);
}

TEST_F(SearcherTest, WhatIsDeletedIsNotFoundUntilItIsBack) {
  Write({PutPlace("places/a", "harbour")});
  EXPECT_THAT(Find("harbour"), ElementsAre("places/a"));
  Write({{"places/a", ChangeKind::kDelete, PutPlace("places/a", "harbour").body}});
  EXPECT_THAT(Find("harbour"), IsEmpty());
  Write({PutPlace("places/a", "harbour")});
  EXPECT_THAT(Find("harbour"), ElementsAre("places/a"));
}

TEST_F(SearcherTest, WhatIsErasedLeavesNoWord) {
  Write({PutPlace("places/a", "Wolkenkuckucksheim"), PutPlace("places/b", "hill")});
  EXPECT_THAT(Find("wolkenkuckucksheim"), ElementsAre("places/a"));
  Write({{"places/a", ChangeKind::kErase, ""}});
  EXPECT_THAT(Find("wolkenkuckucksheim"), IsEmpty());
  // Nor is it suggested to whoever nearly knows it.
  const SearchResponse nearly = Search("wolkenkuckuckshein");
  EXPECT_THAT(nearly.corrections(), IsEmpty());
  EXPECT_EQ(nearly.total_size(), 0);
}

TEST_F(SearcherTest, MarksOfOneRevisionAreThoseOfTheState) {
  Write({PutPlace("places/a", "harbour", "", {"partnerships/p", "partnerships/q"}),
         PutPlace("places/b", "harbour", "places/a", {"partnerships/p"})});
  const SearchResponse response = Search("harbour");
  EXPECT_EQ(response.total_size(), 2);
  ASSERT_EQ(response.facets_size(), 3);
  EXPECT_EQ(response.facets(0).values(0).value(), "entente.dev/Place");
  EXPECT_EQ(response.facets(0).values(0).count(), 2);
  EXPECT_THAT(response.facets(1).values(), IsEmpty());
  EXPECT_EQ(response.facets(2).values(0).value(), "partnerships/p");
  EXPECT_EQ(response.facets(2).values(0).count(), 2);
  EXPECT_EQ(response.facets(2).values(1).count(), 1);
  EXPECT_THAT(Find("reference:a"), ElementsAre("places/b")) << "by the id of what it refers to";
}

TEST_F(SearcherTest, AllFaultsAreSaidAtOnce) {
  SearchRequest request;
  request.set_query("titel:x");
  request.add_types("entente.dev/Claim");
  request.add_types("entente.dev/Place");
  request.add_types("entente.dev/Place");
  request.set_filter("colour = 1");
  request.set_page_size(-1);
  request.set_page_token("x");
  const auto details = errors::BadRequestOf(Ask(request).status());
  std::vector<std::string> fields;
  for (const auto& violation : details.field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields,
              ElementsAre("query", "types[0]", "types[2]", "filter", "page_size", "page_token"));
  EXPECT_THAT(details.field_violations(0).description(), HasSubstr("column 1: unknown field"));
}

TEST_F(SearcherTest, ALogThatCannotBeReadIsNoHindrance) {
  Write({PutPlace("places/a", "harbour")});
  EXPECT_THAT(Find("harbour"), ElementsAre("places/a"));
  test_.control->FailReads(absl::UnavailableError("no disk"));
  Write({PutPlace("places/b", "harbour")});
  EXPECT_THAT(Find("harbour"), testing::UnorderedElementsAre("places/a", "places/b"));
}

// So few that the index falls behind what is in memory.
class ForgetfulSearcherTest : public SearcherTest {
 protected:
  ForgetfulSearcherTest() : SearcherTest({.retained_revisions = 2}) {}
};

TEST_F(ForgetfulSearcherTest, FollowsOverRevisionsThatOnlyTheLogHas) {
  EXPECT_THAT(Find("harbour"), IsEmpty());
  for (int i = 0; i < 10; ++i) Write({PutPlace(absl::StrCat("places/p", i), "harbour")});
  EXPECT_EQ(Search("harbour").total_size(), 10);
  for (int i = 0; i < 10; ++i) Write({PutPlace(absl::StrCat("places/p", i), "hill")});
  test_.control->FailReads(absl::UnavailableError("no disk"));
  EXPECT_EQ(Search("harbour").total_size(), 0) << "made anew from the state";
  EXPECT_EQ(Search("hill").total_size(), 10);
}

TEST_F(ForgetfulSearcherTest, AfterRandomWritesItFindsWhatIsThere) {
  std::mt19937 random(3);
  const auto below = [&](uint32_t n) { return random() % n; };
  static const char* const kWords[] = {"harbour", "hill", "lake"};
  std::map<std::string, std::string> titles;
  for (int step = 0; step < 120; ++step) {
    std::map<std::string, Change> changes;
    for (uint32_t n = 1 + below(3); n > 0; --n) {
      const std::string name = absl::StrCat("places/p", below(12));
      const std::string title = absl::StrCat(kWords[below(3)], " ", kWords[below(3)]);
      if (below(4) == 0 && titles.count(name) > 0) {
        changes[name] = {name, ChangeKind::kDelete, PutPlace(name, titles[name]).body};
        titles.erase(name);
      } else if (changes.count(name) == 0) {
        changes[name] = PutPlace(name, title);
        titles[name] = title;
      }
    }
    std::vector<Change> all;
    for (auto& [name, change] : changes) all.push_back(std::move(change));
    ASSERT_NO_FATAL_FAILURE(Write(all));
    if (below(3) > 0) continue;
    for (const char* word : kWords) {
      std::vector<std::string> expected;
      for (const auto& [name, title] : titles) {
        if (title.find(word) != std::string::npos) expected.push_back(name);
      }
      EXPECT_THAT(Find(word), UnorderedElementsAreArray(expected));
    }
  }
}

TEST_F(SearcherTest, WhatIsStoppedMakesNoIndex) {
  Write({PutPlace("places/a", "harbour"), PutPlace("places/b", "hill")});
  searcher_.Stop();
  SearchRequest request;
  request.set_query("harbour");
  EXPECT_EQ(errors::InfoOf(Ask(request).status()).reason(), "SHUTTING_DOWN");
}

TEST_F(SearcherTest, WritersAndSearchersDoNotDisturbEachOther) {
  searcher_.Start();
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) {
      Write({PutPlace(absl::StrCat("places/p", i), "harbour")});
      written = i + 1;
    }
  });
  std::vector<std::thread> searchers;
  for (int t = 0; t < 2; ++t) {
    searchers.emplace_back([&] {
      for (int before = 0; before < 200;) {
        before = written;
        const SearchResponse response = Search("harbour");
        EXPECT_GE(response.total_size(), before) << "what was written before is found";
        EXPECT_EQ(response.total_size(), response.revision()) << "one revision, whole";
      }
    });
  }
  writer.join();
  for (std::thread& searcher : searchers) searcher.join();
}

}  // namespace
}  // namespace entente::resource
