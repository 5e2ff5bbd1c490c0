// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/errors.h"
#include "services/entente/record/record_test_util.h"

namespace entente {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RecordTest : public testing::Test {
 protected:
  RecordDirectory Read() {
    auto record = RecordDirectory::Read(directory_.path(), &faults_);
    EXPECT_TRUE(record.ok()) << record.status();
    return *std::move(record);
  }

  RecordFiles directory_;
  std::vector<Fault> faults_;
};

TEST_F(RecordTest, NoDirectoryAndAnEmptyOneAreNotFound) {
  EXPECT_EQ(RecordDirectory::Read(directory_.path() + "/none", &faults_).status().code(),
            absl::StatusCode::kNotFound);
  directory_.Write("notes.txt", "no record");
  EXPECT_EQ(RecordDirectory::Read(directory_.path(), &faults_).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(RecordTest, ResourcesComeInTheOrderOfFilesAndGoToTheirServices) {
  directory_.Write("b.textproto", "claims { name: 'claims/b' } places { name: 'places/b' }");
  directory_.Write("a.textproto",
                   "events { name: 'events/a' } places { name: 'places/a2' } places { name: "
                   "'places/a1' } claims { name: 'claims/a' }");
  directory_.Write("empty.textproto", "# nothing\n");
  const RecordDirectory record = Read();
  EXPECT_THAT(faults_, IsEmpty());
  std::vector<std::string> names;
  const auto catalogue = record.CatalogueChanges();
  for (const auto& change : catalogue.changes()) {
    names.push_back(change.put().place().name());
  }
  EXPECT_THAT(names, ElementsAre("places/a2", "places/a1", "places/b"));
  const auto funding = record.FundingChanges();
  ASSERT_EQ(funding.changes_size(), 2);
  EXPECT_EQ(funding.changes(1).put().claim().name(), "claims/b");
  EXPECT_EQ(record.EventsChanges().changes_size(), 1);
}

TEST_F(RecordTest, FaultsOfTheFormatHaveTheirPlaces) {
  directory_.Write("a.textproto", "places {\n  name: 'places/a'\n  colour: 'red'\n}\n");
  directory_.Write("b.textproto", "places { name: 'places/b' }\n");
  directory_.Write("c.textproto", "events {\n  kind: EVENT_KIND_PARTY\n}\n");
  directory_.Write("d.textproto", "claims {");
  const RecordDirectory record = Read();
  std::vector<std::string> places;
  for (const Fault& fault : faults_) {
    EXPECT_FALSE(fault.text.empty());
    places.push_back(fault.ToString().substr(0, fault.ToString().find(": ")));
  }
  EXPECT_THAT(
      places,
      ElementsAre(directory_.path() + "/a.textproto:3:9",
                  // The parser is past an enumerator by the time it knows it is none.
                  directory_.path() + "/c.textproto:3:1", directory_.path() + "/d.textproto:1:9"));
  EXPECT_THAT(faults_[0].ToString(), HasSubstr("colour"));
  EXPECT_EQ(record.CatalogueChanges().changes_size(), 1) << "what is in the format is there";
}

TEST_F(RecordTest, ViolationsAreFoundInTheFiles) {
  directory_.Write("a.textproto",
                   "places {\n"
                   "  name: 'places/a'\n"
                   "}\n"
                   "claims {\n"
                   "  name: 'claims/a'\n"
                   "  parties {\n"
                   "    organisation: 'organisations/o'\n"
                   "  }\n"
                   "  parties {\n"
                   "    role: PARTY_ROLE_LEAD\n"
                   "    note { text: 'x' language_code: '!' }\n"
                   "  }\n"
                   "}\n");
  directory_.Write("b.textproto", "\n\n   claims { name: 'claims/b' }\n");
  const RecordDirectory record = Read();
  Violations violations;
  violations.Add("changes[0].put.claim.parties[1].note.language_code", "is none");
  violations.Add("changes[0].put.claim.parties[0].role", "is required");
  violations.Add("changes[0].put.claim.amount", "is required");
  violations.Add("changes[1].put.claim.name", "is taken");
  violations.Add("changes[1]", "stands twice");
  violations.Add("changes[99].put.claim.name", "is not of this record");
  violations.Add("request_id", "is too long");
  std::vector<std::string> texts;
  for (Fault fault : record.FaultsOf(violations.ToStatus(), record.FundingChanges())) {
    if (!fault.file.empty()) fault.file = fault.file.substr(directory_.path().size() + 1);
    texts.push_back(fault.ToString());
  }
  EXPECT_THAT(
      texts,
      ElementsAre("a.textproto:11:22: claims/a: parties[1].note.language_code: is none",
                  // What is missing is where it would stand.
                  "a.textproto:6:3: claims/a: parties[0].role: is required",
                  "a.textproto:4:1: claims/a: amount: is required",
                  "b.textproto:3:13: claims/b: name: is taken",
                  "b.textproto:3:4: claims/b: stands twice",
                  "changes[99].put.claim.name: is not of this record", "request_id: is too long"));
}

TEST_F(RecordTest, AnErrorThatIsNotAboutAFieldIsOneFault) {
  directory_.Write("a.textproto", "places { name: 'places/a' }");
  const RecordDirectory record = Read();
  const auto faults =
      record.FaultsOf(absl::UnavailableError("it is gone"), record.CatalogueChanges());
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(faults[0].ToString(), "it is gone");
}

TEST_F(RecordTest, EveryMessageOfTheListsHasItsPlace) {
  directory_.Write("a.textproto",
                   "uncited { reason: 'x' }\n"
                   "places { name: 'places/a'\n  citations { }\n  citations {\n    span { } } }\n");
  const RecordDirectory record = Read();
  const auto all = record.All();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(RecordDirectory::FaultAt(all[0], "citations[1].span", "is odd").ToString(),
              testing::EndsWith("a.textproto:5:5: places/a: citations[1].span: is odd"));
  EXPECT_THAT(RecordDirectory::FaultAt(all[1], "", "is odd").ToString(),
              testing::EndsWith("a.textproto:1:1: uncited: is odd"));
  EXPECT_EQ(record.CatalogueChanges().changes_size(), 1) << "a reason is nothing to load";
}

TEST_F(RecordTest, WhatIsWrittenAsAListHasItsPlaces) {
  directory_.Write("a.textproto",
                   "places {\n  name: 'places/a'\n  citations: [\n    { span { end: 1 } },\n"
                   "    { span { end: 2 } }\n  ]\n}\n");
  const RecordDirectory record = Read();
  EXPECT_THAT(RecordDirectory::FaultAt(record.All()[0], "citations[1].span.end", "x").ToString(),
              testing::EndsWith("a.textproto:5:14: places/a: citations[1].span.end: x"));
  EXPECT_THAT(RecordDirectory::FaultAt(record.All()[0], "citations[2].span.end", "x").ToString(),
              testing::EndsWith("a.textproto:1:1: places/a: citations[2].span.end: x"));
}

TEST_F(RecordTest, StaysValidWhenMoved) {
  directory_.Write("a.textproto", "\nplaces { name: 'places/a' }");
  auto first = std::make_unique<RecordDirectory>(Read());
  const RecordDirectory second = std::move(*first);
  first.reset();
  Violations violations;
  violations.Add("changes[0].put.place.name", "x");
  const auto faults = second.FaultsOf(violations.ToStatus(), second.CatalogueChanges());
  EXPECT_EQ(faults.at(0).line, 2);
}

TEST(FaultTest, SaysWhere) {
  EXPECT_EQ((Fault{"f", 3, 4, "x"}).ToString(), "f:3:4: x");
  EXPECT_EQ((Fault{"f", 0, 0, "x"}).ToString(), "f: x");
  EXPECT_EQ((Fault{"", 0, 0, "x"}).ToString(), "x");
}

}  // namespace
}  // namespace entente
