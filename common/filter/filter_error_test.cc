// SPDX-License-Identifier: Apache-2.0
// Every mistake is an INVALID_ARGUMENT that says where and what would be right.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/testing/sample_util.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PlainSchema;
using testing::Sample;
using ::testing::StartsWith;

struct Case {
  std::string text;
  int column;
  const char* message;  // a part of it
};

void Check(const std::vector<Case>& cases, const Schema& schema) {
  for (const Case& c : cases) {
    absl::StatusOr<Filter> filter = Filter::Compile(c.text, schema);
    ASSERT_FALSE(filter.ok()) << c.text;
    EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_EQ(ErrorColumn(filter.status()).value_or(-1), c.column) << c.text << "\n"
                                                                   << filter.status();
    const std::string message(filter.status().message());
    EXPECT_THAT(message, StartsWith(absl::StrCat("column ", c.column, ": "))) << c.text;
    EXPECT_THAT(message, HasSubstr(c.message)) << c.text;
  }
}

TEST(FilterErrorTest, Syntax) {
  Check({{"(count = 1", 1, "\"(\" is never closed"},
         {"count = 1 AND (count = 2 OR (count = 3)", 15, "\"(\" is never closed"},
         {"count = 1)", 10, "\")\" has no matching \"(\""},
         {"()", 2, "found \")\""},
         {"count = ", 9, "expected a value after \"=\", found the end"},
         {"count =", 8, "expected a value after \"=\", found the end"},
         {"count = AND big = 1", 9, "expected a value after \"=\", found AND"},
         {"count == 1", 8, "expected a value after \"=\", found \"=\""},
         {"count = 1 = 2", 11, "expected a field, a value or \"(\", found \"=\""},
         {"= 1", 1, "expected a field, a value or \"(\", found \"=\""},
         {"count = 1 AND", 11, "expected a condition after AND"},
         {"count = 1 AND ", 15, "expected a condition, found the end"},
         {"count = 1 OR OR big = 1", 14, "expected a condition before OR"},
         {"AND count = 1", 1, "expected a condition before AND"},
         {"NOT", 1, "expected a condition after NOT"},
         {"NOT(count = 1)", 1, "NOT must be followed by a space"},
         {"count = 1 AND(big = 1)", 11, "AND must be followed by a space"},
         {"NOT NOT count = 1", 5, "cannot be negated without parentheses"},
         {"NOT -count = 1", 5, "cannot be negated without parentheses"},
         {"--count = 1", 2, "cannot be negated without parentheses"},
         {"- count = 1", 1, "must stand directly before"},
         {"(count = 1)(big = 1)", 12, "joined by AND, OR or a space"},
         {"title = \"a\"title = \"b\"", 12, "joined by AND, OR or a space"},
         {"count = 1, big = 2", 10, "unexpected \",\""},
         {"title = \"abc", 9, "the string that begins here is never closed"},
         {"title = 'abc\\'", 9, "never closed"},
         {"title = \"a\\qb\"", 11, "unknown escape"},
         {"title = a\\*", 10, "may stand in quotes only"},
         {"title = \\x", 9, "may stand in quotes only"},
         {"owner..name = x", 7, "a name after \".\""},
         {"owner.", 7, "a name after \".\", found the end"},
         {".name = x", 1, "expected a field"},
         {"count = f(1)", 9, "called as a function"},
         {"count = (1 OR big = 2)", 19, "expected a value, found \"=\""},
         {"count = (1 OR 2", 9, "\"(\" is never closed"},
         {"count != (1 OR 2)", 7, "NOT field = (a OR b)"},
         {"count = 1 && big = 2", 11, "is not an operator; write AND"},
         {"count = 1 || big = 2", 11, "is not an operator; write OR"},
         {"title = \"\xff\"", 10, "not valid UTF-8"},
         {"\xed\xa0\x80", 1, "not valid UTF-8"},
         {"title = \xc3", 9, "not valid UTF-8"}},
        PlainSchema());
}

