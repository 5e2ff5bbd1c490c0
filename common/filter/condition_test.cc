// SPDX-License-Identifier: Apache-2.0
// What filters are taken apart into, and that every part looks at its own field only.

#include "common/filter/condition.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/filter/filter.h"
#include "common/filter/testing/random_filter.h"
#include "common/filter/testing/sample_util.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::filter {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::ElementsAre;
using testing::FilterGenerator;
using testing::ParseSample;
using testing::PlainSchema;
using testing::Sample;
using ::testing::SizeIs;

// present(path), whether or not the path is in quotes: it has a value.
absl::StatusOr<Predicate> BuildPresent(const FunctionCall& call) {
  const auto& argument = call.arguments()[0];
  absl::StatusOr<FieldPath> path = FieldPath::Resolve(call.descriptor(), argument.text);
  if (!path.ok()) return path.status();
  return Predicate([path = *std::move(path)](const Message& message) {
    return path.Any(message, [](const FieldPath::Value&) { return true; });
  });
}

// larger(n) and title_is_label(...): functions of more than one field.
absl::StatusOr<Predicate> BuildLarger(const FunctionCall& call) {
  return Predicate([size = call.arguments()[0].text.size()](const Message& message) {
    return message.ByteSizeLong() > size;
  });
}

absl::StatusOr<Predicate> BuildTitleIsLabel(const FunctionCall&) {
  return Predicate([](const Message& message) {
    const auto& sample = static_cast<const Sample&>(message);
    return sample.title() == sample.label();
  });
}

// Text fields of which two are in one top-level field, which another one separates; a comparator of
// each kind; functions of one field and of more.
const Schema& WideSchema() {
  static const auto* const schema = [] {
    const MessageComparator length =
        [](Operator op,
           absl::string_view literal) -> absl::StatusOr<std::function<bool(const Message&)>> {
      return [op, size = literal.size()](const Message& message) {
        return Satisfies(op, message.ByteSizeLong() <=> size);
      };
    };
    const StringComparator size =
        [](Operator op,
           absl::string_view literal) -> absl::StatusOr<std::function<bool(absl::string_view)>> {
      return [op, size = literal.size()](absl::string_view text) {
        return Satisfies(op, text.size() <=> size);
      };
    };
    absl::StatusOr<Schema> made = Schema::Create(
        Sample::descriptor(),
        {.text_fields = {"people.name", "title", "people.homes.city", "parent.summary"},
         .comparators = {{"entente.filter.testing.Decimal", length}},
         .string_comparators = {{"entente.filter.testing.Sample.price", size}},
         .functions = {
             {"present", {"present(field)", 1, 2, BuildPresent}},
             {"larger", {"larger(xxx)", 1, 1, BuildLarger}},
             {"title_is_label", {"title_is_label([field])", 0, 1, BuildTitleIsLabel, true}}}});
    EXPECT_TRUE(made.ok()) << made.status();
    return new Schema(*std::move(made));
  }();
  return *schema;
}

// The tree in one line: `AND(stage, NOT(owner), *)`, where * is a condition on the whole message.
std::string Describe(const Condition& condition) {
  std::vector<std::string> operands;
  for (const Condition& operand : condition.operands) operands.push_back(Describe(operand));
  const std::string list = absl::StrCat("(", absl::StrJoin(operands, ", "), ")");
  switch (condition.kind) {
    case Condition::Kind::kAnd:
      return "AND" + list;
    case Condition::Kind::kOr:
      return "OR" + list;
    case Condition::Kind::kNot:
      return "NOT" + list;
    case Condition::Kind::kField:
      return std::string(condition.field->name());
    case Condition::Kind::kMessage:
      return "*";
  }
  return "";
}

