// SPDX-License-Identifier: Apache-2.0
#include "common/resource/reply.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/resource/wire_fields.h"
#include "entente/catalogue/v1/catalogue_service.pb.h"

namespace entente::resource {
namespace {

using catalogue::v1::InitiativeTree;
using catalogue::v1::LookupResourcesResponse;
using google::protobuf::util::MessageDifferencer;

const Registry& Types() {
  static const auto* const types = new Registry(
      Registry::Of({catalogue::v1::Initiative::descriptor(), catalogue::v1::Quantity::descriptor()})
          .value());
  return *types;
}

// With something that the BASIC view leaves out.
template <typename T>
Entry EntryOf(const std::string& name) {
  auto message = std::make_shared<T>();
  message->set_name(name);
  message->mutable_title()->set_text("Title of " + name);
  message->add_citations()->set_document("documents/d");
  Entry entry{};
  entry.type = Types().FindByDescriptor(T::descriptor());
  entry.name = message->name();
  entry.wire = std::make_shared<WireForms>(message);
  entry.message = std::move(message);
  return entry;
}

class ReplyTest : public testing::TestWithParam<bool> {
 protected:
  const Entry initiative_ = EntryOf<catalogue::v1::Initiative>("initiatives/i");
  const Entry child_ = EntryOf<catalogue::v1::Initiative>("initiatives/child");
  const Entry quantity_ = EntryOf<catalogue::v1::Quantity>("quantities/q");
};

TEST_P(ReplyTest, InBytesIsWhatItIsInAMessage) {
  const auto answer = [&](Reply* reply) {
    reply->Add("initiative", initiative_, GetParam());
    reply->Add("descendants", child_, GetParam());
    reply->Add("descendants", initiative_, GetParam());
    const size_t bytes = reply->Add("quantities", quantity_, GetParam());
    reply->As<InitiativeTree>()->set_revision(7);
    return bytes;
  };
  InitiativeTree message;
  Reply in_message(&message);
  InitiativeTree rest;
  std::string resources;
  Reply in_bytes(&rest, &resources);
  EXPECT_EQ(answer(&in_message), answer(&in_bytes));
  EXPECT_EQ(message.descendants_size(), 2);
  EXPECT_EQ(message.initiative().citations_size(), GetParam() ? 1 : 0);
  EXPECT_EQ(rest.ShortDebugString(), "revision: 7");
  InitiativeTree together;
  ASSERT_TRUE(together.ParseFromString(resources + rest.SerializeAsString()));
  EXPECT_TRUE(MessageDifferencer::Equals(together, message));
}

TEST_P(ReplyTest, WhatIsInAOneofToo) {
  const auto answer = [&](Reply* reply) {
    reply->Add("resources", initiative_, GetParam());
    reply->Add("resources", quantity_, GetParam());
    reply->As<LookupResourcesResponse>()->add_not_found("places/nowhere");
  };
  LookupResourcesResponse message;
  Reply in_message(&message);
  answer(&in_message);
  LookupResourcesResponse rest;
  std::string resources;
  Reply in_bytes(&rest, &resources);
  answer(&in_bytes);
  LookupResourcesResponse together;
  ASSERT_TRUE(together.ParseFromString(resources + rest.SerializeAsString()));
  EXPECT_TRUE(MessageDifferencer::Equals(together, message));
}

INSTANTIATE_TEST_SUITE_P(BasicAndFull, ReplyTest, testing::Bool());

TEST(TakeApartTest, PartsResourcesFromTheRest) {
  LookupResourcesResponse answer;
  answer.add_resources()->mutable_place()->set_name("places/a");
  answer.add_not_found("places/nowhere");
  answer.add_resources()->mutable_person()->set_name("people/b");
  answer.set_revision(3);
  LookupResourcesResponse rest;
  std::string resources;
  ASSERT_TRUE(TakeApart(answer.SerializeAsString(), &rest, &resources).ok());
  EXPECT_EQ(rest.resources_size(), 0);
  EXPECT_EQ(rest.revision(), 3);
  EXPECT_EQ(rest.not_found_size(), 1);
  LookupResourcesResponse taken;
  ASSERT_TRUE(taken.ParseFromString(resources));
  EXPECT_EQ(taken.resources_size(), 2);
  EXPECT_EQ(taken.revision(), 0);
}

TEST(TakeApartTest, WhatIsCutOffIsNoAnswer) {
  LookupResourcesResponse answer;
  answer.add_resources()->mutable_place()->set_name("places/a");
  const std::string bytes = answer.SerializeAsString();
  for (size_t size = 1; size < bytes.size(); ++size) {
    LookupResourcesResponse rest;
    std::string resources;
    EXPECT_TRUE(absl::IsInternal(TakeApart(bytes.substr(0, size), &rest, &resources))) << size;
  }
}

TEST(WireFieldsTest, EachWithItsPayload) {
  std::string bytes;
  AppendField(1, "one", &bytes);
  AppendField(200, std::string(300, 'x'), &bytes);
  std::vector<std::string> seen;
  EXPECT_TRUE(ForEachField(bytes, [&](const WireField& field) {
    seen.push_back(std::to_string(field.number) + " " + std::to_string(field.payload.size()));
    return true;
  }));
  EXPECT_THAT(seen, testing::ElementsAre("1 3", "200 300"));
  // A group that does not end, a tag of field 0, a length beyond the end.
  for (const char* broken : {"\x0b", "\x02", "\x0a\x05x"}) {
    EXPECT_FALSE(ForEachField(broken, [](const WireField&) { return true; }));
  }
}

}  // namespace
}  // namespace entente::resource
