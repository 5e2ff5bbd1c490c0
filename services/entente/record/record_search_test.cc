// SPDX-License-Identifier: Apache-2.0
//
// The bundled record, searched as people do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/log/memory_log.h"
#include "entente/type/v1/search.pb.h"
#include "services/catalogue/catalogue.h"
#include "services/entente/record/record.h"

namespace entente {
namespace {

using google::protobuf::Message;
using testing::IsEmpty;
using type::v1::SearchResponse;

class RecordSearchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::vector<Fault> faults;
    const auto record = RecordDirectory::Read("data/us-asean-csp", &faults);
    ASSERT_TRUE(record.ok()) << record.status();
    core_ = catalogue::MakeCatalogue(std::make_unique<log::MemoryLog>(&SystemClock::Get()), {})
                .value()
                .release();
    ASSERT_TRUE(core_->Load().ok());
    catalogue::v1::ApplyChangesResponse response;
    const absl::Status status = Call(record->CatalogueChanges(), &response);
    ASSERT_TRUE(status.ok()) << status;
  }
  static void TearDownTestSuite() { delete core_; }

  static absl::Status Call(const Message& request, Message* response) {
    std::promise<absl::Status> answered;
    core_->Call(request, response, [&](absl::Status status) { answered.set_value(status); });
    return answered.get_future().get();
  }
  static SearchResponse Search(const std::string& query) {
    type::v1::SearchRequest request;
    request.set_query(query);
    SearchResponse response;
    const absl::Status status = Call(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  static std::string First(const std::string& query) {
    const SearchResponse response = Search(query);
    return response.results().empty() ? "nothing" : response.results(0).resource();
  }
  static std::vector<std::string> All(const std::string& query) {
    std::vector<std::string> names;
    const SearchResponse response = Search(query);
    for (const auto& result : response.results()) names.push_back(result.resource());
    return names;
  }

  static resource::DataService* core_;
};

resource::DataService* RecordSearchTest::core_ = nullptr;

TEST_F(RecordSearchTest, UsaidIsFirstHoweverItIsCalled) {
  EXPECT_EQ(First("USAID"), "organisations/usaid");
  EXPECT_EQ(First("usaid"), "organisations/usaid");
  EXPECT_EQ(First("Agency for International Development"), "organisations/usaid");
  EXPECT_EQ(First("U.S. Agency for International Development"), "organisations/usaid");
  EXPECT_EQ(First("usiad"), "organisations/usaid");
  EXPECT_EQ(First("agency for internatoinal developement"), "organisations/usaid");
}

TEST_F(RecordSearchTest, WhatUsaidDoesIsFoundWithIt) {
  const std::vector<std::string> initiatives = All("usaid type:initiative");
  EXPECT_GE(initiatives.size(), 10U);
  const SearchResponse response = Search("usaid type:initiative");
  for (const auto& result : response.results()) {
    EXPECT_FALSE(result.matches().empty()) << result.resource();
  }
}

TEST_F(RecordSearchTest, PlacesWithAndWithoutTheirDiacritics) {
  EXPECT_EQ(First("vietnam type:place"), "places/vietnam");
  EXPECT_EQ(First("VIỆTNAM type:place"), "places/vietnam");
  EXPECT_EQ(First("vietnma type:place"), "places/vietnam");
  EXPECT_THAT(All("\"wxyz\""), IsEmpty());
}

}  // namespace
}  // namespace entente