TEST(ConditionTest, WhatAFilterBecomes) {
  struct Case {
    const char* text;
    const char* tree;
  };
  const Case cases[] = {
      {"count = 1", "count"},
      {"(count != 1)", "count"},
      {"owner.address.city < \"H\"", "owner"},
      {"parent.parent.title = x", "parent"},
      {"people.homes.city:Hanoi", "people"},
      {"label:*", "label"},
      {"owner:address", "owner"},
      {"amounts:9", "amounts"},
      {"labels.title = x", "labels"},
      {"labels:title", "labels"},
      {"labels:\"t*\"", "labels"},
      {"staff.count.age > 1", "staff"},
      {"by_id:1", "by_id"},
      {"settings.fields.title.string_value = x", "settings"},
      {"price > 9", "price"},
      {"count = 1 AND stage = LIVE title = y", "AND(count, stage, title)"},
      {"count = 1 OR stage = LIVE AND -title:*", "AND(OR(count, stage), NOT(title))"},
      {"NOT (count = 1 OR owner.age = 2)", "NOT(OR(count, owner))"},
      {"count = (1 OR NOT 2)", "OR(count, NOT(count))"},
      {"tags:(red AND (blue OR -green))", "AND(tags, OR(tags, NOT(tags)))"},
      {"word", "OR(people, title, parent)"},
      {"word OR other", "OR(people, title, parent)"},
      {"word OR count = 1 OR other", "OR(count, OR(people, title, parent))"},
      {"-word count = 1", "AND(NOT(OR(people, title, parent)), count)"},
      {"present(count)", "count"},
      {"present(owner.age, title)", "owner"},
      {"present(\"owner.age\")", "owner"},
      {"NOT present(labels.title)", "NOT(labels)"},
      {"larger(xxx)", "*"},
      {"larger(xxx.title) OR count = 1", "OR(*, count)"},
      {"title_is_label()", "*"},
      {"title_is_label(title)", "*"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<std::optional<Condition>> condition =
        Condition::Compile(c.text, WideSchema());
    ASSERT_TRUE(condition.ok()) << c.text << "\n" << condition.status();
    ASSERT_TRUE(condition->has_value()) << c.text;
    EXPECT_EQ(Describe(**condition), c.tree) << c.text;
  }
}

TEST(ConditionTest, AValueStandsForItsSynonyms) {
  const Synonyms synonyms = [](const google::protobuf::FieldDescriptor* field,
                               const std::string& value) {
    if (field->name() != "title" || (value != "old" && value != "new")) {
      return std::vector<std::string>{value};
    }
    return std::vector<std::string>{"new", "old"};
  };
  const Sample old_one = ParseSample("title: 'old'");
  const Sample new_one = ParseSample("title: 'new'");
  const Sample other = ParseSample("title: 'other' label: 'old'");
  struct Case {
    const char* text;
    std::vector<bool> matches;  // old, new, other
  };
  const Case cases[] = {
      {"title = old", {true, true, false}},
      {"title = \"new\"", {true, true, false}},
      {"title:old", {true, true, false}},
      {"title != old", {false, false, true}},
      {"NOT title = new", {false, false, true}},
      {"title = (other OR old)", {true, true, true}},
      {"title = ol*", {true, false, false}},
      {"title > new", {true, false, true}},
      {"title = other", {false, false, true}},
      {"label = old", {false, false, true}},
      {"old", {true, false, false}},
  };
  for (const Case& c : cases) {
    const auto condition = Condition::Compile(c.text, WideSchema(), synonyms);
    ASSERT_TRUE(condition.ok()) << c.text << "\n" << condition.status();
    const std::vector<bool> matches = {(*condition)->Matches(old_one),
                                       (*condition)->Matches(new_one),
                                       (*condition)->Matches(other)};
    EXPECT_EQ(matches, c.matches) << c.text;
  }
}

TEST(ConditionTest, TextFieldsOfOneTopLevelFieldAreOneCondition) {
  const Schema schema =
      *Schema::Create(Sample::descriptor(), {.text_fields = {"people.name", "people.homes.city"}});
  const auto condition = Condition::Compile("word", schema);
  ASSERT_TRUE(condition.ok()) << condition.status();
  EXPECT_EQ(Describe(**condition), "people");
  EXPECT_TRUE((*condition)->Matches(ParseSample("people { name: 'A Word' }")));
  EXPECT_TRUE((*condition)->Matches(ParseSample("people { homes { city: 'Words' } }")));
  EXPECT_FALSE((*condition)->Matches(ParseSample("title: 'word' people { age: 1 }")));
}

TEST(ConditionTest, NoneForWhatMatchesEverything) {
  for (const char* text : {"", " ", "\t\n"}) {
    const auto condition = Condition::Compile(text, PlainSchema());
    ASSERT_TRUE(condition.ok()) << condition.status();
    EXPECT_FALSE(condition->has_value());
    EXPECT_EQ(Filter::Compile(text, PlainSchema())->condition(), nullptr);
  }
  EXPECT_EQ(Filter().condition(), nullptr);
}

TEST(ConditionTest, ErrorsAreThoseOfTheFilter) {
  for (const char* text : {"titel = x", "count = 1 AND", "count = many", "word (", "present(cuont)",
                           "absent(count)", "present()", "\xff", "count != (1 OR 2)", "\"\""}) {
    const absl::Status status = Condition::Compile(text, WideSchema()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(status, Filter::Compile(text, WideSchema()).status()) << text;
  }
  EXPECT_EQ(Condition::Compile(std::string(kMaxFilterBytes + 1, ' '), WideSchema()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConditionTest, AFilterAsksWhatIsCheapFirst) {
  const std::pair<const char*, const char*> cases[] = {
      {"word AND title = x AND count = 1", "AND(count, title, OR(people, title, parent))"},
      {"(word OR count = 1) stage = LIVE", "AND(stage, OR(count, OR(people, title, parent)))"},
      {"price > 9 tags:red title = x", "AND(title, tags, price)"},
      {"present(count) -word NOT stage = LIVE",
       "AND(NOT(stage), count, NOT(OR(people, title, parent)))"},
      // As written, where they cost the same.
      {"stage = LIVE count = 1 rank = 2", "AND(stage, count, rank)"},
  };
  for (const auto& [text, tree] : cases) {
    const absl::StatusOr<Filter> filter = Filter::Compile(text, WideSchema());
    ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
    EXPECT_EQ(Describe(*filter->condition()), tree) << text;
  }
}

// "path=text", with a * where more may follow; "?" where nothing is known to be needed.
std::string NeededBy(const std::string& text) {
  const auto condition = Condition::Compile(text, WideSchema());
  EXPECT_TRUE(condition.ok()) << text << "\n" << condition.status();
  if (!(*condition)->needed.has_value()) return "?";
  const Condition::Needed& needed = *(*condition)->needed;
  return absl::StrCat(needed.path.text(), "=", needed.text, needed.is_prefix ? "*" : "");
}

TEST(ConditionTest, WhatAConditionNeeds) {
  EXPECT_EQ(NeededBy("title = x"), "title=x");
  EXPECT_EQ(NeededBy("title:x"), "title=x");
  EXPECT_EQ(NeededBy("title = \"x*\""), "title=x*");
  EXPECT_EQ(NeededBy("title = \"x\\*\""), "title=x*");  // A star, and nothing after it.
  EXPECT_EQ(NeededBy("tags:red"), "tags=red");
  EXPECT_EQ(NeededBy("people.homes.city:Hanoi"), "people.homes.city=Hanoi");
  EXPECT_EQ(NeededBy("title = \"\""), "title=");
  for (const char* text :
       {"title != x", "title < x", "title = \"*x\"", "title:*", "count = 1", "stage = LIVE",
        "price = 9", "owner:address", "labels:x", "NOT title = x", "present(title)"}) {
    EXPECT_EQ(NeededBy(text), "?") << text;
  }
}

TEST(ConditionTest, LivesWithTheCopiesOfItsFilter) {
  Filter copy;
  const Condition* condition = nullptr;
  {
    const Schema schema = *Schema::Create(Sample::descriptor(), {.text_fields = {"title"}});
    const Filter filter = *Filter::Compile("word count > 1", schema);
    condition = filter.condition();
    copy = filter;
  }
  ASSERT_EQ(copy.condition(), condition);
  EXPECT_EQ(Describe(*condition), "AND(count, title)");
  EXPECT_TRUE(condition->Matches(ParseSample("title: 'word' count: 2")));
  EXPECT_FALSE(condition->Matches(ParseSample("title: 'word' count: 1")));
}

// `to` with `field` as it is, or is not, in `from`.
Sample WithField(Sample to, const Sample& from, const FieldDescriptor* field) {
  const auto* reflection = from.GetReflection();
  Sample only = from;
  std::vector<const FieldDescriptor*> set;
  reflection->ListFields(from, &set);
  for (const FieldDescriptor* other : set) {
    if (other != field) reflection->ClearField(&only, other);
  }
  reflection->ClearField(&to, field);
  to.MergeFrom(only);
  return to;
}

// A message, and what a condition on one field of it should be content with.
struct Subject {
  Sample whole;
  std::vector<Sample> only;    // by index of the field: it alone
  std::vector<Sample> within;  // by index of the field: it in an unlike message
};

std::vector<Subject> MakeSubjects(const std::vector<Sample>& samples) {
  std::vector<Subject> subjects;
  for (size_t i = 0; i < samples.size(); ++i) {
    Subject& subject = subjects.emplace_back(Subject{samples[i]});
    for (int f = 0; f < Sample::descriptor()->field_count(); ++f) {
      const FieldDescriptor* field = Sample::descriptor()->field(f);
      subject.only.push_back(WithField(Sample(), samples[i], field));
      subject.within.push_back(WithField(samples[(i + 1) % samples.size()], samples[i], field));
    }
  }
  return subjects;
}

// The condition, with each kField asked about messages that have nothing else, or other things, in
// their other fields. Also checks that the tree is well-formed.
bool EvaluateByField(const Condition& condition, const Subject& subject,
                     std::set<const FieldDescriptor*>* fields) {
  const auto operand = [&](size_t i) {
    return EvaluateByField(condition.operands[i], subject, fields);
  };
  bool all = true, some = false;
  for (size_t i = 0; i < condition.operands.size(); ++i) {  // All of them: no short cut.
    const bool holds = operand(i);
    all = all && holds;
    some = some || holds;
  }
  switch (condition.kind) {
    case Condition::Kind::kAnd:
    case Condition::Kind::kOr:
      EXPECT_GE(condition.operands.size(), 2u);
      EXPECT_EQ(condition.test, nullptr);
      return condition.kind == Condition::Kind::kAnd ? all : some;
    case Condition::Kind::kNot:
      EXPECT_THAT(condition.operands, SizeIs(1));
      EXPECT_EQ(condition.test, nullptr);
      return !all;
    case Condition::Kind::kField: {
      EXPECT_THAT(condition.operands, SizeIs(0));
      EXPECT_EQ(condition.field->containing_type(), Sample::descriptor());
      fields->insert(condition.field);
      const bool holds = condition.test(subject.only[condition.field->index()]);
      EXPECT_EQ(condition.test(subject.within[condition.field->index()]), holds)
          << condition.field->name();
      EXPECT_EQ(condition.test(subject.whole), holds) << condition.field->name();
      return holds;
    }
    case Condition::Kind::kMessage:
      EXPECT_THAT(condition.operands, SizeIs(0));
      return condition.test(subject.whole);
  }
  return false;
}

TEST(ConditionPropertyTest, RandomFiltersNeedOneFieldAtATime) {
  FilterGenerator generator(20230907);
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) samples.push_back(generator.MakeSample());
  samples.emplace_back();
  const std::vector<Subject> subjects = MakeSubjects(samples);
  std::set<const FieldDescriptor*> fields;
  int matched = 0, evaluated = 0;
  for (int i = 0; i < 4'000; ++i) {
    const std::string text = generator.Print(generator.MakeNode(i % 5));
    for (const Schema* schema : {&PlainSchema(), &WideSchema()}) {
      const absl::StatusOr<Filter> filter = Filter::Compile(text, *schema);
      ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
      for (const Subject& subject : subjects) {
        const bool expected = filter->Matches(subject.whole);
        ASSERT_EQ(EvaluateByField(*filter->condition(), subject, &fields), expected)
            << text << "\n"
            << subject.whole.DebugString();
        ASSERT_FALSE(HasFailure()) << text << "\n" << subject.whole.DebugString();
        matched += expected;
        ++evaluated;
      }
    }
  }
  // The experiment is worth something only if both outcomes are common, and fields of all kinds
  // are met.
  EXPECT_GT(matched, evaluated / 5);
  EXPECT_LT(matched, evaluated * 4 / 5);
  EXPECT_THAT(fields, SizeIs(16));
}

// What the generator does not make: schemas' comparators, functions, fields of other types, and a
// oneof, whose members exclude each other.
TEST(ConditionPropertyTest, OtherConditionsNeedOneFieldToo) {
  const std::vector<Sample> samples = {
      Sample(),
      ParseSample("title: 'word' label: 'word' count: 1 price: '10' payload: 'x'"),
      ParseSample(R"pb(
        code: 7
        big: 5
        amount { value: "10" }
        amounts { value: "1" }
        amounts {}
        by_id { key: 1 value: "word" }
        by_flag { key: true value: 1 })pb"),
      ParseSample(R"pb(
        label: "7"
        parent {
          title: "a word"
          summary: "a word"
          parent { title: "x" }
        }
        stages: LIVE
        visits { seconds: 1 }
        share: 0.5)pb"),
      ParseSample(R"pb(
        people {
          name: "Ann"
          homes { city: "Wordsworth" }
        }
        labels { key: "label" value: "7" }
        settings {
          fields {
            key: "title"
            value { string_value: "word" }
          }
        }
        owner { address {} })pb"),
  };
  const std::vector<Subject> subjects = MakeSubjects(samples);
  for (const char* text : {"label = 7",
                           "NOT label = (word OR 7)",
                           "code = 7",
                           "-code:*",
                           "label:* OR code > 6",
                           "payload:*",
                           "big >= 5",
                           "share > 0.4",
                           "price > 9",
                           "amount != 9.5",
                           "amounts:xxx",
                           "amount.value = 10",
                           "by_id:1",
                           "by_id.1 = word",
                           "by_flag.true = 1",
                           "labels:\"*bel\"",
                           "stages:LIVE",
                           "visits:1970-01-01T00:00:01Z",
                           "parent.parent.title = x",
                           "-parent.title:*",
                           "owner:address",
                           "settings.fields.title.string_value = word",
                           "word",
                           "NOT word OR title = word",
                           "present(label)",
                           "present(code)",
                           "present(\"parent.title\")",
                           "NOT present(people.homes.city)",
                           "larger(xxxxxx) AND -title_is_label()",
                           "title_is_label(title)"}) {
    const absl::StatusOr<Filter> filter = Filter::Compile(text, WideSchema());
    ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
    std::set<bool> outcomes;
    for (const Subject& subject : subjects) {
      std::set<const FieldDescriptor*> fields;
      const bool expected = filter->Matches(subject.whole);
      EXPECT_EQ(EvaluateByField(*filter->condition(), subject, &fields), expected)
          << text << "\n"
          << subject.whole.DebugString();
      outcomes.insert(expected);
    }
    EXPECT_THAT(outcomes, ElementsAre(false, true)) << text;
  }
}

}  // namespace
}  // namespace entente::filter
