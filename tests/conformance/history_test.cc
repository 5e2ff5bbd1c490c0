// SPDX-License-Identifier: Apache-2.0
// Reads as of a time; who made a revision, when, why and what it did.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

using absl::StatusCode;
using type::v1::ListRevisionsResponse;

constexpr int kRetained = 5;

std::string InText(const google::protobuf::Timestamp& time) {
  return absl::StrCat("{ seconds: ", time.seconds(), " nanos: ", time.nanos(), " }");
}

google::protobuf::Timestamp Shifted(google::protobuf::Timestamp time, int nanos) {
  int64_t sum = time.nanos() + nanos;
  time.set_seconds(time.seconds() + (sum < 0 ? -1 : 0));
  time.set_nanos(static_cast<int32_t>(sum < 0 ? sum + 1'000'000'000 : sum));
  return time;
}

class HistoryTest : public ServiceConformanceTest {
 protected:
  HistoryTest() : ServiceConformanceTest({.store = {.retained_revisions = kRetained}}) {}

  absl::StatusOr<ListRevisionsResponse> Revisions(const std::string& request = "") {
    return client().Call<ListRevisionsResponse>("ListRevisions", request);
  }
  // The last revision.
  type::v1::Revision Last() {
    const auto listed = Revisions("page_size: 1");
    EXPECT_THAT(listed, IsOk());
    return listed.ok() && listed->revisions_size() > 0 ? listed->revisions(0)
                                                       : type::v1::Revision();
  }
  // A title for an update.
  MessagePtr Titled(const std::string& id, const std::string& title) {
    MessagePtr resource = collection().New(absl::StrCat("title { text: '", title, "' }"));
    SetText(resource.get(), "name", collection().Name(id));
    return resource;
  }
};
INSTANTIATE_SERVICE_CONFORMANCE(HistoryTest);

TEST_P(HistoryTest, ReadsAsOfATime) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto before = collection().Get("a");
  ASSERT_THAT(before, IsOk());
  const auto then = Last().commit_time();
  ASSERT_THAT(collection().Create("b"), IsOk());
  ASSERT_THAT(collection().Delete("a"), IsOk());

  const std::string at = absl::StrCat("read_time ", InText(then));
  EXPECT_THAT(collection().Get("a", at), IsOkAndHolds(Pointee(EqualsProto(**before))));
  EXPECT_THAT(collection().Get("b", at), StatusIs(StatusCode::kNotFound));
  const auto listed = collection().List(at);
  ASSERT_THAT(listed, IsOk());
  EXPECT_THAT(collection().NamesIn(**listed), ElementsAre(collection().Name("a")));
  EXPECT_THAT(collection().BatchGet({"a"}, at), IsOk());
  // The last moment before, when it was not there.
  EXPECT_THAT(collection().Get("a", absl::StrCat("read_time ", InText(Shifted(then, -1)))),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(collection().Get("a", absl::StrCat("read_time ", InText(Shifted(then, 999)))),
              IsOk());
  // Before there was anything.
  const auto early = collection().List("read_time { seconds: 1 }");
  ASSERT_THAT(early, IsOk());
  EXPECT_THAT(collection().NamesIn(**early), IsEmpty());
  EXPECT_EQ(Int(**early, "revision"), 0);
}

TEST_P(HistoryTest, ATimeToComeIsOutOfRangeAndOneOfTwoIsEnough) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const std::string future = "read_time { seconds: 4102444800 }";
  const auto refused = AllOf(Fails(StatusCode::kOutOfRange, "READ_TIME_IN_FUTURE"),
                             HasMetadata("asked", "2100-01-01T00:00:00+00:00"));
  EXPECT_THAT(collection().Get("a", future), refused);
  EXPECT_THAT(collection().List(future), refused);
  EXPECT_THAT(collection().BatchGet({"a"}, future), refused);
  EXPECT_THAT(Revisions(future), refused);
  for (const char* extreme : {"read_time { seconds: 9223372036854775807 }",
                              "read_time { seconds: -9223372036854775808 }"}) {
    EXPECT_THAT(collection().List(extreme),
                testing::AnyOf(refused, IsOk(), StatusIs(StatusCode::kOutOfRange)));
  }
  EXPECT_THAT(collection().Get("a", "revision: 1 read_time { seconds: 1 }"),
              Refuses("read_time", HasSubstr("in place of `revision`")));
}

TEST_P(HistoryTest, ATimeThatIsNoLongerReadableSaysWhatIs) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  const auto then = Last();
  for (int i = 0; i < kRetained; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("x", i)), IsOk());
  }
  EXPECT_THAT(collection().Get("a", absl::StrCat("read_time ", InText(then.commit_time()))),
              AllOf(Fails(StatusCode::kFailedPrecondition, "REVISION_NOT_RETAINED"),
                    HasMetadata("asked", absl::StrCat(then.revision())),
                    HasMetadata("oldest", absl::StrCat(revision() - kRetained + 1))));
}

