// SPDX-License-Identifier: Apache-2.0
// Watches of what a filter selects.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using type::v1::WATCH_MESSAGE_KIND_CHECKPOINT;
using type::v1::WATCH_MESSAGE_KIND_CURRENT;

class WatchSelectionTest : public ServiceConformanceTest {
 protected:
  std::string Selecting(const std::string& filter) {
    return absl::StrCat("selections { type: '", collection().type(), "' filter: '", filter, "' }");
  }
  MessagePtr Titled(const std::string& id, const std::string& title) {
    MessagePtr resource = collection().New(absl::StrCat("title { text: '", title, "' }"));
    SetText(resource.get(), "name", collection().Name(id));
    return resource;
  }
  absl::Status Create(const std::string& id, const std::string& title) {
    return collection().Create(id, *Titled(id, title)).status();
  }
  absl::Status Retitle(const std::string& id, const std::string& title) {
    return collection().Update(*Titled(id, title)).status();
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(WatchSelectionTest);

TEST_P(WatchSelectionTest, ReportsWhatIsSelectedAndWhatIsNoLonger) {
  ASSERT_THAT(Create("in", "Red"), IsOk());
  ASSERT_THAT(Create("out", "Blue"), IsOk());
  const auto watch =
      client().Watch(absl::StrCat("include_current: true ", Selecting("title.text = \"Red\"")));
  auto event = watch->NextChange();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, WATCH_MESSAGE_KIND_CURRENT);
  EXPECT_THAT(event->names(), ElementsAre(collection().Name("in")));

  ASSERT_THAT(Retitle("out", "Green"), IsOk());      // Not selected before or after.
  ASSERT_THAT(collection().Delete("out"), IsOk());   // Nor this.
  ASSERT_THAT(Create("new", "Red"), IsOk());         // Comes in.
  ASSERT_THAT(Retitle("in", "Blue"), IsOk());        // Leaves.
  ASSERT_THAT(Retitle("in", "Green"), IsOk());       // Has left.
  ASSERT_THAT(Retitle("in", "Red"), IsOk());         // Comes back.
  ASSERT_THAT(collection().Delete("in"), IsOk());    // Is deleted.
  ASSERT_THAT(collection().Undelete("in"), IsOk());  // Is there again.
  const auto next = [&] {
    auto change = watch->NextChange();
    EXPECT_TRUE(change.has_value());
    return change.value_or(WatchEvent{});
  };
  EXPECT_THAT(next().names(), ElementsAre(collection().Name("new")));
  const WatchEvent left = next();
  EXPECT_THAT(left.names(), IsEmpty());
  EXPECT_THAT(left.left, ElementsAre(collection().Name("in")));
  const WatchEvent back = next();
  EXPECT_THAT(back.names(), ElementsAre(collection().Name("in")));
  EXPECT_EQ(back.revision, left.revision + 2);
  const WatchEvent deleted = next();
  ASSERT_THAT(deleted.resources, SizeIs(1));
  EXPECT_TRUE(Has(*deleted.resources[0], "delete_time"));
  EXPECT_THAT(deleted.left, IsEmpty());
  const WatchEvent there = next();
  ASSERT_THAT(there.resources, SizeIs(1));
  EXPECT_FALSE(Has(*there.resources[0], "delete_time"));
}

TEST_P(WatchSelectionTest, CheckpointsPassOverWhatIsNotSelectedAndARestartResumes) {
  ASSERT_THAT(Create("a", "Blue"), IsOk());
  std::string token;
  {
    const auto watch = client().Watch(
        absl::StrCat("checkpoint_interval_ms: 100 ", Selecting("title.text = \"Red\"")));
    ASSERT_THAT(Retitle("a", "Green"), IsOk());
    const int64_t now = revision();
    auto event = watch->Next();
    while (event.has_value() && event->revision < now) event = watch->Next();
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->kind, WATCH_MESSAGE_KIND_CHECKPOINT);
    token = event->resume_token;
  }
  ASSERT_THAT(Retitle("a", "Red"), IsOk());
  ASSERT_THAT(Retitle("a", "Blue"), IsOk());
  ASSERT_THAT(servers().Restart(), IsOk());
  const auto watch = client().Watch(
      absl::StrCat("resume_token: '", token, "' ", Selecting("title.text = \"Red\"")));
  auto event = watch->NextChange();
  ASSERT_TRUE(event.has_value());
  EXPECT_THAT(event->names(), ElementsAre(collection().Name("a")));
  event = watch->NextChange();
  ASSERT_TRUE(event.has_value());
  EXPECT_THAT(event->left, ElementsAre(collection().Name("a")));
}

TEST_P(WatchSelectionTest, ManyOfOneRevisionComeInSeveralMessagesOfThoseSelected) {
  const auto watch =
      client().Watch(absl::StrCat("include_current: true ", Selecting("title.text = \"Red\"")));
  ASSERT_TRUE(watch->Next().has_value());
  std::vector<std::string> changes;
  for (int i = 0; i < 1500; ++i) {
    const std::string id = absl::StrCat("m", 1000 + i);
    changes.push_back(collection().Put(id, *Titled(id, i % 2 == 0 ? "Red" : "Blue")));
  }
  ASSERT_THAT(collection().Apply(changes), IsOk());
  size_t seen = 0;
  int messages = 0;
  std::string token;
  do {
    const auto event = watch->NextChange();
    ASSERT_TRUE(event.has_value());
    ++messages;
    seen += event->resources.size();
    token = event->resume_token;
  } while (token.empty());
  EXPECT_EQ(seen, 750);
  EXPECT_GE(messages, 2);
}

TEST_P(WatchSelectionTest, RefusesWhatMakesNoSense) {
  const auto ended = [&](const std::string& request) {
    const auto watch = client().Watch(request);
    EXPECT_FALSE(watch->Next().has_value());
    return watch->Finish();
  };
  EXPECT_THAT(ended("selections { }"), Refuses("selections[0].type", HasSubstr("for example")));
  EXPECT_THAT(ended("selections { type: 'entente.dev/Nothing' }"),
              Refuses("selections[0].type", _));
  EXPECT_THAT(ended(absl::StrCat(Selecting(""), Selecting(""))),
              Refuses("selections[1].type", HasSubstr("OR")));
  EXPECT_THAT(ended(Selecting("no_such_field = 1")), Refuses("selections[0].filter", _));
}

}  // namespace
}  // namespace entente::conformance
