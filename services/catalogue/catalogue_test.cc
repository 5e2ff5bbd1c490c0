// SPDX-License-Identifier: Apache-2.0
//
// The catalogue's core where it is best tested close: over a log that can be held up.
#include "services/catalogue/catalogue.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/clock/clock.h"
#include "common/resource/store_test_util.h"
#include "common/status/errors.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"

namespace entente::catalogue {
namespace {

using google::protobuf::Message;
using google::protobuf::TextFormat;
using resource::LogControl;
using resource::TestLog;
using testing::ElementsAre;

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class CatalogueTest : public testing::Test {
 protected:
  CatalogueTest()
      : control_(std::make_shared<LogControl>(&SystemClock::Get())),
        core_(MakeCatalogue(std::make_unique<TestLog>(control_), {}).value()) {
    EXPECT_TRUE(core_->Load().ok());
  }

  absl::Status Call(const Message& request, Message* response) {
    std::promise<absl::Status> answered;
    core_->Call(request, response, [&](absl::Status status) { answered.set_value(status); });
    return answered.get_future().get();
  }
  absl::Status ApplyText(const std::string& changes, v1::ApplyChangesResponse* response) {
    return Call(Parse<v1::ApplyChangesRequest>(changes), response);
  }
  absl::Status ApplyText(const std::string& changes) {
    v1::ApplyChangesResponse response;
    return ApplyText(changes, &response);
  }
  // The fields that are at fault.
  static std::vector<std::string> FieldsOf(const absl::Status& status) {
    const google::rpc::BadRequest details = errors::BadRequestOf(status);
    std::vector<std::string> fields;
    for (const auto& violation : details.field_violations()) fields.push_back(violation.field());
    return fields;
  }

  static std::string PartnershipText() {
    return "changes { put { partnership { name: 'partnerships/p' title { text: 'P' } } } }";
  }
  static std::string PlaceText(const std::string& id, const std::string& more = "") {
    return absl::StrCat("changes { put { place { name: 'places/", id,
                        "' title { text: 'x' } kind: PLACE_KIND_CITY partnerships: "
                        "'partnerships/p' ",
                        more, " } } }");
  }

  std::shared_ptr<LogControl> control_;
  std::unique_ptr<resource::DataService> core_;
};

// Plans and answers run on the writer's thread; nothing that they need may go before it.
TEST_F(CatalogueTest, TheEndDuringWritesAnswersEachOnce) {
  ASSERT_TRUE(ApplyText(PartnershipText()).ok());
  control_->Block();
  constexpr int kWrites = 300;
  std::vector<v1::CreatePlaceRequest> requests(kWrites);
  std::vector<v1::Place> responses(kWrites);
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;
  for (int i = 0; i < kWrites; ++i) {
    auto& request = requests[static_cast<size_t>(i)];
    request = Parse<v1::CreatePlaceRequest>(
        "place { title { text: 'x' } kind: PLACE_KIND_CITY partnerships: 'partnerships/p' }");
    request.set_place_id(absl::StrCat("p", i));
    core_->Call(request, &responses[static_cast<size_t>(i)], [&](const absl::Status& status) {
      if (status.ok()) {
        ++made;
      } else {
        EXPECT_EQ(errors::InfoOf(status).reason(), "SHUTTING_DOWN");
        ++refused;
      }
    });
  }
  control_->AwaitBlocked();
  std::thread destroyer([&] { core_.reset(); });
  control_->Release();
  destroyer.join();
  EXPECT_EQ(made + refused, kWrites);
  EXPECT_EQ(*control_->record()->Head(), 1 + made);
}

TEST_F(CatalogueTest, APartnershipWithPillarsIsInUse) {
  ASSERT_TRUE(ApplyText(PartnershipText() +
                        "changes { put { pillar { name: 'partnerships/p/pillars/one' title { "
                        "text: 'One' } } } }")
                  .ok());
  v1::Partnership deleted;
  const absl::Status in_use =
      Call(Parse<v1::DeletePartnershipRequest>("name: 'partnerships/p'"), &deleted);
  EXPECT_EQ(errors::InfoOf(in_use).reason(), "RESOURCE_IN_USE");
  EXPECT_EQ(errors::InfoOf(in_use).metadata().at("referrers"), "partnerships/p/pillars/one");
  EXPECT_TRUE(ApplyText("changes { delete: 'partnerships/p' } changes { delete: "
                        "'partnerships/p/pillars/one' }")
                  .ok());
  // And a pillar comes back only with its partnership.
  EXPECT_THAT(FieldsOf(ApplyText("changes { undelete: 'partnerships/p/pillars/one' }")),
              ElementsAre("changes[0].undelete"));
}

TEST_F(CatalogueTest, WhatIsWrongWithAnUndeletedResourceStandsBehindItsName) {
  ASSERT_TRUE(
      ApplyText(PartnershipText() + PlaceText("a") + PlaceText("b", "parent: 'places/a'")).ok());
  ASSERT_TRUE(ApplyText("changes { delete: 'places/b' } changes { delete: 'places/a' }").ok());
  EXPECT_THAT(FieldsOf(ApplyText("changes { undelete: 'places/b' }")),
              ElementsAre("changes[0].undelete.parent"));
  EXPECT_THAT(FieldsOf(ApplyText("changes { undelete: 'planets/b' }")),
              ElementsAre("changes[0].undelete"));
}

TEST_F(CatalogueTest, EveryMemberOfACycleIsNamed) {
  EXPECT_THAT(
      FieldsOf(ApplyText(PartnershipText() + PlaceText("a", "parent: 'places/b'") +
                         PlaceText("b", "parent: 'places/a'") +
                         PlaceText("c", "parent: 'places/a'") +
                         PlaceText("d", "parent: 'places/d'"))),
      testing::UnorderedElementsAre("changes[1].put.place.parent", "changes[2].put.place.parent",
                                    "changes[4].put.place.parent"));
}

// The cost of a change set grows with its size, not with its square.
TEST_F(CatalogueTest, TheLargestChangeSetMayBeOneChain) {
  ASSERT_TRUE(ApplyText(PartnershipText()).ok());
  v1::ApplyChangesRequest request;
  for (int i = 0; i < resource::kMaxChanges; ++i) {
    auto* place = request.add_changes()->mutable_put()->mutable_place();
    place->set_name(absl::StrCat("places/p", i));
    place->mutable_title()->set_text("x");
    place->set_kind(v1::PLACE_KIND_CITY);
    place->add_partnerships("partnerships/p");
    if (i > 0) place->set_parent(absl::StrCat("places/p", i - 1));
  }
  v1::ApplyChangesResponse response;
  ASSERT_TRUE(Call(request, &response).ok());
  EXPECT_EQ(response.results_size(), resource::kMaxChanges);
}

TEST_F(CatalogueTest, PagesInTheOrderOfNamesHoldEachOnce) {
  ASSERT_TRUE(ApplyText(PartnershipText()).ok());
  std::string changes;
  for (int i = 0; i < 23; ++i) changes += PlaceText(absl::StrCat("p", i));
  ASSERT_TRUE(ApplyText(changes).ok());
  for (const char* order : {"", "name", "name desc", "title.text"}) {
    std::vector<std::string> names;
    v1::ListPlacesRequest request;
    request.set_page_size(5);
    request.set_order_by(order);
    do {
      v1::ListPlacesResponse page;
      ASSERT_TRUE(Call(request, &page).ok());
      for (const auto& place : page.places()) names.push_back(place.name());
      request.set_page_token(page.next_page_token());
      // Changes between the pages move nothing.
      ASSERT_TRUE(ApplyText("changes { delete: '" + names.back() + "' }").ok());
      ASSERT_TRUE(ApplyText("changes { undelete: '" + names.back() + "' }").ok());
    } while (!request.page_token().empty());
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 23u) << order;
    EXPECT_EQ(names.size(), 23u) << order;
  }
}

}  // namespace
}  // namespace entente::catalogue
