// SPDX-License-Identifier: Apache-2.0
// What services add: comparators for their types, functions, text fields.

#include <algorithm>
#include <compare>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/filter/filter.h"
#include "common/filter/testing/sample_util.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using google::protobuf::Message;
using testing::Decimal;
using ::testing::HasSubstr;
using testing::Matches;
using testing::ParseSample;
using testing::Sample;

// "1.50" in hundredths, exactly; false if it is not a decimal of at most two places.
bool ParseCents(absl::string_view text, int64_t* cents) {
  const size_t dot = std::min(text.find('.'), text.size());
  std::string places(text.substr(std::min(dot + 1, text.size())));
  if (text.empty() || places.size() > 2 ||
      !std::all_of(places.begin(), places.end(), absl::ascii_isdigit)) {
    return false;
  }
  places.resize(2, '0');
  return absl::SimpleAtoi(absl::StrCat(text.substr(0, dot), places), cents);
}

using StringOrder = std::function<std::partial_ordering(absl::string_view)>;

absl::StatusOr<StringOrder> OrderToCents(absl::string_view literal) {
  int64_t wanted = 0;
  if (!ParseCents(literal, &wanted)) {
    return absl::OutOfRangeError("is not a decimal of at most two places");
  }
  return StringOrder([wanted](absl::string_view text) {
    int64_t cents = 0;
    if (!ParseCents(text, &cents)) return std::partial_ordering::unordered;
    return std::partial_ordering(cents <=> wanted);
  });
}

StringComparator CentsComparator() { return CompareBy<absl::string_view>(OrderToCents); }

MessageComparator DecimalComparator() {
  using Order = std::function<std::partial_ordering(const Message&)>;
  return CompareBy<const Message&>([](absl::string_view literal) -> absl::StatusOr<Order> {
    absl::StatusOr<StringOrder> order = OrderToCents(literal);
    if (!order.ok()) return order.status();
    return Order([order = *std::move(order)](const Message& message) {
      return order(static_cast<const Decimal&>(message).value());
    });
  });
}

// between(field, low, high): some value of an integer field is within the bounds.
absl::StatusOr<Predicate> BuildBetween(const FunctionCall& call) {
  absl::StatusOr<FieldPath> path = call.Field(0);
  if (!path.ok()) return path.status();
  if (path->leaf()->type() != google::protobuf::FieldDescriptor::TYPE_INT32) {
    return call.Error(0, "is not an int32 field");
  }
  int64_t bounds[2];
  for (size_t i : {1, 2}) {
    if (!absl::SimpleAtoi(call.arguments()[i].text, &bounds[i - 1])) {
      return call.Error(i, "is not a whole number");
    }
  }
  if (bounds[0] > bounds[1]) return absl::FailedPreconditionError("the bounds are the wrong way");
  return Predicate(
      [path = *std::move(path), low = bounds[0], high = bounds[1]](const Message& message) {
        return path.Any(message, [&](const FieldPath::Value& value) {
          return value.GetSigned() >= low && value.GetSigned() <= high;
        });
      });
}

