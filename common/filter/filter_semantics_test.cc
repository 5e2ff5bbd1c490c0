// SPDX-License-Identifier: Apache-2.0
// What each type of field means by each comparator: tables from AIP-160 and from filter.h.

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/filter/filter.h"
#include "common/filter/testing/sample_util.h"
#include "google/protobuf/dynamic_message.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using testing::Matches;
using testing::ParseSample;
using testing::PlainSchema;
using testing::Sample;

struct Case {
  const char* text;
  bool expected;
};

void Check(const std::vector<Case>& cases, const Sample& sample) {
  for (const Case& c : cases) {
    if (c.expected) {
      EXPECT_TRUE(Matches(c.text, sample));
    } else {
      EXPECT_FALSE(Matches(c.text, sample));
    }
  }
}

TEST(FilterSemanticsTest, Integers) {
  Check({{"count = 42", true},
         {"count = +42", true},
         {"count = \"42\"", true},
         {"count:42", true},
         {"count != 42", false},
         {"count != 41", true},
         {"count < 42", false},
         {"count < 43", true},
         {"count <= 42", true},
         {"count > 41", true},
         {"count > 42", false},
         {"count >= 42", true},
         {"count >= 43", false},
         {"count > -1", true},
         // Beyond int32, but a number that int32s compare with.
         {"count < 4294967338", true},
         {"count = 4294967338", false},
         {"big = -9223372036854775808", true},
         {"big < -9223372036854775807", true},
         {"big_unsigned = 18446744073709551615", true},
         {"big_unsigned > 18446744073709551614", true},
         {"small_unsigned = 4294967295", true}},
        ParseSample("count: 42 big: -9223372036854775808 big_unsigned: 18446744073709551615 "
                    "small_unsigned: 4294967295"));
}

TEST(FilterSemanticsTest, Reals) {
  Check({{"ratio = 0.1", true},
         {"ratio = 1e-1", true},
         {"ratio = .1", true},
         {"ratio < 0.10000000000000001", false},
         {"ratio < 0.2", true},
         {"ratio > -2.997e9", true},
         {"ratio != 0.1", false},
         {"share = 0.1", true},  // as a float, although 0.1f is not 0.1
         {"share >= 0.1", true},
         {"share < 0.1", false}},
        ParseSample("ratio: 0.1 share: 0.1"));
  Check({{"ratio = 0", false}, {"ratio != 0", false}, {"ratio < 1e308", false}, {"ratio:*", true}},
        ParseSample("ratio: nan"));
  Check({{"ratio > 1.7e308", true}, {"ratio != 0", true}}, ParseSample("ratio: inf"));
  Check({{"ratio = 0", true}, {"ratio < 0", false}, {"ratio = -0.0", true}},
        ParseSample("ratio: -0.0"));
}

TEST(FilterSemanticsTest, BoolsAndEnums) {
  Check({{"active = true", true},
         {"active = false", false},
         {"active != false", true},
         {"active:true", true},
         {"stage = LIVE", true},
         {"stage = \"LIVE\"", true},
         {"stage != LIVE", false},
         {"stage != PLANNED", true},
         {"stage:LIVE", true},
         {"stage = STAGE_UNSPECIFIED", false},
         {"stages:CLOSED", true},
         {"stages:LIVE", false}},
        ParseSample("active: true stage: LIVE stages: [ PLANNED, CLOSED ]"));
  // A value that this version of the enum does not know.
  Sample sample;
  sample.set_stage(static_cast<testing::Stage>(99));
  Check({{"stage != LIVE", true}, {"stage = LIVE", false}, {"stage:*", true}}, sample);
}

TEST(FilterSemanticsTest, StringsCompareByBytes) {
  Check({{"title = foo", true},
         {"title = Foo", false},
         {"title:foo", true},
         {"title:fo", false},
         {"title != bar", true},
         {"title > \"fon\"", true},
         {"title >= foo", true},
         {"title <= \"foo\"", true},
         {"title < foo", false},
         {"title < foo0", true},
         {"title < é", true},
         {"title > Z", true}},
        ParseSample("title: 'foo'"));
}

