// SPDX-License-Identifier: Apache-2.0
//
// ExportCalendar of a real server, read by ical.js (read.mjs), which did not write it: every text
// comes back as it was given, cleaned of what no calendar may hold, and every date as it was meant.
// Needs Node.js and ENTENTE_ICAL_JS, the directory of the npm package ical.js; see
// scripts/tools.sh.
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log/sqlite_test_util.h"
#include "common/testing/matchers.h"
#include "common/testing/test_servers.h"
#include "entente/events/v1/events_service.pb.h"
#include "services/events/icalendar.h"

namespace entente {
namespace {

using events::v1::Event;
using test::IsOk;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr int kDidNotRun = 77;

// The properties of an entry, by their names in small letters.
using Entry = std::map<std::string, std::string>;

std::string IcalJs() {
  const char* directory = std::getenv("ENTENTE_ICAL_JS");
  return directory == nullptr ? "" : directory;
}

class CalendarReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(servers_.Start(), IsOk());
    ASSERT_THAT(servers_.catalogue().Send(
                    "CreatePartnership", "partnership_id: 'p' partnership { title { text: 'P' } }"),
                IsOk());
    for (const char* id : {"jakarta", "hanoi"}) {
      ASSERT_THAT(
          servers_.catalogue().Send(
              "CreatePlace", absl::StrCat("place_id: '", id, "' place { title { text: 'In ", id,
                                          "; really' } kind: PLACE_KIND_REGION partnerships: "
                                          "'partnerships/p' }")),
          IsOk());
    }
    ASSERT_THAT(servers_.AwaitFollowers(), IsOk());
  }

  void Add(const std::string& id, const std::string& text) {
    events::v1::CreateEventRequest request;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.mutable_event()));
    if (!request.event().has_title()) request.mutable_event()->mutable_title()->set_text("T");
    Add(id, request.event());
  }
  void Add(const std::string& id, Event event) {
    events::v1::CreateEventRequest request;
    request.set_event_id(id);
    event.set_kind(events::v1::EVENT_KIND_SUMMIT);
    if (event.status() == events::v1::EVENT_STATUS_UNSPECIFIED) {
      event.set_status(events::v1::EVENT_STATUS_HELD);
    }
    event.add_partnerships("partnerships/p");
    *request.mutable_event() = std::move(event);
    ASSERT_THAT(servers_.events().Invoke(request), IsOk());
  }

  // What the reader makes of it, by UID; fails the test if it refuses.
  std::map<std::string, Entry> Read(const std::string& request) {
    const auto answer =
        servers_.events().Call<events::v1::ExportCalendarResponse>("ExportCalendar", request);
    EXPECT_THAT(answer, IsOk());
    std::map<std::string, Entry> by_uid;
    if (!answer.ok()) return by_uid;
    const std::string path = directory_.path() + "/calendar.ics";
    std::ofstream(path, std::ios::binary) << answer->data();
    const char* source = std::getenv("ENTENTE_SOURCE_DIR");
    const std::string command =
        absl::StrCat("node '", source == nullptr ? "." : source, "/tests/calendar/read.mjs' '",
                     IcalJs(), "' '", path, "' 2>&1");
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 65536> buffer{};
    for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      output.append(buffer.data(), n);
    }
    EXPECT_EQ(pclose(pipe), 0) << output;
    google::protobuf::Struct calendar;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(output, &calendar).ok())
        << output.substr(0, 1000);
    EXPECT_EQ(calendar.fields().at("version").string_value(), "2.0");
    for (const auto& value : calendar.fields().at("entries").list_value().values()) {
      Entry entry;
      for (const auto& [name, property] : value.struct_value().fields()) {
        entry[name] = property.string_value();
      }
      EXPECT_TRUE(by_uid.emplace(entry["uid"], entry).second) << "twice: " << entry["uid"];
    }
    return by_uid;
  }

  log::TempDirectory directory_;
  test::TestServers servers_{{.deployment = test::Deployment::kAllInOne}};
};