Schema ExtendedSchema() {
  absl::StatusOr<Schema> schema = Schema::Create(
      Sample::descriptor(),
      {.text_fields = {"title"},
       .comparators = {{"entente.filter.testing.Decimal", DecimalComparator()}},
       .string_comparators = {{"entente.filter.testing.Sample.price", CentsComparator()}},
       .functions = {
           {"between", {"between(field, low, high)", 3, 3, BuildBetween}},
           {"sample.always",
            {"sample.always()", 0, 0,
             [](const FunctionCall&) -> absl::StatusOr<Predicate> {
               return Predicate([](const Message&) { return true; });
             }}},
       }});
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

TEST(FilterExtensionTest, ComparatorsOfMessages) {
  const Schema schema = ExtendedSchema();
  const Sample sample = ParseSample(
      "amount { value: '9.50' } amounts { value: '1' } amounts { value: '10' } price: '10.0'");
  EXPECT_TRUE(Matches("amount = 9.5", sample, schema));
  EXPECT_TRUE(Matches("amount:\"9.50\"", sample, schema));
  EXPECT_TRUE(Matches("amount < 10", sample, schema));  // by value, not as text
  EXPECT_TRUE(Matches("amount > -10", sample, schema));
  EXPECT_FALSE(Matches("amount != 9.5", sample, schema));
  EXPECT_TRUE(Matches("amount = (9 OR 9.50)", sample, schema));
  EXPECT_TRUE(Matches("amounts:10.00", sample, schema));
  EXPECT_FALSE(Matches("amounts:9", sample, schema));
  EXPECT_TRUE(Matches("amount:* amount.value = 9.50", sample, schema));
  EXPECT_FALSE(Matches("amount != 1 OR amount < 1", Sample(), schema));  // unset
  // A value that cannot be compared satisfies nothing.
  EXPECT_FALSE(Matches("amount != 1 OR amount <= 1 OR amount > 1",
                       ParseSample("amount { value: 'many' }"), schema));
}

TEST(FilterExtensionTest, ComparatorsOfStringFields) {
  const Schema schema = ExtendedSchema();
  EXPECT_TRUE(Matches("price = 10", ParseSample("price: '10.00'"), schema));
  EXPECT_TRUE(Matches("price > 9", ParseSample("price: '10.00'"), schema));
  EXPECT_FALSE(Matches("price != 10", ParseSample("price: '10.0'"), schema));
  EXPECT_FALSE(Matches("price != 10", Sample(), schema));  // "" is no decimal
  EXPECT_TRUE(Matches("-price:*", Sample(), schema));
}

TEST(FilterExtensionTest, Functions) {
  const Schema schema = ExtendedSchema();
  const Sample sample = ParseSample("count: 5 people { age: 1 } people { age: 30 }");
  EXPECT_TRUE(Matches("between(count, 1, 5)", sample, schema));
  EXPECT_TRUE(Matches("between( count ,\"1\",'5' ) AND count = 5", sample, schema));
  EXPECT_FALSE(Matches("between(count, 6, 9)", sample, schema));
  EXPECT_TRUE(Matches("-between(count, -9, -6)", sample, schema));
  EXPECT_TRUE(Matches("between(people.age, 29, 31) OR count = 1", sample, schema));
  EXPECT_TRUE(Matches("sample.always() sample.always( )", sample, schema));
}

TEST(FilterExtensionTest, Errors) {
  const Schema schema = ExtendedSchema();
  struct Case {
    const char* text;
    int column;
    const char* message;
  };
  const Case cases[] = {
      {"count=1 betwen(count, 1, 2)", 9,
       "unknown function \"betwen\"; the functions are: between(field, low, high), "
       "sample.always()"},
      {"between(count, 1)", 1,
       "does not take 2 arguments; it is used as between(field, low, high)"},
      {"between()", 1, "does not take 0 arguments"},
      {"sample.always(1)", 1, "does not take 1 argument;"},
      {"between(cont, 1, 2)", 9, "did you mean \"count\"?"},
      {"between(owner.ag, 1, 2)", 15, "did you mean \"age\"?"},
      {"between(\"count\", 1, 2)", 9, "a field is expected here, without quotes"},
      {"between(title, 1, 2)", 9, "\"title\" is not an int32 field"},
      {"between(count, 1, x)", 19, "\"x\" is not a whole number"},
      {"count = 1 between(count, 2, 1)", 11, "\"between\": the bounds are the wrong way"},
      {"between(count, 1, 2) = 3", 22, "found \"=\""},
      {"between(count 1)", 15, "expected \",\" or \")\" after an argument of \"between\""},
      {"between(count, 1, 2", 8, "\"(\" is never closed"},
      {"between(count, , 2)", 16, "expected an argument, found \",\""},
      {"between(count, (1), 2)", 16, "expected an argument, found \"(\""},
      {"between(sample.always(), 1, 2)", 22, "expected \",\" or \")\""},
      {"amount > much", 10, "\"much\" is not a decimal of at most two places"},
      {"price = 1.999", 9, "\"1.999\" is not a decimal of at most two places"},
  };
  for (const Case& c : cases) {
    const absl::Status status = Filter::Compile(c.text, schema).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_EQ(ErrorColumn(status).value_or(-1), c.column) << c.text << "\n" << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

TEST(FilterExtensionTest, AFilterOutlivesItsSchema) {
  Filter filter;
  {
    const Schema schema = ExtendedSchema();
    filter = *Filter::Compile("amount > 1 between(count, 1, 2) word price = 2", schema);
  }
  EXPECT_TRUE(
      filter.Matches(ParseSample("amount { value: '2' } count: 1 title: 'A Word' price: '2.0'")));
}

TEST(FilterExtensionTest, SchemasAreChecked) {
  const Function good{"f()", 0, 0, BuildBetween};
  const SchemaOptions bad[] = {
      {.text_fields = {"titel"}},
      {.text_fields = {"count"}},
      {.text_fields = {"payload"}},
      {.text_fields = {"labels.a"}},
      {.text_fields = {"labels"}},
      {.comparators = {{"entente.filter.testing.Nothing", DecimalComparator()}}},
      {.comparators = {{"entente.filter.testing.Decimal", nullptr}}},
      {.string_comparators = {{"entente.filter.testing.Sample.count", CentsComparator()}}},
      {.string_comparators = {{"entente.filter.testing.Sample.prize", CentsComparator()}}},
      {.functions = {{"", good}}},
      {.functions = {{"a b", good}}},
      {.functions = {{"1a", good}}},
      {.functions = {{"a..b", good}}},
      {.functions = {{"f", {"f()", 0, 0, nullptr}}}},
      {.functions = {{"f", {"f()", 2, 1, BuildBetween}}}},
  };
  for (const SchemaOptions& options : bad) {
    EXPECT_EQ(Schema::Create(Sample::descriptor(), options).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(SatisfiesTest, UnorderedSatisfiesNothing) {
  for (Operator op :
       {Operator::kEquals, Operator::kNotEquals, Operator::kLess, Operator::kLessOrEquals,
        Operator::kGreater, Operator::kGreaterOrEquals, Operator::kHas}) {
    EXPECT_FALSE(Satisfies(op, std::partial_ordering::unordered)) << OperatorText(op);
  }
}

}  // namespace
}  // namespace entente::filter