TEST(FilterSemanticsTest, Wildcards) {
  Check({{"title = \"*.foo\"", true},  // ends with .foo: the example of AIP-160
         {"title = *.foo", true},
         {"title = \"a.*\"", true},
         {"title = \"*b*\"", true},
         {"title = \"*\"", true},
         {"title = **", true},
         {"title = \"*a.b.foo\"", true},
         {"title = \"a.b.foo*\"", true},
         {"title = \"*foo.\"", false},
         {"title = \"b*\"", false},
         {"title = \"*c*\"", false},
         {"title != \"*.foo\"", false},
         {"title != \"*.bar\"", true},
         {"title:\"a.*\"", true},
         {"tags:\"gr*\"", true},
         {"tags:\"*x\"", false},
         // In an order a star is a character: 0x2A, before letters and the dot.
         {"title > \"a*\"", true},
         {"title < \"a*\"", false}},
        ParseSample("title: 'a.b.foo' tags: 'red' tags: 'green'"));
  Check({{"title = *", true}, {"title = \"*x\"", false}}, Sample());
}

TEST(FilterSemanticsTest, Timestamps) {
  Check({{"create_time = 2012-04-21T11:30:00-04:00", true},
         {"create_time = \"2012-04-21T15:30:00Z\"", true},
         {"create_time = 2012-04-21T15:30:00.000Z", true},
         {"create_time != 2012-04-21T15:30:00.000000001Z", true},
         {"create_time < 2012-04-21T15:30:00.000000001Z", true},
         {"create_time > 2012-04-21t15:29:60z", false},  // a leap second
         {"create_time >= 2012-04-21T15:29:60Z", true},
         {"create_time > 0001-01-01T00:00:00Z", true},
         {"create_time < 9999-12-31T23:59:59.999999999Z", true},
         {"create_time:*", true},
         {"create_time.seconds > 1335022199", true},
         {"visits:1970-01-01T00:00:00Z", true},
         {"visits:1970-01-01T00:00:01Z", false}},
        ParseSample("create_time { seconds: 1335022200 } visits {}"));
  Check({{"create_time < 1969-12-31T23:59:59.6Z", true},
         {"create_time > 1969-12-31T23:59:59.4Z", true},
         {"create_time = 1969-12-31T23:59:59.5Z", true}},
        ParseSample("create_time { seconds: -1 nanos: 500000000 }"));
}

TEST(FilterSemanticsTest, Durations) {
  Check({{"length = 1.2s", true},
         {"length = \"1.200s\"", true},
         {"length > 1s", true},
         {"length < 20s", true},
         {"length > -0.5s", true},
         {"length >= 1.200000001s", false}},
        ParseSample("length { seconds: 1 nanos: 200000000 }"));
  Check({{"length < 0s", true},
         {"length = -0.5s", true},
         {"length > -0.500000001s", true},
         {"length > -1s", true},
         {"length < -0.4s", true}},
        ParseSample("length { nanos: -500000000 }"));
}

// "a traversal over an unset field never matches, not even !="
TEST(FilterSemanticsTest, WhatIsUnsetIsNotCompared) {
  Check({{"owner.age = 0", false},
         {"owner.age != 7", false},
         {"owner.age < 7", false},
         {"owner.age:0", false},
         {"owner.address.city != x", false},
         {"owner.name:*", false},
         {"NOT owner.age = 7", true},
         {"NOT owner.age != 7", true},
         {"-owner:*", true},
         {"create_time != 2012-04-21T15:30:00Z", false},
         {"create_time < 2012-04-21T15:30:00Z", false},
         {"rank = 0", false},
         {"rank != 1", false},
         {"label != x", false},
         {"code != 1", false},
         {"labels.colour != red", false},
         {"staff.boss.age != 1", false},
         {"parent.parent.count = 0", false},
         // Scalars without explicit presence are their defaults.
         {"count = 0", true},
         {"count != 7", true},
         {"title = \"\"", true},
         {"title != x", true},
         {"active = false", true},
         {"stage = STAGE_UNSPECIFIED", true}},
        Sample());
  Check({{"owner.age = 0", true},
         {"owner.age != 7", true},
         {"owner.address.city != x", false},
         {"rank = 0", true},
         {"rank != 1", true},
         {"label != x", true},
         {"code != 1", false}},
        ParseSample("owner {} rank: 0 label: ''"));
}

