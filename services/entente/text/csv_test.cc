// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entente {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Texts = std::vector<std::vector<std::string>>;

Texts Rows(absl::string_view text) {
  Texts rows;
  CsvReader reader(text);
  CsvRow row;
  while (reader.Next(&row)) {
    EXPECT_EQ(row.fault, "") << text;
    std::vector<std::string>& texts = rows.emplace_back();
    for (const CsvField& field : row.fields) texts.push_back(field.text);
  }
  return rows;
}

std::string FaultIn(absl::string_view text) {
  CsvReader reader(text);
  CsvRow row;
  EXPECT_TRUE(reader.Next(&row));
  return row.fault;
}

TEST(CsvReaderTest, RowsAndFields) {
  EXPECT_THAT(Rows(""), IsEmpty());
  EXPECT_THAT(Rows("\n\r\n"), IsEmpty());
  EXPECT_EQ(Rows("a,b\nc,d"), (Texts{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(Rows("a,b\r\n\r\nc,d\r\n"), (Texts{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(Rows("a,,b,\n"), (Texts{{"a", "", "b", ""}}));
  EXPECT_EQ(Rows("Date, USD , JPY, \n"), (Texts{{"Date", "USD", "JPY", ""}}));
  EXPECT_EQ(Rows("\xEF\xBB\xBF"
                 "a\n"),
            (Texts{{"a"}}));
}

TEST(CsvReaderTest, Quotes) {
  EXPECT_EQ(Rows("1,\"Congo, the\",x\n"), (Texts{{"1", "Congo, the", "x"}}));
  EXPECT_EQ(Rows("\"a \"\"b\"\"\"\n"), (Texts{{"a \"b\""}}));
  EXPECT_EQ(Rows("\"two\nlines\",\"\"\n"), (Texts{{"two\nlines", ""}}));
  EXPECT_EQ(FaultIn("a,\"b\n"), "a quote is not closed");
  EXPECT_EQ(FaultIn("\"a\"b,c\n"), "text follows the closing quote");
}

TEST(CsvReaderTest, EveryFieldHasItsPlace) {
  CsvReader reader("a, b\n\n\"c\nd\",e\n");
  std::vector<std::string> places;
  CsvRow row;
  while (reader.Next(&row)) {
    for (const CsvField& field : row.fields) {
      places.push_back(absl::StrCat(field.line, ":", field.column));
    }
  }
  EXPECT_THAT(places, ElementsAre("1:1", "1:4", "3:1", "4:4"));
}

}  // namespace
}  // namespace entente