TEST(FilterErrorTest, UnknownFields) {
  Check({{"titel = x", 1,
          "unknown field \"titel\" in entente.filter.testing.Sample; did you mean \"title\"? The "
          "fields are: name, title, summary, "},
         {"count = 1 AND zzz = 1", 15, "unknown field \"zzz\""},
         {"owner.nam = x", 7, "in entente.filter.testing.Person; did you mean \"name\"?"},
         {"owner.address.town = x", 15, "the fields are: city, street, numbers"},
         {"people.address.town:x", 16, "unknown field \"town\""},
         {"staff.boss.salary = 1", 12, "unknown field \"salary\" in entente.filter.testing.Person"},
         {"Title = x", 1, "did you mean \"title\"?"},
         {"42 = count", 1, "unknown field \"42\""},
         {"owner:nam", 7, "did you mean \"name\"?"},
         {"owner:\"nam\"", 8, "did you mean \"name\"?"},
         {"owner:address.town", 15, "unknown field \"town\""},
         {"count.x = 1", 7, "\"count\" is a int32, it has no field \"x\""},
         {"labels.a.b = x", 10, "put a key that has dots in quotes"},
         {"people.0.name:x", 8, "cannot be addressed by its position \"0\""},
         {"people[0].name:x", 1, "unknown field \"people[0]\""},
         {"by_id.x = y", 7,
          "\"x\" is not a key of the map \"by_id\": its keys are of the type int32"},
         {"by_id:x", 7, "is not a key of the map"},
         {"by_id:5*", 7, "is not a key of the map"},
         {"by_flag.1 = 1", 9, "of the type bool"},
         {"by_serial:-1", 11, "of the type uint64"}},
        PlainSchema());
  // What is nothing like any field gets no suggestion.
  EXPECT_THAT(std::string(Filter::Compile("zzzzzz = 1", PlainSchema()).status().message()),
              Not(HasSubstr("did you mean")));
}

TEST(FilterErrorTest, Columns) {
  // Characters, not bytes; lines are of no account.
  Check({{"title = Đàđé AND titel = x", 18, "unknown field"},
         {"title = \"日本\"\nAND titel = x", 18, "unknown field"},
         {"title = 𝄞 titel = x", 11, "unknown field"}},
        PlainSchema());
}

TEST(FilterErrorTest, Values) {
  Check({{"count = abc", 9, "\"abc\" is not a whole number of at most 64 bits with sign"},
         {"count = 2.5", 9, "is not a whole number"},
         {"count = 1e3", 9, "is not a whole number"},
         {"count = \"\"", 9, "is not a whole number"},
         {"count = \" 1\"", 9, "is not a whole number"},
         {"count = --1", 9, "is not a whole number"},
         {"count = 0x10", 9, "is not a whole number"},
         {"big = 9223372036854775808", 7, "is not a whole number"},
         {"big_unsigned = -1", 16, "without sign"},
         {"big_unsigned = 18446744073709551616", 16, "without sign"},
         {"count = (1 OR x)", 15, "\"x\" is not a whole number"},
         {"numbers:x", 9, "is not a whole number"},
         {"ratio = abc", 9, "\"abc\" is not a number"},
         {"ratio = nan", 9, "is not a number"},
         {"ratio = inf", 9, "is not a number"},
         {"ratio = 1e999", 9, "is not a number"},
         {"ratio = 1e", 9, "is not a number"},
         {"ratio = .", 9, "is not a number"},
         {"ratio = 1,5", 10, "unexpected \",\""},
         {"active = yes", 10, "\"yes\" is not true or false"},
         {"active = TRUE", 10, "is not true or false"},
         {"stage = LIFE", 9,
          "\"LIFE\" is not a value of entente.filter.testing.Stage; did you mean \"LIVE\"? The "
          "values are: STAGE_UNSPECIFIED, PLANNED, LIVE, CLOSED"},
         {"stage = 2", 9, "the values are: STAGE_UNSPECIFIED"},
         {"stage = live", 9, "is not a value of"},
         {"create_time > 2012-04-21", 15, "is not a timestamp; write RFC 3339"},
         {"create_time > 2012-04-21T11:30:00", 15, "is not a timestamp"},
         {"create_time > \"2012-04-21 11:30:00Z\"", 15, "is not a timestamp"},
         {"create_time > 2012-02-30T11:30:00Z", 15, "is not a timestamp"},
         {"create_time > 2012-13-01T11:30:00Z", 15, "is not a timestamp"},
         {"create_time > 2012-04-21T24:00:00Z", 15, "is not a timestamp"},
         {"create_time > 2012-04-21T11:30:00+24:00", 15, "is not a timestamp"},
         {"create_time > 2012-04-21T11:30:00.1234567890Z", 15, "is not a timestamp"},
         {"create_time > 2012-04-21T11:30:00.Z", 15, "is not a timestamp"},
         {"create_time > 0001-01-01T00:00:00+01:00", 15, "is not a timestamp"},
         {"create_time > infinite-future", 15, "is not a timestamp"},
         {"length = 20", 10, "is not a duration; write seconds with the suffix s"},
         {"length = 1m", 10, "is not a duration"},
         {"length = .5s", 10, "is not a duration"},
         {"length = 1.s", 10, "is not a duration"},
         {"length = 315576000001s", 10, "is not a duration"},
         {"length = 315576000000.1s", 10, "is not a duration"},
         {"title = \"a*b\"", 9, "has a \"*\" in the middle"},
         {"title = *a*b", 9, "has a \"*\" in the middle"},
         {"labels:\"a*b\"", 8, "has a \"*\" in the middle"}},
        PlainSchema());
}

