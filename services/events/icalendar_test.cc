// SPDX-License-Identifier: Apache-2.0
#include "services/events/icalendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace entente::events {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The content lines of a calendar, unfolded; fails the test where a line is too long, ends in
// something else than CRLF, holds a control character or breaks a character of UTF-8.
std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::vector<std::string> folded = absl::StrSplit(text, "\r\n");
  EXPECT_EQ(folded.back(), "");
  folded.pop_back();
  for (const std::string& line : folded) {
    EXPECT_LE(line.size(), 75u) << line;
    for (const char c : line) {
      const auto byte = static_cast<unsigned char>(c);
      EXPECT_TRUE(byte >= 0x20 && byte != 0x7F) << static_cast<int>(byte);
    }
    const bool is_more = !line.empty() && line[0] == ' ';
    const size_t begin = is_more ? 1 : 0;
    // libical may fold at the very end, before nothing.
    EXPECT_TRUE(line.size() == begin || (static_cast<unsigned char>(line[begin]) & 0xC0) != 0x80)
        << "a character is cut: " << line;
    if (is_more) {
      lines.back() += line.substr(1);
    } else {
      lines.push_back(line);
    }
  }
  return lines;
}

// What a TEXT value says (RFC 5545, 3.3.11).
std::string Unescape(const std::string& value) {
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) {
      ++i;
      text += value[i] == 'n' || value[i] == 'N' ? '\n' : value[i];
    } else {
      EXPECT_NE(value[i], ';');
      EXPECT_NE(value[i], ',');
      text += value[i];
    }
  }
  return text;
}

TEST(ICalendarTest, AnEmptyCalendar) {
  CalendarText calendar;
  const size_t size = calendar.size();
  const std::string text = calendar.Finish();
  EXPECT_EQ(text.size(), size);
  EXPECT_EQ(text,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Entente//Entente//EN\r\n"
            "END:VCALENDAR\r\n");
}

TEST(ICalendarTest, AnEvent) {
  CalendarEntry entry(CalendarEntry::Kind::kEvent);
  entry.SetUid("a.events@entente.dev");
  entry.SetDays({absl::CivilDay(2023, 12, 30), absl::CivilDay(2023, 12, 31)});
  entry.SetStatus(CalendarEntry::Status::kTentative);
  entry.SetStamps(absl::FromUnixSeconds(0), absl::FromUnixSeconds(1'700'000'000));
  entry.SetSequence(int64_t{1} << 40);
  entry.SetExtension("X-ENTENTE-EDTF", "[2021,2023-08]");
  entry.SetRelatedTo("b.events@entente.dev");
  const std::string text = entry.ToString();
  LinesOf(text);
  EXPECT_EQ(text,
            "BEGIN:VEVENT\r\nUID:a.events@entente.dev\r\nDTSTART;VALUE=DATE:20231230\r\n"
            "DTEND;VALUE=DATE:20240101\r\nSTATUS:TENTATIVE\r\nDTSTAMP:20231114T221320Z\r\n"
            "CREATED:19700101T000000Z\r\nLAST-MODIFIED:20231114T221320Z\r\n"
            "SEQUENCE:2147483647\r\nX-ENTENTE-EDTF:[2021,2023-08]\r\n"
            "RELATED-TO;RELTYPE=SIBLING:b.events@entente.dev\r\nEND:VEVENT\r\n");
}

TEST(ICalendarTest, TextsAreCleaned) {
  EXPECT_EQ(CleanText("a\r\nb\rc\nd\te\x01\x7F"
                      "f"),
            "a\nb\nc\nd e\xEF\xBF\xBD\xEF\xBF\xBD"
            "f");
  EXPECT_EQ(CleanText(absl::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(CleanText("caf\xC3\xA9 \xF0\x9F\x98\x80"), "caf\xC3\xA9 \xF0\x9F\x98\x80");
}

TEST(ICalendarTest, NoTextBreaksOut) {
  const std::string attack =
      "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:a@b.c\nDTSTART;VALUE=DATE:20230101";
  CalendarEntry entry(CalendarEntry::Kind::kEvent);
  entry.SetSummary(attack);
  entry.SetDescription(attack);
  entry.SetLocation(attack);
  entry.SetUrl("https://a.example/\r\nATTENDEE:mailto:a@b.c");
  const auto lines = LinesOf(entry.ToString());
  ASSERT_EQ(lines.size(), 5u);  // No URL.
  EXPECT_EQ(lines[0], "BEGIN:VEVENT");
  EXPECT_THAT(lines[1], AllOf(StartsWith("SUMMARY:x\\nEND:VEVENT"), EndsWith("20230101")));
  EXPECT_THAT(lines[2], StartsWith("DESCRIPTION:x\\nEND:VEVENT"));
  EXPECT_THAT(lines[3], StartsWith("LOCATION:x\\nEND:VEVENT"));
  EXPECT_EQ(lines[4], "END:VEVENT");
}

TEST(ICalendarTest, AUriIsOneOrLeftOut) {
  EXPECT_TRUE(IsCalendarUri("https://example.org/a?b=c,d;e#f"));
  EXPECT_TRUE(IsCalendarUri("urn:isbn:1"));
  for (const char* no :
       {"", "example", ":x", "1a:b", "https://a b", "https://caf\xC3\xA9", "https://a\nb"}) {
    EXPECT_FALSE(IsCalendarUri(no)) << no;
  }
}

// Whatever a text holds, folding and escaping give it back, cleaned.
TEST(ICalendarTest, EveryTextComesBack) {
  const std::vector<std::string> pieces = {"a",
                                           "b c",
                                           ";",
                                           ",",
                                           "\\",
                                           "\\n",
                                           "\n",
                                           "\r\n",
                                           "\t",
                                           ":",
                                           "\"",
                                           "\xC3\xA9",
                                           "\xE2\x80\x99",
                                           "\xF0\x9F\x98\x80",
                                           "\x01",
                                           "END:VEVENT",
                                           std::string(80, 'x')};
  std::mt19937 random(5545);
  for (int round = 0; round < 300; ++round) {
    std::string text = "t";
    for (auto n = random() % 60; n > 0; --n) text += pieces[random() % pieces.size()];
    CalendarEntry entry(CalendarEntry::Kind::kNote);
    entry.SetDescription(text);
    const auto lines = LinesOf(entry.ToString());
    ASSERT_EQ(lines.size(), 3u);
    ASSERT_EQ(lines[0], "BEGIN:VJOURNAL");
    ASSERT_THAT(lines[1], StartsWith("DESCRIPTION:"));
    ASSERT_EQ(Unescape(lines[1].substr(12)), CleanText(text));
  }
}

TEST(ICalendarTest, ALongTextComesBackWhole) {
  std::string text;
  while (text.size() < 100'000) text += "line; of, text \xF0\x9F\x98\x80\n";
  CalendarEntry entry(CalendarEntry::Kind::kEvent);
  entry.SetDescription(text);
  const auto lines = LinesOf(entry.ToString());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(Unescape(lines[1].substr(12)), text);
}

}  // namespace
}  // namespace entente::events