TEST_P(HistoryTest, TellsWhoWhenWhyAndWhat) {
  const std::string because =
      "reason { author: 'Desk' note: 'As announced.' source: 'https://example.org/a' }";
  ASSERT_THAT(collection().Create("a", because), IsOk());
  auto last = Last();
  EXPECT_EQ(last.revision(), revision());
  EXPECT_EQ(last.reason().author(), "Desk");
  EXPECT_EQ(last.reason().note(), "As announced.");
  EXPECT_EQ(last.reason().source(), "https://example.org/a");
  EXPECT_TRUE(last.readable());
  EXPECT_EQ(last.change_count(), 1);
  ASSERT_THAT(last.changes(), SizeIs(1));
  EXPECT_EQ(last.changes(0).name(), collection().Name("a"));
  EXPECT_EQ(last.changes(0).outcome(), type::v1::CHANGE_OUTCOME_CREATED);

  ASSERT_THAT(collection().Update(*Titled("a", "New"), "reason { note: 'Renamed.' }"), IsOk());
  last = Last();
  EXPECT_EQ(last.reason().note(), "Renamed.");
  EXPECT_EQ(last.changes(0).outcome(), type::v1::CHANGE_OUTCOME_UPDATED);
  ASSERT_THAT(collection().Delete("a", "reason { note: 'Gone.' }"), IsOk());
  EXPECT_EQ(Last().reason().note(), "Gone.");
  EXPECT_EQ(Last().changes(0).outcome(), type::v1::CHANGE_OUTCOME_DELETED);
  ASSERT_THAT(collection().Undelete("a", "reason { note: 'Back.' }"), IsOk());
  EXPECT_EQ(Last().reason().note(), "Back.");
  EXPECT_EQ(Last().changes(0).outcome(), type::v1::CHANGE_OUTCOME_UNDELETED);
  ASSERT_THAT(collection().Apply({collection().Put("b", *collection().New()),
                                  absl::StrCat("delete: '", collection().Name("a"), "'")},
                                 "reason { note: 'Both.' }"),
              IsOk());
  last = Last();
  EXPECT_EQ(last.reason().note(), "Both.");
  EXPECT_EQ(last.change_count(), 2);
  ASSERT_THAT(last.changes(), SizeIs(2));
  EXPECT_EQ(last.changes(0).outcome(), type::v1::CHANGE_OUTCOME_CREATED);
  EXPECT_EQ(last.changes(1).outcome(), type::v1::CHANGE_OUTCOME_DELETED);
  ASSERT_THAT(collection().Create("c"), IsOk());
  EXPECT_FALSE(Last().has_reason());
  // What changes nothing has no revision, and so no reason.
  ASSERT_THAT(collection().Update(*Titled("c", "New"), "reason { note: 'Once.' }"), IsOk());
  ASSERT_THAT(collection().Update(*Titled("c", "New"), "reason { note: 'Twice.' }"), IsOk());
  EXPECT_EQ(Last().reason().note(), "Once.");
}