TEST(FilterSemanticsTest, Presence) {
  const std::vector<const char*> fields = {
      "name",       "title",         "count",          "big",        "ratio", "active",
      "stage",      "payload",       "rank",           "label",      "owner", "tags",
      "people",     "labels",        "create_time",    "length",     "staff", "owner.name",
      "people.age", "labels.colour", "staff.boss.age", "parent.rank"};
  const Sample full = ParseSample(R"pb(
    name: "n"
    title: "t"
    count: 1
    big: 1
    ratio: 1
    active: true
    stage: LIVE
    payload: "p"
    rank: 0
    label: ""
    owner { name: "x" }
    tags: ""
    people { age: 1 }
    labels { key: "colour" value: "" }
    create_time {}
    length {}
    staff {
      key: "boss"
      value { age: 3 }
    }
    parent { rank: 0 })pb");
  for (const std::string field : fields) {
    EXPECT_FALSE(Matches(field + ":*", Sample()));
    EXPECT_TRUE(Matches("-" + field + ":*", Sample()));
    EXPECT_TRUE(Matches(field + ":*", full));
    EXPECT_TRUE(Matches(field + ":\"*\"", full));
  }
  // "a field is only considered to be present if it has a non-default value"
  Check({{"owner.age:*", false}, {"people.name:*", false}, {"owner:*", true}}, full);
}

