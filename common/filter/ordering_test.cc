// SPDX-License-Identifier: Apache-2.0
#include "common/filter/ordering.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/filter/testing/sample.pb.h"
#include "common/filter/testing/sample_util.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ParseSample;
using testing::Sample;
using ::testing::StartsWith;

Ordering Compile(absl::string_view order_by, const OrderingOptions& options = {}) {
  absl::StatusOr<Ordering> ordering = Ordering::Compile(order_by, Sample::descriptor(), options);
  EXPECT_TRUE(ordering.ok()) << order_by << "\n" << ordering.status();
  return *std::move(ordering);
}

int Sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

// That `texts` are in ascending order by `order_by`, strictly, by Compare and by keys; and in
// descending order when that is asked for.
void ExpectAscending(const std::string& order_by, const std::vector<std::string>& texts) {
  const Ordering up = Compile(order_by);
  const Ordering down = Compile(order_by + " desc");
  std::vector<Sample> samples;
  for (const std::string& text : texts) samples.push_back(ParseSample(text));
  for (size_t i = 0; i < samples.size(); ++i) {
    for (size_t j = 0; j < samples.size(); ++j) {
      const int expected = i < j ? -1 : i > j ? 1 : 0;
      const std::string what = absl::StrCat(order_by, ": ", texts[i], " and ", texts[j]);
      EXPECT_EQ(Sign(up.Compare(samples[i], samples[j])), expected) << what;
      EXPECT_EQ(Sign(down.Compare(samples[i], samples[j])), -expected) << what;
      EXPECT_EQ(Sign(up.KeyOf(samples[i]).compare(up.KeyOf(samples[j]))), expected) << what;
      EXPECT_EQ(Sign(down.KeyOf(samples[i]).compare(down.KeyOf(samples[j]))), -expected) << what;
    }
  }
}

TEST(OrderingTest, OrdersEachType) {
  ExpectAscending("count",
                  {"count: -2147483648", "count: -1", "", "count: 1", "count: 2147483647"});
  ExpectAscending("big", {"big: -9223372036854775808", "big: -256", "big: -1", "big: 255",
                          "big: 256", "big: 9223372036854775807"});
  ExpectAscending("big_unsigned",
                  {"", "big_unsigned: 255", "big_unsigned: 256",
                   "big_unsigned: 9223372036854775808", "big_unsigned: 18446744073709551615"});
  ExpectAscending("ratio", {"ratio: -inf", "ratio: -2", "ratio: -1e-300", "", "ratio: 1e-300",
                            "ratio: 0.5", "ratio: 2", "ratio: inf", "ratio: nan"});
  ExpectAscending("share", {"share: -1.5", "share: 0", "share: 0.25"});
  ExpectAscending("active", {"", "active: true"});
  ExpectAscending("stage", {"", "stage: PLANNED", "stage: LIVE", "stage: CLOSED"});
  ExpectAscending("title", {"", "title: '\\0'", "title: '\\0\\0'", "title: '\\0a'",
                            "title: '\\001'", "title: 'A'", "title: 'a'", "title: 'a\\0'",
                            "title: 'a b'", "title: 'ab'", "title: 'é'"});
  ExpectAscending("payload", {"", "payload: '\\000\\377'", "payload: '\\177'", "payload: '\\377'",
                              "payload: '\\377\\377'"});
  ExpectAscending("create_time",
                  {"", "create_time { seconds: -1 }", "create_time { seconds: -1 nanos: 5 }",
                   "create_time {}", "create_time { nanos: 1 }", "create_time { seconds: 1 }"});
  ExpectAscending("length", {"", "length { seconds: -1 nanos: -5 }", "length { seconds: -1 }",
                             "length { nanos: -5 }", "length {}", "length { nanos: 5 }"});
}

TEST(OrderingTest, WhatIsUnsetIsFirst) {
  ExpectAscending("rank", {"", "rank: -5", "rank: 0"});
  ExpectAscending("label", {"", "label: ''", "label: 'a'"});
  ExpectAscending("owner.age", {"", "owner { age: -5 }", "owner {}", "owner { age: 5 }"});
  ExpectAscending("owner.address.city",
                  {"owner { }", "owner { address {} }", "owner { address { city: 'x' } }"});
  ExpectAscending("parent.parent.rank", {"", "parent { parent { rank: 0 } }"});
}