TEST_P(HistoryTest, ListsTheRevisionsOfAResourceAlsoThoseThatCannotBeRead) {
  ASSERT_THAT(collection().Create("a", "reason { note: '0' }"), IsOk());
  const int64_t first = revision();
  for (int i = 1; i < 2 * kRetained; ++i) {
    ASSERT_THAT(collection().Create(absl::StrCat("other-", i)), IsOk());
    ASSERT_THAT(collection().Update(*Titled("a", absl::StrCat(i)),
                                    absl::StrCat("reason { note: '", i, "' }")),
                IsOk());
  }
  for (const bool restarted : {false, true}) {
    if (restarted) {
      ASSERT_THAT(servers().Restart(), IsOk());
    }
    std::vector<std::string> notes;
    std::string token;
    int pages = 0;
    do {
      const auto page = Revisions(absl::StrCat("resource: '", collection().Name("a"),
                                               "' page_size: 3 page_token: '", token, "'"));
      ASSERT_THAT(page, IsOk());
      EXPECT_LE(page->revisions_size(), 3);
      EXPECT_EQ(page->oldest_readable(), revision() - kRetained + 1);
      for (const auto& one : page->revisions()) {
        notes.push_back(one.reason().note());
        EXPECT_EQ(one.readable(), one.revision() >= page->oldest_readable());
        ASSERT_THAT(one.changes(), SizeIs(1));
        EXPECT_EQ(one.changes(0).name(), collection().Name("a"));
        EXPECT_EQ(one.changes(0).outcome(), one.revision() == first
                                                ? type::v1::CHANGE_OUTCOME_CREATED
                                                : type::v1::CHANGE_OUTCOME_UPDATED);
      }
      token = page->next_page_token();
      ++pages;
    } while (!token.empty() && pages < 20);
    EXPECT_THAT(notes, ElementsAre("9", "8", "7", "6", "5", "4", "3", "2", "1", "0"));
    EXPECT_EQ(pages, 4);
    // Up to a revision, and up to a time.
    const auto upto =
        Revisions(absl::StrCat("resource: '", collection().Name("a"), "' revision: ", first + 1));
    ASSERT_THAT(upto, IsOk());
    ASSERT_THAT(upto->revisions(), SizeIs(1));
    EXPECT_EQ(upto->revisions(0).revision(), first);
    const auto until =
        Revisions(absl::StrCat("read_time ", InText(upto->revisions(0).commit_time())));
    ASSERT_THAT(until, IsOk());
    ASSERT_GT(until->revisions_size(), 0);
    EXPECT_EQ(until->revisions(0).revision(), first);
    const auto never = Revisions("read_time { seconds: 1 }");
    ASSERT_THAT(never, IsOk());
    EXPECT_THAT(never->revisions(), IsEmpty());
  }
}

TEST_P(HistoryTest, AllRevisionsNewestFirstWithoutAGap) {
  std::vector<std::string> changes;
  for (int i = 0; i < 150; ++i) {
    changes.push_back(collection().Put(absl::StrCat("m", i), *collection().New()));
  }
  ASSERT_THAT(collection().Apply(changes), IsOk());
  int64_t next = revision();
  const auto large = Revisions("page_size: 1");
  ASSERT_THAT(large, IsOk());
  EXPECT_EQ(large->revisions(0).change_count(), 150);
  EXPECT_THAT(large->revisions(0).changes(), SizeIs(100));
  // What is asked for is found among those that are not listed.
  const auto one = Revisions(absl::StrCat("resource: '", collection().Name("m149"), "'"));
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(one->revisions(0).changes(), SizeIs(1));
  EXPECT_EQ(one->revisions(0).changes(0).name(), collection().Name("m149"));
  std::string token;
  do {
    const auto page = Revisions(absl::StrCat("page_size: 2 page_token: '", token, "'"));
    ASSERT_THAT(page, IsOk());
    for (const auto& revision : page->revisions()) EXPECT_EQ(revision.revision(), next--);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(next, 0);
}

TEST_P(HistoryTest, RefusesWhatMakesNoSense) {
  ASSERT_THAT(collection().Create("a"), IsOk());
  EXPECT_THAT(Revisions("page_size: -1"), Refuses("page_size", _));
  EXPECT_THAT(Revisions("page_token: 'x'"), Refuses("page_token", _));
  EXPECT_THAT(Revisions("revision: -1"), Refuses("revision", _));
  EXPECT_THAT(Revisions("revision: 999"), Fails(StatusCode::kOutOfRange, "REVISION_IN_FUTURE"));
  EXPECT_THAT(Revisions("resource: 'nonsense'"), Refuses("resource", _));
  EXPECT_THAT(Revisions(absl::StrCat("resource: '", collection().Name("none"), "'")),
              Fails(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  const int64_t before = revision();
  const auto with = [&](const std::string& reason) {
    return collection().Create("b", absl::StrCat("reason { ", reason, " }"));
  };
  EXPECT_THAT(with(absl::StrCat("author: '", std::string(201, 'x'), "'")),
              Refuses("reason.author", HasSubstr("200")));
  EXPECT_THAT(with(absl::StrCat("note: '", std::string(2001, 'x'), "'")),
              Refuses("reason.note", HasSubstr("2000")));
  EXPECT_THAT(with("source: 'hearsay'"), Refuses("reason.source", HasSubstr("absolute URI")));
  EXPECT_THAT(with("source: 'documents/none'"),
              Refuses("reason.source", HasSubstr("there is no documents/none")));
  EXPECT_EQ(revision(), before);
}

TEST_P(HistoryTest, AReasonMayNameADocument) {
  ASSERT_THAT(Of<Document>().Create("paper"), IsOk());
  ASSERT_THAT(servers().AwaitFollowers(), IsOk());
  ASSERT_THAT(collection().Create("a", "reason { source: 'documents/paper' }"), IsOk());
  EXPECT_EQ(Last().reason().source(), "documents/paper");
}

}  // namespace
}  // namespace entente::conformance
