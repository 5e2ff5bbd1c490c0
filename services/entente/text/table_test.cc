// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/entente/text/csv.h"
#include "services/entente/text/display_width.h"

namespace entente::text {
namespace {

Table Places() {
  Table table({{.heading = "NAME"},
               {.heading = "PEOPLE", .right = true},
               {.heading = "TITLE", .shrinks = true}});
  table.Add({"places/laos", "7,500,000", "Lao People's Democratic Republic"});
  table.Add({"places/vietnam", "98,000,000", "Việt Nam"});
  table.Add({"places/tokyo", "", "東京"});
  return table;
}

TEST(TableTest, InFullWhereThereIsNoWidth) {
  EXPECT_EQ(Places().ToText({}),
            "NAME                PEOPLE  TITLE\n"
            "places/laos      7,500,000  Lao People's Democratic Republic\n"
            "places/vietnam  98,000,000  Việt Nam\n"
            "places/tokyo                東京\n");
}

TEST(TableTest, ShrinksToATerminal) {
  EXPECT_EQ(Places().ToText({.width = 40}, 1),
            " NAME                PEOPLE  TITLE\n"
            " places/laos      7,500,000  Lao People…\n"
            " places/vietnam  98,000,000  Việt Nam\n"
            " places/tokyo                東京\n");
  // Not below what says anything, and never what does not shrink.
  EXPECT_EQ(Places().ToText({.width = 10}),
            "NAME                PEOPLE  TITLE\n"
            "places/laos      7,500,000  Lao Peo…\n"
            "places/vietnam  98,000,000  Việt Nam\n"
            "places/tokyo                東京\n");
}

TEST(TableTest, TheWidestGivesWayFirst) {
  Table table({{.heading = "A", .shrinks = true}, {.heading = "B", .shrinks = true}});
  table.Add({std::string(30, 'a'), std::string(12, 'b')});
  EXPECT_EQ(table.ToText({.width = 30}),
            absl::StrCat("A", std::string(17, ' '), "B\n", std::string(15, 'a'), "…  ",
                         std::string(12, 'b'), "\n"));
}

TEST(TableTest, ColourIsInHeadingsAndOnlyIfWanted) {
  const std::string text = Places().ToText({.colour = true});
  EXPECT_THAT(text, testing::StartsWith("\x1B[1mNAME                PEOPLE  TITLE\x1B[0m\n"));
  EXPECT_EQ(Places().ToText({}).find('\x1B'), std::string::npos);
  const Style plain;
  EXPECT_EQ(plain.Strong("a") + plain.Faint("b") + plain.Highlight("c") + plain.Alarm("d"), "abcd");
}

TEST(TableTest, CellsDoNothingToATerminal) {
  Table table({{.heading = "TITLE"}});
  table.Add({"\x1B]0;gone\x07two\nlines"});
  EXPECT_EQ(table.ToText({}), "TITLE\n\uFFFD]0;gone\uFFFDtwo lines\n");
}

TEST(TableTest, WithoutRowsItHasItsHeadings) {
  const Table table({{.heading = "A"}, {.heading = "B"}});
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.ToText({}), "A  B\n");
  EXPECT_EQ(table.ToCsv(), "a,b\r\n");
}

TEST(TableTest, ColumnsThatSayNothingCanBeLeftOut) {
  Table table({{.heading = "A"}, {.heading = "NOTE", .if_any = true}, {.heading = "B"}});
  EXPECT_EQ(table.ToText({}), "A  B\n");
  table.Add({"1", "", "2"});
  EXPECT_EQ(table.ToText({}), "A  B\n1  2\n");
  EXPECT_EQ(table.ToCsv(), "a,note,b\r\n1,,2\r\n");
  table.Add({"", "said", ""});
  EXPECT_EQ(table.ToText({}), "A  NOTE  B\n1        2\n   said\n");
}

// What a reader of RFC 4180 gets back is what was put in.
TEST(TableTest, CsvComesBack) {
  std::mt19937 random(4180);
  const std::string letters = "ab,\"' ;\xC3\xA9";
  for (int round = 0; round < 500; ++round) {
    Table table({{.heading = "FIRST"}, {.heading = "SECOND"}});
    std::vector<std::vector<std::string>> rows = {{"first", "second"}};
    for (size_t i = 0; i < 1 + random() % 4; ++i) {
      std::vector<std::string> cells;
      for (int column = 0; column < 2; ++column) {
        std::string cell = "x";  // The reader strips spaces around.
        for (size_t k = 0; k < random() % 6; ++k) {
          const size_t at = random() % 8;
          cell += at == 7 ? letters.substr(7) : letters.substr(at, 1);
        }
        cells.push_back(cell + "x");
      }
      rows.push_back(cells);
      table.Add(cells);
    }
    const std::string csv = table.ToCsv();
    CsvReader reader(csv);
    CsvRow row;
    for (const auto& expected : rows) {
      ASSERT_TRUE(reader.Next(&row)) << csv;
      ASSERT_EQ(row.fault, "");
      std::vector<std::string> fields;
      for (const CsvField& field : row.fields) fields.push_back(field.text);
      EXPECT_EQ(fields, expected) << csv;
    }
    EXPECT_FALSE(reader.Next(&row));
  }
}

}  // namespace
}  // namespace entente::text