TEST(FilterSemanticsTest, RepeatedFieldsHave) {
  Check({{"numbers:42", true},  // "True if r contains 42"
         {"numbers:41", false},
         {"-numbers:41", true},
         {"tags:red", true},
         {"tags:Red", false},
         {"people.age:42", true},  // "an element e such that e.foo = 42"
         {"people.age:43", false},
         {"people.name:\"A*\"", true},
         {"people.address.city:Hanoi", true},
         {"people.address.city:Huế", false},
         {"people.homes.city:Manila", true},  // through two repeated fields
         {"people.homes.numbers:7", true},
         {"people.homes.numbers:8", false},
         {"people.address:*", true},
         {"people.address.street:*", false},
         {"people:address", true},
         {"people:homes", true},
         {"people:address.street", false}},
        ParseSample(R"pb(
          numbers: [ 7, 42 ]
          tags: [ "red", "blue" ]
          people {
            name: "Ann"
            age: 42
            homes {
              city: "Manila"
              numbers: [ 6, 7 ]
            }
          }
          people {
            name: "Bo"
            address { city: "Hanoi" }
          })pb"));
}

TEST(FilterSemanticsTest, MapsAndMessagesHave) {
  const Sample sample = ParseSample(R"pb(
    labels { key: "foo" value: "42" }
    labels { key: "empty" value: "" }
    by_id { key: 5 value: "five" }
    by_flag { key: false value: 3 }
    by_serial { key: 18446744073709551615 value: 1 }
    staff {
      key: "boss"
      value {
        name: "Ann"
        age: 50
        address { city: "Hanoi" }
      }
    }
    owner { name: "x" })pb");
  Check({{"labels:foo", true},  // "True if m contains the key foo"
         {"labels:\"foo\"", true},
         {"labels:bar", false},
         {"labels:\"f*\"", true},
         {"labels:\"g*\"", false},
         {"labels:(foo empty)", true},
         {"labels.foo:*", true},
         {"labels.empty:*", true},
         {"labels.bar:*", false},
         {"labels.foo:42", true},  // "True if m.foo is 42"
         {"labels.foo = 42", true},
         {"labels.foo = \"4*\"", true},
         {"labels.foo != 42", false},
         {"labels.foo < 5", true},
         {"labels.empty != x", true},
         {"labels:*", true},
         {"by_id:5", true},
         {"by_id:+5", true},
         {"by_id:6", false},
         {"by_id.5 = five", true},
         {"by_flag:false", true},
         {"by_flag:true", false},
         {"by_flag.false = 3", true},
         {"by_serial:18446744073709551615", true},
         {"staff:boss", true},
         {"staff.boss.age = 50", true},
         {"staff.boss.age != 50", false},
         {"staff.boss.address.city = Hanoi", true},
         {"staff.boss:address", true},
         {"staff.clerk.age != 1", false},
         {"owner:name", true},
         {"owner:age", false},
         {"owner:(name AND -age)", true}},
        sample);
}

TEST(FilterSemanticsTest, StructsAreMessages) {
  const Sample sample = ParseSample(R"pb(
    settings {
      fields {
        key: "colour"
        value { string_value: "red" }
      }
    })pb");
  Check({{"settings.fields.colour.string_value = red", true},
         {"settings.fields.colour.number_value != 1", false},
         {"settings.fields:colour", true}},
        sample);
}

TEST(FilterSemanticsTest, RecursiveMessages) {
  const Sample sample = ParseSample("count: 1 parent { count: 2 parent { count: 3 tags: 'x' } }");
  Check({{"parent.parent.count = 3", true},
         {"parent.parent.tags:x", true},
         {"parent.parent.parent.count != 4", false}},
        sample);
}

TEST(FilterSemanticsTest, BareLiterals) {
  const Sample sample = ParseSample(
      "title: 'Les Misérables of 1862' summary: 'hidden' people { name: 'Victor Hugo' }");
  Check({{"hugo", true},
         {"HUGO", true},
         {"Victor Hugo", true},
         {"Victor AND Hugo", true},
         {"\"victor hugo\"", true},
         {"\"hugo victor\"", false},
         {"42", false},
         {"1862", true},
         {"-42", true},
         {"-1862", false},
         {"NOT hidden", true},  // not a text field
         {"mis*", true},
         {"*rables*", true},
         {"misérables", true},
         {"MISÉRABLES", false},  // ASCII letters only
         {"les (zola OR hugo)", true},
         {"les zola OR hugo", true},
         {"les zola", false}},
        sample);
  EXPECT_TRUE(Matches("a.b.c", ParseSample("title: 'x a.b.c y'")));
  EXPECT_FALSE(Matches("a.b.c", ParseSample("title: 'a b c'")));
}

TEST(FilterSemanticsTest, DynamicMessages) {
  const Sample sample = ParseSample(R"pb(
    title: "x"
    owner { name: "Ann" }
    tags: "a"
    labels { key: "k" value: "v" }
    create_time { seconds: 5 }
    people { age: 7 })pb");
  google::protobuf::DynamicMessageFactory factory;
  std::unique_ptr<google::protobuf::Message> dynamic(
      factory.GetPrototype(Sample::descriptor())->New());
  ASSERT_TRUE(dynamic->ParseFromString(sample.SerializeAsString()));
  absl::StatusOr<Filter> filter = Filter::Compile(
      "title = x owner.name = Ann tags:a labels.k = v people.age:7 "
      "create_time = 1970-01-01T00:00:05Z -owner.address:* -labels:j",
      PlainSchema());
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_TRUE(filter->Matches(sample));
  EXPECT_TRUE(filter->Matches(*dynamic));
}

TEST(FilterSemanticsTest, CopiesAndThreadsShareAFilter) {
  const Sample sample =
      ParseSample("title: 'x' people { name: 'Ann' } labels { key: 'a' value: 'b' } tags: 'red'");
  Filter filter = *Filter::Compile("labels.a = b people.name:\"A*\" x tags:red", PlainSchema());
  std::vector<std::thread> threads;
  std::vector<int> matches(4);
  for (int& count : matches) {
    threads.emplace_back([filter, &sample, &count] {
      for (int i = 0; i < 1000; ++i) count += filter.Matches(sample);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(matches, std::vector<int>(4, 1000));
}

}  // namespace
}  // namespace entente::filter