TEST(OrderingTest, ZeroesAndNansAreAlike) {
  const Ordering ordering = Compile("ratio");
  Sample a, b;
  b.set_ratio(-0.0);
  EXPECT_EQ(ordering.Compare(a, b), 0);
  EXPECT_EQ(ordering.KeyOf(a), ordering.KeyOf(b));
  a.set_ratio(std::numeric_limits<double>::quiet_NaN());
  b.set_ratio(-std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(ordering.Compare(a, b), 0);
  EXPECT_EQ(ordering.KeyOf(a), ordering.KeyOf(b));
}

TEST(OrderingTest, LaterFieldsDecideTies) {
  std::vector<Sample> samples = {
      ParseSample("name: 'a' title: 'x' count: 1"), ParseSample("name: 'b' title: 'y' count: 1"),
      ParseSample("name: 'c' title: 'y' count: 2"), ParseSample("name: 'd' title: 'x' count: 1")};
  const auto sorted = [&samples](const char* order_by) {
    const Ordering ordering = Compile(order_by);
    std::shuffle(samples.begin(), samples.end(), std::mt19937(1));
    std::sort(samples.begin(), samples.end(),
              [&ordering](const Sample& a, const Sample& b) { return ordering.Compare(a, b) < 0; });
    std::vector<std::string> names;
    for (const Sample& sample : samples) names.push_back(sample.name());
    return names;
  };
  EXPECT_THAT(sorted(""), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(sorted("name desc"), ElementsAre("d", "c", "b", "a"));
  EXPECT_THAT(sorted("title"), ElementsAre("a", "d", "b", "c"));
  EXPECT_THAT(sorted("title desc"), ElementsAre("b", "c", "a", "d"));
  EXPECT_THAT(sorted("title desc, name desc"), ElementsAre("c", "b", "d", "a"));
  EXPECT_THAT(sorted("title desc,count desc"), ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(sorted("count, title desc"), ElementsAre("b", "a", "d", "c"));
}

TEST(OrderingTest, SpellingIsOfNoAccount) {
  EXPECT_EQ(Compile("").canonical(), "name");
  EXPECT_EQ(Compile(" \t\n").canonical(), "name");
  EXPECT_EQ(Compile("title desc,owner.age").canonical(), "title desc,owner.age,name");
  for (const char* text : {"title desc , owner.age asc", "  title   desc\t,\nowner.age,name  "}) {
    EXPECT_EQ(Compile(text).canonical(), "title desc,owner.age,name");
    EXPECT_EQ(Compile(text).KeyOf(Sample()), Compile("title desc,owner.age").KeyOf(Sample()));
  }
}

TEST(OrderingTest, Errors) {
  struct Case {
    std::string text;
    int column;
    const char* message;
  };
  std::string many = "name";
  for (const char* field :
       {"title", "summary", "count", "big", "small_unsigned", "big_unsigned", "ratio", "share",
        "active", "stage", "payload", "rank", "label", "code", "price", "create_time"}) {
    absl::StrAppend(&many, ",", field);
  }
  const Case cases[] = {
      {"titel", 1,
       "unknown field \"titel\" in entente.filter.testing.Sample; did you mean \"title\"?"},
      {"title, owner.nam desc", 14, "did you mean \"name\"?"},
      {"Đ", 1, "unknown field"},
      {"title, \"count\"", 8, "unknown field"},
      {"tags", 1, "\"tags\" is, or leads through, a repeated field or a map"},
      {"people.name", 1, "a repeated field or a map"},
      {"labels", 1, "a repeated field or a map"},
      {"labels.a", 1, "a repeated field or a map"},
      {"title,  owner", 9,
       "is a message (entente.filter.testing.Person), which has no order; order "
       "by one of its fields; the fields are: name, age"},
      {"count.x", 7, "it has no field \"x\""},
      {"title,title desc", 7, "the field \"title\" is given twice"},
      {"owner.age, title, owner.age", 19, "given twice"},
      {"title descending", 7, "expected asc, desc or \",\", found \"descending\""},
      {"title DESC", 7, "expected asc, desc or \",\", found \"DESC\""},
      {"title count", 7, "expected asc, desc or \",\""},
      {"title desc count", 12, "expected \",\", found \"count\""},
      {"title,", 7, "expected a field before the end"},
      {",title", 1, "expected a field before \",\""},
      {"title, ,count", 8, "expected a field before \",\""},
      {"owner.", 7, "unknown field \"\""},
      {"title\xff", 6, "not valid UTF-8"},
      {many, 113, "more than 16 fields"},
      {std::string(5000, 'x'), 2049, "order_by has 5000 bytes; at most 2048"},
  };
  for (const Case& c : cases) {
    const absl::Status status = Ordering::Compile(c.text, Sample::descriptor()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_EQ(ErrorColumn(status).value_or(-1), c.column) << c.text << "\n" << status;
    EXPECT_THAT(std::string(status.message()), StartsWith(absl::StrCat("column ", c.column, ": ")));
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

TEST(OrderingTest, NeedsATieBreak) {
  EXPECT_EQ(Ordering::Compile("count", testing::Nameless::descriptor()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  for (const char* field : {"count", "tags", "nothing"}) {
    EXPECT_EQ(Ordering::Compile("", Sample::descriptor(), {.tie_break = field}).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Compile("count", {.tie_break = "title"}).canonical(), "count,title");
}

TEST(OrderingTest, SortKeysOrderOtherMessages) {
  // By length, then by text.
  OrderingOptions options;
  options.sort_keys["entente.filter.testing.Decimal"] =
      [](const google::protobuf::Message& message) {
        const std::string& value = static_cast<const testing::Decimal&>(message).value();
        return absl::StrCat(std::string(1, static_cast<char>(value.size())), value);
      };
  const Ordering up = Compile("amount", options);
  const Ordering down = Compile("amount desc", options);
  const std::vector<Sample> samples = {
      Sample(), ParseSample("amount {}"), ParseSample("amount { value: '9' }"),
      ParseSample("amount { value: '10' }"), ParseSample("amount { value: '100' }")};
  for (size_t i = 0; i < samples.size(); ++i) {
    for (size_t j = 0; j < samples.size(); ++j) {
      const int expected = i < j ? -1 : i > j ? 1 : 0;
      EXPECT_EQ(up.Compare(samples[i], samples[j]), expected);
      EXPECT_EQ(*up.CompareToKey(samples[i], up.KeyOf(samples[j])), expected);
      EXPECT_EQ(*down.CompareToKey(samples[i], down.KeyOf(samples[j])), -expected);
    }
  }
}

// --- Properties, over random messages with few distinct values, hence many ties. ---

class OrderingPropertyTest : public ::testing::TestWithParam<const char*> {
 protected:
  Sample Random() {
    Sample sample;
    const std::string words[] = {"", "a", std::string("a\0", 2), std::string("a\0b", 3), "b"};
    sample.set_title(words[Below(5)]);
    sample.set_count(Below(3) - 1);
    sample.set_ratio((Below(3) - 1) / 4.0);
    sample.set_active(Below(2));
    if (Below(2)) sample.set_rank(Below(3) - 1);
    if (Below(2)) {
      sample.mutable_owner()->set_age(Below(2));
      if (Below(2)) sample.mutable_owner()->mutable_address()->set_city(words[Below(5)]);
    }
    if (Below(2)) sample.mutable_create_time()->set_nanos(Below(3));
    sample.set_name(absl::StrCat("samples/", Below(40)));
    return sample;
  }
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::mt19937 random_{7};
};

TEST_P(OrderingPropertyTest, IsAStrictWeakOrderThatKeysPreserve) {
  const Ordering ordering = Compile(GetParam());
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) samples.push_back(Random());
  for (const Sample& a : samples) {
    const std::string key_of_a = ordering.KeyOf(a);
    EXPECT_TRUE(ordering.CheckKey(key_of_a).ok());
    EXPECT_EQ(ordering.Compare(a, a), 0);
    for (const Sample& b : samples) {
      const int order = Sign(ordering.Compare(a, b));
      EXPECT_EQ(order, -Sign(ordering.Compare(b, a)));
      EXPECT_EQ(order, Sign(key_of_a.compare(ordering.KeyOf(b))));
      EXPECT_EQ(order, *ordering.CompareToKey(a, ordering.KeyOf(b)));
      EXPECT_TRUE(order != 0 || a.name() == b.name());
      for (const Sample& c : samples) {
        if (order <= 0 && ordering.Compare(b, c) <= 0) {
          EXPECT_LE(ordering.Compare(a, c), 0);
        }
      }
    }
  }
}

// Pages of every size see each resource once, although resources come and go between pages.
TEST_P(OrderingPropertyTest, PagesVisitEachOnce) {
  const Ordering ordering = Compile(GetParam());
  const auto before = [&ordering](const Sample& a, const Sample& b) {
    return ordering.Compare(a, b) < 0;
  };
  for (size_t page_size : {1, 2, 3, 7, 100}) {
    std::vector<Sample> stored;
    for (int i = 0; i < 30; ++i) {
      stored.push_back(Random());
      stored.back().set_name(absl::StrCat("samples/", i));
    }
    std::vector<std::string> seen;
    std::string key;
    int added = 0;
    while (true) {
      std::sort(stored.begin(), stored.end(), before);
      auto next = std::find_if(stored.begin(), stored.end(), [&](const Sample& sample) {
        return key.empty() || *ordering.CompareToKey(sample, key) > 0;
      });
      if (next == stored.end()) break;
      const size_t count = std::min<size_t>(page_size, stored.end() - next);
      for (size_t i = 0; i < count; ++i) seen.push_back((next + i)->name());
      const Sample last = *(next + count - 1);
      key = ordering.KeyOf(last);
      // The last one of the page goes, and another comes, somewhere.
      stored.erase(next + count - 1);
      stored.push_back(Random());
      stored.back().set_name(absl::StrCat("added/", added++));
    }
    std::vector<std::string> originals;
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << "seen twice";
    for (const std::string& name : seen) {
      if (name.rfind("samples/", 0) == 0) originals.push_back(name);
    }
    EXPECT_EQ(originals.size(), 30u);
  }
}

TEST_P(OrderingPropertyTest, OtherKeysAreRefused) {
  const Ordering ordering = Compile(GetParam());
  const Sample sample = Random();
  const std::string key = ordering.KeyOf(sample);
  const auto expect_refused = [&](const std::string& bad) {
    EXPECT_EQ(ordering.CompareToKey(sample, bad).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(ordering.CheckKey(bad).ok());
  };
  for (size_t length = 0; length < key.size(); ++length) expect_refused(key.substr(0, length));
  expect_refused(key + '\0');
  expect_refused(key + "x");
  expect_refused(Compile("summary").KeyOf(sample));
  expect_refused(Compile(ordering.canonical() + ",summary").KeyOf(sample));
  // Bytes changed at random are refused or are a place; either way nothing breaks.
  for (int i = 0; i < 2'000; ++i) {
    std::string changed = key;
    changed[Below(static_cast<int>(key.size()))] = static_cast<char>(Below(256));
    const absl::StatusOr<int> order = ordering.CompareToKey(sample, changed);
    EXPECT_EQ(order.ok(), ordering.CheckKey(changed).ok());
    EXPECT_TRUE(!order.ok() || (*order == 0) == (changed == key));
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, OrderingPropertyTest,
                         ::testing::Values("", "name desc", "title", "title desc",
                                           "title desc, count, ratio desc", "rank desc, title",
                                           "owner.address.city desc, owner.age",
                                           "create_time, active desc",
                                           "active, create_time desc, name desc"));

TEST(OrderingTest, AForgedBoolIsMalformed) {
  const Ordering ordering = Compile("active");
  std::string key = ordering.KeyOf(Sample());
  key[5] = '\x02';
  EXPECT_THAT(std::string(ordering.CheckKey(key).message()), HasSubstr("malformed at \"active\""));
}

}  // namespace
}  // namespace entente::filter