TEST(FilterErrorTest, Comparators) {
  Check({{"active > true", 8, "\"active\" is a bool, which has no order: \">\" should be = or !="},
         {"stage <= LIVE", 7, "\"stage\" is an enum, which has no order"},
         {"payload = x", 9, "holds bytes, which cannot be compared"},
         {"payload:x", 8, "only payload:* is possible"},
         {"tags = red", 6, "only \":\" can be used with it"},
         {"tags != red", 6, "only \":\" can be used with it"},
         {"people.name = x", 13, "leads through a repeated field"},
         {"people.address.city != x", 21, "leads through a repeated field"},
         {"labels = x", 8, "\"labels\" is a map: only \":\" can be used with it, or name a key"},
         {"owner = x", 7,
          "\"owner\" is a message (entente.filter.testing.Person); compare one of its"},
         {"owner != null", 7, "or use owner:* for its presence; the fields are: name, age"},
         {"amount > 5", 8, "is a message (entente.filter.testing.Decimal)"}},
        PlainSchema());
}

TEST(FilterErrorTest, BareLiterals) {
  const Schema none = *Schema::Create(Sample::descriptor());
  Check({{"hugo", 1, "\"hugo\" stands alone; expected a comparison such as field = value"},
         {"count = 1 and big = 2", 11, "operators are AND, OR and NOT"},
         {"active", 1, "stands alone"},
         {"f(x)", 1, "unknown function \"f\"; there are no functions"},
         {"\"f\"(x)", 4, "unexpected \"(\" after a string"}},
        none);
  Check({{"*", 1, "searches for nothing"},
         {"\"\"", 1, "searches for nothing"},
         {"a*b", 1, "has a \"*\" in the middle"}},
        PlainSchema());
}

TEST(FilterErrorTest, Limits) {
  std::string terms = "count=1";
  for (size_t i = 0; i < kMaxFilterTerms; ++i) absl::StrAppend(&terms, " a");
  std::string path = "parent";
  for (size_t i = 0; i < kMaxPathSegments; ++i) absl::StrAppend(&path, ".parent");
  Check({{std::string(100'000, '('), 16385, "the filter has 100000 bytes; at most 16384"},
         {std::string(10'000, '('), 51, "nested more than 50 levels deep"},
         {"count=" + std::string(10'000, '('), 57, "nested more than 50 levels deep"},
         {terms, 1007, "more than 500 conditions"},
         {path + ":*", 169, "the path has 25 names; at most 24"}},
        PlainSchema());
}

TEST(FilterErrorTest, HostileTextDoesNotInflateOrCorruptTheError) {
  const std::string name(10'000, 'x');
  const absl::Status status = Filter::Compile(name + " = 1", PlainSchema()).status();
  EXPECT_LT(status.message().size(), 1'000);
  EXPECT_THAT(std::string(status.message()), HasSubstr("xxx...\""));
  // Cut between characters, and control characters are escaped.
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "é";
  for (const std::string& text :
       {wide + " = 1", "a" + wide + " = 1", std::string("\x01\x02 = 1")}) {
    const absl::Status cut = Filter::Compile(text, PlainSchema()).status();
    EXPECT_FALSE(FindInvalidUtf8(cut.message()).has_value()) << cut;
    EXPECT_THAT(std::string(cut.message()), Not(HasSubstr("\x01")));
  }
}

TEST(FilterErrorTest, OnlyErrorsOfThisModuleHaveAColumn) {
  EXPECT_FALSE(ErrorColumn(absl::OkStatus()).has_value());
  EXPECT_FALSE(ErrorColumn(absl::InvalidArgumentError("column 3: no")).has_value());
}

}  // namespace
}  // namespace entente::filter