TEST_F(CalendarReaderTest, HostileTextsComeBack) {
  std::string large;
  while (large.size() < 100'000) large += "Zeile; eins, \\n zwei \xF0\x9F\x98\x80 und \"drei\"\n";
  const std::vector<std::string> texts = {
      "plain",
      "semicolons; commas, colons: \"quotes\" \\ backslashes \\n \\; \\,",
      "two\nlines\r\nand\rmore",
      "a\ttab and \x01 control \x7F characters \x1B[31m",
      "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:y",
      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98"
      "\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F"
      "\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
      "e\xCC\x81 \xE2\x80\x8F\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A \xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2",
      large,
  };
  for (size_t i = 0; i < texts.size(); ++i) {
    Event event;
    event.mutable_title()->set_text(texts[i]);
    event.mutable_description()->set_text(texts[i]);
    event.mutable_date()->set_edtf("2023-09-05");
    Add(absl::StrCat("e", i), std::move(event));
  }
  const auto read = Read("");
  ASSERT_EQ(read.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const Entry& entry = read.at(absl::StrCat("e", i, ".events@entente.dev"));
    EXPECT_EQ(entry.at("component"), "vevent");
    EXPECT_EQ(entry.at("summary"), events::CleanText(texts[i]));
    EXPECT_EQ(entry.at("description").substr(0, events::CleanText(texts[i]).size()),
              events::CleanText(texts[i]));
  }
}

TEST_F(CalendarReaderTest, DatesAreWhatTheyWere) {
  Add("day", "date { edtf: '2024-02-28' } places: 'places/jakarta' places: 'places/hanoi'");
  Add("time", "date { edtf: '2023-09-05T23:30:00-07:00' }");
  Add("days",
      "status: EVENT_STATUS_PLANNED date { edtf: '2023-12-30/2024-01-02' } "
      "held_alongside: 'events/day'");
  Add("month", "date { edtf: '2023-08' } places: 'places/jakarta'");
  Add("uncertain", "date { edtf: '2023-09-05?' }");
  Add("set", "date { edtf: '[2021,2023-08]' }");
  Add("open", "date { edtf: '2023-09-05/..' }");
  Add("undated", "status: EVENT_STATUS_NOT_STATED");
  auto read = Read("uid_domain: 'office.example.org'");
  const auto entry = [&](const std::string& id) {
    return read[absl::StrCat(id, ".events@office.example.org")];
  };
  ASSERT_EQ(read.size(), 8u);
  EXPECT_THAT(entry("day"),
              AllOf(Contains(Pair("component", "vevent")), Contains(Pair("dtstart", "2024-02-28")),
                    Contains(Pair("dtstart is a date", "true")), Contains(Pair("days", "1")),
                    Contains(Pair("dtend", "2024-02-29")), Contains(Pair("status", "CONFIRMED")),
                    Contains(Pair("transp", "TRANSPARENT")),
                    Contains(Pair("location", "In jakarta; really; In hanoi; really")),
                    Contains(Pair("x-entente-name", "events/day"))));
  EXPECT_THAT(entry("time"), Contains(Pair("dtstart", "2023-09-05")));
  EXPECT_THAT(entry("days"),
              AllOf(Contains(Pair("dtstart", "2023-12-30")), Contains(Pair("days", "4")),
                    Contains(Pair("status", "TENTATIVE")),
                    Contains(Pair("related-to", "day.events@office.example.org"))));
  for (const char* id : {"month", "uncertain", "set", "open", "undated"}) {
    EXPECT_THAT(entry(id), AllOf(Contains(Pair("component", "vjournal")),
                                 Not(Contains(Key("dtstart"))), Not(Contains(Key("dtend"))),
                                 Not(Contains(Key("location"))), Not(Contains(Key("transp")))))
        << id;
  }
  EXPECT_THAT(entry("month"),
              AllOf(Contains(Pair("summary", "T (some time in August 2023)")),
                    Contains(Pair("description", HasSubstr("Place: In jakarta; really")))));
  EXPECT_THAT(entry("set"), Contains(Pair("x-entente-edtf", "[2021,2023-08]")));

  read = Read("uid_domain: 'office.example.org' imprecise_dates: IMPRECISE_DATES_WINDOWS");
  // Beside all notes, windows of those that have a first and a last day.
  EXPECT_EQ(read.size(), 11u);
  EXPECT_THAT(read["month.window.events@office.example.org"],
              AllOf(Contains(Pair("component", "vevent")), Contains(Pair("dtstart", "2023-08-01")),
                    Contains(Pair("days", "31")), Contains(Pair("status", "TENTATIVE")),
                    Contains(Pair("summary", "Window: T (some time in August 2023)")),
                    Contains(Pair("x-entente-window", "TRUE"))));
}

TEST_F(CalendarReaderTest, WhatIsDeletedIsCancelledIfAskedFor) {
  Add("a", "date { edtf: '2023-09-05' }");
  Add("b", "");
  for (const char* id : {"a", "b"}) {
    ASSERT_THAT(servers_.events().Send("DeleteEvent", absl::StrCat("name: 'events/", id, "'")),
                IsOk());
  }
  EXPECT_TRUE(Read("").empty());
  auto read = Read("show_deleted: true");
  EXPECT_EQ(read["a.events@entente.dev"]["status"], "CANCELLED");
  EXPECT_EQ(read["b.events@entente.dev"]["status"], "CANCELLED");
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (entente::IcalJs().empty() || std::system("node --version >/dev/null 2>&1") != 0) {
    std::printf(
        "NOT RUN: calendars are not read by another reader; ENTENTE_ICAL_JS does not name "
        "the npm package ical.js (scripts/tools.sh ical.js), or there is no node\n");
    return entente::kDidNotRun;
  }
  return RUN_ALL_TESTS();
}
